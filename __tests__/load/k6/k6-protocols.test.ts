import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { K6CsvReader, type K6Sample } from '../../../src/load/k6/k6-csv.ts';
import { callOf } from '../../../src/load/k6/k6-protocols.ts';
import { K6Samples } from '../../../src/load/k6/k6-samples.ts';
import { evaluateThresholds } from '../../../src/load/thresholds/threshold-results.ts';
import { parseThresholds } from '../../../src/load/thresholds/thresholds.ts';
import { type LoadResult, loadResult } from '../../../src/model/load.ts';
import { plan } from '../engine/fakes.ts';

function readFixture(file: string): LoadResult {
  const samples = new K6Samples(plan({ percentiles: [75] }), true);
  const reader = new K6CsvReader(samples.metrics, (sample) => {
    samples.add(sample);
  });
  reader.push(readFileSync(`__tests__/fixtures/k6/${file}`, 'utf8'));
  return loadResult.parse(samples.scriptResult('own.js'));
}

function figures(load: LoadResult, rules: string): (number | null)[] {
  const { thresholds, faults } = parseThresholds(rules);
  expect(faults).toEqual([]);
  return evaluateThresholds(thresholds, { load, resources: null }).map(({ measured }) => measured);
}

test('a script that speaks gRPC has rows, counts and rules', () => {
  const load = readFixture('grpc-v1.8.1.csv');
  expect(load.hosts).toMatchObject([
    { host: '127.0.0.1:9999', path: '/grpc.health.v1.Health/Check', sent: 10, succeeded: 10, statuses: { 200: 10 } },
  ]);
  expect(load.protocols).toMatchObject([{ metric: 'grpc_req_duration', count: 10 }]);
  expect(load.checks).toEqual([{ name: 'is served', passed: 10, failed: 0 }]);
  const [p75, highest, p50] = figures(
    load,
    'grpc_req_duration: p(75)<1\ngrpc_req_duration: max<1\nhttp_req_duration: med<1',
  );
  expect(highest).toBeCloseTo(0.361, 3);
  expect(p75).toBeLessThan(highest ?? 0);
  expect(p50).toBeLessThanOrEqual(p75 ?? 0);
  expect(load.timeline?.length).toBeGreaterThan(0);
});

test('a script that speaks over WebSockets has rows, counts and rules', () => {
  const load = readFixture('ws-v1.8.1.csv');
  expect(load.hosts).toMatchObject([
    { host: '127.0.0.1:9897', path: '/websocket/echo', sent: 3, failed: 0, statuses: { 101: 3 } },
  ]);
  expect(load.protocols?.map(({ metric, count }) => [metric, count])).toEqual([
    ['ws_connecting', 3],
    ['ws_session_duration', 2],
    ['ws_sessions', 3],
    ['ws_msgs_sent', 50],
    ['ws_msgs_received', 47],
  ]);
  const [connecting, received, rate] = figures(
    load,
    'ws_connecting: max<100\nws_msgs_received: count>1\nws_msgs_received: rate>1',
  );
  expect(connecting).toBeCloseTo(11.687, 2);
  expect(received).toBe(47);
  expect(rate).toBeGreaterThan(47);
});

test('a rule on a protocol that nobody spoke says so', () => {
  const { thresholds } = parseThresholds('grpc_req_duration: p(95)<100');
  const [result] = evaluateThresholds(thresholds, { load: readFixture('ws-v1.8.1.csv'), resources: null });
  expect(result).toMatchObject({
    passed: false,
    missing: expect.stringContaining('only a k6 script that speaks') as unknown,
  });
});

describe('a call', () => {
  const sample = (metric: string, tags: Readonly<Record<string, string>>): K6Sample => ({
    metric,
    timeMs: 1e12,
    value: 5,
    systemTag: (name) => tags[name] ?? '',
    ownTag: () => '',
  });
  test.each([
    ['0', 200, null],
    ['4', 0, 'timeout'],
    ['14', 0, 'refused'],
    ['5', 200, 'wrong-answer'],
    ['', 200, 'wrong-answer'],
  ])('of gRPC with the status %j', (status, http, failure) => {
    expect(callOf(sample('grpc_req_duration', { url: 'a.localhost:443/s/M', status }))).toMatchObject({
      host: 'a.localhost:443',
      path: '/s/M',
      outcome: { status: http, failure },
    });
  });

  test.each([
    ['101', 101, null],
    ['403', 403, 'http-status'],
    ['0', 0, 'refused'],
  ])('that opens a WebSocket, answered with %j', (status, http, failure) => {
    expect(callOf(sample('ws_connecting', { url: 'wss://A.localhost/x?token=1', status }))).toMatchObject({
      host: 'a.localhost',
      path: '/x',
      outcome: { status: http, failure },
    });
  });

  test('is none of another metric', () => {
    expect(callOf(sample('http_req_duration', {}))).toBeNull();
  });
});
