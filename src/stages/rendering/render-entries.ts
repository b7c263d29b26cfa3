import { basename, resolve, sep } from 'node:path';
import { buildKustomization, needsHelm } from '../../adapters/commands/kubectl.ts';
import { findManifests, type ManifestSource } from '../../adapters/manifest-files.ts';
import { describeHooks, isInstallHook } from '../../cluster/helm/hooks.ts';
import { describeObject, isHook, type RenderedEntry, withoutDuplicates } from '../../cluster/manifest-entries.ts';
import { type KubernetesObject, parseManifests } from '../../cluster/manifests.ts';
import { shortList } from '../../cluster/preflight/finding.ts';
import { type Context, toolOf, warn } from '../../context.ts';
import { CommandError, lastLines, messageOf, StageError } from '../../errors.ts';
import { shellWord } from '../../text/shell-word.ts';
import { helmOf } from '../install-tools.ts';
import { capabilitiesOf, type ChartOptions, renderChart } from './render-chart.ts';

/** Folders and files of manifests, and the input that they come from. */
export interface ManifestEntries {
  /** How messages name the list, such as `Input manifests`. */
  readonly source: string;
  readonly entries: readonly string[];
  /** What charts among the entries are rendered with; without it charts are not allowed, and hooks are left out. */
  readonly charts?: ChartOptions;
}

/** What is wrong with one entry, in a sentence that names it. */
interface Fault {
  readonly message: string;
  readonly tryThis: string;
}

/**
 * Renders every entry to objects; needs kubectl, and Helm for charts, but no cluster. Exact duplicates are left out
 * with a warning.
 *
 * @param place puts objects into their namespaces, one for one.
 * @returns the objects of all entries in order; with `charts` also the hooks that Helm runs on install, which keep
 * their annotation.
 * @throws StageError `manifest-invalid` with every fault, each with its entry.
 */
