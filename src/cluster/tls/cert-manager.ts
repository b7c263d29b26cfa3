import { isRecord, type KubernetesObject } from '../manifests.ts';

/** The group of cert-manager's objects, and the prefix of its annotations. */
export const CERT_MANAGER = 'cert-manager.io';

/** Whether it asks cert-manager for a certificate. */
export const isCertificate = ({ apiVersion, kind }: KubernetesObject): boolean =>
  kind === 'Certificate' && apiVersion.startsWith(`${CERT_MANAGER}/`);

/** The Secret that cert-manager puts a Certificate into; empty where it names none. */
export const secretNameOf = ({ spec }: KubernetesObject): string =>
  isRecord(spec) && typeof spec['secretName'] === 'string' ? spec['secretName'] : '';

/** Routes with one of these annotations get their Secrets from cert-manager (its ingress-shim and gateway-shim). */
const ISSUERS: ReadonlySet<string> = new Set([
  `${CERT_MANAGER}/issuer`,
  `${CERT_MANAGER}/cluster-issuer`,
  'kubernetes.io/tls-acme',
]);

/** Whether cert-manager is to make the Secrets that a route names. */
export const hasIssuer = ({ metadata }: KubernetesObject): boolean =>
  Object.keys(metadata.annotations ?? {}).some((name) => ISSUERS.has(name));

/**
 * The same route without a word to cert-manager. A Secret belongs to one route there: a second one that asks for it is
 * refused.
 */
export function withoutIssuer(route: KubernetesObject): KubernetesObject {
  if (!hasIssuer(route)) return route;
  const annotations = Object.entries(route.metadata.annotations ?? {}).filter(([name]) => !ISSUERS.has(name));
  return { ...route, metadata: { ...route.metadata, annotations: Object.fromEntries(annotations) } };
}

/** Whether the manifests bring cert-manager itself: its definitions, or its controller. */
export const bringsCertManager = (objects: readonly KubernetesObject[]): boolean =>
  objects.some(
    ({ kind, metadata }) =>
      (kind === 'CustomResourceDefinition' && metadata.name === `certificates.${CERT_MANAGER}`) ||
      (kind === 'Deployment' && metadata.name === 'cert-manager'),
  );
