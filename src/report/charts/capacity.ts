import type { CapacityResult } from '../../model/capacity.ts';
import type { Side } from '../../model/sides.ts';
import { latencyByRate } from '../words/capacity-text.ts';
import { type Figure, isWide, linear, logarithmic } from './figure.ts';

/**
 * Latency by the rates that a search tried, with the capacity that it found; with the version's name when two were
 * searched.
 */
export function capacityFigures(capacity: CapacityResult, version: Side | null, name: string): Figure[] {
  const points = latencyByRate(capacity.steps);
  if (points.length < 2) return [];
  const { ratePerSecond, interval } = capacity;
  const lines = [
    { name: 'p50', values: points.map(({ p50Ms }) => p50Ms) },
    { name: 'p99', values: points.map(({ p99Ms }) => p99Ms) },
  ];
  const wide = isWide(lines);
  const marks = [
    ...(interval === null ? [] : [{ name: 'low', at: interval.low }]),
    ...(ratePerSecond === null ? [] : [{ name: 'capacity', at: ratePerSecond }]),
    ...(interval === null ? [] : [{ name: 'high', at: interval.high }]),
  ];
  return [
    {
      title: name === '' ? 'Latency by rate' : `Latency by rate in ${name}`,
      note: 'logarithmic',
      chart: {
        id: version === null ? 'rates' : `rates-${version}`,
        x: logarithmic('per second'),
        y: wide ? logarithmic('ms') : linear('ms'),
        shape: 'line',
        clock: false,
        xs: points.map((point) => point.ratePerSecond),
        lines,
        marks,
      },
    },
  ];
}
