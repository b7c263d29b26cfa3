import type { Shell } from './shell.ts';

const QUICK_MS = 60_000;

/**
 * The text of one file of a tar archive.
 *
 * @throws CommandError when it is not in there.
 */
export const readArchived = async (shell: Shell, archive: string, entry: string): Promise<string> =>
  (await shell.run('tar', ['--extract', '--to-stdout', '--file', archive, entry], { deadlineMs: QUICK_MS })).stdout;
