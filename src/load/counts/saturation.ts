import type { AddedLatency, GeneratorCondition, LatencySummary } from '../../model/load.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';
import type { LoadMeasurement } from './measurement.ts';

/** What was observed of the generator's process during the load. */
export interface GeneratorSample {
  /** CPU time of the process divided by the time that passed. */
  readonly cpuShare: number;
  /** Share of the time in which the event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number;
  /**
   * Share of the time in which the thread was runnable but had no core, 0 to 1; null when the system does not report
   * it.
   */
  readonly cpuWaitShare: number | null;
  /** How late the event loop's timers fired, in milliseconds. */
  readonly eventLoopDelayMs: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99' | 'max', number>>;
}

/** A loop that is always busy can't do more: its throughput is its own limit. */
const FULL_UTILIZATION = 0.95;
/** Delays of our own below this don't matter compared to those of a network and a scheduler. */
const SMALL_DELAY_MS = 5;
/** The share of a figure that delays of our own may make up. */
const TOLERATED_SHARE = 0.25;
/**
 * A single standstill matters from here on: this long, this share of the window, and not small compared to the longest
 * latency.
 */
const LONG_STANDSTILL_MS = 250;
const LONG_STANDSTILL_SHARE = 0.02;

/** The worst of several workers. They share one process, so its CPU time is divided among them. */
export function mergeSamples(samples: readonly GeneratorSample[]): GeneratorSample {
  const worst = (figure: (sample: GeneratorSample) => number): number => Math.max(0, ...samples.map(figure));
  return {
    cpuShare: worst((sample) => sample.cpuShare) / Math.max(1, samples.length),
    eventLoopUtilization: worst((sample) => sample.eventLoopUtilization),
    cpuWaitShare: samples.every((sample) => sample.cpuWaitShare === null)
      ? null
      : worst((sample) => sample.cpuWaitShare ?? 0),
    eventLoopDelayMs: {
      p50: worst((sample) => sample.eventLoopDelayMs.p50),
      p90: worst((sample) => sample.eventLoopDelayMs.p90),
      p95: worst((sample) => sample.eventLoopDelayMs.p95),
      p99: worst((sample) => sample.eventLoopDelayMs.p99),
      max: worst((sample) => sample.eventLoopDelayMs.max),
    },
  };
}

export interface SaturationEvidence {
  readonly sample: GeneratorSample;
  readonly measurement: Pick<LoadMeasurement, 'sendDelay' | 'durationMs'>;
  /** Requests that failed because this machine had no port or file descriptor left. */
  readonly clientResourceFailures: number;
  /** Null when nothing was answered. */
  readonly latencyMs: LatencySummary | null;
  /** Counted from when each request was actually sent. */
  readonly serviceTimeMs: LatencySummary | null;
}

/**
 * Judges whether the generator, and not the system under test, set the figures.
 *
 * Four signs that it set all of them, the first that holds is the reason: sockets of our own that could not be had; an
 * event loop that stood still or never had a pause; delays that were a large part of the median.
 *
 * Delays that only some requests met are in some figures and not in others: in a p99 of 13 ms they may be 12 ms, and
 * the p50 of 0.2 ms has nothing of them. So `addedMs` says for each figure how much of it the generator added at most,
 * and whoever judges that figure looks at what it would be without.
 *
 * A generator that waits for a core for longer than it has one is held up by whatever fills the machine. In the closed
 * model that sets no figure as long as this is the system under test: all cores are at work, so that a generator that
 * came round earlier would find its answers no earlier (Little's law: latency = users / throughput). In the open model
 * the law is no excuse: what leaves late or is read late has that in its response time, whoever had the core.
 */
export function judgeGenerator(evidence: SaturationEvidence): GeneratorCondition {
  const { sample, measurement } = evidence;
  const sendDelay = measurement.sendDelay === null ? null : Histogram.restore(measurement.sendDelay);
  const addedMs = addedBy(sample, sendDelay, evidence);
  const reason = saturationReason(evidence, addedMs);
  const heldUp = reason !== null && evidence.clientResourceFailures === 0 && (isHeldUp(sample) || !isOwnWork(evidence));
  const { p50, p99, max } = sample.eventLoopDelayMs;
  return {
    ...sample,
    eventLoopDelayMs: { p50, p99, max },
    sendDelayMs: sendDelay === null ? null : milliseconds(sendDelay),
    ...worthTelling(addedMs),
    limited: reason !== null,
    ...(heldUp ? { heldUp } : {}),
    reason,
  };
}

/**
 * How much of each figure the generator added at most: by requests that left late although a connection was free,
 * which is no more than the difference of latency and service time, and by answers that it read late.
 */
