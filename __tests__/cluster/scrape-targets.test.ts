import { describe, expect, test } from '@jest/globals';
import { observeTargets, targetKey, targetsSchema } from '../../src/cluster/scrape-targets.ts';

const target = (instance: string, changes: object = {}) => ({
  labels: { job: 'cadvisor', instance },
  scrapeUrl: `http://${instance}/metrics`,
  health: 'up',
  lastError: '',
  ...changes,
});
const samples = (...counts: readonly (readonly [string, number])[]): Map<string, number> => new Map(counts.map(([instance, count]) => [`cadvisor/${instance}`, count]));

describe('Prometheus is waited for', () => {
  const table = [
    { name: 'while it has no targets', targets: [], counts: samples(), why: 'it has no targets yet' },
    { name: 'while a target was never scraped', targets: [target('a', { health: 'unknown' })], counts: samples(), why: 'target http://a/metrics is unknown' },
    { name: 'while a target is down, with its reason', targets: [target('a'), target('b', { health: 'down', lastError: 'connection refused' })], counts: samples(['a', 5]), why: 'target http://b/metrics is down: connection refused' },
    { name: 'while a target has one sample', targets: [target('a'), target('b')], counts: samples(['a', 2], ['b', 1]), why: 'target http://b/metrics has fewer than 2 samples' },
    { name: 'while a target has none', targets: [target('a')], counts: samples(), why: 'target http://a/metrics has fewer than 2 samples' },
  ];
  test.each(table)('$name', ({ targets, counts, why }) => {
    expect(observeTargets({ targets, samples: counts })).toEqual({ ready: false, why });
  });

  test('until every target has what a rate needs', () => {
    expect(observeTargets({ targets: [target('a'), target('b')], samples: samples(['a', 2], ['b', 3]) })).toEqual({ ready: true, value: 2 });
  });
});

test('a target is known by job and instance', () => {
  expect(targetKey({ job: 'ingress', instance: '10.0.0.1:10254', pod: 'x' })).toBe('ingress/10.0.0.1:10254');
  expect(targetKey({})).toBe('/');
});

test('a target without an error has an empty one', () => {
  expect(targetsSchema.parse({ activeTargets: [{ labels: {}, scrapeUrl: 'u', health: 'up', globalUrl: 'g' }] }).activeTargets[0]?.lastError).toBe('');
});
