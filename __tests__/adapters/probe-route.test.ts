import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openUndiciSender } from '../../bench/undici-dispatch.ts';
import { openFastSender } from '../../src/adapters/engine/connection.ts';
import type { HttpSenderSettings } from '../../src/adapters/engine/http-target.ts';
import { probeRoute } from '../../src/adapters/probe-route.ts';
import { createRandom } from '../../src/load/random.ts';
import type { Outcome, Sender } from '../../src/load/sender.ts';
import { onLoopback } from '../../src/model/endpoint.ts';
import { answering, closedPort, OK, onRequest, rawServer, sendOne } from './engine/http-servers.ts';
import { openedServers } from './engine/opened.ts';

const { opened, serve } = openedServers();

type Create = (settings: HttpSenderSettings) => Sender;

function connect(create: Create, port: number, overrides: Partial<HttpSenderSettings> = {}): Sender {
  const targets = [{ host: 'foo.localhost', path: '/a?b=c', expectedText: 'foo' }];
  const sender = create({ endpoint: onLoopback(port), targets, connections: 1, requestTimeoutMs: 5000, ...overrides });
  opened.push(() => sender.close());
  return sender;
}

const outcome = (changes: Partial<Outcome>): Outcome => ({
  status: 0,
  bytes: 0,
  failure: null,
  retried: false,
  handshake: null,
  ...changes,
  serviceMs: expect.any(Number) as unknown as number,
  waitingMs: expect.any(Number) as unknown as number,
});

