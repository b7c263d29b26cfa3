import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { publishComment } from '../../../src/adapters/github/pull-request.ts';
import { instantClock } from '../../fakes/github/instant-clock.ts';
import { type FakeGitHub, startGitHub } from '../../fakes/github/server.ts';

/** In a file of its own, because the client reads the address once, when it is loaded. */
let github: FakeGitHub;
const before = process.env['GITHUB_API_URL'];

beforeAll(async () => {
  github = await startGitHub();
  process.env['GITHUB_API_URL'] = github.url;
});

afterAll(async () => {
  if (before === undefined) delete process.env['GITHUB_API_URL'];
  else process.env['GITHUB_API_URL'] = before;
  await github.close();
});

test('the API is the one of the runner', async () => {
  github.pulls.push({ number: 7, headSha: 'abc', headRepository: null, headBranch: 'x' });
  const outcome = await publishComment({
    token: 'ghs_write',
    repository: github.repository,
    pullRequest: 7,
    header: 'h',
    body: 'b',
    clock: instantClock(),
    signal: new AbortController().signal,
    log: () => undefined,
  });
  expect(outcome).toMatchObject({ action: 'created' });
  expect(github.comments).toHaveLength(1);
});
