/**
 * k6/ has the objects of the k6-operator: the TestRun of a load, and what its pods report. src/load/k6/ reads the
 * output of the runners.
 */
import type { K6Connection } from '../../load/k6/k6-script.ts';
import type { KubernetesObject } from '../manifests.ts';
import { IMAGES_WITHOUT_DIGEST, WORKLOAD_IMAGES } from '../pinned-versions.ts';

/** The namespace of manifests/platform/k6-operator that the operator looks into. */
export const RUNNER_NAMESPACE = 'k6-runners';
/** Its name for kubectl. */
export const TEST_RUN_RESOURCE = 'TestRun.v1alpha1.k6.io';
/** The label of everything that a load creates in the cluster, so leftovers are found whatever their name. */
export const LOAD_LABEL = { name: 'k8s-loadtest-ci', value: 'load' } as const;
/** The operator gives it to the pods of every TestRun. */
export const TEST_RUN_PODS = 'app=k6';

/**
 * The name of a TestRun, after which the operator names its Jobs: `load-20261124t124500`. Each load has one
 * of its own: the operator keeps its growing pauses by name, so that a second load of the same name would
 * be kept waiting.
 *
 * @param start when the load begins; no two on one cluster do so in the same second.
 */
export const testRunName = (start: Date): string =>
  `load-${start.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}`;

/** Where the operator itself runs (manifests/platform/k6-operator), and the label of its pod. */
export const OPERATOR = { namespace: 'k6-operator', label: 'app.kubernetes.io/name=k6-operator' } as const;

/** The k6 image of the pods. */
export const RUNNER_IMAGES: readonly string[] = [WORKLOAD_IMAGES.k6, IMAGES_WITHOUT_DIGEST.k6Starter];

/** The tag of that image: `v2.3.0`. */
export const RUNNER_VERSION = `v${/:([^@]+)@/.exec(WORKLOAD_IMAGES.k6)?.[1] ?? ''}`;

export interface TestRunOptions {
  /** See `testRunName`. */
  readonly name: string;
  readonly parallelism: number;
  readonly script: string;
  /** Where k6 connects to for a host name, in the form of k6's own options. */
  readonly connection: K6Connection;
  /** Certificates in PEM that k6 trusts beside those of its image. */
  readonly authorities: readonly string[];
  /** The content of `__ENV` in the script. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether k6 writes each of its samples to its log, for a script that writes no lines of its own. */
  readonly samples: boolean;
}

/** The Job that the operator makes for each runner has this name, which its pods bear as a label. */
export const runnerNames = (testRun: string, parallelism: number): string[] =>
  Array.from({ length: parallelism }, (_, index) => `${testRun}-${String(index + 1)}`);

/** The Job in which the operator lets k6 check the script. */
export const initializerName = (testRun: string): string => `${testRun}-initializer`;

/** The Job that tells all runners to start. */
export const starterName = (testRun: string): string => `${testRun}-starter`;

/** Kubernetes asks every ten seconds by default, and a Service leads nowhere before its runner is ready. */
const READINESS_PROBE = { httpGet: { path: '/v1/status', port: 6565, scheme: 'HTTP' }, periodSeconds: 1 };

const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: 12_345,
  runAsGroup: 12_345,
  seccompProfile: { type: 'RuntimeDefault' },
};
const CONTAINER_SECURITY = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/**
 * A load for the k6-operator, in the order in which its objects are to be created: the ConfigMap with
 * the script and k6's configuration, and the TestRun. Everything that k6 is told goes by variables of
 * its environment: the operator hands arguments for the runners to `k6 archive` too, which knows others.
 */
export function testRunObjects({
  name,
  parallelism,
  script,
  connection,
  authorities,
  variables,
  samples,
}: TestRunOptions): KubernetesObject[] {
  const metadata = { name, namespace: RUNNER_NAMESPACE, labels: { [LOAD_LABEL.name]: LOAD_LABEL.value } };
  const environment = (more: Readonly<Record<string, string>>): object[] =>
    Object.entries({
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      K6_CONFIG: '/test/config.json',
      // Folders of certificates are read beside it.
      ...(authorities.length === 0 ? {} : { SSL_CERT_FILE: '/test/ca.pem' }),
      ...variables,
      ...more,
    }).map(([variable, value]) => ({ name: variable, value }));
  const pod = {
    imagePullPolicy: 'IfNotPresent',
    automountServiceAccountToken: 'false',
    securityContext: POD_SECURITY,
    containerSecurityContext: CONTAINER_SECURITY,
  };
  const output = samples
    ? { K6_OUT: 'csv=/dev/stdout', K6_CSV_TIME_FORMAT: 'unix_micro', K6_SUMMARY_EXPORT: '/dev/stdout' }
    : { K6_LOG_FORMAT: 'raw' };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: {
        'script.js': script,
        'config.json': JSON.stringify(connection),
        ...(authorities.length === 0 ? {} : { 'ca.pem': authorities.join('\n') }),
      },
    },
    {
      apiVersion: 'k6.io/v1alpha1',
      kind: 'TestRun',
      metadata,
      spec: {
        parallelism,
        script: { configMap: { name, file: 'script.js' } },
        initializer: { ...pod, image: WORKLOAD_IMAGES.k6, env: environment({}) },
        starter: { ...pod, image: IMAGES_WITHOUT_DIGEST.k6Starter },
        runner: {
          ...pod,
          image: WORKLOAD_IMAGES.k6,
          readinessProbe: READINESS_PROBE,
          env: environment({ K6_NO_COLOR: 'true', ...output }),
          // Spread over the nodes, but no runner waits for a place when there are fewer nodes.
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { app: 'k6', runner: 'true' } },
            },
          ],
        },
      },
    },
  ];
}
