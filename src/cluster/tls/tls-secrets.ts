/**
 * tls/ has everything about certificates: the Secrets that routes name and their public parts, which certificates the
 * run has to create, and whether a server's certificate can be trusted. Connections are opened in src/adapters/.
 */
import { listenersWithCertificates } from '../gateway-listeners.ts';
import { isRecord, type KubernetesObject, recordsIn } from '../manifests.ts';
import { routedHosts } from '../sides/version-routes.ts';

/** A Secret that a route takes its certificate from. */
export interface RouteSecret {
  readonly namespace: string;
  readonly name: string;
  /** The hosts that it is for, including wildcards; `*` for every host. */
  readonly hosts: readonly string[];
}

const EVERY_HOST = '*';

/** The Secrets that routes take their certificates from, each once with all hosts that it is for. */
export function routeSecrets(objects: readonly KubernetesObject[]): RouteSecret[] {
  const found = new Map<string, RouteSecret>();
  for (const secret of objects.flatMap(secretsOf)) {
    const key = secretKey(secret);
    const hosts = [...(found.get(key)?.hosts ?? []), ...secret.hosts];
    found.set(key, { ...secret, hosts: [...new Set(hosts)] });
  }
  return [...found.values()];
}

/** A Secret as `namespace/name`. */
export const secretKey = ({ namespace, name }: Pick<RouteSecret, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;

function secretsOf(object: KubernetesObject): RouteSecret[] {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const namespace = object.metadata.namespace ?? 'default';
  switch (object.kind) {
    case 'Ingress':
      return recordsIn(spec['tls']).flatMap(({ secretName, hosts }) =>
        isName(secretName) ? [{ namespace, name: secretName, hosts: namesIn(hosts, routedHosts([object])) }] : [],
      );
    case 'Gateway':
      return listenersWithCertificates(object).flatMap(({ hostname, secrets }) =>
        secrets.map((secret) => ({ ...secret, hosts: [hostname ?? EVERY_HOST] })),
      );
    case 'IngressRoute': {
      const secretName = isRecord(spec['tls']) ? spec['tls']['secretName'] : undefined;
      return isName(secretName) ? [{ namespace, name: secretName, hosts: routedHosts([object]) }] : [];
    }
    default:
      return [];
  }
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

function namesIn(value: unknown, otherwise: readonly string[]): readonly string[] {
  const names = Array.isArray(value) ? value.filter(isName) : [];
  return names.length > 0 ? names : otherwise;
}

/** The public fields of a TLS Secret, in the order in which they are trusted. */
const PUBLIC_FIELDS = ['ca.crt', 'tls.crt'] as const;

/** The certificates in a Secret, in PEM; never its key. */
export function certificatesIn(secret: KubernetesObject): string[] {
  const { data, stringData } = secret;
  return PUBLIC_FIELDS.flatMap((field) => {
    const plain = isRecord(stringData) ? stringData[field] : undefined;
    const encoded = isRecord(data) ? data[field] : undefined;
    if (typeof plain === 'string') return pemCertificates(plain);
    return typeof encoded === 'string' ? pemCertificates(Buffer.from(encoded, 'base64').toString('latin1')) : [];
  });
}

/** Whether a Secret is empty so that something can put a certificate into it. */
export const isLeftEmpty = ({ data, stringData }: KubernetesObject): boolean =>
  PUBLIC_FIELDS.every((field) =>
    [data, stringData].every((content) => !isRecord(content) || (content[field] ?? '') === ''),
  );

/** The certificates in a text, each as PEM of its own; whatever else it holds is left out. */
export const pemCertificates = (text: string): string[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? []).map((pem) => `${pem}\n`);
