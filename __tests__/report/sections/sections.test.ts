import { describe, expect, test } from '@jest/globals';
import { buildReport } from '../../../src/report/build-report.ts';
import type { Block } from '../../../src/report/sections/section.ts';
import { sectionsOf } from '../../../src/report/sections/sections.ts';
import type { LoadResult } from '../../../src/model/load.ts';
import type { PipelineState } from '../../../src/state.ts';
import { ENDINGS, HOSTILE, state } from '../../fakes/state.ts';
import { SLOWER } from '../comparisons.ts';
import { measuredLoad, measuredResources } from '../measured-load.ts';

function stagedLoad(): LoadResult {
  const load = measuredLoad();
  const figures = { ...load.total, sent: 10 };
  const level = { seconds: 5, sentLate: 2, notSent: 3, figures };
  const stages = [
    { ...level, number: 1, from: 50, to: 50 },
    { ...level, number: null, from: 50, to: 200 },
  ];
  return { ...load, stages };
}

test('a load in stages has a row for each of them', () => {
  const [section] = sectionsOf(
    buildReport(state({ load: stagedLoad() }), '2026-11-23T10:05:00.000Z'),
    'markdown',
  ).filter(({ id }) => id === 'load-stages');
  const [table] = section?.blocks ?? [];
  const unit = stagedLoad().model.kind === 'closed' ? 'users' : '/s';
  expect(table).toMatchObject({ kind: 'table' });
  expect(table?.kind === 'table' ? table.rows.map(([name]) => name) : []).toEqual([
    `1: 5 s of 50 ${unit}`,
    `Ramp: 5 s from 50 to 200 ${unit}`,
  ]);
});

const STATES: Record<string, PipelineState> = {
  ...ENDINGS,
  hostile: HOSTILE,
  nothing: state({}),
  measured: state({ load: measuredLoad(), resources: measuredResources() }),
  staged: state({ load: stagedLoad() }),
  compared: state({ ...ENDINGS.passed, comparison: SLOWER }),
};
const cases = Object.entries(STATES).flatMap(([name, given]) =>
  (['markdown', 'html'] as const).map((medium) => ({ name, given, medium })),
);

describe.each(cases)('the sections of a run "$name" in $medium', ({ given, medium }) => {
  const sections = sectionsOf(buildReport(given, '2026-11-23T10:05:00.000Z'), medium);
  const inner = (block: Block): Block[] => [block, ...(block.kind === 'folded' ? block.blocks.flatMap(inner) : [])];
  const blocks = sections.flatMap((section) => section.blocks.flatMap(inner));

  test('have anchors of their own and something to say', () => {
    expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
    for (const { id, title, blocks: own } of sections) {
      expect(id).toMatch(/^[a-z-]+$/);
      expect(title).not.toBe('');
      expect(own.length).toBeGreaterThan(0);
    }
  });

  test('have only what this medium prints', () => {
    for (const { only } of [...sections, ...blocks]) expect([undefined, medium]).toContain(only);
    for (const block of blocks) if (block.kind === 'table') expect(block.rows.length).toBeGreaterThan(0);
  });

  test('have as many cells in each row as their tables have columns', () => {
    for (const block of blocks)
      if (block.kind === 'table') for (const row of block.rows) expect(row).toHaveLength(block.columns.length);
  });
});
