import { cancelledBySignals, orUncaughtErrors } from './adapters/cancellation.ts';
import { isLoadWorker, serveLoads } from './adapters/engine/load-worker.ts';
import { reserveRoom } from './adapters/files.ts';
import { actionInput } from './adapters/github/github-run.ts';
import { surviveLogErrors } from './adapters/log-streams.ts';
import { githubRunner as runner } from './adapters/runner.ts';
import { announce, lessonOf } from './announce.ts';
import { describeError, helpUrl } from './errors.ts';
import { runPipeline } from './pipeline.ts';
import { failsStep } from './report/verdict.ts';
import { openSession } from './session.ts';

surviveLogErrors();
if (isLoadWorker()) serveLoads();
else await main().catch(endUntold);

async function main(): Promise<never> {
  const context = openSession({
    runner,
    read: actionInput,
    signal: orUncaughtErrors(
      cancelledBySignals('The report has everything measured so far. The cluster is removed at the end of the job.'),
      (text) => {
        runner.warning(text);
      },
    ),
  });
  reserveRoom(context.store.outputDir);
  // The post step has no other source for this.
  runner.saveState('output-dir', context.store.outputDir);
  const report = await runPipeline(context);
  try {
    // Without this the post step reports, for a main step that was killed.
    runner.saveState('reported', 'true');
  } catch (error) {
    // The disk that it goes to may be full by now: how the run ended stays what it is.
    runner.warning(`The post step will report once more: ${describeError(error).message}`);
  }
  const fails = failsStep(report, context.inputs);
  announce(runner, report, fails);
  // An upload past its deadline can't be stopped, and nothing else is left to wait for.
  process.exit(fails ? 1 : 0);
}

/** Before there is a place for a report, or when even its last stage failed. */
function endUntold(error: unknown): never {
  const described = describeError(error);
  runner.error(described.code, lessonOf(described, helpUrl(described.code)));
  process.exit(1);
}
