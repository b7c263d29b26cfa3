import type { GeneratorCondition, LatencySummary } from '../../model/load.ts';
import { Histogram } from './histogram.ts';
import type { LoadMeasurement } from './measurement.ts';

/** What the process of the generator was seen to do during the load. */
export interface GeneratorSample {
  /** CPU time of the process divided by the time that passed. */
  readonly cpuShare: number;
  /** Share of the time in which the event loop had work, 0 to 1. */
  readonly eventLoopUtilization: number;
  /** Share of the time in which the thread could have run but had no core, 0 to 1; null where the system does not tell. */
  readonly cpuWaitShare: number | null;
  /** How much later than asked the event loop came round, in milliseconds. */
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** A loop that has work all the time can do no more: what it reaches is its own limit. */
const FULL_UTILIZATION = 0.95;
/** Delays of our own below this do not matter beside what a network and a scheduler do. */
const SMALL_DELAY_MS = 5;
/** Delays of our own may be so much of the same percentile of the latency. */
const TOLERATED_SHARE = 0.25;
/**
 * Of a generator that had to wait for a core, requests that left late may be so much of the latency. It is more, because what
 * fills the machine is the system under test; beyond it the response time is that of the generator all the same.
 */
const TOLERATED_SHARE_WHEN_HELD_UP = 0.5;
/** A single standstill is serious from here on: this long, this much of the window, and not small beside the longest latency. */
const LONG_STANDSTILL_MS = 250;
const LONG_STANDSTILL_SHARE = 0.02;

/**
 * The worst of several workers. CPU time is that of the one process that they share, so that it is
 * divided among them.
 */
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
}

/**
 * Judges whether the generator, and not the system under test, set the figures.
 *
 * Five signs, the first that holds is the reason: sockets of our own that could not be had;
 * requests of the open model that left late although a connection was free; an event loop that
 * stood still, that came round late, or that never had a pause. Delays count when they are above
 * 5 ms and a quarter of the same percentile of the latency, because then they are in the result.
 *
 * A generator that waits for a core for longer than it has one is held up by whatever fills the
 * machine, which is the system under test. Its delays then set no figure: all cores are at work, so
 * that a generator that came round earlier would find its answers no earlier, and by Little's law
 * (latency = users / throughput) the closed model would show the same. In the open model that law is no excuse:
 * a request that left late has the lateness in its response time, and when that is half of it, the figure is ours.
 */
export function judgeGenerator(evidence: SaturationEvidence): GeneratorCondition {
  const { sample, measurement } = evidence;
  const sendDelayMs = measurement.sendDelay === null ? null : milliseconds(Histogram.restore(measurement.sendDelay));
  const reason = saturationReason(evidence, sendDelayMs);
  const heldUp = reason !== null && evidence.clientResourceFailures === 0 && (isHeldUp(sample) || !isOwnWork(evidence));
  return { ...sample, sendDelayMs, limited: reason !== null, ...(heldUp ? { heldUp } : {}), reason };
}

function saturationReason(evidence: SaturationEvidence, sendDelayMs: GeneratorCondition['sendDelayMs']): string | null {
  const { sample, measurement, latencyMs, clientResourceFailures } = evidence;
  const { eventLoopDelayMs, eventLoopUtilization } = sample;
  const heldUp = isHeldUp(sample);
  const spoils = (delayMs: number, ofMs: number): boolean =>
    !heldUp && delayMs > SMALL_DELAY_MS && delayMs > TOLERATED_SHARE * ofMs;
  if (clientResourceFailures > 0) {
    return `${String(clientResourceFailures)} requests failed because this machine had no port or file descriptor left for them.`;
  }
  const leftLate = sendDelayMs?.p99 ?? 0;
  if (
    leftLate > SMALL_DELAY_MS &&
    leftLate > (heldUp ? TOLERATED_SHARE_WHEN_HELD_UP : TOLERATED_SHARE) * (latencyMs?.p99 ?? 0)
  ) {
    return `The generator sent one request in a hundred more than ${ms(leftLate)} too late, although a connection was free.`;
  }
  if (
    eventLoopDelayMs.max >
    Math.max(
      LONG_STANDSTILL_MS,
      LONG_STANDSTILL_SHARE * measurement.durationMs,
      TOLERATED_SHARE * (latencyMs?.max ?? 0),
    )
  ) {
    return `The generator stood still for ${ms(eventLoopDelayMs.max)} while it measured.`;
  }
  if (spoils(eventLoopDelayMs.p99, latencyMs?.p99 ?? 0)) {
    return `The generator came round to its answers up to ${ms(eventLoopDelayMs.p99)} late (p99), so that latencies are its own in part.`;
  }
  if (eventLoopUtilization >= FULL_UTILIZATION && !heldUp) {
    return `The generator had work for ${percent(eventLoopUtilization)} of the time at ${percent(sample.cpuShare)} of a core: it could not have sent more.`;
  }
  return null;
}

/** Whether its CPU time of the whole window could fill its longest delay: else something held it up that no system tells of. */
const isOwnWork = ({ sample, measurement }: SaturationEvidence): boolean =>
  sample.cpuShare * measurement.durationMs >= sample.eventLoopDelayMs.max;

/** Whether it waited for a core for longer than it had one. */
const isHeldUp = (sample: GeneratorSample): boolean => waitShare(sample) >= sample.cpuShare;

/** Where the system does not tell how long a thread waited, it is the busy time that was no CPU time. */
function waitShare({ cpuWaitShare, cpuShare, eventLoopUtilization }: GeneratorSample): number {
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
