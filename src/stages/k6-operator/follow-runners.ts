import { z } from 'zod';
import { withoutSecrets } from '../../adapters/secrets.ts';
import { jobOf, RunnerPods, runnerProblem } from '../../cluster/k6/runner-pods.ts';
import {
  initializerName,
  OPERATOR,
  RUNNER_NAMESPACE,
  runnerNames,
  starterName,
  TEST_RUN_PODS,
  TEST_RUN_RESOURCE,
} from '../../cluster/k6/test-run.ts';
import { parsePods, type PodJson } from '../../cluster/kubernetes-json.ts';
import { problemOf } from '../../cluster/pod-problem.ts';
import { type Context, kubectlCommand, kubectlOf } from '../../context.ts';
import { lastLines, messageOf, StageError } from '../../errors.ts';
import { type K6RunnerLogs, missingRows } from '../../load/k6/k6-runner-logs.ts';
import type { LoadRunner } from '../../model/load.ts';
import { withSignal } from '../../side-by-side.ts';
import { type Observation, waitUntil } from '../../wait.ts';
import { waitFor } from '../health/wait-for.ts';

const IN_NAMESPACE = `--namespace=${RUNNER_NAMESPACE}`;
const POLL_EVERY_MS = 1000;
/** How long the API server may take to report a pod that has ended. */
const SETTLE_MS = 15_000;
const LOG_LINES = 20;
/**
 * It takes a second or two; after this time the operator is started again, which forgets its connections and its
 * pauses.
 */
const OPERATOR_STUCK_MS = 20_000;

/** What curl says of a runner that was not told. */
const NOT_TOLD = /"http_code":(?!2)\d{3}/;

/** The stages of a TestRun in which its runners wait for the start signal. */
const BEFORE_THE_START: ReadonlySet<string> = new Set(['', 'initialization', 'initialized', 'created']);
const testRunShape = z.object({ status: z.object({ stage: z.string().default('') }).prefault({}) });

export interface FollowedLoad {
  /** Name of the TestRun. */
  readonly testRun: string;
  readonly logs: K6RunnerLogs;
  /** How long one runner may take from start to end, in milliseconds. */
  readonly deadlineMs: number;
  /** Called whenever something from a runner was read. */
  readonly onText: () => void;
}

/** Watches the runners of one TestRun and reads their logs, each from its first line to its last. */
export class FollowedRunners {
  readonly #context: Context;
  readonly #load: FollowedLoad;
  readonly #pods: RunnerPods;
  /** Reads the log of a runner once it runs. */
  readonly #following = new Map<string, Promise<void>>();
  /** Why the log of a runner was not read to the end. */
  readonly #logErrors = new Map<string, unknown>();
  readonly #givenUp = new AbortController();

  constructor(context: Context, load: FollowedLoad) {
    this.#context = context;
    this.#load = load;
    this.#pods = new RunnerPods(runnerNames(load.testRun, context.inputs.parallelism));
  }

  /** Whether any runner ever existed. */
  get anySeen(): boolean {
    return this.#pods.anySeen;
  }

  /**
   * Waits until every runner is or was running. Their logs are followed from the first moment.
   *
   * @throws StageError `load-failed` when one does not start within input `wait`, or k6 rejects the script.
   */
  async waitForStart(): Promise<void> {
    try {
      await waitFor(this.#context, () => this.#lookForStart(), {
        what: 'the k6 runners to start',
        code: 'load-failed',
        everyMs: POLL_EVERY_MS,
      });
    } catch (error) {
      if (!(error instanceof StageError) || error.hint !== undefined) throw error;
      throw neverStarted(this.#context, error);
    }
    this.#context.runner.info('All runners are up; the operator starts the load on all of them at once');
  }

