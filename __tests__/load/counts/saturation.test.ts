import { describe, expect, test } from '@jest/globals';
import { Histogram } from '../../../src/load/counts/histogram.ts';
import {
  type GeneratorSample,
  judgeGenerator,
  mergeSamples,
  type SaturationEvidence,
} from '../../../src/load/counts/saturation.ts';
import { generatorCondition } from '../../../src/model/load.ts';

const quiet: GeneratorSample = {
  cpuShare: 0.2,
  eventLoopUtilization: 0.3,
  cpuWaitShare: 0.02,
  eventLoopDelayMs: { p50: 0.1, p99: 1, max: 12 },
};
const latencyMs = { avg: 20, min: 10, p50: 20, p90: 30, p95: 35, p99: 40, max: 80 };

function delays(...milliseconds: number[]): SaturationEvidence['measurement']['sendDelay'] {
  const histogram = new Histogram();
  milliseconds.forEach((ms) => {
    histogram.record(ms * 1000);
  });
  return histogram.snapshot();
}

const evidence = (changes: Partial<SaturationEvidence> = {}): SaturationEvidence => ({
  sample: quiet,
  measurement: { sendDelay: null, durationMs: 10_000 },
  clientResourceFailures: 0,
  latencyMs,
  ...changes,
});

describe('a generator', () => {
  test('at ease is no limit', () => {
    const condition = judgeGenerator(
      evidence({ measurement: { sendDelay: delays(0.1, 0.2, 0.4), durationMs: 10_000 } }),
    );
    expect(condition).toEqual({
      ...quiet,
      sendDelayMs: { p50: 0.2, p99: 0.4, max: 0.4 },
      limited: false,
      reason: null,
    });
    expect(generatorCondition.parse(condition)).toEqual(condition);
  });

  test.each<[string, Partial<SaturationEvidence>, string]>([
    ['without free ports', { clientResourceFailures: 3 }, '3 requests failed because this machine had no port'],
    [
      'that sends late',
      { measurement: { sendDelay: delays(0, 0, 20), durationMs: 10_000 } },
      'more than 20 ms too late',
    ],
    [
      'that stood still',
      { sample: { ...quiet, eventLoopDelayMs: { p50: 0, p99: 1, max: 2000 } } },
      'stood still for 2000 ms',
    ],
    [
      'that reads answers late',
      { sample: { ...quiet, eventLoopDelayMs: { p50: 3, p99: 12, max: 30 } } },
      'up to 12 ms late (p99)',
    ],
    [
      'that reads answers late by its own work, though it waits, too',
      {
        sample: {
          ...quiet,
          eventLoopUtilization: 0.9,
          cpuShare: 0.7,
          cpuWaitShare: 0.2,
          eventLoopDelayMs: { p50: 3, p99: 12, max: 30 },
        },
      },
      'up to 12 ms late (p99)',
    ],
    [
      'that reads answers late where waiting is not told',
      { sample: { ...quiet, cpuShare: 0.28, cpuWaitShare: null, eventLoopDelayMs: { p50: 3, p99: 12, max: 30 } } },
      'up to 12 ms late (p99)',
    ],
    [
      'whose lateness is most of the latency, though it waits for a core',
      { sample: { ...quiet, cpuWaitShare: 0.2 }, measurement: { sendDelay: delays(0, 0, 30), durationMs: 10_000 } },
      'more than 30 ms too late',
    ],
    [
      'that stood still while others had the core',
      { sample: { ...quiet, cpuWaitShare: 0.25, eventLoopDelayMs: { p50: 0, p99: 1, max: 2000 } } },
      'stood still for 2000 ms',
    ],
    [
      'without a pause',
      { sample: { ...quiet, eventLoopUtilization: 0.99, cpuShare: 0.97 } },
      'had work for 99 % of the time at 97 % of a core',
    ],
  ])('%s is the limit, and says why', (_, changes, reason) => {
    expect(judgeGenerator(evidence(changes))).toMatchObject({
      limited: true,
      reason: expect.stringContaining(reason) as unknown,
    });
  });

  test.each<[string, Partial<SaturationEvidence>]>([
    [
      'a delay that is small beside the latency',
      { measurement: { sendDelay: delays(8), durationMs: 1000 }, latencyMs: { ...latencyMs, p99: 500 } },
    ],
    [
      'a late loop beside a long latency',
      { sample: { ...quiet, eventLoopDelayMs: { p50: 3, p99: 12, max: 30 } }, latencyMs: { ...latencyMs, p99: 200 } },
    ],
    [
      'one pause in a long window',
      {
        sample: { ...quiet, eventLoopDelayMs: { p50: 0, p99: 1, max: 400 } },
        measurement: { sendDelay: null, durationMs: 60_000 },
      },
    ],
    [
      'a late loop that waits for a core that others have',
      { sample: { ...quiet, cpuWaitShare: 0.2, eventLoopDelayMs: { p50: 3, p99: 12, max: 30 } } },
    ],
    [
      'a late loop of little CPU time, where waiting is not told',
      { sample: { ...quiet, cpuShare: 0.1, cpuWaitShare: null, eventLoopDelayMs: { p50: 3, p99: 12, max: 30 } } },
    ],
    [
      'late requests of a generator that waits for a core',
      { sample: { ...quiet, cpuWaitShare: 0.2 }, measurement: { sendDelay: delays(0, 0, 15), durationMs: 10_000 } },
    ],
    [
      'a loop without a pause that others keep from its core',
      { sample: { ...quiet, eventLoopUtilization: 0.99, cpuShare: 0.3, cpuWaitShare: 0.65 } },
    ],
    [
      'a pause that is short beside the longest latency',
      {
        sample: { ...quiet, eventLoopDelayMs: { p50: 0, p99: 1, max: 297 } },
        latencyMs: { ...latencyMs, max: 12_000 },
      },
    ],
    ['a load without an answer', { latencyMs: null }],
    ['an open load that sent nothing', { measurement: { sendDelay: delays(), durationMs: 0 }, latencyMs: null }],
  ])('%s does not make it one', (_, changes) => {
    expect(judgeGenerator(evidence(changes)).limited).toBe(false);
  });
});

