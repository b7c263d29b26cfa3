import { z } from 'zod';
import { answerOf } from '../model/answer.ts';
import type { ServiceReference } from './api-services.ts';
import { clusterScopeOf } from './cluster-scope.ts';
import { pluralOf } from './leave-out.ts';
import { groupOf, isOfKubernetes, type KubernetesObject, recordOf, recordsIn } from './manifests.ts';
import { podTemplateOf, selects } from './pod-templates.ts';
import { fitsSelector } from './selectors.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A webhook of the manifests whose server is among them. */
export interface Webhook {
  readonly configuration: { readonly kind: string; readonly name: string };
  readonly service: ServiceReference;
  /** The pods that may answer for it. */
  readonly selector: Fields;
  readonly name: string;
  readonly rules: readonly Fields[];
  readonly namespaceSelector: Fields;
  readonly objectSelector: Fields;
  /**
   * Whether the manifests say by which authority its certificate is verified; without one somebody has to fill it in.
   */
  readonly givesAuthority: boolean;
}

/** An object that must not be there before these webhooks answer. */
export interface HeldObject {
  readonly object: KubernetesObject;
  readonly webhooks: readonly Webhook[];
}

const CONFIGURATION = /^(?:Mutating|Validating)WebhookConfiguration$/;

/** Workloads are what a webhook for pods is about; whatever else is beside its server may be what that one needs. */
const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** The webhooks whose Service is among the objects. */
function webhooksIn(objects: readonly KubernetesObject[]): Webhook[] {
  const selectors = new Map(
    objects
      .filter(({ kind }) => kind === 'Service')
      .map(({ metadata, spec }) => [placeOf(metadata), recordOf(recordOf(spec)['selector'])]),
  );
  return objects
    .filter(({ kind }) => CONFIGURATION.test(kind))
    .flatMap(({ kind, metadata, webhooks }) =>
      recordsIn(webhooks).flatMap((webhook): Webhook[] => {
        const { service, caBundle } = recordOf(webhook['clientConfig']);
        const { name, namespace } = recordOf(service);
        if (typeof name !== 'string' || typeof namespace !== 'string') return [];
        const selector = selectors.get(placeOf({ name, namespace }));
        if (selector === undefined) return [];
        return [
          {
            configuration: { kind, name: metadata.name },
            service: { namespace, name },
            selector,
            name: String(webhook['name']),
            rules: recordsIn(webhook['rules']),
            namespaceSelector: recordOf(webhook['namespaceSelector']),
            objectSelector: recordOf(webhook['objectSelector']),
            givesAuthority: hasContent(caBundle),
          },
        ];
      }),
    );
}

/** A bundle that is to be filled in often holds a line break. */
const hasContent = (base64: unknown): boolean =>
  typeof base64 === 'string' && Buffer.from(base64, 'base64').toString('utf8').trim() !== '';

/**
 * Parts objects into those that can be applied at once and those that webhooks of the manifests judge or change when
 * they are created. A webhook whose failures count as refusals would only have them tried again; one whose failures are
 * ignored would never see them.
 *
 * - A webhook without rules gets them from its operator at its start: it counts as one for the custom resources of that
 *   operator's domain.
 * - What stands beside a webhook's server may be what that one needs, and is not held, but for custom resources and for
 *   workloads that are not its server.
 *
 * @param objects those to apply, each with its namespace.
 * @param around all objects of the run, which hold the webhooks, their Services, definitions and namespaces.
 */
export function heldForWebhooks(
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[],
): { readonly free: readonly KubernetesObject[]; readonly held: readonly HeldObject[] } {
  const webhooks = webhooksIn(around);
  if (webhooks.length === 0) return { free: objects, held: [] };
  const judges = judging(around);
  const held = objects.flatMap((object): HeldObject[] => {
    const own = webhooks.filter((webhook) => judges(webhook, object) && !isNeededBy(webhook, object));
    return own.length === 0 ? [] : [{ object, webhooks: own }];
  });
  const isHeld = new Set(held.map(({ object }) => object));
  return { free: objects.filter((object) => !isHeld.has(object)), held };
}

