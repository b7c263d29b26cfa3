import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { createAuthority } from '../../../src/adapters/certificates.ts';
import { openFastSender } from '../../../src/adapters/engine/connection.ts';
import type { HttpSenderSettings } from '../../../src/adapters/engine/http-target.ts';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import type { Target } from '../../../src/load/requests/plan.ts';
import type { Sender } from '../../../src/load/sender.ts';
import { type Endpoint, onLoopback } from '../../../src/model/endpoint.ts';
import { plan } from '../../load/engine/fakes.ts';
import { closedPort, OK, onRequest, type RawServer, rawServer, sendOne } from './http-servers.ts';
import { openedServers } from './opened.ts';
import { answerOk, AUTHORITY, overTls, type TlsServer, tlsServer } from './tls-servers.ts';

const { opened, serve } = openedServers();

const https = (...hosts: string[]): Target[] => hosts.map((host) => ({ host, scheme: 'https', path: '/' }));

function open(endpoint: Endpoint, targets: readonly Target[], changes: Partial<HttpSenderSettings> = {}): Sender {
  const sender = openFastSender({ endpoint, targets, connections: 2, requestTimeoutMs: 5000, ...changes });
  opened.push(() => sender.close());
  return sender;
}

const good = { status: 200, failure: null, retried: false };
const handshake = { ms: expect.any(Number) as unknown, resumed: false };

describe('over TLS', () => {
  test('the host is the name that is asked for, and the connection is kept', async () => {
    const heads: string[] = [];
    const protocols: unknown[] = [];
    const server = await serve(
      tlsServer(
        (socket) => {
          protocols.push(socket.alpnProtocol);
          onRequest(socket, (head) => {
            heads.push(head);
            socket.write(OK);
          });
        },
        { ALPNProtocols: ['h2', 'http/1.1'] },
      ),
    );
    const sender = open(await overTls(server), [
      { host: 'foo.localhost:8443', scheme: 'https', path: '/a?b=c', expectedText: 'foo' },
    ]);
    expect(await sendOne(sender)).toMatchObject({ ...good, bytes: 3, handshake });
    expect(await sendOne(sender)).toMatchObject({ ...good, bytes: 3, handshake: null });
    expect([server.names, protocols]).toEqual([['foo.localhost'], ['http/1.1']]);
    expect(heads[1]).toMatch(/^GET \/a\?b=c HTTP\/1\.1\r\nhost: foo\.localhost:8443\r\n/);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken', async (version) => {
    const server = await serve(tlsServer(answerOk, { minVersion: version, maxVersion: version }));
    const sender = open(await overTls(server), https('foo.localhost'));
    expect(await sendOne(sender)).toMatchObject(good);
    expect(await sendOne(sender)).toMatchObject(good);
    expect(server.accepted()).toBe(1);
  });

  test('each user keeps a connection for each host, and one for all hosts of plain HTTP', async () => {
    const secure = await serve(tlsServer());
    const plain = await serve(
      rawServer((socket) => {
        onRequest(socket, () => socket.write(OK));
      }),
    );
    const endpoint = { ...(await overTls(secure)), port: plain.port };
    const targets: Target[] = [
      ...https('foo.localhost', 'bar.localhost'),
      { host: 'foo.localhost', path: '/' },
      { host: 'bar.localhost', path: '/' },
      { host: 'foo.localhost', scheme: 'https', path: '/other' },
    ];
    const sender = open(endpoint, targets);
    for (const user of [0, 1, 0, 1])
      for (const target of targets.keys()) expect(await sendOne(sender, user, target)).toMatchObject(good);
    expect(plain.accepted()).toBe(2);
    expect([...secure.names].sort()).toEqual(['bar.localhost', 'bar.localhost', 'foo.localhost', 'foo.localhost']);
  });

  test('beyond 20 hosts two share a connection, which is opened anew for each', async () => {
    const server = await serve(tlsServer());
    const hosts = Array.from({ length: 21 }, (_, index) => `h${String(index)}.h.localhost`);
    const sender = open(await overTls(server), https(...hosts), { connections: 1 });
    for (const target of [...hosts.keys(), 0, 1, 20])
      expect(await sendOne(sender, 0, target)).toMatchObject({ ...good, status: 200 });
    expect(server.names).toEqual([...hosts, 'h0.h.localhost', 'h20.h.localhost']);
  });

  test('a user that comes back resumes its session, others do not share it', async () => {
    const server = await serve(
      tlsServer((socket) => {
        onRequest(socket, () => socket.write(OK.replace('Content', 'Connection: close\r\nContent')));
      }),
    );
    const sender = open(await overTls(server), https('foo.localhost'));
    const resumed: unknown[] = [];
    for (const user of [0, 0, 1, 1]) resumed.push((await sendOne(sender, user)).handshake?.resumed);
    expect(resumed).toEqual([false, true, false, true]);
  });

  test('a request that crossed the closing of an idle connection is sent again', async () => {
    const server = await serve(
      tlsServer((socket, index) => {
        onRequest(socket, (_, request) => {
          if (index === 0 && request === 1) socket.destroy();
          else socket.write(OK);
        });
      }),
    );
    const sender = open(await overTls(server), https('foo.localhost'));
    await sendOne(sender);
    await sleep(80);
    expect(await sendOne(sender)).toMatchObject({ ...good, retried: true, handshake: { resumed: true } });
  });

  test('where nothing speaks it, it is not asked for', () => {
    expect(() => open(onLoopback(80), https('foo.localhost'))).toThrow(
      "https://foo.localhost can't be loaded at 127.0.0.1:80: no HTTPS port is known there",
    );
  });
});

