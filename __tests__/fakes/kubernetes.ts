/** Objects of the Kubernetes API as `kubectl get --output=json` prints them, with the fields that nobody reads too. */

export const list = (...items: readonly object[]): object => ({
  apiVersion: 'v1',
  kind: 'List',
  metadata: { resourceVersion: '' },
  items,
});

export interface NodeOptions {
  readonly name?: string;
  readonly controlPlane?: boolean;
  readonly ready?: 'True' | 'False' | 'Unknown' | null;
  readonly message?: string;
}

export const node = ({
  name = 'lt-worker',
  controlPlane = false,
  ready = 'True',
  message = 'kubelet is posting ready status',
}: NodeOptions = {}): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
    creationTimestamp: '2026-11-23T10:00:00Z',
    name,
    uid: `uid-${name}`,
    labels: {
      'kubernetes.io/hostname': name,
      ...(controlPlane ? { 'node-role.kubernetes.io/control-plane': '', 'ingress-ready': 'true' } : {}),
    },
  },
  spec: { podCIDR: '10.244.1.0/24', providerID: `kind://docker/lt/${name}` },
  status: {
    addresses: [{ address: '172.18.0.3', type: 'InternalIP' }],
    allocatable: { cpu: '4', memory: '16Gi' },
    conditions: [
      {
        type: 'MemoryPressure',
        status: 'False',
        reason: 'KubeletHasSufficientMemory',
        message: 'enough',
        lastTransitionTime: '2026-11-23T10:00:00Z',
      },
      ...(ready === null
        ? []
        : [{ type: 'Ready', status: ready, reason: 'Kubelet', message, lastTransitionTime: '2026-11-23T10:00:10Z' }]),
    ],
    nodeInfo: { architecture: 'amd64', kubeletVersion: 'v1.35.8', osImage: 'Debian GNU/Linux 12 (bookworm)' },
  },
});

/** The nodes of a cluster with one control plane. */
export const nodes = (count: number, options: NodeOptions = {}): object[] =>
  Array.from({ length: count }, (_, index) =>
    index === 0
      ? node({ ...options, name: 'lt-control-plane', controlPlane: true })
      : node({ ...options, name: index === 1 ? 'lt-worker' : `lt-worker${String(index)}` }),
  );

export interface WorkloadOptions {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly generation?: number;
  readonly spec?: object;
  readonly status?: object;
}

/** A Deployment with all of its two pods, unless told otherwise. */
export const workload = ({
  kind = 'Deployment',
  namespace = 'echo',
  name = 'foo',
  generation = 1,
  spec = { replicas: 2 },
  status,
}: WorkloadOptions = {}): object => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: {
    annotations: { 'deployment.kubernetes.io/revision': '1' },
    creationTimestamp: '2026-11-23T10:00:30Z',
    generation,
    labels: { 'app.kubernetes.io/name': name },
    name,
    namespace,
    resourceVersion: '901',
    uid: `uid-${kind}-${name}`,
  },
  spec: {
    progressDeadlineSeconds: 600,
    selector: { matchLabels: { app: name } },
    strategy: { type: 'RollingUpdate' },
    template: {},
    ...spec,
  },
  status: status ?? {
    availableReplicas: 2,
    observedGeneration: generation,
    readyReplicas: 2,
    replicas: 2,
    updatedReplicas: 2,
    conditions: [
      {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      },
    ],
  },
});

export interface ContainerOptions {
  readonly name?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: object;
  readonly lastState?: object;
}

export const containerStatus = ({
  name = 'echo',
  ready = true,
  restartCount = 0,
  state,
  lastState = {},
}: ContainerOptions = {}): object => ({
  containerID: 'containerd://0123456789abcdef',
  image: 'docker.io/hashicorp/http-echo:1.0.0',
  imageID: 'docker.io/hashicorp/http-echo@sha256:fcb75f69',
  lastState,
  name,
  ready,
  restartCount,
  started: ready,
  state: state ?? { running: { startedAt: '2026-11-23T10:00:40Z' } },
});

export interface PodOptions {
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner?: { readonly kind: string; readonly name: string } | null;
  readonly phase?: string;
  readonly nodeName?: string;
  readonly deletionTimestamp?: string;
  readonly limits?: object | undefined;
  readonly containers?: readonly object[];
  readonly initContainers?: readonly object[];
  readonly conditions?: readonly object[];
  /** Init containers of the specification. */
  readonly prepare?: readonly object[];
  /** Resources of the pod as a whole. */
  readonly resources?: object;
  readonly startTime?: string;
}

