import type { Comparison, MetricComparison } from '../report/model.ts';
import { METRICS } from './metrics.ts';
import { sideHeadings, sideNames } from './sides.ts';

/** The verdict on the whole in one sentence, fit for a heading. */
export function summarize(comparison: Pick<Comparison, 'subject' | 'base' | 'head' | 'verdict' | 'metrics' | 'tolerance' | 'confirmed'>): string {
  const { verdict, metrics, tolerance, confirmed } = comparison;
  const { base, head } = sideNames(comparison);
  const first = sideHeadings(comparison).head;
  const beyond = `beyond ${percent(tolerance)}`;
  switch (verdict) {
    case 'slower':
      return `${first} is worse than ${base}: ${changes(metrics, 'slower')}${confirmed === true ? `, confirmed by fresh ${measuredIn(metrics)}` : ''}`;
    case 'faster':
      return `${first} is better than ${base}: ${changes(metrics, 'faster')}`;
    case 'no-difference': {
      const open = names(metrics, 'cannot-tell');
      return `No difference ${beyond} in ${names(metrics, 'no-difference')}${open === '' ? '' : `; it can not be told for ${open}`}`;
    }
    case 'cannot-tell':
      if (confirmed === false) return `It can not be told whether ${head} differs from ${base}: it looked worse at first, but fresh ${measuredIn(metrics)} did not confirm it`;
      return `It can not be told whether ${head} differs from ${base} ${beyond}${metrics.length === 0 ? ': no round counts' : ''}`;
  }
}

/** What a comparison is made of. */
export const measuredIn = (metrics: readonly Pick<MetricComparison, 'metric'>[]): 'rounds' | 'steps' => (metrics.some(({ metric }) => metric === 'capacity') ? 'steps' : 'rounds');

const changes = (metrics: readonly MetricComparison[], verdict: MetricComparison['verdict']): string =>
  metrics
    .filter((metric) => metric.verdict === verdict)
    .map((metric) => `${nameOf(metric)} ${changeOf(metric)}`)
    .join(', ');

const names = (metrics: readonly MetricComparison[], verdict: MetricComparison['verdict']): string =>
  metrics
    .filter((metric) => metric.verdict === verdict)
    .map(nameOf)
    .join(', ');

const nameOf = ({ metric }: MetricComparison): string => METRICS.find((candidate) => candidate.metric === metric)?.name ?? metric;

function changeOf({ scale, estimate }: MetricComparison): string {
  if (estimate === null) return 'not measured';
  const change = scale === 'ratio' ? estimate - 1 : estimate;
  return `${change < 0 ? '-' : '+'}${percent(Math.abs(change))}${scale === 'difference' ? ' of the requests' : ''}`;
}

/** With as many digits as one can use: 0.25 %, 12 %. */
const percent = (share: number): string => `${String(Number((share * 100).toPrecision(share < 0.1 ? 2 : 3)))} %`;
