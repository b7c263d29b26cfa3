import type { NodeResources, WorkloadResources } from '../../model/resources.ts';
import { bytes, bytesPerSecond, cores, NOT_MEASURED, percent } from '../../text/numbers.ts';

/** The headings for `workloadFigures`: the most important first, because a narrow screen shows no more. */
export const WORKLOAD_FIGURES = [
  'CPU cores',
  'of limit',
  'Memory',
  'of limit',
  'throttled',
  'Restarts',
  'Pods',
  'Received',
  'Sent',
  'Samples',
] as const;

/** The cells of a workload after its name. */
export const workloadFigures = (workload: WorkloadResources): string[] => [
  cores(workload.cpuCores.value),
  percent(workload.cpuShareOfLimit),
  bytes(workload.memoryBytes.value),
  percent(workload.memoryShareOfLimit),
  percent(workload.cpuThrottledShare.value),
  workload.restarts === null ? NOT_MEASURED : String(workload.restarts),
  String(workload.pods),
  bytesPerSecond(workload.networkReceivedBytesPerSecond.value),
  bytesPerSecond(workload.networkSentBytesPerSecond.value),
  String(workload.cpuCores.samples),
];

/** The headings for `nodeFigures`. */
export const NODE_FIGURES = ['CPU cores', 'Memory', 'Received', 'Sent', 'Samples'] as const;

/** The cells of a node after its name. */
export const nodeFigures = (node: NodeResources): string[] => [
  cores(node.cpuCores.value),
  bytes(node.memoryBytes.value),
  bytesPerSecond(node.networkReceivedBytesPerSecond.value),
  bytesPerSecond(node.networkSentBytesPerSecond.value),
  String(node.cpuCores.samples),
];

/** Whether anything was measured for a workload or node: a row of dashes says nothing. */
export const hasFigures = (
  used: Pick<
    NodeResources,
    'cpuCores' | 'memoryBytes' | 'networkReceivedBytesPerSecond' | 'networkSentBytesPerSecond'
  > & { readonly restarts?: number | null },
): boolean =>
  [used.cpuCores, used.memoryBytes, used.networkReceivedBytesPerSecond, used.networkSentBytesPerSecond].some(
    ({ value }) => value !== null,
  ) || (used.restarts ?? 0) > 0;
