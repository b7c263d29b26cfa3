import { commandLine } from '../addresses.ts';
import type { Forward, ServicePort } from '../adapters/commands/kubectl.ts';
import { type Context, kubectlOf, warn } from '../context.ts';
import { lastLines, messageOf, StageError } from '../errors.ts';
import { LOOPBACK } from '../model/endpoint.ts';
import type { Report } from '../model/report.ts';
import { PIPELINE, runPipeline, type Stage } from '../pipeline.ts';
import { shellWord } from '../text/shell-word.ts';
import { waitUntil } from '../wait.ts';

/** The port in manifests/components/grafana. */
const GRAFANA: ServicePort = { namespace: 'monitoring', name: 'grafana', port: 'http' };
const FIRST_PAGE = '/d/loadtest-load-test';

/** By then, anyone who forgot about it has stopped it. */
const LONGEST_LOOK_MS = 12 * 3600 * 1000;
/** A Grafana pod that ends takes the port with it. */
const OPEN_AGAIN_MS = 60_000;
const MOST_OPENINGS = 100;

/**
 * The whole pipeline, with dashboards from the moment everything is healthy. After the report they stay open, and the
 * cluster stays up, until the run is cancelled. It does not wait in a job, where nobody can look, or for a cluster that
 * is kept anyway.
 *
 * @param tell gets the report before that wait; its result is returned.
 */
export async function runWithDashboard<T>(
  context: Context,
  tell: (report: Report) => T | Promise<T>,
  stages: readonly Stage[] = PIPELINE,
): Promise<T> {
  const { inputs, store, runner, signal } = context;
  let opened: Forward | null = null;
  const open: Stage = {
    name: 'open-dashboard',
    run: async () => {
      opened = await openForRun(context);
    },
  };
  try {
    const report = await runPipeline(
      context,
      store.state.run.onGitHub
        ? stages
        : stages.flatMap((stage) => (stage.name === 'check-health' ? [stage, open] : [stage])),
    );
    const told = await tell(report);
    const forward = opened as Forward | null;
    if (forward === null || signal.aborted) return told;
    if (inputs['keep-cluster'])
      runner.info(
        `To open the dashboards again: ${commandLine('dashboard', '--output-dir', shellWord(store.outputDir))}`,
      );
    else await runner.group('dashboard', () => keepOpen(context, forward, 'Ctrl-C ends it and removes the cluster.'));
    return told;
  } finally {
    await (opened as Forward | null)?.close();
  }
}

/**
 * Keeps the dashboards of a cluster open until the run is cancelled.
 *
 * @throws StageError `stage-order` when the cluster has none; CommandError when they can't be opened.
 */
export async function showDashboard(context: Context): Promise<void> {
  if (!context.inputs.dashboard) {
    throw new StageError('stage-order', 'There are no dashboards in this cluster.', {
      hint: 'Input dashboard deploys them when the cluster is created.',
      tryThis: commandLine('up', '--dashboard true'),
    });
  }
  const forward = await openForward(context);
  await keepOpen(context, forward, 'Ctrl-C ends it; the cluster stays.');
}

/** If dashboards can't be opened, the load still runs. */
async function openForRun(context: Context): Promise<Forward | null> {
  try {
    const forward = await openForward(context);
    context.runner.notice(`Dashboards: ${addressOf(forward)}`);
    return forward;
  } catch (error) {
    context.signal.throwIfAborted();
    warn(context, `The dashboards could not be opened: ${messageOf(error)}`);
    return null;
  }
}

/** @param localPort the port on 127.0.0.1 to open; any free port by default. */
const openForward = (context: Context, localPort?: number): Promise<Forward> =>
  kubectlOf(context).forward(GRAFANA, { deadlineMs: LONGEST_LOOK_MS, signal: context.signal, localPort });

async function keepOpen(context: Context, first: Forward, howToEnd: string): Promise<void> {
  const { runner, clock, signal } = context;
  const start = clock.now();
  let forward = first;
  for (let opening = 1; opening <= MOST_OPENINGS; opening += 1) {
    runner.info(`The dashboards are open at ${addressOf(forward)}. ${howToEnd}`);
    const why = await forward.ended;
    if (signal.aborted) return;
    if (clock.now() - start >= LONGEST_LOOK_MS) {
      runner.info(`They were open for ${String(LONGEST_LOOK_MS / 3_600_000)} hours, and are closed now.`);
      return;
    }
    runner.info(`The connection to the dashboards was lost: ${(lastLines(why, 1)[0] ?? '').trim()}`);
    const { port } = forward;
    const again = await waitUntil(async () => ({ ready: true, value: await openForward(context, port) }), {
      what: 'the dashboards to be open again',
      deadlineMs: OPEN_AGAIN_MS,
      everyMs: 2000,
      code: 'workload-not-ready',
      clock,
      signal,
    }).catch((error: unknown) => {
      if (!signal.aborted) runner.warning(`The dashboards are closed: ${messageOf(error)}`);
      return null;
    });
    if (again === null) return;
    forward = again;
  }
  await forward.close();
  runner.warning(`The dashboards are closed: the connection to them was lost ${String(MOST_OPENINGS)} times.`);
}

const addressOf = ({ port }: Forward): string => `http://${LOOPBACK}:${String(port)}${FIRST_PAGE}`;
