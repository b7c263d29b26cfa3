import { z } from 'zod';
import { type Endpoint, endpoint } from './model/endpoint.ts';
import { clusterNode } from './model/run.ts';
import type { Side } from './model/sides.ts';

/** A kind cluster that the run created, or an earlier step of its job. */
const ownCluster = z.strictObject({
  kind: z.literal('own'),
  name: z.string(),
  nodeImage: z.string(),
  /** A private file: never uploaded, removed with the cluster. */
  kubeconfig: z.string(),
  /** Where the ingress listens; null until the cluster is up. */
  ingress: endpoint.nullable(),
  /** The ingress of the controller to compare with; missing unless two are compared. */
  baselineIngress: endpoint.optional(),
  nodes: z.array(clusterNode),
  /** Whether Docker's network `kind` existed before: someone else's network is never removed. */
  networkExisted: z.boolean(),
  deletedAt: z.iso.datetime().nullable(),
  /** True for a cluster of an earlier step; only that step may remove it. */
  reused: z.boolean().optional(),
  /**
   * Whether the work of prepare-nodes and deploy was done while the cluster was created, completely or without the
   * application.
   */
  nodesFilled: z.boolean().optional(),
  platformApplied: z.boolean().optional(),
});
export type OwnCluster = z.infer<typeof ownCluster>;

/** A cluster that existed before the run, and what the run has in it. */
const existingCluster = z.strictObject({
  kind: z.literal('existing'),
  /** The user's own file, which is never deleted. */
  kubeconfig: z.string(),
  context: z.string(),
  /** The namespace of the run; also the label value of everything that the run created. */
  namespace: z.string(),
  /** Where the ingress listens; null until it is found. */
  ingress: endpoint.nullable(),
  /** What the run creates outside its namespace; only objects with its label are its own. */
  outside: z.array(z.strictObject({ resource: z.string(), namespace: z.string().nullable(), name: z.string() })),
  /** When the namespace was removed. */
  deletedAt: z.iso.datetime().nullable(),
});
export type ExistingCluster = z.infer<typeof existingCluster>;

/** The option of `try` that loads its services over HTTPS. */
export const TLS_OPTION = '--tls';

/** The services that the command `try` starts on this machine, without a cluster. */
const echoServices = z.strictObject({
  kind: z.literal('echo'),
  /** Where they answer; null until they are started. */
  ingress: endpoint.nullable(),
  /** Options of `try` other than inputs, as on its command line. */
  options: z.array(z.string()),
});
export type EchoSystem = z.infer<typeof echoServices>;

/**
 * The system under test. Its kind decides where requests go, what kubectl is asked, what the report says about the
 * cluster, and what is removed at the end.
 */
export const system = z.discriminatedUnion('kind', [ownCluster, existingCluster, echoServices]);
export type System = z.infer<typeof system>;
export type Cluster = OwnCluster | ExistingCluster;

/** The cluster under test, even when it is deleted; null when there is none. */
export function clusterIn(given: System | null): Cluster | null {
  return given === null || given.kind === 'echo' ? null : given;
}

/**
 * Where requests are sent; null while that is not known.
 *
 * @param side of a comparison; both share one ingress unless two controllers are compared.
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

/** The name that the run chose for what it creates: a cluster or a namespace. */
export function nameOf(cluster: Cluster): string {
  switch (cluster.kind) {
    case 'own':
      return cluster.name;
    case 'existing':
      return cluster.namespace;
  }
}

/**
 * The option that tells kubectl where to look for pods and workloads: in an existing cluster only in the namespace of
 * the run.
 */
export function namespaceOption(cluster: Cluster): string {
  switch (cluster.kind) {
    case 'own':
      return '--all-namespaces';
    case 'existing':
      return `--namespace=${cluster.namespace}`;
  }
}

/** The context of the kubeconfig that kubectl uses; the run's own kubeconfig has only one. */
export function kubectlContext(cluster: Cluster): string | undefined {
  switch (cluster.kind) {
    case 'own':
      return undefined;
    case 'existing':
      return cluster.context;
  }
}

/** What the run created, in words such as `cluster lt-1`. */
export function madeIn(cluster: Cluster): string {
  return `${cluster.kind === 'own' ? 'cluster' : 'namespace'} ${nameOf(cluster)}`;
}

/** Whether the run still has something to remove at its end. */
export function isLeft(cluster: Cluster): boolean {
  return cluster.deletedAt === null && !(cluster.kind === 'own' && cluster.reused === true);
}
