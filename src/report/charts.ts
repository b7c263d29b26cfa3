import type { HostResult, Report } from './model.ts';

const FIGURES = ['p50', 'p90', 'p95', 'p99'] as const;

/** Charts of the job summary, as Mermaid diagrams; comments stay without, as mail readers show only their text. */
export function renderCharts({ load }: Report): string[] {
  if (load === null) return [];
  const rows = load.hosts.filter(({ latencyMs }) => latencyMs !== null);
  return rows.length === 0 ? [] : [`### Latency by percentile\n\n${latencyChart(rows)}`];
}

/** One line a host, told apart in the order of the table, since the chart has no legend. */
function latencyChart(rows: readonly HostResult[]): string {
  const lines = rows.map(({ latencyMs }) => `    line [${FIGURES.map((figure) => (latencyMs?.[figure] ?? 0).toFixed(3)).join(', ')}]`);
  return [
    '```mermaid',
    'xychart-beta',
    '    title "Latency in ms, one line a host"',
    `    x-axis [${FIGURES.join(', ')}]`,
    '    y-axis "ms"',
    ...lines,
    '```',
  ].join('\n');
}
