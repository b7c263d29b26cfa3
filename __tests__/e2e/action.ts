import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The kind of Node.js that runs the action; E2E_NODE names another one. */
const NODE = process.env['E2E_NODE'] ?? process.execPath;

/** Inputs that the machine at hand asks for: where nothing can be downloaded, other builds than the pinned ones. */
export const machineInputs = (): Record<string, string> =>
  Object.fromEntries(
    [
      'kind-version',
      'kubectl-version',
      'helm-version',
      'kind-sha256',
      'kubectl-sha256',
      'helm-sha256',
      'node-image',
    ].flatMap((name) => {
      const value = process.env[`E2E_${name.toUpperCase().replaceAll('-', '_')}`];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly log: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the log holds a text; rejects when the process ends without it. */
  logged(text: string): Promise<void>;
}

/**
 * One use of the action in a job, as the runner has it: inputs and file commands in the environment,
 * state handed from main to post.
 */
export class ActionRun {
  readonly workspace = mkdtempSync(join(tmpdir(), 'e2e-'));
  readonly #inputs: Readonly<Record<string, string>>;
  readonly #env: Readonly<Record<string, string>>;

  constructor(inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
    this.#inputs = { 'output-dir': 'artifacts', ...machineInputs(), ...inputs };
    this.#env = env;
    for (const folder of ['temp', 'commands']) mkdirSync(join(this.workspace, folder));
    for (const file of ['state', 'output', 'env', 'path', 'summary']) writeFileSync(this.#commandFile(file), '');
  }

  start(step: 'main' | 'post'): Running {
    const state = step === 'post' ? this.savedState() : {};
    const inputs = Object.entries(this.#inputs).map(([name, value]): [string, string] => [
      `INPUT_${name.toUpperCase()}`,
      value,
    ]);
    const child = spawn(NODE, [join(ROOT, 'dist', step, 'index.js')], {
      cwd: this.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...Object.fromEntries(inputs),
        ...state,
        RUNNER_TOOL_CACHE: process.env['RUNNER_TOOL_CACHE'] ?? join(tmpdir(), 'e2e-tools'),
        RUNNER_TEMP: join(this.workspace, 'temp'),
        GITHUB_ACTIONS: 'true',
        GITHUB_RUN_ID: '4711',
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_WORKFLOW: 'e2e',
        GITHUB_JOB: 'load-test',
        GITHUB_STATE: this.#commandFile('state'),
        GITHUB_OUTPUT: this.#commandFile('output'),
        GITHUB_ENV: this.#commandFile('env'),
        GITHUB_PATH: this.#commandFile('path'),
        GITHUB_STEP_SUMMARY: this.#commandFile('summary'),
        ...this.#env,
      },
    });
    let log = '';
    let wake = (): void => undefined;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (process.env['E2E_VERBOSE'] !== undefined) process.stderr.write(text);
        wake();
      });
    }
    let over = false;
    const ended = once(child, 'close').then(([exitCode, signal]) => {
      over = true;
      wake();
      return { exitCode: exitCode as number | null, signal: signal as NodeJS.Signals | null, log };
    });
    const logged = async (text: string): Promise<void> => {
      while (!log.includes(text)) {
        if (over) throw new Error(`The ${step} step ended without ${JSON.stringify(text)}:\n${log}`);
        await new Promise<void>((done) => {
          wake = done;
        });
      }
    };
    return { child, ended, logged };
  }

  run(step: 'main' | 'post'): Promise<Ended> {
    return this.start(step).ended;
  }

  /** A file of the output folder. */
  path(...names: string[]): string {
    return join(this.workspace, 'artifacts', ...names);
  }

  json(name: string): unknown {
    return JSON.parse(readFileSync(this.path(name), 'utf8'));
  }

  outputs(): Record<string, string> {
    return readFileCommand(this.#commandFile('output'));
  }

  summary(): string {
    return readFileSync(this.#commandFile('summary'), 'utf8');
  }

  dispose(): void {
    rmSync(this.workspace, { recursive: true, force: true });
  }

  /** What the main step saved for post, as the runner hands it over in the environment. */
  savedState(): Record<string, string> {
    const saved = readFileCommand(this.#commandFile('state'));
    return Object.fromEntries(Object.entries(saved).map(([name, value]) => [`STATE_${name}`, value]));
  }

  #commandFile(name: string): string {
    return join(this.workspace, 'commands', name);
  }
}

/** Reads `name<<delimiter` blocks as the runner does. */
function readFileCommand(file: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = readFileSync(file, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(lines[at] ?? '') ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    values[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return values;
}
