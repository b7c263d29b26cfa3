import { equal } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FUZZ_TARGETS, type FuzzTarget } from '../fuzz.ts';
import type { Case, Row } from '../row.ts';

/** X: what is read from others is anything at all. */

const SECONDS = process.env['FUZZ_SECONDS'] ?? '2';

const fuzzed =
  (target: FuzzTarget): Case =>
  async ({ random, notes }) => {
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        join(import.meta.dirname, '..', 'fuzz-child.ts'),
        target,
        SECONDS,
        String(Math.floor(random() * 2 ** 31)),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [count, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    equal(exitCode, 0, stderr.slice(0, 4000));
    notes.push(`${target}: ${count} values in ${SECONDS} s`);
  };

export const FUZZ_ROWS: readonly Row[] = [
  {
    id: 'X1',
    kind: 'slow',
    fault:
      'Generated inputs, thresholds, stages, scenarios, data rows, answers, import sources, JSON of kubectl, Docker, Prometheus and k6, manifests, whole reports, and texts for Markdown and log, for FUZZ_SECONDS each',
    expected: 'Only errors of the expected types; everything stays escaped; every figure is a number',
    cases: Object.fromEntries(FUZZ_TARGETS.map((target) => [target, fuzzed(target)])),
  },
];
