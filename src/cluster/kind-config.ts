import { stringify } from 'yaml';
import { HOSTS_FOLDER } from './registry-mirrors.ts';

export interface KindConfig {
  readonly nodes: number;
  /** Port on 127.0.0.1; null lets the kernel choose one, so no other program can take it in between. */
  readonly httpPort: number | null;
  /** The HTTPS port. */
  readonly httpsPort: number | null;
  /** Whether containerd looks for registry mirrors in a folder of the node. */
  readonly registryMirrors?: boolean;
  /** Whether the log of a container is one file, however long. */
  readonly wholeLogs?: boolean;
  /** Whether the kubelets of this Kubernetes only start on this machine's cgroup v1 when told to accept it. */
  readonly acceptCgroupV1?: boolean;
  /**
   * Whether two ingress controllers are compared, each on a worker of its own: so neither shares its node with the
   * control plane.
   */
  readonly twoControllers?: boolean;
}

/** The port of the ingress controller on its node. */
export const INGRESS_PORT = 80;

/** The HTTPS port. */
export const INGRESS_HTTPS_PORT = 443;

/** The label of a node whose ingress ports are mapped to this machine. */
export const INGRESS_READY = 'ingress-ready';

/** The label of such a node that says which controller of a comparison it is for: `base` or `head`. */
export const INGRESS_OF = 'k8s-loadtest-ci/ingress-of';

/** kind's word for a port that Docker, and so the kernel, chooses. */
const PORT_OF_THE_KERNEL = -1;

/**
 * By default a kubelet begins another file each 10 MiB, and what is written in that moment is missing
 * in the log of whoever follows it (ReadLogs in k8s.io/cri-client/pkg/logs opens the new file and does
 * not look again into the old one).
 */
const WHOLE_LOGS = { containerLogMaxSize: '1Ti' };

/** From this minor version on the kubelet refuses cgroup v1 unless its configuration accepts it (KEP 5573). */
const REFUSES_CGROUP_V1 = 35;

/** The field of the KubeletConfiguration that accepts it; the kubelet knows it since 1.31. */
const ACCEPT_CGROUP_V1 = { failCgroupV1: false };

/**
 * Whether the kubelet of a node image starts on this machine only with `ACCEPT_CGROUP_V1`.
 *
 * @param minor of the node image's Kubernetes; null when its tag does not tell, which is taken for no.
 * @param cgroupVersion as Docker reports it.
 */
export const needsCgroupV1 = (minor: number | null, cgroupVersion: string | null): boolean =>
  cgroupVersion === '1' && minor !== null && minor >= REFUSES_CGROUP_V1;

/**
 * cAdvisor looks at a container every 10 to 15 seconds by default, too seldom for a load of 20. The
 * flag is given as a map and without an apiVersion: kind writes v1beta3 or v1beta4 of kubeadm's
 * configuration by the version of Kubernetes, and merges this form right into both, whereas a list
 * would replace the flags that kind itself sets.
 */
const kubeletFlags = (kind: 'InitConfiguration' | 'JoinConfiguration'): string =>
  stringify({ kind, nodeRegistration: { kubeletExtraArgs: { 'housekeeping-interval': '1s' } } });

/**
 * The controller manager starts its controllers one after the other, and by default asks the API server no
 * more than 20 times a second for all of them: their start then takes seconds. The one that signs
 * the token of new nodes comes anywhere among them, and a worker that finds no signature looks again
 * only after five seconds (DiscoveryRetryInterval in kubeadm's constants). There is one of each
 * here, so that none needs to be elected either: that takes up to two seconds after the API server is there.
 */
const PROMPT_CONTROL_PLANE = {
  kind: 'ClusterConfiguration',
  // Each write of etcd waits for the disk by default, which outlives a power failure: this cluster lives for minutes.
  etcd: { local: { extraArgs: { 'unsafe-no-fsync': 'true' } } },
  controllerManager: { extraArgs: { 'leader-elect': 'false', 'kube-api-qps': '200', 'kube-api-burst': '400' } },
  scheduler: { extraArgs: { 'leader-elect': 'false' } },
};

/** The ports of this machine that lead to an ingress. */
type IngressPorts = Pick<KindConfig, 'httpPort' | 'httpsPort'>;

/** What makes a node the one that ports of this machine lead to. */
const ingressNode = ({ httpPort, httpsPort }: IngressPorts, labels: Readonly<Record<string, string>> = {}): object => ({
  labels: { [INGRESS_READY]: 'true', ...labels },
  extraPortMappings: [mapping(INGRESS_PORT, httpPort), mapping(INGRESS_HTTPS_PORT, httpsPort)],
});

const mapping = (containerPort: number, hostPort: number | null): object => ({
  containerPort,
  hostPort: hostPort ?? PORT_OF_THE_KERNEL,
  // Without an address kind listens on all interfaces, and the cluster is open to the network.
  listenAddress: '127.0.0.1',
  protocol: 'TCP',
});

/**
 * The kind configuration: one control plane that holds the ingress, the rest workers. Of two ingress
 * controllers the first two workers hold one each.
 *
 * @returns YAML of kind.x-k8s.io/v1alpha4.
 */
export function kindConfig({
  nodes,
  httpPort,
  httpsPort,
  registryMirrors = false,
  wholeLogs = false,
  acceptCgroupV1 = false,
  twoControllers = false,
}: KindConfig): string {
  const ofWorkers = twoControllers
    ? [
        ingressNode({ httpPort, httpsPort }, { [INGRESS_OF]: 'head' }),
        ingressNode({ httpPort: null, httpsPort: null }, { [INGRESS_OF]: 'base' }),
      ]
    : [];
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    kubeadmConfigPatches: [
      // By default, a node pulls one image after the other.
      stringify({
        kind: 'KubeletConfiguration',
        serializeImagePulls: false,
        ...(wholeLogs ? WHOLE_LOGS : {}),
        ...(acceptCgroupV1 ? ACCEPT_CGROUP_V1 : {}),
      }),
      stringify(PROMPT_CONTROL_PLANE),
      kubeletFlags('InitConfiguration'),
      kubeletFlags('JoinConfiguration'),
    ],
    // Node images of kind v0.27 and later have this by themselves (https://kind.sigs.k8s.io/docs/user/local-registry/).
    ...(registryMirrors
      ? {
          containerdConfigPatches: [
            `[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "${HOSTS_FOLDER}"\n`,
          ],
        }
      : {}),
    nodes: [
      { role: 'control-plane', ...(twoControllers ? {} : ingressNode({ httpPort, httpsPort })) },
      ...Array.from({ length: nodes - 1 }, (_, index) => ({ role: 'worker', ...ofWorkers[index] })),
    ],
  });
}
