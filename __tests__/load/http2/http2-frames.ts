import { ClientStream, type StreamListener } from '../../../src/load/http2/client-stream.ts';
import { HeadParts } from '../../../src/load/http2/head-parts.ts';
import { Http2Client } from '../../../src/load/http2/http2-client.ts';

/** A frame as it stands on the wire. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}

/** The payload of SETTINGS. */
export const settings = (...pairs: [setting: number, value: number][]): Buffer =>
  Buffer.concat(pairs.map(([setting, value]) => Buffer.concat([Buffer.from([0, setting]), uint32(value)])));

/** A field that gets into no table, its texts without a code and shorter than 127 bytes. */
export const field = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x00, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ]);

/** `:status: 200` (RFC 7541, appendix A). */
export const STATUS_200 = Buffer.from([0x88]);

/** A frame that was read. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The frames in whole bytes, which begin with one. */
export function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUIntBE(at, 3);
    const [type = 0, flags = 0] = bytes.subarray(at + 3, at + 5);
    frames.push({ type, flags, stream: bytes.readUInt32BE(at + 5), payload: bytes.subarray(at + 9, at + 9 + length) });
    at += 9 + length;
  }
  return frames;
}

/** A stream that writes down what becomes of it. */
export class WatchedStream implements StreamListener {
  readonly stream = new ClientStream(this);
  readonly events: unknown[] = [];
  body = '';
  onEnd: () => void = () => undefined;

  written(): void {
    this.events.push('written');
  }

  answered({ status }: { readonly status: number }): void {
    this.events.push(status);
  }

  began(): void {
    this.events.push('began');
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.body += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  }

  ended(): void {
    this.events.push('ended');
    this.onEnd();
  }

  lost(failure: string, unprocessed: boolean): void {
    this.events.push(unprocessed ? `${failure}, unprocessed` : failure);
  }

  /** How often it has come to an end. */
  get outcomes(): number {
    return this.events.filter((event) => typeof event === 'string' && !['written', 'began'].includes(event)).length;
  }
}

const PARTS = new HeadParts();
export const GET = [
  PARTS.constant(':method', 'GET'),
  PARTS.constant(':scheme', 'https'),
  PARTS.constant(':authority', 'foo.localhost'),
  PARTS.constant(':path', '/'),
];

/** A client on an open connection, whose server can be played by hand. */
export class PlayedConnection {
  readonly client: Http2Client;

  /** @param hello what the server says first; SETTINGS without any when missing. */
  constructor(hello = frame(4, 0, 0), firstStream = 1) {
    this.client = new Http2Client(firstStream);
    this.client.begin(null);
    this.client.output.take();
    this.receive(hello);
    this.client.output.take();
  }

  request(body: string | null = null): WatchedStream {
    const watched = new WatchedStream();
    watched.stream.set(GET, [], body === null ? null : Buffer.from(body));
    this.client.open(watched.stream);
    return watched;
  }

  receive(...frames: readonly Buffer[]): void {
    const bytes = Buffer.concat(frames);
    this.client.receive(bytes, 0, bytes.length);
  }

  /** What the client has written since it was last asked. */
  sent(): Frame[] {
    const sent = framesIn(Buffer.from(this.client.output.take()));
    this.client.written();
    return sent;
  }
}
