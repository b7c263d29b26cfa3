import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePods } from '../../../src/cluster/kubernetes-json.ts';
import { SELECTORS, resourceUsage, type SeriesByName } from '../../../src/cluster/usage/resource-usage.ts';
import type { Series } from '../../../src/cluster/usage/samples.ts';
import { livesOf } from '../../../src/cluster/usage/pod-lives.ts';
import { cpuSecondsOf, memoryBytesOf } from '../../../src/cluster/usage/window-usage.ts';
import { containerStatus, list, pod } from '../../fakes/kubernetes.ts';

const WINDOW = { startedAt: '2026-11-23T10:00:00.000Z', endedAt: '2026-11-23T10:00:40.000Z' };
const [FROM, TO] = [Date.parse(WINDOW.startedAt) / 1000, Date.parse(WINDOW.endedAt) / 1000];
const NO_SERIES = Object.fromEntries(Object.keys(SELECTORS).map((name) => [name, []])) as unknown as SeriesByName;

/** A container that is started anew at some seconds of the window, with samples at its ends and in between. */
const anyContainer = fc.record({
  restartsAt: fc.uniqueArray(fc.integer({ min: 1, max: 38 }), { maxLength: 3 }),
  every: fc.double({ min: 0.4, max: 3, noNaN: true }),
  steps: fc.array(
    fc.record({ cpu: fc.double({ min: 0, max: 5, noNaN: true }), memory: fc.integer({ min: 1, max: 1e9 }) }),
    { minLength: 5, maxLength: 20 },
  ),
});

function seriesOf(
  { restartsAt, every, steps }: { restartsAt: number[]; every: number; steps: { cpu: number; memory: number }[] },
  name: string,
): { cpu: Series[]; memory: Series[] } {
  const begins = [0, ...[...restartsAt].sort((a, b) => a - b)];
  const starts = begins.map((begin, start) => {
    const end = begins[start + 1] ?? TO - FROM;
    const times = [
      begin,
      ...Array.from({ length: Math.floor((end - begin) / every) }, (_, index) => begin + (index + 1) * every * 0.99),
    ];
    if (start === begins.length - 1) times.push(TO - FROM);
    let counter = 0;
    const samples = times.map((second, index) => {
      const step = steps[index % steps.length] ?? { cpu: 0, memory: 1 };
      counter += step.cpu;
      return { time: FROM + second, cpu: counter, memory: step.memory };
    });
    const labels = {
      namespace: 'echo',
      pod: 'foo-7d9c5b8f6d-abcde',
      container: name,
      id: `/kubelet/${name}${String(start)}`,
    };
    return {
      cpu: { labels, samples: samples.map(({ time, cpu }) => ({ time, value: cpu })) },
      memory: { labels, samples: samples.map(({ time, memory }) => ({ time, value: memory })) },
    };
  });
  return { cpu: starts.map(({ cpu }) => cpu), memory: starts.map(({ memory }) => memory) };
}

test('the table, the timeline and a round of a comparison say the same of one window', () => {
  fc.assert(
    fc.property(fc.array(anyContainer, { minLength: 1, maxLength: 3 }), (containers) => {
      const each = containers.map((container, index) =>
        seriesOf(container, index === 0 ? 'echo' : `sidecar-${String(index)}`),
      );
      const series = {
        ...NO_SERIES,
        cpu: each.flatMap(({ cpu }) => cpu),
        memory: each.flatMap(({ memory }) => memory),
      };
      const pods = parsePods(list(pod({ containers: [containerStatus()] })));
      const { workloads, timeline } = resourceUsage({ window: WINDOW, series, pods, nodes: [], restartsAtStart: null });
      const [table, shown] = [workloads[0], timeline?.workloads[0]];
      const rounds = [{ start: FROM, end: TO }];
      const mean = (values: readonly (number | null)[] = []): number =>
        values.reduce<number>((sum, value) => sum + (value ?? NaN), 0) / values.length;

      expect(timeline?.stepSeconds).toBe(1);
      expect(mean(shown?.cpuCores)).toBeCloseTo(table?.cpuCores.value ?? NaN, 4);
      expect(cpuSecondsOf(livesOf(series.cpu, pods) ?? [], rounds)[0]).toBeCloseTo(
        (table?.cpuCores.value ?? NaN) * (TO - FROM),
        3,
      );
      expect(memoryBytesOf(livesOf(series.memory, pods) ?? [], rounds)).toEqual([table?.memoryBytes.value]);
      expect(Math.max(...(shown?.cpuCores ?? []).map((value) => value ?? 0))).toBeLessThanOrEqual(
        (table?.cpuCoresMax?.value ?? 0) + 1e-6,
      );
      expect(Math.max(...(shown?.memoryBytes ?? []).map((value) => value ?? 0))).toBeLessThanOrEqual(
        (table?.memoryBytes.value ?? 0) + 1,
      );
    }),
  );
});
