import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpSenderSettings } from '../../../src/adapters/engine/http-target.ts';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import { openSender } from '../../../src/adapters/engine/open-sender.ts';
import { KeptAnswer } from '../../../src/load/journeys/kept-answer.ts';
import { createRandom } from '../../../src/load/random.ts';
import type { LoadPlan, Target } from '../../../src/load/requests/plan.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';
import type { Outcome, Sender } from '../../../src/load/sender.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import { plan } from '../../load/engine/fakes.ts';
import { type RawServer, sendOne } from './http-servers.ts';
import { openedServers } from './opened.ts';
import { type FrameConnection, frameServer } from './http2-servers.ts';
import { AUTHORITY, overTls, tlsServer } from './tls-servers.ts';

const { opened, serve } = openedServers();

/** A proper server, as Node.js has it. */
async function properServer(
  onStream: (stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>) => void,
  settings: object = {},
): Promise<RawServer & { readonly sessions: () => number }> {
  const { certificates, privateKey } = await (await AUTHORITY).issue(['foo.localhost', 'bar.localhost']);
  const server = createSecureServer({ cert: certificates, key: privateKey, settings });
  const sessions = new Set<{ destroy(): void }>();
  let count = 0;
  server.on('session', (session) => {
    count += 1;
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    onStream(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return serve(
    Promise.resolve({
      port: (server.address() as AddressInfo).port,
      accepted: () => count,
      sessions: () => sessions.size,
      async [Symbol.asyncDispose]() {
        sessions.forEach((session) => {
          session.destroy();
        });
        await new Promise((resolve) => server.close(resolve));
      },
    }),
  );
}

const answerFoo = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200 });
  stream.end('foo');
};

const TARGETS: readonly Target[] = [{ host: 'foo.localhost', scheme: 'https', path: '/a?b=c', expectedText: 'foo' }];

function open(endpoint: Endpoint, changes: Partial<HttpSenderSettings> = {}): Sender {
  const sender = openSender({
    endpoint,
    targets: TARGETS,
    connections: 4,
    requestTimeoutMs: 5000,
    httpVersion: 2,
    ...changes,
  });
  opened.push(() => sender.close());
  return sender;
}

const good = { status: 200, failure: null, retried: false, bytes: 3 };
const all = (sender: Sender, users: number): Promise<Outcome[]> =>
  Promise.all(Array.from({ length: users }, (_, user) => sendOne(sender, user)));

