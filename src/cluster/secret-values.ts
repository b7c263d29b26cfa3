import { isSecretSetting, mayBeSecret } from '../text/credential-name.ts';
import { isRecord, type KubernetesObject, recordOf } from './manifests.ts';
import { podTemplateOf } from './pod-templates.ts';

/** What stands in a key of a Secret that has a type of its own, whatever the key is called. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['.dockerconfigjson', '.dockercfg', 'ssh-privatekey', 'tls.key']);

/**
 * The values of manifests that may be credentials: in Secrets and in the environment of containers, by their names. The
 * API server and kubectl repeat both, in errors and in descriptions of pods.
 */
export function credentialsInObjects(objects: readonly KubernetesObject[]): string[] {
  // Such as a setting that says which Secret is to be read.
  const names = new Set(objects.map(({ metadata }) => metadata.name));
  const found = objects.flatMap((object) => [...inSecret(object), ...inEnvironment(object)]);
  return [...new Set(found)].filter((value) => mayBeSecret(value) && !names.has(value));
}

function inSecret(object: KubernetesObject): string[] {
  if (object.kind !== 'Secret') return [];
  const texts = (field: string, read: (text: string) => string): string[] =>
    Object.entries(recordOf(object[field])).flatMap(([key, value]) =>
      typeof value === 'string' && (SECRET_KEYS.has(key) || isSecretSetting(key)) ? [read(value)] : [],
    );
  return [
    ...texts('data', (text) => Buffer.from(text, 'base64').toString('utf8')),
    ...texts('stringData', (text) => text),
  ];
}

function inEnvironment(object: KubernetesObject): string[] {
  const { initContainers, containers } = podTemplateOf(object)?.spec ?? {};
  return [initContainers, containers]
    .flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []))
    .flatMap((container) => {
      const { env } = recordOf(container);
      return Array.isArray(env) ? (env as readonly unknown[]).filter(isRecord) : [];
    })
    .flatMap(({ name, value }) =>
      typeof name === 'string' && typeof value === 'string' && isSecretSetting(name) ? [value] : [],
    );
}
