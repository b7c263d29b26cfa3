import type { Report } from '../../model/report.ts';
import { nodeFigures } from '../words/resource-figures.ts';
import { figureColumn, type Section, textColumn } from './section.ts';

/** What each node of the cluster used under the load. */
export const nodes = ({ resources }: Report): Section => ({
  id: 'nodes',
  title: 'Resources of the nodes',
  inMarkdown: 'folded',
  blocks: [
    {
      kind: 'table',
      caption: 'Resources by node',
      columns: [textColumn('Node'), ...['CPU cores', 'Memory', 'Received', 'Sent', 'Samples'].map(figureColumn)],
      rows: (resources?.nodes ?? []).map((node) => [{ code: node.name }, ...nodeFigures(node)]),
    },
  ],
});
