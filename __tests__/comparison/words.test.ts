import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  changeText,
  comparisonDoubts,
  comparisonNotes,
  detectableText,
  figureText,
  headline,
  intervalText,
  roundChange,
  verdictWord,
} from '../../src/comparison/words.ts';
import { type Comparison, type MetricComparison, regressionConfirmed } from '../../src/model/comparison.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { printSection as asHtml } from '../../src/report/html/blocks.ts';
import { printSection as asMarkdown } from '../../src/report/markdown/blocks.ts';
import { sectionsOf } from '../../src/report/sections/sections.ts';
import { signed } from '../../src/text/numbers.ts';
import { comparison, comparisonRound, metricComparison as metric, roundFigures } from '../fakes/comparison.ts';
import { state } from '../fakes/state.ts';
import { EQUAL, SLOWER, UNDECIDED } from '../report/comparisons.ts';

/** The same comparison, of two ingress controllers. */
const asControllers = (given: Comparison): Comparison => ({
  ...given,
  subject: 'ingress-controllers',
  base: { ...given.base, label: 'ingress-nginx' },
  head: { ...given.head, label: 'haproxy' },
});

const slower = (changes: Partial<MetricComparison>): MetricComparison =>
  metric({ verdict: 'slower', estimate: 1.061, interval: { low: 1.04, high: 1.083 }, ...changes });
const worse = (...metrics: MetricComparison[]): Comparison =>
  comparison({ verdict: 'slower', confirmed: true, metrics });

test.each([
  { verdict: 'faster', confirmed: true, said: true },
  { verdict: 'slower', confirmed: true, said: true },
  { verdict: 'no-difference', confirmed: null, said: false },
] as const)('that a claim rests on one start is said of $verdict', ({ verdict, confirmed, said }) => {
  const notes = comparisonNotes(comparison({ verdict, confirmed })).join(' ');
  expect(notes.includes('use one start of both versions')).toBe(said);
});

