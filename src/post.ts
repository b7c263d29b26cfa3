import { tellUncaughtErrors } from './adapters/cancellation.ts';
import { actionInput } from './adapters/github/github-run.ts';
import { surviveLogErrors } from './adapters/log-streams.ts';
import { githubRunner as runner, savedState } from './adapters/runner.ts';
import { describeError } from './errors.ts';
import { reopenSession } from './session.ts';
import { saveImages } from './stages/save-images.ts';
import { tearDown, tearDownKilled } from './teardown.ts';

surviveLogErrors();
// Clean-up goes on whatever else goes wrong; each of its waits has a time limit.
tellUncaughtErrors((text) => {
  runner.warning(text);
});
const outputDir = savedState('output-dir');
if (outputDir === '') {
  runner.info('The main step did not start, so there is nothing to remove.');
} else {
  try {
    const reported = savedState('reported') === 'true';
    const context = reopenSession({
      runner,
      read: actionInput,
      outputDir,
      clusterName: savedState('cluster-name'),
      existingCluster: savedState('existing-cluster'),
      reusedCluster: savedState('reused-cluster') === 'true',
      madeNetwork: savedState('made-network') === 'true',
      reported,
    });
    if (reported && context.inputs['cache-images']) await runner.group('save-images', () => saveImages(context));
    await (reported ? tearDown(context) : tearDownKilled(context));
  } catch (error) {
    // The main step decides the outcome of the job. An incomplete clean-up is reported but fails nothing.
    const { code, message, hint } = describeError(error);
    runner.error(code, hint === null ? message : `${message}\n${hint}`);
  }
}
