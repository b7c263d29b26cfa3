import { describe, expect, test } from '@jest/globals';
import type { LoadSlice } from '../../../src/model/load.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { diagramsOf } from '../../../src/report/charts/diagrams.ts';
import { mermaid } from '../../../src/report/markdown/mermaid.ts';
import { coarserTimeline } from '../../../src/report/words/coarser-timeline.ts';
import type { PipelineState } from '../../../src/state.ts';
import { renderHtml, renderReport } from '../../fakes/plain-renderings.ts';
import { ENDINGS, HOSTILE, hostResult, load, state } from '../../fakes/state.ts';
import { expectGolden } from '../../golden/golden.ts';
import { SLOWER } from '../comparisons.ts';
import { measuredLoad, measuredResources } from '../measured-load.ts';

const charts = (given: PipelineState): string[] =>
  diagramsOf(buildReport(given, '2026-11-23T10:05:00.000Z')).map(mermaid);
const titles = (given: PipelineState): string[] => charts(given).map((chart) => /\*\*(.*)\*\*/.exec(chart)?.[1] ?? '');
const diagram = (chart: string | undefined): string => /```mermaid\n([\s\S]*?)\n```/.exec(chart ?? '')?.[1] ?? '';
const legend = (chart: string | undefined): string => (chart ?? '').split('```').at(-1)?.trim() ?? '';

const measured = state({ load: measuredLoad(), resources: measuredResources() });

test('a run is shown over time, then by percentile', () => {
  expectGolden('charts.md', `${charts(measured).join('\n\n')}\n`);
  expect(titles(measured)).toEqual([
    'Requests per second',
    'Latency over time',
    'CPU cores over time',
    'Latency by percentile',
  ]);
});

/** The only lines that a diagram has: what Mermaid 11 was seen to read. */
const LINES = [
  /^---$/,
  /^config:$/,
  /^ {2}(?:xyChart|themeVariables):$/,
  /^ {4}(?:xyChart:|width: \d+|height: \d+)$/,
  /^ {6}plotColorPalette: "#[\da-f]{6}(?:, #[\da-f]{6})*"$/,
  /^xychart-beta$/,
  /^ {4}x-axis "(?:seconds|round|nines: 1 is p90, 2 is p99, 3 is p99.9)" [\d.]+ --> [\d.]+$/,
  /^ {4}y-axis "(?:[a-z ]+|0 is 1 ms, 1 is 10 ms, 2 is 100 ms)" -?\d --> [\d.]+$/,
  /^ {4}line \[-?[\d.]+(?:, -?[\d.]+)*\]$/,
];

test.each([...Object.entries(ENDINGS), ['hostile', HOSTILE], ['measured', measured]] as const)(
  'no text from outside is in a diagram: "%s"',
  (_, given) => {
    for (const line of charts(given).flatMap((chart) => diagram(chart).split('\n'))) {
      expect(LINES.some((allowed) => allowed.test(line)) ? '' : line).toBe('');
    }
  },
);

test('a run without a load has no charts', () => {
  expect(charts(ENDINGS.cancelled)).toEqual([]);
});

test.each([
  [18.6372, '18.6'],
  [0.4916, '0.49'],
])('a window of %d s has one length in every text and on every axis', (durationSeconds, length) => {
  const given = state({ load: measuredLoad({ durationSeconds }), resources: measuredResources() });
  const ends = charts(given).flatMap((chart) => /x-axis "seconds" [\d.]+ --> ([\d.]+)/.exec(diagram(chart))?.[1] ?? []);
  // Of the shorter one the fixture has no steps that end within it.
  expect(new Set(ends)).toEqual(new Set([length]));
  const report = buildReport(given, '2026-11-23T10:05:00.000Z');
  expect(renderReport(report).join('\n')).toContain(`${length} s after 50 warm-up requests`);
});

describe('what would be a gap', () => {
  test('is told for a workload', () => {
    const cpu = charts(measured)[2];
    expect(legend(cpu)).toBe('🟦 `foo`   not measured throughout: `bar`');
    expect(diagram(cpu)).toContain('x-axis "seconds" 2 --> 19\n');
  });

  test('is told for the latency', () => {
    const timeline = (measuredLoad().timeline ?? []).map((slice, index) =>
      index > 20 && index < 30 ? { ...slice, answered: 0, p50Ms: null, p99Ms: null } : slice,
    );
    expect(titles(state({ load: measuredLoad({ timeline }) }))).toEqual([
      'Requests per second',
      'Latency by percentile',
    ]);
  });
});

