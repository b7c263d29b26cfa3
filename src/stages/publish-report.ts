import { exists, readText, remove, writeFileAtomically } from '../adapters/files.ts';
import { acceptedName, uploadArtifact } from '../adapters/github/artifact.ts';
import { type Context, outputPath } from '../context.ts';
import { describeError } from '../errors.ts';
import { secretTextsOf } from '../inputs/secrets.ts';
import type { Report } from '../model/report.ts';
import { outputsOf } from '../outputs.ts';
import { artifactName } from '../report/artifact-name.ts';
import { EXPORTS, exportsOf } from '../report/exports/exports.ts';
import { saysNothingOfTimes } from '../report/verdict.ts';
import { historyLineOf, historyText, readHistory } from '../report/history/history-of-report.ts';
import { historyGroups } from '../report/history/history-series.ts';
import { renderHistory } from '../report/html/history-page.ts';
import { junitXml } from '../report/exports/junit.ts';
import { renderHtml } from '../report/html/html.ts';
import { renderReport } from '../report/markdown/markdown.ts';
import { withinSummaryLimit } from '../report/markdown/marker.ts';
import { clusterIn } from '../system.ts';
import { finishedReport } from './finished-report.ts';
import { publishComment } from './publish-comment.ts';

/**
 * Writes the report in all its forms. Each form is written on its own, and a failure is a warning: the run's outcome
 * stays the same.
 *
 * @param signal limits the network time: a cancelled run has little of it left.
 */
