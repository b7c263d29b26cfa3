/**
 * sections/ has the content of a report as data: a file for each section, and this list in the report's order. The
 * printers in markdown/, html/ and terminal/ decide how a section looks.
 */
import type { Report } from '../../model/report.ts';
import { answers } from './answers.ts';
import { autoscaling } from './autoscaling.ts';
import { capacity } from './capacity.ts';
import { charts } from './charts.ts';
import { comparison } from './comparison.ts';
import { doubts } from './doubts.ts';
import { earlierRun } from './earlier-run.ts';
import { evidence } from './evidence.ts';

import { failure } from './failure.ts';
import { firstByte } from './first-byte.ts';
import { hosts } from './hosts.ts';
import { https } from './https.ts';
import { journeys } from './journeys.ts';
import { latencyInDetail } from './latency-in-detail.ts';
import { loadStages } from './load-stages.ts';
import { mainFigures } from './main-figures.ts';
import { nodes } from './nodes.ts';
import { overTime } from './over-time.ts';
import { profiles } from './profiles.ts';
import { protocols } from './protocols.ts';
import { repeat } from './repeat.ts';
import { resources } from './resources.ts';
import type { Block, Medium, Section } from './section.ts';
import { stages } from './stages.ts';
import { thresholds } from './thresholds.ts';
import { warnings } from './warnings.ts';
import { whatWasRun } from './what-was-run.ts';
import { witness } from './witness.ts';

/**
 * This folder has what the report says, section by section: each file makes one section from a report, as data of
 * section.ts, with the words of words/ and the charts of charts/. Nothing here decides how a section looks, and nothing
 * is escaped here: markdown/ and html/ print every kind of block. To add a section, add a file and a line in this list,
 * whose order both printers use: by importance, because Markdown that must be shortened loses the last ones. A section
 * that is null or has no blocks is not printed.
 */
const SECTIONS: readonly ((report: Report) => Section | null)[] = [
  comparison,
  profiles,
  failure,
  doubts,
  mainFigures,
  thresholds,
  capacity,
  journeys,
  protocols,
  loadStages,
  hosts,
  answers,
  https,
  witness,
  autoscaling,
  overTime,
  latencyInDetail,
  firstByte,
  resources,
  nodes,
  earlierRun,
  warnings,
  evidence,
  charts,
  repeat,
  whatWasRun,
  stages,
];

/** The sections of a report for one output format, with the blocks that it prints. */
export const sectionsOf = (report: Report, medium: Medium): Section[] =>
  SECTIONS.flatMap((make) => {
    const section = make(report);
    if (section === null || !isFor(section, medium)) return [];
    const blocks = blocksFor(section.blocks, medium);
    return blocks.length === 0 ? [] : [{ ...section, blocks }];
  });

const isFor = ({ only }: { readonly only?: Medium }, medium: Medium): boolean => only === undefined || only === medium;

const blocksFor = (blocks: readonly Block[], medium: Medium): Block[] =>
  blocks.flatMap((block): Block[] => {
    if (!isFor(block, medium) || isEmpty(block, medium)) return [];
    if (block.kind !== 'folded') return [block];
    const inner = blocksFor(block.blocks, medium);
    return inner.length === 0 ? [] : [{ ...block, blocks: inner }];
  });

/** Whether a block would print nothing in this format. */
function isEmpty(block: Block, medium: Medium): boolean {
  switch (block.kind) {
    case 'table':
      return block.rows.length === 0;
    case 'list':
      return block.items.length === 0;
    case 'figure':
      return (medium === 'html' ? block.chart : block.diagram) === null;
    case 'pair':
      return block.figures.every((figure) => isEmpty(figure, medium));
    case 'flame':
      return medium === 'markdown' || block.flame.nodes.length === 0;
    case 'chart-data':
      return medium === 'markdown' || block.figures.length === 0;
    case 'link':
      return block.url === null;
    default:
      return false;
  }
}
