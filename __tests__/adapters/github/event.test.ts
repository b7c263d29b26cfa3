import { describe, expect, test } from '@jest/globals';
import { namedCommits, pullRequestOfEvent, runHeadOfEvent } from '../../../src/adapters/github/event.ts';

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

describe('the commits that an event names', () => {
  const [BASE, MERGE] = ['b'.repeat(40), 'c'.repeat(40)];
  const pullRequest = (repository: string | null) => ({
    pull_request: {
      number: 7,
      base: { ref: 'main', sha: BASE, repo: { full_name: 'octo/app' } },
      head: { ref: 'topic', sha: HEAD, repo: repository === null ? null : { full_name: repository } },
    },
  });
  const head = { checkedOut: HEAD, branch: 'topic', commit: HEAD };
  const baseTip = { checkedOut: BASE, branch: 'main', commit: BASE };
  const table = [
    {
      name: 'a pull request, whose merge commit goes by its head',
      payload: pullRequest('octo/app'),
      env: { GITHUB_SHA: MERGE, GITHUB_REF: 'refs/pull/7/merge' },
      expected: [head, baseTip, { ...head, checkedOut: MERGE }],
    },
    {
      name: 'one of a fork, with its owner as on GitHub',
      payload: pullRequest('me/app'),
      env: { GITHUB_SHA: BASE, GITHUB_REF: 'refs/heads/main' },
      expected: [{ ...head, branch: 'me:topic' }, baseTip, baseTip],
    },
    { name: 'one of a deleted fork', payload: pullRequest(null), env: {}, expected: [head, baseTip] },
    { name: 'a run of a fork', payload: run([], 'me/app'), env: {}, expected: [{ ...head, branch: 'me:topic' }] },
    {
      name: 'a push, with what was there before',
      payload: { ref: 'refs/heads/main', before: BASE, after: HEAD },
      env: { GITHUB_SHA: HEAD, GITHUB_REF: 'refs/heads/main' },
      expected: [baseTip, { ...head, branch: 'main' }],
    },
    {
      name: 'a tag',
      payload: null,
      env: { GITHUB_SHA: HEAD, GITHUB_REF: 'refs/tags/v1' },
      expected: [{ ...head, branch: 'v1' }],
    },
    {
      name: 'a merge queue',
      payload: { merge_group: { base_ref: 'refs/heads/main', base_sha: BASE } },
      env: {},
      expected: [baseTip],
    },
    {
      name: 'nothing',
      payload: 'hello',
      env: { GITHUB_SHA: 'no commit', GITHUB_REF: 'refs/heads/main' },
      expected: [],
    },
  ];
  test.each(table)('$name', ({ payload, env, expected }) => {
    expect(namedCommits(payload, env)).toEqual(expected);
  });
});
