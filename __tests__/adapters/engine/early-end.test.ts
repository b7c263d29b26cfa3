import { expect, test } from '@jest/globals';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { loadResult } from '../../../src/model/load.ts';
import { plan } from '../../load/engine/fakes.ts';
import { onRequest, rawServer } from './http-servers.ts';

const entry = new URL('./load-worker-entry.js', import.meta.url);
const SERVER_ERROR = 'HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n';

test.each([
  [1, { requests: null, durationMs: 60_000 }],
  [2, { requests: null, durationMs: 60_000 }],
  [1, { requests: 1_000_000_000, durationMs: null }],
])(
  '%p workers end a load of %j when they are told to',
  async (workers, length) => {
    await using server = await rawServer((socket) => {
      onRequest(socket, () => setTimeout(() => socket.write(SERVER_ERROR), 5));
    });
    const looks: number[] = [];
    const { load } = await sendCountedLoad(plan(length), {
      endpoint: onLoopback(server.port),
      workers,
      entry,
      endsEarly: ({ total }) => looks.push(total.failed) > 1,
    });
    expect(loadResult.parse(load).notSent).toBe(0);
    expect(looks).toHaveLength(2);
    const { sent, failed, cancelled = 0 } = load.total;
    expect(sent).toBe(failed);
    expect(failed).toBeGreaterThanOrEqual(looks[1] ?? Infinity);
    expect(cancelled).toBeLessThanOrEqual(4);
  },
  60_000,
);