describe('the verdict in one sentence', () => {
  const table: { name: string; given: Comparison; expected: string }[] = [
    {
      name: 'slower',
      given: SLOWER,
      expected: 'Head is slower than base: p50 +11.2 % (95 %: +8.0 … +14.3 %), confirmed by fresh rounds',
    },
    { name: 'equal', given: EQUAL, expected: 'No difference beyond 5 % between head and base' },
    {
      name: 'undecided',
      given: UNDECIDED,
      expected: "Can't tell whether head is slower than base: this run could have seen p50 +18.2 % or more",
    },
    {
      name: 'two metrics, and latency before throughput',
      given: worse(
        slower({
          metric: 'requests-per-second',
          better: 'higher',
          estimate: 0.94,
          interval: { low: 0.92, high: 0.949 },
        }),
        slower({}),
        slower({ metric: 'latency-p99' }),
      ),
      expected:
        'Head is slower than base: p50 +6.1 % (95 %: +4.0 … +8.3 %), p99 +6.1 % (95 %: +4.0 … +8.3 %), 1 more, confirmed by fresh rounds',
    },
    {
      name: 'only what it costs',
      given: worse(slower({ metric: 'cpu-per-request' })),
      expected: 'Head needs more than base: CPU per request +6.1 % (95 %: +4.0 … +8.3 %), confirmed by fresh rounds',
    },
    {
      name: 'failures, in points',
      given: worse(
        slower({ metric: 'failed-share', scale: 'difference', estimate: 0.03, interval: { low: 0.021, high: 0.04 } }),
        slower({ metric: 'memory' }),
      ),
      expected:
        'Head fails more than base: failed requests +3.0 points (95 %: +2.1 … +4.0 points), memory +6.1 % (95 %: +4.0 … +8.3 %), confirmed by fresh rounds',
    },
    {
      name: 'not confirmed yet',
      given: comparison({ verdict: 'slower', confirmed: null, metrics: [slower({})] }),
      expected: 'Head looks slower than base, but this is not confirmed: p50 +6.1 % (95 %: +4.0 … +8.3 %)',
    },
    {
      name: 'better',
      given: comparison({
        verdict: 'faster',
        confirmed: true,
        metrics: [metric({ verdict: 'faster', estimate: 0.9, interval: { low: 0.88, high: 0.92 } })],
      }),
      expected: 'Head is faster than base: p50 −10.0 % (95 %: −12.0 … −8.0 %), confirmed by fresh rounds',
    },
    {
      name: 'better, and not confirmed yet',
      given: comparison({
        verdict: 'faster',
        metrics: [
          metric({ metric: 'cpu-per-request', verdict: 'faster', estimate: 0.9, interval: { low: 0.88, high: 0.92 } }),
        ],
      }),
      expected:
        'Head seems to need less than base, but this is not confirmed: CPU per request −10.0 % (95 %: −12.0 … −8.0 %)',
    },
    {
      name: 'better, on other starts',
      given: comparison({
        verdict: 'faster',
        confirmed: true,
        metrics: [metric({ verdict: 'faster', estimate: 0.9, interval: { low: 0.88, high: 0.92 } })],
        rounds: [comparisonRound(), comparisonRound({ start: 1 }), comparisonRound({ start: 2 })],
      }),
      expected:
        'Head is faster than base: p50 −10.0 % (95 %: −12.0 … −8.0 %), confirmed by fresh rounds on 2 other starts',
    },
    {
      name: 'not confirmed',
      given: comparison({
        verdict: 'cannot-tell',
        confirmed: false,
        metrics: [
          metric({
            verdict: 'cannot-tell',
            confirmation: { change: 'slower', confirmed: false, estimate: 1, pValue: 0.5, rounds: 14 },
          }),
        ],
      }),
      expected: "Can't tell whether head is slower than base: it looked slower, but fresh rounds did not confirm it",
    },
    {
      name: 'nothing measured',
      given: comparison({ verdict: 'cannot-tell', metrics: [] }),
      expected: "Can't tell whether head is slower than base",
    },
  ];
  test.each(table)('$name', ({ given, expected }) => {
    expect(headline(given)).toBe(expected);
  });

  test('two controllers by their own names', () => {
    expect(headline(asControllers(SLOWER))).toBe(
      'haproxy is slower than ingress-nginx: p50 +11.2 % (95 %: +8.0 … +14.3 %), confirmed by fresh rounds',
    );
    expect(headline(asControllers(EQUAL))).toBe('No difference beyond 5 % between haproxy and ingress-nginx');
    expect(headline(asControllers(UNDECIDED))).toMatch(/^Can't tell whether haproxy is slower than ingress-nginx/);
    expect(comparisonNotes(asControllers(EQUAL)).join(' ')).toMatch(
      /both controllers got the same requests.*median ratio of haproxy to ingress-nginx/s,
    );
    const report = buildReport(state({ comparison: asControllers(EQUAL) }), '2026-11-23T10:05:00.000Z');
    const compared = (medium: 'markdown' | 'html') =>
      sectionsOf(report, medium).filter(({ id }) => id === 'comparison');
    for (const text of [
      ...compared('markdown').map((section) => asMarkdown(section, false)),
      ...compared('html').map((section) => asHtml(section).text),
    ]) {
      expect(text).toContain('haproxy');
      expect(text).not.toMatch(/\bversions? (got|had)\b|head to base/i);
    }
  });
});

describe('figures', () => {
  test.each([
    { unit: 'per second', value: 512.3, expected: '512 /s' },
    { unit: 'ms', value: 1.234, expected: '1.23 ms' },
    { unit: 'seconds', value: 0.002, expected: '2.00 ms' },
    { unit: 'bytes', value: 2 ** 20, expected: '1.00 MiB' },
    { unit: 'share', value: 0.005, expected: '0.5 %' },
    { unit: 'ms', value: null, expected: '–' },
  ] as const)('$value in $unit is $expected', ({ unit, value, expected }) => {
    expect(figureText({ unit }, value)).toBe(expected);
  });

  test('a change that is one never looks like none, and its sign is that of the change', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.99, max: 50, noNaN: true }).filter((share) => share !== 0),
        (share) => {
          const text = signed(share);
          expect(text.startsWith(share < 0 ? '−' : '+')).toBe(true);
          expect(Number(text.slice(1, -2))).toBeGreaterThan(0);
        },
      ),
    );
  });

  test('what was not measured is shown as such', () => {
    const nothing = metric({ estimate: null, interval: null, minimumDetectableEffect: null });
    expect([changeText(nothing), intervalText(nothing, { tolerance: 0.05 }), detectableText(nothing)]).toEqual([
      '–',
      '–',
      '–',
    ]);
    expect([roundChange(0, 1), roundChange(null, 1), roundChange(2, 3)]).toEqual([null, null, 0.5]);
  });

  test.each([
    {
      given: slower({ confirmation: { change: 'slower', confirmed: true, estimate: 1, pValue: 0.01, rounds: 14 } }),
      expected: 'slower, confirmed',
    },
    { given: slower({ metric: 'requests-per-second' }), expected: 'lower, not confirmed' },
    {
      given: metric({
        verdict: 'faster',
        metric: 'cpu-per-request',
        confirmation: { change: 'faster', confirmed: true, estimate: 0.9, pValue: 0.01, rounds: 14 },
      }),
      expected: 'less, confirmed',
    },
    { given: metric({}), expected: 'no difference' },
    {
      given: metric({
        verdict: 'cannot-tell',
        confirmation: { change: 'faster', confirmed: false, estimate: 1, pValue: 0.5, rounds: 14 },
      }),
      expected: "can't tell: not confirmed",
    },
  ])('the word for $given.metric is $expected', ({ given, expected }) => {
    expect(verdictWord(given)).toBe(expected);
  });
});

