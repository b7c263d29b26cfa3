import { X509Certificate } from 'node:crypto';
import { DEFAULT_KEY, type KeyKind } from '../../model/key-kind.ts';
import { isRecord, type KubernetesObject } from '../manifests.ts';
import { CERT_MANAGER, hasIssuer, isCertificate, secretNameOf } from './cert-manager.ts';
import { certificatesIn, type RouteSecret, routeSecrets, secretKey } from './tls-secrets.ts';

/** A Secret that the run makes, with a certificate for the hosts of the routes that name it. */
export interface OwnCertificate {
  readonly namespace: string;
  readonly secret: string;
  /** DNS names, with wildcards. */
  readonly hosts: readonly string[];
  readonly key: KeyKind;
}

/** What else is known of where Secrets come from, and for whom. */
interface SecretSources {
  /** Whether the cluster has cert-manager, so that it makes the Secrets that its annotations ask for. */
  readonly certManager: boolean;
  /** The hosts that the load asks: a route for every host does not name them. */
  readonly asked: readonly string[];
}

/**
 * The Secrets that routes name for TLS and that nothing provides: neither the manifests, nor an operator that they ask
 * for it. A key is of the kind that cert-manager was asked for, where it was.
 */
export function missingCertificates(
  objects: readonly KubernetesObject[],
  { certManager, asked }: SecretSources,
): OwnCertificate[] {
  const provided = new Set(objects.flatMap((object) => providedBy(object, certManager)));
  return routeSecrets(objects)
    .filter((secret) => !provided.has(secretKey(secret)))
    .map((secret) => own(secret, asked, wantedKey(secret, objects)));
}

/**
 * The Secrets for TLS that routes name and that the manifests hold themselves, as the run makes them anew: for the
 * hosts that the routes have now, with keys of the same kind and size.
 *
 * @param asked the hosts that the load asks.
 */
export function renewedCertificates(objects: readonly KubernetesObject[], asked: readonly string[]): OwnCertificate[] {
  const given = new Map(
    objects.filter(({ kind }) => kind === 'Secret').map((object) => [keyOf(object), keyKindOf(certificatesOf(object))]),
  );
  return routeSecrets(objects)
    .filter((secret) => given.has(secretKey(secret)))
    .map((secret) => own(secret, asked, given.get(secretKey(secret)) ?? DEFAULT_KEY));
}

/** The Secret of a certificate, as ingress controllers read it. */
export const secretObject = (
  { namespace, secret }: Pick<OwnCertificate, 'namespace' | 'secret'>,
  issued: { readonly certificates: string; readonly privateKey: string },
  authority: string,
  labels: Readonly<Record<string, string>>,
): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: secret, namespace, labels },
  type: 'kubernetes.io/tls',
  data: {
    'tls.crt': encoded(issued.certificates),
    'tls.key': encoded(issued.privateKey),
    'ca.crt': encoded(authority),
  },
});

const encoded = (text: string): string => Buffer.from(text).toString('base64');

const keyOf = ({ metadata: { name, namespace = 'default' } }: KubernetesObject): string =>
  secretKey({ namespace, name });

/** The certificate of the server comes first in `tls.crt`, which comes last. */
const certificatesOf = (secret: KubernetesObject): string[] =>
  certificatesIn({ ...secret, data: only(secret['data']), stringData: only(secret['stringData']) });

const only = (fields: unknown): object => (isRecord(fields) ? { 'tls.crt': fields['tls.crt'] } : {});

const EVERY_HOST = '*';

const own = ({ namespace, name, hosts }: RouteSecret, asked: readonly string[], key: KeyKind): OwnCertificate => ({
  namespace,
  secret: name,
  hosts: [...new Set(hosts.flatMap((host) => namesFor(host, asked)))],
  key,
});

/**
 * The names of a certificate for a host of a route. Every host is those that are asked, and a wildcard of a certificate
 * stands for one label (RFC 6125, 6.4.3) where that of a Gateway stands for several.
 */
