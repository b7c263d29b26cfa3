import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InputError } from '../../src/inputs/faults.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { faultsOfTry } from '../../src/inputs/try-rules.ts';
import { secretTextsOf } from '../../src/inputs/secrets.ts';
import { INPUT_NAMES, type InputName, INPUTS, isComparison } from '../../src/inputs/table.ts';

/** Reads from a table, as the runner and the command line do: '' for what is not given. */
const given =
  (values: Readonly<Record<string, string>>) =>
  (name: string): string =>
    values[name] ?? '';

const parse = (values: Readonly<Record<string, string>>) => parseInputs(given(values));

describe('without any input', () => {
  test('every default is valid', () => {
    expect(parse({}).faults).toEqual([]);
  });

  test('the defaults mean what the README says', () => {
    expect(parse({}).inputs).toMatchObject({
      requests: 200,
      hosts: null,
      concurrency: 10,
      duration: null,
      rate: null,
      stages: null,
      'request-timeout': 10_000,
      'cluster-name': null,
      nodes: 3,
      'kind-version': 'v0.33.0',
      'kubectl-version': 'v1.35.8',
      wait: 300_000,
      manifests: [],
      namespace: 'default',
      'ingress-controller': 'nginx',
      prometheus: true,
      'http-port': null,
      'https-port': null,
      ca: null,
      'tls-verify': 'auto',
      // An expression that only a workflow can work out.
      'github-token': null,
      matrix: '',
      'keep-cluster': false,
      'reuse-cluster': false,
      'output-dir': 'artifacts',
    });
  });

  test('the inputs cannot be changed', () => {
    expect(Object.isFrozen(parse({}).inputs)).toBe(true);
  });
});

describe('a good value is understood', () => {
  const table: { name: string; input: InputName; text: string; expected: unknown }[] = [
    { name: 'white space around a value', input: 'requests', text: ' 20\n', expected: 20 },
    { name: 'the most requests', input: 'requests', text: '100000000', expected: 100_000_000 },
    { name: 'no warm-up', input: 'warmup-requests', text: '0', expected: 0 },
    { name: 'a time in milliseconds', input: 'request-timeout', text: '500ms', expected: 500 },
    { name: 'a time with a fraction', input: 'request-timeout', text: '1.5s', expected: 1500 },
    { name: 'a time without a unit, in seconds', input: 'wait', text: '120', expected: 120_000 },
    { name: 'a time in minutes', input: 'duration', text: '2m', expected: 120_000 },
    { name: 'a time in hours', input: 'duration', text: '6h', expected: 21_600_000 },
    { name: 'a time of several units', input: 'duration', text: '1m30s', expected: 90_000 },
    { name: 'a rate per minute', input: 'rate', text: '1500/m', expected: 25 },
    { name: 'a rate with a fraction', input: 'rate', text: '0.5', expected: 0.5 },
    {
      name: 'a host with a path',
      input: 'hosts',
      text: 'shop.localhost=/cart',
      expected: [{ host: 'shop.localhost', path: '/cart' }],
    },
    {
      name: 'hosts with their scheme',
      input: 'hosts',
      text: 'https://shop.localhost/cart?a=b\nhttp://plain.localhost\nhttps://other.localhost=/x',
      expected: [
        { host: 'shop.localhost', path: '/cart?a=b', scheme: 'https' },
        { host: 'plain.localhost', path: '/', scheme: 'http' },
        { host: 'other.localhost', path: '/x', scheme: 'https' },
      ],
    },
    { name: 'a path with equals signs', input: 'hosts', text: 'a=/b?c=d', expected: [{ host: 'a', path: '/b?c=d' }] },
    {
      name: 'hosts with empty lines, indented as YAML may leave them',
      input: 'hosts',
      text: '\n  a.localhost\r\n\n  b.localhost  \n',
      expected: [
        { host: 'a.localhost', path: '/' },
        { host: 'b.localhost', path: '/' },
      ],
    },
    {
      name: 'the same host with two paths',
      input: 'hosts',
      text: 'a=/x\na=/y',
      expected: [
        { host: 'a', path: '/x' },
        { host: 'a', path: '/y' },
      ],
    },
    { name: 'a version without its v', input: 'kind-version', text: '0.22.0', expected: 'v0.22.0' },
    { name: 'a version before a release', input: 'kind-version', text: 'v0.34.0-alpha.1', expected: 'v0.34.0-alpha.1' },
    {
      name: 'a node image without a digest',
      input: 'node-image',
      text: 'kindest/node:v1.29.2',
      expected: 'kindest/node:v1.29.2',
    },
    {
      name: 'a node image of a registry with a port',
      input: 'node-image',
      text: 'localhost:5000/kindest/node:latest',
      expected: 'localhost:5000/kindest/node:latest',
    },
    { name: 'true as YAML writes it', input: 'prometheus', text: 'True', expected: true },
    { name: 'false in capitals', input: 'comment', text: 'FALSE', expected: false },
    { name: 'several manifests', input: 'manifests', text: 'a\n\n  b/c.yaml\n', expected: ['a', 'b/c.yaml'] },
    { name: 'no ingress controller', input: 'ingress-controller', text: 'none', expected: 'none' },
    { name: 'a tolerance in percent', input: 'tolerance', text: '2.5%', expected: 0.025 },
    { name: 'a tolerance with a space', input: 'tolerance', text: '10 %', expected: 0.1 },
    { name: 'no tolerance', input: 'tolerance', text: '0%', expected: 0 },
    { name: 'the fewest rounds', input: 'rounds', text: '20', expected: 20 },
    { name: 'a time to compare', input: 'compare-duration', text: '90s', expected: 90_000 },
    { name: 'a cluster name of one letter', input: 'cluster-name', text: 'a', expected: 'a' },
    { name: 'an artifact name with spaces', input: 'artifact-name', text: 'load test', expected: 'load test' },
    { name: 'a seed of any printable text', input: 'seed', text: '$(x)|;`', expected: '$(x)|;`' },
  ];
  test.each(table)('$name', ({ input, text, expected }) => {
    const { inputs, faults } = parse({ [input]: text });
    expect(faults).toEqual([]);
    expect(inputs[input]).toEqual(expected);
  });
});

