import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { setEnvironmentData } from 'node:worker_threads';
import { type GeneratorSettings, sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import { isLoadWorker } from '../../../src/adapters/engine/load-worker.ts';
import type { LoadCounts } from '../../../src/load/counts/load-counts.ts';
import type { LoadProgress } from '../../../src/load/engine/generate.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { loadResult } from '../../../src/model/load.ts';
import { plan } from '../../load/engine/fakes.ts';
import { answering, OK, onRequest, type RawServer, rawServer } from './http-servers.ts';

const entry = new URL('./load-worker-entry.js', import.meta.url);
const targets = ['foo.localhost', 'bar.localhost'].map((host) => ({ host, path: '/', expectedText: 'foo' }));
/** Meant to be ended by a signal; by itself when a test fails. */
const ENDLESS = plan({ targets, requests: null, durationMs: 20_000 });

let server: RawServer;
beforeEach(async () => {
  server = await answering(OK);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const settings = (changes: Partial<GeneratorSettings> = {}): GeneratorSettings => ({
  endpoint: onLoopback(server.port),
  workers: 1,
  entry,
  ...changes,
});

describe.each([1, 2])('with %p workers', (workers) => {
  test('exactly the requests of the plan are sent and counted', async () => {
    const { load: result } = await sendCountedLoad(
      plan({ targets, requests: 501, warmupRequests: 5 }),
      settings({ workers }),
    );
    expect(loadResult.parse(result)).toEqual(result);
    expect(result).toMatchObject({ workers, notSent: 0, seed: 'seed', model: { kind: 'closed', concurrency: 4 } });
    expect(result.total).toMatchObject({ sent: 501, succeeded: 501, bytesReceived: 1503 });
    expect(result.hosts.reduce((sum, host) => sum + host.sent, 0)).toBe(501);
    expect(result.generator).toMatchObject({ limited: expect.any(Boolean) as unknown, sendDelayMs: null });
    expect(server.accepted()).toBe(4);
  }, 30_000);

  test('the open model keeps its count', async () => {
    const model = { kind: 'open', ratePerSecond: 200, arrivals: 'constant', concurrency: 10 } as const;
    const { load: result } = await sendCountedLoad(
      plan({ targets, model, requests: null, durationMs: 500 }),
      settings({ workers }),
    );
    expect(result.total.sent + result.notSent).toBe(100);
    expect(result.generator?.sendDelayMs).not.toBeNull();
  }, 30_000);

  test('the counts are told from the beginning on, of all workers together', async () => {
    const controller = new AbortController();
    const seen: LoadCounts[] = [];
    const onCounts = (counts: LoadCounts): void => {
      seen.push(counts);
      if (counts.targets.every(({ sent }) => sent > 0)) controller.abort();
    };
    await sendCountedLoad(ENDLESS, settings({ workers, onCounts, signal: controller.signal }));
    const sent = seen.map((counts) => counts.targets.map((target) => target.sent));
    expect(sent[0]).toEqual([0, 0]);
    expect(sent.filter((counts) => counts.every((count) => count === 0))).toHaveLength(1);
    expect(seen.filter(({ inFlight }) => inFlight > 4)).toEqual([]);
  }, 30_000);

  test('a cancelled load returns what was measured', async () => {
    const controller = new AbortController();
    const seen: LoadProgress[] = [];
    const onProgress = (progress: LoadProgress): void => {
      seen.push(progress);
      if (progress.answered > 0) controller.abort();
    };
    const {
      load: { total },
    } = await sendCountedLoad(ENDLESS, settings({ workers, signal: controller.signal, onProgress }));
    expect(seen.filter(({ answered }) => answered > 0)).toHaveLength(1);
    expect(total.sent).toBeGreaterThan(0);
    expect(total).toMatchObject({ sent: total.succeeded, failed: 0 });
  }, 30_000);

  test('nothing waits for the signal of the run after a load, however many loads share it', async () => {
    const { signal } = new AbortController();
    const open = { kind: 'open', ratePerSecond: 200, arrivals: 'constant', concurrency: 10 } as const;
    await sendCountedLoad(plan({ targets, requests: 20 }), settings({ workers, signal }));
    await sendCountedLoad(plan({ targets, model: open, requests: 20 }), settings({ workers, signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }, 30_000);

  test('a load that was cancelled before it began measures nothing', async () => {
    const {
      load: { total },
    } = await sendCountedLoad(plan({ targets }), settings({ workers, signal: AbortSignal.abort() }));
    expect(total.sent).toBe(0);
  }, 30_000);

  test('a target that cannot be requested is an error', async () => {
    const broken = plan({ targets: [{ host: 'a b', path: '/' }] });
    await expect(sendCountedLoad(broken, settings({ workers }))).rejects.toThrow('Host header');
  }, 30_000);
});

test('workers send the next load as well, and new ones replace those that died', async () => {
  const watched = new Int32Array(new SharedArrayBuffer(8));
  setEnvironmentData('watched-workers', watched.buffer);
  const load = (workers: number): Promise<unknown> =>
    sendCountedLoad(
      plan({ targets, requests: 40 }),
      settings({ workers, entry: new URL('./load-worker-watched-entry.js', import.meta.url) }),
    );
  const started = (): number => Atomics.load(watched, 0);

  await load(2);
  await load(2);
  expect(started()).toBe(2);
  await load(3);
  expect(started()).toBe(3);

  Atomics.store(watched, 1, 1);
  await expect(load(3)).rejects.toThrow('ended with code 3');
  Atomics.store(watched, 1, 0);
  await load(2);
  expect(started()).toBe(5);
});

test('a generator that stood still says so', async () => {
  const blockFor = (ms: number): void => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  };
  const controller = new AbortController();
  const standStill = (): void => {
    blockFor(600);
    setTimeout(() => {
      controller.abort();
    }, 300);
  };
  // It stands still in this thread, in which a single worker sends.
  await using asked = await rawServer((socket, index) => {
    if (index === 0) setTimeout(standStill, 100);
    onRequest(socket, () => socket.write(OK));
  });
  const {
    load: { generator },
  } = await sendCountedLoad(ENDLESS, settings({ endpoint: onLoopback(asked.port), signal: controller.signal }));
  expect(generator).toMatchObject({
    limited: true,
    reason: expect.stringMatching(/was blocked|late, and the median|was busy/) as unknown,
  });
});

test('a worker that can not start is an error', async () => {
  const missing = new URL('./no-such-file.js', import.meta.url);
  await expect(sendCountedLoad(plan({ targets }), settings({ workers: 2, entry: missing }))).rejects.toThrow(
    'no-such-file',
  );
});

test('a server that never answers does not hold the load up for longer than the timeout', async () => {
  const silent = await rawServer(() => undefined);
  try {
    const {
      load: { total },
    } = await sendCountedLoad(
      plan({ targets, requests: 4, requestTimeoutMs: 100 }),
      settings({ endpoint: onLoopback(silent.port) }),
    );
    expect(total.failures).toEqual({ timeout: 4 });
  } finally {
    await silent[Symbol.asyncDispose]();
  }
});

test('this thread is no load worker', () => {
  expect(isLoadWorker()).toBe(false);
});
