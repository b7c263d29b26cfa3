import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { download, type DownloadSettings } from '../../../src/adapters/commands/download.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { type InstantClock, instantClock } from '../../fakes/github/instant-clock.ts';
import { closedPort } from '../engine/http-servers.ts';

const CONTENT = Buffer.alloc(300_000, 'content of a tool\n');
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

const folder = temporaryFolders();
const before = { ...process.env };
const servers: Server[] = [];
let file: string;
let clock: InstantClock;
let retries: string[];

beforeEach(() => {
  process.env = { ...before };
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy'])
    for (const variable of [name, name.toUpperCase()]) Reflect.deleteProperty(process.env, variable);
  file = join(folder(), 'file');
  clock = instantClock();
  retries = [];
});

afterEach(() => {
  process.env = { ...before };
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A server that gives the answers in their order, and the last one from then on. */
async function serve(...answers: readonly Answer[]): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    answers[Math.min(asked.length, answers.length - 1)]?.(response, request);
    asked.push(request.url ?? '');
  };
  return { url: `http://127.0.0.1:${String(await listen(createServer(listener)))}/tool`, asked };
}

const whole: Answer = (response) => response.end(CONTENT);
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end('<html>no</html>');
const cut: Answer = (response) => {
  response.writeHead(200, { 'content-length': CONTENT.length });
  response.write(CONTENT.subarray(0, 1000), () => response.destroy());
};
const silence: Answer = (response) => {
  response.writeHead(200, { 'content-length': CONTENT.length });
  response.write(CONTENT.subarray(0, 1000));
};

const fetched = (url: string, changes: Partial<DownloadSettings> = {}): Promise<string> =>
  download(url, file, {
    clock,
    signal: new AbortController().signal,
    onRetry: (why) => retries.push(why),
    ...changes,
  });

describe('a download', () => {
  test('is in the file, byte for byte, and its checksum is known', async () => {
    const { url } = await serve(whole);
    expect(await fetched(url)).toBe(SHA256);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
    expect(retries).toEqual([]);
  });

  test('is not unpacked on its way, whatever the server says that it is', async () => {
    const { url } = await serve((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(CONTENT));
    expect(await fetched(url)).toBe(SHA256);
  });

  const passing = [
    { name: 'a bad gateway', answers: [status(502), status(503), whole], why: 'Unexpected HTTP response: 50' },
    { name: 'too many requests', answers: [status(429), whole], why: 'Unexpected HTTP response: 429' },
    { name: 'a body that breaks off', answers: [cut, whole], why: '' },
    {
      name: 'a connection that breaks off',
      answers: [(response: ServerResponse) => response.destroy(), whole],
      why: '',
    },
    { name: 'a body that stalls', answers: [silence, whole], why: 'nothing has arrived for 1 s' },
    { name: 'an answer that does not come', answers: [() => undefined, whole], why: 'nothing has arrived for 1 s' },
  ];
  test.each(passing)('is asked for again after $name', async ({ answers, why }) => {
    const stalledAfterMs = why.startsWith('nothing') ? 1000 : undefined;
    const { url, asked } = await serve(...answers);
    expect(await fetched(url, { stalledAfterMs })).toBe(SHA256);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
    expect(asked).toHaveLength(answers.length);
    expect(retries).toHaveLength(answers.length - 1);
    for (const retry of retries) expect(retry).toContain(why);
    expect(retries[0]).toMatch(/; retrying in 2 s$/);
  });

  test('is given up after five attempts, each after a longer pause, and leaves no file', async () => {
    const { url, asked } = await serve(cut);
    await expect(fetched(url)).rejects.toThrow(/\S/);
    expect(asked).toHaveLength(5);
    expect(clock.sleeps).toEqual([2000, 4000, 8000, 16_000]);
    expect(existsSync(file)).toBe(false);
  });

  test('from where nobody listens says so', async () => {
    const port = String(await closedPort());
    await expect(fetched(`http://127.0.0.1:${port}/`)).rejects.toThrow(/ECONNREFUSED/);
    await expect(fetched(`http://localhost:${port}/`)).rejects.toThrow(/ECONNREFUSED/);
  });

  test.each([
    { after: '9', pauseMs: 9000 },
    { after: '1', pauseMs: 2000 },
    { after: '86400', pauseMs: 60_000 },
    { after: 'Mon, 30 Nov 2026 07:00:00 GMT', pauseMs: 2000 },
  ])('that is asked to wait for $after s does so within reason', async ({ after, pauseMs }) => {
    const { url } = await serve(status(429, { 'retry-after': after }), whole);
    expect(await fetched(url)).toBe(SHA256);
    expect(clock.sleeps).toEqual([pauseMs]);
  });

  test.each([404, 403, 401, 410, 304])('that gets the status %p is not asked for again', async (code) => {
    const { url, asked } = await serve(status(code));
    await expect(fetched(url)).rejects.toThrow(`Unexpected HTTP response: ${String(code)}`);
    expect(asked).toHaveLength(1);
  });

  (existsSync('/dev/full') ? test : test.skip)(
    'that can not be kept as the disk is full is not asked for again',
    async () => {
      const { url, asked } = await serve(whole);
      symlinkSync('/dev/full', file);
      await expect(fetched(url)).rejects.toThrow(/ENOSPC/);
      expect(asked).toHaveLength(1);
      expect(existsSync(file)).toBe(false);
    },
  );

  test('ends at once when the run is cancelled, in a body as in a pause', async () => {
    for (const answer of [silence, status(503)]) {
      const cancel = new AbortController();
      const { url } = await serve((response, request) => {
        answer(response, request);
        setImmediate(() => {
          cancel.abort(new Error('stop'));
        });
      });
      const patient = { ...clock, sleep: (_: number, signal?: AbortSignal) => untilAborted(signal) };
      await expect(fetched(url, { signal: cancel.signal, clock: patient })).rejects.toThrow(/^stop$/);
      expect(existsSync(file)).toBe(false);
    }
  });
});

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) throw new Error('a pause without a signal');
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

