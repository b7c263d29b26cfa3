import type { Side } from '../../model/sides.ts';
import { describeObject } from '../manifest-entries.ts';
import type { KubernetesObject } from '../manifests.ts';
import { namespaceOf } from './version-names.ts';

/** What the objects of one version may refer to. */
export interface VersionScope {
  readonly version: Side;
  /** The namespaces of its manifests; each is replaced by one of its own. */
  readonly namespaces: ReadonlySet<string>;
  /** Its Services as `name.namespace`. */
  readonly services: ReadonlySet<string>;
  /** All of its objects as `namespace/name`. */
  readonly names?: ReadonlySet<string>;
}

export interface Followed<T> {
  readonly value: T;
  /** What may refer to a namespace of the version and was left as it is, in whole sentences. */
  readonly warnings: readonly string[];
}

/** Names the namespace of an object as a label, as Kubernetes gives it to every namespace. */
export const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

const CONTENTS = new Set(['data', 'stringData', 'binaryData']);

/** Annotations that name an object of any namespace as `namespace/name`, by the end of their key. */
const OBJECT_ANNOTATION =
  /\/(?:auth-secret|auth-tls-secret|proxy-ssl-secret|auth-proxy-set-headers|custom-headers|fastcgi-params-configmap|inject-ca-from|inject-ca-from-secret|secure-verify-ca-secret|server-ca|server-crt|client-ca)$/;

/** What stands for a label that is known only in the container: `$(POD)`, `${HOSTNAME}`, `$HOSTNAME`, `{{ .Host }}`, `*`. */
const VARIABLE = String.raw`\$\([^()\s]*\)|\$\{[^{}\s]*\}|\$[A-Za-z_]\w*(?!\w)|\{\{[^{}]*\}\}|\*`;

/** An object in the annotations of Traefik. */
const TRAEFIK_NAME = /(?<![a-z0-9.-])[a-z0-9][a-z0-9.-]*(?=@kubernetescrd)/g;

/** In this namespace there are Services that no manifest brings, above all that of the API server. */
const DEFAULT_NAMESPACE = 'default';
const API_SERVER = 'kubernetes';

/**
 * Replaces every reference to a namespace of the version by that to its own: fields called
 * `namespace`, lists of namespaces, selectors by the label of a namespace, users and groups of service
 * accounts, names of Services in DNS, wherever they stand, and objects that annotations name as `namespace/name` or,
 * for Traefik, as `namespace-name@kubernetescrd`. The object's own metadata is left out.
 *
 * A name of a Service counts for sure with `.svc` behind its namespace, or as a whole address; in the namespace
 * `default`, which is there without the manifests, only when they have the Service. In any other namespace of theirs
 * a Service that they do not have can only be made by one of their own operators. Anything less is a warning.
 */
