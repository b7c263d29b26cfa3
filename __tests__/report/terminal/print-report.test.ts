import { describe, expect, test } from '@jest/globals';
import { endOfRun } from '../../../src/command-line/end-of-run.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { endedLine, runningLines } from '../../../src/report/terminal/live-lines.ts';
import { printReport } from '../../../src/report/terminal/print-report.ts';
import { loadProgress } from '../../../src/report/words/progress.ts';
import { cutTo, type StyledLine, widthOf } from '../../../src/text/styled.ts';
import { comparison } from '../../fakes/comparison.ts';
import { ENDINGS } from '../../fakes/state.ts';

const reportOf = (name: keyof typeof ENDINGS) => buildReport(ENDINGS[name], '2026-11-23T10:05:00.000Z');
const textOf = (lines: readonly StyledLine[]): string =>
  lines
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');

describe('the end of a run at a terminal', () => {
  test.each([60, 80, 120, 200])('fits in %d columns, whatever happened', (width) => {
    for (const name of Object.keys(ENDINGS) as (keyof typeof ENDINGS)[]) {
      const lines = printReport(reportOf(name), width);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  });

  test('has the tables, what is left out of them, the page and the verdict', () => {
    const text = textOf(endOfRun(reportOf('passed'), '/tmp/x y/report.html', 80));
    expect(text).toMatch(/Host +Succeeded +p50 +p95 +p99/);
    expect(text).toContain('more columns in report.html');
    expect(text).toContain('✓ kept');
    expect(text).toContain('Report: /tmp/x y/report.html\n✓ Load test passed');
    expect(textOf(printReport(reportOf('passed'), 200))).not.toContain('more columns');
  });

  test('sets a table off from the one before it, however few rows it has', () => {
    const { metrics } = comparison();
    const latency = metrics.find(({ metric }) => metric === 'latency-p50');
    if (latency === undefined) throw new Error('The comparison has no p50');
    const report = reportOf('passed');
    const time = { of: 'journey' as const, name: 'buy', latency };
    const text = textOf(printReport({ ...report, comparison: comparison({ times: [time] }) }, 60));
    expect(text).toMatch(/\n\n +Time /);
  });

  test('links the page by its address', () => {
    const links = endOfRun(reportOf('passed'), '/tmp/x y/report.html', 80).flatMap((line) =>
      line.map(({ link }) => link),
    );
    expect(links.filter((link) => link !== undefined)).toEqual(['file:///tmp/x%20y/report.html']);
  });

  test('leaves the verdict of a run that failed to its error', () => {
    expect(textOf(endOfRun(reportOf('failed-requests'), '/r.html', 80))).not.toMatch(/^✓ Load/m);
  });
});

describe('a stage at a terminal', () => {
  const stage = { name: 'check-health', elapsedMs: 12_345, note: '3 of 8 pods are ready', progress: null };

  test('says how long it has run and what it waits for', () => {
    expect(textOf(runningLines(stage, 0, 80))).toBe('⠋ check-health             12 s  3 of 8 pods are ready');
    expect(textOf([endedLine({ ...stage, elapsedMs: 312_000 }, false, 80)])).toBe(
      '✗ check-health          5 min 12  3 of 8 pods are ready'.replace('   5', '  5'),
    );
  });

  test('shows how far a load has come, by its time or by its count', () => {
    const at = { elapsedMs: 5000, sent: 1010, answered: 1000, failed: 2 };
    const text = textOf(
      runningLines({ ...stage, progress: loadProgress(at, { requests: null, durationMs: 20_000 }) }, 0, 80),
    );
    expect(text).toContain('█████░░░░░░░░░░░░░░░  25 %');
    expect(text.replaceAll(/[\u202f\u00a0]/g, ' ')).toContain('1010 requests sent, 200 /s answered, 2 failed');
    expect(loadProgress(at, { requests: 2000, durationMs: null }).share).toBe(0.5);
  });

  test('is cut where the terminal ends', () => {
    expect(textOf(runningLines(stage, 0, 40))).toHaveLength(40);
    expect(textOf([cutTo([{ text: 'ab' }, { text: 'cd' }], 3)])).toBe('ab…');
  });
});
