import type { Resources } from '../../model/resources.ts';
import type { CountedLoad, SentToHost } from '../../model/witness.ts';
import type { KubernetesObject } from '../manifests.ts';

/** What is known of a load besides what the generator says of its answers. */
export interface Witnesses {
  /** What was sent to each side in total, and what its controller counted. */
  readonly loads: readonly CountedLoad[];
  /** What was sent in the window in which resources were measured. */
  readonly inWindow: readonly SentToHost[];
  /** The rendered objects of the application. */
  readonly objects: readonly KubernetesObject[];
  /** Null when they were not measured. */
  readonly resources: Resources | null;
}
