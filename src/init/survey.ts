/**
 * init/ looks at the files of a repository and writes what a first load test needs. It guesses, and says what each
 * guess is based on. Nothing here touches the file system.
 */
import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** A file of the repository, with its text if it says something about the application. */
export interface RepositoryFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text?: string;
}

/** A Kubernetes object in a file. */
interface Declared {
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
  readonly object: Readonly<Record<string, unknown>>;
}

interface ImageBuild {
  /** The folder of the manifest that uses the image. */
  readonly folder: string;
  readonly image: string;
  readonly dockerfile: string;
}

interface Kustomization {
  readonly folder: string;
  /** The namespace that it sets; null where each object names its own. */
  readonly namespace: string | null;
  /** The folders that it takes objects from: its own, and the ones that it refers to, recursively. */
  readonly parts: readonly string[];
}

export interface Survey {
  /** Folders with a kustomization, those that no other one uses first; components are not applications. */
  readonly kustomizations: readonly Kustomization[];
  /** Folders with a Helm chart of an application. */
  readonly charts: readonly string[];
  /** Folders with plain manifests; those with a Service first. */
  readonly folders: readonly string[];
  /** The manifests of folders that can't be read as a whole: the root, and those with other YAML or JSON files. */
  readonly filesOf: ReadonlyMap<string, readonly string[]>;
  /** Files of Docker Compose. */
  readonly composeFiles: readonly string[];
  readonly dockerfiles: readonly string[];
  /** Images of the manifests that a Dockerfile in the repository seems to build. */
  readonly builds: readonly ImageBuild[];
  /** Hosts of Ingress and HTTPRoute rules, by the folder of their file. */
  readonly hosts: readonly { readonly folder: string; readonly host: string }[];
  /** Services with an HTTP port, by the folder of their file. */
  readonly services: readonly {
    readonly folder: string;
    readonly name: string;
    readonly namespace: string | null;
    readonly port: string;
  }[];
  readonly workflows: readonly { readonly path: string; readonly usesThis: boolean }[];
  /** YAML files that could not be read, such as templates. */
  readonly unread: readonly string[];
}

const isKustomization = (path: string): boolean => /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(path);
const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);
const isCompose = (path: string): boolean => /(^|\/)(docker-)?compose(\.[\w-]+)?\.ya?ml$/.test(path);
const isDockerfile = (path: string): boolean => /(^|\/)(Dockerfile|Containerfile)$/.test(path);

/** Whether the text of a file is worth reading. */
export const isOfInterest = (path: string): boolean => isKustomization(path) || isYaml(path);

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod']);
/** Folders in which YAML does not describe an application. */
const ELSEWHERE = /(^|\/)(\.[^/]+|node_modules|vendor|testdata|fixtures?|tests?|__tests__|e2e)\//;

/**
 * What a repository has that a load test could use.
 *
 * @param name of the repository; its own image may have the same name.
 */
