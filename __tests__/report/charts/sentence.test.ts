import { expect, test } from '@jest/globals';
import { buildReport } from '../../../src/report/build-report.ts';
import type { Chart, Unit } from '../../../src/report/charts/chart.ts';
import { isSentence, valuesText } from '../../../src/report/charts/sentence.ts';
import { tickText } from '../../../src/report/charts/units.ts';
import { renderHtml } from '../../fakes/plain-renderings.ts';
import { state } from '../../fakes/state.ts';
import { measuredLoad } from '../measured-load.ts';

const figure = (changes: Partial<Chart>) => ({
  title: 'T',
  note: '',
  chart: {
    id: 'c',
    x: { unit: 'seconds', scale: 'linear' } as const,
    y: { unit: 'ms', scale: 'linear' } as const,
    shape: 'line' as const,
    clock: false,
    xs: [],
    lines: [],
    marks: [],
    ...changes,
  },
});

test.each([
  { name: 'four points and both ends of the window', values: [null, 1, 2, 3, 4, null], expected: true },
  { name: 'five points', values: [1, 2, 3, 4, 5], expected: false },
  { name: 'five places of which one is a gap', values: [1, 2, null, 4, 5], expected: true },
])('$name: a sentence is $expected', ({ values, expected }) => {
  expect(isSentence(figure({ xs: [...values.keys()], lines: [{ name: 'p50', values }] }))).toBe(expected);
});

test('the place where the last step ends is no point', () => {
  const values = [1, 2, 3, 4, 4];
  expect(isSentence(figure({ shape: 'steps', xs: [0, 1, 2, 3, 4], lines: [{ name: 'foo', values }] }))).toBe(true);
});

test('a sentence has every value with its place', () => {
  const lines = [
    { name: 'p50', values: [null, 2, null, 3] },
    { name: 'p99', values: [null, 10, 11.5, null] },
  ];
  expect(valuesText(figure({ xs: [0, 0.5, 1.5, 2.5], lines }))).toBe(
    'p50 2 ms at 0.5 s, 3 ms at 2.5 s; p99 10 ms at 0.5 s, 11.5 ms at 1.5 s.',
  );
});

test('steps have a beginning and an end, and rounds a number', () => {
  const steps = figure({
    shape: 'steps',
    y: { unit: 'cores', scale: 'linear' },
    xs: [0, 1, 2],
    lines: [{ name: 'foo', values: [0.2, 0.3, 0.3] }],
  });
  expect(valuesText(steps)).toBe('foo 0.2 from 0 s to 1 s, 0.3 from 1 s to 2 s.');
  const rounds = figure({
    shape: 'points',
    x: { unit: 'round', scale: 'linear' },
    xs: [1, 2],
    lines: [{ name: 'base', values: [4, 5] }],
  });
  expect(valuesText(rounds)).toBe('base 4 ms in round 1, 5 ms in round 2.');
});

test('the page says few points in a sentence, without a chart and without a table of its values', () => {
  const timeline = measuredLoad().timeline?.slice(0, 3) ?? [];
  const page = renderHtml(buildReport(state({ load: measuredLoad({ timeline }) }), '2026-11-23T10:05:00.000Z'));
  expect(page).toContain(
    '<strong>Requests per second:</strong> answered 100 /s at 0.13 s, 104 /s at 0.38 s, 108 /s at 0.63 s.',
  );
  expect(page).not.toContain('<figure id="requests">');
  expect(page).not.toContain('Load over time as a table');
});

test.each<[Unit, number, string]>([
  ['pods', 2.5, '2.5'],
  ['round', 12, '12'],
  ['per second', 102.5, '102.5'],
  ['per second', 12_500, '12,500'],
  ['ms', 1.25, '1.25 ms'],
  ['ms', 0.1 + 0.2, '0.3 ms'],
  ['share', 0.0025, '0.25 %'],
  ['share', 0.07, '7 %'],
  ['change', -0.025, '−2.5 %'],
  ['change', 0, '0 %'],
  ['bytes', 2 ** 20 + 2 ** 17, '1.125 MiB'],
  ['bytes', 0, '0 B'],
  ['seconds', 2.5, '2.5 s'],
  ['tail', 100, 'p99'],
])('a tick of %s at %s is %s', (unit, value, expected) => {
  expect(tickText(unit, value)).toBe(expected);
});

test('the legend of the percentiles says what the table says', () => {
  const page = renderHtml(buildReport(state({ load: measuredLoad() }), '2026-11-23T10:05:00.000Z'));
  const legend = /<figure id="percentiles">.*?<\/figure>/s.exec(page)?.[0] ?? '';
  expect(legend).toContain('<output>p50 2.00 ms, p95 6.00 ms, p99 10.0 ms</output>');
});