describe('over HTTP/2', () => {
  test('a request is what it is over HTTP/1.1, and the connection is kept', async () => {
    const seen: unknown[] = [];
    const server = await properServer((stream, headers) => {
      seen.push([headers[':method'], headers[':scheme'], headers[':authority'], headers[':path']]);
      answerFoo(stream);
    });
    const sender = open(await overTls(server));
    expect(await sendOne(sender)).toMatchObject({ ...good, handshake: { resumed: false } });
    expect(await sendOne(sender)).toMatchObject({ ...good, handshake: null });
    expect(seen).toEqual(Array(2).fill(['GET', 'https', 'foo.localhost', '/a?b=c']));
    expect(server.accepted()).toBe(1);
  });

  test('a scenario sends its method, headers, body and values', async () => {
    const seen: unknown[] = [];
    const server = await properServer((stream, headers) => {
      let body = '';
      stream.on('data', (bytes: Buffer) => (body += bytes.toString()));
      stream.on('end', () => {
        seen.push([headers[':method'], headers[':path'], headers['x-id'], body]);
        stream.respond({ ':status': 201 });
        stream.end();
      });
    });
    const { targets } = parseScenario(
      'requests: [{method: POST, path: "/{{int 7 7}}", headers: {X-Id: "{{choice a}}"}, body: "n={{int 5 5}}", expect: {status: 201}}]',
    );
    const sender = open(await overTls(server), {
      targets: targets.map((target) => ({ ...target, host: 'foo.localhost', scheme: 'https' })),
    });
    expect(await sendOne(sender)).toMatchObject({ status: 201, failure: null });
    expect(seen).toEqual([['POST', '/7', 'a', 'n=5']]);
  });

  test('a step of a journey sends its cookies, and its answer is kept', async () => {
    const seen: unknown[] = [];
    const server = await properServer((stream, headers) => {
      seen.push([headers[':path'], headers['cookie']]);
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'], location: '/next' });
      stream.end('{"id": 7}');
    });
    const step: Target = {
      host: 'foo.localhost',
      scheme: 'https',
      path: '/{{next}}',
      step: true,
      content: { method: 'GET', path: [{ kind: 'value', name: 'next', as: 'path' }], headers: [], body: null },
    };
    const answer = new KeptAnswer();
    answer.begin(true);
    const values = {
      ...createRandom('test'),
      answer,
      named: () => 'https://foo.localhost/cart?x=1',
      cookie: (path: string) => `for=${path}`,
      asked: '',
    };
    const sender = open(await overTls(server), { targets: [step] });
    const outcome = await new Promise<Outcome>((resolve) => {
      sender.send(0, 0, resolve, values);
    });
    expect(outcome).toMatchObject({ status: 200, failure: null });
    expect([seen, values.asked]).toEqual([[['/cart?x=1', 'for=/cart?x=1']], '/cart?x=1']);
    expect(answer.body.text).toBe('{"id": 7}');
    expect(answer.fields).toEqual(
      expect.arrayContaining([
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['location', '/next'],
      ]),
    );
  });

  test('users share a connection as far as they are told, and each host has its own', async () => {
    const server = await properServer(answerFoo);
    const targets = [...TARGETS, { ...TARGETS[0], host: 'bar.localhost' } as Target];
    const sender = open(await overTls(server), { connections: 5, streams: 2, targets });
    for (const target of [0, 1, 0, 1])
      expect(await Promise.all([0, 1, 2, 3, 4].map((user) => sendOne(sender, user, target)))).toEqual(
        Array(5).fill(expect.objectContaining(good)),
      );
    expect(server.accepted()).toBe(2 * 3);
  });

  test('a connection whose answer took long was not idle', async () => {
    const now = performance.now.bind(performance);
    let passed = 0;
    performance.now = () => now() + passed;
    try {
      const server = await properServer((stream) => {
        passed += 10_000;
        answerFoo(stream);
      });
      const post: Target = {
        ...TARGETS[0],
        content: { method: 'POST', path: ['/'], headers: [], body: null },
      } as Target;
      const sender = open(await overTls(server), { targets: [post], requestTimeoutMs: 3_600_000 });
      await new Promise<void>((resolve) => {
        const send = (left: number): void => {
          const next = (): void => {
            if (left === 0) resolve();
            else send(left - 1);
          };
          sender.send(0, 0, next, createRandom('test'));
        };
        send(3);
      });
      expect(server.accepted()).toBe(1);
      passed += 10_000;
      expect(await sendOne(sender)).toMatchObject(good);
      expect(server.accepted()).toBe(2);
    } finally {
      performance.now = now;
    }
  });

  test('large answers are read whole', async () => {
    const large = 3_000_000;
    const server = await properServer((stream) => {
      stream.respond({ ':status': 200, 'content-length': large });
      stream.end(Buffer.alloc(large, 'foo '));
    });
    const sender = open(await overTls(server), { streams: 4 });
    expect(await all(sender, 4)).toEqual(Array(4).fill(expect.objectContaining({ ...good, bytes: large })));
  });

  test('wrong answers have the classes that they have over HTTP/1.1', async () => {
    const server = await properServer((stream, headers) => {
      const status = Number(String(headers[':path']).slice(1));
      stream.respond({ ':status': status });
      stream.end(status === 200 ? 'bar' : '');
    });
    const targets = [200, 302, 503].map((status): Target => ({
      host: 'foo.localhost',
      scheme: 'https',
      path: `/${String(status)}`,
      expectedText: 'foo',
    }));
    const sender = open(await overTls(server), { targets });
    expect([await sendOne(sender, 0, 0), await sendOne(sender, 0, 1), await sendOne(sender, 0, 2)]).toMatchObject([
      { failure: 'wrong-answer' },
      { failure: 'redirect' },
      { failure: 'http-status' },
    ]);
  });
});