export function surveyOf(files: readonly RepositoryFile[], name: string): Survey {
  const charts = files
    .filter(
      ({ path, text = '' }) =>
        /(^|\/)Chart\.yaml$/.test(path) && !/^type:\s*library\s*$/m.test(text) && !ELSEWHERE.test(path),
    )
    .map(({ path }) => posix.dirname(path))
    .filter((folder, _, all) => !all.some((other) => other !== folder && isWithin(folder, other)));
  const inChart = (path: string): boolean => charts.some((chart) => isWithin(path, chart));
  const unread: string[] = [];
  const declared = files.flatMap(({ path, text }) => {
    if (text === undefined || !isYaml(path) || inChart(path) || isKustomization(path) || ELSEWHERE.test(path))
      return [];
    const objects = objectsIn(path, text);
    if (objects === null && /^kind:/m.test(text)) unread.push(path);
    return objects ?? [];
  });
  const dockerfiles = files.map(({ path }) => path).filter((path) => isDockerfile(path) && !ELSEWHERE.test(path));
  return {
    kustomizations: kustomizationsIn(files),
    charts,
    folders: foldersOf(declared),
    filesOf: mixedFolders(files, declared),
    composeFiles: files.map(({ path }) => path).filter((path) => isCompose(path) && !ELSEWHERE.test(path)),
    dockerfiles,
    builds: buildsOf(dockerfiles, declared, name),
    hosts: declared.flatMap((each) => hostsOf(each).map((host) => ({ folder: posix.dirname(each.file), host }))),
    services: declared.flatMap(serviceOf),
    workflows: files
      .filter(({ path }) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
      .map(({ path, text = '' }) => ({ path, usesThis: /uses:\s*\S*k8s-loadtest-ci/.test(text) })),
    unread,
  };
}

const isWithin = (path: string, folder: string): boolean =>
  folder === '.' || path === folder || path.startsWith(`${folder}/`);

function kustomizationsIn(files: readonly RepositoryFile[]): Kustomization[] {
  const named = new Map<string, string[]>();
  const namespaces = new Map<string, string>();
  const applications: string[] = [];
  for (const { path, text = '' } of files) {
    if (!isKustomization(path) || ELSEWHERE.test(path)) continue;
    const folder = posix.dirname(path);
    const content = firstObject(text);
    if (content['kind'] !== 'Component') applications.push(folder);
    if (typeof content['namespace'] === 'string') namespaces.set(folder, content['namespace']);
    const entries = ['resources', 'bases', 'components'].flatMap((field) => listOf(content[field]));
    named.set(
      folder,
      entries.flatMap((entry) => (typeof entry === 'string' ? [posix.join(folder, entry).replace(/\/$/, '')] : [])),
    );
  }
  const used = new Set([...named.values()].flat());
  return applications
    .sort(
      (one, other) =>
        Number(used.has(one)) - Number(used.has(other)) || rankOf(one) - rankOf(other) || one.localeCompare(other),
    )
    .map((folder) => ({ folder, namespace: namespaces.get(folder) ?? null, parts: partsOf(folder, named) }));
}

/** Files that are named are in their folder. */
function partsOf(folder: string, named: ReadonlyMap<string, readonly string[]>): string[] {
  const parts = new Set<string>();
  const add = (path: string): void => {
    const at = isYaml(path) ? posix.dirname(path) : path;
    if (parts.has(at)) return;
    parts.add(at);
    for (const entry of named.get(at) ?? []) add(entry);
  };
  add(folder);
  return [...parts];
}

/** Overlays made for a machine like a runner come first, production overlays last. */
function rankOf(folder: string): number {
  const name = posix.basename(folder).toLowerCase();
  const names = ['ci', 'load', 'loadtest', 'test', 'kind', 'local', 'dev', 'development', 'default', 'base', 'staging'];
  const at = names.indexOf(name);
  if (at >= 0) return at;
  return /prod/.test(name) ? names.length + 1 : names.length;
}

function objectsIn(file: string, text: string): Declared[] | null {
  const documents = parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  if (documents.some(({ errors }) => errors.length > 0)) return null;
  return documents.flatMap((document): Declared[] => {
    const object = recordOf(safely(() => document.toJS({ maxAliasCount: 100 }) as unknown));
    const metadata = recordOf(object['metadata']);
    const { kind } = object;
    if (typeof kind !== 'string' || typeof object['apiVersion'] !== 'string' || typeof metadata['name'] !== 'string')
      return [];
    const namespace = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : null;
    return [{ file, kind, name: metadata['name'], namespace, object }];
  });
}

function firstObject(text: string): Readonly<Record<string, unknown>> {
  const [document] = parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false });
  return recordOf(safely(() => document?.toJS({ maxAliasCount: 100 }) as unknown));
}

