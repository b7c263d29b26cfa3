import { closeSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../../clock.ts';
import { CommandError, type CommandResult } from '../../errors.ts';
import type { K6Connection } from '../../load/k6/k6-script.ts';
import { LOOPBACK } from '../../model/endpoint.ts';
import { makeFolder } from '../files.ts';
import { withoutSecrets } from '../secrets.ts';
import type { Shell } from './shell.ts';

/** What to run k6 with. */
export interface K6Run {
  /** The text of a generated script, or the path of one that exists. */
  readonly script: { readonly text: string } | { readonly path: string };
  /** Where k6 connects for a host name, as `127.0.0.1:8080`; a script may have its own table. */
  readonly connection: K6Connection;
  /** PEM certificates that k6 trusts instead of the system's; none for the system's. */
  readonly authorities: readonly string[];
  /** The content of `__ENV` in a script. */
  readonly variables: Readonly<Record<string, string>>;
  /** Script and configuration stay in this folder; the samples, about a kilobyte per request, only while k6 runs. */
  readonly folder: string;
  readonly deadlineMs: number;
  /** Called with k6's samples as CSV while it runs, and with the rest at the end. */
  readonly onCsv: (text: string) => void;
}

/** How k6 ended. Nothing was discarded: samples and summary are what there is. */
export interface K6Ending {
  /** Null when k6 was killed. */
  readonly exitCode: number | null;
  /** Why it did not end normally; null when it did. */
  readonly ended: 'timeout' | 'cancelled' | null;
  /** What it printed: its own summary, and text of unknown origin, because scripts print, too. */
  readonly stdout: string;
  /** Its warnings and errors, and the log output of scripts. */
  readonly stderr: string;
  /** The file of `--summary-export`; empty when it was not written. */
  readonly summary: string;
  readonly command: string;
}

const READ_EVERY_MS = 1000;
const READ_BYTES = 1024 * 1024;

/**
 * Runs k6 in its own process group and passes on its samples as they come.
 *
 * @param path of k6.
 * @throws CommandError when k6 can't be started; and whatever `onCsv` throws, after k6 was stopped.
 */
export async function runK6(
  path: string,
  run: K6Run,
  { shell, clock, signal }: { shell: Shell; clock: Clock; signal: AbortSignal },
): Promise<K6Ending> {
  makeFolder(run.folder);
  const file = (name: string): string => join(run.folder, name);
  const [csv, summary, config] = [file('samples.csv'), file('summary.json'), file('config.json')];
  rmSync(summary, { force: true });
  writeFileSync(csv, '');
  writeFileSync(config, JSON.stringify(run.connection));
  const authorities = file('ca.pem');
  if (run.authorities.length > 0) writeFileSync(authorities, run.authorities.join('\n'));
  if ('text' in run.script) writeFileSync(file('script.js'), run.script.text, { mode: 0o600 });
  const script = 'text' in run.script ? file('script.js') : run.script.path;
  const args = [
    ...['run', '--quiet', '--no-color', '--no-usage-report', '--address', '', '--config', config],
    ...['--out', `csv=${csv}`, '--summary-export', summary],
    ...Object.entries(run.variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    script,
  ];
  const unreadable = new AbortController();
  const options = {
    deadlineMs: run.deadlineMs,
    env: { ...environment(run), ...(run.authorities.length === 0 ? {} : { SSL_CERT_FILE: authorities }) },
    signal: AbortSignal.any([signal, unreadable.signal]),
  };
  const done = new AbortController();
  try {
    const reading = follow(csv, run.onCsv, clock, done.signal).catch((error: unknown) => {
      unreadable.abort(error);
    });
    const ending = await endingOf(shell.run(path, args, options)).finally(() => {
      done.abort();
    });
    await reading;
    unreadable.signal.throwIfAborted();
    return { ...ending, summary: textOf(summary) };
  } finally {
    rmSync(csv, { force: true });
    // It contains the headers of a scenario.
    if ('text' in run.script) writeFileSync(file('script.js'), withoutSecrets(run.script.text));
  }
}

async function endingOf(running: Promise<CommandResult>): Promise<Omit<K6Ending, 'summary'>> {
  try {
    return ending(await running, null);
  } catch (error) {
    if (!(error instanceof CommandError) || error.reason === 'not-started') throw error;
    return ending(error.result, error.reason === 'exit' ? null : error.reason);
  }
}

const ending = (
  { exitCode, stdout, stderr, command }: CommandResult,
  ended: K6Ending['ended'],
): Omit<K6Ending, 'summary'> => ({
  exitCode,
  ended,
  stdout,
  stderr,
  command,
});

/** Reads a file as it grows, until `done` is aborted and everything was read. */
async function follow(file: string, onText: (text: string) => void, clock: Clock, done: AbortSignal): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  const handle = openSync(file, 'r');
  try {
    for (let last = false; !last;) {
      // What is written before the end is known is read afterwards.
      last = done.aborted;
      for (let length = readSync(handle, chunk); length > 0; length = readSync(handle, chunk)) {
        onText(decoder.write(chunk.subarray(0, length)));
      }
      if (!last) await clock.sleep(READ_EVERY_MS, done).catch(() => undefined);
    }
  } finally {
    closeSync(handle);
  }
}

/** Environment variables that would change what k6 does. */
function environment({ script, connection: { hosts } }: K6Run): Record<string, string | undefined> {
  const noProxy = [process.env['NO_PROXY'] ?? process.env['no_proxy'] ?? '', LOOPBACK, ...namesIn(hosts)]
    .filter((part) => part !== '')
    .join(',');
  // A user's own script may rely on them.
  const hidden = 'text' in script ? Object.keys(process.env).filter((name) => name.startsWith('K6_')) : [];
  return {
    ...Object.fromEntries(hidden.map((name) => [name, undefined])),
    K6_CSV_TIME_FORMAT: 'unix_micro',
    // It would replace the verified k6 by an unverified one.
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
}

/** The hosts of a table without their ports. */
const namesIn = (hosts: Readonly<Record<string, string>>): string[] => [
  ...new Set(Object.keys(hosts).map((host) => host.replace(/:\d+$/, ''))),
];

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
