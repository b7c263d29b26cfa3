import type { HostResult } from '../../model/load.ts';
import { hostLabel, isTotal } from '../words/host-label.ts';
import type { Text } from './section.ts';

/** The cell that names the row of a host, or of all hosts together. */
export const hostName = (result: HostResult): Text =>
  isTotal(result) ? { strong: 'all' } : { code: hostLabel(result) };
