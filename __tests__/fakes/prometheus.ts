import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from './close-server.ts';

/** What a remote-write request told of one series. */
export interface ReadSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly timeMs: number;
  readonly value: number | ReadHistogram;
}

interface ReadHistogram {
  readonly count: number;
  readonly sum: number;
  readonly schema: number;
  readonly zeros: number;
  /** How many values each bucket holds, by its index. */
  readonly buckets: Readonly<Record<number, number>>;
}

/** A protobuf message by field number, in the order in which the fields came. */
type Fields = Map<number, (number | Buffer)[]>;

/** Reads the body of a remote-write 1.0 request back, by the specifications of Snappy, protobuf and prompb. */
export function readRemoteWrite(body: Uint8Array): ReadSeries[] {
  return buffers(fieldsOf(withoutSnappy(Buffer.from(body))), 1).map((bytes) => {
    const series = fieldsOf(bytes);
    const labels = Object.fromEntries(
      buffers(series, 1)
        .map(fieldsOf)
        .map((label) => [text(label, 1), text(label, 2)]),
    );
    const [sample] = buffers(series, 2).map(fieldsOf);
    if (sample !== undefined) return { labels, timeMs: number(sample, 2), value: double(sample, 1) };
    const [histogram = new Map<number, (number | Buffer)[]>()] = buffers(series, 4).map(fieldsOf);
    return { labels, timeMs: number(histogram, 15), value: readHistogram(histogram) };
  });
}

function readHistogram(fields: Fields): ReadHistogram {
  const buckets: Record<number, number> = {};
  const deltas = varints(buffers(fields, 12)[0] ?? Buffer.alloc(0)).map(zigZag);
  let [index, value] = [0, 0];
  for (const span of buffers(fields, 11).map(fieldsOf)) {
    index += zigZag(number(span, 1));
    for (let left = number(span, 2); left > 0; left -= 1) {
      value += deltas.shift() ?? NaN;
      buckets[index] = value;
      index += 1;
    }
  }
  if (deltas.length > 0) throw new Error('There are more deltas than buckets');
  return {
    count: number(fields, 1),
    sum: double(fields, 3),
    schema: zigZag(number(fields, 4)),
    zeros: number(fields, 6),
    buckets,
  };
}

function withoutSnappy(bytes: Buffer): Buffer {
  let at = 0;
  const [length, start] = varint(bytes, at);
  at = start;
  const literals: Buffer[] = [];
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at);
    if ((tag & 3) !== 0) throw new Error('Only literals are read here');
    const extra = Math.max(0, (tag >> 2) - 59);
    const size = (extra === 0 ? tag >> 2 : bytes.readUIntLE(at + 1, extra)) + 1;
    literals.push(bytes.subarray(at + 1 + extra, at + 1 + extra + size));
    at += 1 + extra + size;
  }
  const whole = Buffer.concat(literals);
  if (whole.length !== length)
    throw new Error(`Snappy says ${String(length)} bytes, but there are ${String(whole.length)}`);
  return whole;
}

function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  for (let at = 0; at < bytes.length;) {
    const [key, start] = varint(bytes, at);
    const [value, next] = fieldValue(bytes, start, key & 7);
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
    at = next;
  }
  return fields;
}

function fieldValue(bytes: Buffer, at: number, kind: number): [number | Buffer, number] {
  if (kind === 0) return varint(bytes, at);
  if (kind === 1) return [bytes.subarray(at, at + 8), at + 8];
  if (kind !== 2) throw new Error(`No such kind of field: ${String(kind)}`);
  const [length, start] = varint(bytes, at);
  return [bytes.subarray(start, start + length), start + length];
}

function varint(bytes: Buffer, start: number): [value: number, next: number] {
  let [value, factor, at] = [0, 1, start];
  for (;;) {
    const byte = bytes.readUInt8(at);
    value += (byte % 128) * factor;
    factor *= 128;
    at += 1;
    if (byte < 128) return [value, at];
  }
}

function varints(bytes: Buffer): number[] {
  const all: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varint(bytes, at);
    all.push(value);
    at = next;
  }
  return all;
}

const zigZag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
const buffers = (fields: Fields, field: number): Buffer[] =>
  (fields.get(field) ?? []).filter((value) => Buffer.isBuffer(value));
const text = (fields: Fields, field: number): string => buffers(fields, field)[0]?.toString('utf8') ?? '';
const double = (fields: Fields, field: number): number => buffers(fields, field)[0]?.readDoubleLE() ?? 0;
const number = (fields: Fields, field: number): number => Number(fields.get(field)?.[0] ?? 0);

/** A Prometheus that only takes remote writes. */
export interface FakePrometheus extends AsyncDisposable {
  readonly port: number;
  readonly requests: {
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
    readonly series: ReadSeries[];
  }[];
}

/** @param answer the status of a request, by its number from 0 on; 204 without it. */
export async function startPrometheus(
  answer: (index: number) => number | Promise<number> = () => 204,
): Promise<FakePrometheus> {
  const requests: FakePrometheus['requests'] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      requests.push({
        path: request.url ?? '',
        headers: request.headers,
        series: readRemoteWrite(Buffer.concat(chunks)),
      });
      const status = await answer(requests.length - 1);
      response.writeHead(status).end(status < 300 ? '' : 'out of order sample\n');
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}
