import type { Side } from '../../model/sides.ts';
import { describeObject } from '../manifest-entries.ts';
import type { KubernetesObject } from '../manifests.ts';
import { followedFile, followedValue, followedWord, namesOther } from './namespace-names.ts';
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

/** Fields that hold a namespace, such as `targetNamespace` of a custom resource, and lists of them. */
const NAMESPACE_FIELD = /^(?:namespace|[a-z]\w*Namespace)$/;
const NAMESPACE_LIST = /^(?:namespaces|[a-z]\w*Namespaces|matchNames)$/;

/** Lists of words that a container is started with. */
const WORDS = new Set(['args', 'command']);

const CONTENTS = new Set(['data', 'stringData', 'binaryData']);

/** Annotations that name an object of any namespace as `namespace/name`, by the end of their key. */
const OBJECT_ANNOTATION =
  /\/(?:auth-secret|auth-tls-secret|proxy-ssl-secret|auth-proxy-set-headers|custom-headers|fastcgi-params-configmap|inject-ca-from|inject-ca-from-secret|secure-verify-ca-secret|server-ca|server-crt|client-ca)$/;

/**
 * What stands for a label that is known only in the container: `$(POD)`, `${HOSTNAME}`, `$HOSTNAME`, `{{ .Host }}`,
 * `*`.
 */
const VARIABLE = String.raw`\$\([^()\s]*\)|\$\{[^{}\s]*\}|\$[A-Za-z_]\w*(?!\w)|\{\{[^{}]*\}\}|\*`;

/** An object in the annotations of Traefik. */
const TRAEFIK_NAME = /(?<![a-z0-9.-])[a-z0-9][a-z0-9.-]*(?=@kubernetescrd)/g;

/** In this namespace there are Services that no manifest brings, above all that of the API server. */
const DEFAULT_NAMESPACE = 'default';
const API_SERVER = 'kubernetes';

