import { describe, expect, test } from '@jest/globals';
import { type CountedLoad, JoinedLoad } from '../../../src/load/counts/joined-load.ts';
import { type LoadMeasurement, loadResult } from '../../../src/load/counts/measurement.ts';
import { Recorder } from '../../../src/load/counts/recorder.ts';
import { Timeline } from '../../../src/load/counts/timeline.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import type { GeneratorCondition } from '../../../src/model/load.ts';
import { GOOD } from '../engine/fakes.ts';

const PLAN: LoadPlan = {
  targets: [{ host: 'foo.localhost', path: '/' }],
  model: { kind: 'closed', concurrency: 1 },
  requests: null,
  durationMs: 1000,
  warmupRequests: 5,
  rampUpMs: 0,
  requestTimeoutMs: 1000,
  seed: 's',
};

/** A load of 1 s in which each of the latencies was measured once. */
function counted(
  latenciesMs: readonly number[],
  startedAt: number,
  generator: Partial<GeneratorCondition> = {},
): CountedLoad {
  const recorder = new Recorder(PLAN.targets);
  for (const serviceMs of latenciesMs) recorder.record(0, { ...GOOD, serviceMs, waitingMs: serviceMs }, 0);
  const measurement: LoadMeasurement = {
    startedAt,
    endedAt: startedAt + 1000,
    durationMs: 1000,
    sentLate: 1,
    notSent: 2,
    sendDelay: null,
    tallies: recorder.snapshot(),
    timeline: new Timeline().snapshot(),
  };
  const condition = {
    cpuShare: 0.2,
    eventLoopUtilization: 0.2,
    eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
    sendDelayMs: null,
    limited: false,
    reason: null,
    ...generator,
  };
  return { measurement, load: loadResult(PLAN, measurement, 2, condition) };
}

function joined(...loads: CountedLoad[]): ReturnType<JoinedLoad['result']> {
  const sum = new JoinedLoad(PLAN);
  for (const load of loads) sum.add(load);
  return sum.result();
}

test('figures are those of all requests together, over the time that was measured', () => {
  const load = joined(counted([1, 2, 3], 1000), counted([4, 5, 6, 7], 10_000));
  expect(load).toMatchObject({
    startedAt: '1970-01-01T00:00:01.000Z',
    endedAt: '1970-01-01T00:00:11.000Z',
    durationSeconds: 2,
    workers: 2,
    sentLate: 2,
    notSent: 4,
    total: { sent: 7, succeeded: 7, requestsPerSecond: 3.5, latencyMs: { avg: 4, min: 1, max: 7 } },
  });
  expect(load?.total.latencyMs?.p50).toBeCloseTo(4, 1);
});

test('of a course over time there is none', () => {
  expect(joined(counted([1], 0))).not.toHaveProperty('timeline');
  expect(joined(counted([1], 0))).not.toHaveProperty('uncertainty');
});

test('nothing is nothing', () => {
  expect(joined()).toBeNull();
});

describe('the generator', () => {
  test.each([
    { name: 'was the limit when it was so most of the time', limited: [true, true, false], expected: true },
    { name: 'was not, when it was so once', limited: [true, false, false], expected: false },
  ])('$name', ({ limited, expected }) => {
    expect(
      joined(
        ...limited.map((each, index) =>
          counted([1], index * 1000, { limited: each, reason: each ? 'No pause.' : null }),
        ),
      )?.generator,
    ).toMatchObject({ limited: expected, reason: expected ? 'No pause.' : null });
  });
});
