import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openUndiciSender } from '../../../bench/undici-dispatch.ts';
import { openFastSender } from '../../../src/adapters/engine/connection.ts';
import type { Outcome, Sender } from '../../../src/load/sender.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { answers, brokenAnswers } from '../../load/http1/http1-messages.ts';
import { onRequest, type RawServer, rawServer, sendOne } from './http-servers.ts';

/** More than the few hundred of a usual run: `FUZZ_RUNS=50000 npm test -- http-oracle`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500);

/** What the server answers, in pieces, and whether it closes the connection then. */
let script = { pieces: [] as Buffer[], close: true };
let server: RawServer;
beforeAll(async () => {
  server = await rawServer((socket) => {
    onRequest(socket, () => {
      script.pieces.forEach((piece) => socket.write(piece));
      if (script.close) socket.end();
    });
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

type Open = typeof openFastSender;

async function withSender<T>(open: Open, requestTimeoutMs: number, use: (sender: Sender) => Promise<T>): Promise<T> {
  const targets = [{ host: 'foo.localhost', path: '/', expectedText: 'f' }];
  const sender = open({ endpoint: onLoopback(server.port), targets, connections: 1, requestTimeoutMs });
  try {
    return await use(sender);
  } finally {
    await sender.close();
  }
}

const ask = async (open: Open): Promise<Pick<Outcome, 'status' | 'failure' | 'bytes'>> =>
  withSender(open, 10_000, async (sender) => {
    const { status, failure, bytes } = await sendOne(sender);
    // How much of a broken body was seen before its fault is a matter of taste.
    return { status, failure, bytes: status === 0 ? 0 : bytes };
  });

/** Where the parser leaves llhttp on purpose; see its docstring. */
function differsOnPurpose(text: string): boolean {
  return (
    hasUnendedChunk(text) ||
    [
      /HTTP\/\d\.\d 10[01]/, // 100 and 101
      /^[^]*HTTP\/\d\.\d 1\d\d[^]*(close|HTTP\/1\.0 1)/i, // an interim answer that ends the connection
      /HTTP\/\d\.\d (204|304)/, // no body, whatever the header says
      /\r(?!\n)/, // a bare CR
      /\n(?!HTTP)[^\n:]*[ \t][^\n:]*(:|$)|\n:/, // a name that is empty or has a blank
      /[^\r\n]\r?\nHTTP(?!\/\d\.\d )[^\n:]*[ \t][^\n:]*(:|$)/, // the same, where such a name begins like a status line
      /\n[0-9a-f]+[; \t][^\n]*\r/i, // extensions of a chunk
      /HTTP\/\d\.\d (?!\d{0,3}$|[1-9]\d\d[^\d])/, // a status that is not three digits
      /\n(content-length|transfer-encoding)[^\n]*\n?$/i, // an end within a field that is judged when it is over
      /\t/, // a tab as white space
      /\ncontent-length:[^\n]*[ \t]\r?\n[ \t]/i, // a length that goes on after a blank
      /encoding:[^\n]*(,\s*,|,\s*\r|:\s*,)/i, // empty elements of a list
    ].some((pattern) => pattern.test(text))
  );
}

/** llhttp skips the two bytes after a chunk unread; they are to be a line end. */
function hasUnendedChunk(text: string): boolean {
  return [...text.matchAll(/\n\r?\n/g)].some((headerEnd) => {
    let at = headerEnd.index + headerEnd[0].length;
    for (;;) {
      const size = /^([0-9a-f]+)\r\n/i.exec(text.slice(at));
      const length = parseInt(size?.[1] ?? '0', 16);
      if (size === null || length === 0) return false;
      at += size[0].length + length + 2;
      if (!'\r\n'.startsWith(text.slice(at - 2, at))) return true;
    }
  });
}

function pieces(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places
    .slice(1)
    .map((end, i) => bytes.subarray(places[i], end))
    .filter((piece) => piece.length > 0);
}

test('the fast sender sees in any answer what undici sees', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(answers, brokenAnswers), fc.array(fc.nat(), { maxLength: 3 }), async (text, cuts) => {
      fc.pre(!differsOnPurpose(text));
      script = { pieces: pieces(text, cuts), close: true };
      const expected = await ask(openUndiciSender);
      expect(await ask(openFastSender)).toEqual(expected);
      compared += 1;
    }),
    { numRuns: RUNS },
  );
  expect(compared).toBeGreaterThanOrEqual(RUNS);
}, 600_000);

test('the fast sender keeps a connection when undici keeps it', async () => {
  const reconnects = async (open: Open): Promise<number> =>
    withSender(open, 250, async (sender) => {
      const before = server.accepted();
      await sendOne(sender);
      // undici gives a server a turn of the event loop to say that it meant to close.
      await new Promise((resolve) => setTimeout(resolve, 2));
      await sendOne(sender);
      return server.accepted() - before;
    });
  const complete = /content-length|chunked/i;
  await fc.assert(
    fc.asyncProperty(answers, async (text) => {
      fc.pre(complete.test(text) && !differsOnPurpose(text));
      script = { pieces: [Buffer.from(text, 'latin1')], close: false };
      const expected = await reconnects(openUndiciSender);
      expect(await reconnects(openFastSender)).toBe(expected);
    }),
    { numRuns: Math.ceil(RUNS / 20) },
  );
}, 600_000);
