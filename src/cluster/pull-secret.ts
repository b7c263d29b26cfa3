import { z } from 'zod';
import { numberedLinesOf } from '../text/lines.ts';
import { isRecord, type KubernetesObject } from './manifests.ts';

/** Name of the Secret in every namespace of the application. */
const SECRET_NAME = 'loadtest-pull-secret';

/** Docker Hub as Docker writes it into its configuration. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

const configSchema = z.object({ auths: z.record(z.string().min(1), z.record(z.string(), z.unknown())) });

/** What the registries are asked with: the text of a Docker configuration, and all texts in it that nobody may read. */
export interface PullSecret {
  readonly dockerConfig: string;
  readonly secretTexts: readonly string[];
}

/**
 * Reads the input: the content of a Docker configuration (`~/.docker/config.json` after `docker login`), or
 * lines `registry=user:password`.
 *
 * @returns null when it is neither.
 */
export function parsePullSecret(text: string): PullSecret | null {
  return text.startsWith('{') ? fromConfig(text) : fromLines(numberedLinesOf(text).map((line) => line.text));
}

function fromConfig(text: string): PullSecret | null {
  try {
    const { auths } = configSchema.parse(JSON.parse(text));
    const secrets = Object.values(auths).map(secretTextsIn);
    // A configuration that leaves its passwords to a helper program holds none.
    if (secrets.length === 0 || secrets.some((texts) => texts.length === 0)) return null;
    return { dockerConfig: JSON.stringify({ auths }), secretTexts: distinct(secrets.flat()) };
  } catch {
    return null;
  }
}

function fromLines(lines: readonly string[]): PullSecret | null {
  const entries = lines.map((line) => /^([a-z0-9][a-z0-9.-]*(?::\d{1,5})?)=([^:\s]+):(\S.*)$/.exec(line));
  if (entries.length === 0 || entries.includes(null)) return null;
  const auths = entries.map((match) => {
    const [, registry = '', user = '', password = ''] = match ?? [];
    const auth = Buffer.from(`${user}:${password}`).toString('base64');
    return [registry === 'docker.io' ? DOCKER_HUB : registry, { auth }, password] as const;
  });
  const dockerConfig = JSON.stringify({
    auths: Object.fromEntries(auths.map(([registry, value]) => [registry, value])),
  });
  return { dockerConfig, secretTexts: distinct(auths.flatMap(([, { auth }, password]) => [auth, password])) };
}

/** Whatever its fields are called (auth, password, identitytoken): all but these two. */
const PUBLIC_FIELDS = new Set(['username', 'email']);

function secretTextsIn(login: Readonly<Record<string, unknown>>): string[] {
  const texts = Object.entries(login).flatMap(([field, value]) =>
    PUBLIC_FIELDS.has(field) || typeof value !== 'string' ? [] : [value],
  );
  const { auth } = login;
  const decoded = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
  return distinct([...texts, decoded.slice(decoded.indexOf(':') + 1)]);
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts.filter((text) => text !== ''))];

/**
 * Makes pods use the secret: it is added to every service account of the objects, and to `default` of every namespace.
 */
export function withPullSecret(
  objects: readonly KubernetesObject[],
  namespaces: readonly string[],
): KubernetesObject[] {
  const accounts = objects.map((object) => (object.kind === 'ServiceAccount' ? withReference(object) : object));
  const given = new Set(
    accounts
      .filter(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === 'default')
      .map(({ metadata }) => metadata.namespace),
  );
  const missing = namespaces.filter((namespace) => !given.has(namespace));
  return [
    ...accounts,
    ...missing.map((namespace) =>
      withReference({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }),
    ),
  ];
}

function withReference(account: KubernetesObject): KubernetesObject {
  const present: unknown = account['imagePullSecrets'];
  const others = Array.isArray(present)
    ? present.filter((reference) => !isRecord(reference) || reference['name'] !== SECRET_NAME)
    : [];
  return { ...account, imagePullSecrets: [...(others as unknown[]), { name: SECRET_NAME }] };
}

/** The Secret of each namespace. It is applied, and never written to a file. */
export const pullSecretObjects = ({ dockerConfig }: PullSecret, namespaces: readonly string[]): KubernetesObject[] =>
  namespaces.map((namespace) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET_NAME, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(dockerConfig).toString('base64') },
  }));
