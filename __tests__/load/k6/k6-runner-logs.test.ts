import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { K6CsvReader } from '../../../src/load/k6/k6-csv.ts';
import { K6RunnerLogs, missingRows, summaryIn } from '../../../src/load/k6/k6-runner-logs.ts';
import { K6Samples } from '../../../src/load/k6/k6-samples.ts';
import { scriptThresholdsOfAll } from '../../../src/load/k6/k6-summary.ts';
import type { LoadResult } from '../../../src/model/load.ts';
import { plan } from '../engine/fakes.ts';

const TARGETS = [
  { host: 'foo.localhost', path: '/' },
  { host: 'bar.localhost', path: '/' },
];
const PLAN = plan({ targets: TARGETS, requests: null, durationMs: 10_000, percentiles: [99.9] });

interface Row {
  readonly atMs: number;
  readonly durationMs: number;
  readonly target: number;
  readonly status: number;
}

const rowText = ({ atMs, durationMs, target, status }: Row): string =>
  `loadtest_answer,${String(1_700_000_000_000 + atMs)}000,${String(durationMs)},load,target=${String(target)}&http_status=${String(status)}&code=0&wrong=0&bytes=${String(target + 3)}`;

/** What one k6 alone makes of all rows, in the order of time. */
function ofOne(rows: readonly Row[]): LoadResult {
  const samples = new K6Samples(PLAN, false);
  const reader = new K6CsvReader(samples.metrics, (sample) => {
    samples.add(sample);
  });
  reader.push('metric_name,timestamp,metric_value,scenario,extra_tags\n');
  for (const row of [...rows].sort((a, b) => a.atMs - b.atMs)) reader.push(`${rowText(row)}\n`);
  return samples.result(true);
}

const row = fc.record({
  atMs: fc.integer({ min: 100, max: 9900 }),
  durationMs: fc.double({ min: 0.1, max: 90, noNaN: true }),
  target: fc.integer({ min: 0, max: 1 }),
  status: fc.constantFrom(200, 200, 200, 404, 503),
});
const byTime = (a: Row, b: Row): number => a.atMs - b.atMs;