describe('a bad value is one fault that names the input, what was got and what is allowed', () => {
  const table: { input: InputName; text: string; allowed: string }[] = [
    { input: 'requests', text: '-5', allowed: 'a whole number from 1 to 100000000' },
    { input: 'requests', text: 'abc', allowed: 'a whole number from 1' },
    { input: 'requests', text: '0', allowed: 'a whole number from 1' },
    { input: 'requests', text: '1e3', allowed: 'a whole number from 1' },
    { input: 'requests', text: '0x10', allowed: 'a whole number from 1' },
    { input: 'requests', text: '20.5', allowed: 'a whole number from 1' },
    { input: 'requests', text: '１２', allowed: 'a whole number from 1' },
    { input: 'requests', text: '100000001', allowed: 'a whole number from 1 to 100000000' },
    { input: 'concurrency', text: '0', allowed: 'a whole number from 1 to 10000' },
    { input: 'concurrency', text: '1000000000', allowed: 'a whole number from 1 to 10000' },
    { input: 'concurrency', text: 'NaN', allowed: 'a whole number from 1' },
    { input: 'duration', text: '0', allowed: 'a time from 1s to 6h' },
    { input: 'duration', text: '7h', allowed: 'a time from 1s to 6h' },
    { input: 'duration', text: '5 s', allowed: 'a time from 1s to 6h' },
    { input: 'duration', text: '-5s', allowed: 'a time from 1s to 6h' },
    { input: 'rate', text: 'Infinity', allowed: 'a number from 0.1 to 1000000' },
    { input: 'rate', text: '0', allowed: 'a number from 0.1' },
    { input: 'hosts', text: 'foo localhost', allowed: 'one host name per line' },
    { input: 'hosts', text: 'ftp://foo.localhost', allowed: 'the scheme' },
    { input: 'hosts', text: 'https://foo.localhost:8443/', allowed: 'no port' },
    { input: 'hosts', text: 'https://', allowed: 'one host name per line' },
    { input: 'hosts', text: 'https://foo.localhost\nfoo.localhost', allowed: 'no host and path twice' },
    { input: 'hosts', text: 'foo.localhost:8080', allowed: 'port' },
    { input: 'hosts', text: 'Foo.localhost', allowed: 'lower case' },
    { input: 'hosts', text: 'a\na', allowed: 'no host and path twice' },
    { input: 'hosts', text: 'a\na=/', allowed: 'no host and path twice' },
    { input: 'hosts', text: '-x', allowed: 'one host name per line' },
    { input: 'hosts', text: 'bücher.localhost', allowed: 'one host name per line' },
    { input: 'hosts', text: 'a=cart', allowed: '(shop.localhost=/cart)' },
    { input: 'hosts', text: 'a=/b c', allowed: 'space' },
    // Nothing after a # is ever sent.
    { input: 'hosts', text: 'a=/b#c', allowed: '#' },
    { input: 'hosts', text: `${'a'.repeat(64)}.localhost`, allowed: 'one host name per line' },
    {
      input: 'hosts',
      text: Array.from({ length: 101 }, (_, index) => `h${String(index)}`).join('\n'),
      allowed: 'at most 100',
    },
    { input: 'seed', text: 'two words', allowed: 'up to 64 printable ASCII characters' },
    { input: 'cluster-name', text: 'UPPER', allowed: 'up to 50 lower-case letters' },
    { input: 'cluster-name', text: '-x', allowed: 'up to 50 lower-case letters' },
    { input: 'cluster-name', text: 'a'.repeat(51), allowed: 'up to 50 lower-case letters' },
    { input: 'cluster-name', text: 'a/../b', allowed: 'up to 50 lower-case letters' },
    { input: 'nodes', text: '0', allowed: 'a whole number from 1 to 20' },
    { input: 'nodes', text: '21', allowed: 'a whole number from 1 to 20' },
    { input: 'kind-version', text: 'latest', allowed: 'a version such as v1.35.8' },
    { input: 'kubectl-version', text: 'v1.35', allowed: 'a version such as v1.35.8' },
    { input: 'kind-sha256', text: 'ABCDEF', allowed: '64 hexadecimal digits' },
    { input: 'node-image', text: '--privileged', allowed: 'an image reference' },
    { input: 'node-image', text: 'kindest/node:v1@sha256:123', allowed: 'an image reference' },
    { input: 'config', text: '-rf', allowed: 'a path on this machine' },
    { input: 'wait', text: '5s', allowed: 'a time from 10s to 60m' },
    { input: 'manifests', text: '--output=/etc', allowed: 'paths on this machine that do not' },
    { input: 'manifests', text: 'a\n-b', allowed: 'do not start with a hyphen' },
    { input: 'manifests', text: 'a\na', allowed: 'none twice' },
    { input: 'images', text: `shop@sha256:${'a'.repeat(64)}`, allowed: 'an image by digest' },
    { input: 'registry-mirror', text: 'mirror.gcr.io', allowed: 'addresses such as https://mirror.gcr.io' },
    { input: 'namespace', text: 'Shop', allowed: 'lower-case letters' },
    { input: 'ingress-controller', text: 'kong', allowed: 'one of nginx, traefik, traefik-gateway, custom, none' },
    { input: 'prometheus', text: 'yes', allowed: 'true or false' },
    { input: 'rounds', text: '18', allowed: 'an even number from 20 to 400' },
    { input: 'rounds', text: '21', allowed: 'an even number from 20 to 400' },
    { input: 'rounds', text: '402', allowed: 'an even number from 20 to 400' },
    { input: 'tolerance', text: '5', allowed: 'a percentage from 0% to 100%, such as 5%' },
    { input: 'tolerance', text: '101%', allowed: 'a percentage from 0% to 100%' },
    { input: 'compare-duration', text: '10s', allowed: 'a time from 20s to 2h' },
    { input: 'baseline-manifests', text: '--output=/etc', allowed: 'paths on this machine' },
    { input: 'http-port', text: '65536', allowed: 'a whole number from 1 to 65535' },
    { input: 'http-port', text: '0', allowed: 'a whole number from 1 to 65535' },
    { input: 'artifact-name', text: 'a/b', allowed: 'up to 200 characters other than' },
    { input: 'output-dir', text: '-o', allowed: 'a path on this machine' },
    { input: 'keep-cluster', text: '1', allowed: 'true or false' },
  ];
  test.each(table)('$input: $text', ({ input, text, allowed }) => {
    const { faults, inputs } = parse({ [input]: text });
    const lines = text.split('\n');
    // Of several lines the wrong one is named; here it is the last.
    const got =
      lines.length > 1 && faults[0]?.line !== undefined ? { got: lines.at(-1), line: lines.length } : { got: text };
    expect(faults).toEqual([{ input, ...got, allowed: expect.stringContaining(allowed) }]);
    // The rest of the program can still run to the report.
    expect(inputs[input]).toEqual(parse({}).inputs[input]);
  });

  test('all faults are reported at once, each in its own line', () => {
    const { faults } = parse({ requests: '-5', hosts: 'a b', 'ingress-controller': 'kong', prometheus: 'maybe' });
    const error = new InputError(faults);
    expect(error.message.split('\n')).toEqual([
      expect.stringMatching(/^Input hosts is "a b"; allowed: /),
      'Input requests is "-5"; allowed: a whole number from 1 to 100000000.',
      'Input ingress-controller is "kong"; allowed: one of nginx, traefik, traefik-gateway, custom, none.',
      'Input prometheus is "maybe"; allowed: true or false.',
    ]);
    expect(error.code).toBe('input-invalid');
    expect(error.hint).toContain('Nothing was created');
  });

  test('of several lines each wrong one is told', () => {
    const { faults } = parse({
      hosts: 'foo.localhost\n\nftp://a\nb c',
      'registry-mirror': 'https://mirror.gcr.io\nftp://x',
      images: 'shop:ci\nshop:ci',
      manifests: 'app',
    });
    expect(faults.map(({ input, line, got }) => [input, line, got])).toEqual([
      ['images', 2, 'shop:ci'],
      ['registry-mirror', 2, 'ftp://x'],
      ['hosts', 3, 'ftp://a'],
      ['hosts', 4, 'b c'],
    ]);
    expect(new InputError(faults.slice(2)).message).toMatch(
      /^Input hosts, line 3: "ftp:\/\/a"; allowed: one host name per line/,
    );
  });

  test('HTTP/2 is of the engine of this program, and without it users share no connection', () => {
    const faultsOf = (given: Record<string, string>) =>
      parse(given).faults.map(({ input, got, allowed }) => [input, got, allowed]);
    expect(faultsOf({ 'http-version': '2', streams: '4' })).toEqual([]);
    expect(faultsOf({ streams: '4' })).toEqual([
      ['streams', '4', 'only 1 without http-version 2, because an HTTP/1.1 connection takes one request at a time'],
    ]);
    expect(faultsOf({ engine: 'k6', 'http-version': '2' })).toEqual([
      ['http-version', '2', expect.stringContaining('uses HTTP/2 whenever a server offers it')],
    ]);
  });

  test('try refuses what only a cluster has', () => {
    const faultsOf = (given: Record<string, string>, compare: boolean) => {
      const { inputs, settings } = parse(given);
      return faultsOfTry(inputs, settings, compare);
    };
    const given = { manifests: 'app', autoscaling: 'true', engine: 'k6-operator', duration: '5s' };
    expect(faultsOf(given, false).map(({ input, got }) => [input, got])).toEqual([
      ['manifests', 'app'],
      ['autoscaling', 'true'],
      ['engine', 'k6-operator'],
    ]);
    expect(faultsOf({ duration: '5s' }, true).map(({ input }) => input)).toEqual(['duration']);
    expect(faultsOf({ duration: '5s', mode: 'capacity' }, true)).toEqual([]);
    expect(faultsOf({ stages: '5s@5' }, true).map(({ input }) => input)).toEqual(['stages']);
    expect(faultsOf({ stages: '5s@5' }, false)).toEqual([]);
  });

  test('a wrong token is never shown', () => {
    const { faults, settings } = parse({ 'github-token': 'ghs_ secret' });
    expect(faults).toEqual([{ input: 'github-token', got: '***', allowed: 'a token' }]);
    expect(JSON.stringify([faults, settings])).not.toContain('secret');
  });

  test('a right token is not among the settings that are saved', () => {
    const { inputs, settings } = parse({ 'github-token': 'ghs_secret' });
    expect(inputs['github-token']).toBe('ghs_secret');
    expect(settings).not.toHaveProperty('github-token');
    expect(JSON.stringify(settings)).not.toContain('ghs_secret');
  });
});

