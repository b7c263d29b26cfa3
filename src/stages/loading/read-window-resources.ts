import { readSamples } from '../../adapters/prometheus.ts';
import { parsePods } from '../../cluster/kubernetes-json.ts';
import { OWN_PROMETHEUS } from '../../cluster/prometheus-service.ts';
import { type Life, reaches } from '../../cluster/usage/container-life.ts';
import { livesOf } from '../../cluster/usage/pod-lives.ts';
import { ownerOf, SELECTORS } from '../../cluster/usage/resource-usage.ts';
import { cpuSecondsOf, type LoadedTime, memoryBytesOf } from '../../cluster/usage/window-usage.ts';
import type { LoadedWindow } from '../../comparison/round-ports.ts';
import type { WindowResources } from '../../comparison/figures.ts';
import { type Context, kubectlOf, warn } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import { type Side, SIDES } from '../../model/sides.ts';

/** When a version was under load in one window, including its warm-up. */
export interface VersionStretch extends LoadedTime {
  readonly version: Side;
  /** When the measured part began, according to the load. */
  readonly startedAt: string;
  /** The share of its requests that were measured; the others were warm-up. */
  readonly measuredShare: number;
}

/** The kubelet samples an idle container about every seven seconds; Prometheus scrapes every two. */
const SAMPLES_DEADLINE_MS = 15_000;
const LOOK_AGAIN_MS = 2000;
/** How far back to look for a counter that has not changed since. */
const BEFORE_SECONDS = 30;

/**
 * What the pods of each version used in some windows, from raw samples in Prometheus. If it can't be read, the
 * comparison goes on without these figures.
 *
 * @param stretches of all windows so far, in order: the CPU time of one is separated from that of its neighbours.
 */
export async function readWindowResources(
  context: Context,
  stretches: readonly VersionStretch[],
  windows: readonly LoadedWindow[],
): Promise<(WindowResources | null)[]> {
  try {
    const usage = await usageOfStretches(context, stretches);
    return windows.map(
      ({ version, load }) =>
        usage.find(({ stretch }) => stretch.version === version && stretch.startedAt === load.startedAt)?.resources ??
        null,
    );
  } catch (error) {
    context.signal.throwIfAborted();
    warn(context, `CPU and memory of the versions could not be read: ${messageOf(error)}`);
    return windows.map(() => null);
  }
}

interface UsageOfStretch {
  readonly stretch: VersionStretch;
  readonly resources: WindowResources;
}

async function usageOfStretches(context: Context, stretches: readonly VersionStretch[]): Promise<UsageOfStretch[]> {
  const { clock, signal } = context;
  const end = stretches.at(-1)?.end ?? 0;
  const giveUp = clock.now() + SAMPLES_DEADLINE_MS;
  let read = await readVersions(context, stretches);
  while (!read.every(({ cpu }) => cpu.every((life) => reaches(life, end))) && clock.now() < giveUp) {
    await clock.sleep(LOOK_AGAIN_MS, signal);
    read = await readVersions(context, stretches);
  }
  return read.flatMap(({ version, cpu, memory, workloads }) => {
    const own = stretches.filter((stretch) => stretch.version === version);
    const [seconds, bytes] = [cpuSecondsOf(cpu, own), memoryBytesOf(memory, own)];
    const each = workloads.map(({ name, lives }) => ({ name, seconds: cpuSecondsOf(lives, own) }));
    return own.map((stretch, index) => {
      const cpuSeconds = seconds[index] ?? null;
      return {
        stretch,
        resources: {
          cpuSeconds: cpuSeconds === null ? null : cpuSeconds * stretch.measuredShare,
          memoryBytes: bytes[index] ?? null,
          workloads: each.flatMap(({ name, seconds: ofWorkload }) => {
            const used = ofWorkload[index] ?? null;
            return used === null ? [] : [{ name, cpuSeconds: used * stretch.measuredShare }];
          }),
        },
      };
    });
  });
}

interface VersionLives {
  readonly version: Side;
  readonly cpu: readonly Life[];
  readonly memory: readonly Life[];
  /** The CPU time of each workload, by its name in both versions. */
  readonly workloads: readonly { readonly name: string; readonly lives: readonly Life[] }[];
}

async function readVersions(context: Context, stretches: readonly VersionStretch[]): Promise<VersionLives[]> {
  const kubectl = kubectlOf(context);
  const window = { start: (stretches[0]?.start ?? 0) - BEFORE_SECONDS, end: context.clock.date().getTime() / 1000 };
  const [pods, cpu, memory] = await Promise.all([
    kubectl.get('pods', '--all-namespaces'),
    readSamples(kubectl, OWN_PROMETHEUS, SELECTORS.cpu, window),
    readSamples(kubectl, OWN_PROMETHEUS, SELECTORS.memory, window),
  ]);
  const live = parsePods(pods).filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running',
  );
  return SIDES.map((version) => {
    const own = live.filter(
      ({ metadata }) => context.store.state.comparedVersions?.namespaces[version].includes(metadata.namespace) === true,
    );
    const names = [...new Set(own.map((pod) => ownerOf(pod).name))];
    const workloads = names.map((name) => ({
      name,
      lives:
        livesOf(
          cpu,
          own.filter((pod) => ownerOf(pod).name === name),
        ) ?? [],
    }));
    return { version, cpu: livesOf(cpu, own) ?? [], memory: livesOf(memory, own) ?? [], workloads };
  });
}
