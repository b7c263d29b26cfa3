import { describe, expect, test } from '@jest/globals';
import { pullRequestOfEvent, runHeadOfEvent } from '../../../src/adapters/github/event.ts';

const HEAD = 'a'.repeat(40);
const base = { repo: { full_name: 'octo/app' } };
const pull = (repository: string | null, changes: Record<string, unknown> = {}) => ({
  pull_request: {
    number: 7,
    head: { sha: HEAD, repo: repository === null ? null : { full_name: repository } },
    base,
    ...changes,
  },
});
const run = (pull_requests: unknown, head: string | null = 'octo/app') => ({
  repository: { full_name: 'octo/app' },
  workflow_run: {
    pull_requests,
    head_sha: HEAD,
    head_branch: 'topic',
    head_repository: head === null ? null : { full_name: head },
  },
});
const NONE = { number: null, headSha: null };

describe('the pull request of an event, with its head commit', () => {
  const known = { number: 7, headSha: HEAD };
  const table = [
    { name: 'pull_request', payload: pull('octo/app'), expected: known },
    { name: 'pull_request', about: 'of a fork', payload: pull('me/app'), expected: known },
    { name: 'pull_request', about: 'of a deleted fork', payload: pull(null), expected: known },
    { name: 'pull_request_target', payload: pull('me/app'), expected: known },
    { name: 'pull_request_review', payload: { review: {}, ...pull('octo/app') }, expected: known },
    { name: 'pull_request_review_comment', payload: { comment: {}, ...pull('me/app') }, expected: known },
    { name: 'workflow_run', payload: run([{ number: 7 }]), expected: known },
    { name: 'workflow_run', about: 'of two', payload: run([{ number: 7 }, { number: 8 }]), expected: known },
    { name: 'workflow_run', about: 'of a fork', payload: run([], 'me/app'), expected: NONE },
    { name: 'workflow_run', about: 'of a deleted fork', payload: run([], null), expected: NONE },
    {
      name: 'issue_comment',
      about: 'on a pull request',
      payload: { issue: { number: 7, pull_request: {} } },
      expected: { number: 7, headSha: null },
    },
    { name: 'issue_comment', about: 'on an issue', payload: { issue: { number: 7 } }, expected: NONE },
    { name: 'push', payload: { after: HEAD }, expected: NONE },
    { name: 'merge_group', payload: { merge_group: { head_sha: HEAD } }, expected: NONE },
    { name: undefined, payload: pull(null), expected: NONE },
    { name: 'toString', payload: pull(null), expected: NONE },
    { name: 'pull_request', about: 'without a payload', payload: null, expected: NONE },
    { name: 'pull_request', about: 'with a text', payload: 'hello', expected: NONE },
    { name: 'pull_request', about: 'with a text as number', payload: pull(null, { number: '7' }), expected: NONE },
    { name: 'pull_request', about: 'with a number below one', payload: pull(null, { number: 0 }), expected: NONE },
    {
      name: 'pull_request',
      about: 'with a head that is no commit',
      payload: pull(null, { head: { sha: 'evil` @all' } }),
      expected: { number: 7, headSha: null },
    },
  ];
  test.each(table)('$name $about', ({ name, payload, expected }) => {
    expect(pullRequestOfEvent(payload, { GITHUB_EVENT_NAME: name })).toEqual(expected);
  });
});

test('the head of the run that a workflow_run event is about', () => {
  expect(runHeadOfEvent(run([], 'me/app'))).toEqual({
    repository: 'octo/app',
    headSha: HEAD,
    headBranch: 'topic',
    headRepository: 'me/app',
  });
  expect([run([], null), pull('me/app'), null].map(runHeadOfEvent)).toEqual([null, null, null]);
});
