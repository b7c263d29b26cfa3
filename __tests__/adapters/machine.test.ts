import { afterEach, describe, expect, test } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import { startEchoServices } from '../../src/adapters/echo-services.ts';
import { actionInput, runIdentity } from '../../src/adapters/github/github-run.ts';
import { freeBytes, inotifyLimits, machineFacts, portIsFree, toolPlatform } from '../../src/adapters/machine.ts';
import { PLATFORMS } from '../../src/cluster/pinned-versions.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { ON_A_LAPTOP } from '../fakes/state.ts';

const folder = temporaryFolders();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a port', () => {
  test('is taken while somebody listens on it, and free afterwards', async () => {
    const port = await listen('127.0.0.1');
    expect(await portIsFree(port)).toBe(false);
    const [server] = servers.splice(0);
    server?.close();
    if (server !== undefined) await once(server, 'close');
    expect(await portIsFree(port)).toBe(true);
    // Asking does not take it.
    expect(await portIsFree(port)).toBe(true);
  });

  test('is taken when somebody listens on all addresses', async () => {
    expect(await portIsFree(await listen('0.0.0.0'))).toBe(false);
  });
});

describe('this machine', () => {
  test('is told for the report', () => {
    expect(machineFacts()).toMatchObject({ nodeVersion: process.version, arch: process.arch });
    expect(machineFacts().cpus).toBeGreaterThan(0);
    expect(machineFacts().memoryBytes).toBeGreaterThan(2 ** 20);
  });

  test('has disk', async () => {
    expect(await freeBytes(folder())).toBeGreaterThan(0);
  });

  test('has limits of inotify where it is Linux', () => {
    const limits = inotifyLimits();
    expect(
      process.platform === 'linux' ? (limits?.watches ?? 0) > 0 && (limits?.instances ?? 0) > 0 : limits === null,
    ).toBe(true);
  });

  const table = [
    { os: 'linux', cpu: 'x64', expected: 'linux/amd64' },
    { os: 'linux', cpu: 'arm64', expected: 'linux/arm64' },
    { os: 'darwin', cpu: 'arm64', expected: 'darwin/arm64' },
    { os: 'win32', cpu: 'x64', expected: undefined },
    { os: 'linux', cpu: 'ia32', expected: undefined },
  ];
  test.each(table)('$os on $cpu is $expected to kind and kubectl', ({ os, cpu, expected }) => {
    expect(toolPlatform(os, cpu)).toBe(expected);
    if (expected !== undefined) expect(PLATFORMS).toContain(expected);
  });
});

describe('the clock', () => {
  test('never goes back', () => {
    const first = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(first);
    expect(systemClock.date()).toBeInstanceOf(Date);
  });

  test('ends a pause with the reason for which it was cancelled', async () => {
    const reason = new Error('stop');
    const controller = new AbortController();
    const pause = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(pause).rejects.toBe(reason);
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  });
});

