import { cancelledBySignals } from './adapters/cancellation.ts';
import { systemClock } from './adapters/clock.ts';
import { actionInput, eventPayload } from './adapters/github/github-run.ts';
import { surviveLogErrors } from './adapters/log-streams.ts';
import { githubRunner as runner } from './adapters/runner.ts';
import { relayReports } from './relay-reports.ts';

surviveLogErrors();
const { comments, notices } = await relayReports({
  token: actionInput('github-token'),
  artifactName: actionInput('artifact-name').trim(),
  payload: eventPayload(),
  clock: systemClock,
  signal: cancelledBySignals('Comments that are already written stay.'),
  log: (line) => {
    runner.info(line);
  },
});
for (const { action, url } of comments) runner.info(`Comment ${action}: ${url}`);
for (const notice of notices) runner.notice(notice);
runner.output('comment-urls', comments.map(({ url }) => url).join('\n'));
