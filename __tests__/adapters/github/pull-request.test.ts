import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CommentOptions, publishComment } from '../../../src/adapters/github/pull-request.ts';
import { commentMarker, withMarker } from '../../../src/report/markdown/marker.ts';
import { type InstantClock, instantClock } from '../../fakes/github/instant-clock.ts';
import { type FakeGitHub, type Fault, type OperationName, startGitHub } from '../../fakes/github/server.ts';

const BOT = 'github-actions[bot]';
const HEADER = 'CI / load';
const MARKER = commentMarker(HEADER);

let github: FakeGitHub;
let clock: InstantClock;
let logged: string[];

beforeEach(async () => {
  github = await startGitHub();
  github.pulls.push({ number: 7, headSha: 'abc', headRepository: github.repository, headBranch: 'topic' });
  clock = instantClock();
  logged = [];
});

afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
});

const publish = (changes: Partial<CommentOptions> = {}) =>
  publishComment({
    token: 'ghs_write',
    apiUrl: github.url,
    repository: github.repository,
    pullRequest: 7,
    header: HEADER,
    body: 'the result',
    clock,
    signal: new AbortController().signal,
    log: (line) => logged.push(line),
    ...changes,
  });

const containing = (text: string): unknown => expect.stringContaining(text);
const bodies = () => github.comments.map(({ login, body }) => ({ login, body }));
const own = (body: string) => ({ login: BOT, body: withMarker(MARKER, body) });
const sent = (operation: OperationName) => github.requests.filter((request) => request.operation === operation).length;

describe('parts of one run with one header', () => {
  const run = '99-1';
  const publishAs = (part: string, body: string, ofRun = run) => publish({ body, writer: { run: ofRun, part } });

  test('get a comment each, and keep it', async () => {
    expect(await publishAs('a', 'a runs')).toMatchObject({ action: 'created' });
    expect(await publishAs('b', 'b runs')).toMatchObject({ action: 'created', place: 2 });
    expect(await publishAs('c', 'c runs')).toMatchObject({ action: 'created', place: 3 });
    expect(await publishAs('a', 'a passed')).not.toHaveProperty('place');
    expect(await publishAs('b', 'b passed')).toMatchObject({ action: 'updated', place: 2 });
    expect(github.comments.map(({ body }) => body.split('\n').at(-1))).toEqual(['a passed', 'b passed', 'c runs']);
  });

  test('take the places of an earlier run, also of an earlier attempt', async () => {
    await publishAs('a', 'a');
    await publishAs('b', 'b');
    expect(await publishAs('c', 'c', '99-2')).toMatchObject({ action: 'updated' });
    expect(await publishAs('d', 'd', '99-2')).toMatchObject({ action: 'updated', place: 2 });
    expect(github.comments.map(({ body }) => body.split('\n').at(-1))).toEqual(['c', 'd']);
  });

  test('can claim no run by a text in the middle of a comment', async () => {
    github.addComment({
      issue: 7,
      login: BOT,
      body: withMarker(MARKER, '## Passed\n<!-- k8s-loadtest-ci run=99%2D1 part=x -->'),
    });
    expect(await publishAs('a', 'a')).toMatchObject({ action: 'updated' });
  });
});