describe('what is wrong with the server has a class', () => {
  const ended = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) };

  /** Every request that got through: what is refused must not learn of headers that may be secret. */
  async function refused(server: TlsServer, endpoint: Endpoint, host = 'foo.localhost'): Promise<void> {
    const sender = open(endpoint, https(host));
    expect(await sendOne(sender)).toMatchObject({ status: 0, failure: 'tls', handshake: null });
    expect(await sendOne(sender)).toMatchObject({ status: 0, failure: 'tls' });
  }

  function silent(): [requests: string[], onConnection: (socket: TLSSocket) => void] {
    const requests: string[] = [];
    return [
      requests,
      (socket) => {
        onRequest(socket, (head) => requests.push(head));
      },
    ];
  }

  test('a certificate that has run out, also of an authority that is trusted', async () => {
    const authority = await createAuthority('ended', ended);
    const { certificates: cert, privateKey: key } = await authority.issue(['foo.localhost']);
    const [requests, onConnection] = silent();
    const server = await serve(tlsServer(onConnection, { cert, key }));
    await refused(server, await overTls(server, { authorities: [authority.certificate] }));
    expect(requests).toEqual([]);
  });

  test('a certificate for other names', async () => {
    const [requests, onConnection] = silent();
    const server = await serve(tlsServer(onConnection));
    await refused(server, await overTls(server), 'other.localhost');
    expect(requests).toEqual([]);
  });

  test('a certificate of an authority that nobody knows', async () => {
    const [requests, onConnection] = silent();
    const server = await serve(tlsServer(onConnection));
    await refused(server, await overTls(server, { authorities: [] }));
    expect(requests).toEqual([]);
  });

  test('but the host that is said to be used without is used', async () => {
    const server = await serve(tlsServer());
    const endpoint = await overTls(server, { authorities: [], unverified: ['foo.localhost', 'other.localhost'] });
    const sender = open(endpoint, https('Foo.localhost', 'other.localhost', 'bar.localhost'));
    expect(await sendOne(sender, 0, 0)).toMatchObject(good);
    expect(await sendOne(sender, 0, 1)).toMatchObject(good);
    expect(await sendOne(sender, 0, 2)).toMatchObject({ failure: 'tls' });
  });

  test.each<[string, (socket: Socket) => void, object]>([
    ['plain HTTP in the place of TLS', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), { failure: 'tls' }],
    [
      'a fatal alert',
      (socket) => socket.once('data', () => socket.write(Buffer.from('15030300020228', 'hex'))),
      { failure: 'tls' },
    ],
    ['an end before the handshake', (socket) => socket.destroy(), { failure: 'reset' }],
    ['a handshake that is never answered', () => undefined, { failure: 'timeout' }],
  ])('%s', async (_, onConnection, expected) => {
    const server = await serve(rawServer(onConnection));
    const sender = open(await overTls(server), https('foo.localhost'), { requestTimeoutMs: 300 });
    expect(await sendOne(sender)).toMatchObject({ status: 0, handshake: null, ...expected });
  });

  test('a port on which nothing listens', async () => {
    const sender = open(await overTls({ port: await closedPort() }), https('foo.localhost'));
    expect(await sendOne(sender)).toMatchObject({ failure: 'refused' });
  });

  test('a version of TLS that is too old', async () => {
    const server = await serve(
      tlsServer(answerOk, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
    );
    const sender = open(await overTls(server), https('foo.localhost'));
    expect(await sendOne(sender)).toMatchObject({ failure: 'tls' });
  });
});

/** A way to a server on which the bytes of both directions can be cut and damaged. */
async function wire(port: number, forth: (chunk: Buffer, socket: Socket) => void): Promise<RawServer> {
  return serve(
    rawServer((client) => {
      const server = connect(port, '127.0.0.1');
      client.on('data', (chunk) => server.write(chunk));
      server.on('data', (chunk) => {
        forth(chunk, client);
      });
      server.on('error', () => client.destroy());
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
    }),
  );
}

