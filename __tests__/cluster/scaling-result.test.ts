import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scalingResult } from '../../src/cluster/scaling-result.ts';
import { load, resources } from '../fakes/state.ts';
import { CPU, RECORD, START } from '../report/autoscaled.ts';

const LOAD = load({ startedAt: new Date(START * 1000).toISOString(), durationSeconds: 60 });
const measured = (cpuCores: readonly (number | null)[]) =>
  resources({
    timeline: {
      stepSeconds: 1,
      workloads: [{ namespace: 'echo', kind: 'Deployment', name: 'foo', cpuCores: [...cpuCores], memoryBytes: [] }],
    },
  });

describe('a scale-up', () => {
  const result = scalingResult(RECORD, LOAD, measured(CPU));

  test('has each of its moments, from the use that exceeded the target on', () => {
    expect(result).toMatchObject({
      exceededAtSeconds: 3,
      scaleUp: {
        from: 2,
        to: 5,
        decidedAtSeconds: 20,
        firstReadyAtSeconds: 22.5,
        allReadyAtSeconds: 24,
        delaySeconds: 19.5,
      },
      maxReachedAtSeconds: null,
    });
  });

  test('begins with what there was when the load began, and has nothing from before', () => {
    expect(result.replicas[0]).toEqual({ atSeconds: 0, desired: 2, ready: 2 });
    expect(result.replicas).toHaveLength(4);
  });

  test('is followed by whether the target was kept', () => {
    // 0.25 cores on 5 pods of 0.1 requested ones each.
    expect(result.afterScaleUp).toEqual({
      fromSeconds: 24,
      seconds: 36,
      utilization: expect.closeTo(0.5, 9),
      targetKept: true,
    });
  });

  test('divides the use by the requests of the pods that were ready', () => {
    expect(result.utilization[10]).toBeCloseTo(1.5, 9);
    expect(result.utilization[40]).toBeCloseTo(0.5, 9);
    // From 22.5 s on three pods were ready.
    expect(result.utilization[22]).toBeCloseTo(0.3 / (2.5 * 0.1), 9);
  });

  const tolerated = [
    { use: 0.274, kept: true },
    { use: 0.276, kept: false },
  ];
  test.each(tolerated)('that leaves $use cores for a target of 0.25 has kept it: $kept', ({ use, kept }) => {
    expect(
      scalingResult(RECORD, LOAD, measured([...CPU.slice(0, 25), ...Array.from({ length: 35 }, () => use)]))
        .afterScaleUp?.targetKept,
    ).toBe(kept);
  });

  test('that left less than ten seconds is not judged', () => {
    expect(scalingResult(RECORD, LOAD, measured(CPU.slice(0, 33))).afterScaleUp).toBeNull();
    expect(scalingResult(RECORD, LOAD, measured(CPU.slice(0, 34))).afterScaleUp).not.toBeNull();
  });

  test('of which no pod was ready has no delay, and nothing after it', () => {
    const begun = { ...RECORD, replicas: RECORD.replicas.slice(0, 3) };
    expect(scalingResult(begun, LOAD, measured(CPU))).toMatchObject({
      scaleUp: { firstReadyAtSeconds: null, allReadyAtSeconds: null, delaySeconds: null },
      afterScaleUp: null,
    });
  });

  test('without figures of the CPU counts from the beginning of the load, the time of its growth included', () => {
    expect(scalingResult(RECORD, LOAD, null)).toMatchObject({
      exceededAtSeconds: null,
      utilization: [],
      scaleUp: { delaySeconds: 22.5 },
    });
    expect(scalingResult(RECORD, { ...LOAD, rampUpSeconds: 10 }, null)).toMatchObject({
      replicas: [{ atSeconds: -10 }, {}, {}, {}],
      scaleUp: { delaySeconds: 32.5 },
    });
  });

  test('to as many pods as are allowed says so', () => {
    expect(scalingResult({ ...RECORD, maxReplicas: 5 }, LOAD, measured(CPU)).maxReachedAtSeconds).toBe(20);
  });
});

test('a use within the tolerance of Kubernetes exceeds nothing', () => {
  const quiet = { ...RECORD, replicas: RECORD.replicas.slice(0, 2) };
  expect(scalingResult(quiet, LOAD, measured(CPU.map(() => 0.109)))).toMatchObject({
    exceededAtSeconds: null,
    scaleUp: null,
    afterScaleUp: null,
  });
});

test('nothing recorded gives a result without any figure', () => {
  expect(
    scalingResult({ ...RECORD, replicas: [], seenUtilization: [], cpuRequest: null }, LOAD, measured(CPU)),
  ).toMatchObject({ replicas: [], utilization: [], scaleUp: null, afterScaleUp: null });
});

test('moments follow each other, and no figure is below 0, whatever the record', () => {
  const change = fc.record({
    time: fc.double({ min: START - 20, max: START + 60, noNaN: true }),
    desired: fc.integer({ min: 0, max: 9 }),
    ready: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(
      fc.array(change),
      fc.array(fc.option(fc.double({ min: 0, max: 4, noNaN: true })), { maxLength: 60 }),
      (replicas, cpu) => {
        const { scaleUp, utilization } = scalingResult(
          { ...RECORD, replicas: replicas.sort((a, b) => a.time - b.time) },
          LOAD,
          measured(cpu),
        );
        for (const share of utilization) expect(share ?? 0).toBeGreaterThanOrEqual(0);
        if (scaleUp === null) return;
        expect(scaleUp.to).toBeGreaterThan(scaleUp.from);
        expect(scaleUp.firstReadyAtSeconds ?? Infinity).toBeGreaterThanOrEqual(scaleUp.decidedAtSeconds);
        expect(scaleUp.delaySeconds ?? 0).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
