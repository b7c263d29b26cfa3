import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reset } from '../../src/stages/loading/user-command.ts';
import { prepare } from '../../src/stages/prepare.ts';
import { onLoopback } from '../../src/model/endpoint.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import type { ComparedVersions } from '../../src/state.ts';
import { APPLICATION, createWorld, render, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { isRunning, until } from '../fakes/processes.ts';

const folder = temporaryFolders();

const version = (name: string) => ({ label: name, manifests: [], images: [], hosts: [`shop.${name}.localhost`] });
const VERSIONS: ComparedVersions = {
  base: version('base'),
  head: version('head'),
  namespaces: { base: ['base-echo'], head: ['head-echo'] },
  targets: [{ host: 'shop.localhost', path: '/' }],
};

function world(options: WorldOptions = {}): World & { readonly home: string } {
  const home = folder();
  const made = createWorld(home, options);
  const { system } = made.context.store.state;
  if (system?.kind === 'own') made.context.store.update({ system: { ...system, ingress: onLoopback(8080) } });
  render(made, 'application', APPLICATION);
  return { ...made, home };
}

const SHOW = 'echo "$VERSION $NAMESPACE $INGRESS_URL $HOSTS"';

test('the command knows the cluster, the ingress and the application', async () => {
  const it = world({ inputs: { prepare: `${SHOW}; echo "$KUBECONFIG"; command -v kubectl`, hosts: 'shop.localhost' } });
  await prepare(it.context);
  expect(it.logged('info').slice(0, 3)).toEqual([
    'head echo http://127.0.0.1:8080 shop.localhost',
    join(it.outputDir, 'kubeconfig'),
    join(it.tools.bin, 'kubectl'),
  ]);
  expect(it.context.store.state.prepared).toBe(true);
});

test('over HTTPS it knows the port and whom the run trusts', async () => {
  const it = world({
    inputs: { prepare: 'echo "$INGRESS_HTTPS"; tail -n 1 "$INGRESS_CA"', hosts: 'https://shop.localhost' },
  });
  const { system } = it.context.store.state;
  if (system?.kind !== 'own') throw new Error('no cluster of its own');
  const tls = { port: 8443, authorities: ['the authority of the run'], unverified: [] };
  it.context.store.update({ system: { ...system, ingress: { ...onLoopback(8080), tls } } });
  await prepare(it.context);
  expect(it.logged('info').slice(0, 2)).toEqual(['127.0.0.1:8443', 'the authority of the run']);
});

test('it runs once in a cluster, whatever commands follow', async () => {
  const it = world({ inputs: { prepare: `echo x >> "$(dirname "$KUBECONFIG")/ran"` } });
  await prepare(it.context);
  await prepare(it.context);
  expect(readFileSync(join(it.outputDir, 'ran'), 'utf8')).toBe('x\n');
});

describe('in a comparison', () => {
  const OBJECTS = ['base', 'head'].map((side) => APPLICATION.replaceAll(/\becho\b/g, `${side}-echo`)).join('---\n');

  test('it runs for each version, in its namespace and with its hosts', async () => {
    const it = world({ inputs: { prepare: SHOW }, state: { comparedVersions: VERSIONS } });
    render(it, 'application', OBJECTS);
    await prepare(it.context);
    expect(it.logged('info').filter((line) => line.includes('http'))).toEqual([
      'base: base base-echo http://127.0.0.1:8080 shop.base.localhost',
      'head: head head-echo http://127.0.0.1:8080 shop.head.localhost',
    ]);
  });

  test('of two controllers there is one application', async () => {
    const comparedVersions = { ...VERSIONS, subject: 'ingress-controllers' as const };
    const it = world({ inputs: { prepare: SHOW, hosts: 'shop.localhost' }, state: { comparedVersions } });
    await prepare(it.context);
    expect(it.logged('info').filter((line) => line.includes('http'))).toHaveLength(1);
  });

  test('a reset says nothing unless it fails', async () => {
    const it = world({ inputs: { reset: SHOW }, state: { comparedVersions: VERSIONS } });
    await reset(it.context, 'base');
    expect(it.logged('info')).toEqual([]);
    const failing = world({ inputs: { reset: 'echo why >&2; false' }, state: { comparedVersions: VERSIONS } });
    await expect(reset(failing.context, 'base')).rejects.toMatchObject({
      code: 'prepare-failed',
      message: 'The command of input reset ended with exit code 1 for base.\nIts last lines:\n  why',
    });
  });
});

test('a cluster that exists already is asked by the context of the run, in a file that is gone afterwards', async () => {
  const it = world({
    existing: true,
    inputs: { prepare: 'cat "$KUBECONFIG"; stat -c %a "$KUBECONFIG"', hosts: 'shop.localhost' },
    scenario: { rules: [{ tool: 'kubectl', match: 'config view', stdout: 'current-context: chosen\n' }] },
  });
  it.context.store.update({
    system: {
      kind: 'existing',
      kubeconfig: '/home/me/.kube/config',
      context: 'chosen',
      namespace: 'lt-1',
      ingress: onLoopback(80),
      outside: [],
      deletedAt: null,
    },
  });
  await prepare(it.context);
  expect(it.logged('info').slice(0, 2)).toEqual(['current-context: chosen', '600']);
  expect(statSync(join(it.outputDir, 'kubeconfig-of-commands'), { throwIfNoEntry: false })).toBeUndefined();
});

test('no token is in its environment', async () => {
  const before = { ...process.env };
  Object.assign(process.env, { GITHUB_TOKEN: 'hidden-1', 'INPUT_PULL-SECRET': 'hidden-2', OF_THE_STEP: 'seen' });
  try {
    const it = world({ inputs: { prepare: 'env' } });
    await prepare(it.context);
    const log = it.logged('info').join('\n');
    expect(log).toContain('OF_THE_STEP=seen');
    expect(log).not.toContain('hidden-');
  } finally {
    process.env = before;
  }
});

describe('the run ends', () => {
  test('at the first part that fails, with what it said', async () => {
    const it = world({ inputs: { prepare: 'echo one\nfalse | cat\necho two' } });
    await expect(prepare(it.context)).rejects.toMatchObject({
      code: 'prepare-failed',
      message: 'The command of input prepare ended with exit code 1 for head.\nIts last lines:\n  one',
      tryThis: expect.stringContaining('get pods --namespace=echo'),
    });
    expect(it.context.store.state.prepared).toBeUndefined();
  });

  test('when it takes too long, with all that it started', async () => {
    const it = world({ inputs: { prepare: 'sleep 1000 & echo $!; wait', 'prepare-timeout': '1s' } });
    await expect(prepare(it.context)).rejects.toMatchObject({
      code: 'prepare-failed',
      message: expect.stringContaining('took longer than 1 s (input prepare-timeout)'),
    });
    const pid = Number(it.logged('info')[0]);
    await until(() => !isRunning(pid));
  });

  test('when the job is cancelled, with all that it started', async () => {
    const it = world({ inputs: { prepare: 'sleep 1000 & echo $! > "$(dirname "$KUBECONFIG")/pid"; wait' } });
    const file = join(it.outputDir, 'pid');
    const running = prepare(it.context);
    running.catch(() => undefined);
    await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
    it.cancel();
    await expect(running).rejects.toMatchObject({ reason: 'cancelled' });
    const pid = Number(readFileSync(file, 'utf8'));
    await until(() => !isRunning(pid));
  });
});

describe('a reset is refused', () => {
  const faultsOf = (inputs: Record<string, string>) =>
    parseInputs((name) => inputs[name] ?? '').faults.map(({ input }) => input);

  test.each([
    { name: 'without a comparison', inputs: { reset: 'true' } },
    {
      name: 'with a search for the capacity',
      inputs: { reset: 'true', manifests: 'a', 'baseline-manifests': 'b', mode: 'capacity' },
    },
  ])('$name', ({ inputs }) => {
    expect(faultsOf(inputs)).toEqual(['reset']);
  });

  test('not in a comparison', () => {
    expect(faultsOf({ reset: 'true', manifests: 'a', 'baseline-manifests': 'b' })).toEqual([]);
  });
});
