import { describe, expect, test } from '@jest/globals';
import { constants, deflateRawSync } from 'node:zlib';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import { thresholdVerdict, evaluateThresholds } from '../../../src/load/thresholds/threshold-results.ts';
import { parseThresholds } from '../../../src/load/thresholds/thresholds.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';
import { type Endpoint, onLoopback } from '../../../src/model/endpoint.ts';
import { type LoadResult, loadResult } from '../../../src/model/load.ts';
import { plan } from '../../load/engine/fakes.ts';
import { overTls } from './tls-servers.ts';
import { type Behaviour, type Peer, webSocketServer } from './web-socket-server.ts';

const entry = new URL('./load-worker-entry.js', import.meta.url);

/** Longer than a busy machine takes for any answer. */
const PATIENT_MS = 20_000;
/** Where the server stays silent. */
const IMPATIENT_MS = 1000;

function chats(webSocket: string, changes: Partial<LoadPlan> = {}, scheme = 'http'): LoadPlan {
  const { targets, journeys, faults } = parseScenario(`journeys:
  - name: talk
    steps:
      - name: chat
        path: /echo?room={{int 1 9}}
        scheme: ${scheme}
        headers: {x-user: me, sec-websocket-protocol: 'chat.v2, chat.v1'}
        websocket: ${webSocket}
`);
  expect(faults).toEqual([]);
  return plan({
    targets: targets.map((target) => ({ ...target, host: 'shop.localhost' })),
    journeys: journeys ?? [],
    requests: 8,
    warmupRequests: 2,
    requestTimeoutMs: PATIENT_MS,
    ...changes,
  });
}

async function talk(behaviour: Behaviour, load: LoadPlan, workers = 1): Promise<LoadResult> {
  await using server = await webSocketServer(behaviour);
  const sent = await sendCountedLoad(load, { endpoint: onLoopback(server.port), workers, entry });
  return sumsUp(sent.load);
}

function sumsUp(load: LoadResult): LoadResult {
  const { total } = loadResult.parse(load);
  expect(total.sent).toBe(total.succeeded + total.failed);
  expect(load.generator).not.toBeNull();
  return load;
}

const PROTOCOL = 'sec-websocket-protocol: chat.v1\r\n';
const echo: Behaviour = {
  head: PROTOCOL,
  onText: (peer, text) => {
    peer.send(text);
  },
};
const onMessage = (number: number, act: (peer: Peer) => void): Behaviour => ({
  head: PROTOCOL,
  onText: (peer, text, index) => {
    if (index === number - 1) act(peer);
    else peer.send(text);
  },
});

describe.each([1, 2])('with %p workers', (workers) => {
  test('each message is answered by itself', async () => {
    const chat = chats('{send: ["hello {{uuid}}", "ünï {{int 1 9}}"], messages: 5}', { percentiles: [95, 99.5] });
    const load = await talk(echo, chat, workers);
    expect(load.total).toMatchObject({ sent: 8, succeeded: 8, statuses: { 101: 8 } });
    expect(load.journeys).toMatchObject([{ completed: 8, failed: 0, problems: [] }]);
    const [step] = load.journeys?.[0]?.steps ?? [];
    expect(step?.webSocket).toMatchObject({ sessions: 8, messagesSent: 40, messagesReceived: 40 });
    const { thresholds } = parseThresholds(`ws_msgs_received: count==40
      ws_msgs_sent{name:chat}: count==40
      ws_round_trip{name:chat}: p(99.5)<20000
      ws_round_trip: max>0
      ws_connecting: p(95)<20000
      ws_session_duration{name:chat}: med>0
      ws_sessions: rate>0
      http_req_failed{name:chat}: rate==0`);
    const results = evaluateThresholds(thresholds, { load, resources: null });
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(thresholdVerdict(results)).toBe('passed');
  }, 30_000);
});

test('in the open model', async () => {
  const load = await talk(
    echo,
    chats('{send: hi, messages: 2, every: 5ms}', {
      model: { kind: 'open', ratePerSecond: 100, arrivals: 'constant', concurrency: 5 },
      requests: 20,
    }),
  );
  expect(load.total).toMatchObject({ sent: 20, succeeded: 20 });
  expect(load.journeys?.[0]).toMatchObject({ completed: 20 });
}, 30_000);

test('the handshake has the host, the headers, the path and the protocols', async () => {
  await using server = await webSocketServer(echo);
  await sendCountedLoad(chats('{send: hi}'), { endpoint: onLoopback(server.port), workers: 1, entry });
  const [asked] = server.asked;
  expect(asked?.headers).toMatchObject({
    host: 'shop.localhost',
    'x-user': 'me',
    'sec-websocket-protocol': 'chat.v2, chat.v1',
    'sec-websocket-version': '13',
  });
  expect(asked?.headers.origin).toBeUndefined();
  expect(asked?.url).toMatch(/^\/echo\?room=[1-9]$/);
}, 30_000);