function addedBy(
  sample: CpuUse & {
    readonly eventLoopDelayMs: GeneratorCondition['eventLoopDelayMs'] & {
      readonly p90?: number;
      readonly p95?: number;
    };
  },
  sendDelay: Histogram | null,
  { latencyMs, serviceTimeMs }: Pick<SaturationEvidence, 'latencyMs' | 'serviceTimeMs'>,
): AddedLatency {
  const { p50, p99, max, p90 = p99, p95 = p99 } = sample.eventLoopDelayMs;
  const excused = sendDelay === null && isHeldUp(sample);
  const added = (figure: keyof AddedLatency, leftLate: (histogram: Histogram) => number, readLate: number): number => {
    const [latency, service] = [latencyMs?.[figure] ?? 0, serviceTimeMs?.[figure] ?? 0];
    const late = sendDelay === null || sendDelay.count === 0 ? 0 : leftLate(sendDelay) / 1000;
    return Math.min(latency, Math.min(late, Math.max(0, latency - service)) + (excused ? 0 : readLate));
  };
  return {
    avg: added('avg', (delay) => delay.mean, p50),
    p50: added('p50', (delay) => delay.percentile(50), p50),
    p90: added('p90', (delay) => delay.percentile(90), p90),
    p95: added('p95', (delay) => delay.percentile(95), p95),
    p99: added('p99', (delay) => delay.percentile(99), p99),
    max: added('max', (delay) => delay.max, max),
  };
}

/** Less than this in all figures is within what a network and a scheduler do. */
const worthTelling = (addedMs: AddedLatency): Pick<GeneratorCondition, 'addedMs'> =>
  Object.values(addedMs).some((added) => added > SMALL_DELAY_MS) ? { addedMs } : {};

/** The condition of a generator with what it added to the figures of several loads together. */
export function overAll(
  generator: GeneratorCondition,
  sendDelay: HistogramSnapshot | null,
  figures: Pick<SaturationEvidence, 'latencyMs' | 'serviceTimeMs'>,
): GeneratorCondition {
  const all = addedBy(generator, sendDelay === null ? null : Histogram.restore(sendDelay), figures);
  const condition = { ...generator };
  delete condition.addedMs;
  return { ...condition, ...worthTelling(all) };
}

/**
 * Whether the generator's share is a large part of a figure.
 *
 * @param ofMs the figure, or the smaller of two figures that are compared.
 */
export const isSpoilt = (addedMs: number, ofMs: number): boolean =>
  addedMs > SMALL_DELAY_MS && addedMs > TOLERATED_SHARE * ofMs;

/** The figures of a load that the generator spoilt although it was not saturated, in order. */
export function spoiltFigures(
  generator: GeneratorCondition | null,
  latencyMs: LatencySummary | null,
): (keyof AddedLatency)[] {
  const { addedMs } = generator ?? {};
  if (addedMs === undefined || latencyMs === null) return [];
  return (['avg', 'p50', 'p90', 'p95', 'p99', 'max'] as const).filter((figure) =>
    isSpoilt(addedMs[figure], latencyMs[figure]),
  );
}

function saturationReason(evidence: SaturationEvidence, addedMs: AddedLatency): string | null {
  const { sample, measurement, latencyMs, clientResourceFailures } = evidence;
  const { eventLoopDelayMs, eventLoopUtilization } = sample;
  if (clientResourceFailures > 0) {
    return `${String(clientResourceFailures)} requests failed because this machine ran out of ports or file descriptors.`;
  }
  if (
    eventLoopDelayMs.max >
    Math.max(
      LONG_STANDSTILL_MS,
      LONG_STANDSTILL_SHARE * measurement.durationMs,
      TOLERATED_SHARE * (latencyMs?.max ?? 0),
    )
  ) {
    return `The generator was blocked for ${ms(eventLoopDelayMs.max)} while it measured.`;
  }
  if (latencyMs !== null && isSpoilt(addedMs.p50, latencyMs.p50)) {
    return `The generator sent half of the requests up to ${ms(addedMs.p50)} late, and the median latency is ${ms(latencyMs.p50)}.`;
  }
  if (eventLoopUtilization >= FULL_UTILIZATION && !isHeldUp(sample)) {
    return `The generator was busy for ${percent(eventLoopUtilization)} of the time, using ${percent(sample.cpuShare)} of a core: it could not have sent more.`;
  }
  return null;
}

/**
 * Whether the CPU time of the whole window could fill its longest delay; if not, something held it up that the system
 * does not report.
 */
const isOwnWork = ({ sample, measurement }: SaturationEvidence): boolean =>
  sample.cpuShare * measurement.durationMs >= sample.eventLoopDelayMs.max;

type CpuUse = Pick<GeneratorCondition, 'cpuShare' | 'eventLoopUtilization' | 'cpuWaitShare'>;

/** Whether it waited for a core longer than it had one. */
const isHeldUp = (sample: CpuUse): boolean => waitShare(sample) >= sample.cpuShare;

/** When the system does not report how long a thread waited, it is the busy time minus the CPU time. */
function waitShare({ cpuWaitShare, cpuShare, eventLoopUtilization }: CpuUse): number {
  return cpuWaitShare ?? Math.max(0, eventLoopUtilization - cpuShare);
}

function milliseconds(microseconds: Histogram): NonNullable<GeneratorCondition['sendDelayMs']> {
  if (microseconds.count === 0) return { p50: 0, p99: 0, max: 0 };
  return {
    p50: microseconds.percentile(50) / 1000,
    p99: microseconds.percentile(99) / 1000,
    max: microseconds.max / 1000,
  };
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
