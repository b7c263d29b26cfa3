import { isDeepStrictEqual } from 'node:util';
import { INGRESS_PORT } from '../kind-config.ts';
import { leaveOutLine } from '../leave-out.ts';
import { describeObject, identityOf } from '../manifest-entries.ts';
import { imagesOf, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import type { Part } from '../parts.ts';
import { podTemplateOf } from '../pod-templates.ts';
import { doubt, fault, type Finding, shortList } from './finding.ts';

/** The objects around the application, by what they are part of. */
export type PlatformParts = Partial<Record<Part, readonly KubernetesObject[]>>;

/** Images of ingress controllers, whoever has copied them to which registry. */
const CONTROLLER_IMAGE =
  /(?:^|\/)(?:ingress-nginx\/controller|nginx-ingress-controller|nginx\/nginx-ingress|traefik|haproxytech\/kubernetes-ingress|haproxy-ingress|kong\/kubernetes-ingress-controller)(?:[:@]|$)/;

/** How a user runs without one part of the platform. */
const WITHOUT_PART: Partial<Record<Part, string>> = {
  'ingress-controller':
    'To test with your own controller, set ingress-controller: none, or ingress-controller: custom with its own folder.',
  prometheus: 'To use your own Prometheus, set prometheus: false.',
  'metrics-server': 'To use your own metrics-server, set autoscaling: false.',
};

/**
 * Objects of the application that take the place of some of the run's own, or need what only those can have: each would
 * be applied over the other, or refused as an immutable field.
 */
export function platformClashes(objects: readonly KubernetesObject[], platform: PlatformParts): Finding[] {
  const parts = Object.entries(platform) as [Part, readonly KubernetesObject[]][];
  const clashing = parts.flatMap(([part, own]) => clashesWith(part, own, objects));
  const told = new Set(clashing.flatMap(({ objects: of }) => of));
  return [
    ...clashing.map(({ finding }) => finding),
    ...(platform['ingress-controller'] === undefined
      ? []
      : objects.filter((object) => !told.has(object)).flatMap(controllerBeside)),
  ];
}

interface Clash {
  readonly objects: readonly KubernetesObject[];
  readonly finding: Finding;
}

function clashesWith(part: Part, own: readonly KubernetesObject[], objects: readonly KubernetesObject[]): Clash[] {
  const ownByIdentity = new Map(own.map((object) => [identityOf(object), object]));
  const same = objects.filter((object) => {
    const other = ownByIdentity.get(identityOf(object));
    return other !== undefined && !mayBeTwice(object, other);
  });
  const definitions = same.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const others = same.filter(({ kind }) => kind !== 'CustomResourceDefinition');
  return [
    ...(others.length === 0
      ? []
      : [
          {
            objects: others,
            finding: fault(
              `The run has its own ${others.length === 1 ? 'object of this name' : 'objects of these names'} (${part}): ${shortList(others.map(describeObject))}. One would overwrite the other. ${WITHOUT_PART[part] ?? ''} Or rename yours, or leave them out:\nleave-out: |\n${others.map((object) => `  ${leaveOutLine(object)}`).join('\n')}`,
            ),
          },
        ]),
    ...(definitions.length === 0
      ? []
      : [
          {
            objects: definitions,
            finding: doubt(
              `The run has its own copy of these definitions (${part}), and the ones in the manifests overwrite it: ${shortList(definitions.map(describeObject))}. If the controller does not understand yours, leave them out: leave-out: CustomResourceDefinition/${definitions[0]?.metadata.name ?? ''}`,
            ),
          },
        ]),
  ];
}

/** Classes are their spec; their labels change nothing. */
const CLASSES: ReadonlySet<string> = new Set(['IngressClass', 'GatewayClass']);

/** Namespaces take what both say; an object that says the same changes nothing. */
const mayBeTwice = (object: KubernetesObject, own: KubernetesObject): boolean =>
  object.kind === 'Namespace' ||
  (CLASSES.has(object.kind) ? isDeepStrictEqual(object['spec'], own['spec']) : isDeepStrictEqual(object, own));

/**
 * A controller that the application brings under another name: what leads to this machine's port is that of the run.
 */
function controllerBeside(object: KubernetesObject): Finding[] {
  const pods = podTemplateOf(object);
  const image = pods === null ? undefined : imagesOf([object]).find((name) => CONTROLLER_IMAGE.test(name));
  if (pods === null || image === undefined) return [];
  const what = `${describeObject(object)} is an ingress controller (${image})`;
  const ways = `Set ingress-controller: none to test with yours, or\nleave-out: |\n  ${leaveOutLine(object)}`;
  const takesPort =
    pods.spec['hostNetwork'] === true ||
    recordsIn(pods.spec['containers']).some(({ ports }) =>
      recordsIn(ports).some((port) => port['hostPort'] === INGRESS_PORT),
    );
  return takesPort
    ? [
        fault(
          `${what} and takes port ${String(INGRESS_PORT)} of its node, which the controller of the run already uses: its pods would never start. ${ways}`,
        ),
      ]
    : [
        doubt(
          `${what}, but requests go through the controller of the run. ${ways.replaceAll(/\s*\n\s*/g, ' ').replace('leave-out: | ', 'leave-out: ')}`,
        ),
      ];
}

/** Autoscalers without anybody who measures for them. */
export function autoscalersWithoutFigures(objects: readonly KubernetesObject[], canBeAsked: boolean): Finding[] {
  const measures = ({ kind, spec }: KubernetesObject): boolean =>
    kind === 'APIService' && /(?:^|\.)metrics\.k8s\.io$/.test(String(recordOf(spec)['group']));
  if (objects.some(measures)) return [];
  const autoscalers = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
  if (autoscalers.length === 0) return [];
  const way = canBeAsked
    ? 'Set autoscaling: true to deploy it and to see the added pods in the report.'
    : 'That is right for a comparison: both sides keep their pods.';
  return [
    doubt(
      `${shortList(autoscalers.map(describeObject))} will add no pods: there is no metrics-server in this run. ${way}`,
    ),
  ];
}
