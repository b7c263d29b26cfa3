import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  LOAD_LABEL,
  OPERATOR,
  RUNNER_IMAGES,
  RUNNER_NAMESPACE,
  RUNNER_VERSION,
  runnerNames,
  testRunName,
  testRunObjects,
} from '../../../src/cluster/k6/test-run.ts';
import { parseManifests, toYaml } from '../../../src/cluster/manifests.ts';

const objects = (more: Partial<Parameters<typeof testRunObjects>[0]> = {}): ReturnType<typeof testRunObjects> =>
  testRunObjects({
    name: 'load-x',
    parallelism: 3,
    script: 'export default 1;\n',
    connection: { hosts: { 'foo.localhost': '10.96.0.9:80' } },
    authorities: [],
    variables: {},
    samples: false,
    ...more,
  });

interface Spec {
  readonly parallelism: number;
  readonly arguments?: string;
  readonly runner: { readonly image: string; readonly env: { name: string; value: string }[] };
  readonly initializer: { readonly env: { name: string; value: string }[] };
  readonly starter: { readonly image: string };
}

const specOf = (given: ReturnType<typeof testRunObjects>): Spec => given[1]?.['spec'] as Spec;
const variables = (env: { name: string; value: string }[]): Record<string, string> =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]));

describe('the objects of a load', () => {
  test('are a ConfigMap with the script and the hosts, and a TestRun with so many runners', () => {
    const [map, run] = objects();
    expect(map).toMatchObject({
      kind: 'ConfigMap',
      metadata: { namespace: RUNNER_NAMESPACE },
      data: { 'script.js': 'export default 1;\n', 'config.json': '{"hosts":{"foo.localhost":"10.96.0.9:80"}}' },
    });
    expect(run).toMatchObject({
      apiVersion: 'k6.io/v1alpha1',
      kind: 'TestRun',
      metadata: { namespace: RUNNER_NAMESPACE },
      spec: { parallelism: 3, script: { configMap: { name: map?.metadata.name, file: 'script.js' } } },
    });
    expect(parseManifests(toYaml(objects()))).toEqual(objects());
  });

  test('run pinned images and nothing that is pulled again', () => {
    const { runner, starter } = specOf(objects());
    expect([runner.image, starter.image]).toEqual(RUNNER_IMAGES);
    expect(RUNNER_VERSION).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(objects()[1]).toMatchObject({
      spec: {
        runner: { imagePullPolicy: 'IfNotPresent' },
        starter: { imagePullPolicy: 'IfNotPresent' },
        initializer: { imagePullPolicy: 'IfNotPresent' },
      },
    });
  });

  test('fit the restricted standard of their namespace', () => {
    const restricted = {
      automountServiceAccountToken: 'false',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containerSecurityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    };
    expect(objects()[1]).toMatchObject({ spec: { runner: restricted, starter: restricted, initializer: restricted } });
    const namespaces = parseManifests(readFileSync('manifests/platform/k6-operator/namespaces.yaml', 'utf8'));
    expect(namespaces.find(({ metadata }) => metadata.name === RUNNER_NAMESPACE)?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });

  test('tell k6 by its environment how to write: lines of its own, or samples of k6', () => {
    const lines = specOf(objects());
    expect(variables(lines.runner.env)).toMatchObject({ K6_LOG_FORMAT: 'raw', K6_NO_USAGE_REPORT: 'true' });
    expect(variables(lines.runner.env)).not.toHaveProperty('K6_OUT');
    const samples = specOf(objects({ samples: true, variables: { LOADTEST_SEED: 's' } }));
    expect(variables(samples.runner.env)).toMatchObject({
      K6_OUT: 'csv=/dev/stdout',
      K6_CSV_TIME_FORMAT: 'unix_micro',
      K6_SUMMARY_EXPORT: '/dev/stdout',
      LOADTEST_SEED: 's',
    });
    // `k6 inspect` must print nothing but its JSON.
    expect(variables(samples.initializer.env)).toEqual({
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      K6_CONFIG: '/test/config.json',
      LOADTEST_SEED: 's',
    });
    expect(samples.arguments).toBeUndefined();
  });
});

test('runners are soon found ready', () => {
  expect(objects()[1]).toMatchObject({
    spec: { runner: { readinessProbe: { httpGet: { path: '/v1/status', port: 6565 }, periodSeconds: 1 } } },
  });
});

test('the operator that is started again is the one that is deployed', () => {
  const [deployment] = parseManifests(readFileSync('manifests/platform/k6-operator/deployment.yaml', 'utf8'));
  const [label = '', value] = OPERATOR.label.split('=');
  expect(deployment).toMatchObject({
    metadata: { namespace: OPERATOR.namespace },
    spec: { template: { metadata: { labels: { [label]: value } } } },
  });
});

test('the operator looks into the namespace of the runners and may do nothing elsewhere', () => {
  const text = (file: string): string => readFileSync(`manifests/platform/k6-operator/${file}.yaml`, 'utf8');
  expect(text('deployment')).toMatch(new RegExp(`name: WATCH_NAMESPACE\\s+value: ${RUNNER_NAMESPACE}\n`));
  const rights = parseManifests(text('rbac')).filter(({ kind }) => kind !== 'ServiceAccount');
  expect(rights.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
    ['Role', RUNNER_NAMESPACE],
    ['RoleBinding', RUNNER_NAMESPACE],
  ]);
  expect(JSON.stringify(rights)).not.toMatch(/secrets|"\*"/);
});

test('runners have the names of the Jobs that the operator makes', () => {
  expect(runnerNames('load-x', 3)).toEqual(['load-x-1', 'load-x-2', 'load-x-3']);
});

test('runners trust the authorities of the run beside those of their image', () => {
  const [map, run] = objects({ authorities: ['A', 'B'] });
  expect(map).toMatchObject({ data: { 'ca.pem': 'A\nB' } });
  const { runner } = (run as unknown as { spec: Spec }).spec;
  expect(variables(runner.env)).toMatchObject({ SSL_CERT_FILE: '/test/ca.pem' });
  expect(variables(specOf(objects()).runner.env)).not.toHaveProperty('SSL_CERT_FILE');
});

test('each load has a name of its own that Kubernetes takes, also for the Jobs and pods made of it', () => {
  const [first, second] = [
    testRunName(new Date('2026-11-24T12:45:00.900Z')),
    testRunName(new Date('2026-11-24T12:45:01Z')),
  ];
  expect([first, second]).toEqual(['load-20261124t124500', 'load-20261124t124501']);
  for (const object of testRunObjects({
    name: first,
    parallelism: 1,
    script: '',
    connection: { hosts: {} },
    authorities: [],
    variables: {},
    samples: false,
  })) {
    expect(object.metadata).toMatchObject({ name: first, labels: { [LOAD_LABEL.name]: LOAD_LABEL.value } });
  }
});
