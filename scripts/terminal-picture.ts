/**
 * A picture of what a command shows in a terminal, for the documentation. Not part of CI: it needs tmux, and figures
 * differ in each run.
 *
 *   npx tsx scripts/terminal-picture.ts docs/images/terminal-try.svg -- try --seed demo
 *   npx tsx scripts/terminal-picture.ts docs/images/terminal-compare.svg --after 20 -- try --compare --slow-down 2ms
 *   npx tsx scripts/terminal-picture.ts /tmp/failure.svg --width 60 -- run --manifests nowhere
 *   npx tsx scripts/terminal-picture.ts /tmp/run.svg --from captured.ansi --shown 'k8s-loadtest-ci run'
 *
 * `--after` takes the picture after this many seconds, while the command runs; without it when it has ended. `--from` draws
 * what `tmux capture-pane -e -p` printed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { shellWord } from '../src/text/shell-word.ts';
import { drawTerminal } from './terminal-svg.ts';

const split = process.argv.indexOf('--');
const { positionals, values } = parseArgs({
  args: process.argv.slice(2, split < 0 ? undefined : split),
  allowPositionals: true,
  options: {
    width: { type: 'string', default: '100' },
    height: { type: 'string', default: '60' },
    after: { type: 'string', default: '' },
    from: { type: 'string', default: '' },
    /** What stands behind the prompt, when it is not the command. */
    shown: { type: 'string', default: '' },
  },
});
const [to] = positionals;
const command = split < 0 ? [] : process.argv.slice(split + 1);
if (to === undefined || (command.length === 0) === (values.from === ''))
  throw new Error('Give the SVG to write, and either --from or -- and the command with its options');

const LONGEST_MS = 15 * 60_000;

/** What the command shows, once it has ended or after a time. */
async function screenOf(args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  const socket = join(folder, 'tmux');
  const tmux = (...verb: string[]): string => execFileSync('tmux', ['-S', socket, ...verb], { encoding: 'utf8' });
  try {
    // Its files go with the folder, and no path of this machine is in the picture.
    const output = ['--output-dir', join(folder, 'artifacts')];
    const program = ['npx', 'tsx', resolve(import.meta.dirname, '../src/cli.ts'), ...args, ...output]
      .map(shellWord)
      .join(' ');
    const run = `${program}; tmux -S ${shellWord(socket)} wait-for -S ended; sleep 600`;
    tmux('-f', '/dev/null', 'new-session', '-d', '-x', values.width, '-y', values.height, 'bash', '-c', run);
    if (values.after === '')
      execFileSync('tmux', ['-S', socket, 'wait-for', 'ended'], { timeout: LONGEST_MS, stdio: 'ignore' });
    else await setTimeout(Number(values.after) * 1000);
    return tmux('capture-pane', '-e', '-p', '-S', '-', '-J').replaceAll(`${folder}/`, '');
  } finally {
    try {
      tmux('kill-server');
    } catch {
      // It has ended with its last window.
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

const screen = values.from === '' ? await screenOf(command) : readFileSync(values.from, 'utf8');
const shown = values.shown === '' ? ['k8s-loadtest-ci', ...command].map(shellWord).join(' ') : values.shown;
mkdirSync(dirname(resolve(to)), { recursive: true });
writeFileSync(to, drawTerminal(`\u001b[2m$\u001b[0m ${shown}\n\n${screen.trimEnd()}`, Number(values.width)));
console.log(`${to} shows ${shown}`);