describe("helm/kind-action's spellings are taken", () => {
  const table: { alias: string; name: InputName; text: string }[] = [
    { alias: 'cluster_name', name: 'cluster-name', text: 'mine' },
    { alias: 'version', name: 'kind-version', text: 'v0.22.0' },
    { alias: 'kubectl_version', name: 'kubectl-version', text: 'v1.29.2' },
    { alias: 'node_image', name: 'node-image', text: 'kindest/node:v1.29.2' },
  ];
  test.each(table)('$alias stands for $name', ({ alias, name, text }) => {
    const { inputs, settings, faults } = parse({ [alias]: text });
    expect(faults).toEqual([]);
    expect(inputs[name]).toBe(text);
    // What is saved carries our own name, so that a later process finds it.
    expect(settings[name]).toBe(text);
  });

  test('both spellings with the same value are fine', () => {
    expect(parse({ version: 'v0.22.0', 'kind-version': 'v0.22.0' }).faults).toEqual([]);
  });

  test('both spellings with different values are a fault', () => {
    expect(parse({ version: 'v0.22.0', 'kind-version': 'v0.32.0' }).faults).toEqual([
      { input: 'version', got: 'v0.22.0', allowed: expect.stringContaining('only one of kind-version and version') },
    ]);
  });

  test('a bad value under another spelling is a fault', () => {
    expect(parse({ node_image: '--x' }).faults).toMatchObject([{ input: 'node-image', got: '--x' }]);
  });
});

