import { stringify } from 'yaml';

export interface KindConfig {
  readonly nodes: number;
  /** Port on 127.0.0.1; 0 lets kind take a free one. */
  readonly httpPort: number;
  /** 35 for Kubernetes 1.35; null when it is not known. */
  readonly kubernetesMinor: number | null;
}

/** The port of the ingress controller on its node. */
export const INGRESS_PORT = 80;

/**
 * The kind configuration: one control plane that holds the ingress, the rest workers.
 *
 * @returns YAML of kind.x-k8s.io/v1alpha4.
 */
export function kindConfig({ nodes, httpPort }: KindConfig): string {
  const controlPlane = {
    role: 'control-plane',
    labels: { 'ingress-ready': 'true' },
    extraPortMappings: [
      // Without an address kind listens on all interfaces, and so does the cluster.
      { containerPort: INGRESS_PORT, hostPort: httpPort, listenAddress: '127.0.0.1', protocol: 'TCP' },
    ],
  };
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    kubeadmConfigPatches: [
      // By default a node pulls one image after the other.
      stringify({ kind: 'KubeletConfiguration', serializeImagePulls: false }),
    ],
    nodes: [controlPlane, ...Array.from({ length: nodes - 1 }, () => ({ role: 'worker' }))],
  });
}