export function followReferences(object: KubernetesObject, scope: VersionScope): Followed<KubernetesObject> {
  const names = [...scope.namespaces].map(escaped).join('|');
  if (names === '') return { value: object, warnings: [] };
  const walk = new Walk(object, scope, names);
  const { metadata, ...rest } = object;
  const value = { ...(walk.visit(rest, []) as object), metadata: { ...metadata, ...walk.annotations(metadata) } };
  return { value: inOrderOf(object, value), warnings: [...walk.warnings] };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const inOrderOf = (object: KubernetesObject, changed: object): KubernetesObject =>
  Object.fromEntries(
    Object.keys(object).map((key) => [key, (changed as Record<string, unknown>)[key]]),
  ) as unknown as KubernetesObject;

type Path = readonly (string | number)[];

class Walk {
  readonly warnings = new Set<string>();
  readonly #object: KubernetesObject;
  readonly #scope: VersionScope;
  readonly #serviceName: RegExp;
  readonly #shortName: RegExp;
  readonly #account: RegExp;
  readonly #bareName: RegExp;
  readonly #objectName: RegExp;

  constructor(object: KubernetesObject, scope: VersionScope, names: string) {
    this.#object = object;
    this.#scope = scope;
    this.#serviceName = new RegExp(
      `(?<![A-Za-z0-9_.-])((?:(?:${VARIABLE}|[a-z0-9_-])+\\.)+)(${names})(\\.svc)(?![A-Za-z0-9_-])`,
      'g',
    );
    this.#shortName = new RegExp(
      `(?<![A-Za-z0-9_.-])((?:(?:${VARIABLE}|[a-z0-9-])+\\.)?)([a-z0-9-]+)\\.(${names})(?![A-Za-z0-9_.-])`,
      'g',
    );
    this.#objectName = new RegExp(`^(${names})/([a-z0-9][a-z0-9.-]*)$`);
    this.#account = new RegExp(`^(system:serviceaccounts?:)(${names})(?=:|$)`);
    this.#bareName = new RegExp(`(?:^|=)(?:${names})$`);
  }

  /** Addresses stand in annotations too, such as that of a service that checks who may enter. */
  annotations(metadata: KubernetesObject['metadata']): object {
    const annotations: unknown = metadata.annotations;
    if (typeof annotations !== 'object' || annotations === null) return {};
    const followed = Object.entries(annotations as Record<string, unknown>).map(([key, text]) => [
      key,
      this.#annotation(key, text),
    ]);
    return { annotations: Object.fromEntries(followed) as object };
  }

  #annotation(key: string, text: unknown): unknown {
    if (typeof text !== 'string') return text;
    const [, namespace = '', name = ''] = this.#objectName.exec(text) ?? [];
    if (namespace !== '') {
      if (OBJECT_ANNOTATION.test(key) || this.#isKnown(namespace, name)) return `${this.#own(namespace)}/${name}`;
      this.warnings.add(
        `${describeObject(this.#object)} has ${JSON.stringify(text)} in its annotation ${key}, which may be the name of an object: it was left as it is. Without the namespace each version would find its own.`,
      );
      return text;
    }
    const followed = text.replace(TRAEFIK_NAME, (found) => this.#traefikName(found));
    return this.visit(followed, ['metadata', 'annotations', key]);
  }

  /** `shop-api-auth` is `auth` of namespace `shop-api`, or `api-auth` of `shop`: what there is decides. */
  #traefikName(found: string): string {
    const readings = [...this.#scope.namespaces]
      .filter((namespace) => found.startsWith(`${namespace}-`))
      .map((namespace) => ({ namespace, name: found.slice(namespace.length + 1) }))
      .sort((a, b) => b.namespace.length - a.namespace.length);
    const reading = readings.find(({ namespace, name }) => this.#isKnown(namespace, name)) ?? readings[0];
    return reading === undefined ? found : `${this.#own(reading.namespace)}-${reading.name}`;
  }

  #isKnown(namespace: string, name: string): boolean {
    return this.#scope.names?.has(`${namespace}/${name}`) ?? false;
  }

  visit(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return this.#text(value, path);
    if (Array.isArray(value)) return value.map((item, index) => this.visit(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([key, inner]) => [key, this.visit(inner, [...path, key])] as const);
    return this.#selector(value as Record<string, unknown>, Object.fromEntries(fields));
  }

  /** `{ key: kubernetes.io/metadata.name, operator: In, values: [shop] }`, `{ resources: [namespaces], resourceNames: [shop] }` */
  #selector(before: Readonly<Record<string, unknown>>, after: Record<string, unknown>): Record<string, unknown> {
    const { key, values, resources, resourceNames } = before;
    if (key === NAMESPACE_LABEL && Array.isArray(values)) return { ...after, values: this.#ownOf(values) };
    if (Array.isArray(resources) && resources.includes('namespaces') && Array.isArray(resourceNames))
      return { ...after, resourceNames: this.#ownOf(resourceNames) };
    return after;
  }

  #ownOf = (names: readonly unknown[]): unknown[] =>
    names.map((name) => (typeof name === 'string' ? this.#own(name) : name));

  #text(text: string, path: Path): string {
    const key = path.at(-1);
    const list = path.at(-2);
    if (CONTENTS.has(String(path[0])))
      return path[0] === 'stringData' || this.#object.kind !== 'Secret' ? this.#addresses(text) : this.#encoded(text);
    if (key === 'namespace' || key === NAMESPACE_LABEL) return this.#own(text);
    if (list === 'namespaces' || list === 'matchNames') return this.#own(text);
    if (list === 'args' || list === 'command' || (key === 'value' && path.at(-3) === 'env')) this.#warnOfName(text);
    return this.#addresses(
      text.replace(this.#account, (_, kind: string, namespace: string) => `${kind}${this.#own(namespace)}`),
    );
  }

  #own(namespace: string): string {
    return this.#scope.namespaces.has(namespace) ? namespaceOf(this.#scope.version, namespace) : namespace;
  }

  #addresses(text: string): string {
    const long = text.replace(this.#serviceName, (found: string, name: string, namespace: string, end: string) =>
      this.#isOwnService(name, namespace) ? `${name}${this.#own(namespace)}${end}` : found,
    );
    return long.replace(
      this.#shortName,
      (found: string, pod: string, service: string, namespace: string, offset: number) => {
        if (!this.#scope.services.has(`${service}.${namespace}`)) return found;
        if (isAddress(long, offset, found.length)) return `${pod}${service}.${this.#own(namespace)}`;
        this.warnings.add(
          `${describeObject(this.#object)} holds ${JSON.stringify(found)}, which may be the address of a Service: it was left as it is. Write it with .svc at its end, so that each version reaches its own.`,
        );
        return found;
      },
    );
  }

  /** @param name the labels before the namespace, with their dots. */
  #isOwnService(name: string, namespace: string): boolean {
    const service = name.split('.').at(-2) ?? '';
    if (namespace !== DEFAULT_NAMESPACE || this.#scope.services.has(`${service}.${namespace}`)) return true;
    if (service !== API_SERVER) {
      this.warnings.add(
        `${describeObject(this.#object)} holds ${JSON.stringify(`${name}${namespace}.svc`)}, but the manifests have no such Service: it was left as it is.`,
      );
    }
    return false;
  }

  #encoded(text: string): string {
    const decoded = Buffer.from(text, 'base64').toString('utf8');
    if (this.#addresses(decoded) !== decoded) {
      this.warnings.add(
        `${describeObject(this.#object)} holds the address of a Service in its encoded data: it was left as it is. Put it under stringData, so that each version reaches its own.`,
      );
    }
    return text;
  }

  #warnOfName(text: string): void {
    const [, namespace = '', name = ''] = this.#objectName.exec(text.replace(/^[^=]*=/, '')) ?? [];
    if (this.#isKnown(namespace, name)) {
      this.warnings.add(
        `${describeObject(this.#object)} is given ${JSON.stringify(text)}, which is the name of an object: it was left as it is, so neither version finds its own. Take the namespace from the field metadata.namespace of the pod.`,
      );
    }
    if (!this.#bareName.test(text) || /(?:^|=)default$/.test(text)) return;
    this.warnings.add(
      `${describeObject(this.#object)} is given ${JSON.stringify(text)}, which has the name of a namespace: it was left as it is. Take the namespace from the field metadata.namespace of the pod, so that each version gets its own.`,
    );
  }
}

/** Nothing else than an address has a scheme, a user, a port or a path around it, or nothing at all. */
function isAddress(text: string, offset: number, length: number): boolean {
  const [before, after] = [text.slice(0, offset), text.slice(offset + length)];
  return /(?:\/\/|@)$/.test(before) || /^(?::\d|\/)/.test(after) || (before === '' && after === '');
}