test('over TLS the name of the host is asked for and its certificate looked at', async () => {
  await using server = await webSocketServer(echo, true);
  const send = async (endpoint: Endpoint): Promise<LoadResult> =>
    sumsUp((await sendCountedLoad(chats('{send: hi}', {}, 'https'), { endpoint, workers: 1, entry })).load);
  const trusted = await send(await overTls(server));
  expect(trusted.total).toMatchObject({ sent: 8, succeeded: 8 });
  expect(trusted.total.tlsHandshakes?.count).toBe(10);
  expect((await send(await overTls(server, { authorities: [] }))).total.failures).toEqual({ tls: 8 });
}, 30_000);

test('messages that the server sends by itself are awaited and counted', async () => {
  const load = await talk(
    {
      head: PROTOCOL,
      onOpen: (peer) => {
        peer.send('welcome');
        peer.send('you are not alone');
      },
      onText: (peer) => {
        peer.send('ok: heard');
      },
    },
    chats('{send: hi, messages: 3, greetings: 2, answer: {text: heard}}'),
  );
  expect(load.total).toMatchObject({ succeeded: 8 });
  expect(load.journeys?.[0]?.steps[0]?.webSocket).toMatchObject({ messagesSent: 24, messagesReceived: 40 });
}, 30_000);

const refusal = (status: string): Behaviour => ({ refuse: `HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n` });

test.each<[string, Behaviour, object, string | null]>([
  ['an opening that is refused', refusal('403 Forbidden'), { 'http-status': 8 }, null],
  ['one that is led elsewhere', refusal('302 Found'), { redirect: 8 }, null],
  ['one that is answered as a plain GET', refusal('200 OK'), { 'http-status': 8 }, null],
  ['one that is no HTTP', { refuse: 'SSH-2.0-OpenSSH_9.6\r\n' }, { protocol: 8 }, null],
  ['one whose connection is closed', { refuse: '' }, { reset: 8 }, null],
  ['one without the protocol that was asked for', {}, { protocol: 8 }, null],
  [
    'another text',
    onMessage(2, (peer) => {
      peer.send('something else');
    }),
    { 'wrong-answer': 8 },
    'message 2 of 3 was not answered by the same text',
  ],
  ['silence', onMessage(3, () => undefined), { timeout: 8 }, 'message 3 of 3 was not answered within 1 s'],
  [
    'a close',
    onMessage(2, (peer) => {
      peer.close(1011);
    }),
    { reset: 8 },
    'the server closed with code 1011 after 1 of 3 messages',
  ],
  [
    'a lost connection',
    onMessage(1, (peer) => {
      peer.drop();
    }),
    { reset: 8 },
    'the server closed without a close frame after 0 of 3 messages',
  ],
  [
    'bytes that are no frame',
    onMessage(1, (peer) => {
      peer.raw(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    }),
    { protocol: 8 },
    'what the server sent after 0 of 3 messages is not a WebSocket frame',
  ],
])(
  '%s is a failure',
  async (_, behaviour, failures, problem) => {
    const requestTimeoutMs = 'timeout' in failures ? IMPATIENT_MS : PATIENT_MS;
    const load = await talk(
      behaviour,
      chats('{send: "hi {{uuid}}", messages: 3}', { warmupRequests: 0, requestTimeoutMs }),
    );
    expect(load.total).toMatchObject({ sent: 8, failed: 8, failures });
    expect(load.journeys?.[0]).toMatchObject({ completed: 0, failed: 8 });
    expect(load.journeys?.[0]?.problems).toEqual(problem === null ? [] : [{ step: 'chat', problem, count: 8 }]);
    expect(load.journeys?.[0]?.steps[0]?.webSocket).toMatchObject({ sessions: 8, sessionMs: null });
  },
  30_000,
);

/** A frame of less than 126 bytes. */
const shortFrame = (first: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([first, body.length]), body]);
const [CONTINUED, LAST_PART, WHOLE, COMPRESSED, PING, PONG] = [0x01, 0x80, 0x81, 0xc1, 0x89, 0x8a];
const answeredBy = (frames: (text: Buffer) => Buffer[], head = PROTOCOL): Behaviour => ({
  head,
  onText: (peer, text) => {
    for (const bytes of frames(Buffer.from(text))) peer.raw(bytes);
  },
});

