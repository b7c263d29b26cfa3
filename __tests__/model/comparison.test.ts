import { describe, expect, test } from '@jest/globals';
import { comparison as comparisonModel, courseFields, courseOf } from '../../src/model/comparison.ts';
import type { CapacityResult } from '../../src/model/capacity.ts';
import { comparison } from '../fakes/comparison.ts';

const NOTHING_FOUND: CapacityResult = {
  ratePerSecond: null,
  interval: null,
  highestKept: null,
  lowestBroken: null,
  end: 'cancelled',
  steps: [],
};

describe('the course of a comparison', () => {
  const inRounds = comparison();
  const inSteps = comparison({
    rounds: [],
    latencyHistograms: null,
    capacities: { base: NOTHING_FOUND, head: NOTHING_FOUND, pairs: [] },
  });

  test('is one of rounds, also before the first', () => {
    expect(courseOf(inRounds)).toMatchObject({ kind: 'rounds', rounds: inRounds.rounds });
    expect(courseOf(comparison({ rounds: [], latencyHistograms: null })).kind).toBe('rounds');
  });

  test('is one of steps, also before the first', () => {
    expect(courseOf(inSteps)).toEqual({
      kind: 'steps',
      capacities: { base: NOTHING_FOUND, head: NOTHING_FOUND },
      pairs: [],
    });
  });

  test.each([inRounds, inSteps])('leaves the fields of the report as they are', (given) => {
    expect({ ...given, ...courseFields(courseOf(given)) }).toEqual(given);
    expect(() => comparisonModel.parse({ ...given, ...courseFields(courseOf(given)) })).not.toThrow();
  });
});