export async function renderEntries(
  context: Context,
  { source, entries, charts }: ManifestEntries,
  place: (objects: readonly KubernetesObject[]) => readonly KubernetesObject[] = (objects) => objects,
): Promise<KubernetesObject[]> {
  const faults: Fault[] = [];
  const rendered: RenderedEntry[] = [];
  for (const entry of entries) {
    try {
      const before = rendered.flatMap(({ objects }) => objects);
      const own = await renderEntry(context, entry, entries, charts, before);
      rendered.push(...(charts === undefined ? leaveOutHooks : keepInstallHooks)(context, entry, own));
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

/** The entries with their objects in their final namespaces. */
function placed(
  entries: readonly RenderedEntry[],
  place: (objects: readonly KubernetesObject[]) => readonly KubernetesObject[],
): RenderedEntry[] {
  // All at once: a definition in one file decides the namespace of objects in another.
  const objects = place(entries.flatMap((entry) => entry.objects));
  let next = 0;
  return entries.map((entry) => {
    const first = next;
    next += entry.objects.length;
    return { ...entry, objects: objects.slice(first, next) };
  });
}

/**
 * Checks everything about the entries that needs no kubectl.
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

async function renderEntry(
  context: Context,
  entry: string,
  entries: readonly string[],
  charts: ChartOptions | undefined,
  before: readonly KubernetesObject[],
): Promise<RenderedEntry[]> {
  const found = findManifests(entry);
  switch (found.kind) {
    case 'files':
      tellUnread(context, entry, entries, found.unread);
      return readObjects(found);
    case 'chart':
      if (charts === undefined) throw new Error(chartNotHere(found.chart.reference));
      return [{ entry, objects: await renderChart(context, found.chart, charts, before) }];
    case 'kustomization':
      return [{ entry, objects: await renderKustomization(context, found.folder) }];
  }
}

/** As with `kubectl apply --filename`, only files that are directly in a folder are read. */
function tellUnread(context: Context, entry: string, entries: readonly string[], below: readonly string[]): void {
  const given = entries.map((each) => resolve(each));
  const folders = below.filter(
    (folder) => !given.some((each) => `${each}${sep}`.startsWith(`${resolve(folder)}${sep}`)),
  );
  if (folders.length === 0) return;
  const sentence = `${entry}: manifests in folders below it are not read: ${shortList(folders)}. Give a folder on a line of its own to have it.`;
  if (!context.store.state.warnings.includes(sentence)) warn(context, sentence);
}

const chartNotHere = (chart: string): string =>
  `it is a Helm chart. Render it first (helm template ${shellWord(chart)} > rendered.yaml) and give the rendered file.`;

async function renderKustomization(context: Context, folder: string): Promise<KubernetesObject[]> {
  const { path } = toolOf(context, 'kubectl');
  const build = async (): Promise<string> => {
    try {
      return await buildKustomization(context.shell, path, folder);
    } catch (error) {
      if (!needsHelm(error)) throw error;
      context.runner.info(`${folder}: its kustomization has Helm charts`);
      await helmOf(context);
      const { kubeVersion } = await capabilitiesOf(context);
      return await buildKustomization(context.shell, path, folder, { path: toolOf(context, 'helm').path, kubeVersion });
    }
  };
  try {
    const objects = parseManifests(await build());
    if (objects.length === 0) throw new Error('it has no objects');
    return objects;
  } catch (error) {
    if (error instanceof StageError) throw error;
    const why = whyNotBuilt(error);
    if (why === null) throw error;
    throw new StageError('manifest-invalid', `its kustomization does not build: ${why}`, {
      tryThis: `kubectl kustomize ${shellWord(folder)}`,
      cause: error,
    });
  }
}

/** Null when the kustomization is not at fault. */
function whyNotBuilt(error: unknown): string | null {
  if (!(error instanceof CommandError)) return messageOf(error).trim();
  switch (error.reason) {
    case 'exit':
      return lastLines(error.result.stderr, 5).join('\n');
    case 'timeout':
      return `kubectl did not end within ${(error.result.durationMs / 1000).toFixed(0)} s. A remote resource may not answer, or YAML aliases may expand to millions of values`;
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
      const other = whatElse(path, text);
      throw new Error(`${path} is not a manifest: ${messageOf(error).trim()}${other === null ? '' : `. ${other}`}`, {
        cause: error,
      });
    }
  });
  if (rendered.every(({ objects }) => objects.length === 0)) throw new Error('it has no objects');
  return rendered;
}

/**
 * What a file looks like that holds no object, and what to give instead of it; null when it looks like nothing known.
 */
function whatElse(path: string, text: string): string | null {
  if (text.includes('{{'))
    return 'It looks like a template of a Helm chart: give the folder of the chart, which has the Chart.yaml';
  if (/^(?:Chart\.ya?ml|.*values.*\.ya?ml)$/i.test(basename(path)))
    return 'It looks like a file of a Helm chart: give the folder of the chart as manifests, and files of values as helm-values';
  if (/^services:\s*$/m.test(text))
    return 'It looks like a file of Docker Compose, which Kubernetes does not read: `kompose convert` makes manifests of it';
  if (/^apiVersion:\s*skaffold\//m.test(text))
    return 'It is the configuration of Skaffold: give what its manifests name (`skaffold render` prints them)';
  return null;
}

/** Logs the hooks of an install, and leaves out those of other phases. */
function keepInstallHooks(context: Context, entry: string, rendered: readonly RenderedEntry[]): RenderedEntry[] {
  const hooks = describeHooks(rendered.flatMap(({ objects }) => objects));
  if (hooks !== null) context.runner.info(`${entry}: Helm hooks: ${hooks}`);
  const kept = keptOf(rendered, (object) => !isHook(object) || isInstallHook(object));
  if (kept.every(({ objects }) => objects.every(isHook))) throw new Error('it has no objects except Helm hooks');
  return kept;
}

/** Outside the application, no hooks are run. */
function leaveOutHooks(context: Context, entry: string, rendered: readonly RenderedEntry[]): RenderedEntry[] {
  const hooks = rendered.flatMap(({ objects }) => objects).filter(isHook);
  const missed = hooks.filter(isInstallHook);
  if (hooks.length > 0)
    context.runner.info(`${entry}: Helm hooks were left out: ${hooks.map(describeObject).join(', ')}`);
  if (missed.length > 0) {
    warn(
      context,
      `${entry} has hooks that Helm runs on install, and they were left out: ${missed.map(describeObject).join(', ')}. ` +
        'If you need what they do, add it as an ordinary manifest without the annotation helm.sh/hook.',
    );
  }
  const kept = keptOf(rendered, (object) => !isHook(object));
  if (kept.every(({ objects }) => objects.length === 0)) throw new Error('it has no objects except Helm hooks');
  return kept;
}

const keptOf = (rendered: readonly RenderedEntry[], isKept: (object: KubernetesObject) => boolean): RenderedEntry[] =>
  rendered.map(({ entry, objects }) => ({ entry, objects: objects.filter(isKept) }));

function faultOf(entry: string, error: unknown): Fault {
  if (error instanceof CommandError || (error instanceof StageError && error.code !== 'manifest-invalid')) throw error;
  const tryThis = (error instanceof StageError ? error.tryThis : undefined) ?? `ls -R ${shellWord(entry)}`;
  return { message: `${JSON.stringify(entry)}: ${messageOf(error).trim()}`, tryThis };
}

function refuse(source: string, faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new StageError('manifest-invalid', faults.map(({ message }) => `${source}: ${message}`).join('\n'), {
    hint: 'Nothing was created. Each line names a folder with a kustomization.yaml, a Helm chart, a folder of YAML files, or one such file, relative to the workspace.',
    tryThis: first.tryThis,
  });
}
