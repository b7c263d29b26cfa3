import { limitFolder, listFiles, rewriteFiles, writeFileAtomically } from '../adapters/files.ts';
import { withoutSecrets } from '../adapters/secrets.ts';
import { type ListedPod, POD_COLUMNS, readPodList } from '../cluster/pod-list.ts';
import { kindOf, kubectlOf, namespaceFlag, outputPath, type Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { aFewAtATime, withSignal } from '../side-by-side.ts';
import { clusterIn } from '../system.ts';

/** The diagnostics of a failed run must not fill the disk of the runner. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;
const MAX_TOTAL_BYTES = 20 * 1024 * 1024;
/** Half of it is for pod logs. */
const MAX_LOG_BYTES = MAX_TOTAL_BYTES / 2;
/** Each log is a process. */
const LOGS_AT_ONCE = 8;
/** For all pieces together: a job that takes more than a minute to say why it failed helps nobody. */
const DEADLINE_MS = 60_000;
/** kubectl asks the API server for the events of each pod that it describes. */
const MOST_DESCRIBED = 100;

/**
 * Collects what explains a failure before the teardown destroys it: nodes, pods, events, logs. Each piece is collected
 * on its own, and none can fail the run. Pods are handled a few at a time, and collection stops after a minute or at
 * the size limit.
 */
export async function collectDiagnostics(given: Context): Promise<void> {
  const context = withSignal(given, AbortSignal.timeout(DEADLINE_MS));
  const { store, runner } = context;
  const cluster = clusterIn(store.state.system);
  if (cluster === null || cluster.deletedAt !== null) return;
  const folder = outputPath(context, 'diagnostics');
  const namespaces = namespaceFlag(context);
  const pieces = [
    keep(context, 'events.txt', 'get', 'events', namespaces, '--sort-by=.lastTimestamp'),
    keep(context, 'pods.txt', 'get', 'pods', namespaces, '--output=wide'),
    keep(context, 'ingresses.txt', 'describe', 'ingresses', namespaces),
    keepOfPods(context),
    // In an existing cluster, only the run's own namespace is our concern.
    ...(cluster.kind === 'own'
      ? [keep(context, 'nodes.txt', 'describe', 'nodes'), keepKindLogs(context, cluster.name)]
      : []),
  ];
  const results = await Promise.allSettled(pieces);
  for (const result of results) {
    if (result.status === 'rejected')
      runner.info(`Part of the diagnostics is missing: ${messageOf(result.reason).split('\n')[0] ?? ''}`);
  }
  // Before files are cut, because a cut could leave half of a secret unmasked.
  rewriteFiles(folder, withoutSecrets);
  limitFolder(folder, MAX_FILE_BYTES, MAX_TOTAL_BYTES);
  const files = listFiles(folder);
  store.update({ diagnostics: files.map((file) => `diagnostics/${file}`) });
  runner.info(`${String(files.length)} files of diagnostics in ${folder}`);
}

/** @returns how many characters were kept. */
async function keep(context: Context, file: string, ...args: string[]): Promise<number> {
  const text = await kubectlOf(context).text(...args);
  writeFileAtomically(outputPath(context, 'diagnostics', file), text);
  return text.length;
}

/** The same of a log, whose last line kubectl may have cut: half of a secret may stand there. */
async function keepLog(context: Context, file: string, ...args: string[]): Promise<number> {
  const text = await kubectlOf(context).text(...args);
  const whole = Buffer.byteLength(text) < MAX_FILE_BYTES ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  writeFileAtomically(outputPath(context, 'diagnostics', file), whole);
  return text.length;
}

// A function of its own, for without a kind to call that fails like any other piece.
async function keepKindLogs(context: Context, name: string): Promise<void> {
  await kindOf(context).exportLogs(name, outputPath(context, 'diagnostics', 'kind'));
}

/** Descriptions of pods, unhealthy ones first. */
async function keepOfPods(context: Context): Promise<void> {
  const list = await kubectlOf(context).text(
    'get',
    'pods',
    namespaceFlag(context),
    '--no-headers',
    `--output=custom-columns=${POD_COLUMNS}`,
  );
  const pods = readPodList(list);
  await Promise.allSettled([keepDescriptions(context, pods), keepLogs(context, pods)]);
}

async function keepDescriptions(context: Context, pods: readonly ListedPod[]): Promise<void> {
  if (pods.length <= MOST_DESCRIBED) {
    await keep(context, 'pods-described.txt', 'describe', 'pods', namespaceFlag(context));
    return;
  }
  const namespaces = [...new Set(pods.filter(({ isWell }) => !isWell).map(({ namespace }) => namespace))];
  const chosen = pods.filter(({ isWell }) => !isWell).slice(0, MOST_DESCRIBED);
  context.runner.info(`${String(chosen.length)} of ${String(pods.length)} pods are described: the unhealthy ones`);
  for (const namespace of namespaces) {
    const names = chosen.filter((pod) => pod.namespace === namespace).map(({ name }) => name);
    if (names.length > 0)
      await keep(context, `pods-described-${namespace}.txt`, 'describe', 'pods', `--namespace=${namespace}`, ...names);
  }
}

async function keepLogs(context: Context, pods: readonly ListedPod[]): Promise<void> {
  const own = pods.filter(({ namespace }) => namespace !== 'kube-system');
  let [bytes, kept] = [0, 0];
  const goesOn = (): boolean => bytes < MAX_LOG_BYTES && !context.signal.aborted;
  await aFewAtATime(
    own,
    LOGS_AT_ONCE,
    async ({ namespace, name }) => {
      const length = await keepLog(
        context,
        `logs/${namespace}_${name}.log`,
        'logs',
        name,
        `--namespace=${namespace}`,
        '--all-containers',
        '--prefix',
        '--tail=1000',
        `--limit-bytes=${String(MAX_FILE_BYTES)}`,
      );
      // Not in one statement, because others add to it while this one waits.
      bytes += length;
      kept += 1;
    },
    goesOn,
  );
  if (!goesOn())
    context.runner.info(
      `The logs of ${String(kept)} of ${String(own.length)} pods were kept, unhealthy pods first: there was no room or time for more`,
    );
}
