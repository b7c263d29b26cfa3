import { z } from 'zod';
import { type Endpoint, endpoint } from './model/endpoint.ts';
import { clusterNode } from './model/run.ts';
import type { Side } from './model/sides.ts';

/** A kind cluster that the run made, or an earlier step of its job. */
const ownCluster = z.strictObject({
  kind: z.literal('own'),
  name: z.string(),
  nodeImage: z.string(),
  /** A private file: never uploaded, removed with the cluster. */
  kubeconfig: z.string(),
  /** Where the ingress listens; null until the cluster is up. */
  ingress: endpoint.nullable(),
  /** The same of the ingress controller that it is compared with; missing unless two are. */
  baselineIngress: endpoint.optional(),
  nodes: z.array(clusterNode),
  /** Whether Docker's network `kind` was there before us: a network of others is never removed. */
  networkExisted: z.boolean(),
  deletedAt: z.iso.datetime().nullable(),
  /** True for a cluster of an earlier step, which alone may remove it. */
  reused: z.boolean().optional(),
  /** Whether what the stages prepare-nodes and deploy do was done, in whole or but for the application, while the cluster was made. */
  nodesFilled: z.boolean().optional(),
  platformApplied: z.boolean().optional(),
});
export type OwnCluster = z.infer<typeof ownCluster>;

/** A cluster that was there before the run, and what the run has in it. */
const existingCluster = z.strictObject({
  kind: z.literal('existing'),
  /** The user's own file, which stays. */
  kubeconfig: z.string(),
  context: z.string(),
  /** The namespace of the run; also the value of the label of all that it made. */
  namespace: z.string(),
  /** Where the ingress listens; null until it is found. */
  ingress: endpoint.nullable(),
  /** What the run creates outside of its namespace; only what bears its label is its own. */
  outside: z.array(z.strictObject({ resource: z.string(), namespace: z.string().nullable(), name: z.string() })),
  /** When the namespace was removed. */
  deletedAt: z.iso.datetime().nullable(),
});
export type ExistingCluster = z.infer<typeof existingCluster>;

/** The option of `try` by which its services are asked over HTTPS. */
export const TLS_OPTION = '--tls';

/** The services that the command `try` starts on this machine, without any cluster. */
const echoServices = z.strictObject({
  kind: z.literal('echo'),
  /** Where they answer; null until they are started. */
  ingress: endpoint.nullable(),
  /** What `try` was given beside the inputs, as on its command line. */
  options: z.array(z.string()),
});
export type EchoSystem = z.infer<typeof echoServices>;

/**
 * What is under test. Its kind decides where requests go, what kubectl asks, what the report says of the
 * cluster, and what the end of the run removes.
 */
export const system = z.discriminatedUnion('kind', [ownCluster, existingCluster, echoServices]);
export type System = z.infer<typeof system>;
export type Cluster = OwnCluster | ExistingCluster;

/** The cluster under test, also when it was deleted; null when there is none. */
export function clusterIn(given: System | null): Cluster | null {
  return given === null || given.kind === 'echo' ? null : given;
}

/**
 * Where requests go to; null while that is not known.
 *
 * @param side of a comparison; both have one ingress unless two controllers are compared.
 */
export function ingressIn(given: System, side: Side): Endpoint | null {
  switch (given.kind) {
    case 'own':
      return side === 'base' ? (given.baselineIngress ?? given.ingress) : given.ingress;
    case 'existing':
    case 'echo':
      return given.ingress;
  }
}

/** The name that the run chose for what it makes: a cluster or a namespace. */
export function nameOf(cluster: Cluster): string {
  switch (cluster.kind) {
    case 'own':
      return cluster.name;
    case 'existing':
      return cluster.namespace;
  }
}

/** The option that says where kubectl looks for pods and workloads: in a cluster of others in the namespace of the run only. */
export function namespaceOption(cluster: Cluster): string {
  switch (cluster.kind) {
    case 'own':
      return '--all-namespaces';
    case 'existing':
      return `--namespace=${cluster.namespace}`;
  }
}

/** The context of the kubeconfig that kubectl uses; the kubeconfig of an own cluster has only one. */
export function kubectlContext(cluster: Cluster): string | undefined {
  switch (cluster.kind) {
    case 'own':
      return undefined;
    case 'existing':
      return cluster.context;
  }
}

/** What the run has made, in words such as `cluster lt-1`. */
export function madeIn(cluster: Cluster): string {
  return `${cluster.kind === 'own' ? 'cluster' : 'namespace'} ${nameOf(cluster)}`;
}

/** Whether something of the run is there that the run has to remove in its end. */
export function isLeft(cluster: Cluster): boolean {
  return cluster.deletedAt === null && !(cluster.kind === 'own' && cluster.reused === true);
}