test.each<[string, Partial<SaturationEvidence>, true | undefined]>([
  [
    'it waited for a core longer than it had one',
    { sample: { ...quiet, cpuWaitShare: 0.25, eventLoopDelayMs: { p50: 0, p99: 1, max: 2000 } } },
    true,
  ],
  [
    'all its work is shorter than its longest delay',
    { sample: { ...quiet, cpuShare: 0.02, eventLoopDelayMs: { p50: 0, p99: 1, max: 2000 } } },
    true,
  ],
  ['it had work all the time', { sample: { ...quiet, eventLoopUtilization: 0.99, cpuShare: 0.97 } }, undefined],
  ['its ports were used up', { sample: { ...quiet, cpuWaitShare: 0.9 }, clientResourceFailures: 3 }, undefined],
])('whether other programs held it up is told: %s', (_, changes, heldUp) => {
  const condition = judgeGenerator(evidence(changes));
  expect(condition).toMatchObject({ limited: true });
  expect(condition.heldUp).toBe(heldUp);
});

test('of several workers the worst counts, and they share the CPU time of their process', () => {
  const busy: GeneratorSample = {
    cpuShare: 1.8,
    eventLoopUtilization: 0.9,
    cpuWaitShare: null,
    eventLoopDelayMs: { p50: 0, p99: 5, max: 6 },
  };
  expect(mergeSamples([busy, { ...quiet, cpuShare: 1.7 }])).toEqual({
    cpuShare: 0.9,
    eventLoopUtilization: 0.9,
    cpuWaitShare: 0.02,
    eventLoopDelayMs: { p50: 0.1, p99: 5, max: 12 },
  });
});
