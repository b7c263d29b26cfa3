import type { ExponentialBuckets } from '../counts/histogram.ts';

/** The value of a series at one moment: a number, or a native histogram. */
export interface SeriesValue {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | NativeHistogram;
}

interface NativeHistogram {
  /** Of the buckets: their upper edges are whole powers of 2^(2^-schema). */
  readonly schema: number;
  readonly buckets: ExponentialBuckets;
}

/** The headers that a request with such a body has, by the specification of Prometheus. */
export const REMOTE_WRITE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/**
 * The body of a request of Prometheus remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/), the
 * one that every Prometheus with a remote-write receiver takes: a `WriteRequest` of prompb/types.proto with one sample
 * a series, in Snappy's block format.
 *
 * @param timeMs of all samples, in milliseconds since 1970.
 */
export function remoteWriteBody(series: readonly SeriesValue[], timeMs: number): Uint8Array {
  const request = new Message();
  for (const each of series) request.message(1, timeSeries(each, timeMs));
  return inSnappyBlock(request.bytes);
}

function timeSeries({ name, labels, value }: SeriesValue, timeMs: number): Message {
  const message = new Message();
  // In the order of their names, as the specification asks for.
  const sorted = Object.entries({ __name__: name, ...labels }).sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [label, text] of sorted) message.message(1, new Message().text(1, label).text(2, text));
  if (typeof value === 'number') return message.message(2, new Message().double(1, value).integer(2, timeMs));
  return message.message(4, nativeHistogram(value, timeMs));
}

function nativeHistogram({ schema, buckets }: NativeHistogram, timeMs: number): Message {
  const { count, sum, zeros, first, counts } = buckets;
  const message = new Message()
    .integer(1, count)
    .double(3, sum)
    .integer(4, zigZag(schema))
    .double(5, 0)
    .integer(6, zeros);
  if (counts.length > 0) {
    message.message(11, new Message().integer(1, zigZag(first)).integer(2, counts.length));
    const deltas = new Message();
    counts.forEach((each, index) => deltas.varint(zigZag(each - (counts[index - 1] ?? 0))));
    message.message(12, deltas);
  }
  return message.integer(15, timeMs);
}

/** A signed number as an unsigned one that is as small as its amount: how protobuf writes sint32 and sint64. */
const zigZag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

const [VARINT, FIXED_64, LENGTH] = [0, 1, 2];

const FIRST_SIZE = 64;

/** A message of Protocol Buffers in the making (https://protobuf.dev/programming-guides/encoding/). */
class Message {
  #buffer = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** @param value a whole number from 0 to 2^53 - 1. */
  integer(field: number, value: number): this {
    return this.varint(field * 8 + VARINT).varint(value);
  }

  double(field: number, value: number): this {
    this.varint(field * 8 + FIXED_64).#makeRoom(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
    return this;
  }

  text(field: number, value: string): this {
    return this.#delimited(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: Message): this {
    return this.#delimited(field, value.bytes);
  }

  /** Seven bits a byte, the lowest first; every byte but the last has its eighth bit set. */
  varint(value: number): this {
    this.#makeRoom(8);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[this.#length++] = (rest % 128) + 128;
    this.#buffer[this.#length++] = rest;
    return this;
  }

  #delimited(field: number, bytes: Uint8Array): this {
    this.varint(field * 8 + LENGTH)
      .varint(bytes.length)
      .#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * needed);
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}

const LONGEST_LITERAL = 65_536;

/**
 * Snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt) without any
 * compression, which it allows: some kilobytes that go to this same machine are not worth more.
 */
function inSnappyBlock(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [new Message().varint(bytes.length).bytes];
  for (let start = 0; start < bytes.length; start += LONGEST_LITERAL) {
    const literal = bytes.subarray(start, start + LONGEST_LITERAL);
    const head = Buffer.from([61 * 4, 0, 0]); // a literal whose length less one is in the next two bytes
    head.writeUInt16LE(literal.length - 1, 1);
    parts.push(head, literal);
  }
  return Buffer.concat(parts);
}
