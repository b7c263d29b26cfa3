import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_VERSIONS } from '../../src/cluster/pinned-versions.ts';
import type { Finished, RunningStep } from '../dist/runner.ts';
import type { FakeArtifactService } from '../fakes/github/artifact-service.ts';
import { ActionRun, machineInputs, type Running } from '../e2e/action.ts';
import type { InvariantId, Judged, Ran } from './invariants.ts';
import type { Trial } from './trial.ts';

const execute = promisify(execFile);

/** What a docker command of the test itself prints, without the last line end. */
export async function docker(...args: string[]): Promise<string> {
  return (await execute('docker', args, { timeout: 60_000 })).stdout.trim();
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

export interface LabJobOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The job runs for pull request 7, with a token that may write and services that answer. */
  readonly pullRequest?: boolean;
  readonly exempt?: Partial<Record<InvariantId, string>>;
}

/** A job on this machine's own Docker, with the real kind and kubectl. */
export interface LabJob extends Judged {
  readonly workspace: string;
  readonly artifactService: FakeArtifactService | null;
  readonly main: (during?: (running: LabStep) => Promise<void>) => Promise<Finished>;
  readonly post: () => Promise<Finished>;
  /** Runs main and cancels it as GitHub's runner does, when `when` resolves. */
  readonly cancelled: (when: (running: LabStep) => Promise<void>) => Promise<Finished>;
  /** The name of its cluster, once there is one. */
  readonly cluster: () => string;
  /** kubectl in its cluster. */
  readonly kubectl: (...args: string[]) => Promise<string>;
}

export interface LabStep extends RunningStep, Pick<Running, 'logged'> {}

/** A busy machine makes a cluster in minutes; what is judged is that it ends at all. */
const MAIN_BUDGET_MS = 540_000;
const POST_BUDGET_MS = 180_000;

/** A job that would pass: one node without Prometheus. Somebody else's cluster lies beside it, stopped. */
export async function labJob(
  trial: Trial,
  { inputs = {}, env = {}, pullRequest = false, exempt = {} }: LabJobOptions = {},
): Promise<LabJob> {
  const token = `ghs_planted${Math.floor(trial.random() * 1e15).toString(36)}`;
  const others = await plantOthers(trial);
  const hadNetwork = (await networks()).includes('kind');
  const home = trial.folder();
  const services = pullRequest ? await trial.services(home, token) : null;
  const action = new ActionRun(
    { nodes: '1', prometheus: 'false', requests: '50', 'github-token': token, ...inputs },
    {
      HOME: home,
      GITHUB_REPOSITORY: 'octo/app',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
      ...services?.env,
      ...env,
    },
  );
  trial.defer(() => {
    action.dispose();
  });
  mkdirSync(join(home, '.kube'), { recursive: true });
  writeFileSync(join(home, '.kube', 'config'), 'of: somebody else\n');

  const secrets = [token];
  const ran: Ran[] = [];
  const run = async (step: 'main' | 'post', during?: (running: LabStep) => Promise<void>): Promise<Finished> => {
    const start = performance.now();
    const running = action.start(step);
    let overBudget = false;
    const timer = setTimeout(
      () => {
        overBudget = true;
        running.child.kill('SIGKILL');
      },
      step === 'main' ? MAIN_BUDGET_MS : POST_BUDGET_MS,
    );
    let log = '';
    for (const stream of [running.child.stdout, running.child.stderr])
      stream?.on('data', (text: string) => {
        log += text;
      });
    const result = running.ended.finally(() => {
      clearTimeout(timer);
    });
    try {
      await during?.({
        kill: (signal) => running.child.kill(signal),
        ended: result,
        stdout: () => log,
        closeLog: () => {
          running.child.stdout?.destroy();
        },
        logged: (text) => running.logged(text),
      });
    } catch (error) {
      running.child.kill('SIGKILL');
      await result;
      throw error;
    }
    const { exitCode, signal } = await result;
    const ms = performance.now() - start;
    if (step === 'post') trial.record('post step', ms);
    secrets.push(...keysIn(action.path('kubeconfig')));
    const finished = { exitCode, signal, stdout: log, stderr: '' };
    ran.push({ step, ms, overBudget, ...finished });
    return finished;
  };
  const cluster = (): string => action.savedState()['STATE_cluster-name'] ?? '';
  const job: LabJob = {
    home,
    workspace: action.workspace,
    artifacts: action.path(),
    temp: join(action.workspace, 'temp'),
    ran,
    before: others,
    now: () => thingsOf(cluster(), others, hadNetwork),
    secrets,
    outputs: () => action.outputs(),
    summary: () => action.summary(),
    state: () => action.savedState(),
    github: services?.github ?? null,
    artifactService: services?.service ?? null,
    exempt,
    main: (during) => run('main', during),
    post: () => run('post'),
    cancelled: (when) =>
      run('main', async (running) => {
        await when(running);
        await trial.cancelAsRunner(running);
      }),
    cluster,
    kubectl: async (...args) => {
      const { tools } = action.json('state.json') as { tools: { kubectl: { path: string } } };
      return (
        await execute(tools.kubectl.path, ['--kubeconfig', action.path('kubeconfig'), ...args], { timeout: 60_000 })
      ).stdout.trim();
    },
  };
  trial.jobs.push(job);
  return job;
}

