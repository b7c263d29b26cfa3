import { buildKustomization } from '../../adapters/commands/kubectl.ts';
import { findManifests, type ManifestSource } from '../../adapters/manifest-files.ts';
import {
  describeObject,
  duplicatesIn,
  installHooks,
  type RenderedEntry,
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
 * Renders every entry to objects; needs kubectl, but no cluster. Hooks of a Helm chart are left out.
 *
 * @returns the objects of all entries in their order.
 * @throws StageError `manifest-invalid` with every fault, each with its entry.
 */
export async function renderEntries(
  context: Context,
  { source, entries }: ManifestEntries,
): Promise<KubernetesObject[]> {
  const faults: Fault[] = [];
  const rendered: RenderedEntry[] = [];
  for (const entry of entries) {
    try {
      rendered.push({
        entry,
        objects: leaveOutHooks(context, entry, await renderEntry(context, findManifests(entry))),
      });
    } catch (error) {
      faults.push(faultOf(entry, error));
    }
  }
  faults.push(
    ...duplicatesIn(rendered).map((message) => ({ message, tryThis: `ls -R ${entries.map(shellWord).join(' ')}` })),
  );
  refuse(source, faults);
  return rendered.flatMap(({ objects }) => objects);
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

async function renderEntry(context: Context, found: ManifestSource): Promise<KubernetesObject[]> {
  if (found.kind === 'files') return readObjects(found);
  const { path } = toolOf(context, 'kubectl');
  try {
    const objects = parseManifests(await buildKustomization(context.shell, path, found.folder));
    if (objects.length === 0) throw new Error('it holds no objects');
    return objects;
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

function readObjects({ files }: Extract<ManifestSource, { kind: 'files' }>): KubernetesObject[] {
  const objects = files.flatMap(({ path, text }) => {
    try {
      return parseManifests(text);
    } catch (error) {
      const template = text.includes('{{')
        ? '. It looks like a template of a Helm chart: give the output of `helm template`'
        : '';
      throw new Error(`${path} is no manifest: ${messageOf(error).trim()}${template}`, { cause: error });
    }
  });
  if (objects.length === 0) throw new Error('it holds no objects');
  return objects;
}

function leaveOutHooks(context: Context, entry: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  const { kept, hooks } = withoutHooks(objects);
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
  if (kept.length === 0) throw new Error('it holds no objects but hooks of Helm');
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
