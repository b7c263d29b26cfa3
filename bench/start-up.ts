import { existsSync, statSync } from 'node:fs';
import { runGenerator } from './machine.ts';
import { median, spread, table } from './statistics.ts';

/** The entries of dist and what of them ends by itself: the post step without a state has nothing to clean up. */
const ENTRIES: readonly { readonly name: string; readonly file: string; readonly args: readonly string[] }[] = [
  { name: 'node alone', file: '--eval', args: [''] },
  { name: 'cli --version', file: 'dist/cli/index.js', args: ['--version'] },
  { name: 'post, nothing to do', file: 'dist/post/index.js', args: [] },
];

export interface StartUpResult {
  readonly name: string;
  readonly bytes: number | null;
  readonly milliseconds: readonly number[];
  readonly cpuMilliseconds: readonly number[];
}

/** How long the bundles take from their start to their end when there is nothing to do; the rounds are interleaved. */
export async function benchStartUp(rounds: number): Promise<StartUpResult[]> {
  const present = ENTRIES.filter(({ file }) => file.startsWith('--') || existsSync(file));
  if (present.length < ENTRIES.length)
    console.log('Start-up of the bundles is skipped, since there is no dist/: npm run bundle');
  const results = present.map(({ name, file }) => ({
    name,
    bytes: file.startsWith('--') ? null : statSync(file).size,
    milliseconds: [] as number[],
    cpuMilliseconds: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, { file, args }] of present.entries()) {
      const beganMs = performance.now();
      const { cpuMicros } = await runGenerator([process.execPath, file, ...args], 30_000, false);
      results[index]?.milliseconds.push(performance.now() - beganMs);
      results[index]?.cpuMilliseconds.push(cpuMicros / 1000);
    }
  }
  return results;
}

export function startUpTable(results: readonly StartUpResult[]): string {
  return table(
    ['bundle', 'MB', 'ms', 'spread', 'CPU ms'],
    results.map(({ name, bytes, milliseconds, cpuMilliseconds }) => [
      name,
      bytes === null ? '-' : (bytes / 1e6).toFixed(1),
      median(milliseconds).toFixed(0),
      spread(milliseconds, 0),
      median(cpuMilliseconds).toFixed(0),
    ]),
  );
}
