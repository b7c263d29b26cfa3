import { publishComment as publish } from '../adapters/github/pull-request.ts';
import { writerHere } from '../adapters/github/github-run.ts';
import { withoutSecrets } from '../adapters/secrets.ts';
import type { Context } from '../context.ts';
import { describeError } from '../errors.ts';
import { commentHeader } from '../report/artifact-name.ts';
import { renderRunning } from '../report/markdown/markdown.ts';
import { withinCommentLimits } from '../report/markdown/marker.ts';
import { identifyPullRequest } from './identify-pull-request.ts';

/**
 * Writes or updates the comment on the pull request, if there is one and the inputs want it.
 *
 * @returns its address, or null without one; a notice says why.
 */
export async function publishComment(
  context: Context,
  sections: readonly string[],
  artifactUrl: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  const { runner } = context;
  const written = await write(
    context,
    withinCommentLimits(sections, artifactUrl ?? context.store.state.run.url),
    signal,
  );
  if ('url' in written) {
    runner.info(`Comment ${written.action}: ${written.url}`);
    if (written.place !== undefined)
      runner.notice(
        `This is comment ${String(written.place)} with the same header: another job or step of this run wrote the previous one. ` +
          'Give each its own comment-header, so every run updates the same comments.',
      );
    return written.url;
  }
  if (written.skipped !== NOT_WANTED) runner.notice(`No comment was written: ${written.skipped}`);
  return null;
}

const START_DEADLINE_MS = 15_000;

/**
 * Replaces the last result with a note that a new run is in progress. If that fails, the end of the run says why, once.
 */
export async function announceRun(context: Context): Promise<void> {
  await identifyPullRequest(context);
  const { runner, signal } = context;
  const written = await write(
    context,
    renderRunning(context.store.state.run),
    AbortSignal.any([signal, AbortSignal.timeout(START_DEADLINE_MS)]),
  );
  if ('url' in written) runner.info(`Comment ${written.action}: ${written.url}`);
}

const NOT_WANTED = '';

async function write(context: Context, body: string, signal: AbortSignal): ReturnType<typeof publish> {
  const { store, inputs, runner, clock } = context;
  const { run } = store.state;
  if (!inputs.comment || run.repository === null || run.pullRequest === null) return { skipped: NOT_WANTED };
  const token = inputs['github-token'];
  if (token === null)
    return { skipped: run.onGitHub ? 'input github-token is empty.' : 'there is no token: set GITHUB_TOKEN.' };
  try {
    return await publish({
      token,
      repository: run.repository,
      pullRequest: run.pullRequest,
      header: inputs['comment-header'] ?? commentHeader(run, inputs.matrix),
      body: withoutSecrets(body),
      // Outside GitHub, one run can write several times, and updates the same comment each time.
      ...(run.onGitHub ? { writer: writerHere(run, inputs.matrix) } : {}),
      clock,
      signal,
      log: (line) => {
        runner.info(line);
      },
    });
  } catch (error) {
    return { skipped: describeError(error).message };
  }
}
