import type { LoadResult } from '../../model/load.ts';
import type { SentLoad, SentToHost } from '../../model/witness.ts';

/** Adds up what several loads sent to each host, and the answers. */
export class SentTally {
  readonly #hosts = new Map<string, SentToHost>();
  #besides: number | null = 0;
  #highestRate = 0;

  add(load: LoadResult): void {
    for (const { host, path, sent, statuses, retried } of load.hosts) {
      const key = `${host}${path}`;
      const known = this.#hosts.get(key) ?? { host, path, sent: 0, statuses: {}, retried: 0 };
      this.#hosts.set(key, {
        host,
        path,
        sent: known.sent + sent,
        statuses: added(known.statuses, statuses),
        retried: known.retried === null || retried === null ? null : known.retried + retried,
      });
    }
    const besides = sentBesides(load);
    this.#besides = this.#besides === null || besides === null ? null : this.#besides + besides;
    this.#highestRate = Math.max(this.#highestRate, load.total.sent / Math.max(load.durationSeconds, 1e-3));
  }

  result(): SentLoad {
    return { hosts: [...this.#hosts.values()], besides: this.#besides, highestRate: this.#highestRate };
  }
}

/**
 * A ramp-up is not counted, and neither is what a script does before it, or how often runners of the operator warm up.
 */
const sentBesides = ({ model, engine, rampUpSeconds, warmupRequests }: LoadResult): number | null =>
  model.kind === 'script' || engine?.name === 'k6-operator' || rampUpSeconds > 0 ? null : warmupRequests;

function added(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...one };
  for (const [status, count] of Object.entries(other)) sum[status] = (sum[status] ?? 0) + count;
  return sum;
}
