import { describe, expect, test } from '@jest/globals';
import { evaluateThresholds } from '../../../src/load/thresholds/threshold-results.ts';
import { parseThresholds } from '../../../src/load/thresholds/thresholds.ts';
import { type JourneyResult, type LoadResult, loadResult, type ThresholdResult } from '../../../src/model/load.ts';
import { load } from '../../fakes/state.ts';

const times = (base: number) => ({
  avg: base + 1,
  min: base + 2,
  p50: base + 3,
  p90: base + 4,
  p95: base + 5,
  p99: base + 6,
  max: base + 7,
  percentiles: { '99.9': base + 8 },
});

const journey = (changes: Partial<JourneyResult> = {}): JourneyResult => ({
  name: 'buy',
  begun: 20,
  completed: 12,
  failed: 4,
  unfinished: 4,
  durationMs: { avg: 101, min: 102, p50: 103, p90: 104, p95: 105, p99: 106, max: 107 },
  durationPercentilesMs: { '99.9': 108 },
  steps: [],
  problems: [],
  ...changes,
});

const STREAM = {
  streams: 3,
  events: 30,
  eventsPerSecond: 7.5,
  firstByteMs: times(200),
  firstEventMs: times(300),
  betweenEventsMs: times(400),
};

const WEB_SOCKET = {
  sessions: 6,
  messagesSent: 8,
  messagesReceived: 10,
  receivedPerSecond: 2.5,
  connectingMs: times(500),
  roundTripMs: times(600),
  sessionMs: times(700),
};

const walk = journey({
  steps: [
    { name: 'plain', notBegun: 0 },
    { name: 'news', notBegun: 0, stream: STREAM },
    { name: 'chat', notBegun: 0, webSocket: WEB_SOCKET },
  ],
});

/** What a rule comes to on a load of 4 s. */
function check(rule: string, changes: Partial<LoadResult>): ThresholdResult | undefined {
  const measured = loadResult.parse(load({ durationSeconds: 4, ...changes }));
  const { thresholds, faults } = parseThresholds(rule);
  expect(faults).toEqual([]);
  return evaluateThresholds(thresholds, { load: measured, resources: null })[0];
}

const figureOf = (rule: string, changes: Partial<LoadResult>): string | unknown[] => {
  const { measured, unit, missing } = check(rule, changes) ?? {};
  return missing ?? [measured, unit];
};

describe('a rule on journeys', () => {
  const both = { journeys: [walk, journey({ name: 'look', completed: 8, failed: 0 })] };

  test.each<[string, Partial<LoadResult>, number, string]>([
    ['journey_duration: p(95)<1', { journeys: [walk] }, 105, 'ms'],
    ['journey_duration: p(99.9)<1', { journeys: [walk] }, 108, 'ms'],
    ['journey_duration: med<1', { journeys: [walk] }, 103, 'ms'],
    ['journey_duration{journey:buy}: avg<1', both, 101, 'ms'],
    ['journey_failed: rate<1', both, 4 / 24, 'share'],
    ['journey_failed{journey:buy}: rate<1', both, 0.25, 'share'],
    ['journey_failed{journey:look}: rate<1', both, 0, 'share'],
    ['journeys: count>1', both, 20, 'number'],
    ['journeys: rate>1', both, 5, 'per second'],
    ['journeys{journey:look}: rate>1', both, 2, 'per second'],
  ])('%s is about %j: %d %s', (rule, changes, measured, unit) => {
    expect(figureOf(rule, changes)).toEqual([measured, unit]);
  });

  test.each<[string, Partial<LoadResult>, RegExp]>([
    ['journeys: count>1', {}, /^The load has no journeys/],
    ['journeys{journey:sell}: count>1', both, /^There is no journey sell; .*buy, look/],
    ['journey_duration: avg<1', both, /^There are several journeys \(buy, look\).*\{journey:buy\}/],
    ['journey_duration: avg<1', { journeys: [journey({ durationMs: null })] }, /^No journey [\w ]*finished\.$/],
    ['journeys: rate>1', { ...both, durationSeconds: 0 }, /^No time/],
    [
      'journey_failed: rate<1',
      { journeys: [journey({ completed: 0, failed: 0 })] },
      /^No journey [\w ]*finished, and none failed/,
    ],
  ])('%s says why it has no figure', (rule, changes, why) => {
    expect(figureOf(rule, changes)).toMatch(why);
  });
});