function namesFor(host: string, asked: readonly string[]): string[] {
  if (host === EVERY_HOST) return asked.length > 0 ? [...asked] : ['localhost'];
  const deeper = host.startsWith('*.')
    ? asked.filter((name) => name.endsWith(host.slice(1)) && name.slice(0, 1 - host.length).includes('.'))
    : [];
  return [host, ...deeper];
}

/** Kinds of operators that make Secrets, with where they name them. */
const MAKERS: Readonly<Record<string, (object: KubernetesObject) => unknown>> = {
  Secret: ({ metadata }) => metadata.name,
  SealedSecret: ({ metadata }) => metadata.name,
  ExternalSecret: ({ metadata, spec }) => {
    const target = isRecord(spec) && isRecord(spec['target']) ? spec['target']['name'] : undefined;
    return target ?? metadata.name;
  },
};

function providedBy(object: KubernetesObject, certManager: boolean): string[] {
  const namespace = object.metadata.namespace ?? 'default';
  const name = MAKERS[object.kind]?.(object);
  if (typeof name === 'string') return [secretKey({ namespace, name })];
  if (!certManager) return [];
  if (isCertificate(object)) return [secretKey({ namespace, name: secretNameOf(object) })];
  return hasIssuer(object) ? routeSecrets([object]).map(secretKey) : [];
}

/** The kind of key that cert-manager would have made, had it been there; that of most clients without a word of it. */
function wantedKey(secret: RouteSecret, objects: readonly KubernetesObject[]): KeyKind {
  for (const object of objects) {
    const { annotations = {}, namespace = 'default' } = object.metadata;
    if (isCertificate(object) && namespace === secret.namespace && secretNameOf(object) === secret.name) {
      const { privateKey } = isRecord(object['spec']) ? object['spec'] : {};
      const { algorithm, size } = isRecord(privateKey) ? privateKey : {};
      return keyOfCertManager(algorithm, size);
    }
    if (hasIssuer(object) && routeSecrets([object]).some((named) => secretKey(named) === secretKey(secret)))
      return keyOfCertManager(
        annotations[`${CERT_MANAGER}/private-key-algorithm`],
        annotations[`${CERT_MANAGER}/private-key-size`],
      );
  }
  return DEFAULT_KEY;
}

const CURVES = new Map<number, 'P-256' | 'P-384' | 'P-521'>([
  [256, 'P-256'],
  [384, 'P-384'],
  [521, 'P-521'],
]);
const DEFAULT_RSA_BITS = 2048;
const LARGEST_RSA_BITS = 8192;

/** RSA with 2048 bits where nothing is said (CertificatePrivateKey in the API of cert-manager). */
function keyOfCertManager(algorithm: unknown, size: unknown): KeyKind {
  const bits = Number(size ?? Number.NaN);
  if (algorithm === 'Ed25519') return { kind: 'ed25519' };
  if (algorithm === 'ECDSA') return { kind: 'ec', curve: CURVES.get(bits) ?? 'P-256' };
  return { kind: 'rsa', bits: bits >= DEFAULT_RSA_BITS && bits <= LARGEST_RSA_BITS ? bits : DEFAULT_RSA_BITS };
}

/** OpenSSL's names of the curves. */
const NAMED_CURVES: Readonly<Record<string, 'P-256' | 'P-384' | 'P-521'>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/**
 * The kind of the key that a certificate is for; null where there is none that can be read, or of a kind that nothing
 * else has.
 */
function keyKindOf([pem]: readonly string[]): KeyKind | null {
  if (pem === undefined) return null;
  try {
    const { asymmetricKeyType, asymmetricKeyDetails = {} } = new X509Certificate(pem).publicKey;
    const curve = NAMED_CURVES[asymmetricKeyDetails.namedCurve ?? ''];
    if (asymmetricKeyType === 'ed25519') return { kind: 'ed25519' };
    if (curve !== undefined) return { kind: 'ec', curve };
    const bits = asymmetricKeyDetails.modulusLength;
    return bits === undefined ? null : { kind: 'rsa', bits };
  } catch {
    return null;
  }
}
