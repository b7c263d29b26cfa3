import { describe, expect, test } from '@jest/globals';
import { generateLoad, type LoadProgress } from '../../../src/load/engine/generate.ts';
import { loadResult } from '../../../src/model/load.ts';
import { FakeSender, FakeTime, GOOD, plan } from './fakes.ts';

const open = (ratePerSecond: number, concurrency = 4) =>
  ({ kind: 'open', ratePerSecond, arrivals: 'constant', concurrency }) as const;

describe('the closed model', () => {
  test('sends exactly the requests of the plan, as fast as the answers come', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time);
    const result = await generateLoad(plan(), sender, time);
    expect(loadResult.parse(result)).toEqual(result);
    expect(sender.requests).toHaveLength(100);
    expect(result).toMatchObject({ durationSeconds: 0.25, sentLate: 0, notSent: 0 });
    expect(result.total).toMatchObject({
      sent: 100,
      succeeded: 100,
      failed: 0,
      bytesReceived: 300,
      requestsPerSecond: 400,
    });
    expect(result.total.latencyMs).toMatchObject({ min: 10, p50: 10, max: 10 });
    expect(result.hosts.map((host) => host.sent).reduce((a, b) => a + b)).toBe(100);
  });

  test('asks the same hosts in the same order for the same seed, whatever the answers take', async () => {
    const sequence = async (serviceMs: number, seed: string): Promise<number[]> => {
      const time = new FakeTime();
      const sender = new FakeSender(time, () => ({ ...GOOD, serviceMs }));
      await generateLoad(plan({ seed }), sender, time);
      return sender.requests.map((request) => request.target);
    };
    const first = await sequence(10, 'seed');
    expect(await sequence(3, 'seed')).toEqual(first);
    expect(await sequence(10, 'other')).not.toEqual(first);
  });

  test('ends with the duration, and counts what was on its way then', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, () => ({ ...GOOD, serviceMs: 300 }));
    const result = await generateLoad(plan({ requests: null, durationMs: 1000 }), sender, time);
    expect(result.total.sent).toBe(16);
    expect(result).toMatchObject({ durationSeconds: 1, notSent: 0 });
  });

  test('ends with whichever of count and duration comes first', async () => {
    for (const [requests, durationMs, sent, notSent] of [
      [8, 1000, 8, 0],
      [1000, 20, 8, 992],
    ] as const) {
      const time = new FakeTime();
      const result = await generateLoad(plan({ requests, durationMs }), new FakeSender(time), time);
      expect([result.total.sent, result.notSent]).toEqual([sent, notSent]);
    }
  });

  test('warms every connection up and counts none of it', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time);
    const result = await generateLoad(plan({ warmupRequests: 8, requests: 4 }), sender, time);
    expect(sender.requests.slice(0, 8).map(({ connection, target }) => [connection, target])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(sender.requests).toHaveLength(12);
    expect(result.total.sent).toBe(4);
  });

  test('lets users start one after another during the ramp, and counts none of it', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time);
    const result = await generateLoad(plan({ rampUpMs: 400, requests: 40 }), sender, time);
    const firstOf = [0, 1, 2, 3].map((user) => sender.requests.find((request) => request.connection === user)?.atMs);
    expect(firstOf).toEqual([1000, 1100, 1200, 1300]);
    expect(result.total.sent).toBe(40);
    expect(result.rampUpSeconds).toBe(0.4);
    expect(result.durationSeconds).toBeCloseTo(0.1, 1);
  });

  test('counts every failure in its class', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, (_, i) =>
      i % 4 === 0
        ? { ...GOOD, status: 503, failure: 'http-status' }
        : i % 4 === 1
          ? { ...GOOD, status: 0, bytes: 0, failure: 'reset' }
          : i % 4 === 2
            ? { ...GOOD, retried: true }
            : GOOD,
    );
    const { total, hosts } = await generateLoad(plan(), sender, time);
    expect(total).toMatchObject({
      sent: 100,
      succeeded: 50,
      failed: 50,
      successRatio: 0.5,
      failures: { 'http-status': 25, reset: 25 },
      statuses: { '200': 50, '503': 25 },
      retried: 25,
      requestsPerSecond: 300,
    });
    for (const host of hosts) {
      expect(host.sent).toBe(host.succeeded + Object.values(host.failures).reduce((a, b) => a + b, 0));
    }
  });

  test('without any answer there are no latencies', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, () => ({ ...GOOD, status: 0, bytes: 0, failure: 'refused' }));
    const { total } = await generateLoad(plan(), sender, time);
    expect(total).toMatchObject({
      failed: 100,
      successRatio: 0,
      latencyMs: null,
      serviceTimeMs: null,
      requestsPerSecond: 0,
    });
  });
});