/** A folder with a workload is an application. Those with a Service come first, then those with more workloads. */
function foldersOf(declared: readonly Declared[]): string[] {
  const counts = new Map<string, number>();
  const served = new Set(declared.filter(({ kind }) => kind === 'Service').map(({ file }) => posix.dirname(file)));
  for (const { file, kind } of declared) {
    const folder = posix.dirname(file);
    if (WORKLOADS.has(kind)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .sort(
      ([one, oneCount], [other, otherCount]) =>
        Number(served.has(other)) - Number(served.has(one)) || otherCount - oneCount,
    )
    .map(([folder]) => folder);
}

/** A run reads every YAML and JSON file in a folder, and would fail on one that is not a manifest. */
function mixedFolders(
  files: readonly RepositoryFile[],
  declared: readonly Declared[],
): ReadonlyMap<string, readonly string[]> {
  const manifests = new Set(declared.map(({ file }) => file));
  return new Map(
    foldersOf(declared).flatMap((folder): [string, string[]][] => {
      const inside = files.map(({ path }) => path).filter((path) => posix.dirname(path) === folder);
      const others = inside.some((path) => /\.(ya?ml|json)$/.test(path) && !manifests.has(path));
      return others || folder === '.' ? [[folder, inside.filter((path) => manifests.has(path)).sort()]] : [];
    }),
  );
}

function podSpecOf({ kind, object }: Declared): Readonly<Record<string, unknown>> {
  const spec = recordOf(object['spec']);
  return kind === 'Pod' ? spec : recordOf(recordOf(spec['template'])['spec']);
}

const imagesOf = (declared: Declared): string[] =>
  WORKLOADS.has(declared.kind)
    ? listOf(podSpecOf(declared)['containers']).flatMap((container) => {
        const { image } = recordOf(container);
        return typeof image === 'string' ? [image] : [];
      })
    : [];

/**
 * An image belongs to a Dockerfile when its name is that of the Dockerfile's folder or ends with it (`shop_vote` of
 * vote/Dockerfile); a Dockerfile at the root builds the image named after the repository. Images with a digest can only
 * be pulled.
 */
function buildsOf(dockerfiles: readonly string[], declared: readonly Declared[], repository: string): ImageBuild[] {
  const seen = new Set<string>();
  return declared.flatMap((each) =>
    imagesOf(each).flatMap((image): ImageBuild[] => {
      if (image.includes('@') || seen.has(image)) return [];
      const name = /([^/:]+)(?::[^/:]*)?$/.exec(image)?.[1] ?? '';
      const folders = (path: string): string[] => (path.includes('/') ? path.split('/').slice(0, -1) : [repository]);
      const dockerfile =
        dockerfiles.find((path) => folders(path).includes(name)) ??
        dockerfiles.find(
          (path) => path.includes('/') && new RegExp(`[_-]${escaped(folders(path).at(-1) ?? '')}$`).test(name),
        );
      if (dockerfile === undefined) return [];
      seen.add(image);
      return [{ folder: posix.dirname(each.file), image, dockerfile }];
    }),
  );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function hostsOf({ kind, object }: Declared): string[] {
  const spec = recordOf(object['spec']);
  if (kind === 'HTTPRoute') return listOf(spec['hostnames']).filter((host) => typeof host === 'string');
  if (kind !== 'Ingress') return [];
  return listOf(spec['rules']).flatMap((rule) => {
    const { host } = recordOf(rule);
    return typeof host === 'string' ? [host] : [];
  });
}

const HTTP_PORTS: ReadonlySet<unknown> = new Set([80, 3000, 5000, 8000, 8080, 8888, 9898]);

function serviceOf({ file, kind, name, namespace, object }: Declared): Survey['services'] {
  if (kind !== 'Service') return [];
  const port = listOf(recordOf(object['spec'])['ports'])
    .map(recordOf)
    .find(
      ({ name: portName, port: number, appProtocol }) =>
        appProtocol === 'http' || /^(http|web)/.test(textOf(portName)) || HTTP_PORTS.has(number),
    );
  return port === undefined ? [] : [{ folder: posix.dirname(file), name, namespace, port: textOf(port['port']) }];
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function safely(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return null;
  }
}