function isNeededBy({ service, selector }: Webhook, object: KubernetesObject): boolean {
  if (!isOfKubernetes(object)) return false;
  if ((object.metadata.namespace ?? service.namespace) !== service.namespace) return false;
  if (!WORKLOADS.has(object.kind)) return true;
  const pods = podTemplateOf(object);
  return pods === null || selects(selector, pods);
}

/** Tells which webhook is asked about which object when that one is created, or about the pods that it makes. */
function judging(around: readonly KubernetesObject[]): (webhook: Webhook, object: KubernetesObject) => boolean {
  const isClusterWide = clusterScopeOf(around);
  const resources = new Map(around.flatMap(definedResource));
  const labels = new Map(
    around.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => [metadata.name, recordOf(metadata.labels)]),
  );
  const resourceOf = ({ apiVersion, kind }: KubernetesObject): string =>
    resources.get(`${groupOf(apiVersion)}/${kind}`) ?? pluralOf(kind);
  return (webhook, object) => {
    if (CONFIGURATION.test(object.kind)) return false;
    const { namespace } = object.metadata;
    if (!isClusterWide(object) && namespace !== undefined) {
      const ofNamespace = { ...labels.get(namespace), 'kubernetes.io/metadata.name': namespace };
      if (!fitsSelector(webhook.namespaceSelector, ofNamespace)) return false;
    }
    const [, version = ''] = /([^/]+)$/.exec(object.apiVersion) ?? [];
    const itself = { group: groupOf(object.apiVersion), version, resource: resourceOf(object) };
    if (webhook.rules.length === 0) return isOfDomain(webhook, object);
    if (covers(webhook.rules, itself)) return fitsSelector(webhook.objectSelector, recordOf(object.metadata.labels));
    const pods = object.kind === 'Pod' ? null : podTemplateOf(object);
    return (
      pods !== null &&
      covers(webhook.rules, { group: '', version: 'v1', resource: 'pods' }) &&
      fitsSelector(webhook.objectSelector, pods.labels)
    );
  };
}

/** `webhook.serving.knative.dev` is about the groups under `knative.dev`. */
function isOfDomain({ name }: Webhook, object: KubernetesObject): boolean {
  const domain = name.split('.').slice(-2).join('.');
  return (
    !isOfKubernetes(object) &&
    (groupOf(object.apiVersion) === domain || groupOf(object.apiVersion).endsWith(`.${domain}`))
  );
}

function definedResource({ kind, spec }: KubernetesObject): [string, string][] {
  if (kind !== 'CustomResourceDefinition') return [];
  const { group, names } = recordOf(spec);
  const { kind: defined, plural } = recordOf(names);
  return typeof plural === 'string' ? [[`${String(group)}/${String(defined)}`, plural]] : [];
}

interface Resource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

const covers = (rules: readonly Fields[], { group, version, resource }: Resource): boolean =>
  rules.some(
    ({ apiGroups, apiVersions, operations, resources }) =>
      holds(apiGroups, group) &&
      holds(apiVersions, version) &&
      holds(operations, 'CREATE') &&
      (holds(resources, resource) || holds(resources, '*/*')),
  );

const holds = (list: unknown, wanted: string): boolean =>
  Array.isArray(list) && (list.includes(wanted) || list.includes('*'));

const placeOf = ({ name, namespace }: { readonly name: string; readonly namespace?: string }): string =>
  `${namespace ?? 'default'}/${name}`;

const configurationSchema = z.object({
  webhooks: z
    .array(
      z.object({
        clientConfig: z.object({
          caBundle: z.string().nullish(),
          service: z.object({ namespace: z.string(), name: z.string() }).nullish(),
        }),
      }),
    )
    .nullish(),
});

/**
 * Whether a webhook configuration, as the cluster has it, says for each webhook of a Service by which authority that
 * one is verified.
 *
 * @throws StageError `unexpected-answer` for anything that is not one.
 */
export const hasAuthority = (json: unknown, { namespace, name }: ServiceReference): boolean =>
  (answerOf('The API server, asked for a webhook configuration,', configurationSchema, json).webhooks ?? [])
    .filter(({ clientConfig: { service } }) => service?.name === name && service.namespace === namespace)
    .every(({ clientConfig }) => hasContent(clientConfig.caBundle));
