import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Docker, openDocker } from '../../../src/adapters/commands/docker.ts';
import { openShell } from '../../../src/adapters/commands/shell.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { createFakeTools, type FakeTools, type Rule, type Scenario, withPath } from '../../fakes/tools.ts';

const folder = temporaryFolders();

function start(scenario: Scenario = {}): { docker: Docker; tools: FakeTools } {
  const tools = createFakeTools(folder());
  tools.scenario(scenario);
  return { tools, docker: openDocker(withPath(openShell({ signal: new AbortController().signal }), tools.path)) };
}

const info = (rule: Omit<Rule, 'tool' | 'match'>) =>
  start({ rules: [{ tool: 'docker', match: '^info', ...rule }] }).docker.info();

describe('why Docker does not answer is told apart', () => {
  test('there is no such command', async () => {
    const docker = openDocker(withPath(openShell({ signal: new AbortController().signal }), '/nonexistent'));
    await expect(docker.info()).rejects.toMatchObject({
      code: 'docker-not-installed',
      hint: expect.stringContaining('ubuntu-latest'),
    });
  });

  const table = [
    {
      name: 'the user may not open the socket',
      rule: {
        exit: 1,
        stderr:
          'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix: connect: permission denied',
      },
      expected: { code: 'docker-permission-denied', tryThis: 'sudo usermod -aG docker "$USER"' },
    },
    {
      name: 'the engine is down',
      rule: {
        exit: 1,
        stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      },
      expected: { code: 'docker-unreachable', message: expect.stringContaining('Is the docker daemon running?') },
    },
    {
      name: 'the client answers although the engine is down',
      rule: { stdout: '{"ServerErrors":["Cannot connect to the Docker daemon"],"ServerVersion":""}' },
      expected: { code: 'docker-unreachable', message: expect.stringContaining('Cannot connect to the Docker daemon') },
    },
    {
      name: 'the answer is not JSON',
      rule: { stdout: '<html>' },
      expected: { code: 'docker-unreachable', message: expect.stringContaining('not its JSON') },
    },
    {
      name: 'the answer is of another shape',
      rule: { stdout: '{"ServerVersion":5}' },
      expected: { code: 'docker-unreachable' },
    },
  ];
  test.each(table)('$name', async ({ rule, expected }) => {
    await expect(info(rule)).rejects.toMatchObject(expected);
  });

  test('a cancellation is none of them', async () => {
    const docker = openDocker(openShell({ signal: AbortSignal.abort(new Error('stop')) }));
    await expect(docker.info()).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('what Docker says about itself', () => {
  const answer = (json: object) => info({ stdout: JSON.stringify({ ServerVersion: '28.0.4', ...json }) });

  test('is its version and its cgroups', async () => {
    expect(await start().docker.info()).toEqual({
      version: '28.0.4',
      cgroupVersion: '2',
      rootless: false,
      rootDir: '/var/lib/docker',
      missingLimits: [],
    });
  });

  test('is not known of an engine that is too old', async () => {
    expect(await answer({ SecurityOptions: null })).toMatchObject({
      cgroupVersion: null,
      rootless: false,
      rootDir: '/var/lib/docker',
    });
  });

  // The names of the fields are those of Docker's API.
  const limits = [
    {
      name: 'all limits delegated',
      json: { MemoryLimit: true, PidsLimit: true, CPUShares: true, CpuCfsQuota: true },
      missing: [],
    },
    {
      name: 'no limits for CPU',
      json: { MemoryLimit: true, PidsLimit: true, CPUShares: false, CpuCfsQuota: false },
      missing: ['cpu'],
    },
    {
      name: 'no limits at all',
      json: { MemoryLimit: false, PidsLimit: false, CPUShares: false, CpuCfsQuota: false },
      missing: ['cpu', 'memory', 'pids'],
    },
  ];
  test.each(limits)('is that it runs rootless with $name', async ({ json, missing }) => {
    expect(
      await answer({ ...json, SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless', 'name=cgroupns'] }),
    ).toMatchObject({ rootless: true, missingLimits: missing });
  });
});

describe('images', () => {
  test('are there once they were pulled', async () => {
    const { docker } = start();
    expect(await docker.hasImage('kindest/node:v1')).toBe(false);
    await docker.pull('kindest/node:v1', 10_000);
    expect(await docker.hasImage('kindest/node:v1')).toBe(true);
  });

  test('are not taken for missing when nobody could look', async () => {
    const docker = openDocker(withPath(openShell({ signal: new AbortController().signal }), '/nonexistent'));
    await expect(docker.hasImage('kindest/node:v1')).rejects.toMatchObject({ reason: 'not-started' });
  });
});

describe('containers', () => {
  test('are those of one cluster, and of no other whose name begins alike', async () => {
    const { docker, tools } = start();
    tools.add('containers', 'lt-1-control-plane', { cluster: 'lt-1' });
    tools.add('containers', 'lt-1-worker', { cluster: 'lt-1' });
    tools.add('containers', 'lt-10-control-plane', { cluster: 'lt-10' });
    expect(await docker.containersOfCluster('lt-1')).toEqual(['lt-1-control-plane', 'lt-1-worker']);
    expect(await docker.containersOfCluster('none')).toEqual([]);
    await docker.removeContainers(['lt-1-control-plane', 'lt-1-worker']);
    expect(tools.names('containers')).toEqual(['lt-10-control-plane']);
    expect(tools.lines('docker').at(-1)).toBe('rm --force --volumes lt-1-control-plane lt-1-worker');
  });
});

describe('a published port', () => {
  const table = [
    { name: 'is read', stdout: '127.0.0.1:32768\n', expected: 32_768 },
    { name: 'is the first of several', stdout: '127.0.0.1:8080\n[::1]:8081\n', expected: 8080 },
    { name: 'is read from an address of IPv6', stdout: '[::1]:8081\n', expected: 8081 },
    { name: 'is none when nothing is said', stdout: '\n', expected: null },
  ];
  test.each(table)('$name', async ({ stdout, expected }) => {
    const { docker } = start({ rules: [{ tool: 'docker', match: '^port n 80/tcp$', stdout }] });
    expect(await docker.publishedPort('n', 80)).toBe(expected);
  });
});

describe("Docker's network", () => {
  test('is not mistaken for one with a longer name', async () => {
    const { docker, tools } = start();
    tools.add('networks', 'kind2');
    expect(await docker.networkExists('kind')).toBe(false);
    tools.add('networks', 'kind');
    expect(await docker.networkExists('kind')).toBe(true);
  });

  test('is removed when nothing uses it, and may be gone already', async () => {
    const { docker, tools } = start();
    tools.add('networks', 'kind');
    tools.add('containers', 'other', { cluster: 'other' });
    expect(await docker.removeNetwork('kind')).toBe(false);
    await docker.removeContainers(['other']);
    expect(await docker.removeNetwork('kind')).toBe(true);
    expect(await docker.removeNetwork('kind')).toBe(false);
  });
});

test('a path of PATH that holds a broken docker is told as what it is', async () => {
  const broken = folder();
  writeFileSync(join(broken, 'docker'), '#!/nonexistent/interpreter\n', { mode: 0o755 });
  const docker = openDocker(withPath(openShell({ signal: new AbortController().signal }), broken));
  await expect(docker.info()).rejects.toMatchObject({ code: 'docker-not-installed' });
});
