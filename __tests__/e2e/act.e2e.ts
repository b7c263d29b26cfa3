import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { startArtifactService, type FakeArtifactService } from '../fakes/github/artifact-service.ts';
import { startGitHub, type FakeGitHub } from '../fakes/github/server.ts';
import { machineInputs } from './action.ts';
import { machineState } from './machine.ts';

/** act runs workflows on this machine as they are written: https://nektosact.com */
const actIsHere = spawnSync('act', ['--version']).status === 0;

/** What a release of the action holds. */
const SHIPPED = ['action.yml', 'package.json', 'dist', 'manifests'];

const PULL_REQUEST = 7;
const TOKEN = 'ghs_write';

const step = (name: string, inputs: Record<string, string>): unknown => ({
  name,
  id: name,
  uses: './',
  with: { ...machineInputs(), 'github-token': TOKEN, nodes: '1', ...inputs },
});

/** A repository whose workflow uses the action. */
function consumer(jobs: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  for (const name of SHIPPED) cpSync(name, join(folder, name), { recursive: true });
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  writeFileSync(
    join(folder, '.github/workflows/load-test.yml'),
    stringify({
      name: 'Load test',
      on: { pull_request: {} },
      permissions: { contents: 'read', 'pull-requests': 'write' },
      jobs,
    }),
  );
  const repository = { full_name: 'octo/app', owner: { login: 'octo' }, name: 'app' };
  const side = (ref: string): unknown => ({ ref, sha: 'a'.repeat(40), repo: repository });
  writeFileSync(
    join(folder, 'event.json'),
    JSON.stringify({
      action: 'synchronize',
      number: PULL_REQUEST,
      pull_request: { number: PULL_REQUEST, head: side('feature'), base: side('main') },
      repository,
    }),
  );
  const git = (...args: string[]): void => {
    execFileSync('git', ['-C', folder, '-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost', ...args], {
      stdio: 'ignore',
    });
  };
  git('init', '--initial-branch=feature');
  git('remote', 'add', 'origin', 'https://github.com/octo/app.git');
  git('add', '--all');
  git('commit', '--message=All');
  return folder;
}

interface ActRun {
  readonly folder: string;
  readonly github: FakeGitHub;
  readonly artifacts: FakeArtifactService;
}

function startAct({ folder, github, artifacts }: ActRun): ReturnType<typeof spawn> {
  return spawn(
    'act',
    [
      'pull_request',
      '--platform=ubuntu-latest=-self-hosted',
      '--eventpath=event.json',
      '--no-cache-server',
      `--env=GITHUB_API_URL=${github.url}`,
      `--env=GITHUB_GRAPHQL_URL=${github.url}/graphql`,
      // act's own artifact server does not know the newest fields of the protocol.
      `--env=ACTIONS_RESULTS_URL=${artifacts.url}`,
      `--env=ACTIONS_RUNTIME_TOKEN=${artifacts.token}`,
      `--secret=GITHUB_TOKEN=${TOKEN}`,
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

async function runAct(run: ActRun): Promise<{ exitCode: number | null; log: string }> {
  const act = startAct(run);
  if (act.stdout === null) throw new Error('no output');
  const [log, ended] = await Promise.all([text(act.stdout), once(act, 'close') as Promise<[number | null]>]);
  if (process.env['E2E_VERBOSE'] !== undefined) process.stderr.write(log);
  return { exitCode: ended[0], log };
}

/** GitHub with one pull request, and its service for artifacts. */
async function startServices(): Promise<{ readonly github: FakeGitHub; readonly artifacts: FakeArtifactService }> {
  const [github, artifacts] = await Promise.all([startGitHub(), startArtifactService()]);
  github.pulls.push({
    number: PULL_REQUEST,
    headSha: 'a'.repeat(40),
    headRepository: 'octo/app',
    headBranch: 'feature',
  });
  return { github, artifacts };
}

(actIsHere ? describe : describe.skip)('A workflow of a repository that uses the action', () => {
  const before = machineState();
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const checkout = { uses: 'actions/checkout@v7' };

  test('gets outputs, an artifact and one comment, and no cluster stays', async () => {
    const { github, artifacts } = await startServices();
    const folder = consumer({
      'load-test': {
        'runs-on': 'ubuntu-latest',
        steps: [
          checkout,
          step('load', { requests: '50' }),
          { run: 'test "${{ steps.load.outputs.failures }}" = 0' },
          { run: 'kubectl --kubeconfig "${{ steps.load.outputs.kubeconfig }}" get nodes' },
        ],
      },
    });
    folders.push(folder);
    const { exitCode, log } = await runAct({ folder, github, artifacts });
    await Promise.all([github.close(), artifacts.close()]);
    expect({ exitCode, tail: exitCode === 0 ? '' : log.slice(-4000) }).toEqual({ exitCode: 0, tail: '' });
    expect(github.violations).toEqual([]);
    expect(github.comments.map(({ issue, body }) => [issue, body.split('\n')[2]?.slice(0, 21)])).toEqual([
      [PULL_REQUEST, expect.stringMatching(/^## (✅ Load test passe|⚠️ Load test witho)/)],
    ]);
    // Created as "running", then updated with the result.
    expect(github.comments[0]?.updates).toBe(1);
    expect(artifacts.uploads.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^load-test-load-test-1-[0-9a-f]{8}$/),
    ]);
    expect(machineState()).toEqual(before);
  });

  test('runs the jobs of a matrix side by side, each with a comment of its own', async () => {
    const { github, artifacts } = await startServices();
    const folder = consumer({
      'load-test': {
        'runs-on': 'ubuntu-latest',
        strategy: { matrix: { requests: [20, 30] } },
        steps: [checkout, step('load', { requests: '${{ matrix.requests }}', prometheus: 'false' })],
      },
    });
    folders.push(folder);
    const { exitCode, log } = await runAct({ folder, github, artifacts });
    await Promise.all([github.close(), artifacts.close()]);
    expect({ exitCode, tail: exitCode === 0 ? '' : log.slice(-4000) }).toEqual({ exitCode: 0, tail: '' });
    expect(github.comments.map(({ body }) => /Load test passed: (\d+) requests/.exec(body)?.[1]).sort()).toEqual([
      '20',
      '30',
    ]);
    expect(machineState()).toEqual(before);
  });

  test('is cleaned up when it is cancelled', async () => {
    const { github, artifacts } = await startServices();
    const folder = consumer({
      'load-test': {
        'runs-on': 'ubuntu-latest',
        steps: [checkout, step('load', { duration: '5m', prometheus: 'false' })],
      },
    });
    folders.push(folder);
    const act = startAct({ folder, github, artifacts });
    let log = '';
    const loading = new Promise<void>((resolve) => {
      act.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        log += chunk;
        if (log.includes('Seed ')) resolve();
      });
    });
    const closed = once(act, 'close');
    await Promise.race([loading, closed]);
    act.kill('SIGINT');
    await closed;
    await Promise.all([github.close(), artifacts.close()]);
    expect(log).toContain('Seed ');
    expect(github.comments.map(({ body }) => body.split('\n')[2])).toEqual([
      expect.stringContaining('Load test cancelled'),
    ]);
    expect(machineState()).toEqual(before);
  });
});
