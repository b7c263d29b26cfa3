import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildReport } from '../../src/report/build-report.ts';
import { readBaselineReport } from '../../src/stages/read-baseline-report.ts';
import { createWorld, type World } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { ENDINGS } from '../fakes/state.ts';

const folder = temporaryFolders();

function world(content: string | null): World {
  const file = join(folder(), 'report.json');
  if (content !== null) writeFileSync(file, content);
  return createWorld(folder(), { inputs: { 'baseline-report': file } });
}

test('the report of an earlier run is kept', async () => {
  const { context } = world(JSON.stringify(buildReport(ENDINGS.passed, '2026-11-23T10:05:00.000Z')));
  await readBaselineReport(context);
  expect(context.store.state.earlier).toMatchObject({ endedAt: expect.any(String) as unknown });
  expect(context.store.state.warnings).toEqual([]);
});

test('a file that is not there yet is no fault', async () => {
  const { context, logged } = world(null);
  await readBaselineReport(context);
  expect(context.store.state).not.toHaveProperty('earlier');
  expect(context.store.state.warnings).toEqual([]);
  expect(logged('info')).toEqual([expect.stringMatching(/^There is no .* yet/)]);
});

test('a file that is no report is a warning, and so is a folder', async () => {
  const broken = world('[]');
  await readBaselineReport(broken.context);
  expect(broken.context.store.state.warnings).toEqual([expect.stringMatching(/is not a report of this tool/)]);
  const { context } = createWorld(folder(), { inputs: { 'baseline-report': folder() } });
  await readBaselineReport(context);
  expect(context.store.state.warnings).toEqual([
    expect.stringMatching(/can't be read: it is a folder, not a file\. No earlier run is shown\.$/),
  ]);
});
