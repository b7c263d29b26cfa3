/**
 * engine/ decides when each request of a load is due, in the closed and in the open model. The sender and the clock are
 * passed in.
 */
import type { Clock } from '../../clock.ts';
import type { LoadResult } from '../../model/load.ts';
import type { JourneyCounts } from '../counts/journey-counts.ts';
import type { LoadCounts } from '../counts/load-counts.ts';
import { type LoadMeasurement, loadResult } from '../counts/measurement.ts';
import { Recorder } from '../counts/recorder.ts';
import type { LoadPlan } from '../requests/plan.ts';
import type { Sender } from '../sender.ts';
import { ClosedModel } from './closed-model.ts';
import { OpenModel } from './open-model.ts';
import { JourneyTraffic } from './journey-traffic.ts';
import type { LoadTraffic, Model, TrafficPorts } from './pacing.ts';
import { StagedUsers } from './staged-users.ts';
import { Traffic } from './traffic.ts';
import { unlessAborted, warmUp } from './warm-up.ts';
import { warmUpJourneys } from './warm-up-journeys.ts';

/** How far the measured window has come. */
export interface LoadProgress {
  /** Milliseconds since the measured window began. */
  readonly elapsedMs: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
}

export interface LoadOptions {
  /** Ends the load early; what was measured until then is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Called after the warm-up; the load begins when its promise is fulfilled. */
  readonly onWarm?: (() => Promise<void>) | undefined;
  /** Called about once a second while requests are measured. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Called when the measured window begins, and about every two seconds while it lasts. */
  readonly onCounts?: ((counts: LoadCounts) => void) | undefined;
  /**
   * Called about every two seconds while requests are measured, with everything measured so far: copies every
   * histogram.
   */
  readonly onMeasured?: ((soFar: LoadMeasurement) => void) | undefined;
}

const PROGRESS_EVERY_MS = 1000;
/** As often as Prometheus scrapes the server (manifests/platform/prometheus). */
const COUNTS_EVERY_MS = 2000;

/**
 * Sends the load of a plan and returns what was measured, in this thread.
 *
 * Warm-up and ramp-up come first and are not counted. The measured window ends after
 * `plan.requests` answers, after `plan.durationMs`, or when the signal is aborted, whichever comes
 * first. When time is up, requests on their way are awaited and counted; when it is aborted, they count as
 * `cancelled`. The caller closes the sender.
 *
 * @throws RangeError when the plan has no end, no target or no connection. A request that fails never throws.
 */
export async function generateLoad(
  plan: LoadPlan,
  sender: Sender,
  clock: Clock,
  options: LoadOptions = {},
): Promise<LoadResult> {
  return loadResult(plan, await measureLoad(plan, sender, clock, options), 1, null);
}

/** Like `generateLoad`, but returns the raw counts, which can be added to those of other threads. */
export async function measureLoad(
  plan: LoadPlan,
  sender: Sender,
  clock: Clock,
  options: LoadOptions = {},
): Promise<LoadMeasurement> {
  refuseEndlessPlan(plan);
  const { signal } = options;
  const { journeys } = plan;
  const ports = { sender, clock, recorder: new Recorder(plan.targets) };
  if (journeys === undefined) await warmUp(plan, ports, signal);
  else await unlessAborted(warmUpJourneys(plan, journeys, ports, signal), signal);
  await options.onWarm?.();
  return new Run(plan, ports, options).measure();
}

function refuseEndlessPlan(plan: LoadPlan): void {
  if (plan.requests === null && plan.durationMs === null)
    throw new RangeError('The load has neither a count nor a duration');
  if (plan.targets.length === 0) throw new RangeError('The load has no target');
  if (!(plan.model.concurrency >= 1)) throw new RangeError('The load has no connection');
}

/** One run of a plan after its warm-up: the ramp, the measured window and its end. */
class Run {
  readonly #plan: LoadPlan;
  readonly #clock: Clock;
  readonly #options: LoadOptions;
  readonly #traffic: LoadTraffic;
  readonly #journeys: JourneyCounts | null;
  readonly #model: Model;
  /** Aborted at the end, to end every sleep. */
  readonly #halt = new AbortController();
  readonly #drained: Promise<void>;
  #onDrained = (): void => undefined;
  #start: Moment | null = null;
  #end: Moment | null = null;

  constructor(plan: LoadPlan, outside: Omit<TrafficPorts, 'onFree'>, options: LoadOptions) {
    const { clock } = outside;
    this.#plan = plan;
    this.#clock = clock;
    this.#options = options;
    const onFree = (connection: number): void => {
      this.#freed(connection);
    };
    const ports = { ...outside, onFree };
    if (plan.journeys === undefined) {
      this.#traffic = new Traffic(plan, ports);
      this.#journeys = null;
    } else {
      const traffic = new JourneyTraffic(plan, plan.journeys, ports);
      this.#traffic = traffic;
      this.#journeys = traffic.counts;
    }
    this.#model = modelOf(plan, this.#traffic, clock);
    this.#drained = new Promise((resolve) => (this.#onDrained = resolve));
    // The first look builds a table, which would disturb the first measured requests.
    if (options.onCounts !== undefined) this.#counts();
  }

