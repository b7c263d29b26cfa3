import { measuredText } from '../../load/thresholds/measured-text.ts';
import type { ThresholdResult } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { type Section, type Span, textColumn } from './section.ts';

/** Every rule with its measured value. */
export const thresholds = ({ thresholds: results }: Report): Section => ({
  id: 'thresholds',
  title: 'Thresholds',
  inMarkdown: 'bare',
  blocks: [
    {
      kind: 'table',
      caption: 'Thresholds',
      columns: ['Threshold', 'Measured', 'Result'].map(textColumn),
      rows: results.map((result) => [{ code: result.rule }, measuredText(result), verdictOn(result)]),
    },
  ],
});

/** No tick for a rule without a verdict. */
function verdictOn({ passed, withoutVerdict }: ThresholdResult): Span {
  if (withoutVerdict !== undefined) return { mark: 'open', text: 'no verdict' };
  return passed ? { mark: 'good', text: 'kept' } : { mark: 'bad', text: 'broken' };
}
