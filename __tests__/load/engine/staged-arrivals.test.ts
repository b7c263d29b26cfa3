import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arrivalTimes } from '../../../src/load/engine/schedule.ts';
import { stageAt, stagedArrivalTimes } from '../../../src/load/engine/staged-arrivals.ts';
import { type LoadStage, parseStages } from '../../../src/load/requests/stages.ts';

const stagesOf = (text: string): readonly LoadStage[] => parseStages(text)?.stages ?? [];

function allOf(next: () => number): number[] {
  const times: number[] = [];
  for (let time = next(); time < Infinity; time = next()) times.push(time);
  return times;
}

const arrivals = fc.constantFrom('constant' as const, 'poisson' as const);

describe('the arrivals of a load in stages', () => {
  test('are in each stage as many as it asks for', () => {
    const stages = stagesOf('2s@50, 1s@200, ramp 2s, 1s@0, 1s@10');
    const inStage = stageAt(stages);
    const counts = [0, 0, 0, 0, 0];
    for (const time of allOf(stagedArrivalTimes(stages, { arrivals: 'constant', seed: 's' }))) {
      const stage = inStage(time);
      counts[stage] = (counts[stage] ?? 0) + 1;
    }
    expect(counts).toEqual([100, 200, 200, 0, 10]);
  });

  test('are those of a ramp and a rate that stays, when they are the same', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 5000 }), (kind, rate, ms) => {
        const stages = [
          { held: false, durationMs: ms, from: 0, to: rate },
          { held: true, durationMs: 1000, from: rate, to: rate },
        ];
        const staged = stagedArrivalTimes(stages, { arrivals: kind, seed: 's' });
        const plain = arrivalTimes({ arrivals: kind, ratePerSecond: rate, rampUpMs: ms, seed: 's' });
        for (const time of allOf(staged)) expect(time).toBeCloseTo(plain(), 6);
      }),
    );
  });

  test('never go back, and those of several workers are those of one', () => {
    const level = fc.integer({ min: 0, max: 300 });
    const stage = fc.record({
      held: fc.boolean(),
      durationMs: fc.integer({ min: 100, max: 3000 }),
      from: level,
      to: level,
    });
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 4 }), (stages, of) => {
        const whole = allOf(stagedArrivalTimes(stages, { arrivals: 'constant', seed: 's' }));
        expect(whole).toEqual([...whole].sort((a, b) => a - b));
        const parts = Array.from({ length: of }, (_, index) =>
          allOf(stagedArrivalTimes(stages, { arrivals: 'constant', seed: 's', share: { index, of } })),
        );
        expect(parts.flat().sort((a, b) => a - b)).toEqual(whole);
      }),
    );
  });
});
