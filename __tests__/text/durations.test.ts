import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration, parseRate } from '../../src/text/durations.ts';

describe('a time', () => {
  test.each([
    ['30', 30_000],
    ['0.5', 500],
    ['500ms', 500],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1h0m0.5s', 3_600_500],
    ['1h', 3_600_000],
    ['2m500ms', 120_500],
    ['0.1h', 360_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(['', 'm', '30s1m', '1m1m', '-1s', '1 s', '1e3s', '1.2345s', '1m30', '1d', '30sec', '٣s'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  test('is the sum of its parts', () => {
    const part = fc.integer({ min: 0, max: 999_999 });
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        const text = `${String(h)}h${String(m)}m${String(s)}s${String(ms)}ms`;
        expect(parseDuration(text)).toBe(h * 3_600_000 + m * 60_000 + s * 1000 + ms);
      }),
    );
  });
});

describe('a rate', () => {
  test.each([
    ['50', 50],
    ['2.5/s', 2.5],
    ['1000/m', 1000 / 60],
    ['5400/h', 1.5],
  ])('%s is %d per second', (text, perSecond) => {
    expect(parseRate(text)).toBe(perSecond);
  });

  test.each(['', '/s', '50/', '50/ms', '50 /s', '1e3', '-1', '1000/min'])('%j is none', (text) => {
    expect(parseRate(text)).toBeNull();
  });
});
