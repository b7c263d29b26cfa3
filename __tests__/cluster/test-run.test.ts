import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parsePods, type PodJson } from '../../src/cluster/kubernetes-json.ts';
import { parseManifests, toYaml } from '../../src/cluster/manifests.ts';
import { RUNNER_IMAGES, RUNNER_NAMESPACE, RUNNER_VERSION, runnerNames, runnerPhase, runnerProblem, testRunObjects } from '../../src/cluster/test-run.ts';

const objects = (more: Partial<Parameters<typeof testRunObjects>[0]> = {}): ReturnType<typeof testRunObjects> =>
  testRunObjects({ parallelism: 3, script: 'export default 1;\n', hosts: { 'foo.localhost': '10.96.0.9:80' }, variables: {}, samples: false, ...more });

interface Spec {
  readonly parallelism: number;
  readonly arguments?: string;
  readonly runner: { readonly image: string; readonly env: { name: string; value: string }[] };
  readonly initializer: { readonly env: { name: string; value: string }[] };
  readonly starter: { readonly image: string };
}

const specOf = (given: ReturnType<typeof testRunObjects>): Spec => given[1]?.['spec'] as Spec;
const variables = (env: { name: string; value: string }[]): Record<string, string> => Object.fromEntries(env.map(({ name, value }) => [name, value]));

describe('the objects of a load', () => {
  test('are a ConfigMap with the script and the hosts, and a TestRun with so many runners', () => {
    const [map, run] = objects();
    expect(map).toMatchObject({ kind: 'ConfigMap', metadata: { namespace: RUNNER_NAMESPACE }, data: { 'script.js': 'export default 1;\n', 'config.json': '{"hosts":{"foo.localhost":"10.96.0.9:80"}}' } });
    expect(run).toMatchObject({ apiVersion: 'k6.io/v1alpha1', kind: 'TestRun', metadata: { namespace: RUNNER_NAMESPACE }, spec: { parallelism: 3, script: { configMap: { name: map?.metadata.name, file: 'script.js' } } } });
    expect(parseManifests(toYaml(objects()))).toEqual(objects());
  });

  test('run pinned images and nothing that is pulled again', () => {
    const { runner, starter } = specOf(objects());
    expect([runner.image, starter.image]).toEqual(RUNNER_IMAGES);
    expect(RUNNER_VERSION).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(objects()[1]).toMatchObject({ spec: { runner: { imagePullPolicy: 'IfNotPresent' }, starter: { imagePullPolicy: 'IfNotPresent' }, initializer: { imagePullPolicy: 'IfNotPresent' } } });
  });

  test('fit the restricted standard of their namespace', () => {
    const restricted = { automountServiceAccountToken: 'false', securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, containerSecurityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } };
    expect(objects()[1]).toMatchObject({ spec: { runner: restricted, starter: restricted, initializer: restricted } });
    const namespaces = parseManifests(readFileSync('manifests/platform/k6-operator/namespaces.yaml', 'utf8'));
    expect(namespaces.find(({ metadata }) => metadata.name === RUNNER_NAMESPACE)?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  test('tell k6 by its environment how to write: lines of its own, or samples of k6', () => {
    const lines = specOf(objects());
    expect(variables(lines.runner.env)).toMatchObject({ K6_LOG_FORMAT: 'raw', K6_NO_USAGE_REPORT: 'true' });
    expect(variables(lines.runner.env)).not.toHaveProperty('K6_OUT');
    const samples = specOf(objects({ samples: true, variables: { LOADTEST_SEED: 's' } }));
    expect(variables(samples.runner.env)).toMatchObject({ K6_OUT: 'csv=/dev/stdout', K6_CSV_TIME_FORMAT: 'unix_micro', K6_SUMMARY_EXPORT: '/dev/stdout', LOADTEST_SEED: 's' });
    // `k6 inspect` must print nothing but its JSON.
    expect(variables(samples.initializer.env)).toEqual({ K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_CONFIG: '/test/config.json', LOADTEST_SEED: 's' });
    expect(samples.arguments).toBeUndefined();
  });
});

test('the operator looks into the namespace of the runners and may do nothing elsewhere', () => {
  const text = (file: string): string => readFileSync(`manifests/platform/k6-operator/${file}.yaml`, 'utf8');
  expect(text('deployment')).toMatch(new RegExp(`name: WATCH_NAMESPACE\\s+value: ${RUNNER_NAMESPACE}\n`));
  const rights = parseManifests(text('rbac')).filter(({ kind }) => kind !== 'ServiceAccount');
  expect(rights.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([['Role', RUNNER_NAMESPACE], ['RoleBinding', RUNNER_NAMESPACE]]);
  expect(JSON.stringify(rights)).not.toMatch(/secrets|"\*"/);
});

test('runners have the names of the Jobs that the operator makes', () => {
  expect(runnerNames(3)).toEqual(['load-1', 'load-2', 'load-3']);
});

function pod(status: object, metadata: object = {}): PodJson {
  const [first] = parsePods({ items: [{ metadata: { name: 'load-1-x', namespace: RUNNER_NAMESPACE, ...metadata }, spec: { nodeName: 'n' }, status }] });
  if (first === undefined) throw new Error('no pod');
  return first;
}

const ended = (exitCode: number, reason = 'Error'): PodJson =>
  pod({ phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [{ name: 'k6', state: { terminated: { exitCode, reason } } }] });
const UNSCHEDULED = pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available.' }] });

describe('how a runner has ended', () => {
  const table: { name: string; given: PodJson | null; phase: string; problem: RegExp | null }[] = [
    { name: 'as it should', given: ended(0, 'Completed'), phase: 'ended', problem: null },
    { name: 'with thresholds of its script crossed', given: ended(99), phase: 'ended', problem: null },
    { name: 'by an exception', given: ended(107), phase: 'ended', problem: /^The script threw an exception\.$/ },
    { name: 'without memory', given: ended(137, 'OOMKilled'), phase: 'ended', problem: /memory ran out/ },
    { name: 'killed', given: ended(137), phase: 'ended', problem: /^k6 was killed\.$/ },
    { name: 'deleted and gone', given: null, phase: 'ended', problem: /deleted/ },
    { name: 'being deleted', given: pod({ phase: 'Running' }, { deletionTimestamp: '2026-11-23T10:00:00Z' }), phase: 'ended', problem: /deleted/ },
    { name: 'evicted', given: pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }), phase: 'ended', problem: /^Its pod was ended: Evicted: The node was low/ },
    { name: 'not at all', given: pod({ phase: 'Running', containerStatuses: [{ name: 'k6', ready: true, state: {} }] }), phase: 'running', problem: /still running/ },
    { name: 'before it began', given: UNSCHEDULED, phase: 'waiting', problem: /^It never started: .*0\/3 nodes are available\.$/ },
  ];
  test.each(table)('$name', ({ given, phase, problem }) => {
    expect(runnerPhase(given)).toBe(phase);
    if (problem === null) expect(runnerProblem(given)).toBeNull();
    else expect(runnerProblem(given)).toMatch(problem);
  });
});
