/**
 * sides/ puts two sides into one cluster: two versions of the application, or two ingress controllers, separated by
 * names, nodes and routes. src/comparison/ decides which is slower.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Side, SIDES } from '../../model/sides.ts';
import { clusterScopeOf } from '../cluster-scope.ts';
import { describeObject, identityOf } from '../manifest-entries.ts';
import { type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { namespaceOf } from './version-names.ts';
import { followReferences, NAMESPACE_LABEL, type VersionScope } from './version-references.ts';
import {
  aliasPatterns,
  isForeignRoute,
  isGateway,
  isRouted,
  routedHosts,
  routesOf,
  takenNames,
} from './version-routes.ts';

export interface VersionsToSeparate {
  /** The objects of each version as its manifests have them. */
  readonly objects: Readonly<Record<Side, readonly KubernetesObject[]>>;
  /** The hosts that requests go to, as in the manifests. */
  readonly targets: readonly string[];
  /** Namespaces that exist regardless of the versions: those of the ingress controller and of Prometheus. */
  readonly platformNamespaces: ReadonlySet<string>;
}

export interface SeparatedVersions {
  readonly objects: Readonly<Record<Side, readonly KubernetesObject[]>>;
  /** Cluster-wide objects that are the same in both. */
  readonly shared: readonly KubernetesObject[];
  /** The targets with a route in both versions. */
  readonly commonTargets: readonly string[];
  /** What was left unchanged and may lead one version to the other, in whole sentences. */
  readonly warnings: readonly string[];
  /** Why the two can't run side by side, in whole sentences; if there is one, nothing may be applied. */
  readonly conflicts: readonly string[];
}

/**
 * Makes room in one cluster for two versions of an application. Each gets namespaces and hosts of its
 * own, which differ in one word of equal length, so that neither has an advantage:
 *
 * - Objects of a namespace go to the version's own, which is made when the manifests do not.
 * - Cluster roles, their bindings and webhooks get names of their own; a webhook sees its version only.
 * - What else belongs to the whole cluster must be the same in both, and is applied once.
 * - References follow: see `followReferences` and `routesOf`.
 */
export function separateVersions(given: VersionsToSeparate): SeparatedVersions {
  const parts = SIDES.map((version) => new VersionPart(version, given));
  const shared = sharedObjects(parts);
  const routed = parts.map(({ hosts }) => hosts);
  // Manifests without any route that is known here say nothing of their hosts.
  const common = given.targets.filter((host) =>
    routed.every((patterns) => patterns.length === 0 || isRouted(patterns, host)),
  );
  const left = given.targets.filter((host) => !common.includes(host));
  return {
    objects: Object.fromEntries(parts.map((part) => [part.version, part.separated])) as Record<
      Side,
      KubernetesObject[]
    >,
    shared: shared.objects,
    commonTargets: common,
    warnings: [
      ...new Set([
        ...parts.flatMap(({ warnings }) => warnings),
        ...left.map((host) => `Only one version has a route for ${host}, so it is not compared.`),
      ]),
    ],
    conflicts: [
      ...new Set([
        ...parts.flatMap(({ conflicts }) => conflicts),
        ...shared.conflicts,
        ...clashes([...shared.objects, ...parts.flatMap(({ separated }) => separated)]),
      ]),
    ],
  };
}

/** Two objects with one name: the second would replace the first. */
function clashes(objects: readonly KubernetesObject[]): string[] {
  const seen = new Set<string>();
  return objects.flatMap((object) => {
    const key = identityOf(object);
    if (seen.has(key))
      return [`${describeObject(object)} would exist twice once the versions are separated: rename one of the two.`];
    seen.add(key);
    return [];
  });
}

const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease']);
/** Cluster-wide kinds that each version can have under its own name. */
const RENAMED = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);
const POLICY_BINDING = /AdmissionPolicyBinding$/;
/** The same in a namespace that both versions use. */
const RENAMED_IN_COMMON_NAMESPACE = new Set(['Role', 'RoleBinding']);

/** One version on its way to its own place. */
class VersionPart {
  readonly version: Side;
  readonly hosts: readonly string[];
  /** Cluster-wide objects as they were given, to be compared with those of the other version. */
  readonly forBoth: KubernetesObject[] = [];
  readonly separated: KubernetesObject[];
  readonly warnings: string[] = [];
  readonly conflicts: string[] = [];
  readonly #scope: VersionScope;
  readonly #commonNamespaces: ReadonlySet<string>;
  readonly #ownRoles: ReadonlySet<string>;
  readonly #ownPolicies: ReadonlySet<string>;
  readonly #isClusterWide: (object: KubernetesObject) => boolean;

