import type { FailureClass } from '../report/model.ts';

/** The expected text must stand within so many bytes of the body. */
export const TEXT_LIMIT = 4096;

/** The first bytes of the body that is being received on a connection. */
export class BodyHead {
  readonly #bytes = Buffer.allocUnsafe(TEXT_LIMIT);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  /** Adds the bytes of `chunk` from `start` to before `end`, as far as there is room. */
  append(chunk: Uint8Array, start: number, end: number): void {
    const wanted = Math.min(end - start, TEXT_LIMIT - this.#length);
    if (wanted <= 0) return;
    this.#bytes.set(chunk.subarray(start, start + wanted), this.#length);
    this.#length += wanted;
  }

  contains(text: Buffer): boolean {
    return this.#bytes.subarray(0, this.#length).includes(text);
  }
}

/**
 * Judges a whole answer: null when it is right.
 *
 * @param expectedText UTF-8 bytes that a right body contains; null when any body is right.
 */
export function failureOfAnswer(status: number, body: BodyHead, expectedText: Buffer | null): FailureClass | null {
  if (status >= 400) return 'http-status';
  return expectedText === null || body.contains(expectedText) ? null : 'wrong-answer';
}