describe('a server that ends things', () => {
  const PROTOCOL_ERROR = 1;
  const INTERNAL_ERROR = 2;
  const REFUSED_STREAM = 7;

  /** What becomes of one request, and of the one after it. */
  async function two(
    first: (connection: FrameConnection, stream: number) => void,
    changes: Partial<HttpSenderSettings> = {},
  ): Promise<[Outcome, Outcome, connections: number]> {
    const server = await serve(
      frameServer((connection, stream, index, connections) => {
        if (index === 0 && connections === 0) first(connection, stream);
        else connection.answer(stream, 'foo');
      }),
    );
    const sender = open(await overTls(server), { requestTimeoutMs: 500, ...changes });
    return [await sendOne(sender), await sendOne(sender), server.accepted()];
  }

  test.each<[string, (connection: FrameConnection, stream: number) => void, object, connections: number]>([
    [
      'a stream (internal error)',
      (c, id) => {
        c.reset(id, INTERNAL_ERROR);
      },
      { failure: 'reset' },
      1,
    ],
    [
      'a stream that it refused',
      (c, id) => {
        c.reset(id, REFUSED_STREAM);
      },
      { failure: 'reset' },
      1,
    ],
    [
      'a stream as no HTTP/2',
      (c, id) => {
        c.reset(id, PROTOCOL_ERROR);
      },
      { failure: 'protocol' },
      1,
    ],
    [
      'a stream within its body',
      (c, id) => {
        c.begin(id, 'fo');
        c.reset(id, INTERNAL_ERROR);
      },
      { failure: 'reset', status: 0, bytes: 2 },
      1,
    ],
    [
      'a stream within its body, without an error',
      (c, id) => {
        c.begin(id, 'foo');
        c.reset(id, 0);
      },
      { failure: 'reset', status: 0 },
      1,
    ],
    [
      'the connection',
      (c) => {
        c.socket.destroy();
      },
      { failure: 'reset' },
      2,
    ],
    [
      'the connection within a body',
      (c, id) => {
        c.begin(id, 'fo');
        setTimeout(() => c.socket.destroy(), 30);
      },
      { failure: 'reset', status: 0 },
      2,
    ],
    ['nothing and stays silent', () => undefined, { failure: 'timeout' }, 2],
    [
      'with a frame that is too long',
      (c) => {
        c.frame(0, 0, 1, Buffer.alloc(20_000));
      },
      { status: 0 },
      2,
    ],
    [
      'with headers that can not be read',
      (c, id) => {
        c.frame(1, 4, id, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]));
      },
      { status: 0 },
      2,
    ],
    [
      'with what is no HTTP/2',
      (c) => {
        c.socket.write('HTTP/1.1 200 OK\r\n\r\n');
      },
      { status: 0 },
      2,
    ],
    [
      'with GOAWAY and an error',
      (c) => {
        c.goAway(0x7fffffff, INTERNAL_ERROR);
        c.socket.end();
      },
      { failure: 'reset' },
      2,
    ],
  ])('%s: counted, and the next request is right', async (_, first, expected, connections) => {
    const [failed, next, accepted] = await two(first);
    expect(failed).toMatchObject(expected);
    expect(next).toMatchObject(good);
    expect(accepted).toBe(connections);
  });

  test('GOAWAY before a request was worked on: it is sent once more over a fresh connection', async () => {
    const [first, next, accepted] = await two((connection) => {
      connection.goAway(0, 0);
    });
    expect(first).toMatchObject({ ...good, retried: true });
    expect(next).toMatchObject({ ...good, handshake: null });
    expect(accepted).toBe(2);
  });

  test('GOAWAY after it: the answer still comes, and the next request goes over a fresh connection', async () => {
    const [first, next, accepted] = await two((connection, stream) => {
      connection.goAway(stream, 0);
      setTimeout(() => {
        connection.answer(stream, 'foo');
      }, 30);
    });
    expect(first).toMatchObject(good);
    expect(next).toMatchObject({ ...good, retried: false });
    expect(accepted).toBe(2);
  });

  test('a request that has had its time does not hold up those that share its connection', async () => {
    const server = await serve(
      frameServer((connection, stream, index) => {
        if (index > 0) connection.answer(stream, 'foo');
      }),
    );
    const sender = open(await overTls(server), { streams: 4, requestTimeoutMs: 300 });
    const late = sendOne(sender, 0);
    await sleep(50);
    for (let i = 0; i < 3; i++) expect(await sendOne(sender, 1)).toMatchObject(good);
    expect(await late).toMatchObject({ failure: 'timeout' });
    expect(await sendOne(sender, 0)).toMatchObject(good);
    expect(server.accepted()).toBe(1);
  });

  test('a limit of streams that comes later makes requests wait, and loses none', async () => {
    const server = await serve(
      frameServer((connection, stream) => {
        setTimeout(() => {
          connection.answer(stream, 'foo');
        }, 5);
      }, 2),
    );
    const sender = open(await overTls(server), { connections: 8, streams: 8 });
    expect(await all(sender, 8)).toEqual(Array(8).fill(expect.objectContaining(good)));
    expect(await all(sender, 8)).toEqual(Array(8).fill(expect.objectContaining(good)));
    expect(server.accepted()).toBe(1);
  });

  /** More than the few of a usual run: `FUZZ_RUNS=2000 npm test -- engine/http2`. */
  const RUNS = Number(process.env['FUZZ_RUNS'] ?? 25);

  test('whatever it does, every request has one outcome, and a right answer is never made up', async () => {
    const deeds = ['answer', 'late', 'reset', 'refuse', 'cut', 'go', 'gone', 'lie', 'half'] as const;
    let script: readonly (typeof deeds)[number][] = [];
    let at = 0;
    const server = await serve(
      frameServer((connection, stream) => {
        switch (script[at++ % Math.max(1, script.length)]) {
          case 'late':
            setTimeout(() => {
              connection.answer(stream, 'foo');
            }, 10);
            return;
          case 'reset':
            connection.reset(stream, INTERNAL_ERROR);
            return;
          case 'refuse':
            connection.reset(stream, REFUSED_STREAM);
            return;
          case 'cut':
            connection.socket.destroy();
            return;
          case 'go':
            connection.goAway(stream, 0);
            connection.answer(stream, 'foo');
            return;
          case 'gone':
            connection.goAway(Math.max(0, stream - 2), 0);
            return;
          case 'lie':
            connection.answer(stream + 2, 'foo');
            return;
          case 'half':
            connection.begin(stream, 'f');
            connection.reset(stream, INTERNAL_ERROR);
            return;
          default:
            connection.answer(stream, 'foo');
        }
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...deeds), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (given, streams) => {
          script = given;
          at = 0;
          const sender = openSender({
            endpoint: await overTls(server),
            targets: TARGETS,
            connections: 4,
            requestTimeoutMs: 200,
            httpVersion: 2,
            streams,
          });
          const outcomes = [...(await all(sender, 4)), ...(await all(sender, 4))];
          await sender.close();
          for (const { status, failure, bytes } of outcomes) {
            expect((status === 200) === (failure === null)).toBe(true);
            if (failure === null) expect(bytes).toBe(3);
          }
        },
      ),
      { numRuns: RUNS },
    );
  }, 60_000);
});

