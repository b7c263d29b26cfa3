import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIdentity } from '../../src/adapters/github/github-run.ts';
import { announceRun } from '../../src/stages/publish-comment.ts';
import { createWorld, type World } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { type FakeGitHub, startGitHub } from '../fakes/github/server.ts';

const HEAD = 'a'.repeat(40);
const MERGE = 'b'.repeat(40);

let github: FakeGitHub;
let home: string;
const folder = temporaryFolders();
const before = { ...process.env };

// The client reads the address once, when it is loaded.
beforeAll(async () => {
  github = await startGitHub();
});

beforeEach(() => {
  home = folder();
  for (const list of [github.comments, github.pulls, github.requests]) list.length = 0;
  github.pulls.push({ number: 7, headSha: HEAD, headRepository: 'me/app', headBranch: 'topic' });
});

afterEach(() => {
  process.env = { ...before };
  expect(github.violations).toEqual([]);
});

afterAll(async () => {
  await github.close();
});

/** A run of an event, up to the comment that says that it is on its way. */
async function announced(
  event: string,
  payload: unknown,
  { inputs = {}, action = '__self' }: { inputs?: Record<string, string>; action?: string } = {},
): Promise<World> {
  const file = join(home, 'event.json');
  writeFileSync(file, JSON.stringify(payload));
  Object.assign(process.env, {
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: github.url,
    GITHUB_EVENT_PATH: file,
    GITHUB_EVENT_NAME: event,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_RUN_ID: '99',
    GITHUB_SHA: MERGE,
    GITHUB_ACTION: action,
    GITHUB_WORKFLOW: 'CI',
    GITHUB_JOB: 'load',
  });
  const identity = runIdentity();
  const wanted = inputs['pull-request'];
  const world = createWorld(home, {
    inputs: { comment: 'true', 'github-token': 'ghs_write', ...inputs },
    state: {
      run: { ...identity, ...(wanted === undefined ? {} : { pullRequest: Number(wanted), headSha: null }) },
      startedAt: new Date().toISOString(),
    },
  });
  await announceRun(world.context);
  return world;
}

const run = (pull_requests: unknown[]) => ({
  repository: { full_name: 'octo/app' },
  workflow_run: {
    pull_requests,
    head_sha: HEAD,
    head_branch: 'topic',
    head_repository: { full_name: 'me/app' },
  },
});

describe('the head commit of the pull request', () => {
  const table: { name: string; payload: unknown; inputs?: Record<string, string> }[] = [
    { name: 'pull_request', payload: { pull_request: { number: 7, head: { sha: HEAD } } } },
    { name: 'pull_request_review', payload: { pull_request: { number: 7, head: { sha: HEAD } } } },
    { name: 'issue_comment', payload: { issue: { number: 7, pull_request: {} } } },
    { name: 'workflow_run', payload: run([{ number: 7 }]) },
    { name: 'workflow_run', payload: run([]) },
    { name: 'push', payload: {}, inputs: { 'pull-request': '7' } },
    { name: 'merge_group', payload: {}, inputs: { 'pull-request': '7' } },
  ];
  test.each(table)('is known on $name, beside the commit of the workflow', async ({ name, payload, inputs = {} }) => {
    const { context } = await announced(name, payload, { inputs });
    expect(context.store.state.run).toMatchObject({ pullRequest: 7, headSha: HEAD, sha: MERGE });
    expect(github.comments).toMatchObject([{ issue: 7 }]);
    expect(github.comments[0]?.body).toContain(HEAD.slice(0, 12));
    expect(context.store.state.warnings).toEqual([]);
  });

  test('that can not be asked for is a warning, and costs no comment', async () => {
    github.fail('pulls/get', { kind: 'forbidden', message: 'Resource not accessible by integration' });
    const { context } = await announced('issue_comment', { issue: { number: 7, pull_request: {} } });
    expect(context.store.state.warnings).toEqual([
      expect.stringContaining('The head commit of pull request #7 is not known'),
    ]);
    expect(github.comments).toHaveLength(1);
  });

  test('is asked for on no event without a pull request', async () => {
    const { context } = await announced('push', { after: HEAD });
    expect(context.store.state.run.pullRequest).toBeNull();
    expect(github.requests).toEqual([]);
  });
});

describe('two steps of one job', () => {
  const payload = { pull_request: { number: 7, head: { sha: HEAD } } };

  test('have a comment each', async () => {
    await announced('pull_request', payload, { action: '__self' });
    await announced('pull_request', payload, { action: '__self_2' });
    await announced('pull_request', payload, { action: 'soak' });
    expect(github.comments).toHaveLength(3);
  });

  test('that were given one header have a comment each, too', async () => {
    const inputs = { 'comment-header': 'mine' };
    await announced('pull_request', payload, { inputs });
    await announced('pull_request', payload, { inputs, action: '__self_2' });
    await announced('pull_request', payload, { inputs });
    expect(github.comments).toHaveLength(2);
  });
});

test('a pull request without a repository is told of', async () => {
  const world = createWorld(home, { inputs: { 'pull-request': '7' } });
  await announceRun(world.context);
  expect(world.context.store.state.warnings).toEqual([expect.stringContaining('Input pull-request (7) is ignored')]);
});
