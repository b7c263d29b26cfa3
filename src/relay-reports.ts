import { connectGitHub, type GitHub, type GitHubOptions, GitHubRefusal } from './adapters/github/github.ts';
import { type CommentOutcome, publishComment } from './adapters/github/pull-request.ts';
import {
  artifactsOfRun,
  downloadArtifact,
  findPullRequest,
  jobsOfRun,
  type RunArtifact,
  type RunJob,
  type WorkflowRun,
  workflowRunOfEvent,
} from './adapters/github/workflow-run.ts';
import { readZipEntry } from './adapters/github/zip.ts';
import { describeError, helpUrl } from './errors.ts';
import { type Report, report as reportSchema } from './model/report.ts';
import { commentHeader } from './report/artifact-name.ts';
import { renderReport } from './report/markdown/markdown.ts';
import { withinCommentLimits } from './report/markdown/marker.ts';

export interface RelayOptions extends GitHubOptions {
  /** The payload of the `workflow_run` event. */
  readonly payload: unknown;
  /** The name of the one artifact to relay; empty for all with the action's default name. */
  readonly artifactName: string;
}

export interface RelayOutcome {
  readonly comments: readonly Extract<CommentOutcome, { url: string }>[];
  /** What was not relayed, and why. */
  readonly notices: readonly string[];
}

/** Enough for several attempts of a matrix, but not more comments than a reader can cope with. */
const MAX_ARTIFACTS = 20;
const MAX_ZIP_BYTES = 64 * 1024 * 1024;
const MAX_REPORT_BYTES = 4 * 1024 * 1024;

/**
 * Posts the reports of a finished run that had a read-only token, as every pull request from a fork has. Strangers
 * control the artifacts, so only `report.json` is read from each, with a size limit and against the schema, and
 * GitHub's data about the run decides where it is posted.
 */
export async function relayReports(options: RelayOptions): Promise<RelayOutcome> {
  const run = workflowRunOfEvent(options.payload);
  if (run === null) {
    return nothing(
      'This is not the event of a finished `pull_request` run. Use the relay in a workflow that runs `on: workflow_run`.',
    );
  }
  try {
    const github = await connectGitHub(options);
    const pullRequest = await findPullRequest(github, run);
    if (pullRequest === null) {
      return nothing(`No pull request has the head ${run.headSha} any more: a newer push has its own run.`);
    }
    const { reports, notices } = await collectReports(github, run, pullRequest, options.artifactName);
    return await publishAll(options, run, pullRequest, reports, notices);
  } catch (error) {
    if (!(error instanceof GitHubRefusal)) throw error;
    return nothing(
      `The artifacts could not be read (GitHub: ${error.message}). ` +
        'The job needs `permissions: actions: read` and `pull-requests: write`.',
    );
  }
}

const nothing = (notice: string): RelayOutcome => ({ comments: [], notices: [notice] });

/** A comment that is ready to be written. */
interface FoundReport {
  readonly header: string;
  readonly body: string;
  /** The attempt, according to the report; it only decides which of the run's own reports is newer. */
  readonly attempt: number;
  readonly artifact: number;
}

async function collectReports(
  github: GitHub,
  run: WorkflowRun,
  pullRequest: number,
  artifactName: string,
): Promise<{ reports: FoundReport[]; notices: string[] }> {
  const wanted = (await artifactsOfRun(github, run)).filter(({ name }) =>
    artifactName === '' ? name.startsWith('load-test-') : name === artifactName,
  );
  const notices = [];
  if (wanted.length === 0) notices.push('The run has no artifact with a report.');
  if (wanted.length > MAX_ARTIFACTS)
    notices.push(`Of ${String(wanted.length)} artifacts only the newest ${String(MAX_ARTIFACTS)} are read.`);
  const jobs = wanted.length === 0 ? [] : await jobsOfRun(github, run);
  const found: FoundReport[] = [];
  for (const artifact of wanted.slice(-MAX_ARTIFACTS)) {
    try {
      const claimed = await readReport(github, run, artifact);
      const header = headerOf(claimed, run, jobOf(claimed, jobs));
      const sections = sectionsOf(asGitHubKnowsIt(claimed, run, pullRequest));
      const body = withinCommentLimits(sections, `${run.url}/artifacts/${String(artifact.id)}`);
      found.push({ header, body, attempt: claimed.run.attempt, artifact: artifact.id });
    } catch (error) {
      notices.push(`Artifact ${JSON.stringify(artifact.name)} was not relayed: ${describeError(error).message}`);
    }
  }
  return { reports: newestOf(found), notices };
}

