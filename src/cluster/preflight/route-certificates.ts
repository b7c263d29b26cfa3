import { X509Certificate } from 'node:crypto';
import { describeObject } from '../manifest-entries.ts';
import { listenersWithCertificates } from '../gateway-listeners.ts';
import { type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { minuteText } from '../tls/judge-certificate.ts';
import { pemCertificates, type RouteSecret, routeSecrets, secretKey } from '../tls/tls-secrets.ts';
import { doubt, type Finding, shortList } from './finding.ts';
import { isAt, mayMake } from './makers.ts';

/** How the certificates of the manifests are used. */
interface CertificateUse {
  readonly now: Date;
  /** False where any certificate will do. */
  readonly isVerified: boolean;
  /** Whether the run replaces those of the manifests, as it does for two versions. */
  readonly isReplaced: boolean;
}

/**
 * Secrets for TLS from which no controller will serve a certificate that holds: those that are in another namespace,
 * hold none, or one that has ended or is for other hosts. Each is a doubt and no fault, since nobody may ask for their
 * hosts.
 */
export function routeCertificates(objects: readonly KubernetesObject[], use: CertificateUse): Finding[] {
  const ungranted = objects.flatMap((object) => ungrantedSecrets(object, objects)).map(doubt);
  const unfit = routeSecrets(objects).flatMap((secret) => {
    const holder = objects.find(
      (object) => object.kind === 'Secret' && object.metadata.name === secret.name && isAt(object, secret.namespace),
    );
    if (holder === undefined) return elsewhere(objects, secret).map(doubt);
    if (use.isReplaced) return [];
    const why = faultOf(holder, secret, use);
    if (why === null) return [];
    return [
      doubt(
        `${describeObject(holder)} ${why}. Correct it, or leave it out (leave-out: Secret/${secret.name}): the run then makes a certificate for ${shortList(secret.hosts)}.`,
      ),
    ];
  });
  return [...ungranted, ...unfit];
}

/** Secrets of another namespace that a Gateway names and may not use (ReferenceGrant of the Gateway API). */
function ungrantedSecrets(gateway: KubernetesObject, objects: readonly KubernetesObject[]): string[] {
  if (gateway.kind !== 'Gateway') return [];
  const own = gateway.metadata.namespace ?? 'default';
  const foreign = listenersWithCertificates(gateway)
    .flatMap(({ secrets }) => secrets)
    .filter(({ namespace }) => namespace !== own);
  const ungranted = foreign.filter((secret) => !objects.some((object) => isGrant(object, own, secret)));
  return [...new Set(ungranted.map(secretKey))].map(
    (key) =>
      `${describeObject(gateway)} names Secret ${key} in another namespace, and no ReferenceGrant there allows it: its listener has no certificate. Add a ReferenceGrant to that namespace, from: {group: gateway.networking.k8s.io, kind: Gateway, namespace: ${own}}, to: {group: "", kind: Secret}.`,
  );
}

const isGrant = (object: KubernetesObject, from: string, to: Pick<RouteSecret, 'namespace' | 'name'>): boolean =>
  object.kind === 'ReferenceGrant' &&
  isAt(object, to.namespace) &&
  recordsIn(recordOf(object['spec'])['from']).some(({ kind, namespace }) => kind === 'Gateway' && namespace === from) &&
  recordsIn(recordOf(object['spec'])['to']).some(
    ({ kind, name }) => kind === 'Secret' && (name === undefined || name === to.name),
  );

/** A route finds Secrets of its own namespace alone, but for a Gateway that names another one. */
function elsewhere(objects: readonly KubernetesObject[], { namespace, name }: RouteSecret): string[] {
  if (objects.some((object) => mayMake(object, namespace, name))) return [];
  const others = objects.filter((object) => object.kind === 'Secret' && object.metadata.name === name);
  const [other] = others;
  if (other === undefined) return [];
  const where = other.metadata.namespace ?? 'default';
  return [
    `${describeObject(other)} is in namespace ${where}, but the routes that name it look for it in ${namespace}, where there is none: the run makes one there, with its own certificate. To use yours, put it into namespace ${namespace}.`,
  ];
}

/** What is wrong with a Secret, as it fits behind its name; null when its certificate holds, or it is filled later. */
function faultOf(holder: KubernetesObject, { hosts }: RouteSecret, { now, isVerified }: CertificateUse): string | null {
  const [crt, key] = [textOf(holder, 'tls.crt'), textOf(holder, 'tls.key')];
  // Left empty for whoever fills it.
  if (crt === '' && key === '') return null;
  if (crt === '') return 'has no certificate (tls.crt), so no ingress controller uses it';
  if (key === '') return 'has no key (tls.key), so no ingress controller uses it';
  const [pem] = pemCertificates(crt);
  if (pem === undefined) {
    const twice = pemCertificates(Buffer.from(crt, 'base64').toString('latin1')).length > 0;
    const reason = twice ? ': it is base64-encoded twice, but data needs it encoded once' : '';
    return `has no PEM certificate under tls.crt${reason}, so no ingress controller uses it`;
  }
  const certificate = readCertificate(pem);
  if (certificate === null) return "has a certificate under tls.crt that can't be read; check whether it is truncated";
  if (!isVerified) return null;
  const [begin, end] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (end <= now) return `has a certificate that expired at ${minuteText(end)}`;
  if (begin > now) return `has a certificate that is only valid from ${minuteText(begin)}`;
  const isFor = (host: string): boolean =>
    certificate.checkHost(host.replace('*.', 'www.'), { subject: 'default' }) !== undefined;
  const unfit = hosts.filter((host) => host !== '*' && !isFor(host));
  if (unfit.length === 0 || unfit.length < hosts.length) return null;
  const names = [...(certificate.subjectAltName ?? certificate.subject).matchAll(/(?:DNS:|CN=)([^,\n]+)/g)];
  return `has a certificate for ${shortList(names.map(([, name = '']) => name))}, which covers none of the routes' hosts: ${shortList(hosts)}`;
}

/** A field of a Secret as it is in the cluster; empty where it has none. */
function textOf({ data, stringData }: KubernetesObject, field: string): string {
  const plain = recordOf(stringData)[field];
  const encoded = recordOf(data)[field];
  if (typeof plain === 'string') return plain;
  return typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('latin1') : '';
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
