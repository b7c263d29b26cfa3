import type { Clock } from '../clock.ts';
import type { Change } from './metrics.ts';

/**
 * Restarts both versions, and waits until they are healthy and warm. Its time does not count. Without it, and when it
 * returns false because there is nothing to restart, a hit is confirmed on the same start.
 *
 * @param found what is to be confirmed.
 */
export type StartAgain = (found: Change) => Promise<boolean>;

/** The restarts of both versions that a comparison makes to confirm a hit. */
export class Restarts {
  readonly #startAgain: StartAgain | undefined;
  readonly #clock: Pick<Clock, 'now'>;
  #possible: boolean;
  #count = 0;
  #tookMs = 0;

  constructor({
    startAgain,
    clock,
  }: {
    readonly startAgain?: StartAgain | undefined;
    readonly clock: Pick<Clock, 'now'>;
  }) {
    this.#startAgain = startAgain;
    this.#clock = clock;
    this.#possible = startAgain !== undefined;
  }

  /** Whether there can be another one: not once there was nothing to restart. */
  get possible(): boolean {
    return this.#possible;
  }

  /** How often both versions were restarted. */
  get count(): number {
    return this.#count;
  }

  /** How long the restarts took in total, in milliseconds, with what was done before each of them. */
  get tookMs(): number {
    return this.#tookMs;
  }

  /**
   * Restarts both versions, if that is possible.
   *
   * @param before what can't be done afterwards.
   */
  async again(found: Change, before?: () => Promise<void>): Promise<void> {
    if (!this.#possible || this.#startAgain === undefined) return;
    const beganMs = this.#clock.now();
    await before?.();
    this.#possible = await this.#startAgain(found);
    if (this.#possible) this.#count += 1;
    this.#tookMs += this.#clock.now() - beganMs;
  }
}
