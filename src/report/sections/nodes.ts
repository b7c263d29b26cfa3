import type { Report } from '../../model/report.ts';
import type { NodeResources } from '../../model/resources.ts';
import { hasFigures, NODE_FIGURES, nodeFigures } from '../words/resource-figures.ts';
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
      columns: [textColumn('Node'), ...NODE_FIGURES.map(figureColumn)],
      rows: nodesOf(resources).map((node) => [{ code: node.name }, ...nodeFigures(node)]),
    },
  ],
});

const nodesOf = (resources: Report['resources']): NodeResources[] =>
  resources?.nodes.some(hasFigures) === true ? resources.nodes : [];
