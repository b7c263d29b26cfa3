import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generateLoad } from '../../load/engine/generate.ts';
import type { LoadPlan, Target } from '../../load/requests/plan.ts';
import { type Endpoint, LOOPBACK, onLoopback } from '../../model/endpoint.ts';
import { createAuthority } from '../certificates.ts';
import { systemClock } from '../clock.ts';
import { openSender } from './open-sender.ts';
import { hostName } from './tls-connect.ts';

/**
 * Many short loads teach V8 more than a long one, because it discards code compiled for the objects of the first load
 * at the second.
 */
const LOADS = 20;
const REQUESTS = 500;
const CONNECTIONS = 10;
/** The open model rehearses its timers, too; fast enough to be over soon. */
const RATE_PER_SECOND = 20_000;
/** A server's header changes once a second, and only then is it parsed byte by byte. */
const ANSWERS_OF_ONE_DATE = 4 * CONNECTIONS;
/**
 * A load starts a timer every millisecond. Timers of 1 ms, 2 ms and so on rehearse as many of them in one go as a load
 * of some seconds has.
 */
const TIMERS = 20;
const LONGEST_RAMP_MS = 5;
/** Ends a load, and the whole rehearsal, on a machine that is too busy for more. */
const LONGEST_LOAD_MS = 100;
const LONGEST_MS = 1000;

/**
 * Sends the requests of a plan to a server in this thread for about a second and discards the answers. V8 first
 * interprets a program and compiles what turns out to be hot. A load of some thousand requests would be over before
 * that, and the CPU for it would be missing to the system under test. The rehearsal never fails; without it, the load
 * is only a little less exact.
 *
 * @returns how many requests had a right answer.
 */
export async function rehearse(plan: LoadPlan, signal: AbortSignal | undefined): Promise<number> {
  try {
    return await rehearseLoads(plan, signal);
  } catch {
    // If something is wrong with the plan or the machine, the load itself reports it better.
    return 0;
  }
}

async function rehearseLoads(plan: LoadPlan, signal: AbortSignal | undefined): Promise<number> {
  const first = rightAnswer(plan.targets, 0);
  const second = rightAnswer(plan.targets, 1);
  let sent = 0;
  const nextAnswer = (): Buffer => (sent++ % (2 * ANSWERS_OF_ONE_DATE) < ANSWERS_OF_ONE_DATE ? first : second);
  const serve = (socket: Socket): void => {
    // The engine sends one request at a time, usually in one piece; one in two pieces is answered twice, which the
    // engine tolerates.
    socket.on('data', () => socket.write(nextAnswer()));
    socket.on('error', () => socket.destroy());
  };
  await using servers = await listen(plan, serve);
  const endMs = systemClock.now() + LONGEST_MS;
  const over = new AbortController();
  const timers = Array.from({ length: TIMERS }, (_, index) => tick(index + 1, over.signal));
  let answered = 0;
  try {
    for (let load = 0; load < LOADS && systemClock.now() < endMs && signal?.aborted !== true; load++)
      answered += await sendOnce(plan, servers.endpoint, signal);
    return answered;
  } finally {
    over.abort();
    await Promise.all(timers);
  }
}

/** Servers for every protocol that the targets use. */
async function listen(
  { targets, httpVersion }: LoadPlan,
  serve: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly endpoint: Endpoint }> {
  const secure = targets.filter(({ scheme }) => scheme === 'https');
  const servers = [createServer({ noDelay: true }, serve)];
  if (secure.length > 0)
    servers.push(httpVersion === 2 ? await http2Server(rightBody(targets)) : await tlsServer(serve));
  for (const server of servers) {
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
  }
  const [port = NaN, tlsPort] = servers.map(portOf);
  return {
    endpoint: {
      ...onLoopback(port),
      ...(tlsPort === undefined
        ? {}
        : { tls: { port: tlsPort, authorities: [], unverified: secure.map(({ host }) => hostName(host)) } }),
    },
    [Symbol.asyncDispose]: () => {
      servers.forEach((server) => server.close());
      return Promise.resolve();
    },
  };
}

async function http2Server(body: string): Promise<Server> {
  const { certificates, privateKey } = await (await createAuthority('rehearsal')).issue(['localhost']);
  const server = createSecureServer({ cert: certificates, key: privateKey });
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 });
    stream.end(body);
  });
  server.on('sessionError', () => undefined);
  return server;
}

/** Its certificate covers no host of the load; it is checked anyway, like that of the system under test. */
async function tlsServer(serve: (socket: Socket) => void): Promise<Server> {
  const { certificates, privateKey } = await (await createAuthority('rehearsal')).issue(['localhost']);
  const server = createTlsServer({ cert: certificates, key: privateKey, noDelay: true }, serve);
  // A load that ends during a handshake is not an error.
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

async function tick(everyMs: number, over: AbortSignal): Promise<void> {
  while (!over.aborted) await systemClock.sleep(everyMs);
}

async function sendOnce(plan: LoadPlan, endpoint: Endpoint, signal: AbortSignal | undefined): Promise<number> {
  const model =
    plan.model.kind === 'open'
      ? { ...plan.model, ratePerSecond: RATE_PER_SECOND, concurrency: CONNECTIONS }
      : { ...plan.model, concurrency: CONNECTIONS };
  const rehearsal = {
    ...plan,
    model,
    requests: REQUESTS,
    durationMs: LONGEST_LOAD_MS,
    warmupRequests: CONNECTIONS,
    rampUpMs: Math.min(plan.rampUpMs, LONGEST_RAMP_MS),
    ...(plan.journeys === undefined ? {} : { journeys: undefined }),
    ...(plan.stages === undefined ? {} : { stages: undefined }),
  };
  const sender = openSender({
    endpoint,
    targets: plan.targets,
    connections: CONNECTIONS,
    requestTimeoutMs: LONGEST_LOAD_MS,
    httpVersion: plan.httpVersion,
    streams: plan.streams,
  });
  try {
    return (await generateLoad(rehearsal, sender, systemClock, { signal })).total.succeeded;
  } finally {
    await sender.close();
  }
}

/**
 * Contains every expected text, because the usual path through the engine is to be rehearsed, not that of wrong
 * answers.
 */
function rightAnswer(targets: readonly Target[], second: number): Buffer {
  const body = rightBody(targets);
  const date = new Date(second * 1000).toUTCString();
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ndate: ${date}\r\nconnection: keep-alive\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}

const rightBody = (targets: readonly Target[]): string =>
  targets.map(({ expectedText = 'ok' }) => expectedText).join('\n');

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : NaN;
}
