import type { NodeResources, WorkloadResources } from '../../model/resources.ts';
import { bytes, bytesPerSecond, cores, NOT_MEASURED, percent } from '../../text/numbers.ts';

/** The cells of a workload behind its name, in the order of the tables' columns. */
export const workloadFigures = (workload: WorkloadResources): string[] => [
  String(workload.pods),
  cores(workload.cpuCores.value),
  percent(workload.cpuShareOfLimit),
  percent(workload.cpuThrottledShare.value),
  bytes(workload.memoryBytes.value),
  percent(workload.memoryShareOfLimit),
  bytesPerSecond(workload.networkReceivedBytesPerSecond.value),
  bytesPerSecond(workload.networkSentBytesPerSecond.value),
  workload.restarts === null ? NOT_MEASURED : String(workload.restarts),
  String(workload.cpuCores.samples),
];

/** The same of a node. */
export const nodeFigures = (node: NodeResources): string[] => [
  cores(node.cpuCores.value),
  bytes(node.memoryBytes.value),
  bytesPerSecond(node.networkReceivedBytesPerSecond.value),
  bytesPerSecond(node.networkSentBytesPerSecond.value),
  String(node.cpuCores.samples),
];
