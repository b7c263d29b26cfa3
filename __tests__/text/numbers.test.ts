import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytes,
  bytesPerSecond,
  cores,
  milliseconds,
  NOT_MEASURED,
  percent,
  perSecond,
  seconds,
} from '../../src/text/numbers.ts';

describe('numbers as people read them', () => {
  const table: { format: string; shown: (value: number | null) => string; value: number | null; expected: string }[] = [
    { format: 'milliseconds', shown: milliseconds, value: 0.1234, expected: '0.12 ms' },
    { format: 'milliseconds', shown: milliseconds, value: 12.34, expected: '12.3 ms' },
    { format: 'milliseconds', shown: milliseconds, value: 1234.5, expected: '1235 ms' },
    { format: 'milliseconds', shown: milliseconds, value: null, expected: NOT_MEASURED },
    { format: 'seconds', shown: seconds, value: 61_234, expected: '61.2 s' },
    { format: 'percent', shown: percent, value: 1, expected: '100 %' },
    { format: 'percent', shown: percent, value: 0, expected: '0 %' },
    { format: 'percent', shown: percent, value: 0.995, expected: '99.5 %' },
    { format: 'percent', shown: percent, value: 0.9995, expected: '99.95 %' },
    { format: 'percent', shown: percent, value: 0.999_999_9, expected: '99.999 %' },
    { format: 'percent', shown: percent, value: 0.1, expected: '10 %' },
    { format: 'percent', shown: percent, value: 0.0004, expected: '0.04 %' },
    { format: 'percent', shown: percent, value: 0.000_000_1, expected: '0.001 %' },
    { format: 'percent', shown: percent, value: 0.001, expected: '0.1 %' },
    { format: 'milliseconds', shown: milliseconds, value: 0.0042, expected: '0.0042 ms' },
    { format: 'milliseconds', shown: milliseconds, value: 0, expected: '0.00 ms' },
    { format: 'perSecond', shown: perSecond, value: 1 / 3600, expected: '0.00028 /s' },
    { format: 'cores', shown: cores, value: 0.0004, expected: '0.0004' },
    { format: 'cores', shown: cores, value: 0, expected: '0.000' },
    { format: 'percent', shown: percent, value: 2.5, expected: '250 %' },
    { format: 'perSecond', shown: perSecond, value: 123.4, expected: '123 /s' },
    { format: 'perSecond', shown: perSecond, value: 0, expected: '0.00 /s' },
    { format: 'cores', shown: cores, value: 0.2534, expected: '0.253' },
    { format: 'bytes', shown: bytes, value: 0, expected: '0 B' },
    { format: 'bytes', shown: bytes, value: 1023, expected: '1023 B' },
    { format: 'bytes', shown: bytes, value: 1024, expected: '1.00 KiB' },
    { format: 'bytes', shown: bytes, value: 15_728_640, expected: '15.0 MiB' },
    { format: 'bytes', shown: bytes, value: 2 ** 40 * 5000, expected: '5000 TiB' },
    { format: 'bytesPerSecond', shown: bytesPerSecond, value: 2048, expected: '2.00 KiB/s' },
    { format: 'bytesPerSecond', shown: bytesPerSecond, value: null, expected: NOT_MEASURED },
  ];
  test.each(table)('$format of $value is $expected', ({ shown, value, expected }) => {
    expect(shown(value)).toBe(expected);
  });
});

test('a share that is not whole never looks whole, one that is not 0 never looks like it, and those that are do', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (ratio) => {
      expect(percent(ratio) === '100 %').toBe(ratio === 1);
      expect(percent(ratio) === '0 %').toBe(ratio === 0);
    }),
  );
});

test('what was used, took or came is never shown as none', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), (value) => {
      for (const format of [milliseconds, perSecond, cores]) expect(parseFloat(format(value))).toBeGreaterThan(0);
    }),
  );
});

test('a number is never shown as what was not measured', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (value) => {
      for (const format of [milliseconds, seconds, percent, perSecond, cores, bytes, bytesPerSecond])
        expect(format(value)).toMatch(/^\d/);
    }),
  );
});