test('each reason is given once, with the metrics that it is for', () => {
  expect(comparisonNotes(SLOWER).at(-1)).toBe(
    'Throughput, p99: The interval reaches to both sides of what matters: more rounds, or a quieter machine, would make it narrower.',
  );
  expect(comparisonNotes(SLOWER)[0]).toMatch(/^20 rounds and 14 fresh ones to confirm\. /);
});

test('what speaks against a comparison is said', () => {
  const limited = comparisonRound({ head: roundFigures({ generatorLimited: true }) });
  expect(comparisonDoubts(comparison({ stoppedBecause: 'cancelled', rounds: [limited, comparisonRound()] }))).toEqual([
    'The comparison was cancelled; it uses the rounds up to then.',
    'In 1 of 2 rounds the load generator was the bottleneck (0 times with base, 1 times with head); they do not count.',
  ]);
  expect(comparisonDoubts(EQUAL)).toEqual([]);
});

test.each([
  { verdict: 'slower', confirmed: true, change: 'slower', expected: true },
  { verdict: 'slower', confirmed: null, change: null, expected: null },
  { verdict: 'faster', confirmed: true, change: 'faster', expected: null },
  { verdict: 'cannot-tell', confirmed: false, change: 'faster', expected: null },
  { verdict: 'cannot-tell', confirmed: false, change: 'slower', expected: false },
  { verdict: 'no-difference', confirmed: null, change: null, expected: null },
] as const)(
  'whether a regression is confirmed, of $verdict after $change',
  ({ verdict, confirmed, change, expected }) => {
    const confirmation = change && {
      change,
      confirmed: verdict === 'slower' || verdict === 'faster',
      estimate: 1,
      pValue: 0.5,
      rounds: 14,
    };
    expect(regressionConfirmed(comparison({ verdict, confirmed, metrics: [metric({ confirmation })] }))).toBe(expected);
  },
);
