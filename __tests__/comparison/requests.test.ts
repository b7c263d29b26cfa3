import { describe, expect, test } from '@jest/globals';
import { compareInRounds } from '../../src/comparison/compare-in-rounds.ts';
import type { ComparisonSettings, ComparisonWindow } from '../../src/comparison/round-ports.ts';
import { comparisonDoubts, headline } from '../../src/comparison/words.ts';
import { createRandom } from '../../src/load/random.ts';
import { type Comparison, comparison as comparisonModel } from '../../src/model/comparison.ts';
import type { LoadResult } from '../../src/model/load.ts';
import { hostResult, latency, load } from '../fakes/state.ts';

const VERSION = { manifests: [], images: [], hosts: [] };
const NAMES = Array.from({ length: 10 }, (_, index) => ({ host: 'shop.localhost', path: `/${String(index)}` }));

const settings: ComparisonSettings = {
  base: { label: 'base', ...VERSION },
  head: { label: 'head', ...VERSION },
  seed: 'seed',
  run: 'run',
  requests: NAMES,
  tolerance: 0.05,
  durationMs: 120_000,
  limitMs: 360_000,
  rounds: null,
};

/** Windows in which the whole is as it is and each request of head takes `factors` times as long; all of it times `whole`. */
async function compare(factors: readonly number[], { whole = 1, noise = 0.03 } = {}): Promise<Comparison> {
  let now = 0;
  const random = createRandom('requests');
  const disturbed = (): number => Math.exp(noise * (random.uniform() + random.uniform() + random.uniform() - 1.5));
  const measured = ({ version, durationMs }: ComparisonWindow): LoadResult => {
    now += durationMs;
    const weather = disturbed();
    const slow = version === 'head' ? whole : 1;
    return load({
      total: hostResult({
        sent: 1000,
        succeeded: 1000,
        statuses: { '200': 1000 },
        requestsPerSecond: 500 / (slow * weather),
        latencyMs: latency(10 * slow * weather),
      }),
      hosts: NAMES.map((name, index) =>
        hostResult({
          ...name,
          sent: 100,
          succeeded: 100,
          statuses: { '200': 100 },
          latencyMs: latency((index + 1) * (version === 'head' ? (factors[index] ?? 1) : 1) * weather * disturbed()),
        }),
      ),
    });
  };
  return await compareInRounds(settings, {
    loadWindow: (window) => Promise.resolve(measured(window)),
    keep: () => undefined,
    clock: { now: () => now },
    signal: new AbortController().signal,
  });
}

describe('one request of ten that became twice as slow', () => {
  test('is found, confirmed and named although the whole does not move', async () => {
    const result = await compare([1, 1, 2]);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(result.metrics.map(({ verdict }) => verdict)).not.toContain('slower');
    expect(headline(result)).toMatch(
      /^Head is slower than base: shop\.localhost\/2 p50 \+(9\d|10\d) % \(95 %: .*\), confirmed by fresh rounds$/,
    );
    const [first, ...others] = result.requests ?? [];
    expect(first).toMatchObject({
      path: '/2',
      shareOfRequests: 0.1,
      latency: { verdict: 'slower', confirmation: { confirmed: true } },
    });
    expect(first?.shareOfChange).toBeGreaterThan(0.8);
    expect(others.map(({ latency: { verdict } }) => verdict)).not.toContain('slower');
    expect(others).toHaveLength(9);
    expect(() => comparisonModel.parse(result)).not.toThrow();
  });

  test('is no reason where nothing has changed', async () => {
    const result = await compare([]);
    expect(result.verdict).toBe('no-difference');
    expect(result.requests?.map(({ latency: { verdict } }) => verdict)).not.toContain('slower');
  });
});

test('where the whole is slower its requests are named by their share of the change', async () => {
  const result = await compare([1, 1, 1, 1, 1, 1, 1, 1, 1, 3], { whole: 1.5 });
  expect(headline(result)).toMatch(
    /^Head is slower than base: p50 \+.*, most of it in shop\.localhost\/9, confirmed by fresh rounds$/,
  );
  expect(result.requests?.[0]).toMatchObject({ path: '/9', latency: { verdict: 'slower' } });
});

test('the shares of the change add up, and the request that is asked most often does not come first for that', async () => {
  const { requests = [] } = await compare([0.5, 1, 1, 1, 2]);
  const sum = requests.reduce((total, { shareOfChange }) => total + (shareOfChange ?? 0), 0);
  expect(sum).toBeCloseTo(1, 9);
  expect(requests[0]?.path).toBe('/4');
  // It became faster where the sum is slower.
  expect(requests.find(({ path }) => path === '/0')?.shareOfChange).toBeLessThan(0);
});

test('a request that head never answered has a row that says so', async () => {
  let now = 0;
  const result = await compareInRounds(settings, {
    loadWindow: ({ version, durationMs }) => {
      now += durationMs;
      const lost = { failed: 100, succeeded: 0, statuses: {}, failures: { reset: 100 }, latencyMs: null };
      return Promise.resolve(
        load({
          total: hostResult({ sent: 1000, succeeded: 1000, statuses: { '200': 1000 } }),
          hosts: NAMES.map((name, index) =>
            hostResult({ ...name, ...(version === 'head' && index === 3 ? lost : {}) }),
          ),
        }),
      );
    },
    keep: () => undefined,
    clock: { now: () => now },
    signal: new AbortController().signal,
  });
  expect(result.requests).toHaveLength(10);
  expect(result.requests?.find(({ path }) => path === '/3')).toMatchObject({
    shareOfChange: null,
    latency: { base: 2, head: null, verdict: 'cannot-tell', reason: 'Only base ever answered it.' },
  });
  expect(comparisonDoubts(result)).toContain("shop.localhost/3 can't be compared. Only base ever answered it.");
  expect(() => comparisonModel.parse(result)).not.toThrow();
});

test('a rare request that became faster by failing is not called faster', async () => {
  let now = 0;
  const random = createRandom('rare');
  const of = (failed: number): Promise<Comparison> =>
    compareInRounds(settings, {
      loadWindow: ({ version, durationMs }) => {
        now += durationMs;
        const rare = version === 'head' ? { failed, succeeded: 20 - failed, latencyMs: latency(1) } : {};
        return Promise.resolve(
          load({
            total: hostResult({
              sent: 20_000,
              succeeded: 20_000,
              statuses: { '200': 20_000 },
              latencyMs: latency(10 * Math.exp(0.01 * random.uniform())),
            }),
            hosts: NAMES.map((name, index) =>
              hostResult({ ...name, sent: 20, succeeded: 20, latencyMs: latency(2), ...(index === 3 ? rare : {}) }),
            ),
          }),
        );
      },
      keep: () => undefined,
      clock: { now: () => now },
      signal: new AbortController().signal,
    });
  const verdictOf = ({ requests = [] }: Comparison) => requests.find(({ path }) => path === '/3')?.latency;
  expect(verdictOf(await of(0))).toMatchObject({ verdict: 'faster' });
  expect(verdictOf(await of(10))).toMatchObject({ verdict: 'cannot-tell' });
  expect((await of(10)).verdict).toBe('no-difference');
});

test('a single request is the whole', async () => {
  const one = { ...settings, requests: NAMES.slice(0, 1) };
  let now = 0;
  const result = await compareInRounds(one, {
    loadWindow: ({ durationMs }) => {
      now += durationMs;
      return Promise.resolve(load({ hosts: [hostResult()] }));
    },
    keep: () => undefined,
    clock: { now: () => now },
    signal: new AbortController().signal,
  });
  expect(result.requests).toBeUndefined();
});