describe('a rule on the stream of a step', () => {
  const streams = { journeys: [walk] };

  test.each<[string, number, string]>([
    ['stream_first_byte{name:news}: med<1', 203, 'ms'],
    ['stream_first_event{name:news}: max<1', 307, 'ms'],
    ['stream_between_events{name:news}: p(99.9)<1', 408, 'ms'],
    ['stream_events{name:news}: count>1', 30, 'number'],
    ['stream_events{name:news}: rate>1', 7.5, 'per second'],
  ])('%s: %d %s', (rule, measured, unit) => {
    expect(figureOf(rule, streams)).toEqual([measured, unit]);
  });

  test.each<[string, Partial<LoadResult>, RegExp]>([
    ['stream_events{name:chat}: count>1', streams, /^No step chat has a stream; .*news/],
    ['stream_events{name:news}: count>1', { journeys: [journey()] }, /^No step news has a stream; none/],
    ['stream_events{name:news}: count>1', {}, /^No step news has a stream; none/],
    [
      'stream_first_event{name:news}: med<1',
      { journeys: [journey({ steps: [{ name: 'news', notBegun: 0, stream: { ...STREAM, firstEventMs: null } }] })] },
      /^Too few events/,
    ],
    [
      'stream_events{name:news}: rate>1',
      { journeys: [journey({ steps: [{ name: 'news', notBegun: 0, stream: { ...STREAM, eventsPerSecond: null } }] })] },
      /^No time/,
    ],
  ])('%s says why it has no figure', (rule, changes, why) => {
    expect(figureOf(rule, changes)).toMatch(why);
  });
});

describe('a rule on WebSockets and gRPC', () => {
  const { percentiles, ...connectingMs } = times(800);
  const protocols = {
    protocols: [
      { metric: 'ws_connecting', count: 9, perSecond: 2.25, durationMs: connectingMs, percentilesMs: percentiles },
      { metric: 'ws_sessions', count: 9, perSecond: 2.25, durationMs: null },
      { metric: 'ws_ping', count: 0, perSecond: null, durationMs: null },
    ],
    journeys: [walk],
  };

  test.each<[string, number, string]>([
    ['ws_connecting: p(90)<1', 804, 'ms'],
    ['ws_connecting: p(99.9)<1', 808, 'ms'],
    ['ws_sessions: count>1', 9, 'number'],
    ['ws_sessions: rate>1', 2.25, 'per second'],
    ['ws_connecting{name:chat}: min<1', 502, 'ms'],
    ['ws_round_trip{name:chat}: p(99.9)<1', 608, 'ms'],
    ['ws_session_duration{name:chat}: p(99)<1', 706, 'ms'],
    ['ws_sessions{name:chat}: count>1', 6, 'number'],
    ['ws_msgs_sent{name:chat}: count>1', 8, 'number'],
    ['ws_msgs_received{name:chat}: rate>1', 2.5, 'per second'],
  ])('%s: %d %s', (rule, measured, unit) => {
    expect(figureOf(rule, protocols)).toEqual([measured, unit]);
  });

  const silent = {
    journeys: [journey({ steps: [{ name: 'chat', notBegun: 0, webSocket: { ...WEB_SOCKET, roundTripMs: null } }] })],
  };

  test.each<[string, Partial<LoadResult>, RegExp]>([
    ['grpc_req_duration: avg<1', protocols, /^Nothing was measured of grpc_req_duration: only a k6 script/],
    ['ws_round_trip: avg<1', protocols, /^Nothing was measured of ws_round_trip: no step of a journey/],
    ['ws_ping: avg<1', protocols, /^Nothing was measured of ws_ping\.$/],
    ['ws_sessions{name:news}: count>1', protocols, /^No step news opens a WebSocket; .*chat/],
    ['ws_sessions{name:chat}: count>1', {}, /^No step chat opens a WebSocket; none/],
    ['ws_round_trip{name:chat}: avg<1', silent, /^Nothing was measured of ws_round_trip\.$/],
    ['ws_sessions{name:chat}: rate>1', { ...protocols, durationSeconds: 0 }, /^No time/],
  ])('%s says why it has no figure', (rule, changes, why) => {
    expect(figureOf(rule, changes)).toMatch(why);
  });
});
