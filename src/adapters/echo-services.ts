import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { z } from 'zod';
import { type Endpoint, LOOPBACK, onLoopback } from '../model/endpoint.ts';
import { createAuthority } from './certificates.ts';
import { commandEnvironment } from './commands/environment.ts';
import { answerOf } from '../model/answer.ts';

const START_DEADLINE_MS = 10_000;

/** Follows the time of an echo service that handles one request at a time. */
export const IN_TURN = 'in-turn';

/** An argument of the process: its proxy uses TLS, with a certificate of the run for the hosts. */
export const OVER_TLS = 'over-tls';

export interface EchoServices {
  /** Of the proxy in front of the services. */
  readonly ingress: Endpoint;
  stop(): Promise<void>;
}

const started = z.object({ port: z.int(), authority: z.string().optional() });

/**
 * Starts one echo service per host behind a proxy that routes by the Host header, in a separate process: in this one
 * they would share the event loop with the load generator.
 *
 * @param program the file that calls `serveEchoServices` when started with these arguments.
 */
export async function startEchoServices(program: string, args: readonly string[]): Promise<EchoServices> {
  const child = fork(program, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: commandEnvironment() });
  const exited = once(child, 'exit');
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal: deadline }),
      exited.then(() => Promise.reject(new Error('The echo services exited immediately.'))),
    ])) as [unknown];
    const { port, authority } = answerOf('The process of the echo services', started, message);
    const tls = authority === undefined ? {} : { tls: { port, authorities: [authority], unverified: [] } };
    return {
      ingress: { ...onLoopback(port), ...tls },
      stop: async () => {
        // The child exits when this side of the channel is gone, for whatever reason.
        if (child.connected) child.disconnect();
        await exited;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/**
 * The other process: serves until the process that started it is gone.
 *
 * @param given hosts, each optionally with a delay in milliseconds: `foo.localhost=2`; or with the time of each request
 * when it handles one at a time and so has a capacity: `foo.localhost=5,in-turn`. `over-tls` makes the services use
 * HTTPS.
 * @param work is done by a service before each answer; a bench uses it for a known time.
 */
export async function serveEchoServices(
  given: readonly string[],
  work: (host: string) => void = () => undefined,
): Promise<void> {
  const asked = given.filter((each) => each !== OVER_TLS);
  const services = new Map<string, number>();
  const servers: NetServer[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: NetServer): Promise<number> => {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    servers.push(server);
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  for (const each of asked) {
    const [host = '', how = '0'] = each.split('=');
    const [ms = '0', order] = how.split(',');
    const text = `${host.split('.')[0] ?? host}\n`;
    const answer = order === IN_TURN ? answerInTurn(Number(ms), text) : answerAfter(Number(ms), text);
    const server = createServer((incoming, response) => {
      work(host);
      answer(incoming, response);
    });
    services.set(host, await listen(server));
  }
  const [first, ...others] = services.keys();
  const secure =
    given.includes(OVER_TLS) && first !== undefined ? await secureEntry([first, ...others], services) : null;
  const port = await listen(secure?.server ?? createServer(routeByHost(services)));
  const gone = once(process, 'disconnect');
  process.send?.({ port, ...(secure === null ? {} : { authority: secure.authority }) });
  await gone;
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
}

/** The proxy over TLS; it offers HTTP/2. The key of its certificate stays in this process. */
async function secureEntry(
  hosts: readonly [string, ...string[]],
  services: ReadonlyMap<string, number>,
): Promise<{ readonly server: NetServer; readonly authority: string }> {
  const authority = await createAuthority('k8s-loadtest-ci try');
  const { certificates, privateKey } = await authority.issue(hosts);
  const server = createSecureServer(
    { cert: certificates, key: privateKey, allowHTTP1: true },
    routeByHost(services) as (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => void,
  );
  // A client that disconnects during a handshake is not an error.
  server.on('tlsClientError', (_: Error, socket: Socket) => socket.destroy());
  server.on('sessionError', () => undefined);
  return { server, authority: authority.certificate };
}

function answerAfter(delayMs: number, text: string): (_: IncomingMessage, response: ServerResponse) => void {
  if (delayMs === 0) return (_, response) => response.end(text);
  return (_, response) => setTimeout(() => response.end(text), delayMs);
}

/** Each request waits for the ones before it, so more than 1000 / ms per second only wait longer. */
function answerInTurn(ms: number, text: string): (_: IncomingMessage, response: ServerResponse) => void {
  let busyUntilMs = 0;
  return (_, response) => {
    const nowMs = performance.now();
    busyUntilMs = Math.max(nowMs, busyUntilMs) + ms;
    setTimeout(() => response.end(text), busyUntilMs - nowMs);
  };
}

/** Headers of one connection, which is a different one behind the proxy; HTTP/2 has none of them (RFC 9113, 8.2.2). */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'proxy-connection']);

/** Without those of the connection and, of HTTP/2, those that begin with a colon. */
const forwarded = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && !OF_THE_CONNECTION.has(name)));

/** What both versions of HTTP have in common. */
type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

function routeByHost(services: ReadonlyMap<string, number>): (incoming: Incoming, outgoing: Outgoing) => void {
  const agent = new Agent({ keepAlive: true });
  return (incoming, outgoing) => {
    const host = String(incoming.headers[':authority'] ?? incoming.headers.host ?? '');
    const port = services.get(host);
    if (port === undefined) {
      outgoing.writeHead(404).end('no such host\n');
      return;
    }
    const headers = { ...forwarded(incoming.headers), host };
    const onward = request(
      { host: LOOPBACK, port, agent, method: incoming.method, path: incoming.url, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, forwarded(answer.headers));
        answer.pipe(outgoing);
      },
    );
    onward.once('error', () => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    });
    incoming.pipe(onward);
  };
}
