/** Counts how often the same was seen without a break: what comes once, while an ingress reloads, decides nothing. */
export class InARow {
  readonly #enough: number;
  #last: string | null = null;
  #times = 0;

  /** @param enough how often it has to be seen. */
  constructor(enough: number) {
    this.#enough = enough;
  }

  /** Whether this one has been seen often enough now. */
  sees(one: string): boolean {
    this.#times = one === this.#last ? this.#times + 1 : 1;
    this.#last = one;
    return this.#times >= this.#enough;
  }

  forget(): void {
    this.#last = null;
    this.#times = 0;
  }

  /** As it follows after what was seen. */
  get soFar(): string {
    return `${String(this.#times)} of ${String(this.#enough)} times in a row`;
  }
}
