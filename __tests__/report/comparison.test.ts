import { describe, expect, test } from '@jest/globals';
import type { Comparison } from '../../src/model/comparison.ts';
import type { Report } from '../../src/model/report.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { SCRIPT, STYLE } from '../../src/report/html/html-assets.ts';
import { renderHtml } from '../../src/report/html/html.ts';
import type { Chart } from '../../src/report/charts/chart.ts';
import { renderReport } from '../../src/report/markdown/markdown.ts';
import { failsStep } from '../../src/report/verdict.ts';
import { ENDINGS, hostResult } from '../fakes/state.ts';
import { expectGolden } from '../golden/golden.ts';
import { EQUAL, HALF_THE_CAPACITY, SLOWER, UNDECIDED } from './comparisons.ts';

const report = (comparison: Comparison, more: Partial<typeof ENDINGS.passed> = {}): Report =>
  buildReport({ ...ENDINGS.passed, comparison, ...more }, '2026-11-23T10:05:00.000Z');
const markdown = (given: Report): string => `${renderReport(given).join('\n\n')}\n`;

describe('a comparison comes first', () => {
  test.each([
    { name: 'slower', comparison: SLOWER },
    { name: 'equal', comparison: EQUAL },
    { name: 'undecided', comparison: UNDECIDED },
    { name: 'capacity', comparison: HALF_THE_CAPACITY },
  ])('in Markdown: $name', ({ name, comparison }) => {
    expectGolden(`comparison-${name}.md`, markdown(report(comparison)));
  });

  test('in HTML', () => {
    const page = renderHtml(report(SLOWER));
    expectGolden(
      'comparison.html',
      page
        .replace(SCRIPT, '…')
        .replace(STYLE, '…')
        .replace(/'sha256-[^']+'/g, "'sha256-…'"),
    );
    const headings = [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, heading]) => heading);
    expect(headings.slice(0, 3)).toEqual(['Head against base', 'Thresholds', 'Load on head, all rounds together']);
  });

  test('of capacities in HTML, with the search in each version', () => {
    const page = renderHtml(report(HALF_THE_CAPACITY));
    const headings = [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, heading]) => heading);
    expect(headings.slice(0, 4)).toEqual([
      'Head against base',
      'Thresholds',
      'Capacity',
      'Load on head at the highest rate that kept the thresholds',
    ]);
    const captions = [...page.matchAll(/<caption[^>]*>(.*?)<\/caption>/g)].map(([, caption]) => caption);
    for (const caption of [
      'Steps of the search in base by rate',
      'Steps of the search in head by rate',
      'Fresh steps to confirm that head holds less',
    ])
      expect(captions).toContain(caption);
    const charts = JSON.parse(
      /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)?.[1] ?? 'null',
    ) as Chart[];
    expect(charts.slice(0, 2)).toMatchObject([
      { id: 'rates-base', marks: [{ name: 'low' }, { name: 'capacity', at: 752 }, { name: 'high' }] },
      { id: 'rates-head', marks: [{}, { at: 383 }, {}] },
    ]);
    expect(new Set(charts.map(({ id }) => id)).size).toBe(charts.length);
  });

  test('with a verdict of its own when the run failed for another reason', () => {
    const failed = report(EQUAL, {
      load: {
        ...ENDINGS.passed.load,
        total: hostResult({ host: 'all', path: '', sent: 10, succeeded: 5, failed: 5, successRatio: 0.5 }),
      } as never,
    });
    expect(failed.outcome.code).toBe('threshold-failed');
    expect(markdown(failed)).toContain('**No difference beyond 5 % between head and base**');
  });
});

test('rounds are points, and both versions lie over each other', () => {
  const charts = JSON.parse(
    /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(renderHtml(report(SLOWER)))?.[1] ?? 'null',
  ) as Chart[];
  const [distribution, changes, latencies] = charts;
  expect(distribution?.lines.map(({ name }) => name)).toEqual(['base', 'head']);
  for (const { values } of distribution?.lines ?? [])
    expect(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBeCloseTo(1, 6);
  expect(changes).toMatchObject({
    id: 'round-changes',
    shape: 'points',
    levels: [0, 0.05, -0.05],
    marks: [{ name: 'fresh rounds', at: 20.5 }],
  });
  expect(changes?.xs).toHaveLength(34);
  expect(changes?.lines[0]?.values[0]).toBeCloseTo(1.12 / 0.975 - 1, 6);
  expect(latencies?.lines.map(({ values }) => values[5])).toEqual([9.85, expect.closeTo(11.2, 6)]);
});

test('rounds that were too slow for the time are said to be, with what to do', () => {
  const few = {
    ...UNDECIDED,
    stoppedBecause: 'time-limit',
    rounds: UNDECIDED.rounds.slice(0, 4),
    durationSeconds: 16.9,
    windowSeconds: 0.5,
  } as const;
  const metrics = few.metrics.map((metric) => ({ ...metric, interval: null }));
  expect(markdown(report({ ...few, metrics }))).toContain(
    '⚠️ Only 4 rounds fitted into compare-limit, and an interval needs about 20, with time to confirm what they say. A round took 4.2 s, of which 1.0 s are load: give more compare-limit',
  );
  // With intervals there were enough.
  expect(markdown(report(few))).not.toContain('fitted into compare-limit');
});

describe('the outcome', () => {
  test('is a regression when head was found to be worse twice', () => {
    expect(report(SLOWER).outcome).toMatchObject({
      result: 'failed',
      code: 'regression',
      summary: expect.stringContaining('Head is slower than base: p50 +11.2 %') as unknown,
    });
    expect(report({ ...SLOWER, confirmed: null }).outcome).toMatchObject({ result: 'passed', code: 'passed' });
    expect(report(EQUAL).outcome).toMatchObject({
      result: 'passed',
      summary: 'No difference beyond 5 % between head and base',
    });
  });

  test('is the failure of a stage when there was one', () => {
    const failure = {
      code: 'cancelled',
      stage: 'compare-versions',
      message: 'The run was cancelled (SIGINT).',
      hint: null,
      tryThis: null,
    } as const;
    expect(report(SLOWER, { failure }).outcome).toMatchObject({ result: 'cancelled', code: 'cancelled' });
  });

  test.each([
    { comparison: SLOWER, broken: false, regression: true, threshold: true, expected: true },
    { comparison: SLOWER, broken: false, regression: false, threshold: true, expected: false },
    { comparison: SLOWER, broken: true, regression: false, threshold: true, expected: true },
    { comparison: SLOWER, broken: true, regression: false, threshold: false, expected: false },
    { comparison: EQUAL, broken: false, regression: true, threshold: true, expected: false },
    { comparison: EQUAL, broken: true, regression: true, threshold: false, expected: false },
    { comparison: UNDECIDED, broken: false, regression: true, threshold: true, expected: false },
  ])(
    'fails the step: $comparison.verdict, threshold broken $broken, fail-on-regression $regression, fail-on-threshold $threshold',
    ({ comparison, broken, regression, threshold, expected }) => {
      const settings = {
        ...ENDINGS.passed.settings,
        thresholds: broken ? 'http_req_duration: p(95)<0.001' : 'http_req_duration: p(95)<10000',
      };
      expect(
        failsStep(report(comparison, { settings }), {
          'fail-on-regression': regression,
          'fail-on-threshold': threshold,
        }),
      ).toBe(expected);
    },
  );
});