describe('the logs of several runners', () => {
  test('make the same result as if one k6 had sent everything, however they are cut and in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { minLength: 1, maxLength: 60, selector: ({ atMs }) => atMs }),
        fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ runner: fc.nat(), length: fc.integer({ min: 1, max: 200 }) }), { maxLength: 400 }),
        (rows, owners, count, steps) => {
          const names = Array.from({ length: count }, (_, index) => `load-${String(index + 1)}`);
          const texts = names.map((_, index) => {
            const own = rows.filter((_row, at) => (owners[at] ?? 0) % count === index).sort(byTime);
            return `${['a line of k6', ...own.map(rowText), `loadtest_end,${String(own.length)}`].join('\n')}\n`;
          });
          const samples = new K6Samples(PLAN, false);
          const logs = new K6RunnerLogs(samples, names, false);
          const at = names.map(() => 0);
          const take = (index: number, length: number): void => {
            const from = at[index] ?? 0;
            logs.push(names[index] ?? '', (texts[index] ?? '').slice(from, from + length));
            at[index] = from + length;
          };
          for (const { runner, length } of steps) take(runner % count, length);
          names.forEach((_, index) => {
            take(index, Infinity);
          });
          logs.endAll();
          const { total, hosts, timeline } = samples.result(true);
          const expected = ofOne(rows);
          // The sums of the means are added in another order.
          expect(withoutMeans(total)).toEqual(withoutMeans(expected.total));
          expect(hosts.map(withoutMeans)).toEqual(expected.hosts.map(withoutMeans));
          expect(total.sent).toBe(rows.length);
          expect(timeline?.map(({ answered }) => answered).reduce((sum, each) => sum + each, 0)).toBe(rows.length);
          for (const name of names) expect(missingRows(logs.account(name))).toBeNull();
        },
      ),
      // Each run builds the histograms of two results.
      { numRuns: 25 },
    );
  });

  const withoutMeans = ({ latencyMs, serviceTimeMs, ...rest }: LoadResult['total']): object => ({
    ...rest,
    latencyMs: latencyMs === null ? null : { ...latencyMs, avg: 0 },
    serviceTimeMs: serviceTimeMs === null ? null : { ...serviceTimeMs, avg: 0 },
  });

  test('have the course over time of the first request of all, although its row came last', () => {
    const samples = new K6Samples(PLAN, false);
    const logs = new K6RunnerLogs(samples, ['load-1', 'load-2'], false);
    const rowsOf = (...times: number[]): string =>
      times.map((atMs) => `${rowText({ atMs, durationMs: 1, target: 0, status: 200 })}\n`).join('');
    logs.push('load-2', rowsOf(5000, 6000));
    expect(logs.progress().sent).toBe(0);
    logs.push('load-1', rowsOf(1000, 2000));
    expect(logs.progress().sent).toBe(4);
    logs.endAll();
    const timeline = samples.result(true).timeline ?? [];
    expect(timeline.filter(({ answered }) => answered > 0).map(({ startSeconds }) => Math.round(startSeconds))).toEqual(
      [0, 1, 4, 5],
    );
  });

  test('do not wait for a runner that has ended, nor for ever for one that is silent', () => {
    const samples = new K6Samples(PLAN, false);
    const logs = new K6RunnerLogs(samples, ['load-1', 'load-2'], false);
    const line = `${rowText({ atMs: 1000, durationMs: 1, target: 0, status: 200 })}\n`;
    logs.push('load-1', line);
    logs.end('load-2');
    expect(logs.progress().sent).toBe(1);
    const silent = new K6RunnerLogs(new K6Samples(PLAN, false), ['load-1', 'load-2'], false);
    silent.push('load-1', line.repeat(100_000));
    expect(silent.progress().sent).toBe(100_000);
  });
});

describe('what is missing of a runner', () => {
  const account = (text: string): ReturnType<K6RunnerLogs['account']> => {
    const logs = new K6RunnerLogs(new K6Samples(PLAN, false), ['load-1'], false);
    logs.push('load-1', text);
    logs.endAll();
    return logs.account('load-1');
  };
  const one = rowText({ atMs: 1000, durationMs: 1, target: 0, status: 200 });
  const table = [
    { name: 'nothing', text: `${one}\n${one}\nloadtest_end,2\n`, expected: null },
    {
      name: 'rows that were lost on the way',
      text: `${one}\nloadtest_end,2\n`,
      expected: /^It counted 2 requests, but 1 arrived here\./,
    },
    {
      name: 'rows that came twice',
      text: `${one}\n${one}\nloadtest_end,1\n`,
      expected: /^It counted 1 requests, but 2 arrived here\./,
    },
    {
      name: 'the end, as it was killed',
      text: `${one}\n${one.slice(0, 40)}`,
      expected: /^The end of its log is missing/,
    },
  ];
  test.each(table)('$name', ({ text, expected }) => {
    const missing = missingRows(account(text));
    if (expected === null) expect(missing).toBeNull();
    else expect(missing).toMatch(expected);
  });

  test('is not told by a row that was cut off', () => {
    expect(account(`${one}\n${one.slice(0, 40)}`)).toMatchObject({ rows: 1, firstMs: 1_700_000_001_000, texts: [] });
  });
});