describe('a redirect', () => {
  test('is followed, also to a path and to another host', async () => {
    const { url: end } = await serve(whole);
    const { url, asked } = await serve(status(302, { location: '/elsewhere' }), status(307, { location: end }));
    expect(await fetched(url)).toBe(SHA256);
    expect(asked).toEqual(['/tool', '/elsewhere']);
  });

  test('that comes again and again is not followed for ever', async () => {
    const { url, asked } = await serve(status(301, { location: '/tool' }));
    await expect(fetched(url)).rejects.toThrow('it is redirected more than 10 times');
    expect(asked).toHaveLength(11);
  });
});

/** A proxy that leads every host to a port of this machine, when whoever asks knows the password. */
async function startProxy(port: () => number): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer((_, response) => response.writeHead(400).end());
  proxy.on('connect', (request: IncomingMessage, client: Socket) => {
    client.on('error', () => undefined);
    asked.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
    if (request.url === 'forbidden.example:80') {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const inner = connect(port(), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(inner).pipe(client);
    });
    inner.on('error', () => client.destroy());
  });
  return { port: await listen(proxy), asked };
}

describe('a proxy that the environment names', () => {
  test.each(['http_proxy', 'HTTP_PROXY'])('in %s is asked for the host, with its password', async (variable) => {
    const { url } = await serve(whole);
    const proxy = await startProxy(() => Number(new URL(url).port));
    process.env[variable] = `http://me:p%40ss@127.0.0.1:${String(proxy.port)}`;
    expect(await fetched('http://tools.example/tool')).toBe(SHA256);
    expect(proxy.asked).toEqual([`tools.example:80 Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  });

  test('is asked again for the host of a redirect, unless that is in no_proxy', async () => {
    const { url: inside, asked } = await serve(whole);
    const { url } = await serve(
      status(302, { location: 'http://files.example/tool' }),
      status(302, { location: inside }),
    );
    const proxy = await startProxy(() => Number(new URL(url).port));
    process.env['http_proxy'] = `http://127.0.0.1:${String(proxy.port)}`;
    process.env['no_proxy'] = '127.0.0.1';
    expect(await fetched('http://tools.example/tool')).toBe(SHA256);
    expect(proxy.asked.map((line) => line.trim())).toEqual(['tools.example:80', 'files.example:80']);
    expect(asked).toHaveLength(1);
  });

  test('that refuses is told', async () => {
    const proxy = await startProxy(() => 0);
    process.env['http_proxy'] = `http://127.0.0.1:${String(proxy.port)}`;
    await expect(fetched('http://forbidden.example/tool')).rejects.toThrow(/403/);
  });
});
