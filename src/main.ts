import { cancelledBySignals } from './adapters/cancellation.ts';
import { actionInput } from './adapters/github-run.ts';
import { githubRunner as runner } from './adapters/runner.ts';
import { announce } from './announce.ts';
import { runPipeline } from './pipeline.ts';
import { openSession } from './session.ts';

const context = openSession({ runner, read: actionInput, signal: cancelledBySignals() });
// The post step has nothing else to go by.
runner.saveState('output-dir', context.store.outputDir);
const report = await runPipeline(context);
announce(runner, report);
// An upload past its deadline can't be stopped; nothing else is left to wait for.
process.exit(report.outcome.result === 'passed' ? 0 : 1);