describe.each([
  ['the fast sender', openFastSender],
  ['the undici sender', openUndiciSender],
])('%s', (_, create) => {
  test('asks 127.0.0.1 for the path, with the Host header of the target', async () => {
    const heads: string[] = [];
    const { port } = await serve(
      rawServer((socket) => {
        onRequest(socket, (head) => {
          heads.push(head);
          socket.write(OK);
        });
      }),
    );
    expect(await sendOne(connect(create, port))).toEqual(outcome({ status: 200, bytes: 3 }));
    expect(heads).toHaveLength(1);
    expect(heads[0]).toMatch(/^GET \/a\?b=c HTTP\/1\.1\r\nhost: foo\.localhost\r\nconnection: keep-alive/i);
  });

  test('keeps its connection', async () => {
    const server = await serve(answering(OK));
    const sender = connect(create, server.port);
    for (let i = 0; i < 50; i++) expect((await sendOne(sender)).failure).toBeNull();
    expect(server.accepted()).toBe(1);
  });

  test('takes Connection: close for what it is', async () => {
    const server = await serve(
      rawServer((socket) => {
        onRequest(socket, () => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nfoo'));
      }),
    );
    const sender = connect(create, server.port);
    for (let i = 0; i < 5; i++) expect(await sendOne(sender)).toEqual(outcome({ status: 200, bytes: 3 }));
    expect(server.accepted()).toBe(5);
  });

  test.each([
    ['a good answer', OK, outcome({ status: 200, bytes: 3 })],
    [
      'an error status',
      'HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nfoo',
      outcome({ status: 503, bytes: 3, failure: 'http-status' }),
    ],
    [
      'a redirect with the text',
      'HTTP/1.1 301 Moved\r\nContent-Length: 3\r\n\r\nfoo',
      outcome({ status: 301, bytes: 3, failure: 'redirect' }),
    ],
    [
      "another host's text",
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbar',
      outcome({ status: 200, bytes: 3, failure: 'wrong-answer' }),
    ],
    [
      'chunks that cut the text',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfo\r\n1\r\no\r\n0\r\n\r\n',
      outcome({ status: 200, bytes: 3 }),
    ],
    [
      'a text after the first 4 KiB',
      `HTTP/1.1 200 OK\r\nContent-Length: 5003\r\n\r\n${'-'.repeat(5000)}foo`,
      outcome({ status: 200, bytes: 5003, failure: 'wrong-answer' }),
    ],
    ['something that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', outcome({ failure: 'protocol' })],
    [
      'a switch of protocols that was not asked for',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      outcome({ failure: 'protocol' }),
    ],
  ])('%s is counted as what it is', async (_name, bytes, expected) => {
    const { port } = await serve(answering(bytes));
    expect(await sendOne(connect(create, port))).toEqual(expected);
  });

  test('without an expected text any good status is right', async () => {
    const { port } = await serve(answering('HTTP/1.1 204 No Content\r\n\r\n'));
    const sender = connect(create, port, { targets: [{ host: 'h', path: '/' }] });
    expect(await sendOne(sender)).toEqual(outcome({ status: 204 }));
  });

  test('a closed port is refused', async () => {
    const sender = connect(create, await closedPort());
    expect(await sendOne(sender)).toEqual(outcome({ failure: 'refused' }));
    expect(await sendOne(sender)).toEqual(outcome({ failure: 'refused' }));
  });

  test.each([
    ['without an answer', '', 0],
    ['in the status line', 'HTTP/1.1 20', 0],
    ['in the headers', 'HTTP/1.1 200 OK\r\nContent-', 0],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfoo', 3],
    ['in the last body of a connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nfoo', 3],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfoo', 3],
  ])(
    'a connection that is closed %s is a reset, and the next request gets a new one',
    async (_name, bytes, received) => {
      const { port } = await serve(
        rawServer((socket, connection) => {
          onRequest(socket, () => {
            if (connection > 0) socket.write(OK);
            else socket.end(bytes);
          });
        }),
      );
      const sender = connect(create, port);
      expect(await sendOne(sender)).toEqual(outcome({ failure: 'reset', bytes: received }));
      expect(await sendOne(sender)).toEqual(outcome({ status: 200, bytes: 3 }));
    },
  );

  test('a reset by RST is a reset', async () => {
    const { port } = await serve(
      rawServer((socket) => {
        onRequest(socket, () => socket.resetAndDestroy());
      }),
    );
    expect(await sendOne(connect(create, port))).toEqual(outcome({ failure: 'reset' }));
  });

  test.each([
    ['nothing comes', ''],
    ['the headers stop', 'HTTP/1.1 200 OK\r\n'],
    ['the body stops', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfoo'],
  ])('the deadline holds for the whole request: %s', async (_name, bytes) => {
    const { port } = await serve(
      rawServer((socket, connection) => {
        onRequest(socket, () => socket.write(connection > 0 ? OK : bytes));
      }),
    );
    const sender = connect(create, port, { requestTimeoutMs: 100 });
    expect(await sendOne(sender)).toMatchObject({ status: 0, failure: 'timeout' });
    expect(await sendOne(sender)).toEqual(outcome({ status: 200, bytes: 3 }));
  });

  test('the deadline holds when the answer trickles in byte by byte', async () => {
    const { port } = await serve(
      rawServer((socket) => {
        const trickle = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => {
          clearInterval(trickle);
        });
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n');
      }),
    );
    expect(await sendOne(connect(create, port, { requestTimeoutMs: 100 }))).toMatchObject({ failure: 'timeout' });
  });

  test('a request that crosses the closing of an idle connection is sent again once, and counted', async () => {
    // What a race looks like to the client: the connection ends when a request comes after a pause.
    const server = await serve(
      rawServer((socket, connection) => {
        onRequest(socket, (_head, request) => {
          if (connection === 0 && request === 1) socket.destroy();
          else socket.write(OK);
        });
      }),
    );
    const sender = connect(create, server.port);
    await sendOne(sender);
    await sleep(100);
    expect(await sendOne(sender)).toEqual(outcome({ status: 200, bytes: 3, retried: true }));
    expect(server.accepted()).toBe(2);
  });

  test('a request on a busy connection is not sent again', async () => {
    const server = await serve(
      rawServer((socket) => {
        onRequest(socket, (_head, request) => {
          if (request === 1) socket.destroy();
          else socket.write(OK);
        });
      }),
    );
    const sender = connect(create, server.port);
    await sendOne(sender);
    expect(await sendOne(sender)).toEqual(outcome({ failure: 'reset' }));
  });

  test('a request is not sent a third time', async () => {
    const server = await serve(
      rawServer((socket, connection) => {
        onRequest(socket, (_head, request) => {
          if (connection === 0 && request === 0) socket.write(OK);
          else socket.destroy();
        });
      }),
    );
    const sender = connect(create, server.port);
    await sendOne(sender);
    await sleep(100);
    expect(await sendOne(sender)).toEqual(outcome({ failure: 'reset', retried: true }));
  });

  test('a connection that the server has closed in a pause is opened again', async () => {
    const closed: Promise<unknown>[] = [];
    const server = await serve(
      rawServer((socket) => {
        closed.push(once(socket, 'close'));
        onRequest(socket, () => {
          socket.write(OK);
          setTimeout(() => socket.end(), 20);
        });
      }),
    );
    const sender = connect(create, server.port);
    for (let i = 0; i < 3; i++) {
      expect(await sendOne(sender)).toEqual(outcome({ status: 200, bytes: 3 }));
      // The end of the other side comes only after this one has seen that of the server.
      await Promise.all(closed);
      await sleep(1);
    }
    expect(server.accepted()).toBe(3);
  });

  test('done is never called before send returns', async () => {
    const sender = connect(create, await closedPort());
    let returned = false;
    const seen = new Promise<boolean>((resolve) => {
      sender.send(
        0,
        0,
        () => {
          resolve(returned);
        },
        createRandom('test'),
      );
    });
    returned = true;
    expect(await seen).toBe(true);
  });

  test('close ends what is on its way', async () => {
    const server = await serve(rawServer(() => undefined));
    const sender = connect(create, server.port);
    sender.send(
      0,
      0,
      () => {
        throw new Error('called after close');
      },
      createRandom('test'),
    );
    await sleep(50);
    await sender.close();
    await sleep(20);
  });

  test.each([
    [{ host: 'a\r\nX: y', path: '/' }, 'Host header'],
    [{ host: 'a b', path: '/' }, 'Host header'],
    [{ host: '', path: '/' }, 'Host header'],
    [{ host: 'a', path: 'b' }, 'begin with /'],
    [{ host: 'a', path: '/b c' }, 'without spaces'],
    [{ host: 'a', path: '/b\r\nX: y' }, 'without spaces'],
    [{ host: 'a', path: '/ü' }, 'ASCII'],
    [{ host: 'a', path: '/a#b' }, 'without spaces or #'],
  ])('refuses the target %j', (target, message) => {
    expect(() =>
      create({ endpoint: onLoopback(1), targets: [target], connections: 1, requestTimeoutMs: 1000 }),
    ).toThrow(message);
  });
});

describe('probeRoute', () => {
  const probe = { host: 'foo.localhost', path: '/', timeoutMs: 2000 };

  test('returns status and text, whatever the status', async () => {
    const { port } = await serve(answering('HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nbar'));
    expect(await probeRoute({ ...probe, endpoint: onLoopback(port) })).toEqual({
      status: 503,
      location: null,
      text: 'bar',
    });
  });

  test('returns where a redirect leads to, and does not go there', async () => {
    const { port } = await serve(answering('HTTP/1.1 308 No\r\nLocation: https://h/x\r\nContent-Length: 0\r\n\r\n'));
    expect(await probeRoute({ ...probe, endpoint: onLoopback(port) })).toEqual({
      status: 308,
      location: 'https://h/x',
      text: '',
    });
  });

  test('reads no more than 64 KiB', async () => {
    const { port } = await serve(answering(`HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`));
    expect((await probeRoute({ ...probe, endpoint: onLoopback(port) })).text).toHaveLength(64 * 1024);
  });

  test('says what was asked when the port is closed', async () => {
    const port = await closedPort();
    await expect(probeRoute({ ...probe, endpoint: onLoopback(port) })).rejects.toThrow(
      `GET / for host foo.localhost at 127.0.0.1:${String(port)} was refused: nothing listens on that port`,
    );
  });

  test('says that the answer was cut off', async () => {
    const { port } = await serve(
      rawServer((socket) => {
        onRequest(socket, () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfoo'));
      }),
    );
    await expect(probeRoute({ ...probe, endpoint: onLoopback(port) })).rejects.toThrow(
      'was cut off before the answer was complete',
    );
  });

  test('says that the time was over', async () => {
    const { port } = await serve(answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfoo'));
    await expect(probeRoute({ ...probe, endpoint: onLoopback(port), timeoutMs: 100 })).rejects.toThrow(
      'got no whole answer in 100 ms',
    );
  });

  test('says that it was not HTTP', async () => {
    const { port } = await serve(answering('SSH-2.0\r\n\r\n'));
    await expect(probeRoute({ ...probe, endpoint: onLoopback(port) })).rejects.toThrow('failed: ');
  });

  test('rejects with the reason of its signal', async () => {
    const { port } = await serve(rawServer(() => undefined));
    const reason = new Error('the run was cancelled');
    const controller = new AbortController();
    const asked = probeRoute({ ...probe, endpoint: onLoopback(port), signal: controller.signal });
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});
