import type { Clock } from '../../clock.ts';
import type { LoadModel } from '../../model/load.ts';
import { Histogram, type HistogramSnapshot } from '../counts/histogram.ts';
import type { LoadPlan } from '../requests/plan.ts';
import type { LoadTraffic, Model } from './pacing.ts';
import { arrivalTimes } from './schedule.ts';
import { stageAt, stagedArrivalTimes } from './staged-arrivals.ts';

/**
 * Timers tick once a millisecond. A request may be sent half a tick early, so the error is half a tick in both
 * directions instead of up to a whole tick late.
 */
const TICK_MS = 1;
const EARLIEST_MS = TICK_MS / 2;
/** Shorter sleeps are not worth interrupting: the listener would cost more CPU than the timer, for each arrival. */
const SHORT_SLEEP_MS = 20;
/** Longer timers overflow in Node above 24 days and then fire at once. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * The open model: requests leave at moments that do not depend on the answers. A request whose
 * moment comes while every connection is busy waits for one; its latency counts from its moment,
 * so that a stall of the system is felt by every request that it held back, as in wrk2. So it does
 * when the generator is late by more than a tick. Within a tick the arrival is moved, not late: the
 * system saw it no earlier than it was sent, and half a millisecond on every latency would be an
 * error of the timer, not a property of the system.
 *
 * During the ramp the rate grows linearly. In stages it is what each of them says.
 */
export class OpenModel implements Model {
  sentLate = 0;
  // Not the plan itself: what V8 compiles for it in the rehearsal would be thrown away at the load's, an object of
  // another shape.
  /** -1 without a limit: a number, whatever the plan, for the same reason. */
  readonly #requests: number;
  readonly #rampUpMs: number;
  /** Nothing is due from here on, in milliseconds after the beginning. */
  readonly #endMs: number;
  readonly #traffic: LoadTraffic;
  readonly #clock: Clock;
  readonly #nextArrival: () => number;
  /** The stage of a moment; null without stages. */
  readonly #stageOf: ((ms: number) => number) | null;
  readonly #sendDelay = new Histogram();
  // A stack: the connection used last is used next, so no more are open than needed.
  readonly #free: number[];
  /** When the load began, by the clock. */
  #beganMs = 0;
  /** When the next request is due, in milliseconds after the beginning. */
  #dueMs: number;
  /** Requests are due, but no connection is free. */
  #blocked = false;
  #stopped = false;

  constructor(plan: LoadPlan, model: Extract<LoadModel, { kind: 'open' }>, traffic: LoadTraffic, clock: Clock) {
    this.#requests = plan.requests ?? -1;
    this.#rampUpMs = plan.rampUpMs;
    this.#endMs = plan.durationMs === null ? Infinity : plan.rampUpMs + plan.durationMs;
    this.#traffic = traffic;
    this.#clock = clock;
    this.#free = Array.from({ length: model.concurrency }, (_, i) => model.concurrency - 1 - i);
    const { stages, rampUpMs, seed, share } = plan;
    this.#nextArrival =
      stages === undefined
        ? arrivalTimes({ ...model, rampUpMs, seed, share })
        : stagedArrivalTimes(stages, { ...model, seed, share });
    this.#stageOf = stages === undefined ? null : stageAt(stages);
    this.#dueMs = this.#nextArrival();
  }

  get exhausted(): boolean {
    return this.#stopped || this.#traffic.sent === this.#requests;
  }

  get sendDelay(): HistogramSnapshot {
    return this.#sendDelay.snapshot();
  }

  async begin(halt: AbortSignal): Promise<void> {
    this.#beganMs = this.#clock.now();
    while (!this.exhausted && !halt.aborted) {
      this.#sendDue();
      const wait = Math.min(Math.max(this.#dueMs - this.#elapsedMs(), TICK_MS), LONGEST_SLEEP_MS);
      await this.#clock.sleep(wait, wait > SHORT_SLEEP_MS ? halt : undefined);
    }
  }

  measure(): void {
    // A request is measured or not depending on when it was due.
  }

  freed(connection: number): void {
    this.#free.push(connection);
    this.#sendDue();
  }

  stop(): void {
    this.#sendDue();
    this.#stopped = true;
  }

  countOverdue(): number {
    const end = Math.min(this.#elapsedMs(), this.#endMs);
    let count = 0;
    for (; this.#dueMs < end; this.#dueMs = this.#nextArrival()) {
      if (this.#dueMs >= this.#rampUpMs) count += 1;
      if (this.#stageOf !== null) this.#traffic.stages?.addOverdue(this.#stageOf(this.#dueMs));
    }
    return count;
  }

  #sendDue(): void {
    for (;;) {
      if (this.exhausted || this.#dueMs >= this.#endMs) return;
      const delayMs = this.#elapsedMs() - this.#dueMs;
      if (delayMs < -EARLIEST_MS) {
        this.#blocked = false;
        return;
      }
      const connection = this.#free.pop();
      if (connection === undefined) {
        this.#blocked = true;
        return;
      }
      this.#send(connection, delayMs);
      this.#dueMs = this.#nextArrival();
    }
  }

  #send(connection: number, delayMs: number): void {
    const measured = this.#dueMs >= this.#rampUpMs;
    // While a backlog is worked off, connections become free for requests that are not due yet.
    const waited = this.#blocked && delayMs > 0;
    if (measured && waited) this.sentLate += 1;
    if (this.#stageOf !== null) this.#enterStage(this.#stageOf(this.#dueMs), waited);
    if (measured && !waited) this.#sendDelay.record(delayMs * 1000);
    const late = waited || delayMs > TICK_MS;
    this.#traffic.send(connection, late ? Math.max(0, delayMs) : 0, measured);
  }

  #enterStage(stage: number, late: boolean): void {
    this.#traffic.stage = stage;
    if (late) this.#traffic.stages?.addLate(stage);
  }

  #elapsedMs(): number {
    return this.#clock.now() - this.#beganMs;
  }
}