describe('one comment', () => {
  test('is created when there is none, without asking who we are', async () => {
    expect(await publish()).toEqual({ action: 'created', url: 'https://github.com/octo/app/pull/7#issuecomment-1000' });
    expect(bodies()).toEqual([own('the result')]);
    expect(sent('graphql viewer')).toBe(0);
  });

  test('is updated in place when there is one', async () => {
    await publish({ body: 'running' });
    expect(await publish()).toEqual({ action: 'updated', url: 'https://github.com/octo/app/pull/7#issuecomment-1000' });
    expect(bodies()).toEqual([own('the result')]);
  });

  test('is untouched when it is equal', async () => {
    github.addComment({ issue: 7, login: BOT, body: `${withMarker(MARKER, 'the result').replace('\n', '\r\n')}\n` });
    expect(await publish()).toEqual({
      action: 'unchanged',
      url: 'https://github.com/octo/app/pull/7#issuecomment-1000',
    });
    expect(github.comments[0]?.updates).toBe(0);
  });

  test('of another header stands beside it', async () => {
    await publish({ header: 'other' });
    expect(await publish()).toMatchObject({ action: 'created' });
    expect(github.comments).toHaveLength(2);
  });

  test('is written with a personal token under the login of the person', async () => {
    await publish({ token: 'ghp_person', body: 'running' });
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'of the bot') });
    expect(await publish({ token: 'ghp_person' })).toMatchObject({ action: 'updated' });
    expect(bodies()).toEqual([{ login: 'Hubert', body: withMarker(MARKER, 'the result') }, own('of the bot')]);
  });

  test('is found on page 30 of 3,000 comments', async () => {
    for (let count = 0; count < 2950; count += 1) github.addComment({ issue: 7, login: 'someone', body: 'talk' });
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'old') });
    for (let count = 0; count < 49; count += 1) github.addComment({ issue: 7, login: null, body: 'more talk' });
    expect(await publish()).toMatchObject({ action: 'updated' });
    expect(sent('issues/list-comments')).toBe(30);
    expect(github.comments).toHaveLength(3000);
    expect(github.comments[2950]).toMatchObject(own('the result'));
  });

  test('on a closed pull request is written as well', async () => {
    github.pulls.push({ number: 8, headSha: 'abc', headRepository: null, headBranch: 'x', state: 'closed' });
    expect(await publish({ pullRequest: 8 })).toMatchObject({ action: 'created' });
  });

  const forged = [
    { name: 'of another user', login: 'mallory', body: withMarker(MARKER, 'forged') },
    { name: 'of a user named like the bot', login: 'github-actions', body: withMarker(MARKER, 'forged') },
    { name: 'of a deleted account', login: null, body: withMarker(MARKER, 'forged') },
    { name: 'inside our comment of another header', login: BOT, body: withMarker(commentMarker('other'), MARKER) },
  ];
  test.each(forged)('leaves a marker $name alone', async ({ login, body }) => {
    github.addComment({ issue: 7, login, body });
    expect(await publish()).toMatchObject({ action: 'created' });
    expect(bodies()).toEqual([{ login, body }, own('the result')]);
  });
});

describe('duplicates', () => {
  test('that are there already give way to the oldest', async () => {
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'first') });
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'second') });
    github.addComment({ issue: 7, login: 'mallory', body: withMarker(MARKER, 'forged') });
    expect(await publish()).toMatchObject({ action: 'updated', url: containing('-1000') });
    expect(bodies()).toEqual([own('the result'), { login: 'mallory', body: withMarker(MARKER, 'forged') }]);
  });

  test('of a job that creates at the same time give way to the older one', async () => {
    github.meanwhile('issues/create-comment', () => {
      github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'of the other job') });
    });
    expect(await publish()).toMatchObject({ url: containing('-1000') });
    expect(bodies()).toEqual([own('the result')]);
  });

  test('that cannot be deleted do not cost the comment', async () => {
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'first') });
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'second') });
    github.fail('issues/delete-comment', { kind: 'forbidden', message: 'Must have admin rights' });
    expect(await publish()).toMatchObject({ action: 'updated' });
    expect(bodies()).toEqual([own('the result'), own('second')]);
  });

  test('a comment that is deleted while it is updated is written anew', async () => {
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'old') });
    github.meanwhile('issues/update-comment', () => github.comments.splice(0));
    expect(await publish()).toMatchObject({ action: 'created' });
    expect(bodies()).toEqual([own('the result')]);
  });
});