describe('the run that the runner tells of', () => {
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_WORKFLOW: 'Load test',
    GITHUB_JOB: 'load',
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_SHA: 'abc',
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_EVENT_NAME: 'pull_request',
  };

  const event = (content: string): string => {
    const file = join(mkdtempSync(join(folder(), 'event-')), 'event.json');
    writeFileSync(file, content);
    return file;
  };

  test('is none on a laptop', () => {
    expect(runIdentity({})).toEqual(ON_A_LAPTOP);
    expect(runIdentity({ ...env, GITHUB_ACTIONS: undefined })).toEqual(ON_A_LAPTOP);
  });

  test('is all that the report needs', () => {
    const payload = {
      pull_request: {
        number: 7,
        head: { repo: { full_name: 'octo/app' }, sha: 'abc' },
        base: { repo: { full_name: 'octo/app' } },
      },
      number: 7,
    };
    expect(runIdentity({ ...env, GITHUB_EVENT_PATH: event(JSON.stringify(payload)) })).toEqual({
      onGitHub: true,
      event: 'pull_request',
      id: '4711',
      attempt: 2,
      workflow: 'Load test',
      job: 'load',
      repository: 'octo/app',
      sha: 'abc',
      ref: 'refs/pull/7/merge',
      pullRequest: 7,
      url: 'https://github.com/octo/app/actions/runs/4711',
    });
  });

  const steps = [
    { action: '', step: undefined },
    { action: '__self', step: undefined },
    { action: '__k8s-loadtest-ci_k8s-loadtest-ci', step: undefined },
    { action: '__k8s-loadtest-ci_k8s-loadtest-ci_2', step: '__k8s-loadtest-ci_k8s-loadtest-ci_2' },
    { action: 'load', step: 'load' },
    // A step of a composite action.
    { action: '__5f0f1b1e-8a0e-4e0d-9d57-3c1d5b6f7a10', step: undefined },
    { action: '5f0f1b1e8a0e4e0d9d573c1d5b6f7a10', step: undefined },
  ];
  test.each(steps)('is told from other steps of its job by $action', ({ action, step }) => {
    expect(runIdentity({ ...env, GITHUB_ACTION: action }).step).toBe(step);
  });

  test('is on the server of the enterprise', () => {
    expect(runIdentity({ ...env, GITHUB_SERVER_URL: 'https://git.example' }).url).toBe(
      'https://git.example/octo/app/actions/runs/4711',
    );
  });

  const partial = [
    { name: 'no event', env: { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' } },
    {
      name: 'an event file that is cut off',
      env: { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_PATH: 'CUT' },
    },
    {
      name: 'an event file that is missing',
      env: { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_PATH: '/nonexistent' },
    },
  ];
  test.each(partial)('has no pull request with $name', ({ env: more }) => {
    const path = more.GITHUB_EVENT_PATH === 'CUT' ? { GITHUB_EVENT_PATH: event('{"pull_req') } : {};
    expect(runIdentity({ ...env, ...more, ...path }).pullRequest).toBeNull();
  });

  test('is known as far as the runner tells it', () => {
    expect(runIdentity({ GITHUB_ACTIONS: 'true', GITHUB_RUN_ATTEMPT: 'x' })).toMatchObject({
      id: 'unknown',
      attempt: 1,
      repository: null,
      url: null,
    });
  });
});

test('an input is read as the runner hands it over, under its own spelling or another', () => {
  const env = { 'INPUT_CLUSTER-NAME': 'a', INPUT_CLUSTER_NAME: 'b', INPUT_REQUESTS: '20' };
  expect(['cluster-name', 'cluster_name', 'requests', 'nodes'].map((name) => actionInput(name, env))).toEqual([
    'a',
    'b',
    '20',
    '',
  ]);
});

describe('the echo services', () => {
  // The same program as in dist, started from its source by the transform of the tests' own runtime.
  const program = (): string => {
    const file = join(folder(), 'serve.mjs');
    const source = join(import.meta.dirname, '..', '..', 'src', 'adapters', 'echo-services.ts');
    writeFileSync(
      file,
      `import { tsImport } from '${import.meta.resolve('tsx/esm/api')}';\nconst { serveEchoServices } = await tsImport('${source}', import.meta.url);\nawait serveEchoServices(process.argv.slice(2));\n`,
    );
    return file;
  };

  const ask = async (port: number, host: string, path = '/'): Promise<{ status: number | undefined; text: string }> => {
    const outgoing = request({ host: '127.0.0.1', port, path, headers: { host }, agent: false }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: string[] = [];
    for await (const chunk of answer) chunks.push(String(chunk));
    return { status: answer.statusCode, text: chunks.join('') };
  };

  test('answer each host with its own name, and end when they are stopped', async () => {
    const services = await startEchoServices(program(), ['foo.localhost', 'bar.localhost']);
    try {
      expect(await ask(services.ingress.port, 'foo.localhost')).toEqual({ status: 200, text: 'foo\n' });
      expect(await ask(services.ingress.port, 'bar.localhost', '/any?path')).toEqual({ status: 200, text: 'bar\n' });
      expect(await ask(services.ingress.port, 'other.localhost')).toMatchObject({ status: 404 });
    } finally {
      await services.stop();
    }
    await expect(ask(services.ingress.port, 'foo.localhost')).rejects.toThrow(/ECONNREFUSED/);
  }, 20_000);

  test('that end at once are an error, and not a wait', async () => {
    const file = join(folder(), 'ends.mjs');
    writeFileSync(file, 'process.exit(0);\n');
    await expect(startEchoServices(file, [])).rejects.toThrow('The echo services exited immediately.');
  });

  test('end by themselves when whoever started them is gone', async () => {
    const child = fork(program(), ['foo.localhost'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    child.disconnect();
    const [exitCode] = (await once(child, 'exit')) as [number];
    expect(exitCode).toBe(0);
  }, 20_000);
});
