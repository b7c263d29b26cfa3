import type { ResourceTimeline } from '../../model/resources.ts';
import { busiest, shortNames } from './busiest.ts';
import type { Line } from './chart.ts';
import { type Figure, linear } from './figure.ts';

/** CPU and memory of the workloads on the same clock. */
export function resourceFigures(timeline: ResourceTimeline | undefined, durationSeconds: number): Figure[] {
  if (timeline === undefined) return [];
  const { shown, leftOut } = busiest(timeline);
  const names = shortNames(shown);
  const steps = Math.max(0, ...shown.map(({ cpuCores, memoryBytes }) => Math.max(cpuCores.length, memoryBytes.length)));
  if (steps < 2) return [];
  const xs = [...Array.from({ length: steps }, (_, index) => index * timeline.stepSeconds), durationSeconds];
  // The last step continues to the end of the window.
  const line = (name: string, values: readonly (number | null)[]): Line => ({
    name,
    values: [...values, values.at(-1) ?? null],
  });
  const over = { x: linear('seconds'), shape: 'steps', clock: true, xs, marks: [] } as const;
  const note =
    leftOut === 0 ? '' : `the ${String(shown.length)} busiest of ${String(shown.length + leftOut)} workloads`;
  return [
    {
      title: 'CPU cores',
      note,
      chart: {
        ...over,
        id: 'cpu',
        y: linear('cores'),
        lines: shown.map(({ cpuCores }, index) => line(names[index] ?? '', cpuCores)),
      },
    },
    {
      title: 'Memory',
      note,
      chart: {
        ...over,
        id: 'memory',
        y: linear('bytes'),
        lines: shown.map(({ memoryBytes }, index) => line(names[index] ?? '', memoryBytes)),
      },
    },
  ];
}
