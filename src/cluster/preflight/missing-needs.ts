import { leaveOutLine } from '../leave-out.ts';
import { describeObject } from '../manifest-entries.ts';
import { isRecord, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { podTemplateOf } from '../pod-templates.ts';
import { doubt, type Finding, shortList } from './finding.ts';
import { isAt, mayCreate, mayMake } from './makers.ts';

type NeededKind = 'Secret' | 'ConfigMap' | 'ServiceAccount' | 'PersistentVolumeClaim';
type Fields = Readonly<Record<string, unknown>>;

/** Something that the pods of an object need to start. */
interface Need {
  readonly kind: NeededKind;
  readonly name: string;
  /** A key that it must have; null when none is named. */
  readonly key: string | null;
}

/** A need of several objects. */
interface MissingNeed {
  readonly kind: NeededKind;
  readonly namespace: string;
  readonly name: string;
  readonly keys: readonly string[];
  readonly by: readonly KubernetesObject[];
}

/** Kubernetes creates these in every namespace. */
const GIVEN: ReadonlySet<string> = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default']);

/** The storage classes of a kind cluster. */
const CLASS_OF_KIND = 'standard';

/** Namespaces with objects that no manifest contains. */
const OF_KUBERNETES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/**
 * What pods of a cluster of the run's own need and nothing in it provides. Each is a doubt and no fault, since
 * something that runs, or somebody with kubectl, may still make it.
 *
 * @param objects of the application, each with its namespace.
 * @param leftOut those that input `leave-out` takes away.
 */
export function missingNeeds(objects: readonly KubernetesObject[], leftOut: readonly KubernetesObject[]): Finding[] {
  return [
    ...missingIn(objects).map((need) => doubt(needText(need, leftOut, makerText(objects, need)))),
    ...missingKeys(objects).map(doubt),
    ...missingClasses(objects).map(doubt),
  ];
}

function missingIn(objects: readonly KubernetesObject[]): MissingNeed[] {
  const missing = new Map<string, MissingNeed>();
  for (const object of objects) {
    const namespace = object.metadata.namespace ?? 'default';
    if (OF_KUBERNETES.has(namespace)) continue;
    for (const { kind, name, key } of needsOf(object)) {
      if (GIVEN.has(`${kind}/${name}`) || provider(objects, kind, namespace, name) !== undefined) continue;
      const place = `${kind} ${namespace}/${name}`;
      const { keys = [], by = [] } = missing.get(place) ?? {};
      missing.set(place, {
        kind,
        namespace,
        name,
        keys: key === null ? keys : [...new Set([...keys, key])],
        by: by.includes(object) ? by : [...by, object],
      });
    }
  }
  return [...missing.values()];
}

/** What the pods of an object can't start without; what is `optional` is none of it. */
function needsOf(object: KubernetesObject): Need[] {
  const pods = podTemplateOf(object);
  if (pods === null) return [];
  const { spec } = pods;
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  const volumes = recordsIn(spec['volumes']);
  const sources = volumes.flatMap((volume) => [volume, ...recordsIn(recordOf(volume['projected'])['sources'])]);
  const containers = [...recordsIn(spec['initContainers']), ...recordsIn(spec['containers'])];
  return [
    ...need('ServiceAccount', account),
    ...volumes.flatMap(({ persistentVolumeClaim }) =>
      need('PersistentVolumeClaim', recordOf(persistentVolumeClaim)['claimName']),
    ),
    ...sources.flatMap(({ secret, configMap }) => [
      ...reference('Secret', secret, recordOf(secret)['secretName'] ?? recordOf(secret)['name']),
      ...reference('ConfigMap', configMap, recordOf(configMap)['name']),
    ]),
    ...containers.flatMap((container) => [
      ...recordsIn(container['envFrom']).flatMap(({ secretRef, configMapRef }) => [
        ...reference('Secret', secretRef, recordOf(secretRef)['name']),
        ...reference('ConfigMap', configMapRef, recordOf(configMapRef)['name']),
      ]),
      ...recordsIn(container['env']).flatMap(({ valueFrom }) => {
        const { secretKeyRef, configMapKeyRef } = recordOf(valueFrom);
        return [
          ...reference('Secret', secretKeyRef, recordOf(secretKeyRef)['name']),
          ...reference('ConfigMap', configMapKeyRef, recordOf(configMapKeyRef)['name']),
        ];
      }),
    ]),
  ];
}

const need = (kind: NeededKind, name: unknown, key: string | null = null): Need[] =>
  typeof name === 'string' && name !== '' ? [{ kind, name, key }] : [];

/** A reference with the keys that it names, by `key` or `items`. */
function reference(kind: NeededKind, source: unknown, name: unknown): Need[] {
  if (!isRecord(source) || source['optional'] === true) return [];
  const keys = [source['key'], ...recordsIn(source['items']).map(({ key }) => key)].filter(
    (key) => typeof key === 'string',
  );
  return keys.length === 0 ? need(kind, name) : keys.flatMap((key) => need(kind, name, key));
}

/** The object that is the needed one, or makes it. */
const provider = (
  objects: readonly KubernetesObject[],
  kind: NeededKind,
  namespace: string,
  name: string,
): KubernetesObject | undefined =>
  objects.find(
    (object) =>
      (object.kind === kind && isAt(object, namespace) && object.metadata.name === name) ||
      (kind === 'PersistentVolumeClaim' &&
        isAt(object, namespace) &&
        claims(object).some((claim) => name.startsWith(claim))) ||
      mayMake(object, namespace, name),
  );

/** The beginnings of the names of claims that a StatefulSet makes. */
const claims = ({ kind, metadata, spec }: KubernetesObject): string[] =>
  kind === 'StatefulSet'
    ? recordsIn(recordOf(spec)['volumeClaimTemplates']).map(
        (template) => `${String(recordOf(template['metadata'])['name'])}-${metadata.name}-`,
      )
    : [];

function needText(
  { kind, namespace, name, keys, by }: MissingNeed,
  leftOut: readonly KubernetesObject[],
  mayCome: string,
): string {
  const who = shortList(by.map(describeObject));
  const without = `${kind} ${namespace}/${name} is not in the manifests, and the pods of ${who} can't start without it.${mayCome}`;
  const maker = provider(leftOut, kind, namespace, name);
  if (maker !== undefined)
    return `${without} ${describeObject(maker)}, which leave-out removes, would have ${maker.kind === kind ? 'been' : 'made'} it. ${howToAdd(kind, namespace, name, keys)}`;
  return `${without} ${howToAdd(kind, namespace, name, keys)}`;
}

/** What runs in the application may have the right to make it, as a Job that makes a certificate. */
const makerText = (objects: readonly KubernetesObject[], { kind }: MissingNeed): string =>
  mayCreate(objects, `${kind.toLowerCase()}s`)
    ? ` Something in the manifests may create a ${kind}. If it creates this one, ignore this warning.`
    : '';

function howToAdd(kind: NeededKind, namespace: string, name: string, keys: readonly string[]): string {
  const literals = (keys.length === 0 ? ['KEY'] : keys).map((key) => `--from-literal=${key}=VALUE`).join(' ');
  const print = `--namespace=${namespace} --dry-run=client --output=yaml`;
  switch (kind) {
    case 'Secret':
      return `This prints one to add: kubectl create secret generic ${name} ${literals} ${print}`;
    case 'ConfigMap':
      return `This prints one to add: kubectl create configmap ${name} ${literals} ${print}`;
    case 'ServiceAccount':
      return `This prints one to add: kubectl create serviceaccount ${name} ${print}`;
    case 'PersistentVolumeClaim':
      return 'Add the claim, or use an emptyDir instead.';
  }
}

/** Keys that an object of the manifests does not have, but that pods name. */
function missingKeys(objects: readonly KubernetesObject[]): string[] {
  const sentences = objects.flatMap((object) =>
    needsOf(object).flatMap(({ kind, name, key }) => {
      const holder = objects.find(
        (one) => one.kind === kind && one.metadata.name === name && isAt(one, object.metadata.namespace ?? 'default'),
      );
      if (key === null || holder === undefined || keysOf(holder).includes(key)) return [];
      // An operator fills in what the manifests leave empty.
      if (keysOf(holder).length === 0) return [];
      return [
        `${describeObject(holder)} has no key ${key}, and the pods of ${describeObject(object)} can't start without it; it has ${shortList(keysOf(holder))}. Add the key, or mark it optional: true where the pods use it.`,
      ];
    }),
  );
  return [...new Set(sentences)];
}

const keysOf = (object: KubernetesObject): string[] =>
  [object['data'], object['stringData'], object['binaryData']].flatMap((content) => Object.keys(recordOf(content)));

/** Claims for a class of volumes that a cluster of kind does not have: they wait for ever, and their pods with them. */
function missingClasses(objects: readonly KubernetesObject[]): string[] {
  const known = objects.filter(({ kind }) => kind === 'StorageClass').map(({ metadata }) => metadata.name);
  const volumes = objects
    .filter(({ kind }) => kind === 'PersistentVolume')
    .map(({ spec }) => recordOf(spec)['storageClassName'] ?? '');
  const wanted = objects.flatMap((object) =>
    claimSpecs(object).map((spec) => ({ object, name: spec['storageClassName'] })),
  );
  return wanted.flatMap(({ object, name }) => {
    if (typeof name !== 'string' || [CLASS_OF_KIND, ...known, ...volumes].includes(name)) return [];
    const what =
      name === ''
        ? 'no storage class, and the manifests have no volume for it'
        : `the storage class ${name}, which the manifests don't define`;
    return [
      `${describeObject(object)} asks for ${what}: its volume is never created, and pods wait for it. Leave storageClassName out to get kind's own class, or set leave-out: ${leaveOutLine(object)}`,
    ];
  });
}

function claimSpecs(object: KubernetesObject): Fields[] {
  const { kind, spec } = object;
  if (kind === 'PersistentVolumeClaim') return [recordOf(spec)];
  const ofPods = recordsIn(podTemplateOf(object)?.spec['volumes']).flatMap(({ ephemeral }) =>
    ephemeral === undefined ? [] : [recordOf(recordOf(recordOf(ephemeral)['volumeClaimTemplate'])['spec'])],
  );
  const ofSet = kind === 'StatefulSet' ? recordsIn(recordOf(spec)['volumeClaimTemplates']) : [];
  return [...ofSet.map((template) => recordOf(template['spec'])), ...ofPods];
}
