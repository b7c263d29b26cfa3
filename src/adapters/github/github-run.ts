import { readFileSync } from 'node:fs';
import type { RunIdentity } from '../../model/run.ts';
import { pullRequestOfEvent } from './pull-request.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the runner tells about the run; on a laptop only that it is none. */
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
  return {
    onGitHub: true,
    event: env['GITHUB_EVENT_NAME'] ?? null,
    id,
    attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? '1') || 1,
    workflow: env['GITHUB_WORKFLOW'] ?? null,
    job: env['GITHUB_JOB'] ?? null,
    repository,
    sha: env['GITHUB_SHA'] ?? null,
    ref: env['GITHUB_REF'] ?? null,
    pullRequest: pullRequestOfEvent(eventPayload(env), env),
    url: repository === null ? null : `${server}/${repository}/actions/runs/${id}`,
  };
}

/** The payload of the event that started this job; null when there is none that can be read. */
export function eventPayload(env: Environment = process.env): unknown {
  try {
    return JSON.parse(readFileSync(env['GITHUB_EVENT_PATH'] ?? '', 'utf8'));
  } catch {
    return null;
  }
}

/**
 * An input as the runner hands it over. Unlike @actions/core's reader this needs no declaration in
 * action.yml, which the aliases of helm/kind-action have, but the command line's options do not.
 */
export const actionInput = (name: string, env: Environment = process.env): string =>
  env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '';
