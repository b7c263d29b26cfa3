import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { InputError } from '../../src/inputs/faults.ts';
import { behindGiven } from '../../src/inputs/going-on.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { looksLikeSettings, readSettingsFile } from '../../src/inputs/settings-file.ts';
import { settingsSchema } from '../../src/inputs/settings-schema.ts';
import { definitionOf, INPUT_NAMES } from '../../src/inputs/table.ts';

const FILE = 'load-test.yml';
const read = (text: string) => readSettingsFile(text, FILE);
const textsIn = (text: string): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(read(text).entries).map(([name, entry]) => [name, entry.text]));

const faultsOf = (text: string): string[] => {
  const { entries, faults } = read(text);
  const all = [...faults, ...parseInputs(() => '', { file: FILE, entries }).faults];
  return all.length === 0 ? [] : new InputError(all).message.split('\n');
};

const WHOLE = `# yaml-language-server: $schema=…
application:
  manifests: [deploy, other.yaml]
  hosts:
    - shop.localhost=/cart # the page that matters
    - api.localhost
load:
  duration: 20s
  rate: 50.0
  scenario:
    requests:
      - path: /
rules:
  thresholds:
    - http_req_duration: p(95)<500
    - 'http_req_failed: rate<0.01'
comparison:
  tolerance: 2.50%
cluster:
  kubectl-version: 1.30.0
  prometheus: false
report:
  comment: true
`;

describe('a file of settings', () => {
  test('gives inputs by topic, as they would have been given', () => {
    expect(textsIn(WHOLE)).toEqual({
      manifests: 'deploy\nother.yaml',
      hosts: 'shop.localhost=/cart\napi.localhost',
      duration: '20s',
      rate: '50.0',
      scenario: FILE,
      thresholds: 'http_req_duration: p(95)<500\nhttp_req_failed: rate<0.01',
      tolerance: '2.50%',
      'kubectl-version': '1.30.0',
      prometheus: 'false',
      comment: 'true',
    });
    expect(faultsOf(WHOLE)).toEqual([]);
  });

  const spellings = [
    { name: 'a list', text: 'rules:\n  thresholds:\n    - "http_reqs: rate>1"\n    - http_req_failed: rate<0.1\n' },
    { name: 'a block', text: 'rules:\n  thresholds: |\n    http_reqs: rate>1\n    http_req_failed: rate<0.1\n' },
    { name: 'a map', text: 'rules:\n  thresholds:\n    http_reqs: rate>1\n    http_req_failed: rate<0.1\n' },
    { name: 'a list in one line', text: 'rules: { thresholds: [http_reqs: rate>1, http_req_failed: rate<0.1] }\n' },
  ];
  test.each(spellings)('has several lines as $name', ({ text }) => {
    expect(textsIn(text)).toEqual({ thresholds: 'http_reqs: rate>1\nhttp_req_failed: rate<0.1' });
  });

  test('may hold nothing, and topics and inputs without a value', () => {
    for (const text of [
      '',
      '# nothing\n',
      '---\n',
      'load:\n',
      'load:\n  rate:\n  hosts: ~\n'.replace('  hosts: ~\n', ''),
    ])
      expect(read(text)).toMatchObject({ entries: {}, faults: [] });
  });

  test('may use anchors', () => {
    expect(textsIn('application:\n  hosts: &h [a.localhost]\nreport:\n  comment-header: x\n')).toMatchObject({
      hosts: 'a.localhost',
    });
    expect(textsIn('load:\n  duration: &d 20s\n  ramp-up: *d\n')).toEqual({ duration: '20s', 'ramp-up': '20s' });
  });
});

