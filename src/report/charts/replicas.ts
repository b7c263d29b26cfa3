import type { AutoscaledWorkload } from '../../model/autoscaling.ts';
import type { Report } from '../../model/report.ts';
import { MOST_LINES, shortNames } from './busiest.ts';
import type { Figure } from './figure.ts';

/** Pods, and CPU use relative to requests, on the clock of the load. */
export function replicaFigures({ autoscaling = [], load, resources }: Report): Figure[] {
  const recorded = autoscaling.filter(({ replicas }) => replicas.length > 0).slice(0, MOST_LINES);
  if (load === null || recorded.length === 0) return [];
  const { durationSeconds } = load;
  return [
    podsFigure(recorded, durationSeconds),
    ...utilizationFigure(recorded, resources?.timeline?.stepSeconds ?? 1, durationSeconds),
  ];
}

const OVER_TIME = { x: { unit: 'seconds', scale: 'linear' }, shape: 'steps', clock: true, marks: [] } as const;

function podsFigure(workloads: readonly AutoscaledWorkload[], durationSeconds: number): Figure {
  const names = shortNames(workloads);
  const within = workloads
    .flatMap(({ replicas }) => replicas.map(({ atSeconds }) => atSeconds))
    .filter((time) => time > 0 && time < durationSeconds);
  const xs = [...new Set([0, ...within, durationSeconds])].sort((a, b) => a - b);
  const line = (name: string, { replicas }: AutoscaledWorkload, count: 'desired' | 'ready') => ({
    name,
    values: xs.map((time) => replicas.filter(({ atSeconds }) => atSeconds <= time).at(-1)?.[count] ?? null),
  });
  // Two lines each, up to the number that a reader can tell apart.
  const both = 2 * workloads.length <= MOST_LINES;
  const lines = workloads.flatMap((workload, index) => {
    const name = names[index] ?? '';
    return both
      ? [line(`${name} asked for`, workload, 'desired'), line(`${name} ready`, workload, 'ready')]
      : [line(name, workload, 'ready')];
  });
  return {
    title: 'Pods',
    note: both ? '' : 'ready',
    chart: { ...OVER_TIME, id: 'pods', y: { unit: 'pods', scale: 'linear' }, xs, lines },
  };
}

function utilizationFigure(
  workloads: readonly AutoscaledWorkload[],
  stepSeconds: number,
  durationSeconds: number,
): Figure[] {
  const measured = workloads.filter(({ utilization }) => utilization.some((share) => share !== null));
  const steps = Math.max(0, ...measured.map(({ utilization }) => utilization.length));
  if (steps < 2) return [];
  const names = shortNames(measured);
  const lines = measured.map(({ utilization }, index) => ({
    name: names[index] ?? '',
    values: [...utilization, utilization.at(-1) ?? null],
  }));
  const levels = [
    ...new Set(measured.flatMap(({ targetUtilization }) => (targetUtilization === null ? [] : [targetUtilization]))),
  ];
  const xs = [...Array.from({ length: steps }, (_, index) => index * stepSeconds), durationSeconds];
  const note =
    levels.length === 0
      ? 'relative to the requests of the ready pods'
      : 'relative to the requests of the ready pods; dashed: the target';
  return [
    {
      title: 'CPU use',
      note,
      chart: { ...OVER_TIME, id: 'utilization', y: { unit: 'share', scale: 'linear' }, xs, lines, levels },
    },
  ];
}
