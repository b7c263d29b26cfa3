import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../src/load/random.ts';
import { createJob, startIngress, type Finished, type Job, type JobOptions, type RunningStep } from '../dist/runner.ts';
import { startArtifactService, type FakeArtifactService } from '../fakes/github/artifact-service.ts';
import { startGitHub, type FakeGitHub } from '../fakes/github/server.ts';
import type { Rule } from '../fakes/tools.ts';
import type { InvariantId, Judged, Ran } from './invariants.ts';

export interface FaultJobOptions extends JobOptions {
  /** What the fake tools do instead of their own work. */
  readonly rules?: readonly Rule[];
  /** Another job on the same machine: with the same Docker, and so with the same containers. */
  readonly beside?: FaultJob;
  /** The job runs for pull request 7, with a token that may write and services that answer. */
  readonly pullRequest?: boolean;
  /** How the system under test answers; as the action's own application when left out. */
  readonly ingress?: RequestListener;
  /** Further texts that must not get out; a random token is among them anyway. */
  readonly secrets?: readonly string[];
  /** How long main and post may take, each, before they are killed and the case fails. */
  readonly budgetMs?: number;
  /** Invariants that this fault takes away, each with the reason. */
  readonly exempt?: Partial<Record<InvariantId, string>>;
}

/** A job of the fake machine, with secrets and things of others planted in it. */
export interface FaultJob extends Omit<Job, 'step' | 'cli'>, Judged {
  readonly github: FakeGitHub | null;
  readonly artifactService: FakeArtifactService | null;
  /** How many requests have come to the system under test. */
  served(): number;
  /** Puts something of somebody else on the machine. */
  foreign(kind: 'containers' | 'networks', name: string, value?: object): void;
  main(during?: (running: RunningStep) => Promise<void>): Promise<Finished>;
  post(during?: (running: RunningStep) => Promise<void>): Promise<Finished>;
  /** Runs main and cancels it as GitHub's runner does, when `when` resolves: SIGINT, 7.5 s, SIGTERM, 2.5 s, kill. */
  cancelled(when: (running: RunningStep) => Promise<void>): Promise<Finished>;
}

/** Whole times by name, in milliseconds: the longest of all cases is what the documentation shows. */
export type Figures = Map<'from SIGINT to exit' | 'post step', number>;

/** The head commit of pull request 7. */
const HEAD = 'a'.repeat(40);

const MAIN_BUDGET_MS = 120_000;
/** The runner gives a cancelled job five minutes. */
const POST_BUDGET_MS = 180_000;

/** One run of one case: what it makes is gone afterwards, and what it draws comes from its seed. */
export class Trial {
  readonly seed: number;
  /** From 0 up to 1; the same sequence for the same case and seed. */
  readonly random: () => number;
  /** Those that are judged after the case. */
  readonly jobs: Judged[] = [];
  /** What a case wants to be printed beside its row. */
  readonly notes: string[] = [];
  readonly #figures: Figures;
  readonly #endings: (() => Promise<void> | void)[] = [];

  constructor(name: string, seed: number, figures: Figures) {
    this.seed = seed;
    const stream = createRandom(`${name} ${String(seed)}`);
    this.random = () => stream.uniform();
    this.#figures = figures;
  }

  /** An empty folder. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'fault-'));
    this.defer(() => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    });
    return folder;
  }

  /** Runs after the case and its judgement, the last one first. */
  defer(ending: () => Promise<void> | void): void {
    this.#endings.push(ending);
  }