/** Every sleep is too long by this time. */
class LateTime extends FakeTime {
  readonly #lateMs: number;

  constructor(lateMs: number) {
    super();
    this.#lateMs = lateMs;
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(ms + this.#lateMs, signal);
  }
}

describe('the open model', () => {
  test('sends at its rate, whatever the answers take', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, () => ({ ...GOOD, serviceMs: 30 }));
    const result = await generateLoad(plan({ model: open(100), requests: null, durationMs: 500 }), sender, time);
    expect(sender.requests.map((request) => request.atMs - 1000)).toEqual(Array.from({ length: 50 }, (_, i) => i * 10));
    expect(result).toMatchObject({ durationSeconds: 0.5, sentLate: 0, notSent: 0 });
  });

  test('counts latency from the intended moment: a stall is felt by all that it held back', async () => {
    const time = new FakeTime();
    // One connection; the first request takes 1 s, all others 1 ms.
    const sender = new FakeSender(time, (_, i) => ({ ...GOOD, serviceMs: i === 0 ? 1000 : 1 }));
    const result = await generateLoad(plan({ model: open(100, 1), requests: 200 }), sender, time);
    expect(result.total.serviceTimeMs).toMatchObject({ p50: 1, p99: 1, max: 1000 });
    // Request n waits 1000 - 9 n ms, so that a quarter waits for more than 550 ms.
    expect(result.total.latencyMs?.p90).toBeGreaterThan(750);
    expect(result.sentLate).toBeGreaterThan(100);
  });

  test('a request that finds a connection before its moment has waited for none', async () => {
    const time = new FakeTime();
    // The last one is due at 2.4 ms and tried at 2.0, half a tick early at most; the only connection is free at 2.2.
    const serviceMs = [0.2, 0.3, 0.9, 0.2];
    const sender = new FakeSender(time, (_, i) => ({ ...GOOD, serviceMs: serviceMs[i] ?? NaN }));
    const result = await generateLoad(plan({ model: open(1250, 1), requests: serviceMs.length }), sender, time);
    expect(sender.requests.at(-1)?.atMs).toBeCloseTo(1002.2, 5);
    expect(result.sentLate).toBe(0);
  });

  test.each([
    ['within a tick of the timer only moves the arrival', 0.9, { p50: 20, p99: 20 }],
    ['by more than a tick counts from the intended moment', 3.5, { p50: 23.5, p99: 23.5 }],
  ])('a request that the generator sends late %s', async (_, lateMs, latencyMs) => {
    const time = new LateTime(lateMs);
    const sender = new FakeSender(time, () => ({ ...GOOD, serviceMs: 20 }));
    // The first one leaves at once.
    const result = await generateLoad(plan({ model: open(10), requests: null, durationMs: 30_000 }), sender, time);
    expect(result.total.serviceTimeMs).toMatchObject({ p50: 20, p99: 20 });
    expect(result.total.latencyMs?.p50).toBeCloseTo(latencyMs.p50, 1);
    expect(result.total.latencyMs?.p99).toBeCloseTo(latencyMs.p99, 1);
  });

