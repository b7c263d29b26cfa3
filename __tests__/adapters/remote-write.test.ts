import { expect, test } from '@jest/globals';
import { openRemoteWrite } from '../../src/adapters/remote-write.ts';
import { remoteWriteBody } from '../../src/load/metrics/remote-write.ts';
import { startPrometheus } from '../fakes/prometheus.ts';

const never = new AbortController().signal;
const body = (value: number) => (): Uint8Array => remoteWriteBody([{ name: 'x', labels: {}, value }], 1000);
const valuesOf = (requests: readonly { readonly series: readonly { readonly value: unknown }[] }[]): unknown[] =>
  requests.flatMap(({ series }) => series.map(({ value }) => value));

test('a push is what the specification of remote write asks for', async () => {
  await using prometheus = await startPrometheus();
  const push = openRemoteWrite(prometheus.port, never);
  expect(await push.finish(body(1))).toBe(true);
  expect(await push.close()).toEqual({ sent: 1, failed: 0, lastError: null });
  expect(prometheus.requests).toMatchObject([
    {
      path: '/api/v1/write',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      series: [{ labels: { __name__: 'x' }, value: 1 }],
    },
  ]);
});

test('while one is on its way only the newest waits, and the last comes after all others', async () => {
  let letGo: () => void = () => undefined;
  const held = new Promise<number>(
    (resolve) =>
      (letGo = () => {
        resolve(204);
      }),
  );
  await using prometheus = await startPrometheus((index) => (index === 0 ? held : 204));
  const push = openRemoteWrite(prometheus.port, never);
  for (const value of [1, 2, 3]) push.offer(body(value));
  const finished = push.finish(body(4));
  letGo();
  expect(await finished).toBe(true);
  expect(await push.close()).toMatchObject({ sent: 3, failed: 0 });
  expect(valuesOf(prometheus.requests)).toEqual([1, 3, 4]);
});

test('one that fails is counted with what Prometheus says, and the last one is tried again', async () => {
  await using prometheus = await startPrometheus((index) => (index === 1 ? 204 : 400));
  const push = openRemoteWrite(prometheus.port, never);
  expect(await push.finish(body(1))).toBe(true);
  expect(await push.finish(body(2))).toBe(false);
  expect(await push.close()).toEqual({
    sent: 1,
    failed: 3,
    lastError: 'Prometheus answered with status 400: out of order sample',
  });
});

test('after five failures in a row only the last one is still tried', async () => {
  await using prometheus = await startPrometheus((index) => (index < 5 ? 500 : 204));
  const push = openRemoteWrite(prometheus.port, never);
  for (let value = 0; value < 8; value += 1) {
    push.offer(body(value));
    await until(() => prometheus.requests.length >= Math.min(5, value + 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await push.finish(body(9))).toBe(true);
  expect(await push.close()).toMatchObject({ sent: 1, failed: 5 });
  expect(valuesOf(prometheus.requests)).toEqual([0, 1, 2, 3, 4, 9]);
});

test('nobody who listens, and a run that was cancelled, are no error', async () => {
  const { port } = await startPrometheus().then(async (prometheus) => {
    await prometheus[Symbol.asyncDispose]();
    return prometheus;
  });
  const push = openRemoteWrite(port, never);
  expect(await push.finish(body(1))).toBe(false);
  expect(await push.close()).toMatchObject({ sent: 0, failed: 2 });
  const cancelled = openRemoteWrite(port, AbortSignal.abort());
  cancelled.offer(body(1));
  expect(await cancelled.finish(body(1))).toBe(false);
  expect(await cancelled.close()).toEqual({ sent: 0, failed: 0, lastError: null });
});

test('what is on its way is cut off by the end', async () => {
  await using prometheus = await startPrometheus(() => new Promise(() => undefined));
  const push = openRemoteWrite(prometheus.port, never);
  push.offer(body(1));
  await until(() => prometheus.requests.length === 1);
  await push.close();
});

async function until(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 1000 && !condition(); look += 1) await new Promise((resolve) => setTimeout(resolve, 5));
}