  /**
   * Waits until the operator has told the runners to begin, or one of them has ended before it could. An operator that
   * does not do so is started again.
   *
   * @throws StageError `load-failed` when they are not told within input `wait`.
   */
  async waitForBeginning(): Promise<void> {
    const { clock } = this.#context;
    let sinceMs = clock.now();
    const look = async (): Promise<Observation<undefined>> => {
      const pods = await this.#look();
      if (this.#pods.in('ended').length > 0) return { ready: true, value: undefined };
      if (!(await this.#isBeforeTheStart())) return this.#lookAtStarter(pods);
      if (clock.now() - sinceMs >= OPERATOR_STUCK_MS) {
        await this.#restartOperator();
        sinceMs = clock.now();
      }
      return { ready: false, why: 'the operator has not started the load yet' };
    };
    try {
      await waitFor(this.#context, look, {
        what: 'the k6 runners to begin',
        code: 'load-failed',
        everyMs: POLL_EVERY_MS,
      });
    } catch (error) {
      if (!(error instanceof StageError) || error.hint !== undefined) throw error;
      throw neverBegan(this.#context, error);
    }
  }

  /**
   * Waits until every log is read to the end. If a runner is lost before the others got the start signal, the wait
   * ends, because they never will get it.
   */
  async waitForEnd(): Promise<void> {
    const { clock, signal } = this.#context;
    await Promise.all(
      [...this.#following.values()].map(async (following) => {
        await following;
        if (!signal.aborted && !this.#givenUp.signal.aborted && (await this.#isBeforeTheStart())) this.#givenUp.abort();
      }),
    );
    signal.throwIfAborted();
    const look = async (): Promise<Observation<undefined>> => {
      await this.#look();
      const running = this.#pods.in('running');
      return running.length === 0
        ? { ready: true, value: undefined }
        : { ready: false, why: `${running.join(', ')} still running` };
    };
    await waitUntil(look, {
      what: 'the runners to end',
      deadlineMs: SETTLE_MS,
      everyMs: POLL_EVERY_MS,
      code: 'load-failed',
      clock,
      signal,
    }).catch((error: unknown) => {
      // Runners that are still running are reported together with the others.
      if (!(error instanceof StageError)) throw error;
    });
  }

  /** Stops whatever is still being read; nothing is added to the logs afterwards. */
  async stop(): Promise<void> {
    this.#givenUp.abort();
    await Promise.all(this.#following.values());
    this.#load.logs.endAll();
  }

  /** The result of each runner. */
  accounts(): LoadRunner[] {
    return this.#pods.names.map((name) => {
      const pod = this.#pods.podOf(name);
      const account = this.#load.logs.account(name);
      return {
        name,
        node: pod === undefined || pod === null || pod.spec.nodeName === '' ? null : pod.spec.nodeName,
        startedAt: account.firstMs === null ? null : new Date(account.firstMs).toISOString(),
        measured: account.rows,
        problem:
          pod === undefined
            ? 'It never started.'
            : (runnerProblem(pod) ?? this.#brokenLog(name) ?? missingRows(account)),
      };
    });
  }

  #anyRow(): boolean {
    return this.#pods.names.some((name) => this.#load.logs.account(name).firstMs !== null);
  }

  async #lookAtStarter(pods: readonly PodJson[]): Promise<Observation<undefined>> {
    const starter = pods.find((pod) => jobOf(pod) === starterName(this.#load.testRun));
    const phase = starter?.status.phase;
    if (this.#anyRow()) return { ready: true, value: undefined };
    if (starter === undefined || (phase !== 'Succeeded' && phase !== 'Failed')) {
      const why = starter === undefined ? undefined : problemOf(starter)?.message;
      return {
        ready: false,
        why: `the pod that tells the runners to begin has not ended${why === undefined ? '' : `; ${why}`}`,
      };
    }
    const said = await logOf(this.#context, starter);
    if (phase === 'Succeeded' && !NOT_TOLD.test(said)) return { ready: true, value: undefined };
    throw new StageError(
      'load-failed',
      ['Not all k6 runners could be told to begin.', ...lastLines(said, LOG_LINES)].join('\n'),
      {
        hint: 'The lines above are from the starter of the k6-operator, with one answer for each runner. Try again; if it happens again, look at the network of the cluster.',
        tryThis: kubectlCommand(this.#context, 'get', 'pods,services,endpointslices', IN_NAMESPACE),
      },
    );
  }

  async #restartOperator(): Promise<void> {
    this.#context.runner.info(
      `The operator has not started the load for ${String(OPERATOR_STUCK_MS / 1000)} s, so it is restarted`,
    );
    await kubectlOf(this.#context).deleteAll('pods', OPERATOR.label, OPERATOR.namespace);
  }

  #brokenLog(name: string): string | null {
    return this.#logErrors.has(name)
      ? `Its log was cut off: ${lastLines(messageOf(this.#logErrors.get(name)), 1)[0] ?? ''}`
      : null;
  }

  /** @returns all pods of the TestRun. */
  async #look(): Promise<PodJson[]> {
    const pods = parsePods(await kubectlOf(this.#context).get('pods', IN_NAMESPACE, `--selector=${TEST_RUN_PODS}`));
    this.#pods.see(pods);
    return pods;
  }

  async #lookForStart(): Promise<Observation<undefined>> {
    const pods = await this.#look();
    const initializer = pods.find((pod) => jobOf(pod) === initializerName(this.#load.testRun));
    if (initializer?.status.phase === 'Failed') throw await refusedScript(this.#context, initializer);
    for (const name of this.#pods.names) this.#follow(name);
    const waiting = this.#pods.in('waiting').length;
    if (waiting === 0) return { ready: true, value: undefined };
    const all = this.#pods.names.length;
    const why = pods.map((pod) => problemOf(pod)).find((problem) => problem !== null)?.message;
    return {
      ready: false,
      why: `${String(all - waiting)} of ${String(all)} run${why === undefined ? '' : `; ${why}`}`,
    };
  }

  /** Reads the log of a runner in the background, as soon as there is one. */
  #follow(name: string): void {
    const pod = this.#pods.podOf(name);
    if (pod === undefined || pod === null || this.#pods.phaseOf(name) === 'waiting' || this.#following.has(name))
      return;
    const { logs, deadlineMs, onText } = this.#load;
    const following = kubectlOf(withSignal(this.#context, this.#givenUp.signal))
      .followLog(pod.metadata.name, RUNNER_NAMESPACE, deadlineMs, (text) => {
        logs.push(name, text);
        onText();
      })
      .catch((error: unknown) => {
        this.#logErrors.set(name, error);
      })
      .finally(() => {
        logs.end(name);
      });
    this.#following.set(name, following);
  }

  async #isBeforeTheStart(): Promise<boolean> {
    try {
      const testRun = testRunShape.parse(
        await kubectlOf(this.#context).get(TEST_RUN_RESOURCE, this.#load.testRun, IN_NAMESPACE),
      );
      return BEFORE_THE_START.has(testRun.status.stage);
    } catch {
      // Without an answer, wait for the others for as long as their load may take.
      return false;
    }
  }
}

/** The operator lets k6 check the script before it starts a runner. */
async function refusedScript(context: Context, pod: PodJson): Promise<StageError> {
  const said = await logOf(context, pod);
  return new StageError('load-failed', ['k6 does not accept the script.', ...lastLines(said, LOG_LINES)].join('\n'), {
    hint: 'The lines above are from k6. Your script must be a single file that imports no other files and needs no extensions.',
  });
}

/** Without secrets before its lines are cut: of half of one nobody would know. */
const logOf = (context: Context, { metadata }: PodJson): Promise<string> =>
  kubectlOf(context)
    .text('logs', metadata.name, IN_NAMESPACE, `--tail=${String(LOG_LINES)}`)
    .then(withoutSecrets, messageOf);

const neverBegan = (context: Context, cause: StageError): StageError =>
  new StageError('load-failed', `${cause.message.replace(/\.+$/, '')}. No request was sent.`, {
    hint: 'The log of the operator says what it waits for; it was started again in between.',
    tryThis: kubectlCommand(context, 'logs', 'deployment/k6-operator', `--namespace=${OPERATOR.namespace}`),
    cause,
  });

const neverStarted = (context: Context, cause: StageError): StageError =>
  new StageError(
    'load-failed',
    `${cause.message.replace(/\.+$/, '')}. No request was sent, because runners start together or not at all.`,
    {
      hint: 'If no node has room for a runner, use fewer runners (parallelism) or more nodes (nodes). If its image takes long to pull, raise wait. Pods and events are among the diagnostics.',
      tryThis: kubectlCommand(context, 'describe', 'pods', IN_NAMESPACE),
      cause,
    },
  );
