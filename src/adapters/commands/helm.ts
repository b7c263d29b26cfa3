import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../cluster/manifests.ts';
import { readDocuments } from '../../text/yaml/documents.ts';
import { writeYaml } from '../../text/yaml/write.ts';
import { exists, makeFolder, remove } from '../files.ts';
import type { Shell } from './shell.ts';

const RENDER_DEADLINE_MS = 120_000;
const DEPENDENCIES_DEADLINE_MS = 300_000;
const QUICK_MS = 20_000;

/** What a chart is rendered with. */
interface ChartSettings {
  readonly release: string;
  /** A folder, an archive, or a reference to a registry. */
  readonly chart: string;
  /** For a chart in a registry; null when the reference includes it, or nothing does. */
  readonly version: string | null;
  readonly namespace: string;
  /** Without a `v`. */
  readonly kubeVersion: string;
  /** In addition to those of Kubernetes itself. */
  readonly apiVersions: readonly string[];
  /** Files; later ones override earlier ones. */
  readonly values: readonly string[];
  readonly set: readonly string[];
}

/**
 * The Helm commands that need no cluster. Helm gets no kubeconfig, so rendering never depends on the content of a
 * cluster.
 */
export interface Helm {
  /** The YAML of all objects of a chart, including hooks and definitions, and Helm's other output. */
  render(settings: ChartSettings): Promise<{ readonly yaml: string; readonly said: string }>;
  /**
   * Downloads into `charts/` of a chart's folder what its lock file names, or, without one, what matches its
   * Chart.yaml.
   *
   * @param repositories the addresses of the dependencies' repositories: Helm only searches those that it knows.
   * @param scratch a folder for the list of repositories, which may contain logins; it is removed again.
   */
  buildDependencies(folder: string, repositories: readonly string[], scratch: string): Promise<void>;
}

/** The arguments of `helm` that render a chart. */
export const renderArguments = (settings: ChartSettings): string[] => [
  'template',
  settings.release,
  settings.chart,
  ...(settings.version === null ? [] : ['--version', settings.version]),
  '--namespace',
  settings.namespace,
  '--kube-version',
  settings.kubeVersion,
  ...settings.apiVersions.flatMap((version) => ['--api-versions', version]),
  '--include-crds',
  ...settings.values.flatMap((file) => ['--values', file]),
  ...settings.set.flatMap((setting) => ['--set', setting]),
];

/** Settings of a user's shell that would change the result. */
const ENVIRONMENT: Readonly<Record<string, undefined>> = {
  KUBECONFIG: undefined,
  HELM_DEBUG: undefined,
  HELM_KUBECONTEXT: undefined,
  HELM_NAMESPACE: undefined,
};

export function openHelm(shell: Shell, path: string): Helm {
  return {
    render: async (settings) => {
      const options = { deadlineMs: RENDER_DEADLINE_MS, env: ENVIRONMENT };
      const { stdout, stderr } = await shell.run(path, renderArguments(settings), options);
      return { yaml: stdout, said: stderr.trim() };
    },
    buildDependencies: async (folder, repositories, scratch) => {
      const { stdout } = await shell.run(path, ['env', 'HELM_REPOSITORY_CONFIG'], {
        deadlineMs: QUICK_MS,
        env: ENVIRONMENT,
      });
      makeFolder(scratch);
      const config = join(scratch, 'repositories.yaml');
      try {
        writeFileSync(config, withRepositories(stdout.trim(), repositories), { mode: 0o600 });
        await shell.run(path, ['dependency', 'build', folder], {
          deadlineMs: DEPENDENCIES_DEADLINE_MS,
          env: { ...ENVIRONMENT, HELM_REPOSITORY_CONFIG: config },
        });
      } finally {
        remove(scratch);
      }
    },
  };
}

/** Helm's own list of repositories, plus the addresses that are missing from it. */
function withRepositories(file: string, addresses: readonly string[]): string {
  const known = exists(file) ? readDocuments(readFileSync(file, 'utf8'))[0]?.value : undefined;
  const listed: unknown = isRecord(known) ? known['repositories'] : undefined;
  const repositories = Array.isArray(listed) ? listed.filter(isRecord) : [];
  const plain = (address: unknown): string => String(address).replace(/\/+$/, '');
  const there = new Set(repositories.map(({ url }) => plain(url)));
  const added = [...new Set(addresses.map(plain))].filter((address) => !there.has(address));
  return writeYaml([
    {
      apiVersion: '',
      generated: '0001-01-01T00:00:00Z',
      repositories: [
        ...repositories,
        ...added.map((url, index) => ({ name: `of-this-chart-${String(index + 1)}`, url })),
      ],
    },
  ]);
}
