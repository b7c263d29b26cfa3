import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { writeJson } from '../../../src/text/yaml/json.ts';
import type { Json } from '../../../src/text/yaml/read.ts';
import { writeYaml } from '../../../src/text/yaml/write.ts';
import { anyJson } from './any-json.ts';
import { documentFile, scalarFile } from './generated-yaml.ts';
import { HAS_GO, Oracle, readOrNull } from './oracle.ts';
import { ODD_FILES } from './odd-files.ts';

/**
 * How many times more cases than usual: `ORACLE_SCALE=40 npm test -- __tests__/text/yaml/oracle` tries 120,000 scalars
 * and 20,000 documents. `ORACLE_SEED=$RANDOM` takes others. The seed is fixed otherwise, so that a change fails for what
 * it changes, and not by chance.
 */
const SCALE = Number(process.env['ORACLE_SCALE'] ?? '1');
const SEED = Number(process.env['ORACLE_SEED'] ?? '20260901');
const BATCH = 3000;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const OWN_FILES = execFileSync('git', ['ls-files', '-z', '*.yaml', '*.yml', '*.json'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((name) => name !== '' && !name.startsWith('dist/'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

if (!HAS_GO) {
  process.stderr.write('There is no go on this machine: the reader is not compared with the one of kubectl.\n');
}

(HAS_GO ? describe : describe.skip)('what kubectl reads (skipped without go)', () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = new Oracle();
  }, 300_000);
  afterAll(() => {
    oracle.remove();
  });

  test('every file of this repository is read alike', async () => {
    expect(OWN_FILES.length).toBeGreaterThan(80);
    expect(await oracle.differences(OWN_FILES.map(({ text }) => text))).toEqual([]);
  });

  test('so is each file that once was not, or that is odd', async () => {
    expect(await oracle.differences(ODD_FILES.map(({ text }) => text))).toEqual([]);
    const answers = await oracle.read(ODD_FILES.map(({ text }) => text));
    expect(answers.map((answer) => answer === null)).toEqual(ODD_FILES.map(({ value }) => value === null));
  });

  const sound = OWN_FILES.filter(({ name }) => /ya?ml$/.test(name)).map(({ text }) => text);
  const table = [
    { name: 'scalars', files: scalarFile, count: 3000 },
    { name: 'documents', files: documentFile(sound), count: 500 },
  ];
  test.each(table)(
    'generated $name are read and refused alike',
    async ({ files, count }) => {
      for (let done = 0; done < count * SCALE; done += BATCH) {
        const numRuns = Math.min(BATCH, count * SCALE - done);
        const sample = fc.sample(files, { numRuns, seed: SEED + done });
        expect(await oracle.differences(sample)).toEqual([]);
        // Neither all of them are sound nor all broken.
        const read = sample.filter((text) => readOrNull(text) !== null).length / numRuns;
        expect(read).toBeGreaterThan(0.2);
        expect(read).toBeLessThan(0.98);
      }
    },
    600_000,
  );

  test('what is written, as YAML and as JSON, is what kubectl reads', async () => {
    const values = fc.sample(anyJson, { numRuns: 1000 * SCALE, seed: SEED }).map((value): Json => ({ value }));
    const read = await oracle.read(values.map((value) => writeYaml([value])));
    const fromJson = await oracle.read(values.map((value) => writeJson(value)));
    expect(read).toEqual(values.map((value) => readOrNull(writeJson(value))));
    expect(fromJson).toEqual(read);
  }, 120_000);
});
