import { limitFolder, listFiles, rewriteFiles, writeFileAtomically } from '../adapters/files.ts';
import { withoutSecrets } from '../adapters/secrets.ts';
import { parsePods } from '../cluster/kubernetes-json.ts';
import { kindOf, kubectlOf, namespaceFlag, outputPath, type Context } from '../context.ts';
import { clusterIn } from '../system.ts';

/** What the runner keeps of a failed run must not fill its disk. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;
const MAX_TOTAL_BYTES = 20 * 1024 * 1024;

/**
 * Keeps what explains a failure, before the teardown destroys it: nodes, pods, events, logs. Each
 * piece is tried on its own; none of them can fail the run.
 */
export async function collectDiagnostics(context: Context): Promise<void> {
  const { store, runner } = context;
  const cluster = clusterIn(store.state.system);
  if (cluster === null || cluster.deletedAt !== null) return;
  const folder = outputPath(context, 'diagnostics');
  const namespaces = namespaceFlag(context);
  const pieces = [
    keep(context, 'events.txt', 'get', 'events', namespaces, '--sort-by=.lastTimestamp'),
    keep(context, 'pods.txt', 'get', 'pods', namespaces, '--output=wide'),
    keep(context, 'pods-described.txt', 'describe', 'pods', namespaces),
    keep(context, 'ingresses.txt', 'describe', 'ingresses', namespaces),
    keepPodLogs(context),
    // Of a cluster of others only what is in the run's own namespace is anybody's business.
    ...(cluster.kind === 'own'
      ? [keep(context, 'nodes.txt', 'describe', 'nodes'), keepKindLogs(context, cluster.name)]
      : []),
  ];
  const results = await Promise.allSettled(pieces);
  for (const result of results) {
    if (result.status === 'rejected')
      runner.info(`A piece of the diagnostics is missing: ${String(result.reason).split('\n')[0] ?? ''}`);
  }
  // Before files are cut, which could leave half of a secret.
  rewriteFiles(folder, withoutSecrets);
  limitFolder(folder, MAX_FILE_BYTES, MAX_TOTAL_BYTES);
  const files = listFiles(folder);
  store.update({ diagnostics: files.map((file) => `diagnostics/${file}`) });
  runner.info(`${String(files.length)} files of diagnostics in ${folder}`);
}

async function keep(context: Context, file: string, ...args: string[]): Promise<void> {
  writeFileAtomically(outputPath(context, 'diagnostics', file), await kubectlOf(context).text(...args));
}

// A function of its own, for without a kind to call that fails like any other piece.
async function keepKindLogs(context: Context, name: string): Promise<void> {
  await kindOf(context).exportLogs(name, outputPath(context, 'diagnostics', 'kind'));
}

async function keepPodLogs(context: Context): Promise<void> {
  const kubectl = kubectlOf(context);
  const pods = parsePods(await kubectl.get('pods', namespaceFlag(context))).filter(
    ({ metadata }) => metadata.namespace !== 'kube-system',
  );
  await Promise.allSettled(
    pods.map(async ({ metadata: { namespace, name } }) => {
      await keep(
        context,
        `logs/${namespace}_${name}.log`,
        'logs',
        name,
        `--namespace=${namespace}`,
        '--all-containers',
        '--prefix',
        '--tail=1000',
      );
    }),
  );
}
