import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { type Endpoint, LOOPBACK, onLoopback } from '../model/endpoint.ts';
import { commandEnvironment } from './commands/environment.ts';
import { answerOf } from '../model/answer.ts';

const START_DEADLINE_MS = 10_000;

/** What stands behind the time of an echo service that answers one request after the other. */
export const IN_TURN = 'in-turn';

export interface EchoServices {
  /** Of the proxy in front of the services. */
  readonly ingress: Endpoint;
  stop(): Promise<void>;
}

const started = z.object({ port: z.int() });

/**
 * Starts one echo service a host behind a proxy that routes by the Host header, in a process of
 * their own: in this one they would share the event loop with the load generator.
 *
 * @param program the file that calls `serveEchoServices` when it is started with these arguments.
 */
export async function startEchoServices(program: string, args: readonly string[]): Promise<EchoServices> {
  const child = fork(program, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: commandEnvironment() });
  const exited = once(child, 'exit');
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal: deadline }),
      exited.then(() => Promise.reject(new Error('The echo services ended at once.'))),
    ])) as [unknown];
    const { port } = answerOf('The process of the echo services', started, message);
    return {
      ingress: onLoopback(port),
      stop: async () => {
        // The child ends by itself when this side of the channel is gone, however it went.
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
 * The other process: serves until the one that started it is gone.
 *
 * @param asked hosts, each optionally with the milliseconds by which it answers later: `foo.localhost=2`; or with those that each
 *   request takes when it answers one after the other, and so has a capacity: `foo.localhost=5,in-turn`.
 * @param work is done by a service before each answer; a bench gives its services a known time with it.
 */
export async function serveEchoServices(
  asked: readonly string[],
  work: (host: string) => void = () => undefined,
): Promise<void> {
  const services = new Map<string, number>();
  const servers: Server[] = [];
  const listen = async (server: Server): Promise<number> => {
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
  const port = await listen(createServer(routeByHost(services)));
  const gone = once(process, 'disconnect');
  process.send?.({ port });
  await gone;
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
}

function answerAfter(delayMs: number, text: string): (_: IncomingMessage, response: ServerResponse) => void {
  if (delayMs === 0) return (_, response) => response.end(text);
  return (_, response) => setTimeout(() => response.end(text), delayMs);
}

/** Each request has a time of its own, after those of the ones before it: more than 1000 / ms per second only wait longer. */
function answerInTurn(ms: number, text: string): (_: IncomingMessage, response: ServerResponse) => void {
  let busyUntilMs = 0;
  return (_, response) => {
    const nowMs = performance.now();
    busyUntilMs = Math.max(nowMs, busyUntilMs) + ms;
    setTimeout(() => response.end(text), busyUntilMs - nowMs);
  };
}

function routeByHost(
  services: ReadonlyMap<string, number>,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const agent = new Agent({ keepAlive: true });
  return (incoming, outgoing) => {
    const port = services.get(incoming.headers.host ?? '');
    if (port === undefined) {
      outgoing.writeHead(404).end('no such host\n');
      return;
    }
    const { method, url: path, headers } = incoming;
    const onward = request({ host: LOOPBACK, port, agent, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once('error', () => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    });
    incoming.pipe(onward);
  };
}
