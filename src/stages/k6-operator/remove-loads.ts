import { deadlineOf } from '../../adapters/cancellation.ts';
import { LOAD_LABEL, RUNNER_NAMESPACE, TEST_RUN_PODS, TEST_RUN_RESOURCE } from '../../cluster/k6/test-run.ts';
import { parsePods } from '../../cluster/kubernetes-json.ts';
import { type Context, kubectlOf, warn } from '../../context.ts';
import { CommandError, lastLines, messageOf, StageError } from '../../errors.ts';
import { type Observation, waitUntil } from '../../wait.ts';
import { controllerOf, LOAD_SERVICE } from './serve-ingress.ts';

const REMOVE_MS = 60_000;
/** The rest of a cancelled run's time is for the report. */
const REMOVE_CANCELLED_MS = 3000;
const POLL_EVERY_MS = 500;

/**
 * Removes every TestRun of this program with its pods and other objects: those of this load, or those left by a killed
 * process. A cancelled run does this, too. What can't be removed is a warning.
 */
export async function removeLoads(context: Context): Promise<void> {
  const over = deadlineOf(context.signal, REMOVE_MS, REMOVE_CANCELLED_MS);
  const shell: Context['shell'] = {
    run: (command, args, options) => context.shell.run(command, args, { ...options, signal: over }),
  };
  const kubectl = kubectlOf({ ...context, shell });
  const { namespace } = controllerOf(context);
  try {
    await Promise.all([
      kubectl.deleteAll(`${TEST_RUN_RESOURCE},ConfigMap`, `${LOAD_LABEL.name}=${LOAD_LABEL.value}`, RUNNER_NAMESPACE),
      kubectl.delete('Service', LOAD_SERVICE, namespace),
    ]);
    const look = async (): Promise<Observation<undefined>> => {
      const left = parsePods(
        await kubectl.get('pods', `--namespace=${RUNNER_NAMESPACE}`, `--selector=${TEST_RUN_PODS}`),
      );
      return left.length === 0
        ? { ready: true, value: undefined }
        : { ready: false, why: `${left.map(({ metadata }) => metadata.name).join(', ')} still there` };
    };
    await waitUntil(look, {
      what: 'the pods of the load to be gone',
      deadlineMs: REMOVE_MS,
      everyMs: POLL_EVERY_MS,
      code: 'cleanup-incomplete',
      clock: context.clock,
      signal: over,
    });
  } catch (error) {
    if (!over.aborted && !(error instanceof StageError) && !(error instanceof CommandError)) throw error;
    warn(
      context,
      `The k6 runners may still be there: ${lastLines(messageOf(error), 1)[0] ?? ''} They end with the cluster.`,
    );
  }
}
