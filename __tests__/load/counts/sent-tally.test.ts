import { expect, test } from '@jest/globals';
import { SentTally } from '../../../src/load/counts/sent-tally.ts';
import type { LoadResult } from '../../../src/model/load.ts';
import { hostResult, load } from '../../fakes/state.ts';

const HOSTS = [
  hostResult({ host: 'a', path: '/', sent: 10, statuses: { 200: 9, 503: 1 }, retried: 2 }),
  hostResult({ host: 'b', path: '/', sent: 5, statuses: { 200: 5 }, retried: 0 }),
];

const sum = (...loads: Partial<LoadResult>[]) => {
  const tally = new SentTally();
  for (const one of loads) tally.add(load({ warmupRequests: 7, rampUpSeconds: 0, hosts: HOSTS, ...one }));
  return tally.result();
};

test('loads are added up by host and path, statuses and warm-up, too', () => {
  expect(
    sum({}, { hosts: [hostResult({ host: 'a', path: '/', sent: 1, statuses: { 308: 1 }, retried: 0 })] }),
  ).toMatchObject({
    hosts: [
      { host: 'a', sent: 11, statuses: { 200: 9, 308: 1, 503: 1 }, retried: 2 },
      { host: 'b', sent: 5, statuses: { 200: 5 }, retried: 0 },
    ],
    besides: 14,
  });
});

test.each<[string, Partial<LoadResult>]>([
  ['a ramp-up', { rampUpSeconds: 2 }],
  ['a script of the user', { model: { kind: 'script', script: 'own.js', concurrency: 3 } }],
  ['runners in the cluster', { engine: { name: 'k6-operator', version: 'v1' } }],
])('what %s sends besides is not known, also beside a load of which it is', (_name, changes) => {
  expect(sum({}, changes).besides).toBeNull();
});

test('an engine that does not tell what it repeated leaves that open', () => {
  const [first] = HOSTS;
  expect(first).toBeDefined();
  expect(sum({}, { hosts: HOSTS.map((host) => ({ ...host, retried: null })) }).hosts[0]?.retried).toBeNull();
});