describe('a controller of one’s own', () => {
  const whole = {
    'ingress-controller': 'custom',
    'ingress-manifests': 'k8s/traefik',
    'ingress-namespace': 'traefik',
    'ingress-selector': 'app.kubernetes.io/name=traefik,component=proxy',
  };

  test('is named by folder, namespace and labels', () => {
    expect(parse(whole)).toMatchObject({ faults: [], inputs: { 'ingress-selector': whole['ingress-selector'] } });
  });

  test('misses what is not given, each at once', () => {
    const { faults } = parse({ 'ingress-controller': 'custom', 'ingress-namespace': 'traefik' });
    expect(faults.map(({ input }) => input)).toEqual(['ingress-manifests', 'ingress-selector']);
  });

  test.each(['nginx', 'none'])('is refused beside %s rather than ignored', (controller) => {
    const { faults } = parse({ ...whole, 'ingress-controller': controller });
    expect(faults.map(({ input }) => input)).toEqual(['ingress-manifests', 'ingress-namespace', 'ingress-selector']);
  });

  test.each(['app', 'app=', '=x', 'app in (a,b)', 'a=b,', '-l=x y'])('has labels, and %j are none', (text) => {
    expect(parse({ ...whole, 'ingress-selector': text }).faults.map(({ input }) => input)).toContain(
      'ingress-selector',
    );
  });
});

describe('a cluster that exists already', () => {
  const whole = {
    kubeconfig: 'kubeconfig',
    context: 'staging',
    hosts: 'shop.example.com\nshop.example.com=/cart',
    'allow-hosts': 'other.example.com\nshop.example.com',
  };
  const faulty = (more: Readonly<Record<string, string>>): string[] =>
    parse({ ...whole, ...more }).faults.map(({ input }) => input);

  test('is named by kubeconfig, context and hosts', () => {
    expect(
      parse({
        ...whole,
        'ingress-address': 'lb.example.com:8080',
        'prometheus-service': 'monitoring/prometheus:9090',
        'allow-cluster-changes': 'true',
      }),
    ).toMatchObject({
      faults: [],
      inputs: {
        'ingress-address': { address: 'lb.example.com', port: 8080 },
        'allow-hosts': ['other.example.com', 'shop.example.com'],
      },
    });
  });

  test('gets no load for a host that is not allowed, and the fault names it', () => {
    const { faults } = parse({ ...whole, 'allow-hosts': 'other.example.com' });
    expect(faults).toMatchObject([
      { input: 'allow-hosts', allowed: expect.stringMatching(/lacks shop\.example\.com$/) },
    ]);
    expect(faulty({ 'allow-hosts': '' })).toEqual(['allow-hosts']);
  });

  test.each(['*.example.com', 'http://shop.example.com', 'shop.example.com/cart', 'shop.example.com:80'])(
    'is not opened by the pattern or address %s',
    (text) => {
      expect(faulty({ 'allow-hosts': `${text}\nshop.example.com` })).toContain('allow-hosts');
    },
  );

  const refused = [
    { name: 'the current context', more: { context: '' }, fault: 'context' },
    { name: 'an engine whose scripts can ask anything', more: { engine: 'k6' }, fault: 'engine' },
    {
      name: 'a controller that would be installed',
      more: {
        'ingress-controller': 'custom',
        'ingress-manifests': 'a',
        'ingress-namespace': 'a',
        'ingress-selector': 'a=b',
      },
      fault: 'ingress-controller',
    },
    { name: 'hosts that manifests choose', more: { hosts: '', manifests: 'k8s' }, fault: 'hosts' },
    { name: 'a configuration for kind', more: { config: 'kind.yaml' }, fault: 'config' },
    { name: 'a name for a cluster', more: { 'cluster-name': 'a' }, fault: 'cluster-name' },
    { name: 'a port for a cluster', more: { 'http-port': '8080' }, fault: 'http-port' },
  ];
  test.each(refused)('does not go with $name', ({ more, fault }) => {
    expect(faulty(more)).toEqual([fault]);
  });

  const without = [
    { input: 'context', text: 'staging' },
    { input: 'allow-hosts', text: 'a' },
    { input: 'ingress-address', text: '10.0.0.1' },
    { input: 'prometheus-service', text: 'a/b:c' },
    { input: 'allow-cluster-changes', text: 'true' },
  ];
  test.each(without)('is the only place for $input', ({ input, text }) => {
    expect(parse({ [input]: text }).faults.map((fault) => fault.input)).toEqual([input]);
  });
});

