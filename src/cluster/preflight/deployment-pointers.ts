import { groupOf, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What an object of a tool that deploys others points to. */
export interface Pointer {
  readonly tool: string;
  /** Lines for the input `manifests`; none where the object does not say enough. */
  readonly lines: readonly string[];
}

/** Null for an object that deploys nothing. */
export function pointerOf({ apiVersion, kind, spec }: KubernetesObject): Pointer | null {
  const fields = recordOf(spec);
  switch (`${groupOf(apiVersion)}/${kind}`) {
    case 'kustomize.toolkit.fluxcd.io/Kustomization':
      return { tool: 'Flux', lines: pathLines(fields['path']) };
    case 'helm.toolkit.fluxcd.io/HelmRelease':
      return { tool: 'Flux', lines: pathLines(recordOf(recordOf(fields['chart'])['spec'])['chart']) };
    case 'argoproj.io/Application':
      return { tool: 'Argo CD', lines: sourceLines(fields) };
    case 'argoproj.io/ApplicationSet':
      return { tool: 'Argo CD', lines: sourceLines(recordOf(recordOf(fields['template'])['spec'])) };
    case 'helm.cattle.io/HelmChart':
      return { tool: 'the Helm controller of k3s', lines: pathLines(fields['chart']) };
    default:
      return null;
  }
}

const sourceLines = (spec: Fields): string[] =>
  [recordOf(spec['source']), ...recordsIn(spec['sources'])].flatMap(({ path, repoURL, chart, targetRevision }) =>
    typeof chart === 'string' ? chartLines(repoURL, chart, targetRevision) : pathLines(path),
  );

/** A path in the repository, or a chart by its whole address; the name of a chart alone says too little. */
const pathLines = (path: unknown): string[] =>
  typeof path === 'string' && !path.includes('{{') && (path.includes('/') || path === '.') ? [path] : [];

/** Argo CD has registries without their scheme. */
const chartLines = (registry: unknown, chart: string, version: unknown): string[] =>
  typeof registry === 'string' && !/^https?:/.test(registry)
    ? [
        `oci://${registry.replace(/^oci:\/\//, '').replace(/\/$/, '')}/${chart}${typeof version === 'string' ? `:${version}` : ''}`,
      ]
    : [];
