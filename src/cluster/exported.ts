import { describeObject } from './manifest-entries.ts';
import { groupOf, isRecord, type KubernetesObject, recordOf, recordsIn } from './manifests.ts';
import { shortList } from './preflight/finding.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the API server writes into an object that it has taken, and does not take from anybody else. */
const OF_THE_SERVER: readonly string[] = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** Those that `kubectl get --output=yaml` prints, and that nobody writes by hand. */
const MARKS: readonly string[] = ['managedFields', 'resourceVersion', 'uid'];

/** Holds the manifest as it was applied where the objects come from. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const isExported = ({ metadata }: KubernetesObject): boolean => MARKS.some((field) => field in metadata);

const isFixed = (value: unknown): boolean => value !== undefined && value !== null && value !== 'None' && value !== '';

/**
 * Takes out of objects that were copied from a cluster (`kubectl get --output=yaml`) what belonged to them there: their
 * identity, their status, the addresses that the cluster gave to Services, the nodes of pods. Objects that others among
 * them make, as a Deployment makes ReplicaSets and those make pods, are left out. An owner that is not among them is
 * nowhere, and the cluster would remove what says it has one.
 *
 * @returns the objects and a sentence for each way in which they were changed.
 */
export function withoutOrigin(objects: readonly KubernetesObject[]): {
  readonly objects: KubernetesObject[];
  readonly changes: readonly string[];
} {
  const made = objects.filter((object) =>
    ownersOf(object).some((owner) => objects.some((one) => isOwner(one, owner, object))),
  );
  const kept = objects.filter((object) => !made.includes(object));
  const exported = kept.filter(isExported);
  const orphans = kept.filter((object) => ownersOf(object).length > 0);
  return {
    objects: kept.map((object) => (isExported(object) || orphans.includes(object) ? asNew(object) : object)),
    changes: [
      ...(exported.length === 0
        ? []
        : [
            `Copied from a cluster: ${shortList(exported.map(describeObject))}. What belongs to that cluster was left out (uid, resourceVersion, managedFields, status, addresses and nodes), so that they are made anew.`,
          ]),
      ...(made.length === 0
        ? []
        : [
            `Not applied, since their owners, which are in the manifests, make them: ${shortList(made.map(describeObject))}.`,
          ]),
      ...orphans.map(
        (object) =>
          `${describeObject(object)} has an owner that is not in the manifests (${shortList(ownersOf(object).map(({ kind, name }) => `${String(kind)} ${String(name)}`))}). The cluster would remove it, so that its ownerReferences were left out.`,
      ),
    ],
  };
}

const ownersOf = ({ metadata }: KubernetesObject): Fields[] => [
  ...recordsIn((metadata as { readonly ownerReferences?: unknown }).ownerReferences),
];

const isOwner = (one: KubernetesObject, { apiVersion, kind, name }: Fields, owned: KubernetesObject): boolean =>
  one.kind === kind &&
  one.metadata.name === name &&
  groupOf(one.apiVersion) === groupOf(String(apiVersion)) &&
  (one.metadata.namespace === undefined || one.metadata.namespace === owned.metadata.namespace);

function asNew(object: KubernetesObject): KubernetesObject {
  const { annotations, ...metadata } = object.metadata;
  const kept = without(metadata, ...OF_THE_SERVER, 'ownerReferences');
  const own = isRecord(annotations) ? { annotations: without(annotations, LAST_APPLIED) } : {};
  return {
    ...without(object, 'status'),
    metadata: { ...kept, ...own },
    ...specOf(object),
  } as KubernetesObject;
}

function specOf({ kind, spec }: KubernetesObject): { readonly spec?: unknown } {
  const fields = recordOf(spec);
  if (kind === 'Service' && isFixed(fields['clusterIP']))
    return { spec: without(fields, 'clusterIP', 'clusterIPs', 'healthCheckNodePort') };
  if (kind === 'Pod') return { spec: without(fields, 'nodeName') };
  return spec === undefined ? {} : { spec };
}

const without = (fields: object, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