describe('a load in stages', () => {
  const refused = [
    { name: 'a rate', given: { rate: '5' }, input: 'rate' },
    { name: 'a duration', given: { duration: '5s' }, input: 'duration' },
    { name: 'a ramp-up', given: { 'ramp-up': '5s' }, input: 'ramp-up' },
    { name: 'a count', given: { requests: '5' }, input: 'requests' },
    { name: 'k6', given: { engine: 'k6' }, input: 'stages' },
    { name: 'a comparison', given: { manifests: 'a', 'baseline-manifests': 'b' }, input: 'stages' },
    { name: 'a search for the capacity', given: { mode: 'capacity' }, input: 'stages' },
  ];
  test.each(refused)('is refused with $name', ({ given, input }) => {
    const { faults } = parse({ stages: '30s@50', ...given });
    expect(faults.map((fault) => fault.input)).toEqual([input]);
    expect(faults[0]?.allowed).toMatch(/^only (empty|the default)/);
  });

  test.each([
    [
      { stages: 'ramp 1s, 30s@5, ramp 1s, 30s@9' },
      'rules with a stage from 1 to 2: the load has no more, not counting ramps',
    ],
    [{}, 'no rule with a stage, because the load has none; set the input stages'],
  ])('has the stages that rules name, which is known before anything is sent: %j', (given, allowed) => {
    const rule = 'http_req_duration{stage:3}: p(95)<5';
    const { faults } = parse({ ...given, thresholds: `http_req_failed: rate<0.1\n${rule}` });
    expect(faults).toEqual([{ input: 'thresholds', got: rule, allowed }]);
    expect(parse({ stages: '1s@1, 1s@2, 1s@3', thresholds: rule }).faults).toEqual([]);
  });

  test('is read with its kind', () => {
    const { inputs, faults } = parse({ stages: '30s@5 users, ramp 1s, 30s@9 users' });
    expect(faults).toEqual([]);
    expect(inputs.stages).toMatchObject({ unit: 'users', stages: [{ to: 5 }, { from: 5, to: 9 }, { to: 9 }] });
  });
});

describe('what only one engine can do', () => {
  const refused = [
    {
      name: 'Poisson arrivals with k6',
      given: { engine: 'k6', rate: '5', arrivals: 'poisson' },
      fault: { input: 'arrivals', got: 'poisson' },
    },
    { name: 'workers with k6', given: { engine: 'k6', workers: '2' }, fault: { input: 'workers', got: '2' } },
    {
      name: 'Poisson arrivals with the k6-operator',
      given: { engine: 'k6-operator', rate: '5', arrivals: 'poisson' },
      fault: { input: 'arrivals', got: 'poisson' },
    },
    {
      name: 'another k6 than that of the images',
      given: { engine: 'k6-operator', 'k6-version': 'v2.2.0' },
      fault: { input: 'k6-version', got: 'v2.2.0' },
    },
    {
      name: 'a k6 script with the built-in engine',
      given: { 'k6-script': 'x.js' },
      fault: { input: 'k6-script', got: 'x.js' },
    },
  ];
  test.each(refused)('is refused: $name', ({ given, fault }) => {
    expect(parse(given).faults).toEqual([{ ...fault, allowed: expect.stringMatching(/^only /) }]);
  });

  const tooLittle = [
    { name: 'a connection', given: { concurrency: '3', duration: '5s' }, fault: { input: 'concurrency', got: '3' } },
    { name: 'a request', given: { requests: '3' }, fault: { input: 'requests', got: '3' } },
  ];
  test.each(tooLittle)('is refused with less than $name for each runner', ({ given, fault }) => {
    expect(parse({ engine: 'k6-operator', parallelism: '4', ...given }).faults).toEqual([
      { ...fault, allowed: expect.stringMatching(/^a whole number of at least parallelism \(4\),/) },
    ]);
  });

  test('is refused where it can’t be found: the pods of an unknown controller', () => {
    expect(parse({ engine: 'k6-operator', 'ingress-controller': 'none' }).faults).toEqual([
      {
        input: 'ingress-controller',
        got: 'none',
        allowed: expect.stringContaining('one of nginx, traefik, traefik-gateway, custom with'),
      },
    ]);
  });

  const taken = [
    { engine: 'k6-operator', parallelism: '4', concurrency: '1', requests: '1', 'k6-script': 'x.js' },
    { engine: 'k6', arrivals: 'poisson' },
    { engine: 'k6', rate: '5', arrivals: 'poisson', 'k6-script': 'x.js' },
    { engine: 'k6', rate: '2.5', duration: '5s', 'ramp-up': '1s' },
    { workers: '2', rate: '5', arrivals: 'poisson' },
  ];
  test.each(taken)('is taken otherwise: %j', (given) => {
    expect(parse(given).faults).toEqual([]);
  });
});

test('a dashboard needs the Prometheus of the run itself', () => {
  expect(parse({ dashboard: 'true' }).faults).toEqual([]);
  expect(parse({ dashboard: 'true', prometheus: 'false' }).faults).toEqual([
    { input: 'dashboard', got: 'true', allowed: expect.stringContaining('prometheus: false') },
  ]);
  const existing = { kubeconfig: 'config', context: 'c', hosts: 'a.example.com', 'allow-hosts': 'a.example.com' };
  expect(parse({ dashboard: 'true', ...existing }).faults).toEqual([
    { input: 'dashboard', got: 'true', allowed: expect.stringContaining('kubeconfig') },
  ]);
});

