import { describe, expect, test } from '@jest/globals';
import type { ReadReport, Report } from '../../../src/model/report.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { readEarlierReport } from '../../../src/report/words/earlier-run.ts';
import type { PipelineState } from '../../../src/state.ts';
import { renderHtml, renderReport } from '../../fakes/plain-renderings.ts';
import { ENDINGS } from '../../fakes/state.ts';

const NOW = '2026-11-23T10:05:00.000Z';
const passed = buildReport(ENDINGS.passed, NOW);

function read(report: unknown): ReadReport {
  const earlier = readEarlierReport(JSON.stringify(report), 'baseline/baseline.json');
  if ('problem' in earlier) throw new Error(earlier.problem);
  return earlier;
}

const beside = (report: Report, state: PipelineState = ENDINGS.passed): Report =>
  buildReport({ ...state, earlier: read(report) }, NOW);

/** The same report of a service that took twice as long. */
const slower = (): Report => {
  const { load } = structuredClone(passed);
  if (load?.total.latencyMs == null) throw new Error('nothing measured');
  for (const name of ['p50', 'p90', 'p95', 'p99'] as const) load.total.latencyMs[name] *= 2;
  return { ...passed, load };
};

describe('an earlier run of the same load', () => {
  test('stands beside this one with the change, and with no verdict', () => {
    const report = beside(slower());
    expect(report.schemaVersion).toBe('1.2');
    expect(report.outcome).toEqual(passed.outcome);
    expect(report.earlier).toMatchObject({ file: 'baseline/baseline.json', differences: [] });
    expect(report.earlier?.figures.find(({ metric }) => metric === 'p95')).toMatchObject({
      value: 12,
      now: 6,
      unit: 'ms',
    });
    const markdown = renderReport(report).join('\n\n');
    expect(markdown).toContain('<summary>An earlier run, for context</summary>');
    expect(markdown).toContain('| p95 | 12.0 ms | 6.00 ms | −50.0 % |');
    expect(markdown).toContain('a difference does not mean that this change made anything faster or slower');
    expect(renderHtml(report)).toContain('<h2 id="earlier">An earlier run, for context</h2>');
  });

  test('is read from the report of a newer version too, as far as it is known here', () => {
    const newer = { ...slower(), schemaVersion: '1.9', unheardOf: { a: 1 } };
    expect(read(newer)).toEqual(read(slower()));
  });

  test('is nowhere when none was given', () => {
    expect(passed).not.toHaveProperty('earlier');
    expect(renderHtml(passed)).not.toContain('An earlier run');
  });

  test('waits for figures of this run', () => {
    expect(beside(passed, { ...ENDINGS.passed, load: null })).not.toHaveProperty('earlier');
  });
});

describe('an earlier run of another load is named, without its figures', () => {
  const table: { name: string; settings: Record<string, string>; difference: string }[] = [
    { name: 'another rate', settings: { rate: '300' }, difference: 'rate is not given and was 300' },
    {
      name: 'other hosts',
      settings: { hosts: 'shop.localhost\nfoo.localhost' },
      difference: 'was shop.localhost, foo.localhost',
    },
    { name: 'fewer nodes', settings: { nodes: '1' }, difference: 'and was 1' },
    { name: 'stages', settings: { stages: '10s@50' }, difference: 'stages is not given and was 10s@50' },
    { name: 'another protocol', settings: { 'http-version': '2' }, difference: 'http-version is not given and was 2' },
    {
      name: 'two controllers',
      settings: { 'baseline-ingress-controller': 'traefik' },
      difference: 'baseline-ingress-controller is not given and was traefik',
    },
  ];
  test.each(table)('$name', ({ settings, difference }) => {
    const report = beside({ ...passed, settings: { ...passed.settings, ...settings } });
    expect(report.earlier?.figures).toEqual([]);
    expect(report.earlier?.differences.join('; ')).toContain(difference);
    expect(renderReport(report).join('\n')).toContain('had a different load');
  });

  test('but not by an input that had no effect', () => {
    const timed = { ...ENDINGS.passed, settings: { ...ENDINGS.passed.settings, duration: '30s', requests: '200' } };
    const before = buildReport(
      { ...timed, settings: { ...timed.settings, requests: '999', arrivals: 'poisson' } },
      NOW,
    );
    expect(beside(before, timed).earlier?.differences).toEqual([]);
  });
});

describe('what is no report', () => {
  test.each([
    ['no JSON', '{', 'is not JSON'],
    ['another file', '{"a":1}', 'is not a report of this tool: schemaVersion'],
    ['a later kind of report', JSON.stringify({ ...passed, schemaVersion: '2.0' }), 'schemaVersion'],
    ['a report without a load', JSON.stringify({ ...passed, load: null }), 'sent no load'],
    ['figures that are none', JSON.stringify({ ...passed, load: { total: { sent: 'many' } } }), 'load.total'],
  ])('%s', (_, text, problem) => {
    expect(readEarlierReport(text, 'x.json')).toEqual({ problem: expect.stringContaining(problem) as unknown });
  });
});
