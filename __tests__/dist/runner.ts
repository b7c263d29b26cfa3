import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createFakeTools, type FakeTools, type Scenario } from '../fakes/tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A step while its process runs. */
export interface RunningStep {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<unknown>;
  /** What it has printed so far. */
  readonly stdout: () => string;
  /** The reader of the log goes away: what is printed from now on meets a closed pipe. */
  readonly closeLog: () => void;
}

type During = (running: RunningStep) => Promise<void>;

export interface Job {
  readonly home: string;
  readonly tools: FakeTools;
  readonly workspace: string;
  readonly artifacts: string;
  /** RUNNER_TEMP. */
  readonly temp: string;
  /** What the main step has saved and set, as the runner reads it from the files. */
  readonly state: () => Readonly<Record<string, string>>;
  readonly outputs: () => Readonly<Record<string, string>>;
  readonly summary: () => string;
  /** Runs a step to its end; `during` may do something to its process meanwhile. */
  readonly step: (name: 'main' | 'post', during?: During) => Promise<Finished>;
  readonly cli: (...args: readonly string[]) => Promise<Finished>;
  /** The same, with something that may happen meanwhile. */
  readonly command: (args: readonly string[], during?: During) => Promise<Finished>;
}

export interface JobOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly scenario?: Scenario;
  /** Those of another job on the same machine. */
  readonly tools?: FakeTools;
  /** That of an earlier step of the same job; what the runner keeps for a step is never shared. */
  readonly workspace?: string;
  /** Where its steps print to in the place of a pipe, such as /dev/full. */
  readonly logFile?: string;
  /** How many files, pipes and connections each of its processes may have open; as many as this one when left out. */
  readonly openFiles?: number;
}

/** A job on a fresh runner that has the fake tools on PATH, and kind and kubectl in its tool cache. */
export function createJob(home: string, { inputs = {}, env = {}, scenario, tools = createFakeTools(home), workspace = join(home, 'workspace'), logFile, openFiles }: JobOptions = {}): Job {
  if (scenario !== undefined) tools.scenario(scenario);
  const cache = join(home, 'cache');
  tools.fillToolCache(cache);
  for (const folder of [workspace, join(home, 'temp'), join(home, 'commands')]) mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(home, 'commands', name);
  for (const name of ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY']) writeFileSync(file(name), '');

  const environment = {
    PATH: tools.path,
    HOME: home,
    RUNNER_TEMP: join(home, 'temp'),
    RUNNER_TOOL_CACHE: cache,
    GITHUB_ACTIONS: 'true',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'load',
    GITHUB_WORKFLOW: 'Load test',
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_OUTPUT: file('OUTPUT'),
    GITHUB_STATE: file('STATE'),
    GITHUB_ENV: file('ENV'),
    GITHUB_PATH: file('PATH'),
    GITHUB_STEP_SUMMARY: file('STEP_SUMMARY'),
    ...inputVariables({ 'kind-sha256': tools.sha256('kind'), 'kubectl-sha256': tools.sha256('kubectl'), wait: '10s', ...inputs }),
    ...env,
  };

  const run = async (args: readonly string[], given: NodeJS.ProcessEnv, during?: During): Promise<Finished> => {
    const log = logFile === undefined ? 'pipe' : openSync(logFile, 'w');
    // A shell passes on no variable with a hyphen, as inputs have it.
    const variables = Object.entries(given).map(([name, value]) => `${name}=${value ?? ''}`);
    const limited = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${String(openFiles)} && exec env "$@"`, 'sh', ...variables];
    const [program = '', ...rest] = [...limited, process.execPath, ...args];
    const child = spawn(program, rest, { cwd: workspace, env: given, stdio: ['ignore', log, log] });
    if (log !== 'pipe') closeSync(log);
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name]?.setEncoding('utf8').on('data', (text: string) => { printed[name] += text; });
    const closeLog = (): void => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    try {
      await during?.({ kill: (signal) => child.kill(signal), ended, stdout: () => printed.stdout, closeLog });
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    const [exitCode, signal] = await ended;
    return { exitCode, signal, ...printed };
  };

  const command = (args: readonly string[], during?: During): Promise<Finished> =>
    run([join(ROOT, 'dist', 'cli', 'index.js'), ...args], { PATH: tools.path, HOME: home, RUNNER_TOOL_CACHE: cache, RUNNER_TEMP: join(home, 'temp') }, during);

  const state = () => commandsIn(readFileSync(file('STATE'), 'utf8'));
  return {
    home,
    tools,
    workspace,
    artifacts: join(workspace, 'artifacts'),
    temp: join(home, 'temp'),
    state,
    outputs: () => commandsIn(readFileSync(file('OUTPUT'), 'utf8')),
    summary: () => readFileSync(file('STEP_SUMMARY'), 'utf8'),
    step: (name, during) => {
      const saved = Object.fromEntries(Object.entries(name === 'post' ? state() : {}).map(([key, value]) => [`STATE_${key}`, value]));
      return run([join(ROOT, 'dist', name, 'index.js')], { ...environment, ...saved }, during);
    },
    cli: (...args) => command(args),
    command,
  };
}

/** Inputs as the runner hands them over: all that action.yml declares, with its defaults. */
function inputVariables(given: Readonly<Record<string, string>>): Record<string, string> {
  const metadata = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as { inputs: Readonly<Record<string, { default?: string }>> };
  const defaults = Object.entries(metadata.inputs).map(([name, { default: standard = '' }]) => [name, standard.startsWith('${{') ? '' : standard] as const);
  return Object.fromEntries([...defaults, ...Object.entries(given)].map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
}

/** What a file of commands sets: `name<<delimiter`, lines, delimiter. */
function commandsIn(content: string): Record<string, string> {
  return Object.fromEntries([...content.matchAll(/^([^\n=<]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name = '', , value = '']) => [name, value]));
}

/** The commands that the runner would carry out for what a step has printed. */
export const commandsOf = ({ stdout, stderr }: Finished): string[] =>
  `${stdout}\n${stderr}`.split('\n').filter((line) => /^\s*::/.test(line) || line.includes('##['));

/** Stands in for the ingress controller of the cluster. */
export async function startIngress(listener: RequestListener = echo): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** Answers as the action's own application does. */
const echo: RequestListener = (request, response) => {
  response.end(`${request.headers.host?.split('.')[0] ?? ''}\n`);
};

export const filesIn = (folder: string, ...names: readonly string[]): boolean[] => names.map((name) => existsSync(join(folder, name)));
