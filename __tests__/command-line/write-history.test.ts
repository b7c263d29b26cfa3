import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishReport } from '../../src/stages/publish-report.ts';
import { writeHistory } from '../../src/command-line/write-history.ts';
import { createWorld } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { ENDINGS, ON_A_LAPTOP, stages } from '../fakes/state.ts';

const folder = temporaryFolders();
const soon = (): AbortSignal => AbortSignal.timeout(5000);
const whole = { ...ENDINGS.passed, run: ON_A_LAPTOP };

describe('a run', () => {
  test('leaves its line beside the report, and adds it to the file that is kept', async () => {
    const kept = join(folder(), 'kept.jsonl');
    // The last line of what an editor saved has no end.
    writeFileSync(kept, '{"version":99}');
    for (const ref of ['main', 'next']) {
      const one = createWorld(folder(), {
        up: false,
        inputs: { history: kept },
        state: { ...whole, run: { ...ON_A_LAPTOP, ref } },
      });
      await publishReport(one.context, soon());
      expect(readFileSync(join(one.outputDir, 'history.jsonl'), 'utf8').split('\n')).toHaveLength(2);
      expect(readFileSync(join(one.outputDir, 'history.html'), 'utf8')).toContain('Load test history');
      expect(one.logged('warning')).toEqual([]);
    }
    const lines = readFileSync(kept, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.slice(1).map((line) => (JSON.parse(line) as { ref: string }).ref)).toEqual(['main', 'next']);
  });

  test('whose load was cut off leaves none, and the kept file as it was', async () => {
    const kept = join(folder(), 'kept.jsonl');
    const one = createWorld(folder(), {
      up: false,
      inputs: { history: kept },
      state: { ...whole, stages: stages(['run-load'], 'cancelled') },
    });
    await publishReport(one.context, soon());
    expect(existsSync(kept)).toBe(false);
    expect(existsSync(join(one.outputDir, 'history.jsonl'))).toBe(false);
    expect(one.logged('info')).toContainEqual(expect.stringContaining('Nothing was added to the history'));
  });
});

describe('the command', () => {
  test('makes a page and the files of Otava from the lines of several runs', async () => {
    const one = createWorld(folder(), { up: false, state: whole });
    await publishReport(one.context, soon());
    const to = join(folder(), 'history');
    const written = writeHistory([join(one.outputDir, 'history.jsonl')], to);
    expect(written).toContain(join(to, 'history.html'));
    expect(written).toContain(join(to, 'otava', 'otava.yaml'));
    for (const path of written) expect(existsSync(path)).toBe(true);
  });

  test('says which file is not there, and when none has a line', () => {
    const empty = join(folder(), 'empty.jsonl');
    writeFileSync(empty, 'no line\n');
    expect(() => writeHistory([join(folder(), 'gone.jsonl')], folder())).toThrow(/There is no file .*gone\.jsonl/);
    expect(() => writeHistory([empty], folder())).toThrow('is a line of a history');
  });
});
