import { findManifests } from '../../adapters/manifest-files.ts';
import { listFiles, inFolder, readTextOfAnyEncoding } from '../../adapters/files.ts';
import { describeObject } from '../../cluster/manifest-entries.ts';
import { type KubernetesObject, parseManifests } from '../../cluster/manifests.ts';
import type { Context } from '../../context.ts';
import { CommandError, lastLines } from '../../errors.ts';
import { partsOf } from '../rendering/rendered-parts.ts';

/** How many to report at once. */
const MAX_TOLD = 5;

/**
 * Finds out which of several objects were refused, by applying each of them again on its own: kubectl's message does
 * not always name the object.
 *
 * @param apply applies one object; one that was accepted before stays unchanged.
 * @returns a sentence for each, with the object, its files and the reason; none when all are accepted now.
 * @throws whatever `apply` throws other than a refusal, such as a cancellation.
 */
export async function refusedObjects(
  context: Context,
  objects: readonly KubernetesObject[],
  refusal: CommandError,
  apply: (object: KubernetesObject) => Promise<void>,
): Promise<string[]> {
  const [only] = objects;
  if (only !== undefined && objects.length === 1) return [sentence(context, only, refusal)];
  if (UNREACHABLE.test(refusal.result.stderr)) return [];
  const told: string[] = [];
  // Objects that the message names are tried first: it is usually one of them.
  const isNamed = ({ metadata }: KubernetesObject): boolean => refusal.result.stderr.includes(metadata.name);
  for (const group of [objects.filter(isNamed), objects.filter((object) => !isNamed(object))]) {
    for (const object of group) {
      if (told.length === MAX_TOLD) return told;
      try {
        await apply(object);
      } catch (error) {
        if (!(error instanceof CommandError) || error.reason !== 'exit') throw error;
        told.push(sentence(context, object, error));
      }
    }
    if (told.length > 0) return told;
  }
  return told;
}

/** The API server does not answer at all, so no object is to blame. */
const UNREACHABLE = /Unable to connect to the server|connection refused|i\/o timeout|TLS handshake timeout/;

function sentence(context: Context, object: KubernetesObject, { result }: CommandError): string {
  const files = filesOf(context, object);
  const why = lastLines(result.stderr, 5)
    .join('\n')
    .replaceAll(
      /error when (?:creating|patching|applying patch to|retrieving current configuration of)[^"]*"STDIN": /g,
      '',
    )
    .replaceAll('"STDIN"', JSON.stringify(files));
  return `${describeObject(object)} (${files}): ${why}`;
}

/**
 * Where an object comes from: the files with an object of its kind and name, in the folders and among the files that
 * were given. If there are none, as with a name that a kustomization makes, those folders and files themselves.
 */
function filesOf({ inputs, actionRoot }: Context, { kind, metadata }: KubernetesObject): string {
  const entries = Object.values(partsOf(inputs, actionRoot)).flatMap((part) => part.entries);
  const given = [...new Set([...entries, ...inputs['baseline-manifests']])];
  const found = given.flatMap(yamlFilesOf).filter((file) => holds(file, kind, metadata.name));
  return (found.length > 0 ? found : given).join(', ');
}

function yamlFilesOf(entry: string): string[] {
  let manifests;
  try {
    manifests = findManifests(entry);
  } catch {
    // Deleted since it was rendered.
    return [];
  }
  if (manifests.kind === 'chart') return [];
  if (manifests.kind === 'files') return manifests.files.map(({ path }) => path);
  return listFiles(manifests.folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .map((name) => inFolder(manifests.folder, name));
}

function holds(file: string, kind: string, name: string): boolean {
  try {
    return parseManifests(readTextOfAnyEncoding(file)).some(
      (object) => object.kind === kind && object.metadata.name === name,
    );
  } catch {
    // Patches and chart values are not manifests.
    return false;
  }
}
