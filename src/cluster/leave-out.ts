import { describeObject } from './manifest-entries.ts';
import { type KubernetesObject, recordOf, recordsIn } from './manifests.ts';
import { type PodTemplate, podTemplateOf, selects } from './pod-templates.ts';

/** A line of the input `leave-out`. */
export type LeaveOut =
  | {
      readonly by: 'name';
      /** As it was given. */
      readonly text: string;
      readonly kind: string;
      /** Null for objects in any namespace. */
      readonly namespace: string | null;
      /** Null for any name. */
      readonly name: string | null;
    }
  | { readonly by: 'labels'; readonly text: string; readonly labels: readonly LabelRequirement[] };

interface LabelRequirement {
  readonly label: string;
  readonly value: string;
  /** False when the label must not have that value. */
  readonly equal: boolean;
}

const NAMED = /^([A-Za-z][A-Za-z0-9.-]*)\/(?:([a-z0-9][a-z0-9-]*)\/)?(\*|[A-Za-z0-9][\w.:-]*)$/;
const REQUIREMENT = /^([A-Za-z0-9][\w./-]*)\s*(==|=|!=)\s*([\w.-]*)$/;

/**
 * Reads `kind/name`, `kind/namespace/name`, or labels as kubectl takes them (`app=load,tier!=web`). The kind may be
 * written in every way that kubectl takes; `*` is every name.
 *
 * @returns null for what is none of them.
 */
export function parseLeaveOut(text: string): LeaveOut | null {
  const [, kind, namespace = null, name] = NAMED.exec(text) ?? [];
  if (kind !== undefined && name !== undefined)
    return { by: 'name', text, kind, namespace, name: name === '*' ? null : name };
  const labels = text.split(',').map((part): LabelRequirement | null => {
    const [, label, operator, value = ''] = REQUIREMENT.exec(part.trim()) ?? [];
    return label === undefined ? null : { label, value, equal: operator !== '!=' };
  });
  return labels.every((requirement) => requirement !== null) ? { by: 'labels', text, labels } : null;
}

/** The line that leaves out one object. */
export const leaveOutLine = ({ kind, metadata }: KubernetesObject): string => `${kind}/${metadata.name}`;

/** Manifests without the objects that are left out. */
interface WithoutLeftOut {
  readonly objects: readonly KubernetesObject[];
  readonly leftOut: readonly KubernetesObject[];
  /** Sentences about routes that lost some of their rules. */
  readonly changes: readonly string[];
  /** The lines that match no object. */
  readonly unused: readonly LeaveOut[];
}

/**
 * Takes out the objects that the lines name, and what leads to nothing without them: Services whose pods all go, routes
 * to such Services, and autoscalers of what goes.
 *
 * @param objects each with its namespace.
 */
export function withoutLeftOut(objects: readonly KubernetesObject[], lines: readonly LeaveOut[]): WithoutLeftOut {
  const named = objects.filter((object) => lines.some((line) => fits(line, object)));
  const unused = lines.filter((line) => !objects.some((object) => fits(line, object)));
  if (named.length === 0) return { objects, leftOut: [], changes: [], unused };
  const gone = new Set(named);
  const isGone = (object: KubernetesObject): boolean => gone.has(object);
  for (const object of objects.filter((each) => servesOnly(each, objects, isGone))) gone.add(object);
  for (const object of objects.filter((each) => scalesOneOf(each, named))) gone.add(object);
  const services = new Set([...gone].filter(({ kind }) => kind === 'Service').map(placeOf));
  const changes: string[] = [];
  const kept = objects
    .filter((object) => !isGone(object))
    .flatMap((object) => {
      const route = withoutBackends(object, services);
      if (route === null) gone.add(object);
      else if (route !== object)
        changes.push(`${describeObject(object)} has fewer rules: the others lead to Services that leave-out removes.`);
      return route ?? [];
    });
  return { objects: kept, leftOut: objects.filter(isGone), changes, unused };
}

function fits(line: LeaveOut, { kind, metadata }: KubernetesObject): boolean {
  if (line.by === 'name') {
    const isNamed = line.name === null || line.name === metadata.name;
    const isIn = line.namespace === null || line.namespace === metadata.namespace;
    return isNamed && isIn && spellingsOf(kind).has(kindIn(line.kind));
  }
  const labels = recordOf(metadata.labels);
  return line.labels.every(({ label, value, equal }) => (labels[label] === value) === equal);
}

/** `deployments.apps` and `Deployment.v1.apps` are Deployments. */
const kindIn = (given: string): string => (given.split('.')[0] ?? '').toLowerCase();

