import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseManifests } from '../../../src/cluster/manifests.ts';
import { judgeWitnesses } from '../../../src/cluster/witness/judge-witness.ts';
import type { Witnesses } from '../../../src/cluster/witness/witnesses.ts';
import type { Resources, WorkloadResources } from '../../../src/model/resources.ts';
import { type ControllerCount, type CountedLoad, type SentToHost, witness } from '../../../src/model/witness.ts';

/** An application of one host, as `host: service`. */
const application = (routes: Readonly<Record<string, string>>): string =>
  Object.entries(routes)
    .map(
      ([host, service]) => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${service}-${host}}
spec: {rules: [{host: ${host}, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${service}, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${service}}
spec: {selector: {app: ${service}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${service}}
spec: {template: {metadata: {labels: {app: ${service}}}}}
`,
    )
    .join('');

const WINDOW = { startedAt: '2026-11-23T10:00:00.000Z', endedAt: '2026-11-23T10:00:10.000Z' };
const SECONDS = 10;

function resources(received: Readonly<Record<string, number | null>>): Resources {
  const none = { value: null, samples: 0 };
  return {
    ...WINDOW,
    nodes: [],
    missing: [],
    workloads: Object.entries(received).map(([name, bytes]): WorkloadResources => ({
      namespace: 'default',
      kind: 'Deployment',
      name,
      pods: 1,
      cpuCores: none,
      cpuCoresMax: none,
      cpuShareOfLimit: null,
      memoryBytes: none,
      memoryShareOfLimit: null,
      networkReceivedBytesPerSecond: { value: bytes === null ? null : bytes / SECONDS, samples: 5 },
      networkSentBytesPerSecond: none,
      cpuThrottledShare: none,
      restarts: 0,
    })),
  };
}

const sentTo = (
  host: string,
  statuses: Readonly<Record<string, number>>,
  more: Partial<SentToHost> = {},
): SentToHost => ({
  host,
  path: '/',
  sent: Object.values(statuses).reduce((sum, count) => sum + count, 0),
  statuses: { ...statuses },
  retried: 0,
  ...more,
});

const byHost = (host: string, service: string, status: string, requests: number): ControllerCount => ({
  host,
  service: `default/${service}`,
  status,
  requests,
});

interface Seen {
  readonly routes?: Readonly<Record<string, string>>;
  readonly sent: readonly SentToHost[];
  readonly besides?: number | null;
  readonly rate?: number;
  readonly counted: CountedLoad['controller'];
  readonly received?: Readonly<Record<string, number | null>> | null;
}

function judge({ routes = { 'shop.localhost': 'shop' }, sent, besides = 50, rate = 500, counted, received }: Seen) {
  const witnesses: Witnesses = {
    loads: [{ side: 'head', sent: { hosts: [...sent], besides, highestRate: rate }, controller: counted }],
    inWindow: sent,
    objects: parseManifests(application(routes)),
    resources: received === null ? null : resources(received ?? { shop: 2_000_000, other: 2_000_000 }),
  };
  return witness.parse(judgeWitnesses(witnesses));
}

const nginx = (...counts: ControllerCount[]): CountedLoad['controller'] => ({ name: 'ingress-nginx', counts });
const traefik = (counts: Readonly<Record<string, number>>): CountedLoad['controller'] => ({
  name: 'Traefik',
  counts: Object.entries(counts).map(([service, requests]) => ({ service, status: '200', requests })),
});

test('when all agree there is no doubt, and a row for the host', () => {
  const result = judge({
    sent: [sentTo('shop.localhost', { 200: 5000 })],
    counted: nginx(byHost('shop.localhost', 'shop', '200', 5050)),
  });
  expect(result).toEqual({
    besides: 50,
    hosts: [
      {
        hosts: ['shop.localhost'],
        sent: 5000,
        answered: { 200: 5000 },
        counted: { 200: 5050 },
        receivers: [{ namespace: 'default', kind: 'Deployment', name: 'shop', receivedBytes: 2_000_000 }],
      },
    ],
    doubts: [],
    missing: [],
  });
});

describe('ingress-nginx, which counts no host of a wildcard unless it is told to', () => {
  const routes = { "'*.wild.localhost'": 'shop', 'shop.localhost': 'shop' };
  const sent = [sentTo('www.wild.localhost', { 200: 5000 }), sentTo('shop.localhost', { 200: 5000 })];
  const other = byHost('shop.localhost', 'shop', '200', 5000);

  test('is no witness for such a host, and one for the others', () => {
    const result = judge({ routes, sent, counted: nginx(other) });
    expect(result.doubts).toEqual([]);
    expect(result.missing).toEqual([
      "The ingress controller's count for www.wild.localhost is not known: ingress-nginx counts the hosts of a wildcard only with --metrics-per-undefined-host.",
    ]);
    expect(result.hosts.map(({ hosts, counted }) => [hosts, counted])).toEqual([
      [['www.wild.localhost'], null],
      [['shop.localhost'], { 200: 5000 }],
    ]);
  });

  test('is one when it was told to', () => {
    const counted = nginx(other, byHost('www.wild.localhost', 'shop', '200', 10));
    expect(judge({ routes, sent, counted }).doubts).toEqual([expect.stringContaining('but it counted 10.')]);
  });
});

test('a controller that hands TLS on sees no requests, and is no witness', () => {
  const objects = parseManifests(application({ 'shop.localhost': 'shop' })).map((object) =>
    object.kind === 'Ingress'
      ? {
          ...object,
          metadata: { ...object.metadata, annotations: { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' } },
        }
      : object,
  );
  const sent = [sentTo('shop.localhost', { 200: 5000 })];
  for (const controller of [nginx(), traefik({ 'default-other-80@kubernetes': 10 })]) {
    const { doubts, missing } = judgeWitnesses({
      loads: [{ side: 'head', sent: { hosts: sent, besides: 50, highestRate: 500 }, controller }],
      inWindow: sent,
      objects,
      resources: resources({ shop: 2_000_000 }),
    });
    expect([doubts, missing]).toEqual([[], [expect.stringContaining('its TLS is passed through to the application')]]);
  }
});

describe('Traefik, whose names have a form for each provider', () => {
  const sent = [sentTo('shop.localhost', { 200: 5000 })];
  test.each([
    'default-shop-80@kubernetes',
    'default-web-shop-http@kubernetesingressnginx',
    'httproute-default-web-gw-traefik-traefik-ep-web-0-e1d02507efe8996ed80a-svc-default-shop-0@kubernetesgateway',
  ])('%s is the Service', (name) => {
    const result = judge({ sent, counted: traefik({ [name]: 5040 }) });
    expect(result.doubts).toEqual([]);
    expect(result.hosts).toMatchObject([{ counted: { 200: 5040 } }]);
  });

  test('a form that is not known is said, and is no doubt', () => {
    const result = judge({ sent, counted: traefik({ 'e1d02507@later': 5040 }) });
    expect(result.doubts).toEqual([]);
    expect(result.missing).toContainEqual(
      expect.stringContaining("can't be assigned: it names a Service e1d02507@later"),
    );
  });
});

describe('it is a doubt', () => {
  const sent = [sentTo('shop.localhost', { 200: 5000 })];
  test.each<[string, Seen, RegExp]>([
    [
      'when the controller counted nothing',
      { sent, counted: nginx() },
      /^ingress-nginx did not count all answers of shop\.localhost: there were 5000 with status 200, but it counted 0\. Something/,
    ],
    [
      'when it counted another status than the generator saw',
      { sent, counted: nginx(byHost('shop.localhost', 'shop', '308', 5000)) },
      /5000 with status 200, but it counted 0/,
    ],
    [
      'when it counted more than was sent',
      { sent, counted: nginx(byHost('shop.localhost', 'shop', '200', 9000)) },
      /counted 9000 requests for shop\.localhost, but the load sent 5000, at most 5050 with warm-up and retries: something else/,
    ],
    [
      'when Traefik counted them for another Service, which is named',
      { sent, counted: traefik({ 'default-trap-80@kubernetes': 5000 }) },
      /for the Service .* but it counted 0\. .* Meanwhile it counted 5000 requests for default-trap-80@kubernetes\.$/,
    ],
    [
      'when the pods received next to nothing',
      { sent, counted: { missing: 'Unknown.' }, received: { shop: 5000 } },
      /^Deployment default\/shop is behind shop\.localhost and should have given about 5000 of the right answers, .* received only 5000 bytes/,
    ],
  ])('%s', (_name, seen, doubt) => {
    expect(judge(seen).doubts).toEqual([expect.stringMatching(doubt)]);
  });

  test('when one of two Services that claim the same host got nothing', () => {
    const { doubts } = judge({
      routes: { 'shop.localhost': 'shop' },
      sent,
      counted: nginx(byHost('shop.localhost', 'shop', '200', 5000)),
    });
    expect(doubts).toEqual([]);
    const objects = parseManifests(
      application({ 'shop.localhost': 'shop' }) + application({ 'shop.localhost': 'twin' }),
    );
    const both = judgeWitnesses({
      loads: [
        {
          side: 'head',
          sent: { hosts: sent, besides: 50, highestRate: 1 },
          controller: nginx(byHost('shop.localhost', 'shop', '200', 5000)),
        },
      ],
      inWindow: sent,
      objects,
      resources: resources({ shop: 2_000_000, twin: 700 }),
    });
    expect(both.doubts).toEqual([expect.stringContaining('Deployment default/twin is behind shop.localhost')]);
  });
});

describe('it is none', () => {
  const sent = [sentTo('shop.localhost', { 200: 5000 })];
  test.each<[string, Seen]>([
    [
      'when all of the warm-up was counted, and requests that were repeated',
      {
        sent: [sentTo('shop.localhost', { 200: 5000 }, { retried: 30 })],
        counted: nginx(byHost('shop.localhost', 'shop', '200', 5090)),
      },
    ],
    [
      'when more was counted and nobody knows how much was sent besides',
      { sent, besides: null, counted: nginx(byHost('shop.localhost', 'shop', '200', 9000)) },
    ],
    [
      'when the engine does not tell what it repeated',
      {
        sent: [sentTo('shop.localhost', { 200: 5000 }, { retried: null })],
        counted: nginx(byHost('shop.localhost', 'shop', '200', 9000)),
      },
    ],
    [
      'when answers that never came are not counted',
      {
        sent: [sentTo('shop.localhost', { 200: 4000 }, { sent: 5000 })],
        counted: nginx(byHost('shop.localhost', 'shop', '200', 4000), byHost('shop.localhost', 'shop', '499', 900)),
      },
    ],
    [
      'when all answers were redirects of the controller that were expected: the pods are not to see them',
      {
        sent: [sentTo('shop.localhost', { 308: 5000 })],
        counted: nginx(byHost('shop.localhost', 'shop', '308', 5050)),
        received: { shop: 500 },
      },
    ],
    [
      'when Traefik answers by itself what is no good answer',
      { sent: [sentTo('shop.localhost', { 401: 5000 })], counted: traefik({}), received: { shop: 500 } },
    ],
    [
      'when there were few requests',
      { sent: [sentTo('shop.localhost', { 200: 9 })], counted: nginx(), received: { shop: 0 } },
    ],
  ])('%s', (_name, seen) => {
    expect(judge(seen).doubts).toEqual([]);
  });

  test('when ingress-nginx was asked for more than its workers tell of; that is said', () => {
    const { doubts, missing } = judge({
      sent,
      rate: 30_000,
      counted: nginx(byHost('shop.localhost', 'shop', '200', 3000)),
    });
    expect({ doubts, missing }).toEqual({
      doubts: [],
      missing: [expect.stringContaining('at most 10,000 requests a second')],
    });
  });
});

test('hosts of one Service stand together where the controller counts by Service', () => {
  const { hosts, doubts } = judge({
    routes: { 'a.localhost': 'shop', 'b.localhost': 'shop', 'c.localhost': 'other' },
    sent: [
      sentTo('a.localhost', { 200: 100 }),
      sentTo('b.localhost', { 200: 200 }),
      sentTo('c.localhost', { 200: 300 }),
    ],
    counted: traefik({
      'default-shop-80@kubernetes': 310,
      'default-other-http@kubernetes': 300,
      'default-shopping-80@kubernetes': 7,
    }),
  });
  expect(doubts).toEqual([]);
  expect(hosts.map((row) => [row.hosts, row.sent, row.counted])).toEqual([
    [['a.localhost', 'b.localhost'], 300, { 200: 310 }],
    [['c.localhost'], 300, { 200: 300 }],
  ]);
});

describe('what can not be witnessed is said', () => {
  test.each<[string, Partial<Seen>, RegExp]>([
    ['without counters', { counted: { missing: 'No counters.' } }, /^No counters\.$/],
    ['without resources', { received: null }, /traffic of the pods was not measured/],
    ['without samples of the network', { received: { shop: null } }, /Deployment default\/shop is not known/],
    [
      'of a host that no rule names',
      { routes: { 'other.localhost': 'shop' } },
      /count for shop\.localhost is not known/,
    ],
    ['of pods that nobody knows', { routes: { 'other.localhost': 'shop' } }, /which pods are behind shop\.localhost/],
  ])('%s', (_name, seen, sentence) => {
    const result = judge({
      sent: [sentTo('shop.localhost', { 200: 5000 })],
      counted: nginx(byHost('shop.localhost', 'shop', '200', 5000)),
      ...seen,
    });
    expect(result.doubts).toEqual([]);
    expect(result.missing).toContainEqual(expect.stringMatching(sentence));
  });
});

test('whatever an honest controller counts is no doubt, and any Service but the right one is', () => {
  const statuses = fc.dictionary(fc.constantFrom('200', '201', '404', '503'), fc.integer({ min: 1, max: 1e5 }), {
    minKeys: 1,
  });
  fc.assert(
    fc.property(statuses, fc.nat(200), fc.nat(20), (answers, warmUp, repeated) => {
      const sent = [sentTo('shop.localhost', answers, { retried: repeated })];
      const honest = Object.entries(answers).map(([status, count]) => byHost('shop.localhost', 'shop', status, count));
      const besides = byHost('shop.localhost', 'shop', '200', warmUp + repeated);
      const received = { shop: 200 * (answers['200'] ?? 0) + 200 * (answers['201'] ?? 0) + 1 };
      expect(judge({ sent, besides: warmUp, counted: nginx(...honest, besides), received }).doubts).toEqual([]);
      const elsewhere = honest.map((count) => ({ ...count, host: 'other.localhost' }));
      const total = sent[0]?.sent ?? 0;
      fc.pre(total > 12);
      expect(judge({ sent, besides: warmUp, counted: nginx(...elsewhere), received }).doubts).toHaveLength(1);
    }),
  );
});
