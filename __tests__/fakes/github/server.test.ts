import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startGitHub, type FakeGitHub } from './server.ts';

/** The fake is what the other tests rest on, so that it must notice what GitHub would refuse. */
let github: FakeGitHub;

beforeEach(async () => {
  github = await startGitHub();
  github.pulls.push({ number: 7, headSha: 'abc', headRepository: 'me/app', headBranch: 'topic' });
});

afterEach(async () => {
  await github.close();
});

const HEADERS = { authorization: 'token ghs_write', accept: 'application/vnd.github+json', 'user-agent': 'test' };
const COMMENTS = '/repos/octo/app/issues/7/comments';

const call = (path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) =>
  fetch(`${github.url}${path}`, { ...init, headers: { ...HEADERS, ...init.headers } });

describe('a request that is not as GitHub describes it', () => {
  const table = [
    { name: 'an unknown path', path: '/repos/octo/app/nonsense', violation: /No operation/ },
    { name: 'an unknown method', path: COMMENTS, init: { method: 'PUT', body: '{}' }, violation: /No operation/ },
    { name: 'an unknown query parameter', path: `${COMMENTS}?pages=2`, violation: /unknown query parameter pages=2/ },
    { name: 'a page that is no number', path: `${COMMENTS}?page=x`, violation: /page: data must be integer/ },
    {
      name: 'a number that is none',
      path: '/repos/octo/app/issues/x/comments',
      violation: /issue_number: data must be integer/,
    },
    {
      name: 'a body without body',
      path: COMMENTS,
      init: { method: 'POST', body: '{}' },
      violation: /must have required property 'body'/,
    },
    {
      name: 'a body of another type',
      path: COMMENTS,
      init: { method: 'POST', body: '{"body":7}' },
      violation: /body must be string/,
    },
    {
      name: 'another media type',
      path: COMMENTS,
      init: { headers: { accept: 'text/html' } },
      violation: /accept is text\/html/,
    },
    { name: 'no token', path: COMMENTS, init: { headers: { authorization: '' } }, violation: /no authorization/ },
  ];
  test.each(table)('$name is noted', async ({ path, init, violation }) => {
    await call(path, init);
    expect(github.violations.join('\n')).toMatch(violation);
  });
});

test('every kind of answer is as GitHub describes it', async () => {
  github.addComment({ issue: 7, login: 'me', body: 'hello' });
  github.artifacts.push({ id: 5, runId: 3, name: 'report', zip: Buffer.from('zip') });
  const statuses = [];
  for (const [path, init] of [
    [COMMENTS],
    [COMMENTS, { method: 'POST', body: '{"body":"x"}' }],
    [COMMENTS, { method: 'POST', body: JSON.stringify({ body: 'x'.repeat(65_537) }) }],
    ['/repos/octo/app/issues/comments/1000', { method: 'PATCH', body: '{"body":"x"}' }],
    ['/repos/octo/app/issues/comments/1000', { method: 'DELETE' }],
    ['/repos/octo/app/issues/9/comments'],
    ['/repos/octo/app/pulls?state=open&head=me:topic'],
    ['/repos/octo/app/pulls/7'],
    ['/repos/octo/app/commits/abc/pulls'],
    ['/repos/octo/app/actions/runs/3/artifacts?name=report'],
    ['/repos/octo/app/actions/artifacts/5/zip'],
    ['/graphql', { method: 'POST', body: '{"query":"query { viewer { login } }"}' }],
  ] as const) {
    statuses.push((await call(path, init)).status);
  }
  expect(statuses).toEqual([200, 201, 422, 200, 204, 404, 200, 200, 200, 200, 200, 200]);
  expect(github.violations).toEqual([]);
});

test('pages have links to the others, and no more than a hundred items', async () => {
  for (let count = 0; count < 250; count += 1) github.addComment({ issue: 7, login: 'me', body: 'x' });
  const answer = await call(`${COMMENTS}?per_page=500&page=2`);
  expect(await answer.json()).toHaveLength(100);
  const page = (number: number) => `<${github.url}${COMMENTS}?per_page=500&page=${String(number)}>`;
  expect(answer.headers.get('link')).toBe(
    `${page(1)}; rel="prev", ${page(3)}; rel="next", ${page(3)}; rel="last", ${page(1)}; rel="first"`,
  );
});

test('what has not changed is answered with 304', async () => {
  const etag = (await call(COMMENTS)).headers.get('etag') ?? '';
  expect((await call(COMMENTS, { headers: { 'if-none-match': etag } })).status).toBe(304);
  github.addComment({ issue: 7, login: 'me', body: 'x' });
  expect((await call(COMMENTS, { headers: { 'if-none-match': etag } })).status).toBe(200);
});
