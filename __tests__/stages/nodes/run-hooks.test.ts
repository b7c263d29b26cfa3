import { describe, expect, test } from '@jest/globals';
import { deploy } from '../../../src/stages/deploy.ts';
import { runHooks } from '../../../src/stages/nodes/run-hooks.ts';
import { APPLICATION, createWorld, render, type World, type WorldOptions } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import type { Rule } from '../../fakes/tools.ts';

const folder = temporaryFolders();

const hook = (kind: string, name: string, when: string, annotations = ''): string =>
  `---\napiVersion: ${kind === 'Job' ? 'batch/v1' : 'v1'}\nkind: ${kind}\n` +
  `metadata: {name: ${name}, namespace: echo, annotations: {"helm.sh/hook": ${when}${annotations}}}\n`;
const POLICY = (policy: string): string => `, "helm.sh/hook-delete-policy": "${policy}"`;

const jobs = (name: string, type: string, message = ''): string =>
  JSON.stringify({
    items: [
      {
        metadata: { name, namespace: 'echo' },
        status: { conditions: type === '' ? [] : [{ type, status: 'True', message }] },
      },
    ],
  });
const pods = (name: string, owner: string, status: object): string =>
  JSON.stringify({
    items: [
      {
        metadata: {
          name,
          namespace: 'echo',
          uid: 'u',
          ownerReferences: owner === '' ? [] : [{ kind: 'Job', name: owner }],
        },
        spec: { containers: [{ name: 'c' }] },
        status,
      },
    ],
  });
const rule = (match: string, stdout: string, more: Partial<Rule> = {}): Rule => ({
  tool: 'kubectl',
  match,
  stdout,
  ...more,
});

function world(hooks: string, rules: readonly Rule[] = [], options: WorldOptions = {}): World {
  const made = createWorld(folder(), { ...options, scenario: { rules } });
  render(made, 'application', `${APPLICATION}${hooks}`);
  return made;
}
/** What kubectl was asked to change, with the objects that went through its input. */
const changes = ({ tools }: World): string[] =>
  tools.lines('kubectl').flatMap((line) => /\b(apply|delete)\b/.exec(line)?.[1] ?? []);

test('hooks run one after the other before the rest, each to its end', async () => {
  const it = world(
    hook('Job', 'migrate', 'pre-install') +
      hook('ConfigMap', 'settings', 'pre-install', ', "helm.sh/hook-weight": "-5"'),
    [
      rule('get jobs.batch', jobs('migrate', ''), { times: 1 }),
      rule('get jobs.batch', jobs('migrate', 'Complete')),
      rule('get pods', JSON.stringify({ items: [] })),
    ],
  );
  await deploy(it.context);
  const applied = it.logged('info').filter((line) => line.includes('applied'));
  expect(applied).toEqual([
    'namespaces: 1 objects applied',
    'pre-install hook ConfigMap echo/settings: 1 objects applied',
    'pre-install hook Job echo/migrate: 1 objects applied',
    'application: 1 objects applied',
  ]);
  expect(it.logged('info')).toContain('Job echo/migrate has not finished');
  expect(it.logged('info')).toContain('2 pre-install Helm hooks have run');
  expect(it.context.store.state.hooksRun).toEqual(['pre-install']);
});

test('those that are to go are removed in the end, and nothing runs twice', async () => {
  const it = world(
    hook('ConfigMap', 'a', 'post-install', POLICY('hook-succeeded')) +
      hook('ConfigMap', 'b', 'post-install', POLICY('hook-failed')),
  );
  await runHooks(it.context, 'post-install');
  expect(changes(it)).toEqual(['apply', 'apply', 'delete']);
  await runHooks(it.context, 'post-install');
  expect(changes(it)).toHaveLength(3);
});

test('without a policy the one before is removed first', async () => {
  const it = world(hook('ConfigMap', 'a', 'post-install'));
  await runHooks(it.context, 'post-install');
  expect(changes(it)).toEqual(['delete', 'apply']);
});

test('a Job that removes itself after its end has ended', async () => {
  const it = world(hook('Job', 'migrate', 'pre-install'), [
    rule('get jobs.batch', jobs('migrate', ''), { times: 1 }),
    rule('get jobs.batch', JSON.stringify({ items: [] })),
    rule('get pods', JSON.stringify({ items: [] })),
  ]);
  await runHooks(it.context, 'pre-install');
  expect(it.context.store.state.hooksRun).toEqual(['pre-install']);
});

describe('a hook ends the run', () => {
  const ended = {
    phase: 'Failed',
    containerStatuses: [{ name: 'c', state: { terminated: { reason: 'Error', exitCode: 3 } } }],
  };

  test('when its Job fails, with the end and the last lines of its pod', async () => {
    const it = world(hook('Job', 'migrate', 'pre-install', POLICY('hook-failed')), [
      rule('get jobs.batch', jobs('migrate', 'Failed', 'Job has reached the specified backoff limit')),
      rule('get pods', pods('migrate-x', 'migrate', ended)),
    ]);
    await expect(deploy(it.context)).rejects.toMatchObject({
      code: 'hook-failed',
      message:
        'The pre-install hook Job echo/migrate failed: Job has reached the specified backoff limit\n' +
        'Pod migrate-x: container c ended with exit code 3 (Error)\n' +
        'Its last lines:\n  a line of a pod\n  ::error::poison in a log',
      tryThis: expect.stringContaining('describe pod migrate-x --namespace=echo'),
    });
    expect(changes(it)).toEqual(['apply', 'apply', 'delete']);
    expect(it.context.store.state.hooksRun).toBeUndefined();
  });

  test('when its Pod fails', async () => {
    const it = world(hook('Pod', 'seed', 'post-install'), [rule('get pods', pods('seed', '', ended))]);
    await expect(runHooks(it.context, 'post-install')).rejects.toMatchObject({
      code: 'hook-failed',
      message: expect.stringContaining(
        'The post-install hook Pod echo/seed failed: container c ended with exit code 3 (Error)',
      ),
    });
  });

  test('when it does not end in time', async () => {
    const it = world(hook('Job', 'migrate', 'pre-install'), [
      rule('get jobs.batch', jobs('migrate', '')),
      rule('get pods', JSON.stringify({ items: [] })),
    ]);
    await expect(runHooks(it.context, 'pre-install')).rejects.toMatchObject({
      code: 'hook-failed',
      message: 'Waited 10 s for the pre-install hook Job echo/migrate to end: Job echo/migrate has not finished.',
    });
  });

  test('at once when its image can’t be pulled, however long it might take', async () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'not found' };
    const it = world(
      hook('Job', 'migrate', 'pre-install'),
      [
        rule('get jobs.batch', jobs('migrate', '')),
        rule(
          'get pods',
          pods('migrate-x', 'migrate', { phase: 'Pending', containerStatuses: [{ name: 'c', state: { waiting } }] }),
        ),
      ],
      { inputs: { wait: '60m' } },
    );
    await expect(runHooks(it.context, 'pre-install')).rejects.toMatchObject({
      code: 'image-pull',
      message: expect.stringContaining('Pod echo/migrate-x: container c: ImagePullBackOff: not found'),
    });
  });
});
