import { isSecretSetting, mayBeSecret } from '../text/credential-name.ts';
import { usersOfUrls } from '../text/users-of-urls.ts';
import { isRecord, type KubernetesObject, recordOf } from './manifests.ts';
import { podTemplateOf } from './pod-templates.ts';
import { parsePullSecret } from './pull-secret.ts';

/** What stands in a key of a Secret that has a type of its own, whatever the key is called. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['.dockerconfigjson', '.dockercfg', 'ssh-privatekey', 'tls.key']);

/** A value that nobody would remember, as keys and tokens are. */
const RANDOM = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/=-]{16,}$|^[0-9a-f]{32,}$/;

/**
 * The values of manifests that may be credentials: in Secrets, and in the environment and the arguments of containers,
 * by their names, and in addresses there. The API server and kubectl repeat them, in errors and in descriptions of
 * pods.
 */
export function credentialsInObjects(objects: readonly KubernetesObject[]): string[] {
  // Such as a setting that says which Secret is to be read.
  const names = new Set(objects.map(({ metadata }) => metadata.name));
  const found = objects.flatMap((object) => [...inSecret(object), ...inContainers(object)]);
  return [...new Set(found)].filter((value) => mayBeSecret(value) && !names.has(value));
}

function inSecret(object: KubernetesObject): string[] {
  if (object.kind !== 'Secret') return [];
  const entries = (field: string, read: (text: string) => string): [key: string, text: string][] =>
    Object.entries(recordOf(object[field])).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[key, read(value)]] : [],
    );
  return [
    ...entries('data', (text) => Buffer.from(text, 'base64').toString('utf8')),
    ...entries('stringData', (text) => text),
  ].flatMap(([key, text]) => [
    ...(SECRET_KEYS.has(key) || isSecretSetting(key) || RANDOM.test(text.trim()) ? [text] : []),
    ...(key === '.dockerconfigjson' ? (parsePullSecret(text)?.secretTexts ?? []) : []),
    ...usersOfUrls(text),
  ]);
}

function inContainers(object: KubernetesObject): string[] {
  const { initContainers, containers } = podTemplateOf(object)?.spec ?? {};
  return [initContainers, containers].flatMap(listOf).flatMap((container) => {
    const { env, command, args } = recordOf(container);
    const words = [...listOf(command), ...listOf(args)].filter((word) => typeof word === 'string');
    return [...listOf(env).filter(isRecord).flatMap(inVariable), ...inWords(words)];
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);

const inVariable = ({ name, value }: Readonly<Record<string, unknown>>): string[] =>
  typeof name === 'string' && typeof value === 'string'
    ? [...(isSecretSetting(name) ? [value] : []), ...usersOfUrls(value)]
    : [];

/**
 * Settings in a command line and in the script of a shell: `--db-password=p1`, `PGPASSWORD=p1`, and `--requirepass p1`.
 */
const ASSIGNED = /([\w.-]{1,80})=(?:"([^"]*)"|'([^']*)'|([^\s;&|"']+))/g;
const OPTION = /^--?([\w.-]+)$/;

const inWords = (words: readonly string[]): string[] =>
  words.flatMap((word, index) => {
    const option = OPTION.exec(words[index - 1] ?? '')?.[1] ?? '';
    const assigned = [...word.matchAll(ASSIGNED)].flatMap(([, name = '', double, single, plain]) =>
      isSecretSetting(name) ? [double ?? single ?? plain ?? ''] : [],
    );
    return [...(isSecretSetting(option) ? [word] : []), ...assigned, ...usersOfUrls(word)];
  });