describe('a failure on the way', () => {
  const badGateway: Fault = { kind: 'bad-gateway' };
  const table: { name: string; operation: OperationName; faults: Fault[]; action: string; creations?: number }[] = [
    {
      name: '502 twice while listing',
      operation: 'issues/list-comments',
      faults: [badGateway, badGateway],
      action: 'created',
    },
    {
      name: 'a broken answer while listing',
      operation: 'issues/list-comments',
      faults: [{ kind: 'broken-off' }],
      action: 'created',
    },
    {
      name: 'nonsense while listing',
      operation: 'issues/list-comments',
      faults: [{ kind: 'garbage' }],
      action: 'created',
    },
    {
      name: '502 before storing',
      operation: 'issues/create-comment',
      faults: [badGateway],
      action: 'created',
      creations: 2,
    },
    {
      name: '502 twice before storing',
      operation: 'issues/create-comment',
      faults: [badGateway, badGateway],
      action: 'created',
      creations: 3,
    },
    {
      name: '502 after storing',
      operation: 'issues/create-comment',
      faults: [{ kind: 'bad-gateway-after-storing' }],
      action: 'created',
      creations: 1,
    },
    {
      name: 'an answer that breaks off after storing',
      operation: 'issues/create-comment',
      faults: [{ kind: 'broken-off-after-storing' }],
      action: 'created',
      creations: 1,
    },
    {
      name: 'nonsense after storing',
      operation: 'issues/create-comment',
      faults: [{ kind: 'garbage' }],
      action: 'created',
      creations: 1,
    },
    {
      name: '502 before, then after storing',
      operation: 'issues/create-comment',
      faults: [badGateway, { kind: 'bad-gateway-after-storing' }],
      action: 'created',
      creations: 2,
    },
    {
      name: 'secondary limit with a date',
      operation: 'issues/create-comment',
      faults: [{ kind: 'secondary-limit', retryAfter: new Date(Date.now() + 20_000).toUTCString() }],
      action: 'created',
      creations: 2,
    },
  ];
  test.each(table)('$name leaves exactly one comment', async ({ operation, faults, action, creations }) => {
    github.fail(operation, ...faults);
    expect(await publish()).toMatchObject({ action });
    expect(bodies()).toEqual([own('the result')]);
    if (creations !== undefined) expect(sent('issues/create-comment')).toBe(creations);
  });

  test('502 after storing an update is seen as done', async () => {
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'old') });
    github.fail('issues/update-comment', { kind: 'bad-gateway-after-storing' });
    expect(await publish()).toMatchObject({ action: 'updated' });
    expect(sent('issues/update-comment')).toBe(1);
    expect(sent('graphql viewer')).toBe(1);
  });

  test('of the second look does not hide that the comment is there', async () => {
    github.meanwhile('issues/create-comment', () => {
      github.fail('issues/list-comments', badGateway, badGateway, badGateway);
    });
    expect(await publish()).toMatchObject({ action: 'created' });
  });

  test('of the second look by a long rate limit does not hide it either', async () => {
    github.meanwhile('issues/create-comment', () => {
      github.fail('issues/list-comments', { kind: 'secondary-limit', retryAfter: '600' });
    });
    expect(await publish()).toMatchObject({ action: 'created' });
  });

  const graphqlFaults: { name: string; fault: Fault }[] = [
    { name: 'with 403', fault: { kind: 'forbidden', message: 'Resource not accessible by integration' } },
    { name: 'with 200 and errors', fault: { kind: 'graphql-error' } },
  ];
  test.each(graphqlFaults)('GraphQL that refuses $name is asked once', async ({ fault }) => {
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'old') });
    github.fail('graphql viewer', fault);
    expect(await publish()).toMatchObject({ action: 'updated' });
    expect(sent('graphql viewer')).toBe(1);
    expect(clock.sleeps).toEqual([]);
  });

  test('a run that is cancelled while GraphQL is silent takes no other login', async () => {
    const controller = new AbortController();
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'old') });
    github.fail('graphql viewer', { kind: 'no-answer' });
    github.meanwhile('graphql viewer', () => {
      controller.abort();
    });
    expect(await publish({ signal: controller.signal })).toEqual({ skipped: containing('cancelled') });
    expect(logged).toEqual([]);
  });

  test('a refused GraphQL is made up for by the login of GITHUB_TOKEN', async () => {
    github.addComment({ issue: 7, login: BOT, body: withMarker(MARKER, 'old') });
    github.fail('graphql viewer', { kind: 'forbidden', message: 'Resource not accessible by integration' });
    expect(await publish()).toMatchObject({ action: 'updated' });
    expect(logged.join()).toContain('assuming github-actions[bot]');
  });
});

