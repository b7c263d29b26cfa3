import type { FailureClass } from '../../model/load.ts';
import { failureOfStatus, isExpectedStatus } from './status.ts';

/** The expected text must be within this many bytes of the body. */
export const TEXT_LIMIT = 4096;

/**
 * Below this size, a loop over bytes is several times faster than Buffer's native methods, which create an object per
 * call; most answers of an echo service are that small.
 */
const SHORT = 128;

/** The first bytes of the body that a connection is receiving. */
export class BodyHead {
  readonly #bytes = Buffer.allocUnsafe(TEXT_LIMIT);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  /** Adds the bytes of `chunk` from `start` to before `end`, as far as there is room. */
  append(chunk: Uint8Array, start: number, end: number): void {
    const wanted = Math.min(end - start, TEXT_LIMIT - this.#length);
    if (wanted < SHORT) {
      for (let i = 0; i < wanted; i++) this.#bytes[this.#length + i] = chunk[start + i] ?? 0;
    } else {
      this.#bytes.set(chunk.subarray(start, start + wanted), this.#length);
    }
    this.#length += wanted;
  }

  contains(text: Buffer): boolean {
    if (this.#length < SHORT) return containsShort(this.#bytes, this.#length, text);
    return this.#bytes.subarray(0, this.#length).includes(text);
  }
}

/** Whether `text` occurs in the first `length` bytes. */
function containsShort(bytes: Uint8Array, length: number, text: Uint8Array): boolean {
  for (let start = 0; start + text.length <= length; start++) {
    let matching = 0;
    while (matching < text.length && bytes[start + matching] === text[matching]) matching++;
    if (matching === text.length) return true;
  }
  return false;
}

/**
 * Judges a complete answer: null when it is right.
 *
 * @param expectedText UTF-8 bytes that a right body contains; null when any body is right.
 * @param expectedStatuses null when any status below 400 is right, except redirects.
 */
export function failureOfAnswer(
  status: number,
  body: BodyHead,
  expectedText: Buffer | null,
  expectedStatuses: readonly number[] | null = null,
): FailureClass | null {
  if (!isExpectedStatus(status, expectedStatuses)) return failureOfStatus(status);
  return expectedText === null || body.contains(expectedText) ? null : 'wrong-answer';
}