  async measure(): Promise<LoadMeasurement> {
    const { signal } = this.#options;
    if (signal?.aborted !== true) await this.#untilEnd(signal);
    this.#traffic.cancel();
    return this.#measurement();
  }

  async #untilEnd(signal: AbortSignal | undefined): Promise<void> {
    const tasks = Promise.all([
      this.#keepTime(),
      this.#paceRequests(),
      this.#reportProgress(),
      this.#reportCounts(),
      this.#reportMeasured(),
    ]);
    try {
      // The tasks can only end the run by failing; their completion means nothing.
      await unlessAborted(Promise.race([this.#drained, tasks.then(() => this.#drained)]), signal);
      this.#end ??= this.#moment();
    } finally {
      this.#halt.abort();
    }
    await tasks;
  }

  async #keepTime(): Promise<void> {
    if (this.#plan.rampUpMs > 0) await this.#sleep(this.#plan.rampUpMs);
    if (this.#halted()) return;
    this.#start = this.#moment();
    this.#traffic.windowBeganMs = this.#start.ms;
    this.#model.measure();
    this.#options.onCounts?.(this.#counts());
    if (this.#plan.durationMs === null) return;
    await this.#sleep(this.#plan.durationMs);
    if (this.#halted()) return;
    this.#model.stop();
    this.#traffic.stop();
    this.#end = this.#moment();
    this.#endWhenDrained();
  }

  async #paceRequests(): Promise<void> {
    try {
      await this.#model.begin(this.#halt.signal);
    } catch (error) {
      if (!this.#halted()) throw error;
    }
    this.#endWhenDrained();
  }

  async #reportProgress(): Promise<void> {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    await this.#lookEvery(PROGRESS_EVERY_MS, (start) => {
      const elapsedMs = this.#clock.now() - start.ms;
      const { requestsSent: sent, answered, failed } = this.#traffic;
      onProgress({ elapsedMs, sent, answered, failed });
    });
  }

  async #reportCounts(): Promise<void> {
    const { onCounts } = this.#options;
    if (onCounts === undefined) return;
    await this.#lookEvery(COUNTS_EVERY_MS, () => {
      onCounts(this.#counts());
    });
  }

  async #reportMeasured(): Promise<void> {
    const { onMeasured } = this.#options;
    if (onMeasured === undefined) return;
    await this.#lookEvery(COUNTS_EVERY_MS, () => {
      onMeasured(this.#soFar());
    });
  }

  /** Looks at regular intervals until the end, but not before the measured window has begun. */
  async #lookEvery(everyMs: number, look: (start: Moment) => void): Promise<void> {
    for (;;) {
      await this.#sleep(everyMs);
      if (this.#halted()) return;
      if (this.#start !== null) look(this.#start);
    }
  }

  #counts(): LoadCounts {
    return {
      inFlight: this.#traffic.inFlight,
      sentLate: this.#model.sentLate,
      notSent: 0,
      targets: this.#traffic.recorder.counts(),
    };
  }

  #freed(connection: number): void {
    this.#model.freed(connection);
    this.#endWhenDrained();
  }

  #endWhenDrained(): void {
    if (this.#traffic.idle && this.#model.exhausted) this.#onDrained();
  }

  /** Sleeps for `ms` or until the run is over. */
  async #sleep(ms: number): Promise<void> {
    try {
      await this.#clock.sleep(ms, this.#halt.signal);
    } catch (error) {
      if (!this.#halted()) throw error;
    }
  }

  #halted(): boolean {
    return this.#halt.signal.aborted;
  }

  #moment(): Moment {
    return { ms: this.#clock.now(), date: this.#clock.date().getTime() };
  }

  #measurement(): LoadMeasurement {
    const { requests } = this.#plan;
    // First, because it is counted by stage, too.
    const notSent = requests === null ? this.#model.countOverdue() : requests - this.#traffic.sent;
    return { ...this.#soFar(), notSent };
  }

  /** Requests that were never sent are known at the end. */
  #soFar(): LoadMeasurement {
    const end = this.#end ?? this.#moment();
    const start = this.#start ?? end;
    return {
      startedAt: start.date,
      // The calendar may have been changed meanwhile; the window's length comes from the monotonic clock.
      endedAt: Math.round(start.date + end.ms - start.ms),
      durationMs: end.ms - start.ms,
      sentLate: this.#model.sentLate,
      notSent: 0,
      sendDelay: this.#model.sendDelay,
      tallies: this.#traffic.recorder.snapshot(),
      timeline: this.#traffic.timeline.snapshot(),
      ...(this.#journeys === null ? {} : { journeys: this.#journeys.snapshot() }),
      ...(this.#traffic.stages === null ? {} : { stages: this.#traffic.stages.snapshot() }),
    };
  }
}

function modelOf(plan: LoadPlan, traffic: LoadTraffic, clock: Clock): Model {
  if (plan.model.kind === 'open') return new OpenModel(plan, plan.model, traffic, clock);
  return plan.stages === undefined
    ? new ClosedModel(plan, traffic, clock)
    : new StagedUsers(plan.stages, plan, traffic, clock);
}

/** The same moment by the monotonic clock and by the calendar. */
interface Moment {
  readonly ms: number;
  readonly date: number;
}