test.each<[string, Behaviour]>([
  [
    'in parts, with a ping between them',
    answeredBy((text) => [
      shortFrame(CONTINUED, text.subarray(0, 2)),
      shortFrame(PING, Buffer.from('?')),
      shortFrame(0x00, Buffer.alloc(0)),
      shortFrame(LAST_PART, text.subarray(2)),
    ]),
  ],
  ['byte by byte', answeredBy((text) => [...shortFrame(WHOLE, text)].map((byte) => Buffer.from([byte])))],
  [
    'compressed',
    answeredBy(
      (text) => [shortFrame(COMPRESSED, deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4))],
      `${PROTOCOL}sec-websocket-extensions: permessage-deflate; server_no_context_takeover\r\n`,
    ),
  ],
  [
    'with a length in eight bytes',
    answeredBy((text) => [Buffer.from([WHOLE, 127, 0, 0, 0, 0, 0, 0, 0, text.length]), text]),
  ],
  [
    'after pings and pongs that nobody asked for',
    answeredBy((text) => [shortFrame(PONG, text), shortFrame(PING, text), shortFrame(WHOLE, text)]),
  ],
])(
  'an answer %s is the same answer',
  async (_, behaviour) => {
    const load = await talk(behaviour, chats('{send: "hi {{uuid}} ü", messages: 3}', { warmupRequests: 0 }));
    expect(load.journeys?.[0]?.problems).toEqual([]);
    expect(load.total).toMatchObject({ sent: 8, succeeded: 8 });
    expect(load.journeys?.[0]?.steps[0]?.webSocket).toMatchObject({ messagesSent: 24, messagesReceived: 24 });
  },
  30_000,
);

test.each<[string, (peer: Peer) => void, string, string]>([
  [
    'without a code',
    (peer) => {
      peer.raw(Buffer.from([0x88, 0]));
    },
    'reset',
    'with code 1005 after 1',
  ],
  [
    'with a code of its own and a reason',
    (peer) => {
      peer.raw(shortFrame(0x88, Buffer.from('\x0f\xa0bye', 'latin1')));
    },
    'reset',
    'with code 4000 after 1',
  ],
  [
    'in the middle of a message',
    (peer) => {
      peer.raw(shortFrame(CONTINUED, Buffer.from('h')));
      peer.drop();
    },
    'reset',
    'without a close frame after 1',
  ],
])(
  'a server that closes %s is told of',
  async (_, close, failure, how) => {
    const load = await talk(onMessage(2, close), chats('{send: hi, messages: 3}', { warmupRequests: 0 }));
    expect(load.total).toMatchObject({ sent: 8, failed: 8, failures: { [failure]: 8 } });
    expect(load.journeys?.[0]?.problems).toEqual([
      { step: 'chat', problem: `the server closed ${how} of 3 messages`, count: 8 },
    ]);
  },
  30_000,
);

test('nobody who listens', async () => {
  const server = await webSocketServer();
  await server[Symbol.asyncDispose]();
  const { load } = await sendCountedLoad(chats('{send: hi}'), { endpoint: onLoopback(server.port), workers: 1, entry });
  expect(sumsUp(load).total.failures).toEqual({ refused: 8 });
}, 30_000);

test('a server that does not close its side is no failure', async () => {
  const load = await talk({ ...echo, closes: false }, chats('{send: hi}', { requests: 2, warmupRequests: 0 }));
  expect(load.total).toMatchObject({ sent: 2, succeeded: 2 });
}, 30_000);

test('when time is up, the message on its way is the last, and the walk is unfinished', async () => {
  const load = await talk(
    echo,
    chats('{send: hi, messages: 1000, every: 20ms}', {
      model: { kind: 'closed', concurrency: 3 },
      requests: null,
      durationMs: 300,
    }),
  );
  expect(load.total).toMatchObject({ sent: 3, succeeded: 3, failed: 0 });
  expect(load.journeys?.[0]).toMatchObject({ begun: 3, completed: 0, failed: 0, unfinished: 3 });
  const { messagesSent = 0, messagesReceived, sessionMs } = load.journeys?.[0]?.steps[0]?.webSocket ?? {};
  expect(messagesSent).toBeGreaterThan(3);
  expect(messagesReceived).toBe(messagesSent);
  expect(sessionMs).toBeNull();
}, 30_000);

test('a cancelled load leaves none open', async () => {
  await using server = await webSocketServer(echo);
  const cancelled = new AbortController();
  const { load } = await sendCountedLoad(chats('{send: hi, messages: 1000, every: 20ms}', { durationMs: 60_000 }), {
    endpoint: onLoopback(server.port),
    workers: 1,
    entry,
    signal: cancelled.signal,
    onCounts: ({ inFlight }) => {
      if (inFlight >= 0) cancelled.abort();
    },
  });
  expect(load.total).toMatchObject({ sent: 0, failed: 0 });
}, 30_000);
