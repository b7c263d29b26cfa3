import { sideHeadings } from '../../comparison/sides.ts';
import {
  changeText,
  comparisonDoubts,
  comparisonNotes,
  detectableText,
  figureText,
  headline,
  intervalText,
  metricName,
  verdictWord,
} from '../../comparison/words.ts';
import type { ComparedVersion, Comparison, MetricComparison } from '../../model/comparison.ts';
import { percent } from '../../text/numbers.ts';
import { code, inline } from './markdown-text.ts';

const SIGNS = { slower: '❌', faster: '✅', 'no-difference': '➖', 'cannot-tell': '❔' } as const;

/** Head against base as a table, with what it rests on; the verdict goes before it unless the heading of the report has said it. */
export function comparisonSection(comparison: Comparison, heading: string): string {
  const { metrics, confidence } = comparison;
  const verdict = headline(comparison);
  const sides = sideHeadings(comparison);
  const head = [
    'Metric',
    inline(sides.base),
    inline(sides.head),
    'Change',
    `${percent(confidence)} interval`,
    'Seen from',
    'Verdict',
  ];
  const align = ['---', '--:', '--:', '--:', '--:', '--:', '---'];
  return [
    ...(verdict === heading ? [] : [`**${inline(verdict)}**`]),
    ...comparisonDoubts(comparison).map((sentence) => `⚠️ ${inline(sentence)}`),
    ...(metrics.length === 0
      ? []
      : [[head, align, ...metrics.map(row)].map((cells) => `| ${cells.join(' | ')} |`).join('\n')]),
    [versionText('Base', comparison.base), versionText('Head', comparison.head)].join('<br>'),
    ...comparisonNotes(comparison).map((sentence) => `<sub>${inline(sentence)}</sub>`),
  ].join('\n\n');
}

const row = (metric: MetricComparison): string[] => [
  metricName(metric),
  figureText(metric, metric.base),
  figureText(metric, metric.head),
  metric.verdict === 'slower' || metric.verdict === 'faster' ? `**${changeText(metric)}**` : changeText(metric),
  intervalText(metric),
  detectableText(metric),
  `${SIGNS[metric.verdict]} ${verdictWord(metric)}`,
];

/** More images are in the HTML report. */
const MOST_IMAGES = 3;

function versionText(name: string, { label, manifests, images }: ComparedVersion): string {
  const shown = images.slice(0, MOST_IMAGES).map(code).join(', ');
  const more = images.length > MOST_IMAGES ? ` and ${String(images.length - MOST_IMAGES)} more` : '';
  return `**${name}:** ${[code(label), ...(manifests.length === 0 ? [] : [manifests.map(code).join(', ')]), ...(images.length === 0 ? [] : [`${shown}${more}`])].join(' · ')}`;
}
