import type { WorkloadJson } from '../../cluster/kubernetes-json.ts';
import { recordOf, type WorkloadReference } from '../../cluster/manifests.ts';
import { PARTS } from '../../cluster/parts.ts';
import { failedJobEvent } from '../../cluster/pod-events.ts';
import { whyNotReady } from '../../cluster/readiness.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';
import { readEvents } from './read-events.ts';

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

/** Jobs with `ttlSecondsAfterFinished` disappear soon after they finish, whether or not they succeeded. */
export class RemovedJobs {
  readonly #context: Context;
  readonly #mortal: ReadonlySet<string>;
  readonly #done = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
    const jobs = PARTS.flatMap((part) => renderedObjects(context, part)).filter(
      ({ kind, spec }) => kind === 'Job' && recordOf(spec)['ttlSecondsAfterFinished'] !== undefined,
    );
    this.#mortal = new Set(jobs.map(({ metadata: { namespace = 'default', name } }) => keyOf({ namespace, name })));
  }

  /**
   * Remembers which Jobs were seen complete, or disappeared after their time to live.
   *
   * @throws StageError `workload-not-ready` when a Job that disappeared had failed.
   */
  async look(expected: readonly WorkloadReference[], found: readonly WorkloadJson[]): Promise<void> {
    for (const job of found.filter(({ kind }) => kind === 'Job'))
      if (whyNotReady(job) === null) this.#done.add(keyOf(job.metadata));
    const isThere = (key: string): boolean =>
      found.some(({ kind, metadata }) => kind === 'Job' && keyOf(metadata) === key);
    const gone = expected
      .filter(({ kind }) => kind === 'Job')
      .filter((job) => !this.#done.has(keyOf(job)) && this.#mortal.has(keyOf(job)) && !isThere(keyOf(job)));
    if (gone.length === 0) return;
    // Only the events tell how it ended.
    const events = await readEvents(this.#context);
    for (const { namespace, name } of gone) {
      const failed = failedJobEvent(events, namespace, name);
      if (failed !== null) throw new StageError('workload-not-ready', failed);
      this.#done.add(keyOf({ namespace, name }));
    }
  }

  isDone(reference: WorkloadReference): boolean {
    return reference.kind === 'Job' && this.#done.has(keyOf(reference));
  }
}