  constructor(version: Side, { objects: both, targets, platformNamespaces }: VersionsToSeparate) {
    const objects = both[version];
    this.version = version;
    this.hosts = routedHosts(objects);
    this.#commonNamespaces = new Set([...SYSTEM_NAMESPACES, ...platformNamespaces]);
    this.#isClusterWide = clusterScopeOf(SIDES.flatMap((each) => both[each]));
    this.#ownRoles = new Set(
      objects
        .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    );
    this.#ownPolicies = new Set(
      objects.filter(({ kind }) => kind.endsWith('AdmissionPolicy')).map(({ metadata }) => metadata.name),
    );
    const namespaces = this.#namespacesOf(objects);
    const services = new Set(
      objects
        .filter(({ kind }) => kind === 'Service')
        .map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? 'default'}`),
    );
    const names = new Set(objects.map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`));
    this.#scope = { version, namespaces, services, names };
    const placed = objects.flatMap((object) => this.#place(object));
    const routes = { version, targets, named: this.hosts, taken: takenNames(placed) };
    const moved = placed.flatMap((object) => routesOf(object, routes));
    const made = [...namespaces].filter(
      (name) => !objects.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === name),
    );
    this.separated = [
      ...made.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(version, name) } })),
      ...moved,
    ];
  }

  #namespacesOf(objects: readonly KubernetesObject[]): ReadonlySet<string> {
    const names = objects.flatMap((object) => {
      if (object.kind === 'Namespace') return [object.metadata.name];
      return this.#isClusterWide(object) ? [] : [object.metadata.namespace ?? 'default'];
    });
    return new Set(names.filter((name) => !this.#commonNamespaces.has(name)));
  }

  #place(object: KubernetesObject): KubernetesObject[] {
    const followed = followReferences(object, this.#scope);
    this.warnings.push(...followed.warnings);
    const own = { ...followed.value, ...this.#roleReference(object) };
    const { kind, metadata } = object;
    if (kind === 'Namespace')
      return this.#commonNamespaces.has(metadata.name) ? [] : [renamed(own, namespaceOf(this.version, metadata.name))];
    if (this.#isClusterWide(object)) {
      if (RENAMED.has(kind)) return [this.#confined(renamed(own, this.#ownName(metadata.name)))];
      return this.#keepForBoth(object, own);
    }
    const namespace = metadata.namespace ?? 'default';
    if (this.#commonNamespaces.has(namespace)) {
      if (RENAMED_IN_COMMON_NAMESPACE.has(kind)) return [renamed(own, this.#ownName(metadata.name))];
      return this.#keepForBoth(object, own);
    }
    this.#lookForClashes(object);
    return [
      { ...withoutFixedAddresses(own), metadata: { ...own.metadata, namespace: namespaceOf(this.version, namespace) } },
    ];
  }

  #ownName(name: string): string {
    return `${this.version}-${name}`;
  }

  #keepForBoth(object: KubernetesObject, own: KubernetesObject): [] {
    this.forBoth.push(object);
    if (!isDeepStrictEqual(object, own)) {
      this.conflicts.push(
        `${describeObject(object)} belongs to the whole cluster, but refers to a namespace of the application, and each version has its own namespaces.`,
      );
    }
    return [];
  }

  #roleReference(object: KubernetesObject): object {
    const reference = object['roleRef'] as { readonly kind?: string; readonly name?: string } | undefined;
    if (
      reference?.name === undefined ||
      reference.kind === undefined ||
      !this.#ownRoles.has(`${reference.kind}/${reference.name}`)
    )
      return {};
    const inCommon =
      reference.kind === 'ClusterRole' || this.#commonNamespaces.has(object.metadata.namespace ?? 'default');
    return inCommon ? { roleRef: { ...reference, name: this.#ownName(reference.name) } } : {};
  }

  /** A webhook is asked about the objects of its own version only. */
  #confined(object: KubernetesObject): KubernetesObject {
    if (POLICY_BINDING.test(object.kind)) return this.#confinedPolicy(object);
    const webhooks = recordsIn(object['webhooks']);
    if (webhooks.length === 0) return object;
    if (webhooks.some(({ clientConfig }) => recordOf(clientConfig)['caBundle'] !== undefined)) {
      this.warnings.push(
        `${describeObject(object)} has a fixed caBundle: its certificate must be for the namespace ${[...this.#scope.namespaces].map((name) => namespaceOf(this.version, name)).join(' or ')}.`,
      );
    }
    return {
      ...object,
      webhooks: webhooks.map((webhook) => ({
        ...webhook,
        namespaceSelector: this.#onlyHere(webhook['namespaceSelector']),
      })),
    };
  }

  /** The same of a policy, by what binds it. */
  #confinedPolicy(object: KubernetesObject): KubernetesObject {
    const spec = recordOf(object['spec']);
    const { policyName } = spec;
    const matched = recordOf(spec['matchResources']);
    return {
      ...object,
      spec: {
        ...spec,
        ...(typeof policyName === 'string' && this.#ownPolicies.has(policyName)
          ? { policyName: this.#ownName(policyName) }
          : {}),
        matchResources: { ...matched, namespaceSelector: this.#onlyHere(matched['namespaceSelector']) },
      },
    };
  }

  #onlyHere(selector: unknown): object {
    const here = {
      key: NAMESPACE_LABEL,
      operator: 'In',
      values: [...this.#scope.namespaces].map((name) => namespaceOf(this.version, name)),
    };
    return { ...recordOf(selector), matchExpressions: [...recordsIn(recordOf(selector)['matchExpressions']), here] };
  }

  #lookForClashes(object: KubernetesObject): void {
    if (isForeignRoute(object))
      this.warnings.push(
        `${describeObject(object)}: hosts of this kind can't be separated by version, so it may answer for both.`,
      );
    const patterns = aliasPatterns(object);
    if (patterns.length > 0)
      this.warnings.push(
        `${describeObject(object)} has the pattern ${patterns.join(', ')} among its server-alias. It was left unchanged, so it may answer for both versions.`,
      );
    if (isGateway(object))
      this.warnings.push(
        `${describeObject(object)} exists once for each version, and its controller must serve both on the same port.`,
      );
    const pod = podOf(object);
    const fixed = recordsIn(pod['containers'])
      .flatMap(({ ports }) => recordsIn(ports))
      .filter(({ hostPort }) => typeof hostPort === 'number' && hostPort !== 0);
    if (fixed.length > 0 && object.kind === 'DaemonSet') {
      this.conflicts.push(
        `${describeObject(object)} takes port ${String(fixed[0]?.['hostPort'])} of every node (hostPort), which only one version can have.`,
      );
    } else if (fixed.length > 0 || pod['hostNetwork'] === true) {
      this.warnings.push(
        `${describeObject(object)} takes a port of its node (hostPort, hostNetwork), so the versions need different nodes for it.`,
      );
    }
  }
}

const renamed = (object: KubernetesObject, name: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, name },
});

