import { describe, expect, test } from '@jest/globals';
import { historyLine, type HistoryLine } from '../../src/model/history-line.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { historyLineOf, historyText, readHistory } from '../../src/report/history/history-of-report.ts';
import { historyGroups } from '../../src/report/history/history-series.ts';
import { otavaFiles } from '../../src/report/history/otava.ts';
import { renderHistory } from '../../src/report/html/history-page.ts';
import type { PipelineState } from '../../src/state.ts';
import { ENDINGS } from '../fakes/state.ts';
import { SLOWER } from './comparisons.ts';

const report = (more: Partial<PipelineState> = {}) =>
  buildReport({ ...ENDINGS.passed, ...more }, '2026-11-23T10:05:00.000Z');

const NOISE = [0.3, -0.2, 0.1, -0.4, 0.2, -0.1, 0.4, -0.3];
/** Runs of main, one a day; p50 rises by half from the ninth on, and every other run is on another machine. */
const RUNS = Array.from({ length: 16 }, (_, index): HistoryLine => {
  const noise = NOISE[index % NOISE.length] ?? 0;
  const fast = index % 2 === 0;
  return {
    version: 1,
    at: `2026-11-${String(index + 10)}T10:00:00.000Z`,
    commit: `c${String(index)}`,
    ref: 'main',
    url: null,
    result: 'passed',
    machine: fast ? '4 × A' : '2 × B',
    load: { hosts: 'shop.localhost' },
    figures: [{ metric: 'p50', unit: 'ms', value: (fast ? 10 : 30) + noise, interval: null }],
    comparison: {
      verdict: index < 8 ? 'no-difference' : 'slower',
      confirmed: null,
      metrics: [
        {
          metric: 'latency-p50',
          scale: 'ratio',
          better: 'lower',
          estimate: (index < 8 ? 1 : 1.2) + noise / 100,
          interval: { low: 0.95, high: 1.25 },
          verdict: index < 8 ? 'no-difference' : 'slower',
        },
      ],
      pairs: { 'latency-p50': [1, 1.01] },
    },
  };
});

describe('the line of a run', () => {
  test('has its figures and what they can be compared by', () => {
    const line = historyLineOf(report());
    expect(line).toMatchObject({ version: 1, result: 'passed', at: '2026-11-23T10:04:00.000Z' });
    expect(line?.figures.map(({ metric }) => metric)).toEqual(['throughput', 'p50', 'p90', 'p95', 'p99', 'failed']);
    expect(line?.comparison).toBeUndefined();
    expect(historyLine.parse(JSON.parse(historyText(line ?? (RUNS[0] as HistoryLine))))).toEqual(line);
  });

  test('has the paired ratios of a comparison', () => {
    const stages = [
      { ...ENDINGS.passed.stages[0], name: 'compare-versions', outcome: 'ok' },
    ] as PipelineState['stages'];
    const line = historyLineOf(report({ comparison: SLOWER, stages }));
    expect(line?.comparison).toMatchObject({ verdict: 'slower', confirmed: true });
    // 20 rounds and 14 fresh ones.
    expect(line?.comparison?.pairs['latency-p50']).toHaveLength(17);
  });

  test('is none without a load', () => {
    expect(historyLineOf(report({ load: null }))).toBeNull();
  });
});

describe('the file of a history', () => {
  test('is read whatever order its lines are in, each run once, and what is no line is counted', () => {
    const lines = [RUNS[1], RUNS[0], RUNS[1]].map((line) => historyText(line as HistoryLine));
    const { lines: read, unread } = readHistory([...lines, 'oops', '{"version":2}', ''].join('\n'));
    expect(read.map(({ commit }) => commit)).toEqual(['c0', 'c1']);
    expect(unread).toBe(2);
  });
});

describe('the series', () => {
  const [group] = historyGroups(RUNS);

  test('of ratios goes over all machines, and has the change point', () => {
    expect(group?.changes).toMatchObject([{ metric: 'latency-p50', machine: null }]);
    expect(group?.changes[0]?.points).toHaveLength(16);
    expect(group?.changes[0]?.changes.map(({ index }) => index)).toEqual([8]);
  });

  test('of absolute figures is of one machine, so that another machine is no change', () => {
    expect(group?.figures.map(({ machine, points, changes }) => ({ machine, points: points.length, changes }))).toEqual(
      [
        { machine: '4 × A', points: 8, changes: [] },
        { machine: '2 × B', points: 8, changes: [] },
      ],
    );
  });

  test('of absolute figures leaves out runs whose machine nobody knows', () => {
    const unknown = RUNS.map((line) => ({ ...line, machine: null }));
    expect(historyGroups([...RUNS, ...unknown])[0]?.figures.map(({ points }) => points.length)).toEqual([8, 8]);
  });

  test('are of one load each', () => {
    const other = { ...(RUNS[0] as HistoryLine), load: { hosts: 'cart.localhost' } };
    expect(historyGroups([...RUNS, other]).map(({ runs }) => runs)).toEqual([16, 1]);
  });
});

test('the page shows each run with its interval, and the change point with what it leads to', () => {
  const nasty = { ...(RUNS[0] as HistoryLine), commit: '<img src=x>', url: 'javascript:alert(1)' };
  const page = renderHistory(historyGroups([nasty, ...RUNS.slice(1)]), 3);
  expect(page).toContain('class="change-point"');
  expect(page).toContain('From c8 on');
  expect(page).toContain('3 lines are not shown');
  expect(page).not.toContain('<img');
  expect(page).not.toContain('javascript:');
  expect(page).not.toContain('<script');
});

test('Apache Otava gets a table for each series, with changes as ratios', () => {
  const files = otavaFiles(historyGroups(RUNS));
  expect(Object.keys(files)).toEqual([
    'otava/load-1-change-latency_p50.csv',
    'otava/load-1-machine-1-p50.csv',
    'otava/load-1-machine-2-p50.csv',
    'otava/otava.yaml',
  ]);
  expect(files['otava/load-1-machine-1-p50.csv']?.split('\n').slice(0, 2)).toEqual([
    'time,commit,p50',
    '2026-11-10T10:00:00.000Z,c0,10.3',
  ]);
  expect(files['otava/load-1-change-latency_p50.csv']).toContain('c0,1.003\n');
  expect(files['otava/otava.yaml']).toContain(
    '  load-1-change-latency_p50:\n    type: csv\n    file: otava/load-1-change-latency_p50.csv\n    time_column: time\n    attributes: [commit]\n    metrics:\n      latency_p50:\n        column: latency_p50\n        direction: -1\n',
  );
});
