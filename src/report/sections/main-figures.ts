import type { Report } from '../../model/report.ts';
import { approximate, grouped, milliseconds, percent, perSecond, range } from '../../text/numbers.ts';
import { type Percentile, weakPercentiles } from '../words/trust.ts';
import type { Section } from './section.ts';

/** The main figures of a load, with their intervals. Markdown has them in its heading and first table. */
export function mainFigures({ load, comparison }: Report): Section | null {
  if (load === null || comparison !== undefined) return null;
  const { total, uncertainty } = load;
  const weak = weakPercentiles(total);
  const percentile = (name: Percentile): { name: string; value: string; below: string } => ({
    name,
    value: approximate(milliseconds(total.latencyMs?.[name] ?? null), weak.has(name)),
    below: range(uncertainty?.[`${name}Ms`], milliseconds),
  });
  const tiles = [
    { name: 'Requests', value: grouped(total.sent), below: '' },
    {
      name: 'Succeeded',
      value: percent(total.successRatio),
      below: total.failed === 0 ? '' : `${grouped(total.failed)} failed`,
    },
    {
      name: 'Throughput',
      value: perSecond(total.requestsPerSecond),
      below: range(uncertainty?.requestsPerSecond, perSecond),
    },
    percentile('p50'),
    percentile('p95'),
    percentile('p99'),
  ];
  return {
    id: 'main-figures',
    title: 'Main figures',
    blocks: [{ kind: 'tiles', tiles }],
    only: 'html',
    inHtml: 'head',
  };
}