describe('rate limits', () => {
  const waits: { name: string; fault: Fault; seconds: [number, number] }[] = [
    { name: 'secondary limit', fault: { kind: 'secondary-limit', retryAfter: '2' }, seconds: [2, 2] },
    { name: 'secondary limit of a minute', fault: { kind: 'secondary-limit', retryAfter: '60' }, seconds: [60, 60] },
    { name: 'secondary limit without a word', fault: { kind: 'secondary-limit' }, seconds: [60, 60] },
    { name: 'secondary limit of no time', fault: { kind: 'secondary-limit', retryAfter: '0' }, seconds: [1, 1] },
    {
      name: 'secondary limit of the old name',
      fault: { kind: 'secondary-limit', retryAfter: '2', message: 'You have triggered an abuse detection mechanism' },
      seconds: [2, 2],
    },
    {
      name: 'primary limit in other words',
      fault: { kind: 'primary-limit', resetInSeconds: 30, message: 'Enough for now' },
      seconds: [28, 31],
    },
    { name: '429', fault: { kind: 'too-many-requests', retryAfter: '3' }, seconds: [3, 3] },
    { name: 'primary limit', fault: { kind: 'primary-limit', resetInSeconds: 30 }, seconds: [28, 31] },
    { name: 'primary limit that is over', fault: { kind: 'primary-limit', resetInSeconds: -5 }, seconds: [1, 1] },
  ];
  test.each(waits)('$name is waited for', async ({ fault, seconds: [least, most] }) => {
    github.fail('issues/create-comment', fault);
    expect(await publish()).toMatchObject({ action: 'created' });
    expect(clock.sleeps).toHaveLength(1);
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(least * 1000);
    expect(clock.sleeps[0]).toBeLessThanOrEqual(most * 1000);
  });

  test('is measured by the clock of GitHub', async () => {
    github.fail('issues/create-comment', { kind: 'primary-limit', resetInSeconds: 30 });
    expect(await publish({ clock: { ...clock, date: () => new Date(0) } })).toMatchObject({ action: 'created' });
  });

  const tooLong: { name: string; faults: Fault[]; sleeps: number[] }[] = [
    { name: 'a secondary limit of ten minutes', faults: [{ kind: 'secondary-limit', retryAfter: '600' }], sleeps: [] },
    { name: 'a primary limit of an hour', faults: [{ kind: 'primary-limit', resetInSeconds: 3600 }], sleeps: [] },
    {
      name: 'limits that add up',
      faults: [
        { kind: 'too-many-requests', retryAfter: '40' },
        { kind: 'too-many-requests', retryAfter: '40' },
      ],
      sleeps: [40_000],
    },
    {
      name: 'a date that is none',
      faults: [
        { kind: 'secondary-limit', retryAfter: 'soon' },
        { kind: 'secondary-limit', retryAfter: 'soon' },
      ],
      sleeps: [60_000],
    },
  ];
  test.each(tooLong)('$name ends with a reason', async ({ faults, sleeps }) => {
    github.fail('issues/list-comments', ...faults);
    expect(await publish()).toEqual({ skipped: containing('pause of more than 60 s') });
    expect(clock.sleeps).toEqual(sleeps);
    expect(github.comments).toEqual([]);
  });
});

