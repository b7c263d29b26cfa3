import type { ComparedWorkload } from '../model/comparison.ts';
import { centreOf } from './judge.ts';
import { cpuPerRequest, type MeasuredRound, type Metric, onScale, pairFigures } from './metrics.ts';
import { signedRankInterval, walshAverages } from './signed-rank.ts';

const ERROR = 0.05;

/**
 * What each workload spent on a request, in both sides: the paired ratio with its own 95 % interval, and the share of
 * the change of all of them. It says where CPU time went; no verdict rests on it, so its intervals are not corrected
 * for each other. Those first that make up most of the change.
 */
export function comparedWorkloads(rounds: readonly MeasuredRound[]): ComparedWorkload[] {
  const names = [...new Set(rounds.flatMap(({ base, head }) => [base, head].flatMap(namesIn)))];
  const compared = names.flatMap((name) => {
    const metric = metricOf(name);
    const paired = pairFigures(metric, rounds);
    if (paired.effects.length === 0) return [];
    const interval = signedRankInterval(walshAverages(paired.effects), paired.effects.length, ERROR);
    const [base, head] = [meanOf(paired.base), meanOf(paired.head)];
    return [
      {
        workload: name,
        base,
        head,
        estimate: onScale(metric, centreOf(metric, paired)),
        interval: interval && { low: onScale(metric, interval.low), high: onScale(metric, interval.high) },
        rounds: paired.base.length,
      },
    ];
  });
  const all = compared.reduce((sum, { base, head }) => sum + head - base, 0);
  return compared
    .map((workload) => ({ ...workload, shareOfChange: all === 0 ? null : (workload.head - workload.base) / all }))
    .sort((a, b) => Math.abs(b.head - b.base) - Math.abs(a.head - a.base));
}

const namesIn = ({ workloads }: MeasuredRound['base']): string[] => (workloads ?? []).map(({ name }) => name);
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const metricOf = (name: string): Metric =>
  cpuPerRequest(({ workloads }) => workloads?.find((workload) => workload.name === name)?.cpuSecondsPerRequest ?? null);