/** A running and ready pod of the Deployment echo/foo, unless told otherwise. */
export const pod = (options: PodOptions = {}): object => {
  const {
    namespace = 'echo',
    name = 'foo-7d9c5b8f6d-abcde',
    phase = 'Running',
    nodeName = 'lt-worker',
    limits = { cpu: '500m', memory: '64Mi' },
  } = options;
  const hash = name.split('-').at(-2) ?? '';
  const owner =
    options.owner === undefined ? { kind: 'ReplicaSet', name: name.split('-').slice(0, -1).join('-') } : options.owner;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      creationTimestamp: '2026-11-23T10:00:31Z',
      ...(options.deletionTimestamp === undefined
        ? {}
        : { deletionTimestamp: options.deletionTimestamp, deletionGracePeriodSeconds: 30 }),
      generateName: `${owner?.name ?? name}-`,
      labels: options.labels ?? { app: 'foo', 'pod-template-hash': hash },
      name,
      namespace,
      ...(owner === null
        ? {}
        : {
            ownerReferences: [
              { apiVersion: 'apps/v1', blockOwnerDeletion: true, controller: true, ...owner, uid: 'rs' },
            ],
          }),
      uid: options.uid ?? `uid-${name}`,
    },
    spec: {
      containers: [
        { image: 'docker.io/hashicorp/http-echo:1.0.0', name: 'echo', resources: { limits, requests: { cpu: '50m' } } },
      ],
      ...(options.prepare === undefined ? {} : { initContainers: options.prepare }),
      ...(options.resources === undefined ? {} : { resources: options.resources }),
      ...(nodeName === '' ? {} : { nodeName }),
      restartPolicy: 'Always',
    },
    status: {
      phase,
      ...(options.startTime === undefined ? {} : { startTime: options.startTime }),
      hostIP: '172.18.0.3',
      podIP: '10.244.1.5',
      qosClass: 'Burstable',
      conditions: options.conditions ?? [
        { type: 'PodScheduled', status: 'True', lastProbeTime: null },
        { type: 'Ready', status: 'True', lastProbeTime: null },
      ],
      ...(options.initContainers === undefined ? {} : { initContainerStatuses: options.initContainers }),
      ...(options.containers?.length === 0 ? {} : { containerStatuses: options.containers ?? [containerStatus()] }),
    },
  };
};

/** What the registry of Docker Hub answers to one pull too many, as containerd tells it. */
const RATE_LIMIT =
  'Back-off pulling image "docker.io/hashicorp/http-echo:1.0.0": ErrImagePull: failed to pull and unpack image: unexpected status from HEAD request: 429 Too Many Requests - toomanyrequests: You have reached your unauthenticated pull rate limit.';

/** A pod whose container waits for something, as its kubelet says. */
export const waitingPod = (reason: string, message?: string) =>
  pod({
    phase: 'Pending',
    containers: [containerStatus({ ready: false, state: { waiting: { reason, message } } })],
  });

/** The pods that the readiness rules are about, by name. */
export const PODS = {
  ready: pod(),
  imagePullBackOff: waitingPod(
    'ImagePullBackOff',
    'Back-off pulling image "nowhere.example/app:1": ErrImagePull: failed to resolve reference: not found',
  ),
  rateLimited: waitingPod('ErrImagePull', RATE_LIMIT),
  secretMissing: waitingPod('CreateContainerConfigError', 'secret "db" not found'),
  crashLoop: pod({
    containers: [
      containerStatus({
        ready: false,
        restartCount: 4,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s restarting failed container' } },
        lastState: {
          terminated: {
            exitCode: 137,
            reason: 'OOMKilled',
            startedAt: '2026-11-23T10:01:00Z',
            finishedAt: '2026-11-23T10:01:01Z',
          },
        },
      }),
    ],
  }),
  unschedulable: pod({
    phase: 'Pending',
    nodeName: '',
    containers: [],
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/3 nodes are available: 3 Insufficient cpu.',
      },
    ],
  }),
  deleted: pod({
    deletionTimestamp: '2026-11-23T10:02:00Z',
    containers: [
      containerStatus({ ready: false, restartCount: 0, state: { terminated: { exitCode: 2, reason: 'Error' } } }),
    ],
  }),
  unready: pod({ containers: [containerStatus({ ready: false })] }),
};

export interface AutoscalerOptions {
  readonly namespace?: string;
  readonly name?: string;
  readonly metrics?: readonly object[];
  /** The condition ScalingActive; null before it has looked. */
  readonly active?: 'True' | 'False' | null;
  readonly message?: string;
  /** Per cent of the CPU requests that it saw last. */
  readonly seen?: number | null;
}

const CPU_TARGET = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
};

/** An autoscaler of the Deployment foo, for 2 to 6 pods at 50 % of the CPU requests. */
export const autoscaler = ({
  namespace = 'echo',
  name = 'foo',
  metrics = [CPU_TARGET],
  active = 'True',
  message = 'the HPA was able to calculate',
  seen = 10,
}: AutoscalerOptions = {}): object => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name, namespace, uid: `uid-hpa-${name}` },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: 2,
    maxReplicas: 6,
    metrics,
  },
  status: {
    conditions:
      active === null
        ? null
        : [
            { type: 'AbleToScale', status: 'True' },
            { type: 'ScalingActive', status: active, reason: 'ValidMetricFound', message },
          ],
    currentMetrics:
      seen === null
        ? null
        : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: seen, averageValue: '9m' } } }],
    currentReplicas: 2,
    desiredReplicas: 2,
  },
});

export interface ScaleTargetOptions {
  readonly desired?: number;
  readonly ready?: number;
  /** The CPU request of each container. */
  readonly requests?: readonly (string | null)[];
}

/** The Deployment foo that the autoscaler changes. */
export const scaleTarget = ({ desired = 2, ready = 2, requests = ['100m'] }: ScaleTargetOptions = {}): object => ({
  ...workload({ status: { readyReplicas: ready, replicas: ready, observedGeneration: 1 } }),
  spec: {
    replicas: desired,
    template: {
      spec: {
        containers: requests.map((cpu, index) => ({
          name: `c${String(index)}`,
          resources: cpu === null ? {} : { requests: { cpu } },
        })),
      },
    },
  },
});