describe('a load over HTTP/2', () => {
  const load = (changes: Partial<LoadPlan> = {}): LoadPlan =>
    plan({
      targets: TARGETS,
      requests: 400,
      warmupRequests: 8,
      model: { kind: 'closed', concurrency: 8 },
      httpVersion: 2,
      streams: 4,
      ...changes,
    });
  const entry = new URL('./load-worker-entry.js', import.meta.url);

  test.each([1, 2])(
    'from %p threads is sent and counted whole',
    async (workers) => {
      const server = await properServer(answerFoo);
      const { load: result } = await sendCountedLoad(load(), { endpoint: await overTls(server), workers, entry });
      expect(result.total).toMatchObject({ sent: 400, succeeded: 400, failed: 0 });
      expect(result).toMatchObject({ http2: { streams: 4 }, total: { tlsHandshakes: { count: 2, inWindow: 0 } } });
      // One more to see what is offered.
      expect(server.accepted()).toBe(3);
    },
    30_000,
  );

  test('under GOAWAY after every tenth request none is lost', async () => {
    const server = await serve(
      frameServer((connection, stream, index) => {
        if (index === 9) connection.goAway(stream, 0);
        connection.answer(stream, 'foo');
      }),
    );
    const { load: result } = await sendCountedLoad(load(), { endpoint: await overTls(server), workers: 1, entry });
    const { sent, succeeded, failed } = result.total;
    expect([sent, succeeded + failed, failed]).toEqual([400, 400, 0]);
    expect(server.accepted()).toBeGreaterThan(30);
  }, 30_000);

  const refused = async (given: LoadPlan, endpoint: Endpoint): Promise<unknown> =>
    sendCountedLoad(given, { endpoint, workers: 1, entry }).catch((error: unknown) => error);

  test('is refused where the server does not offer it', async () => {
    const server = await serve(tlsServer(undefined, { ALPNProtocols: ['http/1.1'] }));
    expect(await refused(load(), await overTls(server))).toMatchObject({
      code: 'http2-not-offered',
      message: expect.stringContaining('does not offer HTTP/2'),
    });
    const silent = await serve(tlsServer());
    expect(await refused(load(), await overTls(silent))).toMatchObject({ code: 'http2-not-offered' });
  });

  test('is refused for a host of plain HTTP, and where users would wait for a stream', async () => {
    const server = await properServer(answerFoo, { maxConcurrentStreams: 3 });
    const endpoint = await overTls(server);
    expect(await refused(load({ targets: [{ host: 'foo.localhost', path: '/' }] }), endpoint)).toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('foo.localhost is loaded over plain HTTP'),
    });
    expect(await refused(load(), endpoint)).toMatchObject({
      code: 'input-invalid',
      message: 'streams is 4, but https://foo.localhost allows 3 on a connection.',
    });
  });
});
