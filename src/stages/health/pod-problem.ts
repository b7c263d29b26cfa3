import { withoutSecrets } from '../../adapters/secrets.ts';
import type { MissingObject, ProbeFailure } from '../../cluster/pod-events.ts';
import type { PodProblem } from '../../cluster/pod-problem.ts';
import { type Context, kubectlCommand, kubectlOf } from '../../context.ts';
import { lastLines, StageError } from '../../errors.ts';

/**
 * What the kubelet returns as the log of a container that it has removed (kuberuntime's GetContainerLogs); kubectl
 * prints it as if it were the log.
 */
const LOG_IS_GONE = 'unable to retrieve container logs for ';

/**
 * The error of a run that fails because of a pod, with the last lines of its log.
 *
 * @param why why the wait ended, as a whole sentence.
 */
export async function problemError(
  context: Context,
  { code, message, namespace, pod, container, missing, probe }: PodProblem,
  why: string,
  cause?: unknown,
): Promise<StageError> {
  const log = container === null ? '' : await lastLogLines(context, namespace, pod, container);
  return new StageError(code, `${message}${log}`, {
    hint: `${why}${causeHint(missing, probe)} Events and logs are among the diagnostics.`,
    tryThis: kubectlCommand(context, 'describe', 'pod', pod, `--namespace=${namespace}`),
    cause,
  });
}

/** Advice for a known cause, with a leading space. */
function causeHint(missing: MissingObject | undefined, probe: ProbeFailure | undefined): string {
  if (missing !== undefined)
    return ` Add the ${missing.resource} ${missing.name} to the manifests, in namespace ${missing.namespace}, or mark it optional: true where the pod uses it.`;
  if (probe === undefined) return '';
  return ` Check that the ${probe.kind} probe uses a path and port that the container serves, and that timeoutSeconds is long enough.`;
}

/** The last lines of a container's log, to follow a message; empty when there are none. */
export async function lastLogLines(
  context: Context,
  namespace: string,
  pod: string,
  container: string,
): Promise<string> {
  const kubectl = kubectlOf(context);
  const log = async (...more: string[]): Promise<string[]> =>
    lastLines(
      // Before lines are cut, which could leave half of a secret.
      withoutSecrets(
        await kubectl.text('logs', pod, `--namespace=${namespace}`, `--container=${container}`, '--tail=20', ...more),
      ),
      20,
    ).filter((line) => !line.startsWith(LOG_IS_GONE));
  // A container that ended and was started again has what it said before it ended in its former log. That one may be
  // removed just then, because the next has ended, too, whose log is the former one a moment later.
  for (const more of [['--previous'], [], ['--previous']]) {
    const lines = await log(...more).catch(() => []);
    if (lines.length > 0) return `\nIts last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  }
  return '';
}
