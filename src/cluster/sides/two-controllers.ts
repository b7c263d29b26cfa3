import { isDeepStrictEqual } from 'node:util';
import type { Side } from '../../model/sides.ts';
import { inIngressClass, isIngress } from '../ingress-controller.ts';
import { INGRESS_HTTPS_PORT, INGRESS_OF, INGRESS_PORT, INGRESS_READY } from '../kind-config.ts';
import { describeObject } from '../manifest-entries.ts';
import type { KubernetesObject } from '../manifests.ts';
import { withoutIssuer } from '../tls/cert-manager.ts';

interface PodTemplate {
  readonly spec?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly containers?: readonly { readonly ports?: readonly { readonly hostPort?: number }[] }[];
  };
}

/**
 * The same objects with the pods of a controller tied to the node of its side, whose port leads to it:
 * those that ask for a node with a port, or take the port of theirs.
 */
export const onNodeOf = (version: Side, objects: readonly KubernetesObject[]): KubernetesObject[] =>
  objects.map((object) => {
    const spec = (object['spec'] ?? {}) as { readonly template?: PodTemplate };
    const pod = spec.template?.spec;
    if (pod === undefined || !takesIngressPort(pod)) return object;
    const nodeSelector = { ...pod.nodeSelector, [INGRESS_OF]: version };
    return { ...object, spec: { ...spec, template: { ...spec.template, spec: { ...pod, nodeSelector } } } };
  });

const takesIngressPort = ({ nodeSelector = {}, containers = [] }: NonNullable<PodTemplate['spec']>): boolean =>
  INGRESS_READY in nodeSelector ||
  containers.some(({ ports = [] }) =>
    ports.some(({ hostPort }) => hostPort === INGRESS_PORT || hostPort === INGRESS_HTTPS_PORT),
  );

/** What two controllers bring is applied to one cluster. */
export interface BesideEachOther {
  /** What base's controller brings and head's does not. */
  readonly baseOnly: readonly KubernetesObject[];
  /** The objects that both bring, but not alike; with one of them nothing may be applied. */
  readonly conflicts: readonly string[];
}

export function besideEachOther(head: readonly KubernetesObject[], base: readonly KubernetesObject[]): BesideEachOther {
  const known = new Map(head.map((object) => [describeObject(object), object]));
  const both = base.filter((object) => known.has(describeObject(object)));
  return {
    baseOnly: base.filter((object) => !both.includes(object)),
    conflicts: both
      .filter((object) => !isDeepStrictEqual(known.get(describeObject(object)), object))
      .map(describeObject),
  };
}

/**
 * The objects of an application, and each Ingress once more in the class of base's controller. Both take their
 * certificates from the same Secrets, which cert-manager makes for the first of them.
 */
export const alsoInClass = (objects: readonly KubernetesObject[], ingressClass: string): KubernetesObject[] => [
  ...objects,
  ...inIngressClass(objects.filter(isIngress).map(withoutIssuer), ingressClass).map((object) => ({
    ...object,
    metadata: { ...object.metadata, name: `${object.metadata.name}-base` },
  })),
];

/**
 * The classes of a controller when no Ingress of the application is in one of them, so that it would never
 * be asked; null when one is, when it defines none, and when the application has no Ingress at all: its
 * routes are of another kind then.
 */
export function unusedClasses(
  controller: readonly KubernetesObject[],
  application: readonly KubernetesObject[],
): string[] | null {
  const classes = controller.filter(({ kind }) => kind === 'IngressClass').map(({ metadata }) => metadata.name);
  const used = application.filter(isIngress).map(({ spec }) => spec?.ingressClassName);
  return classes.length === 0 || used.length === 0 || used.some((name) => name === undefined || classes.includes(name))
    ? null
    : classes;
}