describe('two ingress controllers', () => {
  const base = {
    'baseline-ingress-controller': 'custom',
    'baseline-ingress-manifests': 'k8s/haproxy',
    'baseline-ingress-namespace': 'haproxy',
    'baseline-ingress-selector': 'app=haproxy',
  };
  const head = {
    'ingress-controller': 'custom',
    'ingress-manifests': 'k8s/traefik',
    'ingress-namespace': 'traefik',
    'ingress-selector': 'app=traefik',
  };

  const refused: {
    name: string;
    given: Readonly<Record<string, string>>;
    fault: { input: InputName; got: string; allowed: string };
  }[] = [
    {
      name: 'two versions of the application at once',
      given: { ...base, manifests: 'head', 'baseline-manifests': 'base' },
      fault: { input: 'baseline-ingress-controller', got: 'custom', allowed: 'only empty with baseline-manifests' },
    },
    {
      name: 'no controller to compare with',
      given: { ...base, 'ingress-controller': 'none' },
      fault: { input: 'ingress-controller', got: 'none', allowed: 'custom with baseline-ingress-controller' },
    },
    {
      name: 'ingress-nginx with itself',
      given: { 'baseline-ingress-controller': 'nginx' },
      fault: {
        input: 'baseline-ingress-controller',
        got: 'nginx',
        allowed: 'another controller with ingress-controller nginx',
      },
    },
    {
      name: 'a part that is missing',
      given: { ...base, 'baseline-ingress-selector': '' },
      fault: {
        input: 'baseline-ingress-selector',
        got: '',
        allowed: 'a value, because baseline-ingress-controller is custom',
      },
    },
    {
      name: 'a part of another controller',
      given: { ...head, 'baseline-ingress-controller': 'nginx', 'baseline-ingress-manifests': 'k8s/haproxy' },
      fault: {
        input: 'baseline-ingress-manifests',
        got: 'k8s/haproxy',
        allowed: 'only empty with baseline-ingress-controller nginx',
      },
    },
    {
      name: 'a part without the controller',
      given: { 'baseline-ingress-namespace': 'haproxy' },
      fault: {
        input: 'baseline-ingress-namespace',
        got: 'haproxy',
        allowed: 'only empty without baseline-ingress-controller; set custom',
      },
    },
    {
      name: 'a class without the controller',
      given: { 'baseline-ingress-class': 'haproxy' },
      fault: {
        input: 'baseline-ingress-class',
        got: 'haproxy',
        allowed: 'only empty without baseline-ingress-controller',
      },
    },
    {
      name: 'one class for both',
      given: { ...base, 'ingress-class': 'web', 'baseline-ingress-class': 'web' },
      fault: { input: 'baseline-ingress-class', got: 'web', allowed: 'a class other than ingress-class' },
    },
    {
      name: 'one namespace for both',
      given: { ...base, ...head, 'ingress-namespace': 'haproxy' },
      fault: { input: 'baseline-ingress-namespace', got: 'haproxy', allowed: 'a namespace other' },
    },
    {
      name: 'the namespace of ingress-nginx',
      given: { ...base, 'baseline-ingress-namespace': 'ingress-nginx' },
      fault: { input: 'baseline-ingress-namespace', got: 'ingress-nginx', allowed: 'a namespace other' },
    },
    {
      name: 'fewer nodes than it takes',
      given: { ...base, nodes: '2' },
      fault: { input: 'nodes', got: '2', allowed: 'a whole number of at least 3 with baseline-ingress-controller' },
    },
    {
      name: 'k6',
      given: { ...base, engine: 'k6' },
      fault: { input: 'baseline-ingress-controller', got: 'custom', allowed: 'only empty with engine k6' },
    },
    {
      name: 'a search for the capacity',
      given: { ...base, mode: 'capacity' },
      fault: { input: 'mode', got: 'capacity', allowed: 'only load with baseline-ingress-controller' },
    },
    {
      name: 'autoscaling',
      given: { ...base, autoscaling: 'true' },
      fault: { input: 'autoscaling', got: 'true', allowed: 'only false with baseline-ingress-controller' },
    },
    {
      name: 'a cluster that exists already',
      given: { ...base, kubeconfig: 'kube', context: 'c', hosts: 'a.example', 'allow-hosts': 'a.example' },
      fault: { input: 'baseline-ingress-controller', got: 'custom', allowed: 'only empty with kubeconfig' },
    },
    {
      name: 'rounds that would be too short',
      given: { ...base, rounds: '32', 'compare-duration': '30s' },
      fault: { input: 'rounds', got: '32', allowed: 'at most 30 in a compare-duration of 30s' },
    },
  ];
  test.each(refused)('are refused: $name', ({ given: values, fault }) => {
    expect(parse(values).faults).toEqual([{ ...fault, allowed: expect.stringContaining(fault.allowed) }]);
  });

  test.each([
    base,
    { ...base, ...head },
    { ...head, 'baseline-ingress-controller': 'nginx' },
    { ...base, 'baseline-ingress-class': 'haproxy' },
    { ...base, config: 'kind.yaml', nodes: '1' },
  ])('are taken: %j', (values) => {
    const { faults, inputs } = parse(values);
    expect(faults).toEqual([]);
    expect(isComparison(inputs)).toBe(true);
  });

  test('or two versions make a comparison, and nothing else does', () => {
    expect(isComparison(parse({ manifests: 'head', 'baseline-manifests': 'base' }).inputs)).toBe(true);
    expect(isComparison(parse(head).inputs)).toBe(false);
  });
});