/** A further attempt replaces the one before; two parts of one attempt get a comment each. */
const newestOf = (found: readonly FoundReport[]): FoundReport[] =>
  found.filter(({ header, attempt }) => !found.some((other) => other.header === header && other.attempt > attempt));

async function readReport(github: GitHub, run: WorkflowRun, artifact: RunArtifact): Promise<Report> {
  if (artifact.sizeBytes > MAX_ZIP_BYTES) throw new Error(`it is larger than ${String(MAX_ZIP_BYTES)} bytes`);
  const zip = await downloadArtifact(github, run, artifact, MAX_ZIP_BYTES);
  const file = await readZipEntry(zip, 'report.json', MAX_REPORT_BYTES);
  if (file === null) throw new Error('it has no report.json');
  const result = reportSchema.safeParse(parsed(file));
  if (!result.success) throw new Error("this version of the relay can't read its report.json");
  return result.data;
}

function parsed(file: Buffer): unknown {
  try {
    return JSON.parse(file.toString('utf8'));
  } catch {
    return null;
  }
}

/**
 * Links and identity come from GitHub and from the relay, so a report can't pass for another one. Commands from a
 * report are dropped, because a stranger may have written them.
 */
function asGitHubKnowsIt(report: Report, run: WorkflowRun, pullRequest: number): Report {
  const { outcome, earlier } = report;
  return {
    ...report,
    run: {
      ...report.run,
      id: String(run.id),
      attempt: run.attempt,
      workflow: run.workflow,
      repository: run.repository,
      // Only the report says which commit merged the head into the base.
      sha: null,
      headSha: run.headSha,
      pullRequest,
      url: run.url,
    },
    outcome: {
      ...outcome,
      failure: outcome.failure === null ? null : { ...outcome.failure, tryThis: null },
      helpUrl: outcome.helpUrl === null ? null : helpUrl(outcome.code),
    },
    ...(earlier === undefined ? {} : { earlier: { ...earlier, url: null } }),
    repeatWith: '',
  };
}

/**
 * The job of a report, by the name that GitHub gives it; null when the report names none and no job of the run has the
 * name from its workflow.
 *
 * @throws Error when it names a job that the run does not have.
 */
function jobOf({ run }: Report, jobs: readonly RunJob[]): string | null {
  if (run.jobId !== undefined) {
    const job = jobs.find(({ id }) => id === run.jobId);
    if (job === undefined) throw new Error('the job that it names is not part of this run');
    return job.name;
  }
  // Some servers do not tell a job its number. A job without its own `name` is named as in its workflow.
  const key = run.job ?? '';
  const isNamed = jobs.some(({ name }) => {
    const own = name.split(' / ').at(-1) ?? name;
    return key !== '' && (own === key || own.startsWith(`${key} (`));
  });
  return isNamed ? key : null;
}

/**
 * The relay's own key, below the workflow and job as GitHub names them. A stranger's matrix, step and `comment-header`
 * only tell apart reports of that job. So a relayed comment never replaces one that the action wrote itself, or one of
 * another workflow or job. An artifact does not record its job: which job of the run it belongs to is the report's own
 * claim.
 */
const headerOf = ({ run, settings }: Report, { workflow, workflowFile }: WorkflowRun, job: string | null): string =>
  JSON.stringify([
    'relay',
    workflowFile || workflow,
    job,
    settings['comment-header'] || commentHeader(run, settings['matrix'] ?? ''),
  ]);

async function publishAll(
  options: RelayOptions,
  run: WorkflowRun,
  pullRequest: number,
  reports: readonly FoundReport[],
  before: readonly string[],
): Promise<RelayOutcome> {
  const comments = [];
  const notices = [...before];
  for (const { header, body, artifact } of reports) {
    const outcome = await publishComment({
      ...options,
      repository: run.repository,
      pullRequest,
      header,
      body,
      writer: { run: `${String(run.id)}-${String(run.attempt)}`, part: String(artifact) },
    });
    if ('skipped' in outcome) notices.push(`No comment was written: ${outcome.skipped}`);
    else comments.push(outcome);
  }
  return { comments, notices };
}

const ORIGIN =
  '<sub>Posted from the artifact of a run with a read-only token. The figures are as that run reported them.</sub>';

function sectionsOf(report: Report): string[] {
  const [verdict = '', ...rest] = renderReport(report);
  return [verdict, ORIGIN, ...rest];
}
