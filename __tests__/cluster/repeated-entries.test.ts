import { describe, expect, test } from '@jest/globals';
import { parseManifests } from '../../src/cluster/manifests.ts';
import { describeRepeatedEntries, hasRepeatedEntries } from '../../src/cluster/repeated-entries.ts';

const deployment = (container: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: {containers: [{name: echo, ${container}}]}}}\n`;
const TAKEN = 'Kubernetes accepts that and uses the last value of a variable. Remove one of the two.';

describe('entries that server-side apply can not tell apart', () => {
  const table = [
    {
      name: 'a variable',
      container: 'env: [{name: MODE, value: a}, {name: X}, {name: MODE, value: b}, {name: MODE}]',
      told: [`Deployment shop/web gives twice: the environment variable MODE (container echo). ${TAKEN}`],
    },
    {
      name: 'a port, under two names',
      container: 'ports: [{name: http, containerPort: 5678}, {name: metrics, containerPort: 5678, protocol: TCP}]',
      told: [`Deployment shop/web gives twice: the port 5678/TCP (container echo). ${TAKEN}`],
    },
    {
      name: 'a port of two protocols is two',
      container: 'ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP}]',
      told: [],
    },
    { name: 'what is no list at all', container: 'env: MODE, ports: {containerPort: 80}', told: [] },
  ];
  test.each(table)('$name', ({ container, told }) => {
    const objects = parseManifests(deployment(container));
    expect(describeRepeatedEntries(objects)).toEqual(told);
    expect(objects.map(hasRepeatedEntries)).toEqual([told.length > 0]);
  });

  test.each([
    ['imagePullSecrets: [{name: a}, {name: a}, {name: b}]', 'the pull secret a'],
    ['hostAliases: [{ip: 10.0.0.1, hostnames: [a]}, {ip: 10.0.0.1, hostnames: [b]}]', 'the host alias 10.0.0.1'],
  ])('of a pod: %s', (field, what) => {
    const objects = parseManifests(
      `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a}], ${field}}\n`,
    );
    expect(describeRepeatedEntries(objects)).toEqual([`Pod p gives twice: ${what}. ${TAKEN}`]);
  });

  test('of a ServiceAccount, and of what any object has', () => {
    const objects = parseManifests(
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s, finalizers: [x/y, x/y]}\nsecrets: [{name: a}, {name: a}]\n',
    );
    expect(describeRepeatedEntries(objects)).toEqual([
      `ServiceAccount s gives twice: the secret a, the finalizer x/y. ${TAKEN}`,
    ]);
  });

  test('an init container of a CronJob, and two that have the same variable once each', () => {
    const [cron] = parseManifests(
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: {initContainers: [{name: i, env: [{name: A}, {name: A}]}], containers: [{name: a, env: [{name: B}]}, {name: b, env: [{name: B}]}]}}}}}\n',
    );
    expect(describeRepeatedEntries(cron === undefined ? [] : [cron])).toEqual([
      `CronJob c gives twice: the environment variable A (container i). ${TAKEN}`,
    ]);
  });
});
