import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  durationOf,
  highestOf,
  meanOf,
  numbersOf,
  parseStages,
  stagesFault,
} from '../../../src/load/requests/stages.ts';

const hold = (durationMs: number, level: number) => ({ held: true, durationMs, from: level, to: level });
const ramp = (durationMs: number, from: number, to: number) => ({ held: false, durationMs, from, to });

describe('stages', () => {
  test.each([
    ['30s@50, 1m@200', 'rate', [hold(30_000, 50), hold(60_000, 200)]],
    ['30s @ 50/s\n1m30s@3000/m\n', 'rate', [hold(30_000, 50), hold(90_000, 50)]],
    ['30s@50, ramp 10s, 1m@200', 'rate', [hold(30_000, 50), ramp(10_000, 50, 200), hold(60_000, 200)]],
    ['ramp 5s, 10s@8, ramp 5s', 'rate', [ramp(5000, 0, 8), hold(10_000, 8), ramp(5000, 8, 0)]],
    ['10s@5 users, 10s@1 user', 'users', [hold(10_000, 5), hold(10_000, 1)]],
    ['10s@5users,10s@0users', 'users', [hold(10_000, 5), hold(10_000, 0)]],
    ['10s@5, ramp 1s, 10s@5', 'rate', [hold(10_000, 5), ramp(1000, 5, 5), hold(10_000, 5)]],
  ])('%j are understood', (text, unit, stages) => {
    expect(parseStages(text)).toEqual({ unit, stages });
  });

  test.each([
    '',
    ',',
    '30s',
    '30s@',
    '@50',
    '30s@50,,1m@200',
    '30s@0',
    'ramp 10s',
    '30s@50, ramp 1s, ramp 1s, 30s@60',
    '30s@50, 30s@5 users',
    '10ms@50',
    '30s@1.5 users',
    '30s@10001 users',
    '30s@1e3',
    '30s@2000000',
    '4h@1, 3h@1',
    '30s@50 rps',
    'ramp10s, 30s@50',
    Array.from({ length: 101 }, () => '1s@1').join(),
  ])('%j are none', (text) => {
    expect(parseStages(text)).toBeNull();
  });

  test.each([
    ['', 'there is no stage with a level, such as 30s@50'],
    ['30s@50,,1m@200', '"": there is nothing between two commas'],
    ['30s', '"30s": it has no level; write @ and one behind the time, as in 30s@50'],
    ['30s@50, 30 s@60', '"30 s@60": "30 s" is not a time such as 30s or 1m30s'],
    ['30s@50 rps', '"30s@50 rps": "50 rps" is not a level such as 50, 50/s, 3000/m or 20 users'],
    ['30s@1.5 users', '"30s@1.5 users": "1.5 users" is not a level such as 50, 50/s, 3000/m or 20 users'],
    ['30s@10001 users', '"30s@10001 users": at most 10000 users are possible'],
    ['30s@2000000', '"30s@2000000": at most 1000000 requests per second are possible'],
    ['10ms@50', '"10ms@50": a stage takes at least 100ms'],
    ['ramp 10s', 'there is no stage with a level, such as 30s@50'],
    [
      'ramp 10s@5',
      '"ramp 10s@5": a ramp has a time alone, as in ramp 10s; its levels are those of the stages beside it',
    ],
    ['30s@0', 'every level is 0, so that nothing would be sent'],
    ['30s@50, 30s@5 users', 'some levels are requests per second and others are users; give all of one kind'],
    ['1s@5, ramp 1s, ramp 1s, 1s@6', 'two ramps follow each other; give the level between them, such as 100ms@200'],
    ['4h@1, 3h@1', 'they last more than 6h together'],
    [Array.from({ length: 101 }, () => '1s@1').join(), 'there are 101 stages, and at most 100 are possible'],
  ])('%j are refused with the part that is wrong', (text, fault) => {
    expect(parseStages(text)).toBeNull();
    expect(stagesFault(text)).toBe(fault);
  });

  test('are numbered without their ramps', () => {
    const stages = parseStages('ramp 5s, 10s@8, ramp 5s, 10s@8')?.stages ?? [];
    expect(numbersOf(stages)).toEqual([null, 1, null, 2]);
    expect([durationOf(stages), highestOf(stages), meanOf(stages)]).toEqual([
      30_000,
      8,
      (5 * 4 + 10 * 8 + 5 * 8 + 10 * 8) / 30,
    ]);
  });

  test('any text is stages or none, and never an error', () => {
    const part = fc.constantFrom('30s', '@', '50', '/m', ' users', 'ramp ', ',', '\n', ' ', '1m30s', '-1', '∞');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (text) => {
          const read = parseStages(text);
          if (read === null) return;
          expect(durationOf(read.stages)).toBeGreaterThan(0);
          expect(highestOf(read.stages)).toBeGreaterThan(0);
        },
      ),
    );
  });
});
