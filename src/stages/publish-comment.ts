import { publishComment as publish } from '../adapters/pull-request.ts';
import type { Context } from '../context.ts';
import { describeError } from '../errors.ts';
import { commentHeader } from '../report/artifact-name.ts';
import { withinCommentLimits } from '../report/marker.ts';

/**
 * Writes or updates the comment on the pull request, when there is one and it is wanted.
 *
 * @returns its address, or null when there is none; why not is a notice.
 */
export async function publishComment(
  context: Context,
  sections: readonly string[],
  artifactUrl: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  const { store, inputs, runner, clock } = context;
  const { run } = store.state;
  if (!inputs.comment || run.repository === null || run.pullRequest === null) return null;
  const token = inputs['github-token'];
  if (token === null) {
    runner.notice('No comment was written: input github-token is empty.');
    return null;
  }
  try {
    const written = await publish({
      token,
      repository: run.repository,
      pullRequest: run.pullRequest,
      header: commentHeader(run, inputs.matrix),
      body: withinCommentLimits(sections, artifactUrl ?? run.url),
      clock,
      signal,
      log: (line) => {
        runner.info(line);
      },
    });
    if ('skipped' in written) runner.notice(`No comment was written: ${written.skipped}`);
    else runner.info(`Comment ${written.action}: ${written.url}`);
    return 'skipped' in written ? null : written.url;
  } catch (error) {
    runner.warning(`The comment could not be written: ${describeError(error).message}`);
    return null;
  }
}
