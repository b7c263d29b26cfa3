import { linesOf } from '../text/lines.ts';

/** What is asked of `kubectl get pods`, so that the list of many pods stays small. */
export const POD_COLUMNS =
  'NAMESPACE:.metadata.namespace,NAME:.metadata.name,PHASE:.status.phase,READY:.status.conditions[?(@.type=="Ready")].status,RESTARTS:.status.containerStatuses[*].restartCount';

/** A pod as a line of that list says it. */
export interface ListedPod {
  readonly namespace: string;
  readonly name: string;
  /** Whether it is ready, or has done what it was for, and no container of it was started again. */
  readonly isWell: boolean;
}

/** Reads the list. Pods that are not well come first, in the order of the list otherwise. */
export function readPodList(text: string): ListedPod[] {
  const pods = linesOf(text).flatMap((line): ListedPod[] => {
    const [namespace, name, phase, ready, restarts = ''] = line.split(/\s+/);
    if (namespace === undefined || name === undefined) return [];
    const isDone = phase === 'Succeeded' || (phase === 'Running' && ready === 'True');
    return [{ namespace, name, isWell: isDone && !/[1-9]/.test(restarts) }];
  });
  return [...pods.filter(({ isWell }) => !isWell), ...pods.filter(({ isWell }) => isWell)];
}
