import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeRoute } from '../src/adapters/probe-route.ts';
import { onLoopback } from '../src/model/endpoint.ts';

/** Whether a command is on PATH. */
export function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const canPin = availableParallelism() > 1 && isInstalled('taskset');

/** The server has the first core, generators the second, so that neither takes the other's time. */
export const SERVER_CORE = 0;
export const GENERATOR_CORE = 1;
export const pinning = canPin
  ? 'server on core 0, generator on core 1'
  : 'not pinned: taskset or a second core is missing';

/** A command that runs on one core, where that can be had. */
export function onCore(core: number | null, command: readonly string[]): [string, string[]] {
  const [program = '', ...args] = canPin && core !== null ? ['taskset', '-c', String(core), ...command] : command;
  return [program, args];
}

/**
 * Runs a generator to its end, on its core or on all of them.
 *
 * @returns its standard output, and the CPU time of it and its children in microseconds.
 * @throws Error with its last words when it fails or takes longer than `timeoutMs`.
 */
export async function runGenerator(
  command: readonly string[],
  timeoutMs: number,
  pinned: boolean,
): Promise<{ output: string; cpuMicros: number }> {
  const [program, args] = onCore(pinned ? GENERATOR_CORE : null, command);
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@"';
  const child = spawn('bash', ['-c', script, 'bench', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    // Go programs start as many threads as there are cores that they may use.
    env: pinned ? { ...process.env, GOMAXPROCS: '1' } : process.env,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${errors.slice(-500)}`);
  const [, user = '0', system = '0'] = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(errors) ?? [];
  return { output, cpuMicros: (Number(user) + Number(system)) * 1e6 };
}

/** A server for the time of a bench. */
export interface BenchServer {
  readonly port: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** A tenth of a second apart: on a busy machine a TypeScript program takes many seconds to start. */
const START_ATTEMPTS = 300;

/** A real-time priority, if this user may have it. */
const AHEAD = ['--rr', '1'];
export const canGoAhead = isInstalled('chrt') && spawnSync('chrt', [...AHEAD, 'true']).status === 0;
export const priority = canGoAhead
  ? 'server and engine go ahead of all other programs'
  : 'server and engine wait for other programs: chrt is missing or not allowed';

/**
 * Starts a command on the server's core and waits until it answers.
 *
 * @param ahead whether it goes ahead of all other programs. It must sleep now and then: what needs its core for longer, the kernel stops.
 */
export async function startServer(command: readonly string[], port: number, ahead = false): Promise<BenchServer> {
  const [program, args] = onCore(SERVER_CORE, ahead && canGoAhead ? ['chrt', ...AHEAD, ...command] : command);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    try {
      await probeRoute({ endpoint: onLoopback(port), host: 'foo.localhost', path: '/', timeoutMs: 1000 });
      return { port, process: child, stop };
    } catch {
      await sleep(100);
    }
  }
  await stop();
  throw new Error(`${command.join(' ')} does not answer on port ${String(port)}`);
}

/** nginx with one worker that answers everything with 4 bytes; it closes no connection. `ahead` as for `startServer`. */
export async function startNginx(port: number, ahead = false): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-nginx-'));
  const configuration = `
    daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 1000000000; keepalive_timeout 75s;
      server { listen 127.0.0.1:${String(port)} backlog=4096; location / { default_type text/plain; return 200 "foo\\n"; } }
    }`;
  await writeFile(join(folder, 'nginx.conf'), configuration);
  const server = await startServer(
    ['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    port,
    ahead,
  );
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
