import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActionRun } from '../e2e/action.ts';
import { machineState } from '../e2e/machine.ts';

/** What must be the same before and after, whatever ran in between. Null is what this user may not see. */
interface Footprint {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Bytes of containers and volumes as Docker counts them; images are kept on purpose. */
  readonly diskBytes: string;
  /** Processes that Docker keeps for containers, and those of the runs. */
  readonly processes: number;
  readonly engineFileDescriptors: number | null;
  readonly kubeconfigs: readonly string[];
}

const printed = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', timeout: 60_000 }).trim();

function footprint(home: string): Footprint {
  const disk = printed('docker', 'system', 'df', '--format', '{{.Type}} {{.TotalCount}} {{.Size}}').split('\n');
  return {
    ...machineState(),
    diskBytes: disk.filter((line) => !/^(Images|Build)/.test(line)).join(', '),
    processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name) && belongs(name, home)).length,
    engineFileDescriptors: engineFileDescriptors(),
    kubeconfigs: existsSync(join(home, '.kube'))
      ? readdirSync(join(home, '.kube')).filter((name) => name !== 'cache')
      : [],
  };
}

function belongs(pid: string, home: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('containerd-shim')) return true;
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`HOME=${home}`);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}

function engineFileDescriptors(): number | null {
  try {
    const pid = printed('pgrep', '--oldest', '--exact', 'dockerd');
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

/** The engine closes what it no longer needs a moment later: the same, or not the same for half a minute. */
async function difference(before: Footprint, home: string): Promise<string[]> {
  for (let look = 0; ; look += 1) {
    const after = footprint(home);
    const names = (Object.keys(before) as (keyof Footprint)[]).filter(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
    );
    if (names.length === 0 || look === 15)
      return names.map((name) => `${name}: ${JSON.stringify(before[name])} became ${JSON.stringify(after[name])}`);
    await sleep(2000);
  }
}

interface SoakRun {
  readonly exitCodes: readonly (number | null)[];
  readonly outcome: string;
  readonly seconds: number;
}

async function runOnce(home: string, number: number): Promise<SoakRun> {
  const start = performance.now();
  const action = new ActionRun(
    { nodes: '1', prometheus: 'false', requests: '200', comment: 'false' },
    { HOME: home, GITHUB_RUN_ID: String(5000 + number) },
  );
  try {
    const main = await action.run('main');
    const post = await action.run('post');
    const outcome = existsSync(action.path('report.json'))
      ? (action.json('report.json') as { outcome: { code: string } }).outcome.code
      : 'no report';
    if (main.exitCode !== 0 || post.exitCode !== 0) console.log(main.log.slice(-3000), post.log.slice(-1000));
    return { exitCodes: [main.exitCode, post.exitCode], outcome, seconds: (performance.now() - start) / 1000 };
  } finally {
    action.dispose();
  }
}

/**
 * Uses the action `runs` times one after another and then `parallel` times side by side, on the real
 * cluster, and compares the machine before and after. Nothing else should use Docker meanwhile.
 *
 * @returns whether every run ended well and the machine is as it was.
 */
export async function soak({ runs, parallel }: { readonly runs: number; readonly parallel: number }): Promise<boolean> {
  const home = mkdtempSync(join(tmpdir(), 'soak-'));
  let number = 0;
  const show = (run: SoakRun): SoakRun => {
    console.log(
      `run ${String((number += 1)).padStart(2)}: ${run.outcome}, exit codes ${run.exitCodes.join(' and ')}, ${run.seconds.toFixed(0)} s`,
    );
    return run;
  };
  try {
    const before = footprint(home);
    const done: SoakRun[] = [];
    for (let index = 0; index < runs; index += 1) done.push(show(await runOnce(home, index)));
    done.push(
      ...(await Promise.all(
        Array.from({ length: parallel }, async (_, index) => show(await runOnce(home, runs + index))),
      )),
    );
    const differences = await difference(before, home);
    const wrong = done.filter(
      ({ exitCodes, outcome }) =>
        exitCodes.some((code) => code !== 0) || !['passed', 'generator-saturated'].includes(outcome),
    );
    console.log(
      `\nBefore and after ${String(runs)} runs one after another and ${String(parallel)} side by side: ${differences.length === 0 ? 'equal' : 'not equal'}`,
    );
    console.log(JSON.stringify(before, null, 2));
    for (const line of differences) console.log(line);
    console.log(`${String(done.length - wrong.length)} passed, ${String(wrong.length)} failed`);
    return differences.length === 0 && wrong.length === 0;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