describe('what is wrong in it', () => {
  const table = [
    {
      name: 'a value',
      text: 'load:\n  rate: fast\n',
      fault: 'load-test.yml:2: load.rate is "fast"; allowed: a number',
    },
    {
      name: 'a line of a list',
      text: 'application:\n  hosts:\n    - a.localhost\n    # one more\n    - B\n',
      fault: 'load-test.yml:5: application.hosts is "B"; allowed: one host name per line',
    },
    {
      name: 'a line of a block',
      text: 'rules:\n  thresholds: |\n\n    http_reqs: rate>1\n    nonsense\n',
      fault: 'load-test.yml:5: rules.thresholds is "nonsense"',
    },
    {
      name: 'a contradiction',
      text: 'load:\n  mode: capacity\n  rate: 5\n',
      fault: 'load-test.yml:3: load.rate is "5"; allowed: only empty with mode capacity',
    },
    { name: 'a misspelled input', text: 'load:\n  concurency: 5\n', fault: 'did you mean concurrency under load?' },
    {
      name: 'a misspelled topic',
      text: 'laod:\n  rate: 5\n',
      fault: 'load-test.yml:1: laod is not a topic; did you mean load?',
    },
    { name: 'another topic', text: 'load:\n  nodes: 2\n', fault: 'load-test.yml:2: load.nodes belongs under cluster:' },
    {
      name: 'an input without a topic',
      text: 'rate: 5\n',
      fault: 'load-test.yml:1: rate belongs under a topic: move it below load:',
    },
    {
      name: 'another spelling',
      text: 'cluster:\n  cluster_name: x\n',
      fault: 'did you mean cluster-name under cluster?',
    },
    {
      name: 'a list of one value',
      text: 'load:\n  rate: [5]\n',
      fault: 'load-test.yml:2: load.rate takes one value, not a list',
    },
    {
      name: 'a scenario in it',
      text: 'load:\n  scenario:\n    requests:\n      - pat: /\n',
      fault:
        'load-test.yml:4: load.scenario.requests.0: there is no field "pat"; here it is path. The fields are name,',
    },
    { name: 'a list in a list', text: 'application:\n  hosts:\n    - [a]\n', fault: 'line 3 is something else' },
    { name: 'a topic that is no map', text: 'load: 5\n', fault: 'load-test.yml:1: load takes inputs' },
    { name: 'a file that is no map', text: '- load\n', fault: 'load-test.yml:1: the file holds no topics' },
    { name: 'YAML that is none', text: 'load:\n  rate: [5\n', fault: 'load-test.yml:' },
    { name: 'a key twice', text: 'load:\n  rate: 5\n  rate: 6\n', fault: 'load-test.yml:3: Map keys must be unique' },
  ];
  test.each(table)('$name', ({ text, fault }) => {
    const found = faultsOf(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });

  test('is told all at once', () => {
    const text = 'load:\n  rate: fast\n  nodes: 2\napplication:\n  hosts: [A, b.localhost, C]\nreports: {}\n';
    expect(faultsOf(text).map((line) => line.split(' is ')[0])).toEqual([
      'load-test.yml:3: load.nodes belongs under cluster:, not under load:.',
      'load-test.yml:6: reports',
      'load-test.yml:5: application.hosts',
      'load-test.yml:5: application.hosts',
      'load-test.yml:2: load.rate',
    ]);
  });

  test('is every secret, and what gives rights', () => {
    const refused = INPUT_NAMES.filter((name) => {
      const text = `${definitionOf(name).topic}:\n  ${name}: x\n`;
      return read(text).faults.length > 0;
    });
    expect(refused).toEqual(
      expect.arrayContaining([
        'file',
        'pull-secret',
        'github-token',
        'kubeconfig',
        'allow-hosts',
        'allow-cluster-changes',
        'allow-pull-request-target',
      ]),
    );
    expect(refused).toEqual(expect.arrayContaining(INPUT_NAMES.filter((name) => definitionOf(name).secret === true)));
    expect(read('report:\n  github-token: ghp_secret\n').faults[0]?.message).not.toContain('ghp_secret');
  });

  test('never makes the reader throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', 'load:\n  ', 'application: {hosts: '),
        (text, start) => {
          expect(() => faultsOf(start + text)).not.toThrow();
        },
      ),
    );
  });
});

describe('what is given beside it', () => {
  const layered = (text: string, given: Readonly<Record<string, string>>) => {
    const readGiven = (name: string): string => given[name] ?? '';
    const { behind, replaced } = behindGiven({ file: FILE, entries: read(text).entries }, readGiven);
    return { ...parseInputs(readGiven, behind), replaced };
  };

  test('counts first, also where it says what the default is', () => {
    const { settings, replaced } = layered('cluster:\n  nodes: 5\n  wait: 60s\n', { nodes: '3' });
    expect(settings).toMatchObject({ nodes: '3', wait: '60s' });
    expect(replaced).toEqual([{ input: 'nodes', text: '5' }]);
  });

  test('counts first by another spelling, too', () => {
    expect(layered('cluster:\n  cluster-name: a\n', { cluster_name: 'b' }).settings).toMatchObject({
      'cluster-name': 'b',
    });
  });

  test.each([
    { file: 'load:\n  duration: 20s\n', given: { requests: '50' }, replaced: 'duration' },
    {
      file: 'load:\n  duration: 20s\n',
      given: { manifests: 'a', 'baseline-manifests': 'b' },
      replaced: 'duration',
    },
    { file: 'load:\n  rate: 5\n', given: { mode: 'capacity' }, replaced: 'rate' },
  ])('takes the place of what can not be with it: $replaced', ({ file, given, replaced }) => {
    const found = layered(file, given);
    expect(found.faults).toEqual([]);
    expect(found.replaced.map(({ input }) => input)).toEqual([replaced]);
  });

  test('hides no contradiction of the file itself', () => {
    expect(layered('load:\n  mode: capacity\n  rate: 5\n', { concurrency: '3' }).faults).toHaveLength(1);
  });
});

describe('the file of another tool', () => {
  test.each([
    ['of this one', 'load: {}\n', true],
    ['of this one, though it is no YAML', 'load: [\n', true],
    ['of Artillery', 'config:\n  target: http://x\nscenarios: []\n', false],
    ['a list', '- a\n', false],
  ])('%s', (_, text, expected) => {
    expect(looksLikeSettings(text)).toBe(expected);
  });
});

describe('its schema', () => {
  const ajv = new Ajv2020({ strict: false });
  const valid = ajv.compile(settingsSchema());

  test('takes a whole file', () => {
    expect(valid(parseYaml(WHOLE))).toBe(true);
  });

  test.each([
    ['an unknown topic', { laod: {} }],
    ['an unknown input', { load: { concurency: 5 } }],
    ['a secret', { report: { 'github-token': 'x' } }],
    ['a word that is no choice', { load: { mode: 'fast' } }],
    ['a number that is too large', { load: { concurrency: 1e9 } }],
  ])('refuses %s', (_, value) => {
    expect(valid(value)).toBe(false);
  });

  test('takes every default where it belongs', () => {
    for (const name of INPUT_NAMES) {
      const { topic, default: standard } = definitionOf(name);
      if (read(`${topic}:\n  ${name}: x\n`).faults.length > 0 || standard === '') continue;
      expect({
        name,
        ok: valid(parseYaml(`${topic}:\n  ${name}: '${standard}'\n`.replace(/'(\d+|true|false)'/, '$1'))),
      }).toEqual({ name, ok: true });
    }
  });
});
