import type { Report } from '../../model/report.ts';
import { bytes } from '../../text/numbers.ts';

/** A machine in words: `4 × AMD EPYC 7763, 15.6 GiB`. */
export const processorsAndMemory = ({
  cpus,
  cpuModel,
  memoryBytes,
}: Pick<NonNullable<Report['environment']>, 'cpus' | 'cpuModel' | 'memoryBytes'>): string =>
  `${String(cpus)} × ${cpuModel}, ${bytes(memoryBytes)}`;
