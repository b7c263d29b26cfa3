import type { Clock } from '../../clock.ts';
import type { LoadPlan } from '../requests/plan.ts';
import type { LoadTraffic, Model } from './pacing.ts';

/**
 * The closed model: `concurrency` users, each of which sends its next request when the last one is answered. A slow
 * answer holds its user back, so this model sends less the slower the system is ("coordinated omission", Gil Tene); use
 * the open model to learn what independent users experience. During the ramp, users start one after another.
 */
export class ClosedModel implements Model {
  readonly sentLate = 0;
  readonly sendDelay = null;
  // Not the plan itself, as in the open model.
  readonly #requests: number;
  readonly #rampUpMs: number;
  readonly #users: number;
  readonly #traffic: LoadTraffic;
  readonly #clock: Clock;
  #measuring = false;
  #stopped = false;

  constructor(plan: LoadPlan, traffic: LoadTraffic, clock: Clock) {
    this.#requests = plan.requests ?? -1;
    this.#rampUpMs = plan.rampUpMs;
    this.#users = plan.model.concurrency;
    this.#traffic = traffic;
    this.#clock = clock;
  }

  get exhausted(): boolean {
    return this.#stopped || this.#traffic.sent === this.#requests;
  }

  async begin(halt: AbortSignal): Promise<void> {
    for (let user = 0; user < this.#users && !halt.aborted; user++) {
      if (user > 0 && this.#rampUpMs > 0) await this.#clock.sleep(this.#rampUpMs / this.#users, halt);
      this.freed(user);
    }
  }

  measure(): void {
    this.#measuring = true;
  }

  freed(connection: number): void {
    if (!this.exhausted) this.#traffic.send(connection, 0, this.#measuring);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** No request of this model has its own due time. */
  countOverdue(): number {
    return 0;
  }
}
