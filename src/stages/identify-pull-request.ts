import { eventPayload } from '../adapters/github/github-run.ts';
import { runHeadOfEvent } from '../adapters/github/event.ts';
import { connectGitHub, type GitHub } from '../adapters/github/github.ts';
import { findPullRequest, headOfPullRequest } from '../adapters/github/workflow-run.ts';
import { type Context, warn } from '../context.ts';
import { describeError } from '../errors.ts';

const DEADLINE_MS = 15_000;

/**
 * Asks GitHub for what the event does not say: the pull request of a run from a fork, and the head commit when a
 * comment or an input names the pull request. Failures are reported but never fail the run.
 */
export async function identifyPullRequest(context: Context): Promise<void> {
  const { store, inputs } = context;
  const { run } = store.state;
  const wanted = inputs['pull-request'];
  if (run.repository === null) {
    if (wanted !== null)
      warn(
        context,
        `Input pull-request (${String(wanted)}) is ignored: outside GitHub Actions the repository is not known. The command comment takes --repository.`,
      );
    return;
  }
  const head = run.event === 'workflow_run' && run.pullRequest === null ? runHeadOfEvent(eventPayload()) : null;
  if (head === null && (run.pullRequest === null || (run.headSha ?? null) !== null)) return;
  try {
    const github = await openGitHub(context);
    const pullRequest = run.pullRequest ?? (head === null ? null : await findPullRequest(github, head));
    if (pullRequest === null) return;
    const headSha = head?.headSha ?? (await headOfPullRequest(github, run.repository, pullRequest));
    store.update({ run: { ...store.state.run, pullRequest, headSha } });
  } catch (error) {
    const what =
      run.pullRequest === null
        ? 'Which pull request the run is about'
        : `The head commit of pull request #${String(run.pullRequest)}`;
    warn(
      context,
      `${what} is not known (${describeError(error).message}). Give the job \`permissions: pull-requests: read\`, or \`write\` for the comment.`,
    );
  }
}

async function openGitHub({ inputs, clock, signal, runner }: Context): Promise<GitHub> {
  const token = inputs['github-token'];
  if (token === null) throw new Error('input github-token is empty');
  return await connectGitHub({
    token,
    clock,
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    log: (line) => {
      runner.info(line);
    },
  });
}