/** What runs of an object; empty for one that runs nothing. */
const podOf = ({ kind, spec }: KubernetesObject): Readonly<Record<string, unknown>> =>
  recordOf(kind === 'Pod' ? spec : recordOf(recordOf(spec)['template'])['spec']);

const FIXED_ADDRESSES = ['healthCheckNodePort', 'loadBalancerIP', 'externalIPs'];

/** A port of every node and an address of the cluster can be had once only; the load needs neither. */
function withoutFixedAddresses(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Service') return object;
  const spec = recordOf(object['spec']);
  const addresses = [...FIXED_ADDRESSES, ...(spec['clusterIP'] === 'None' ? [] : ['clusterIP', 'clusterIPs'])];
  const ports = Array.isArray(spec['ports'])
    ? { ports: recordsIn(spec['ports']).map((port) => without(port, 'nodePort')) }
    : {};
  return { ...object, spec: { ...without(spec, ...addresses), ...ports } };
}

const without = (fields: object, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

function sharedObjects(parts: readonly VersionPart[]): { objects: KubernetesObject[]; conflicts: string[] } {
  const objects = new Map<string, KubernetesObject>();
  const conflicts: string[] = [];
  for (const object of parts.flatMap(({ forBoth }) => forBoth)) {
    const name = describeObject(object);
    const other = objects.get(name);
    if (other !== undefined && !isDeepStrictEqual(other, object))
      conflicts.push(`${name} belongs to the whole cluster, and the versions define it differently.`);
    if (other !== undefined && object.kind === 'PersistentVolume')
      conflicts.push(`${name} can be bound only once, and both versions have it.`);
    objects.set(name, object);
  }
  return { objects: [...objects.values()], conflicts };
}
