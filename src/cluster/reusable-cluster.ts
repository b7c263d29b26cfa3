import { z } from 'zod';
import type { RunIdentity } from '../model/run.ts';
import type { KubernetesObject } from './manifests.ts';

/** Records in a cluster that this program created it, for which job, and with what. */
export interface ClusterMark {
  /** The job, as `ownerName` names it. */
  readonly owner: string;
  readonly nodeImage: string;
  /** Null when a user's configuration decides. */
  readonly nodes: number | null;
}

export const MARK = { namespace: 'kube-system', name: 'k8s-loadtest-ci' } as const;

const markSchema = z.object({
  data: z.object({ owner: z.string(), nodeImage: z.string(), nodes: z.string().regex(/^\d*$/) }),
});

/**
 * Names the job whose steps may share a cluster: on GitHub this leg of the matrix in this attempt of the run, since
 * another job on the same machine would lose the cluster when this one ends; otherwise the machine.
 *
 * @param matrix the text of input `matrix`.
 */
export function ownerName(
  run: Pick<RunIdentity, 'onGitHub' | 'repository' | 'id' | 'attempt' | 'job'>,
  matrix: string,
): string {
  if (!run.onGitHub) return 'this machine';
  return [run.repository ?? '', run.id, String(run.attempt), run.job ?? '', matrix.trim()].join(' ');
}

/** The ConfigMap that a cluster gets when it is created. */
export function markObject({ owner, nodeImage, nodes }: ClusterMark): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...MARK, labels: { 'app.kubernetes.io/managed-by': 'k8s-loadtest-ci' } },
    data: { owner, nodeImage, nodes: nodes === null ? '' : String(nodes) },
  };
}

/** @param text the ConfigMap as JSON; null when it is empty or another one. */
export function readMark(text: string): ClusterMark | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const { data: found } = markSchema.safeParse(json);
  if (found === undefined) return null;
  const { owner, nodeImage, nodes } = found.data;
  return { owner, nodeImage, nodes: nodes === '' ? null : Number(nodes) };
}

/** Why a cluster can't be reused for a step, for the end of a sentence; null when it can. */
export function whyNotReused(found: ClusterMark | null, wanted: ClusterMark): string | null {
  if (found === null) return 'it was not created by this tool with a cluster-name';
  if (found.owner !== wanted.owner) return 'another job created it, and will remove it when that job ends';
  if (found.nodeImage !== wanted.nodeImage)
    return `its nodes use ${found.nodeImage}, but input node-image is ${wanted.nodeImage}`;
  if (found.nodes !== wanted.nodes)
    return `it was created with ${nodesText(found.nodes)}, not ${nodesText(wanted.nodes)}`;
  return null;
}

const nodesText = (nodes: number | null): string =>
  nodes === null ? 'the nodes of a configuration (config)' : `${String(nodes)} node${nodes === 1 ? '' : 's'} (nodes)`;
