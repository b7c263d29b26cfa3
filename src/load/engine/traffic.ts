import type { Clock } from '../../clock.ts';
import { Recorder } from '../counts/recorder.ts';
import { StageCounts } from '../counts/stage-counts.ts';
import { Timeline } from '../counts/timeline.ts';
import type { Random } from '../random.ts';
import type { LoadPlan } from '../requests/plan.ts';
import { isAnswered, type Outcome, type Sender } from '../sender.ts';
import type { LoadTraffic, TrafficPorts } from './pacing.ts';
import { targetSequence, valueStream } from './schedule.ts';

/** The outcome of a request that is in flight when the run is cancelled. */
export const NEVER_ANSWERED: Outcome = {
  status: 0,
  bytes: 0,
  failure: 'cancelled',
  serviceMs: 0,
  waitingMs: 0,
  handshake: null,
  retried: false,
};

/** Sends requests of a plan over its connections, knows what is in flight, and records the outcomes. */
export class Traffic implements LoadTraffic {
  readonly recorder: Recorder;
  readonly timeline = new Timeline();
  /** Null for a constant load. */
  readonly stages: StageCounts | null;
  /** Index of the stage to which the next request belongs. */
  stage = 0;
  /** When the measured window began, by the clock. */
  windowBeganMs = 0;
  /** Requests in flight, measured or not. */
  inFlight = 0;
  /** Measured requests sent so far. */
  sent = 0;
  /** Measured requests answered so far. */
  answered = 0;
  /** Measured requests failed so far. */
  failed = 0;
  /** Records the ramp-up, which is then discarded: otherwise V8 would compile the recording in the measured window. */
  readonly #forgotten: { readonly recorder: Recorder; readonly timeline: Timeline };
  readonly #sender: Sender;
  readonly #clock: Clock;
  readonly #onFree: (connection: number) => void;
  readonly #nextTarget: () => number;
  readonly #nextRampUpTarget: () => number;
  readonly #values: Random;
  readonly #rampUpValues: Random;
  readonly #onDone: ((outcome: Outcome) => void)[] = [];
  // The request in flight on each connection.
  readonly #busy: Uint8Array;
  readonly #measured: Uint8Array;
  readonly #target: Uint32Array;
  readonly #delayMs: Float64Array;
  readonly #stage: Uint8Array;
  #cancelled = false;

  constructor(plan: LoadPlan, { sender, clock, recorder, onFree }: TrafficPorts) {
    const connections = plan.model.concurrency;
    this.recorder = recorder;
    this.stages = plan.stages === undefined ? null : new StageCounts(plan.stages);
    this.#forgotten = { recorder: new Recorder(plan.targets.slice(0, 1)), timeline: new Timeline() };
    this.#sender = sender;
    this.#clock = clock;
    this.#onFree = onFree;
    this.#nextTarget = targetSequence(plan.targets, plan.seed);
    this.#values = valueStream(plan.seed);
    // A separate sequence, so the length of the ramp does not change what is measured.
    this.#nextRampUpTarget = targetSequence(plan.targets, `${plan.seed}/ramp-up`);
    this.#rampUpValues = valueStream(`${plan.seed}/ramp-up`);
    this.#busy = new Uint8Array(connections);
    this.#measured = new Uint8Array(connections);
    this.#target = new Uint32Array(connections);
    this.#delayMs = new Float64Array(connections);
    this.#stage = new Uint8Array(connections);
    for (let connection = 0; connection < connections; connection++) {
      this.#onDone.push((outcome) => {
        this.#done(connection, outcome);
      });
    }
  }

  /**
   * Sends one request on a free connection.
   *
   * @param delayMs milliseconds since it was due.
   * @param measured whether it is recorded.
   */
  send(connection: number, delayMs: number, measured: boolean): void {
    const onDone = this.#onDone[connection];
    if (onDone === undefined) throw new RangeError(`There is no connection ${String(connection)}`);
    const target = measured ? this.#nextTarget() : this.#nextRampUpTarget();
    this.#busy[connection] = 1;
    this.#measured[connection] = measured ? 1 : 0;
    this.#target[connection] = target;
    this.#delayMs[connection] = delayMs;
    this.#stage[connection] = this.stage;
    this.inFlight += 1;
    if (measured) this.sent += 1;
    this.#sender.send(connection, target, onDone, measured ? this.#values : this.#rampUpValues);
  }

  get requestsSent(): number {
    return this.sent;
  }

  get idle(): boolean {
    return this.inFlight === 0;
  }

  stop(): void {
    // After an answer, nothing follows unless the model sends it.
  }

  /** Records every measured request in flight as cancelled; later answers are ignored. */
  cancel(): void {
    this.#cancelled = true;
    this.#busy.forEach((busy, connection) => {
      if (busy === 1) this.#record(connection, NEVER_ANSWERED);
    });
    this.inFlight = 0;
  }

  #done(connection: number, outcome: Outcome): void {
    if (this.#cancelled) return;
    this.#busy[connection] = 0;
    this.inFlight -= 1;
    this.#record(connection, outcome);
    this.#onFree(connection);
  }

  #record(connection: number, outcome: Outcome): void {
    const delayMs = this.#delayMs[connection] ?? 0;
    if (outcome.handshake !== null)
      this.recorder.recordHandshake(this.#target[connection] ?? 0, outcome.handshake, this.#measured[connection] === 1);
    if (this.#measured[connection] !== 1) {
      this.#forgotten.recorder.record(0, outcome, delayMs);
      this.#forgotten.timeline.record(0, outcome, delayMs);
      return;
    }
    if (isAnswered(outcome)) this.answered += 1;
    if (outcome.failure !== null && outcome.failure !== 'cancelled') this.failed += 1;
    this.recorder.record(this.#target[connection] ?? 0, outcome, delayMs);
    if (this.stages !== null) this.stages.record(this.#stage[connection] ?? 0, outcome, delayMs);
    if (outcome.failure !== 'cancelled') this.timeline.record(this.#clock.now() - this.windowBeganMs, outcome, delayMs);
  }
}