describe('autoscaling', () => {
  const table = [
    {
      name: 'an existing cluster',
      given: { kubeconfig: 'kube', context: 'c', hosts: 'a.example', 'allow-hosts': 'a.example' },
      allowed: 'only false with kubeconfig',
    },
    {
      name: 'a base',
      given: { manifests: 'head', 'baseline-manifests': 'base' },
      allowed: 'only false with baseline-manifests',
    },
    { name: 'a search for the capacity', given: { mode: 'capacity' }, allowed: 'only false with mode capacity' },
  ];
  test.each(table)('does not go with $name', ({ given, allowed }) => {
    expect(parse({ autoscaling: 'true', ...given }).faults).toEqual([
      { input: 'autoscaling', got: 'true', allowed: expect.stringContaining(allowed) },
    ]);
  });

  test('goes with either engine', () => {
    expect(parse({ autoscaling: 'true', engine: 'k6', duration: '60s' }).faults).toEqual([]);
  });
});

describe('a search for the capacity', () => {
  const refused: {
    name: string;
    given: Readonly<Record<string, string>>;
    fault: { input: InputName; got: string; allowed: string };
  }[] = [
    {
      name: 'a rate, which it looks for',
      given: { rate: '50' },
      fault: { input: 'rate', got: '50', allowed: 'only empty with mode capacity' },
    },
    {
      name: 'a number of requests',
      given: { requests: '1000' },
      fault: { input: 'requests', got: '1000', allowed: 'only the default with mode capacity' },
    },
    {
      name: 'k6',
      given: { engine: 'k6' },
      fault: { input: 'engine', got: 'k6', allowed: 'only builtin with mode capacity' },
    },
    {
      name: 'rounds of a comparison',
      given: { manifests: 'head', 'baseline-manifests': 'base', rounds: '20' },
      fault: { input: 'rounds', got: '20', allowed: 'only empty with mode capacity' },
    },
    {
      name: 'a time for rounds',
      given: { manifests: 'head', 'baseline-manifests': 'base', 'compare-duration': '60s' },
      fault: { input: 'compare-duration', got: '60s', allowed: 'capacity-limit is the time for both versions' },
    },
    {
      name: 'a limit for rounds',
      given: { manifests: 'head', 'baseline-manifests': 'base', 'compare-limit': '10m' },
      fault: { input: 'compare-limit', got: '10m', allowed: 'capacity-limit is the time for both versions' },
    },
    {
      name: 'a cluster that exists already',
      given: { kubeconfig: 'kube', context: 'c', hosts: 'a.example', 'allow-hosts': 'a.example' },
      fault: { input: 'mode', got: 'capacity', allowed: 'only load with kubeconfig' },
    },
    {
      name: 'no rule at all',
      given: { thresholds: '# none' },
      fault: { input: 'thresholds', got: '# none', allowed: 'at least one rule with mode capacity' },
    },
    {
      name: 'a rule on the rate',
      given: { thresholds: 'http_reqs: rate>100' },
      fault: {
        input: 'thresholds',
        got: 'http_reqs: rate>100',
        allowed: 'only rules on http_req_duration, http_req_failed, checks and dropped_iterations',
      },
    },
    {
      name: 'a rule on resources',
      given: { thresholds: 'resource_cpu{workload:foo}: max<0.5' },
      fault: { input: 'thresholds', got: 'resource_cpu{workload:foo}: max<0.5', allowed: 'only rules on' },
    },
    {
      name: 'steps that fill its time',
      given: { duration: '2m' },
      fault: { input: 'duration', got: '2m', allowed: 'at most a quarter of capacity-limit (300s)' },
    },
  ];
  test.each(refused)('refuses $name', ({ given: values, fault }) => {
    expect(parse({ mode: 'capacity', ...values }).faults).toEqual([
      { ...fault, allowed: expect.stringContaining(fault.allowed) },
    ]);
  });

  test.each([
    {},
    { manifests: 'head', 'baseline-manifests': 'base', tolerance: '10%' },
    { duration: '10s', concurrency: '50', arrivals: 'poisson', 'capacity-limit': '15m' },
    { thresholds: 'http_req_duration: p(99)<800\ndropped_iterations: count<1' },
  ])('takes %j', (values) => {
    expect(parse({ mode: 'capacity', ...values }).faults).toEqual([]);
  });
});