  /** A job that only lent its machine to another one is not judged. */
  forget(job: Judged): void {
    this.jobs.splice(this.jobs.indexOf(job), 1);
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.reverse()) await ending();
  }

  /** Keeps the longest of a kind of time. */
  record(name: 'from SIGINT to exit' | 'post step', ms: number): void {
    this.#figures.set(name, Math.max(this.#figures.get(name) ?? 0, ms));
  }

  /** A job that would pass: a small load without Prometheus on a machine that has things of others on it. */
  async job(options: FaultJobOptions = {}): Promise<FaultJob> {
    const {
      beside,
      pullRequest = false,
      budgetMs,
      exempt = {},
      rules = [],
      inputs = {},
      env = {},
      logFile,
      openFiles,
    } = options;
    const ingress = await startIngress(options.ingress);
    let served = 0;
    ingress.server.on('request', () => {
      served += 1;
    });
    this.defer(() => {
      ingress.server.closeAllConnections();
      ingress.server.close();
    });
    const token = `ghs_planted${Math.floor(this.random() * 1e15).toString(36)}`;
    const home = this.folder();
    const services = pullRequest ? await this.services(home, token) : null;
    const job = createJob(home, {
      ...(beside === undefined
        ? { scenario: { httpPort: ingress.port, rules, ...options.scenario } }
        : { tools: beside.tools }),
      inputs: { requests: '20', 'warmup-requests': '0', prometheus: 'false', 'github-token': token, ...inputs },
      env: { ...services?.env, ...env },
      ...(logFile === undefined ? {} : { logFile }),
      ...(openFiles === undefined ? {} : { openFiles }),
    });
    const before = beside === undefined ? this.#plantForeign(job) : beside.before;
    mkdirSync(join(home, '.kube'));
    writeFileSync(join(home, '.kube', 'config'), 'of: somebody else\n');

    const ran: Ran[] = [];
    const run = async (step: 'main' | 'post', during?: (running: RunningStep) => Promise<void>): Promise<Finished> => {
      const limitMs = budgetMs ?? (step === 'main' ? MAIN_BUDGET_MS : POST_BUDGET_MS);
      const start = performance.now();
      let overBudget = false;
      const finished = await job.step(step, async (running) => {
        const timer = setTimeout(() => {
          overBudget = true;
          running.kill('SIGKILL');
        }, limitMs);
        void running.ended.then(() => {
          clearTimeout(timer);
        });
        await during?.(running);
      });
      const ms = performance.now() - start;
      if (step === 'post') this.record('post step', ms);
      ran.push({ step, ms, overBudget, ...finished });
      return finished;
    };
    const whole: FaultJob = {
      ...job,
      github: services?.github ?? null,
      artifactService: services?.service ?? null,
      secrets: [token, PLANTED_KEY, ...(options.secrets ?? [])],
      before,
      served: () => served,
      now: () => machine(job),
      exempt,
      ran,
      foreign: (kind, name, value) => {
        job.tools.add(kind, name, value);
        before.push(`${kind.slice(0, -1)} ${name}`);
      },
      main: (during) => run('main', during),
      post: (during) => run('post', during),
      cancelled: (when) =>
        run('main', async (running) => {
          await when(running);
          await this.cancelAsRunner(running);
        }),
    };
    this.jobs.push(whole);
    return whole;
  }

  /** In half of the trials somebody else has a kind cluster, and with it Docker's network `kind`. */
  #plantForeign(job: Job): string[] {
    job.tools.add('containers', 'database-of-others');
    job.tools.add('networks', 'bridge');
    if (this.random() < 0.5) {
      job.tools.add('containers', 'others-control-plane', { cluster: 'others' });
      job.tools.add('networks', 'kind');
    }
    return machine(job);
  }

  /** GitHub and its artifact service, for a job of pull request 7. */
  async services(
    home: string,
    token: string,
  ): Promise<{ github: FakeGitHub; service: FakeArtifactService; env: Record<string, string> }> {
    const [github, service] = await Promise.all([startGitHub(), startArtifactService()]);
    this.defer(async () => {
      await Promise.all([github.close(), service.close()]);
    });
    github.accounts.set(token, { login: 'github-actions[bot]', mayWrite: true });
    github.pulls.push({ number: 7, headSha: HEAD, headRepository: github.repository, headBranch: 'topic' });
    const event = join(home, 'event.json');
    const full_name = github.repository;
    writeFileSync(
      event,
      JSON.stringify({
        number: 7,
        pull_request: { number: 7, head: { sha: HEAD, repo: { full_name } }, base: { repo: { full_name } } },
        repository: { full_name },
      }),
    );
    return {
      github,
      service,
      env: {
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_REF: 'refs/pull/7/merge',
        GITHUB_EVENT_PATH: event,
        GITHUB_API_URL: github.url,
        ACTIONS_RUNTIME_TOKEN: service.token,
        ACTIONS_RESULTS_URL: service.url,
      },
    };
  }

  /** Times and order of ProcessInvoker in actions/runner. */
  async cancelAsRunner({ kill, ended }: RunningStep): Promise<void> {
    const start = performance.now();
    void ended.then(() => {
      this.record('from SIGINT to exit', performance.now() - start);
    });
    for (const [signal, waitMs] of [
      ['SIGINT', 7500],
      ['SIGTERM', 2500],
      ['SIGKILL', 0],
    ] as const) {
      kill(signal);
      if (await endsWithin(ended, waitMs)) return;
    }
  }
}

/** In the kubeconfig that the fake kind writes. */
const PLANTED_KEY = 'cGxhbnRlZC1rZXktb2YtdGhlLWNsdXN0ZXI=';

const machine = ({ tools }: Pick<Job, 'tools'>): string[] => [
  ...tools.names('containers').map((name) => `container ${name}`),
  ...tools.names('networks').map((name) => `network ${name}`),
];

async function endsWithin(ended: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
