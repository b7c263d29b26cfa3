import type { ResourceTimeline, WorkloadTimeline } from '../../model/resources.ts';

/** The most lines that a reader can tell apart in one chart. */
export const MOST_LINES = 6;

/** The workloads of a timeline that used the most CPU, in the order of the tables, and how many are left out. */
export function busiest({ workloads }: ResourceTimeline): {
  readonly shown: readonly WorkloadTimeline[];
  readonly leftOut: number;
} {
  const measured = workloads.filter(({ cpuCores, memoryBytes }) =>
    [...cpuCores, ...memoryBytes].some((value) => value !== null),
  );
  const use = ({ cpuCores }: WorkloadTimeline): number =>
    cpuCores.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const top = new Set([...measured].sort((a, b) => use(b) - use(a)).slice(0, MOST_LINES));
  return { shown: measured.filter((workload) => top.has(workload)), leftOut: measured.length - top.size };
}

/** Workload names, as short as they are unique: with the namespace only where two have the same name. */
export function shortNames(workloads: readonly Pick<WorkloadTimeline, 'namespace' | 'name'>[]): string[] {
  return workloads.map(({ namespace, name }) =>
    workloads.filter((other) => other.name === name).length > 1 ? `${namespace}/${name}` : name,
  );
}
