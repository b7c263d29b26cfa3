import { expect, test } from '@jest/globals';
import { recordReplicas } from '../../../src/stages/loading/record-replicas.ts';
import { coarseClock, createWorld, type World } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { autoscaler, list, scaleTarget } from '../../fakes/kubernetes.ts';
import type { Rule } from '../../fakes/tools.ts';

const folder = temporaryFolders();

const event = (object: object, type = 'MODIFIED'): string => `${JSON.stringify({ type, object })}\n`;
const AUTOSCALERS: Rule = {
  tool: 'kubectl',
  match: 'get horizontalpodautoscalers',
  stdout: JSON.stringify(list(autoscaler())),
};
const TARGETS: Rule = {
  tool: 'kubectl',
  match: 'get deployments.apps --all',
  stdout: JSON.stringify(list(scaleTarget())),
};
const endless: Rule = { tool: 'kubectl', match: 'watch=true', hang: true };

const world = (...rules: Rule[]): World => createWorld(folder(), { clock: coarseClock(), scenario: { rules } });

/** Ends a record when so many commands were started. */
async function stopAfter(world: World, commands: number): Promise<void> {
  const recording = await recordReplicas(world.context);
  for (let look = 0; look < 400 && world.tools.calls('kubectl').length < commands; look += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
  await recording.stop();
}

test('what the API server tells of is recorded until the load ends, over more than one watch', async () => {
  const one = world(
    AUTOSCALERS,
    TARGETS,
    {
      tool: 'kubectl',
      match: 'deployments\\?watch=true',
      times: 1,
      stdout:
        event(scaleTarget({ desired: 4 })) +
        event(scaleTarget({ desired: 4, ready: 4 })) +
        event(scaleTarget({ desired: 0 }), 'DELETED'),
    },
    {
      tool: 'kubectl',
      match: 'horizontalpodautoscalers\\?watch=true',
      times: 1,
      stdout: event(autoscaler({ seen: 150 })),
    },
    endless,
  );
  await stopAfter(one, 6);
  expect(one.context.store.state.replicaRecords).toMatchObject([
    {
      autoscaler: 'foo',
      replicas: [
        { desired: 2, ready: 2 },
        { desired: 4, ready: 2 },
        { desired: 4, ready: 4 },
      ],
      seenUtilization: [{ share: 0.1 }, { share: 1.5 }],
    },
  ]);
  expect(one.logged('warning')).toEqual([]);
  expect(one.tools.lines('kubectl').filter((line) => line.includes('watch=true'))).toContainEqual(
    expect.stringMatching(/--raw \/apis\/apps\/v1\/deployments\?watch=true&timeoutSeconds=300$/),
  );
});

test('a watch that fails is begun anew, and what was seen is kept', async () => {
  const one = world(
    AUTOSCALERS,
    TARGETS,
    { tool: 'kubectl', match: 'deployments\\?watch=true', times: 1, stdout: '<html>\n', exit: 1 },
    endless,
  );
  await stopAfter(one, 5);
  expect(one.context.store.state.replicaRecords).toMatchObject([{ replicas: [{ desired: 2, ready: 2 }] }]);
});

test('a record that can’t be made is a warning', async () => {
  const one = world({
    tool: 'kubectl',
    match: 'get horizontalpodautoscalers',
    exit: 1,
    stderr: 'Error from server (Forbidden)',
  });
  await stopAfter(one, 1);
  expect(one.context.store.state.replicaRecords).toEqual([]);
  expect(one.logged('warning')).toEqual([
    expect.stringMatching(/^The number of pods over time was not recorded: .*Forbidden/s),
  ]);
});

test('a kind that is not followed is told', async () => {
  const other = { ...autoscaler(), spec: { scaleTargetRef: { kind: 'Rollout', name: 'foo' }, maxReplicas: 3 } };
  const one = world({ ...AUTOSCALERS, stdout: JSON.stringify(list(other)) }, endless);
  await stopAfter(one, 2);
  expect(one.logged('warning')).toEqual(['The number of pods over time is not recorded for objects of kind Rollout.']);
});