describe('a script of the user', () => {
  const csv = readFileSync('__tests__/fixtures/k6/script-v2.2.0.csv', 'utf8');
  const json = readFileSync('__tests__/fixtures/k6/script-v2.2.0.json', 'utf8').trimEnd();

  test.each([
    { order: 'before', log: `${csv}${json}\n  TOTAL RESULTS\n\n    http_reqs...: 46\n` },
    { order: 'before, without a line end,', log: `${csv}${json}  TOTAL RESULTS\n\n    http_reqs...: 46\n` },
    { order: 'behind', log: `${csv}\n  TOTAL RESULTS\n\n    http_reqs...: 46\n${json}` },
    {
      order: 'with a line of the other output in it before',
      log: `${csv}${json.slice(0, -1)}time="2026-11-24T13:52:32Z" level=error msg="thresholds on metrics 'a' have been crossed"\n}\n  TOTAL RESULTS\n`,
    },
    { order: 'in the last line of', log: `${csv}\n  TOTAL RESULTS\n\n    http_reqs...: 46${json}` },
  ])('is counted by its rows and by its summary $order the text', ({ log }) => {
    const names = ['load-1', 'load-2'];
    const samples = new K6Samples(PLAN, true);
    const logs = new K6RunnerLogs(samples, names, true);
    for (const name of names) logs.push(name, log);
    logs.endAll();
    for (const name of names) {
      expect(logs.account(name)).toMatchObject({ rows: 46, counted: 46 });
      expect(missingRows(logs.account(name))).toBeNull();
    }
    expect(samples.scriptResult('own.js').total.sent).toBe(88);
    const rules = scriptThresholdsOfAll(names.map((name) => summaryIn(logs.account(name).texts)));
    expect(rules.map(({ rule, passed }) => [rule, passed])).toContainEqual([
      'k6: http_req_duration: max<0.001 (by each runner)',
      false,
    ]);
  });

  test('has a threshold kept only when each runner has kept it', () => {
    const summary = (crossed: boolean, p95: number): string =>
      JSON.stringify({ metrics: { http_req_duration: { 'p(95)': p95, thresholds: { 'p(95)<5': crossed } } } });
    expect(scriptThresholdsOfAll([summary(false, 1), summary(true, 9), summary(true, 8)])).toMatchObject([
      { passed: false, measured: 9 },
    ]);
    expect(scriptThresholdsOfAll([summary(false, 1), summary(false, 2), ''])).toMatchObject([
      { passed: true, measured: 1 },
    ]);
  });

  test('is counted when thousands of rows that nobody asks for come after its summary', () => {
    const others = Array.from(
      { length: 3000 },
      (_, index) => `http_req_blocked,17954505907${String(96_446 + index)},0.1,,,,true,::,GET,u,HTTP/1.1,,,200,,,u,,`,
    );
    const logs = new K6RunnerLogs(new K6Samples(PLAN, true), ['load-1'], true);
    logs.push('load-1', `${csv}${json}\n  a text\n${others.join('\n')}\n`);
    logs.endAll();
    expect(logs.account('load-1')).toMatchObject({ rows: 46, counted: 46 });
    expect(missingRows(logs.account('load-1'))).toBeNull();
    expect(logs.account('load-1').texts.at(-1)).toBe('  a text');
  });

  test('is counted whole when a tag holds a line end', () => {
    const [header = '', ...rows] = csv.trimEnd().split('\n');
    const column = header.split(',').indexOf('group');
    const split = rows.map((line) =>
      line.startsWith('http_req')
        ? line
            .split(',')
            .map((field, at) => (at === column ? '"::of ""two\nlines"' : field))
            .join(',')
        : line,
    );
    const samples = new K6Samples(PLAN, true);
    const logs = new K6RunnerLogs(samples, ['load-1'], true);
    logs.push('load-1', `${[header, ...split].join('\n')}\n${json}`);
    logs.endAll();
    expect(missingRows(logs.account('load-1'))).toBeNull();
    expect(samples.scriptResult('own.js').total.sent).toBe(46);
  });

  test('that printed no summary has none', () => {
    expect(summaryIn(['{"a": 1}', 'text'])).toBe('');
    expect(summaryIn(['text', '{', '  "metrics": {}'])).toBe('');
  });
});