describe('the wire', () => {
  test('an answer that is cut in the middle of a TLS record is a reset', async () => {
    let cut = false;
    const server = await serve(
      tlsServer((socket) => {
        onRequest(socket, (_, index) => {
          cut = index === 1;
          socket.write(OK);
        });
      }),
    );
    const cutting = await wire(server.port, (chunk, client) => {
      if (cut) client.end(chunk.subarray(0, chunk.length - 3));
      else client.write(chunk);
    });
    const sender = open(await overTls(cutting), https('foo.localhost'));
    expect(await sendOne(sender)).toMatchObject(good);
    expect(await sendOne(sender)).toMatchObject({ status: 0, failure: 'reset' });
    cut = false;
    expect(await sendOne(sender)).toMatchObject({ ...good, handshake: { resumed: true } });
  });

  test('a record that was damaged is a failure of TLS, and what comes after it is right again', async () => {
    let damage = false;
    const server = await serve(
      tlsServer((socket) => {
        onRequest(socket, (_, index) => {
          damage = index === 1;
          socket.write(OK);
        });
      }),
    );
    const damaging = await wire(server.port, (chunk, client) => {
      if (damage) chunk[chunk.length - 1] = (chunk[chunk.length - 1] ?? 0) ^ 1;
      client.write(chunk);
    });
    const sender = open(await overTls(damaging), https('foo.localhost'));
    expect(await sendOne(sender)).toMatchObject(good);
    expect(await sendOne(sender)).toMatchObject({ status: 0, failure: 'tls' });
    damage = false;
    expect(await sendOne(sender)).toMatchObject({ ...good, handshake: { resumed: false } });
  });

  /** More than the few of a usual run: `FUZZ_RUNS=5000 npm test -- engine/https`. */
  const RUNS = Number(process.env['FUZZ_RUNS'] ?? 60);

  test('records and packets may end anywhere in an answer', async () => {
    const answer = Buffer.from(
      `HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 10:00:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1f4\r\n${'x'.repeat(500)}\r\n0\r\n\r\n`,
    );
    let pieces: readonly Buffer[] = [answer];
    let packets: readonly number[] = [];
    const server = await serve(
      tlsServer((socket) => {
        onRequest(socket, () => {
          pieces.forEach((piece) => socket.write(piece));
        });
      }),
    );
    const cutting = await wire(server.port, (chunk, client) => {
      client.setNoDelay(true);
      piecesOf(chunk, packets).forEach((piece) => client.write(piece));
    });
    const sender = open(await overTls(cutting), [
      { host: 'foo.localhost', scheme: 'https', path: '/', expectedText: 'hello' },
    ]);
    const cuts = fc.array(fc.integer({ min: 1, max: answer.length - 1 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, cuts, async (records, given) => {
        pieces = piecesOf(answer, records);
        packets = given;
        expect(await sendOne(sender)).toMatchObject({ ...good, bytes: 505 });
      }),
      { numRuns: RUNS },
    );
    expect(server.accepted()).toBe(1);
  });
});

function piecesOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.filter((cut) => cut < bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

test.each([1, 2])('a load over TLS from %p threads is sent and counted whole', async (workers) => {
  const server = await serve(tlsServer());
  const targets: Target[] = https('foo.localhost', 'bar.localhost').map((target) => ({
    ...target,
    expectedText: 'foo',
  }));
  targets.splice(1, 0, { host: 'foo.localhost', scheme: 'https', path: '/other' });
  const { load } = await sendCountedLoad(
    plan({ targets, requests: 500, warmupRequests: 8, model: { kind: 'closed', concurrency: 4 } }),
    {
      endpoint: await overTls(server),
      workers,
      entry: new URL('./load-worker-entry.js', import.meta.url),
    },
  );
  expect(load.total).toMatchObject({ sent: 500, succeeded: 500, failed: 0 });
  // All were opened in the warm-up, where a request to each host comes first.
  expect(server.accepted()).toBe(8);
  expect(load.total.tlsHandshakes).toMatchObject({ count: 8, inWindow: 0, resumed: 0 });
  expect(load.hosts.map(({ tlsHandshakes }) => tlsHandshakes?.count)).toEqual([4, undefined, 4]);
  const { waitingMs, latencyMs } = load.total;
  expect(waitingMs?.p50).toBeLessThanOrEqual(latencyMs?.p50 ?? NaN);
});

test('handshakes in the measured window are told apart', async () => {
  const server = await serve(
    tlsServer((socket) => {
      onRequest(socket, () => socket.write(OK.replace('Content', 'Connection: close\r\nContent')));
    }),
  );
  const { load } = await sendCountedLoad(
    plan({
      targets: https('foo.localhost'),
      requests: 6,
      warmupRequests: 1,
      model: { kind: 'closed', concurrency: 1 },
    }),
    { endpoint: await overTls(server), workers: 1, entry: '' },
  );
  expect(load.total.tlsHandshakes).toMatchObject({ count: 7, inWindow: 6, resumed: 6 });
});

test('the time to the first byte is that of the answer, not of its end or of the connecting', async () => {
  const server = await serve(
    rawServer((socket) => {
      onRequest(socket, () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n');
        setTimeout(() => socket.write('foo'), 120);
      });
    }),
  );
  const sender = open(onLoopback(server.port), [{ host: 'foo.localhost', path: '/' }]);
  const { waitingMs, serviceMs } = await sendOne(sender);
  expect(serviceMs - waitingMs).toBeGreaterThan(100);
});

test('the authority of the tests stays the same', async () => {
  expect((await AUTHORITY).certificate).toContain('BEGIN CERTIFICATE');
});
