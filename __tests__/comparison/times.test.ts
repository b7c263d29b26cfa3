import { describe, expect, test } from '@jest/globals';
import { compareInRounds } from '../../src/comparison/compare-in-rounds.ts';
import type { ComparisonSettings, ComparisonWindow } from '../../src/comparison/round-ports.ts';
import { mediansOf, timesOf } from '../../src/comparison/times.ts';
import { headline } from '../../src/comparison/words.ts';
import { createRandom } from '../../src/load/random.ts';
import { parseScenario } from '../../src/load/requests/scenario.ts';
import { type Comparison, comparison as comparisonModel } from '../../src/model/comparison.ts';
import type { LoadResult } from '../../src/model/load.ts';
import { hostResult, latency, load } from '../fakes/state.ts';

const VERSION = { manifests: [], images: [], hosts: [] };
const { journeys } = parseScenario(`journeys:
  - name: buy
    steps: [{name: login, path: /login}, {name: order, path: /order}]
  - name: look
    steps: [{name: look, path: /}]
  - name: talk
    steps: [{name: chat, path: /ws, websocket: {send: hi}}]
`);

/** With the round trips of head as many times as long as those of base. */
function measured(slow: number, weather: () => number): LoadResult {
  const row = (name: string, ms: number): LoadResult['total'] =>
    hostResult({ name, sent: 100, succeeded: 100, statuses: { '200': 100 }, latencyMs: latency(ms * weather()) });
  const ended = { begun: 100, completed: 100, failed: 0, unfinished: 0, problems: [] };
  const roundTripMs = { ...latency(5 * slow * weather()), percentiles: {} };
  const webSocket = { sessions: 100, messagesSent: 100, messagesReceived: 100, receivedPerSecond: 10 };
  const chat = { ...webSocket, connectingMs: null, roundTripMs, sessionMs: null };
  return load({
    total: { ...row('', 10), requestsPerSecond: 500 / weather() },
    hosts: [row('login', 10), row('order', 10), row('look', 10), row('chat', 1)],
    journeys: [
      {
        name: 'buy',
        ...ended,
        durationMs: latency(20 * weather()),
        steps: ['login', 'order'].map((name) => ({ name, notBegun: 0 })),
      },
      { name: 'look', ...ended, durationMs: latency(10 * weather()), steps: [{ name: 'look', notBegun: 0 }] },
      {
        name: 'talk',
        ...ended,
        durationMs: latency((1 + 5 * slow) * weather()),
        steps: [{ name: 'chat', notBegun: 0, webSocket: chat }],
      },
    ],
  });
}

async function compare(factor: number): Promise<Comparison> {
  let now = 0;
  const random = createRandom('times');
  const weather = (): number => Math.exp(0.02 * (random.uniform() + random.uniform() - 1));
  const settings: ComparisonSettings = {
    base: { label: 'base', ...VERSION },
    head: { label: 'head', ...VERSION },
    seed: 'seed',
    run: 'run',
    requests: ['login', 'order', 'look', 'chat'].map((name) => ({ host: 'shop.localhost', path: '/', name })),
    times: timesOf(journeys ?? []),
    tolerance: 0.05,
    durationMs: 120_000,
    limitMs: 360_000,
    rounds: null,
  };
  return await compareInRounds(settings, {
    loadWindow: ({ version, durationMs }: ComparisonWindow) => {
      now += durationMs;
      return Promise.resolve(measured(version === 'head' ? factor : 1, weather));
    },
    keep: () => undefined,
    clock: { now: () => now },
    signal: new AbortController().signal,
  });
}

test('journeys of several steps have a time of their own, and so have round trips', () => {
  expect(timesOf(journeys ?? [])).toEqual([
    { of: 'journey', name: 'buy' },
    { of: 'journey', name: 'talk' },
    { of: 'round-trip', name: 'chat' },
  ]);
  expect(mediansOf(measured(1, () => 1))).toEqual([20, 6, 5]);
});

describe('round trips that became twice as long', () => {
  test('are found, confirmed and named with their journey, although no request is slower', async () => {
    const result = comparisonModel.parse(await compare(2));
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(result.requests?.map(({ latency: { verdict } }) => verdict)).not.toContain('slower');
    expect(result.times?.map(({ name, latency: { verdict } }) => [name, verdict])).toEqual([
      ['buy', expect.not.stringMatching('slower')],
      ['talk', 'slower'],
      ['chat', 'slower'],
    ]);
    expect(headline(result)).toMatch(/^Head is slower than base: journey talk p50 \+8\d.* and round trips of chat/);
  });

  test('of versions that are the same nothing is said', async () => {
    const result = await compare(1);
    expect(result.verdict).not.toBe('slower');
    expect(result.times?.map(({ latency: { verdict } }) => verdict)).not.toContain('slower');
  });
});