/** A container that Docker and kind take for the node of a cluster, though it was never started. */
async function plantOthers(trial: Trial): Promise<string[]> {
  const name = `others-${randomBytes(4).toString('hex')}`;
  await createNode(name);
  trial.defer(async () => {
    await docker('rm', '--force', '--volumes', `${name}-control-plane`);
  });
  return [`container ${name}-control-plane`];
}

/** The stopped control plane of a cluster of somebody else. */
export async function createNode(cluster: string): Promise<void> {
  await docker(
    'create',
    '--label',
    `io.x-k8s.kind.cluster=${cluster}`,
    '--label',
    'io.x-k8s.kind.role=control-plane',
    '--name',
    `${cluster}-control-plane`,
    nodeImage(),
  );
}

/** The image of the nodes, which is there from the first run on. */
export const nodeImage = (): string => machineInputs()['node-image'] ?? DEFAULT_NODE_IMAGE;

const DEFAULT_NODE_IMAGE = DEFAULT_VERSIONS.nodeImage;

const networks = async (): Promise<string[]> => lines(await docker('network', 'ls', '--format', '{{.Name}}'));

/**
 * What there is of a job's cluster, and of others that were there before. Somebody else may use the
 * same Docker meanwhile, so that what belongs to neither is not looked at.
 */
async function thingsOf(cluster: string, others: readonly string[], hadNetwork: boolean): Promise<string[]> {
  const containers = lines(await docker('ps', '--all', '--format', '{{.Names}}'));
  const nodes = lines(await docker('ps', '--all', '--filter', 'label=io.x-k8s.kind.cluster', '--format', '{{.Names}}'));
  const ours = (name: string): boolean => cluster !== '' && name.startsWith(`${cluster}-`);
  return [
    ...containers
      .filter((name) => ours(name) || others.includes(`container ${name}`))
      .map((name) => `container ${name}`),
    // It was made for this cluster when it was not there before and no other one has a node now.
    ...(!hadNetwork && nodes.every((node) => others.includes(`container ${node}`))
      ? (await networks()).filter((name) => name === 'kind').map((name) => `network ${name}`)
      : []),
  ];
}

/** The private parts of a kubeconfig, as they stand there and as they would be used. */
function keysIn(file: string): string[] {
  if (!existsSync(file)) return [];
  const keys = [...readFileSync(file, 'utf8').matchAll(/client-(?:key|certificate)-data: (\S+)/g)].map(
    ([, key = '']) => key,
  );
  // Of a decoded key any line would do; the second one is no heading.
  return keys.flatMap((key) => [key, Buffer.from(key, 'base64').toString('utf8').split('\n')[1] ?? key]);
}
