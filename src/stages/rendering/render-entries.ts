import { buildKustomization } from '../../adapters/commands/kubectl.ts';
import { findManifests, type ManifestSource } from '../../adapters/manifest-files.ts';
import {
  describeObject,
  installHooks,
  type RenderedEntry,
  withoutDuplicates,
  withoutHooks,
} from '../../cluster/manifest-entries.ts';
import { type KubernetesObject, parseManifests } from '../../cluster/manifests.ts';
import { type Context, toolOf, warn } from '../../context.ts';
import { CommandError, lastLines, messageOf, StageError } from '../../errors.ts';
import { shellWord } from '../../text/shell-word.ts';

/** Folders and files of manifests, and where they come from. */
export interface ManifestEntries {
  /** How messages name the list, such as `Input manifests`. */
  readonly source: string;
  readonly entries: readonly string[];
}

/** What is wrong with one entry, in a sentence that names it. */
interface Fault {
  readonly message: string;
  readonly tryThis: string;
}

/**
 * Renders every entry to objects; needs kubectl, but no cluster. Hooks of a Helm chart are left out, and with a warning the
 * second of two objects that are the same in every word.
 *
 * @param place puts objects into their namespaces, one for one.
 * @returns the objects of all entries in their order.
 * @throws StageError `manifest-invalid` with every fault, each with its entry.
 */
export async function renderEntries(
  context: Context,
  { source, entries }: ManifestEntries,
  place: (objects: readonly KubernetesObject[]) => readonly KubernetesObject[] = (objects) => objects,
): Promise<KubernetesObject[]> {
  const faults: Fault[] = [];
  const rendered: RenderedEntry[] = [];
  for (const entry of entries) {
    try {
      rendered.push(...leaveOutHooks(context, entry, await renderEntry(context, entry, findManifests(entry))));
    } catch (error) {
      faults.push(faultOf(entry, error));
    }
  }
  const { objects, differing, alike } = withoutDuplicates(placed(rendered, place));
  faults.push(...differing.map((message) => ({ message, tryThis: `ls -R ${entries.map(shellWord).join(' ')}` })));
  refuse(source, faults);
  for (const sentence of alike) warn(context, `${source}: ${sentence}`);
  return objects;
}

/** The same entries with their objects where they are applied. */
function placed(
  entries: readonly RenderedEntry[],
  place: (objects: readonly KubernetesObject[]) => readonly KubernetesObject[],
): RenderedEntry[] {
  // All at once: a definition in one file says which namespace the objects of another one belong to.
  const objects = place(entries.flatMap((entry) => entry.objects));
  let next = 0;
  return entries.map((entry) => {
    const first = next;
    next += entry.objects.length;
    return { ...entry, objects: objects.slice(first, next) };
  });
}

/**
 * Looks at everything that can be known of the entries without kubectl.
 *
 * @throws StageError `manifest-invalid` with every fault, each with its entry.
 */
export function checkEntries({ source, entries }: ManifestEntries): void {
  const faults = entries.flatMap((entry): Fault[] => {
    try {
      const found = findManifests(entry);
      if (found.kind === 'files') readObjects(found);
      return [];
    } catch (error) {
      return [faultOf(entry, error)];
    }
  });
  refuse(source, faults);
}

async function renderEntry(context: Context, entry: string, found: ManifestSource): Promise<RenderedEntry[]> {
  if (found.kind === 'files') return readObjects(found);
  const { path } = toolOf(context, 'kubectl');
  try {
    const objects = parseManifests(await buildKustomization(context.shell, path, found.folder));
    if (objects.length === 0) throw new Error('it holds no objects');
    return [{ entry, objects }];
  } catch (error) {
    const why = whyNotBuilt(error);
    if (why === null) throw error;
    throw new StageError('manifest-invalid', `its kustomization does not build: ${why}`, {
      tryThis: `kubectl kustomize ${shellWord(found.folder)}`,
      cause: error,
    });
  }
}

/** Null when that is no fault of the kustomization. */
function whyNotBuilt(error: unknown): string | null {
  if (!(error instanceof CommandError)) return messageOf(error).trim();
  switch (error.reason) {
    case 'exit':
      return lastLines(error.result.stderr, 5).join('\n');
    case 'timeout':
      return `kubectl did not end within ${(error.result.durationMs / 1000).toFixed(0)} s. A resource from elsewhere may not answer, or aliases of YAML may stand for millions of values`;
    default:
      return null;
  }
}

/** The objects of each file. */
function readObjects({ files }: Extract<ManifestSource, { kind: 'files' }>): RenderedEntry[] {
  const rendered = files.map(({ path, text }): RenderedEntry => {
    try {
      return { entry: path, objects: parseManifests(text) };
    } catch (error) {
      const template = text.includes('{{')
        ? '. It looks like a template of a Helm chart: give the output of `helm template`'
        : '';
      throw new Error(`${path} is no manifest: ${messageOf(error).trim()}${template}`, { cause: error });
    }
  });
  if (rendered.every(({ objects }) => objects.length === 0)) throw new Error('it holds no objects');
  return rendered;
}

function leaveOutHooks(context: Context, entry: string, rendered: readonly RenderedEntry[]): RenderedEntry[] {
  const hooks = rendered.flatMap(({ objects }) => withoutHooks(objects).hooks);
  const kept = rendered.map((one) => ({ ...one, objects: withoutHooks(one.objects).kept }));
  const missed = installHooks(hooks);
  if (hooks.length > 0)
    context.runner.info(`${entry}: hooks of Helm were left out: ${hooks.map(describeObject).join(', ')}`);
  if (missed.length > 0) {
    warn(
      context,
      `${entry} holds hooks that Helm runs at an install, and that were left out: ${missed.map(describeObject).join(', ')}. ` +
        'If the application needs what they do, give it as an ordinary manifest without the annotation helm.sh/hook.',
    );
  }
  if (kept.every(({ objects }) => objects.length === 0)) throw new Error('it holds no objects but hooks of Helm');
  return kept;
}

function faultOf(entry: string, error: unknown): Fault {
  if (error instanceof CommandError || (error instanceof StageError && error.code !== 'manifest-invalid')) throw error;
  const tryThis = (error instanceof StageError ? error.tryThis : undefined) ?? `ls -R ${shellWord(entry)}`;
  return { message: `${JSON.stringify(entry)}: ${messageOf(error).trim()}`, tryThis };
}

function refuse(source: string, faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new StageError('manifest-invalid', faults.map(({ message }) => `${source}: ${message}`).join('\n'), {
    hint: 'Nothing was created. Each line names a folder with a kustomization.yaml, a folder of YAML files, or one such file, relative to the workspace.',
    tryThis: first.tryThis,
  });
}
