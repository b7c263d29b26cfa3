import { describe, expect, test } from '@jest/globals';
import { type BlockHistograms, pooledP99 } from '../../src/comparison/pooled.ts';

/** Answers of 10 ms to 11 ms, and some of 100 to 101 ms. */
const histogram = (fast: number, slow: number) => ({ edgesMs: [10, 11, 100, 101], counts: [fast, 0, slow] });
const block = (base: readonly [number, number], head: readonly [number, number]): BlockHistograms => ({
  base: [histogram(...base)],
  head: [histogram(...head)],
});
const blocks = (count: number, one: BlockHistograms): BlockHistograms[] => Array.from({ length: count }, () => one);

describe('the p99 of all answers together', () => {
  test('is in the bucket that the hundredth answer from the top falls into', () => {
    const pooled = pooledP99(blocks(10, block([1000, 0], [980, 20])), 'seed');
    expect(pooled?.base).toBeCloseTo(10.99, 6);
    expect(pooled?.head).toBeCloseTo(100.5, 6);
    expect(pooled?.estimate).toBeCloseTo(100.5 / 10.99, 6);
    expect(pooled?.interval?.low).toBeCloseTo(100.5 / 10.99, 6);
  });

  test('sees the one bad window that the p99 of a typical one leaves out, and says so by a wide interval', () => {
    const calm = block([1000, 0], [1000, 0]);
    const pooled = pooledP99([...blocks(9, calm), block([1000, 0], [800, 200])], 'seed');
    expect(pooled?.head).toBeGreaterThan(90);
    expect(pooled?.interval?.low).toBeCloseTo(1, 6);
    expect(pooled?.interval?.high).toBeGreaterThan(9);
  });

  test('has no interval with few blocks, and is none without answers', () => {
    expect(pooledP99(blocks(5, block([10, 0], [10, 0])), 'seed')?.interval).toBeNull();
    expect(pooledP99(blocks(8, block([10, 0], [0, 0])), 'seed')).toBeUndefined();
    expect(pooledP99([], 'seed')).toBeUndefined();
  });
});