describe('what GitHub refuses is a reason, not an error', () => {
  const table: {
    name: string;
    changes?: Partial<CommentOptions>;
    operation?: OperationName;
    faults?: Fault[];
    reason: string;
  }[] = [
    {
      name: 'a fork with a token that only reads',
      changes: { token: 'ghs_read' },
      reason:
        '`permissions: pull-requests: write`. (GitHub for pull request #7 of octo/app: it answered 403 (Resource not accessible by integration',
    },
    { name: 'an expired token', changes: { token: 'ghs_expired' }, reason: 'wrong or expired' },
    { name: 'no token', changes: { token: '' }, reason: 'no token was given' },
    { name: 'a token with a line end', changes: { token: 'ghs_write\n' }, reason: 'the token has invalid characters' },
    {
      name: 'a pull request that does not exist',
      changes: { pullRequest: 99 },
      reason: 'There is no such pull request',
    },
    {
      name: 'a repository that the token cannot see',
      changes: { repository: 'octo/secret' },
      reason: 'There is no such pull request',
    },
    { name: 'a body that is too long', changes: { body: 'x'.repeat(70_000) }, reason: 'Body is too long' },
    {
      name: 'a pull request that was deleted',
      operation: 'issues/create-comment',
      faults: [{ kind: 'gone' }],
      reason: 'switched off',
    },
    {
      name: 'single sign-on',
      operation: 'issues/list-comments',
      faults: [{ kind: 'forbidden', message: 'Resource protected by organization SAML enforcement' }],
      reason: 'SAML',
    },
    {
      name: '502 again and again',
      operation: 'issues/create-comment',
      faults: [{ kind: 'bad-gateway' }, { kind: 'bad-gateway' }, { kind: 'bad-gateway' }],
      reason: 'did not answer properly',
    },
    {
      name: 'no answer in time',
      changes: { requestTimeoutMs: 30 },
      operation: 'issues/list-comments',
      faults: [{ kind: 'no-answer' }, { kind: 'no-answer' }, { kind: 'no-answer' }],
      reason: 'no answer (',
    },
    { name: 'an address that is none', changes: { apiUrl: 'nonsense' }, reason: 'no answer (' },
  ];
  test.each(table)('$name', async ({ changes, operation, faults, reason }) => {
    if (operation !== undefined) github.fail(operation, ...(faults ?? []));
    const outcome = await publish(changes);
    expect(outcome).toEqual({ skipped: containing(reason) });
    expect(github.comments).toEqual([]);
  });

  test('a host that refuses connections', async () => {
    const gone = await startGitHub();
    await gone.close();
    expect(await publish({ apiUrl: gone.url })).toEqual({ skipped: containing('ECONNREFUSED') });
  });

  test('a locked conversation', async () => {
    github.pulls.push({ number: 8, headSha: 'abc', headRepository: null, headBranch: 'x', locked: true });
    expect(await publish({ pullRequest: 8 })).toEqual({ skipped: containing('conversation is locked') });
  });

  test('a run that was cancelled before', async () => {
    expect(await publish({ signal: AbortSignal.abort() })).toEqual({ skipped: containing('cancelled') });
    expect(github.requests).toEqual([]);
  });

  test('a run that is cancelled while GitHub is silent', async () => {
    const controller = new AbortController();
    github.fail('issues/list-comments', { kind: 'no-answer' });
    github.meanwhile('issues/list-comments', () => {
      controller.abort();
    });
    expect(await publish({ signal: controller.signal })).toEqual({ skipped: containing('cancelled') });
  });

  test('a run that is cancelled during a pause', async () => {
    const controller = new AbortController();
    github.fail('issues/list-comments', { kind: 'too-many-requests', retryAfter: '5' });
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      controller.abort();
      return clock.sleep(ms, signal);
    };
    expect(await publish({ signal: controller.signal, clock: { ...clock, sleep } })).toEqual({
      skipped: containing('cancelled'),
    });
  });
});

describe('safety', () => {
  test('the token is in no line of the log and in no reason', async () => {
    const token = 'ghs_TOPSECRET';
    github.fail('issues/list-comments', { kind: 'bad-gateway' }, { kind: 'forbidden', message: `who is ${token}?` });
    const outcome = await publish({ token });
    expect(JSON.stringify([outcome, logged])).not.toContain('TOPSECRET');
    expect(JSON.stringify(outcome)).toContain('who is ***?');
  });

  test('an answer cannot begin a line of the log', async () => {
    github.fail('issues/list-comments', { kind: 'forbidden', message: 'no\n::error::forged\r\n\u001b[31m' });
    const outcome = await publish();
    expect(JSON.stringify(outcome)).toContain('(no ::error::forged [31m');
  });

  test.each(['octo', 'octo/app/x', '/app', 'octo/'])('%s is a mistake of the caller', async (repository) => {
    await expect(publish({ repository })).rejects.toThrow(TypeError);
  });
  test.each([0, -1, 1.5, NaN])('pull request %d is a mistake of the caller', async (pullRequest) => {
    await expect(publish({ pullRequest })).rejects.toThrow(TypeError);
  });
});
