import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RunIdentity } from '../../model/run.ts';
import type { CommentWriter } from '../../report/markdown/marker.ts';
import { originHere } from '../origin.ts';
import { type NamedCommit, namedCommits, pullRequestOfEvent } from './event.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the runner reports about the run; on a laptop, only that there is no runner. */
export function runIdentity(env: Environment = process.env): RunIdentity {
  if (env['GITHUB_ACTIONS'] !== 'true') {
    return {
      onGitHub: false,
      event: null,
      id: 'local',
      attempt: 1,
      workflow: null,
      job: null,
      repository: null,
      sha: null,
      ref: null,
      pullRequest: null,
      url: null,
    };
  }
  const id = env['GITHUB_RUN_ID'] ?? 'unknown';
  const repository = env['GITHUB_REPOSITORY'] ?? null;
  const server = env['GITHUB_SERVER_URL'] ?? 'https://github.com';
  const { number, headSha } = pullRequestOfEvent(eventPayload(env), env);
  const step = stepOf(env['GITHUB_ACTION'] ?? '');
  return {
    onGitHub: true,
    event: env['GITHUB_EVENT_NAME'] ?? null,
    id,
    attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? '1') || 1,
    workflow: env['GITHUB_WORKFLOW'] ?? null,
    job: env['GITHUB_JOB'] ?? null,
    ...(step === null ? {} : { step }),
    repository,
    sha: env['GITHUB_SHA'] ?? null,
    ...(headSha === null ? {} : { headSha }),
    ref: env['GITHUB_REF'] ?? null,
    pullRequest: number,
    url: repository === null ? null : `${server}/${repository}/actions/runs/${id}`,
  };
}

/** The runner's name for a step of a composite action changes with every run. */
const RANDOM_NAME = /^(__)?[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}$/i;

/**
 * What tells a step from the others of its job: its `id`, or the number that the runner gives to the second and later
 * uses of an action. The first use without an `id` needs no name.
 *
 * @param action the variable GITHUB_ACTION: `load`, `__k8s-loadtest-ci`, `__k8s-loadtest-ci_2`.
 */
function stepOf(action: string): string | null {
  const named = !action.startsWith('__') || /_\d+$/.test(action);
  return action === '' || !named || RANDOM_NAME.test(action) ? null : action.slice(0, 200);
}

/**
 * Which part of the run this step is, the same in its main and its post step: by the step, the job, and the machine and
 * runner that it is on, since two calls of one reusable workflow have the same names.
 */
export function writerHere(run: RunIdentity, matrix: string, env: Environment = process.env): CommentWriter {
  const part = [env['GITHUB_ACTION'], run.job, matrix, env['RUNNER_NAME'], env['RUNNER_TEMP'], originHere().machine];
  return {
    run: `${run.id}-${String(run.attempt)}`,
    part: createHash('sha256').update(JSON.stringify(part)).digest('hex').slice(0, 16),
  };
}

/** The payload of the event that started this job; null when there is none or it can't be read. */
export function eventPayload(env: Environment = process.env): unknown {
  try {
    return JSON.parse(readFileSync(env['GITHUB_EVENT_PATH'] ?? '', 'utf8'));
  } catch {
    return null;
  }
}

/** The commits in the event of this job, with their branches; none on a laptop. */
export const commitsOfEvent = (env: Environment = process.env): NamedCommit[] =>
  env['GITHUB_ACTIONS'] === 'true' ? namedCommits(eventPayload(env), env) : [];

/**
 * An input from the runner. Unlike the reader of @actions/core, this needs no declaration in action.yml: aliases of
 * helm/kind-action have one, options of the command line do not.
 */
export const actionInput = (name: string, env: Environment = process.env): string =>
  env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '';
