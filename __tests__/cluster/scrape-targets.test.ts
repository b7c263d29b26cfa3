import { describe, expect, test } from '@jest/globals';
import { observeTargets, targetsSchema } from '../../src/cluster/scrape-targets.ts';

const target = (node: string, changes: object = {}) => ({
  labels: { job: 'cadvisor', node },
  scrapeUrl: `http://${node}/metrics`,
  health: 'up',
  lastError: '',
  ...changes,
});
const ingressOn = (node: string) => target('ingress', { labels: { job: 'ingress-nginx', node } });

describe('Prometheus is waited for', () => {
  const table = [
    { name: 'while it has no targets', targets: [], why: 'it has no targets yet' },
    { name: 'while it does not know a node', targets: [target('a')], why: 'it has no target on node b yet' },
    {
      name: 'while it knows of a node only a pod on it',
      targets: [target('a'), ingressOn('b')],
      why: 'it has no target on node b yet',
    },
    {
      name: 'while a target was never scraped',
      targets: [target('a'), target('b', { health: 'unknown' })],
      why: 'target http://b/metrics is unknown',
    },
    {
      name: 'while a target is down, with its reason',
      targets: [target('a'), target('b', { health: 'down', lastError: 'connection refused' })],
      why: 'target http://b/metrics is down: connection refused',
    },
    {
      name: 'while a target that is no node is down',
      targets: [target('a'), target('b'), { ...ingressOn('a'), health: 'down' }],
      why: 'target http://ingress/metrics is down',
    },
  ];
  test.each(table)('$name', ({ targets, why }) => {
    expect(observeTargets(targets, ['a', 'b'])).toEqual({ ready: false, why });
  });

  test('while it has no targets, also when no node is known', () => {
    expect(observeTargets([], [])).toEqual({ ready: false, why: 'it has no targets yet' });
  });

  test('until it has scraped every node and whatever else it knows', () => {
    expect(observeTargets([target('a'), target('b'), ingressOn('a')], ['a', 'b'])).toEqual({ ready: true, value: 3 });
  });
});

test('a target without an error has an empty one', () => {
  expect(
    targetsSchema.parse({ activeTargets: [{ labels: {}, scrapeUrl: 'u', health: 'up', globalUrl: 'g' }] })
      .activeTargets[0]?.lastError,
  ).toBe('');
});
