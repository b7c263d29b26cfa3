import { benchCarryOver, carryOverTable } from './comparison-carry-over.ts';
import { benchEcho, echoTable } from './comparison-echo.ts';
import { benchEchoStarts, echoStartsTable } from './comparison-echo-starts.ts';
import { benchFailures, failuresTable } from './comparison-failures.ts';
import { benchRequests, requestsTable } from './comparison-requests.ts';
import { benchIntervals, intervalsTable } from './comparison-intervals.ts';
import {
  benchBoundary,
  benchChangedStarts,
  benchDetectable,
  benchEqualStarts,
  benchFalseAlarms,
  benchPower,
  detectableTable,
  falseAlarmsTable,
  powerTable,
  startsTable,
} from './comparison-simulated.ts';
import { benchStartsAlone, startsAloneTable } from './comparison-starts.ts';

/** What is known about the statistics of a comparison; docs/statistics.md has the tables. */
export interface ComparisonBench {
  readonly part: string;
  readonly title: string;
  /** @param replications of each simulated case; @param minutes for the part that goes through the real engine. */
  readonly run: (replications: number, minutes: number) => Promise<{ readonly result: unknown; readonly text: string }>;
}

const made = <T>(result: T, render: (result: T) => string): { result: T; text: string } => ({
  result,
  text: render(result),
});

export const COMPARISON_BENCHES: readonly ComparisonBench[] = [
  {
    part: 'comparison-intervals',
    title: 'Comparison: how often intervals from few blocks miss the truth',
    run: (replications) => Promise.resolve(made(benchIntervals(replications), intervalsTable)),
  },
  {
    part: 'comparison-false-alarms',
    title: 'Comparison: false alarms, the same version twice, simulated, without tolerance (stated: 5 %)',
    run: async (replications) => made(await benchFalseAlarms(replications), falseAlarmsTable),
  },
  {
    part: 'comparison-boundary',
    title: 'Comparison: called slower although head is slower by just the tolerance, simulated (stated: 2.5 %)',
    run: async (replications) => made(await benchBoundary(replications), falseAlarmsTable),
  },
  {
    part: 'comparison-power',
    title: 'Comparison: how often a slow-down is found, simulated',
    run: async (replications) => made(await benchPower(Math.ceil(replications / 4)), powerTable),
  },
  {
    part: 'comparison-starts',
    title: 'Comparison: equal versions whose starts differ by chance, simulated',
    run: async (replications) => made(await benchEqualStarts(replications), startsTable),
  },
  {
    part: 'comparison-starts-changed',
    title: 'Comparison: a change that starts hide by chance, simulated',
    run: async (replications) => made(await benchChangedStarts(Math.ceil(replications / 4)), startsTable),
  },
  {
    part: 'comparison-starts-alone',
    title: 'Comparison: starts that differ by chance, and rounds without noise, simulated',
    run: (replications) => Promise.resolve(made(benchStartsAlone(1000 * replications), startsAloneTable)),
  },
  {
    part: 'comparison-failures',
    title: 'Comparison: failed requests in bursts and evenly, simulated (stated for both: at most 5 %)',
    run: (replications) => Promise.resolve(made(benchFailures(replications), failuresTable)),
  },
  {
    part: 'comparison-requests',
    title: 'Comparison: one request of ten is slower and the whole does not move, simulated',
    run: async (replications) => made(await benchRequests(Math.ceil(replications / 4)), requestsTable),
  },
  {
    part: 'comparison-detectable',
    title: 'Comparison: the stated minimum detectable effect, simulated (stated: 80 %)',
    run: async (replications) => made(await benchDetectable(replications), detectableTable),
  },
  {
    part: 'comparison-carry-over',
    title: 'Comparison: what a window leaves to the next, equal services with much garbage in one process',
    run: async () => made(await benchCarryOver(), carryOverTable),
  },
  {
    part: 'comparison-echo',
    title: 'Comparison: echo services with a known time to work, through the real engine',
    run: async (_, minutes) => made(await benchEcho(minutes), echoTable),
  },
  {
    part: 'comparison-echo-starts',
    title: 'Comparison: equal echo services whose starts differ by chance, through the real engine',
    run: async (_, minutes) => made(await benchEchoStarts(minutes), echoStartsTable),
  },
];
