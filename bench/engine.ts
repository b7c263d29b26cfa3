import { execFileSync } from 'node:child_process';
import { systemClock } from '../src/adapters/clock.ts';
import { openFastSender } from '../src/adapters/engine/connection.ts';
import { rehearse } from '../src/adapters/engine/load-rehearsal.ts';
import { openSender } from '../src/adapters/engine/open-sender.ts';
import { watchGenerator } from '../src/adapters/engine/load-watch.ts';
import { Histogram } from '../src/load/counts/histogram.ts';
import { loadResult } from '../src/load/counts/measurement.ts';
import { judgeGenerator } from '../src/load/counts/saturation.ts';
import { measureLoad } from '../src/load/engine/generate.ts';
import type { LoadPlan } from '../src/load/requests/plan.ts';
import type { Sender } from '../src/load/sender.ts';
import type { GeneratorCondition } from '../src/model/load.ts';
import { onLoopback } from '../src/model/endpoint.ts';
import { median } from './statistics.ts';
import { openUndiciSender } from './undici-dispatch.ts';
import { openRequestSender } from './undici-request.ts';

/**
 * One run of one of our engines in a process of its own, so that it can be pinned to a core:
 * `engine.ts ENGINE PORT PLAN [ahead] [timed]`, the plan as JSON; `ahead` of all other programs, `timed` to tell when the
 * load began. Prints an EngineRun as JSON.
 */
const OPEN = {
  fast: openFastSender,
  /** Its port is that of an entry over TLS, whose certificate is not looked at. */
  tls: openSender,
  unrehearsed: openFastSender,
  undici: openUndiciSender,
  request: openRequestSender,
};

export type EngineName = keyof typeof OPEN;

export interface EngineRun {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The median over slices of the run of their 99th percentile: a pause of the machine is in a few slices only. */
  readonly p99OfSliceMs: number;
  readonly failed: number;
  readonly sentLate: number;
  /** By how much the generator itself sent requests late although a connection was free; null in the closed model. */
  readonly sendDelayP99Ms: number | null;
  /**
   * When the load began, in milliseconds of CLOCK_MONOTONIC, which is that of every process; null unless it is asked for: the
   * clock that notes it is not that of the rehearsal, so that V8 compiles the engine anew.
   */
  readonly beganMs: number | null;
  readonly cpuMicrosPerRequest: number;
  readonly rssBytes: number;
  /** What the engine says of itself. */
  readonly generator: GeneratorCondition;
}

const [engine, port, planText, ...options] = process.argv.slice(2);
if (engine !== undefined && port !== undefined && planText !== undefined) {
  // Of this thread alone: with the same priority, those of V8 would each keep the core until they are done.
  if (options.includes('ahead')) execFileSync('chrt', ['--rr', '--pid', '1', String(process.pid)]);
  const plan = JSON.parse(planText) as LoadPlan;
  if (engine === 'fast' || engine === 'tls') await rehearse(plan, undefined);
  const sender = OPEN[engine as EngineName]({
    endpoint: {
      ...onLoopback(Number(port)),
      ...(engine === 'tls'
        ? { tls: { port: Number(port), authorities: [], unverified: plan.targets.map(({ host }) => host) } }
        : {}),
    },
    httpVersion: plan.httpVersion,
    streams: plan.streams,
    targets: plan.targets,
    connections: plan.model.concurrency,
    requestTimeoutMs: plan.requestTimeoutMs,
  });
  console.log(JSON.stringify(await run(plan, sender, options.includes('timed'))));
}

async function run(plan: LoadPlan, sender: Sender, timed: boolean): Promise<EngineRun> {
  let before = process.cpuUsage();
  let beganMs = NaN;
  const now = (): number => {
    // The first look at the clock after the warm-up is the beginning of the load.
    if (Number.isNaN(beganMs)) beganMs = Number(process.hrtime.bigint()) / 1e6;
    return systemClock.now();
  };
  // What it costs to watch the generator belongs to its cost.
  let endWatch = watchGenerator();
  const onWarm = (): Promise<void> => {
    endWatch();
    before = process.cpuUsage();
    endWatch = watchGenerator();
    beganMs = NaN;
    return Promise.resolve();
  };
  const measurement = await measureLoad(plan, sender, timed ? { ...systemClock, now } : systemClock, { onWarm });
  const sample = endWatch();
  const { user, system } = process.cpuUsage(before);
  await sender.close();
  const { total, sentLate, timeline = [] } = loadResult(plan, measurement, 1, null);
  return {
    requestsPerSecond: total.requestsPerSecond ?? 0,
    p50Ms: total.latencyMs?.p50 ?? NaN,
    p90Ms: total.latencyMs?.p90 ?? NaN,
    p99Ms: total.latencyMs?.p99 ?? NaN,
    maxMs: total.latencyMs?.max ?? NaN,
    p99OfSliceMs: median(timeline.map(({ p99Ms }) => p99Ms).filter((p99Ms) => p99Ms !== null)),
    failed: total.failed,
    sentLate,
    sendDelayP99Ms:
      measurement.sendDelay === null ? null : Histogram.restore(measurement.sendDelay).percentile(99) / 1000,
    beganMs: timed ? beganMs : null,
    cpuMicrosPerRequest: (user + system) / total.sent,
    rssBytes: process.memoryUsage().rss,
    generator: judgeGenerator({
      sample,
      measurement,
      clientResourceFailures: total.failures['client-resource'] ?? 0,
      latencyMs: total.latencyMs,
      serviceTimeMs: total.serviceTimeMs,
    }),
  };
}
