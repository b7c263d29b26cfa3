import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  countedBetween,
  hasCounted,
  isSettled,
  type PodCounts,
  readPodCounts,
} from '../../../src/cluster/witness/controller-counts.ts';
import { samplesIn } from '../../../src/cluster/witness/exposition.ts';

const nginx = (requests: Readonly<Record<string, number>>, process = 'a 0'): PodCounts =>
  readPodCounts(
    process,
    `# HELP nginx_ingress_controller_requests The total number of client requests
# TYPE nginx_ingress_controller_requests counter
nginx_ingress_controller_config_hash{controller_pod="x"} 1.6e+19
nginx_ingress_controller_request_duration_seconds_bucket{host="shop.localhost",le="0.005"} 7
${Object.entries(requests)
  .map(
    ([status, count]) =>
      `nginx_ingress_controller_requests{canary="",controller_class="k8s.io/ingress-nginx",controller_pod="x",host="shop.localhost",ingress="shop",method="GET",namespace="default",path="/",service="shop",status="${status}"} ${String(count)}`,
  )
  .join('\n')}
`,
  );

test('what ingress-nginx counted is the difference of its counters, by host, Service and status', () => {
  expect(countedBetween([nginx({ 200: 12 })], [nginx({ 200: 5012, 308: 3 })])).toEqual({
    name: 'ingress-nginx',
    counts: [
      { host: 'shop.localhost', service: 'default/shop', status: '200', requests: 5000 },
      { host: 'shop.localhost', service: 'default/shop', status: '308', requests: 3 },
    ],
  });
});

test('what Traefik counted is by Service, added up over its pods', () => {
  const traefik = (process: string, count: string): PodCounts =>
    readPodCounts(
      process,
      `traefik_config_reloads_total 3\ntraefik_service_requests_total{code="200",method="GET",protocol="http",service="echo-foo-80@kubernetes"} ${count}\n`,
    );
  expect(
    countedBetween([traefik('a', '3'), traefik('b', '0')], [traefik('a', '1.003e+03'), traefik('b', '500')]),
  ).toEqual({
    name: 'Traefik',
    counts: [{ service: 'echo-foo-80@kubernetes', status: '200', requests: 1500 }],
  });
});

test.each<[string, PodCounts[], PodCounts[], RegExp]>([
  [
    'of another controller',
    [readPodCounts('a', 'x 1')],
    [readPodCounts('a', 'haproxy_x 1\n')],
    /not in a known format/,
  ],
  ['of a pod that came meanwhile', [nginx({})], [nginx({}), nginx({}, 'b 0')], /restarted/],
  ['of a container that was started anew', [nginx({ 200: 5 })], [nginx({ 200: 5 }, 'a 1')], /restarted/],
  ['that went backwards', [nginx({ 200: 5 })], [nginx({ 200: 4 })], /were reset/],
  ['that are no numbers', [nginx({ 200: 5 })], [nginx({ 200: NaN })], /not numbers/],
  ['without an end', [nginx({ 200: 5 })], [nginx({ 200: Infinity })], /not numbers/],
])('counters %s prove nothing, and that is said', (_name, before, after, missing) => {
  expect(countedBetween(before, after)).toEqual({ missing: expect.stringMatching(missing) });
});

test('counters have come to rest when two looks show the same', () => {
  expect(isSettled([nginx({ 200: 5 })], [nginx({ 200: 5 })])).toBe(true);
  expect(isSettled([nginx({ 200: 5 })], [nginx({ 200: 6 })])).toBe(false);
});

test('every label comes back as it was written', () => {
  const escaped = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), fc.string()), fc.nat(), (labels, value) => {
      fc.pre(!Object.values(labels).some((text) => /[\r\u2028\u2029\0]/.test(text)));
      const text = Object.entries(labels)
        .map(([name, label]) => `${name}="${escaped(label)}"`)
        .join(',');
      expect(samplesIn(`other 1\nasked{${text}} ${String(value)}\nasked_too 3\n`, ['asked'])).toEqual([
        { name: 'asked', labels, value },
      ]);
    }),
  );
});

test.each<[string, PodCounts, number, number | null, boolean]>([
  ['all that were measured and warmed up', nginx({ 200: 1010 }), 1000, 10, true],
  ['one less', nginx({ 200: 1009 }), 1000, 10, false],
  ['all, some refused', nginx({ 200: 900, 503: 110 }), 1000, 10, true],
  ['more than were sent, as some were sent twice', nginx({ 200: 1011 }), 1000, 10, true],
  ['all, but nobody knows how many were sent besides', nginx({ 200: 1010 }), 1000, null, false],
])('a controller that counted %s', (_, after, sent, besides, counted) => {
  const hosts = [{ host: 'shop.localhost', path: '/', sent, statuses: {}, retried: 0 }];
  expect(hasCounted([nginx({ 200: 0 })], [after], [{ hosts, besides, highestRate: 1 }])).toBe(counted);
});

test('what a controller counted of other hosts does not stand for what is still missing of ours', () => {
  const hosts = [{ host: 'other.localhost', path: '/', sent: 5, statuses: {}, retried: 0 }];
  expect(hasCounted([nginx({})], [nginx({ 200: 9 })], [{ hosts, besides: 0, highestRate: 1 }])).toBe(false);
});

test('two versions behind one controller are counted when the requests of both are', () => {
  const load = (sent: number) => ({
    hosts: [{ host: 'shop.localhost', path: '/', sent, statuses: {}, retried: 0 }],
    besides: 0,
    highestRate: 1,
  });
  expect(hasCounted([nginx({})], [nginx({ 200: 9 })], [load(5), load(5)])).toBe(false);
  expect(hasCounted([nginx({})], [nginx({ 200: 10 })], [load(5), load(5)])).toBe(true);
});