test('a name with markup stays a name', () => {
  const { latencyHistogram } = measuredLoad().total;
  if (latencyHistogram === undefined) throw new Error('the load has one');
  const hosts = [hostResult({ host: '`a` <b>|[x](y)', latencyHistogram })];
  expect(legend(charts(state({ load: load({ hosts }) }))[0])).toBe(
    '🟦 ``` `a` <b>\\|[x](y) ```'.replace(/`{3}/g, '``'),
  );
});

test('latency is on the scale of the page: logarithmic where its values are of very different size', () => {
  const timeline = (measuredLoad().timeline ?? []).map((slice) => ({ ...slice, p50Ms: 1, p99Ms: 100 }));
  const given = state({ load: measuredLoad({ timeline }) });
  const [, latency] = charts(given);
  expect(latency).toContain('**Latency over time** (logarithmic)');
  expect(diagram(latency)).toContain('y-axis "0 is 1 ms, 1 is 10 ms, 2 is 100 ms" 0 --> 2\n    line [0, 0, ');
  expect(diagram(charts(measured)[1])).toContain('y-axis "ms" 0 --> ');
  const page = renderHtml(buildReport(given, '2026-11-23T10:05:00.000Z'));
  expect(page).toContain('"id":"latency","y":{"unit":"ms","scale":"log"}');
});

test('a percentile far out is as far out as in the page', () => {
  const tail = charts(measured)[3];
  expect(diagram(tail)).toContain('x-axis "nines: 1 is p90, 2 is p99, 3 is p99.9" 0 --> 2.9\n');
});

test('few points are a sentence', () => {
  const rounds = SLOWER.rounds.slice(0, 3);
  const given = state({ comparison: { ...SLOWER, rounds } });
  expect(
    renderReport(buildReport(given, '2026-11-23T10:05:00.000Z')).find((section) => section.includes('Charts')),
  ).toContain(
    '**Median latency in each round** (round 1 to 3): `base` 9.75, 10.1, 9.9 ms; `head` 11.2, 11.2, 11.2 ms.',
  );
});

test('a chart has at most six lines, of the busiest workloads', () => {
  const workloads = Array.from({ length: 9 }, (_, index) => ({
    namespace: 'n',
    kind: 'Deployment',
    name: `w${String(index)}`,
    cpuCores: Array.from({ length: 20 }, () => index),
    memoryBytes: [],
  }));
  const given = state({
    load: measuredLoad(),
    resources: { ...measuredResources(), timeline: { stepSeconds: 1, workloads } },
  });
  expect(legend(charts(given)[2]).match(/`w\d`/g)).toEqual(['`w3`', '`w4`', '`w5`', '`w6`', '`w7`', '`w8`']);
});

describe('a coarser timeline', () => {
  const slice = (index: number, changes: Partial<LoadSlice> = {}): LoadSlice => ({
    startSeconds: index,
    seconds: 1,
    answered: 10,
    failed: 1,
    p50Ms: index,
    p99Ms: 2 * index,
    ...changes,
  });

  test('counts exactly, and joins percentiles as it can', () => {
    const timeline = [slice(0), slice(1, { answered: 30 }), slice(2), slice(3)];
    expect(coarserTimeline(timeline, 2)).toEqual([
      { startSeconds: 0, seconds: 2, answered: 40, failed: 2, p50Ms: 0.75, p99Ms: 2 },
      { startSeconds: 2, seconds: 2, answered: 20, failed: 2, p50Ms: 2.5, p99Ms: 6 },
    ]);
  });

  test('has no value where nothing was answered', () => {
    const silent = slice(0, { answered: 0, p50Ms: null, p99Ms: null });
    expect(coarserTimeline([silent])).toEqual([silent]);
  });

  test('joins a short rest to the slice before it', () => {
    expect(coarserTimeline([slice(0), slice(1), slice(2, { seconds: 0.01, answered: 1 })])).toMatchObject([
      { seconds: 1 },
      { seconds: 1.01, answered: 11 },
    ]);
  });

  test('of nothing is nothing', () => {
    expect(coarserTimeline([])).toEqual([]);
  });
});
