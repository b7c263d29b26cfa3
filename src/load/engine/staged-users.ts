import type { Clock } from '../../clock.ts';
import type { LoadPlan } from '../requests/plan.ts';
import type { LoadStage } from '../requests/stages.ts';
import type { LoadTraffic, Model } from './pacing.ts';

/**
 * The closed model in stages: as many users as the stage has, each sending its next request when the last one is
 * answered. When a stage has fewer users, the others stop after their answer.
 */
export class StagedUsers implements Model {
  readonly sentLate = 0;
  readonly sendDelay = null;
  readonly #stages: readonly LoadStage[];
  readonly #traffic: LoadTraffic;
  readonly #clock: Clock;
  /** 1 for a user that could send but does not. */
  readonly #idle: Uint8Array;
  #users = 0;
  #stopped = false;

  constructor(stages: readonly LoadStage[], plan: LoadPlan, traffic: LoadTraffic, clock: Clock) {
    this.#stages = stages;
    this.#traffic = traffic;
    this.#clock = clock;
    this.#idle = new Uint8Array(plan.model.concurrency).fill(1);
  }

  get exhausted(): boolean {
    return this.#stopped;
  }

  async begin(halt: AbortSignal): Promise<void> {
    let startMs = this.#clock.now();
    for (const [index, { durationMs, from, to }] of this.#stages.entries()) {
      this.#traffic.stage = index;
      this.#setUsers(from);
      const changes = Math.abs(to - from);
      for (let change = 1; change <= changes; change++) {
        await this.#until(startMs + (change / changes) * durationMs, halt);
        this.#setUsers(from + Math.sign(to - from) * change);
      }
      startMs += durationMs;
      await this.#until(startMs, halt);
    }
  }

  measure(): void {
    // There is no ramp-up before the stages: every request is measured.
  }

  freed(connection: number): void {
    if (connection < this.#users && !this.#stopped) this.#traffic.send(connection, 0, true);
    else this.#idle[connection] = 1;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** No request of this model has its own due time. */
  countOverdue(): number {
    return 0;
  }

  #setUsers(users: number): void {
    this.#users = users;
    for (let user = 0; user < users && !this.#stopped; user++) {
      if (this.#idle[user] !== 1) continue;
      this.#idle[user] = 0;
      this.#traffic.send(user, 0, true);
    }
  }

  async #until(ms: number, halt: AbortSignal): Promise<void> {
    const wait = ms - this.#clock.now();
    if (wait > 0 && !this.#stopped) await this.#clock.sleep(wait, halt);
  }
}