  test('counts requests whose time came and went while no connection was free', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, () => ({ ...GOOD, serviceMs: 1000 }));
    const result = await generateLoad(plan({ model: open(100, 2), requests: null, durationMs: 500 }), sender, time);
    expect(result.total.sent).toBe(2);
    expect(result.notSent).toBe(48);
  });

  test('the ramp is not counted, and the rate is whole after it', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time);
    const result = await generateLoad(
      plan({ model: open(100, 8), requests: null, durationMs: 1000, rampUpMs: 1000 }),
      sender,
      time,
    );
    expect(sender.requests).toHaveLength(150);
    expect(result.total.sent).toBe(100);
  });

  test('its figures fit the schema', async () => {
    const time = new FakeTime();
    const result = await generateLoad(
      plan({ model: { ...open(1000), arrivals: 'poisson' } }),
      new FakeSender(time),
      time,
    );
    expect(loadResult.parse(result)).toEqual(result);
    expect(result.total.sent).toBe(100);
  });
});

describe('a load that is cancelled', () => {
  test.each([
    ['closed', { kind: 'closed', concurrency: 4 }],
    ['open', open(100)],
  ] as const)('returns what was measured (%s model)', async (_, model) => {
    const time = new FakeTime();
    const sender = new FakeSender(time, () => ({ ...GOOD, serviceMs: 30 }));
    const controller = new AbortController();
    time.at(100, () => {
      controller.abort();
    });
    const result = await generateLoad(plan({ model, requests: 1000 }), sender, time, { signal: controller.signal });
    const cancelled = result.total.cancelled ?? 0;
    expect(cancelled).toBeGreaterThan(0);
    expect(result.total).toMatchObject({ sent: result.total.succeeded, failed: 0, failures: {} });
    expect(result.total.sent + cancelled).toBe(sender.requests.length);
    expect(result.total.sent + cancelled + result.notSent).toBe(1000);
    expect(result.durationSeconds).toBeCloseTo(0.1, 3);
  });

  test.each([
    ['before it began', 0, { warmupRequests: 0 }],
    ['in the warm-up', 15, { warmupRequests: 100 }],
    ['in the ramp', 15, { rampUpMs: 1000 }],
  ])('%s has measured nothing', async (_, afterMs, overrides) => {
    const time = new FakeTime();
    const controller = new AbortController();
    if (afterMs === 0) controller.abort();
    else
      time.at(afterMs, () => {
        controller.abort();
      });
    const result = await generateLoad(plan(overrides), new FakeSender(time), time, { signal: controller.signal });
    expect(result).toMatchObject({ durationSeconds: 0, notSent: 100 });
    expect(result.total).toMatchObject({ sent: 0, successRatio: null, requestsPerSecond: null });
  });
});

test('progress is reported once a second while requests are measured', async () => {
  const time = new FakeTime();
  const seen: LoadProgress[] = [];
  await generateLoad(plan({ requests: null, durationMs: 3500, warmupRequests: 4 }), new FakeSender(time), time, {
    onProgress: (progress) => seen.push(progress),
  });
  expect(seen.map((progress) => progress.elapsedMs)).toEqual([1000, 2000, 3000]);
  expect(seen[2]?.answered).toBeGreaterThan(1100);
});

test.each([
  [{ requests: null, durationMs: null }, 'neither a count nor a duration'],
  [{ targets: [] }, 'no target'],
  [{ model: { kind: 'closed', concurrency: 0 } }, 'no connection'],
] as const)('a plan without end, target or connection is refused', async (overrides, message) => {
  const time = new FakeTime();
  await expect(generateLoad(plan(overrides), new FakeSender(time), time)).rejects.toThrow(message);
});

test('a sender that breaks its contract ends the load with its error', async () => {
  const time = new FakeTime();
  const sender = new FakeSender(time, () => {
    throw new Error('broken');
  });
  await expect(generateLoad(plan(), sender, time)).rejects.toThrow('broken');
});