export async function publishReport(context: Context, signal: AbortSignal): Promise<Report> {
  const { store, runner } = context;
  const report = finishedReport(context);
  const sections = renderReport(report);
  const markdown = `${sections.join('\n\n')}\n`;
  const written = attempt(context, 'report.json', () => {
    writeFileAtomically(outputPath(context, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  });
  // On a full disk, only the log is left.
  if (!written) runner.info(`report.json:\n${JSON.stringify(withoutTimelines(report), null, 2)}`);
  attempt(context, 'report.md', () => {
    writeFileAtomically(outputPath(context, 'report.md'), markdown);
  });
  attempt(context, 'report.html', () => {
    writeFileAtomically(outputPath(context, 'report.html'), renderHtml(report));
  });
  attempt(context, 'thresholds.xml', () => {
    const file = outputPath(context, 'thresholds.xml');
    // Files of an earlier run in the same folder must not pass for this one's.
    if (report.thresholds.length === 0) remove(file);
    else writeFileAtomically(file, junitXml(report.thresholds));
  });
  writeExports(context, report);
  const history = keepHistory(context, report);
  const baseline = writeBaseline(context, report);
  runner.info(`Report: ${outputPath(context, 'report.md')}`);
  const artifactUrl = await upload(context, history, signal);
  if (baseline !== null) await uploadBaseline(context, baseline, signal);
  const commentUrl = await publishComment(context, sections, artifactUrl, signal);
  attempt(context, 'the job summary', () => {
    runner.summary(
      (bytesWritten) => `${withinSummaryLimit(renderReport(report, 'open'), artifactUrl, bytesWritten)}\n`,
    );
  });
  attempt(context, 'the outputs', () => {
    const paths = {
      report: outputPath(context, 'report.json'),
      summary: outputPath(context, 'report.md'),
      html: outputPath(context, 'report.html'),
      baseline,
    };
    for (const [name, value] of Object.entries(
      outputsOf(report, {
        ...paths,
        kubeconfig: clusterIn(store.state.system)?.kubeconfig ?? '',
        commentUrl,
        artifactUrl,
      }),
    )) {
      runner.output(name, value);
    }
  });
  return report;
}

/** A file of an earlier run in the same folder must not pass for one of this run. */
function writeExports(context: Context, report: Report): void {
  const exported = exportsOf(report);
  for (const name of EXPORTS) {
    attempt(context, name, () => {
      const text = 'files' in exported ? exported.files[name] : undefined;
      if (text === undefined) remove(outputPath(context, name));
      else writeFileAtomically(outputPath(context, name), text);
    });
  }
  if ('skipped' in exported) context.runner.info(`No figures were exported for other tools: ${exported.skipped}`);
}

/**
 * The history line of this run, and with input `history` the page of all lines in that file, including this one.
 *
 * @returns the files in the report folder.
 */
function keepHistory(context: Context, report: Report): string[] {
  const files = ['history.jsonl', 'history.html'];
  for (const name of files) remove(outputPath(context, name));
  const line = historyLineOf(report);
  const { history } = context.inputs;
  if (line !== null)
    attempt(context, 'history.jsonl', () => {
      writeFileAtomically(outputPath(context, 'history.jsonl'), historyText(line));
    });
  else if (history !== null)
    context.runner.info('Nothing was added to the history: this load measured nothing reliable.');
  if (history !== null && line !== null)
    attempt(context, 'the history', () => {
      const before = exists(history) ? readText(history) : '';
      const text = `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${historyText(line)}`;
      writeFileAtomically(history, text);
      const { lines, unread } = readHistory(text);
      writeFileAtomically(outputPath(context, 'history.html'), renderHistory(historyGroups(lines), unread));
    });
  return files.filter((name) => exists(outputPath(context, name)));
}

/**
 * The figures that later runs show next to their own. Only a run that passed is a baseline.
 *
 * @returns the path; null when nothing was saved.
 */
function writeBaseline(context: Context, report: Report): string | null {
  const path = outputPath(context, 'baseline.json');
  if (context.inputs['save-baseline'] === null) return null;
  if (report.outcome.result !== 'passed' || report.load === null) {
    context.runner.info('No baseline was saved: the run did not pass.');
    remove(path);
    return null;
  }
  if (saysNothingOfTimes(report.load)) {
    context.runner.info('No baseline was saved: the times of this load are not reliable.');
    remove(path);
    return null;
  }
  const written = attempt(context, 'baseline.json', () => {
    writeFileAtomically(path, `${JSON.stringify(withoutTimelines(report), null, 2)}\n`);
  });
  return written ? path : null;
}

async function uploadBaseline(context: Context, path: string, signal: AbortSignal): Promise<void> {
  const { store, runner, inputs } = context;
  const name = inputs['save-baseline'];
  if (!store.state.run.onGitHub || name === null) return;
  const uploaded = await uploadArtifact({
    name,
    files: [path],
    rootDirectory: store.outputDir,
    replaces: { before: store.state.run.attempt > 1 ? new Date(store.state.startedAt) : null },
    secrets: secretTextsOf(inputs),
    clock: context.clock,
    signal,
  });
  if ('skipped' in uploaded) runner.notice(`The baseline was not uploaded: ${uploaded.skipped}`);
  else runner.info(`Baseline: artifact ${name}`);
}

function attempt({ runner }: Context, what: string, write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    runner.warning(`Could not write ${what}: ${describeError(error).message}`);
    return false;
  }
}

/** Thousands of figures for the charts, which nobody would read in a log. */
const withoutTimelines = (report: Report): object => ({
  ...report,
  load: report.load === null ? null : { ...report.load, timeline: undefined },
  resources: report.resources === null ? null : { ...report.resources, timeline: undefined },
});

/** Only the files listed here are uploaded: no kubeconfig, and no rendered manifests, which may contain Secrets. */
async function upload(context: Context, history: readonly string[], signal: AbortSignal): Promise<string | null> {
  const { store, runner, inputs } = context;
  if (!store.state.run.onGitHub) return null;
  const name = acceptedName(inputs['artifact-name'] ?? artifactName(store.state.run, inputs.matrix));
  try {
    const uploaded = await uploadArtifact({
      name,
      files: [
        'report.json',
        'report.md',
        'report.html',
        'state.json',
        'thresholds.xml',
        ...EXPORTS,
        ...history,
        ...store.state.diagnostics,
      ].map((file) => outputPath(context, file)),
      rootDirectory: store.outputDir,
      secrets: secretTextsOf(inputs),
      clock: context.clock,
      signal,
    });
    if ('skipped' in uploaded) runner.notice(`No artifact was uploaded: ${uploaded.skipped}`);
    else if (uploaded.name !== name)
      runner.notice(
        `The artifact is called ${uploaded.name}, because another job or step of this run has one called ${name}. Give each its own artifact-name.`,
      );
    return 'skipped' in uploaded ? null : uploaded.url;
  } catch (error) {
    runner.warning(`The artifact could not be uploaded: ${describeError(error).message}`);
    return null;
  }
}
