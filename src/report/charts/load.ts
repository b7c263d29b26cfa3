import type { LoadResult, LoadSlice } from '../../model/load.ts';
import { coarserTimeline } from '../words/coarser-timeline.ts';
import type { Line } from './chart.ts';
import { type Figure, isWide, linear, logarithmic } from './figure.ts';

/** Requests per second, latency and failures over the measured window. */
export function loadFigures({ timeline: slices = [], durationSeconds }: LoadResult): Figure[] {
  const timeline = coarserTimeline(slices);
  if (timeline.length < 2) return [];
  const xs = [0, ...timeline.map(({ startSeconds, seconds }) => startSeconds + seconds / 2), durationSeconds];
  const line = (name: string, value: (slice: LoadSlice) => number | null): Line => ({
    name,
    values: [null, ...timeline.map(value), null],
  });
  const perSecond = (count: number, { seconds }: LoadSlice): number | null => (seconds > 0 ? count / seconds : null);
  const latencies = [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)];
  const wide = isWide(latencies);
  const over = { x: linear('seconds'), shape: 'line', clock: true, xs, marks: [] } as const;
  const failed = timeline.some((slice) => slice.failed > 0);
  return [
    {
      title: 'Requests per second',
      note: '',
      chart: {
        ...over,
        id: 'requests',
        y: linear('per second'),
        lines: [line('answered', (slice) => perSecond(slice.answered, slice))],
      },
    },
    {
      title: 'Latency',
      note: wide ? 'logarithmic' : '',
      chart: { ...over, id: 'latency', y: wide ? logarithmic('ms') : linear('ms'), lines: latencies },
    },
    ...(failed
      ? [
          {
            title: 'Failed requests per second',
            note: '',
            chart: {
              ...over,
              id: 'failures',
              y: linear('per second'),
              lines: [line('failed', (slice) => perSecond(slice.failed, slice))],
            },
          },
        ]
      : []),
  ];
}
