import { type AnswerText, answerText } from './answer-text.ts';
import type { StreamWatch } from './stream-watch.ts';

/** This much of a body is kept; the rest is ignored. */
export const KEPT_BODY_BYTES = 1024 * 1024;
/** The answer parser rejects longer heads. */
const KEPT_HEAD_BYTES = 64 * 1024;

/** One field of the head of an answer, its name in lower case. */
export type Field = readonly [name: string, value: string];

/**
 * Head and body of the answer that is being received, for steps that use it. One for each connection, used again and
 * again.
 */
export class KeptAnswer {
  /** Set by senders that pass on fields instead of bytes, as in HTTP/2. */
  #fields: readonly Field[] | null = null;
  #status = 0;
  #head: Buffer = Buffer.alloc(0);
  #headLength = 0;
  #headComplete = false;
  #body: Buffer = Buffer.alloc(0);
  #bodyLength = 0;
  #withBody = false;
  #stream: StreamWatch | null = null;
  /** The body was longer than what is kept. */
  cut = false;

  /** Forgets the last answer. */
  begin(withBody: boolean, stream: StreamWatch | null = null): void {
    this.#stream = stream;
    stream?.begin();
    this.#fields = null;
    this.#status = 0;
    this.#headLength = 0;
    this.#headComplete = false;
    this.#bodyLength = 0;
    this.#withBody = withBody;
    this.cut = false;
  }

  /** Adds bytes as they came from the server; what follows the head is not looked at. */
  addRaw(bytes: Uint8Array, start: number, end: number): void {
    if (this.#headComplete) return;
    const before = this.#headLength;
    this.#head = grown(this.#head, before, Math.min(KEPT_HEAD_BYTES, before + end - start));
    const taken = Math.min(end - start, KEPT_HEAD_BYTES - before);
    this.#head.set(bytes.subarray(start, start + taken), before);
    this.#headLength += taken;
    this.#endHead(before);
  }

  /** Takes the fields of an answer whose head is not text. */
  setFields(fields: readonly Field[], status = 0): void {
    this.#fields = fields;
    this.#status = status;
  }

  addBody(bytes: Uint8Array, start: number, end: number): void {
    this.#stream?.add(bytes, start, end);
    if (!this.#withBody) return;
    const taken = Math.min(end - start, KEPT_BODY_BYTES - this.#bodyLength);
    if (taken < end - start) this.cut = true;
    this.#body = grown(this.#body, this.#bodyLength, this.#bodyLength + taken);
    this.#body.set(bytes.subarray(start, start + taken), this.#bodyLength);
    this.#bodyLength += taken;
  }

  /** The fields in their order, with names in lower case. */
  get fields(): readonly Field[] {
    this.#fields ??= fieldsIn(this.#head.toString('latin1', 0, this.#headLength));
    return this.#fields;
  }

  /** The status of the answer; 0 while its head is incomplete. */
  get status(): number {
    if (!this.#headComplete) return this.#status;
    return Number(
      /^\s*HTTP\/\S+ (\d{3})/.exec(this.#head.toString('latin1', 0, Math.min(this.#headLength, 64)))?.[1] ?? 0,
    );
  }

  /** The text of the body, as far as it is kept. */
  get body(): AnswerText {
    return answerText(this.#body.subarray(0, this.#bodyLength), this.cut, this.fields);
  }

  /** An interim answer (1xx) is dropped: another head follows it. */
  #endHead(from: number): void {
    let at = Math.max(0, from - 3);
    for (;;) {
      const end = endOfHead(this.#head, at, this.#headLength);
      if (end < 0) return;
      if (!/^\s*HTTP\/\S+ 1\d\d/.test(this.#head.toString('latin1', 0, Math.min(end, 64)))) {
        this.#headLength = end;
        this.#headComplete = true;
        return;
      }
      this.#head.copyWithin(0, end, this.#headLength);
      this.#headLength -= end;
      at = 0;
    }
  }
}

/** The same bytes with room for more. */
function grown(buffer: Buffer, used: number, wanted: number): Buffer {
  if (buffer.length >= wanted) return buffer;
  const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * buffer.length, 1024));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

const LF = 10;
const CR = 13;

/**
 * The index after the empty line that ends a head; -1 while it is not there. Empty lines before the head are none of
 * it.
 */
function endOfHead(bytes: Uint8Array, start: number, end: number): number {
  let begun = start;
  while (start === 0 && begun < end && (bytes[begun] === CR || bytes[begun] === LF)) begun++;
  for (let at = begun; at < end; at++) {
    if (bytes[at] !== LF) continue;
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (next < end && bytes[next] === LF) return next + 1;
  }
  return -1;
}

/** A line that begins with a blank goes on with the one before (RFC 9112, 5.2). */
function fieldsIn(head: string): Field[] {
  const lines = head
    .trim()
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .slice(1);
  return lines.flatMap((line): Field[] => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]];
  });
}
