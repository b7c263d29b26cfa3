import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/adapters/clock.ts';
import { installTools } from '../../src/stages/install-tools.ts';
import { createWorld, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { instantClock, type InstantClock } from '../fakes/github/instant-clock.ts';
import { createFakeTools, type Rule } from '../fakes/tools.ts';

const folder = temporaryFolders();
const before = { ...process.env };

beforeEach(() => {
  // @actions/tool-cache writes debug commands for a runner.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
});

/** The deadlines of a download and of asking a tool for its version: these must not be over at once. */
const DEADLINES_MS = [20_000, 300_000];

function clockOfPauses(): InstantClock {
  const instant = instantClock();
  return {
    ...instant,
    sleep: (ms, signal) => (DEADLINES_MS.includes(ms) ? systemClock.sleep(ms, signal) : instant.sleep(ms, signal)),
  };
}

/** kind and kubectl are in the tool cache; their checksums are given as inputs. */
function world(options: WorldOptions = {}): World {
  const home = folder();
  const cached = createFakeTools(home);
  const cache = join(home, 'cache');
  cached.fillToolCache(cache);
  process.env = { ...before, RUNNER_TOOL_CACHE: cache, RUNNER_TEMP: join(home, 'temp') };
  const sums = { 'kind-sha256': cached.sha256('kind'), 'kubectl-sha256': cached.sha256('kubectl') };
  return createWorld(home, { up: false, clock: clockOfPauses(), ...options, inputs: { ...sums, ...options.inputs } });
}

const IMAGE = 'kindest/node:v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0';
const onPull = (...answers: readonly Omit<Rule, 'tool' | 'match'>[]): WorldOptions => ({
  scenario: { rules: answers.map((answer) => ({ tool: 'docker', match: '^pull', ...answer })) },
});

test('kind, kubectl and the node image are there afterwards', async () => {
  const { context, tools, logged } = world();
  await installTools(context);
  const { kind, kubectl } = context.store.state.tools;
  expect([kind?.version, kubectl?.version]).toEqual(['v0.33.0', 'v1.35.8']);
  expect(kind?.path).toContain(join('cache', 'kind', '0.33.0'));
  expect(tools.names('images')).toEqual([IMAGE]);
  expect(logged('info')).toContain(`Node image ${IMAGE}: pulled`);
});

test('an image that is there is not pulled again', async () => {
  const { context, tools } = world();
  tools.add('images', IMAGE);
  await installTools(context);
  expect(tools.lines('docker')).toEqual([expect.stringMatching(/^image inspect/)]);
});

describe('a pull that fails', () => {
  test('for a moment is tried again, each time after a longer pause', async () => {
    const clock = clockOfPauses();
    const { context, logged } = world({
      ...onPull({ times: 2, exit: 1, stderr: 'Error: TLS handshake timeout' }),
      clock,
    });
    await installTools(context);
    expect(logged('info').filter((line) => line.includes('failed:'))).toEqual([
      `Node image ${IMAGE}: attempt 1 of 5 failed: Error: TLS handshake timeout`,
      `Node image ${IMAGE}: attempt 2 of 5 failed: Error: TLS handshake timeout`,
    ]);
    expect(clock.sleeps).toEqual([4000, 8000]);
  });

  const table = [
    {
      name: 'by the rate limit is given up after five attempts',
      said: 'Error response from daemon: toomanyrequests: You have reached your pull rate limit',
      code: 'registry-rate-limit',
      attempts: 5,
    },
    {
      name: 'by the network is given up after five attempts',
      said: 'dial tcp: lookup registry-1.docker.io: no such host',
      code: 'image-pull',
      attempts: 5,
    },
    {
      name: 'because there is no such image is not tried again',
      said: 'Error response from daemon: manifest for kindest/node:v9 not found: manifest unknown',
      code: 'image-pull',
      attempts: 1,
    },
    {
      name: 'because it may not be read is not tried again',
      said: 'Error: pull access denied for kindest/nod, repository does not exist',
      code: 'image-pull',
      attempts: 1,
    },
    {
      name: 'because the disk is full is not tried again',
      said: 'failed to register layer: write /usr/local/bin/kubelet: no space left on device',
      code: 'disk-full',
      attempts: 1,
    },
    {
      name: 'because it is not built for this CPU is not tried again',
      said: 'no matching manifest for linux/arm64/v8 in the manifest list entries',
      code: 'image-pull',
      attempts: 1,
    },
    {
      name: 'because the engine is gone is given up after five attempts',
      said: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      code: 'docker-unreachable',
      attempts: 5,
    },
    {
      name: 'with a digest that holds 429 is no rate limit',
      said: 'manifest for kindest/node@sha256:4290000000000000000000000000000000000000000000000000000000000429 not found',
      code: 'image-pull',
      attempts: 1,
    },
  ];
  test.each(table)('$name', async ({ said, code, attempts }) => {
    const { context, tools } = world(onPull({ exit: 1, stderr: said }));
    await expect(installTools(context)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(said),
      hint: expect.any(String),
    });
    expect(tools.lines('docker').filter((line) => line.startsWith('pull'))).toHaveLength(attempts);
  });
});

test('a binary that says it is another version is refused', async () => {
  const { context } = world({ scenario: { kindVersion: 'v0.1.0' } });
  await expect(installTools(context)).rejects.toMatchObject({
    code: 'tool-version-mismatch',
    message: 'kind should be v0.33.0 but reports v0.1.0.',
  });
  expect(context.store.state.tools.kind).toBeUndefined();
});