/** The short names of `kubectl api-resources`. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  configmap: 'cm',
  cronjob: 'cj',
  customresourcedefinition: 'crd',
  daemonset: 'ds',
  deployment: 'deploy',
  endpoints: 'ep',
  horizontalpodautoscaler: 'hpa',
  ingress: 'ing',
  namespace: 'ns',
  networkpolicy: 'netpol',
  persistentvolume: 'pv',
  persistentvolumeclaim: 'pvc',
  pod: 'po',
  poddisruptionbudget: 'pdb',
  priorityclass: 'pc',
  replicaset: 'rs',
  replicationcontroller: 'rc',
  resourcequota: 'quota',
  service: 'svc',
  serviceaccount: 'sa',
  statefulset: 'sts',
  storageclass: 'sc',
};

function spellingsOf(kind: string): ReadonlySet<string> {
  const singular = kind.toLowerCase();
  return new Set([singular, pluralOf(kind), SHORT_NAMES[singular] ?? singular]);
}

/** The resource of a kind as Kubernetes names most: `NetworkPolicy` is `networkpolicies`. */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular === 'endpoints') return singular;
  return /(?:s|x|ch|sh)$/.test(singular) ? `${singular}es` : `${singular.replace(/y$/, 'ie')}s`;
}

const placeOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

/** Whether a Service only leads to pods that are left out. */
function servesOnly(
  service: KubernetesObject,
  objects: readonly KubernetesObject[],
  isGone: (object: KubernetesObject) => boolean,
): boolean {
  if (service.kind !== 'Service') return false;
  const makers = objects.filter((object) => {
    const pods: PodTemplate | null =
      object.metadata.namespace === service.metadata.namespace ? podTemplateOf(object) : null;
    return pods !== null && selects(recordOf(service['spec'])['selector'], pods);
  });
  return makers.length > 0 && makers.every(isGone);
}

function scalesOneOf(autoscaler: KubernetesObject, gone: readonly KubernetesObject[]): boolean {
  if (autoscaler.kind !== 'HorizontalPodAutoscaler') return false;
  const target = recordOf(recordOf(autoscaler['spec'])['scaleTargetRef']);
  return gone.some(
    ({ kind, metadata }) =>
      kind === target['kind'] &&
      metadata.name === target['name'] &&
      metadata.namespace === autoscaler.metadata.namespace,
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** The route without what leads to these Services (`namespace/name`); null when nothing of it is left. */
function withoutBackends(object: KubernetesObject, services: ReadonlySet<string>): KubernetesObject | null {
  if (services.size === 0) return object;
  const namespace = object.metadata.namespace ?? 'default';
  const isGone = (name: unknown, other: unknown = namespace): boolean =>
    typeof name === 'string' && services.has(`${String(other)}/${name}`);
  const spec = recordOf(object['spec']);
  if (object.kind === 'Ingress') return withSpec(object, ingressWithout(spec, isGone));
  if (object.kind === 'HTTPRoute' || object.kind === 'GRPCRoute') return withSpec(object, routeWithout(spec, isGone));
  return object;
}

/** The same object when nothing of its spec has changed. */
const withSpec = (object: KubernetesObject, spec: Fields | null): KubernetesObject | null =>
  spec === null ? null : spec === object['spec'] ? object : { ...object, spec };

type IsGone = (name: unknown, namespace?: unknown) => boolean;

function ingressWithout(spec: Fields, isGone: IsGone): Fields | null {
  const leads = (backend: unknown): boolean => isGone(recordOf(recordOf(backend)['service'])['name']);
  const rules = recordsIn(spec['rules']);
  const left = rules.flatMap((rule) => {
    const paths = recordsIn(recordOf(rule['http'])['paths']);
    const kept = paths.filter(({ backend }) => !leads(backend));
    if (kept.length === paths.length) return [rule];
    return kept.length === 0 ? [] : [{ ...rule, http: { ...recordOf(rule['http']), paths: kept } }];
  });
  const { defaultBackend, ...rest } = spec;
  const lost = leads(defaultBackend);
  if (!lost && left.length === rules.length && left.every((rule, index) => rule === rules[index])) return spec;
  if (left.length === 0 && (defaultBackend === undefined || lost)) return null;
  return { ...rest, ...(lost || defaultBackend === undefined ? {} : { defaultBackend }), rules: left };
}

function routeWithout(spec: Fields, isGone: IsGone): Fields | null {
  const rules = recordsIn(spec['rules']);
  const left = rules.flatMap((rule) => {
    const backends = recordsIn(rule['backendRefs']);
    const kept = backends.filter(
      ({ kind = 'Service', name, namespace }) => kind !== 'Service' || !isGone(name, namespace ?? undefined),
    );
    if (kept.length === backends.length) return [rule];
    return kept.length === 0 ? [] : [{ ...rule, backendRefs: kept }];
  });
  if (left.length === rules.length && left.every((rule, index) => rule === rules[index])) return spec;
  return left.length === 0 ? null : { ...spec, rules: left };
}