/**
 * Replaces every reference to a namespace of the version by that to its own: fields called
 * `namespace`, lists of namespaces, selectors by the label of a namespace, users and groups of service
 * accounts, names of Services in DNS, wherever they stand, objects that annotations name as `namespace/name` or,
 * for Traefik, as `namespace-name@kubernetescrd`, and values of variables, flags and settings whose name says that they
 * are namespaces. The object's own metadata is left out.
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
  }

  /** Addresses stand in annotations too, such as that of a service that checks who may enter. */
  annotations(metadata: KubernetesObject['metadata']): object {
    const annotations: unknown = metadata.annotations;
    if (typeof annotations !== 'object' || annotations === null) return {};
    const followed = Object.entries(annotations as Record<string, unknown>).map(([key, text]) => [
      key,
      typeof text === 'string' ? this.#annotation(key, text) : text,
    ]);
    return { annotations: Object.fromEntries(followed) as object };
  }

  #annotation(key: string, text: string): string {
    const [, namespace = '', name = ''] = this.#objectName.exec(text) ?? [];
    if (namespace !== '') {
      if (OBJECT_ANNOTATION.test(key) || this.#isKnown(namespace, name)) return `${this.#own(namespace)}/${name}`;
      this.warnings.add(
        `${describeObject(this.#object)} has ${JSON.stringify(text)} in its annotation ${key}, which may be the name of an object. It was left unchanged. Without the namespace, each version would find its own.`,
      );
      return text;
    }
    const followed = text.replace(TRAEFIK_NAME, (found) => this.#traefikName(found));
    return this.#references(followed);
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
    if (Array.isArray(value)) return value.map((item, index) => this.#item(item, index, value, path));
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([key, inner]) => [key, this.visit(inner, [...path, key])] as const);
    if (path.at(-2) === 'env') return this.#variable(value as Record<string, unknown>, Object.fromEntries(fields));
    return this.#selector(value as Record<string, unknown>, Object.fromEntries(fields));
  }

  /** Words of a command say by the one before them what they are. */
  #item(item: unknown, index: number, list: readonly unknown[], path: Path): unknown {
    if (typeof item !== 'string' || !WORDS.has(String(path.at(-1)))) return this.visit(item, [...path, index]);
    const before: unknown = list[index - 1];
    const followed = followedWord(item, typeof before === 'string' ? before : undefined, this.#ownName);
    if (followed === item) this.#warnOfName(item, typeof before === 'string' && before.startsWith('-') ? before : '');
    return this.visit(followed, [...path, index]);
  }

  /** `{ name: POD_NAMESPACE, value: shop }` */
  #variable(
    { name, value }: Readonly<Record<string, unknown>>,
    after: Record<string, unknown>,
  ): Record<string, unknown> {
    if (typeof name !== 'string' || typeof value !== 'string') return after;
    const followed = followedValue(name, value, this.#ownName);
    if (followed !== value) return { ...after, value: followed };
    this.#warnOfName(value, name);
    return after;
  }

  #ownName = (namespace: string): string => this.#own(namespace);

  /**
   * `{ key: kubernetes.io/metadata.name, operator: In, values: [shop] }`, `{ resources: [namespaces], resourceNames:
   * [shop] }`
   */
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
      return path[0] === 'stringData' || this.#object.kind !== 'Secret'
        ? this.#content(text, String(key))
        : this.#encoded(text, String(key));
    if (key === NAMESPACE_LABEL || NAMESPACE_FIELD.test(String(key))) return this.#own(text);
    if (NAMESPACE_LIST.test(String(list))) return this.#own(text);
    return list === 'annotations' ? this.#annotation(String(key), text) : this.#references(text);
  }

  #references(text: string): string {
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
          `${describeObject(this.#object)} contains ${JSON.stringify(found)}, which may be the address of a Service. It was left unchanged. Write it with .svc at its end, so each version reaches its own.`,
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
        `${describeObject(this.#object)} holds ${JSON.stringify(`${name}${namespace}.svc`)}, but the manifests have no such Service. It was left unchanged.`,
      );
    }
    return false;
  }

  /** An entry of a ConfigMap or Secret: a value under its name, or a whole file. */
  #content(text: string, name: string): string {
    return this.#addresses(followedFile(followedValue(name, text, this.#ownName), this.#ownName));
  }

  /** Generators of Kustomize and `kubectl create secret` write nothing else. What is not text has no names in it. */
  #encoded(text: string, name: string): string {
    const bytes = Buffer.from(text, 'base64');
    const decoded = bytes.toString('utf8');
    if (!Buffer.from(decoded, 'utf8').equals(bytes)) return text;
    const followed = this.#content(decoded, name);
    return followed === decoded ? text : Buffer.from(followed, 'utf8').toString('base64');
  }

  /** @param given the name of the variable or flag that has this value; empty where nothing says what it is. */
  #warnOfName(text: string, given: string): void {
    const [, assigned = given, value = text] = /^([^=]*)=([^]*)$/.exec(text) ?? [];
    const [, namespace = '', name = ''] = this.#objectName.exec(value) ?? [];
    if (this.#isKnown(namespace, name)) {
      this.warnings.add(
        `${describeObject(this.#object)} is given ${JSON.stringify(text)}, which is the name of an object. It was left unchanged, so neither version finds its own. Take the namespace from the pod's field metadata.namespace.`,
      );
    }
    if (!this.#scope.namespaces.has(value) || value === DEFAULT_NAMESPACE) return;
    if (namesOther(assigned) || this.#isNameOfObject(value)) return;
    this.warnings.add(
      `${describeObject(this.#object)} is given ${JSON.stringify(text)}, which has the name of a namespace: it was left as it is. If it is one, take it from the field metadata.namespace of the pod, so that each version gets its own.`,
    );
  }

  /** An application is often called like its namespace. */
  #isNameOfObject(name: string): boolean {
    return [...(this.#scope.names ?? [])].some((known) => known.endsWith(`/${name}`));
  }
}

/**
 * Nothing else than an address has a scheme, a user, a port or a path around it. What is a whole value or a whole entry
 * of a list, as in `host: db.shop` and `localhost,db.shop`, is one, too; a key is not.
 */
function isAddress(text: string, offset: number, length: number): boolean {
  const [before, after] = [text.slice(0, offset), text.slice(offset + length)];
  if (/(?:\/\/|@)$/.test(before) || /^(?::\d|\/)/.test(after)) return true;
  return OPENS_VALUE.test(before) && CLOSES_VALUE.test(after);
}

const OPENS_VALUE = /(?:^|[=,[(]|[:=,[(][ \t]+)["'`]?$/;
const CLOSES_VALUE = /^["'`]?[ \t]*(?:[,;)\]}]|\r?\n|$)/;