describe('a comparison', () => {
  const both = { manifests: 'head', 'baseline-manifests': 'base' };

  const refused: {
    name: string;
    given: Readonly<Record<string, string>>;
    fault: { input: InputName; got: string; allowed: string };
  }[] = [
    {
      name: 'images of a base without its manifests',
      given: { 'baseline-images': 'shop:base' },
      fault: { input: 'baseline-images', got: 'shop:base', allowed: 'only empty without baseline-manifests' },
    },
    {
      name: 'a base without anything to compare it with',
      given: { 'baseline-manifests': 'base' },
      fault: { input: 'baseline-manifests', got: 'base', allowed: 'only empty without manifests' },
    },
    {
      name: 'a base with k6',
      given: { ...both, engine: 'k6' },
      fault: { input: 'baseline-manifests', got: 'base', allowed: 'only empty with engine k6' },
    },
    {
      name: 'a limit below the duration',
      given: { ...both, 'compare-duration': '3m', 'compare-limit': '2m' },
      fault: {
        input: 'compare-limit',
        got: '2m',
        allowed: 'at least one and a half times compare-duration (270s)',
      },
    },
    {
      name: 'a duration of one load',
      given: { ...both, duration: '30s' },
      fault: { input: 'duration', got: '30s', allowed: 'only empty in a comparison' },
    },
    {
      name: 'a ramp',
      given: { ...both, 'ramp-up': '5s' },
      fault: { input: 'ramp-up', got: '5s', allowed: 'only empty in a comparison' },
    },
    {
      name: 'rounds that would be too short',
      given: { ...both, rounds: '32', 'compare-duration': '30s' },
      fault: { input: 'rounds', got: '32', allowed: 'at most 30 in a compare-duration of 30s' },
    },
  ];
  test.each(refused)('is refused: $name', ({ given: values, fault }) => {
    expect(parse(values).faults).toEqual([{ ...fault, allowed: expect.stringContaining(fault.allowed) }]);
  });

  test.each([
    both,
    { ...both, rounds: '30', 'compare-duration': '30s', 'compare-limit': '45s' },
    { ...both, 'baseline-images': 'shop:base\nadmin:base' },
  ])('is taken: %j', (values) => {
    expect(parse(values).faults).toEqual([]);
  });

  test('takes several manifests and images, one per line', () => {
    const { inputs } = parse({
      ...both,
      'baseline-manifests': 'base/a\n\n base/b ',
      'baseline-images': 'shop:base\nadmin:base',
    });
    expect(inputs).toMatchObject({
      'baseline-manifests': ['base/a', 'base/b'],
      'baseline-images': ['shop:base', 'admin:base'],
    });
  });
});

describe('profile', () => {
  test('names workloads with a port and path, or with a command', () => {
    const text = 'shop=:6060/debug/pprof/profile\n cart=exec: py-spy record --pid 1 --format raw ';
    expect(parse({ profile: text }).inputs.profile).toEqual([
      { workload: 'shop', from: { port: 6060, path: '/debug/pprof/profile' } },
      { workload: 'cart', from: { command: 'py-spy record --pid 1 --format raw' } },
    ]);
  });

  test.each([
    'shop',
    'shop=6060/x',
    'shop=:6060',
    'shop=:0/x',
    'shop=:70000/x',
    'shop=exec:',
    'Shop=:1/x',
    'a=:1/x\na=:2/x',
  ])('is no %j', (profile) => {
    expect(parse({ profile }).faults).toMatchObject([{ input: 'profile' }]);
  });
});

const NEEDED_BY: Readonly<Record<string, InputName>> = {
  context: 'kubeconfig',
  'allow-hosts': 'kubeconfig',
  hosts: 'kubeconfig',
  'ingress-manifests': 'ingress-controller',
  'ingress-namespace': 'ingress-controller',
  'ingress-selector': 'ingress-controller',
};

describe('a secret', () => {
  const secret = { 'pull-secret': 'ghcr.io=me:hunter2', 'github-token': 'ghs_x' };

  test('is in no setting, and known as one', () => {
    const { inputs, settings } = parse(secret);
    expect(JSON.stringify(settings)).not.toMatch(/hunter2|ghs_x/);
    expect(secretTextsOf(inputs)).toEqual(expect.arrayContaining(['hunter2', 'ghs_x']));
  });

  test('is not told by a fault', () => {
    const { faults } = parse({ 'pull-secret': 'hunter2' });
    expect(faults).toEqual([
      { input: 'pull-secret', got: '***', allowed: expect.stringContaining('registry=user:password') },
    ]);
    const existing = parse({ ...secret, kubeconfig: 'k', context: 'c', 'allow-hosts': 'foo.localhost\nbar.localhost' });
    expect(existing.faults).toContainEqual(expect.objectContaining({ input: 'pull-secret', got: '***' }));
  });
});

describe('with a cluster that exists already', () => {
  test.each([{ scenario: 'x.yaml' }, { images: 'shop:ci' }, { 'registry-mirror': 'https://m' }])(
    'is refused: %p',
    (values) => {
      const [name] = Object.keys(values);
      const { faults } = parse({
        kubeconfig: 'k',
        context: 'c',
        'allow-hosts': 'foo.localhost\nbar.localhost',
        ...values,
      });
      expect(faults.map(({ input }) => input)).toContain(name);
    },
  );
});

describe('whatever is given', () => {
  const anyValues = fc.dictionary(
    fc.constantFrom(...INPUT_NAMES, 'version', 'node_image'),
    fc.string({ unit: 'binary', maxLength: 80 }),
  );

  test('parsing throws nothing, and each fault is of an input that was given', () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const { faults, inputs } = parse(values);
        for (const { input, allowed } of faults) {
          // What another input needs is missed under its own name.
          const needing = NEEDED_BY[input];
          const names = [
            input,
            ...(needing === undefined ? [] : [needing]),
            ...((INPUTS as Record<string, { aliases?: readonly string[] }>)[input]?.aliases ?? []),
          ];
          expect(names.some((name) => (values[name] ?? '').trim() !== '')).toBe(true);
          expect(allowed).not.toBe('');
        }
        expect(Object.keys(inputs)).toEqual(INPUT_NAMES);
      }),
    );
  });

  test('the settings read back are the same inputs', () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const first = parse(values);
        fc.pre(first.faults.length === 0);
        expect(parse(first.settings).inputs).toEqual({ ...first.inputs, 'github-token': null });
      }),
    );
  });

  test('every whole number in its range is taken, and none beyond it', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const { faults, inputs } = parse({ 'http-port': String(value) });
        const inRange = value >= 1 && value <= 65_535;
        expect(faults).toHaveLength(inRange ? 0 : 1);
        expect(inputs['http-port']).toBe(inRange ? value : null);
      }),
    );
  });
});
