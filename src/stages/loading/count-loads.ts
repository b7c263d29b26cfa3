import { type IngressController, ingressControllers } from '../../cluster/ingress-controller.ts';
import { parsePods, type PodJson } from '../../cluster/kubernetes-json.ts';
import { restartsOf } from '../../cluster/usage/pod-lives.ts';
import {
  countedBetween,
  hasCounted,
  isSettled,
  type PodCounts,
  readPodCounts,
} from '../../cluster/witness/controller-counts.ts';
import { type Context, kubectlOf } from '../../context.ts';
import { lastLines, messageOf } from '../../errors.ts';
import { SentTally } from '../../load/counts/sent-tally.ts';
import type { LoadResult } from '../../model/load.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import type { CountedLoad, SentLoad } from '../../model/witness.ts';
import { clusterIn } from '../../system.ts';

/** ingress-nginx publishes its counts once a second: a count that is stable for longer is final. */
const SETTLES_MS = 1200;
const LOOK_EVERY_MS = 400;
const MOST_LOOKS = 15;

/** The counters of a controller, or a sentence why they can't be read. */
type Counters = readonly PodCounts[] | { readonly missing: string };

/** What the ingress controllers count during loads, from before the first until after the last. */
export class CountedLoads {
  readonly #context: Context;
  readonly #before: ReadonlyMap<Side, Counters>;
  readonly #sent: Readonly<Record<Side, SentTally>> = { base: new SentTally(), head: new SentTally() };
  readonly #seen = new Set<Side>();

  private constructor(context: Context, before: ReadonlyMap<Side, Counters>) {
    this.#context = context;
    this.#before = before;
  }

  /** Reads the counters before the first load. */
  static async begin(context: Context): Promise<CountedLoads> {
    context.store.update({ countedLoads: [], witness: null });
    const counters = await Promise.all(
      controllersOf(context).map(
        async ([side, controller]) => [side, await readCounters(context, controller)] as const,
      ),
    );
    return new CountedLoads(context, new Map(counters));
  }

  /** A load was sent to a side, with the host names that it used. */
  saw(side: Side, load: LoadResult): void {
    this.#seen.add(side);
    this.#sent[side].add(load);
  }

  /** Reads the counters again once they are stable, and keeps the difference. Without a cluster nothing is counted. */
  async end(): Promise<void> {
    if (clusterIn(this.#context.store.state.system) === null) return;
    const counted = new Map<Side, CountedLoad['controller']>();
    for (const [side, controller] of controllersOf(this.#context))
      counted.set(side, await this.#counted(side, controller));
    const nobody = { missing: 'This run has no ingress controller with counters to read.' };
    const countedLoads = SIDES.filter((side) => this.#seen.has(side)).map((side) => ({
      side,
      sent: this.#sent[side].result(),
      // Two versions of an application share one controller.
      controller: counted.get(side) ?? counted.get('head') ?? nobody,
    }));
    this.#context.store.update({ countedLoads });
  }

  async #counted(side: Side, controller: IngressController): Promise<CountedLoad['controller']> {
    const before = this.#before.get(side) ?? [];
    if ('missing' in before) return before;
    const sent = this.#sentBy(side);
    let last = await readCounters(this.#context, controller);
    let unchangedMs = 0;
    for (let look = 1; look < MOST_LOOKS; look += 1) {
      if ('missing' in last || unchangedMs >= SETTLES_MS || hasCounted(before, last, sent)) break;
      await this.#context.clock.sleep(LOOK_EVERY_MS, this.#context.signal);
      const next = await readCounters(this.#context, controller);
      unchangedMs = !('missing' in next) && isSettled(last, next) ? unchangedMs + LOOK_EVERY_MS : 0;
      last = next;
    }
    return 'missing' in last ? last : countedBetween(before, last);
  }

  /** What was sent to the controller of a side; two versions of an application share one controller. */
  #sentBy(side: Side): SentLoad[] {
    const own = controllersOf(this.#context).length > 1 ? [side] : SIDES;
    return own.map((name) => this.#sent[name].result());
  }
}

const controllersOf = ({ inputs, store }: Context): [Side, IngressController][] =>
  clusterIn(store.state.system) === null
    ? []
    : (Object.entries(ingressControllers(inputs)) as [Side, IngressController][]);

/** Read from each pod through the API server, because Prometheus is seconds behind. */
async function readCounters(context: Context, { namespace, selector }: IngressController): Promise<Counters> {
  try {
    const kubectl = kubectlOf(context);
    const found = parsePods(await kubectl.get('pods', `--namespace=${namespace}`, `--selector=${selector}`));
    const pods = found.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed',
    );
    const ports = pods.map(metricsPortOf);
    if (pods.length === 0 || ports.includes(null))
      return {
        missing: "The pods of the ingress controller have no port named metrics, so its counters can't be read.",
      };
    return await Promise.all(
      pods.map(async (pod, index) =>
        readPodCounts(
          `${pod.metadata.uid} ${String(restartsOf(pod))}`,
          await kubectl.raw(
            `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}:${String(ports[index])}/proxy/metrics`,
          ),
        ),
      ),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    return {
      missing: `The counters of the ingress controller could not be read: ${lastLines(messageOf(error), 1)[0]?.trim() ?? ''}`,
    };
  }
}

const metricsPortOf = ({ spec }: PodJson): number | null =>
  spec.containers.flatMap(({ ports }) => ports).find(({ name }) => name === 'metrics')?.containerPort ?? null;
