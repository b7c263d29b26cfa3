import type { FailureClass } from '../../model/load.ts';
import type { Handshake } from '../sender.ts';
import type { ClientStream } from './client-stream.ts';
import {
  writeGoAway,
  writePong,
  writeReset,
  writeSettings,
  writeSettingsTaken,
  writeWindowUpdate,
} from './control-frames.ts';
import { ConnectionFault } from './fault.ts';
import { type FrameListener, FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import {
  ACK,
  CANCEL,
  COMPRESSION_ERROR,
  CONTINUATION,
  DEFAULT_WINDOW_BYTES,
  ENABLE_PUSH,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  GOAWAY,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  LARGEST_WINDOW_BYTES,
  LAST_STREAM,
  MAX_HEADER_LIST_SIZE,
  NO_ERROR,
  PING,
  PREFACE,
  PRIORITY,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  uint31At,
  uint32At,
  WINDOW_UPDATE,
} from './frames.ts';
import { HeaderBlocks } from './header-blocks.ts';
import { HeadReader } from './head-reader.ts';
import { HEADER_LIST_BYTES } from './hpack-decoder.ts';
import { HeaderEncoder } from './hpack-encoder.ts';
import { PeerSettings } from './peer-settings.ts';
import { isSent, RequestBodies } from './request-bodies.ts';

/** As large as those of Go's client, which k6 uses: at the 64 KiB of the standard large answers wait for the window. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 1024 * 1024 * 1024;
const OWN_SETTINGS = [
  [ENABLE_PUSH, 0],
  [INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
  [MAX_HEADER_LIST_SIZE, HEADER_LIST_BYTES],
] as const;
/** The window grows again when this much of it is used. */
const STREAM_UPDATE_BYTES = STREAM_WINDOW_BYTES / 2;
const CONNECTION_UPDATE_BYTES = CONNECTION_WINDOW_BYTES / 2;
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;
/** Answers to SETTINGS and PING that may wait to be written. */
const MOST_REPLIES = 10_000;

/** The bytes that the body of an answer has to have; -1 when it does not say. */
const lengthOf = ({ head }: ClientStream): number =>
  head?.status === NO_CONTENT || head?.status === NOT_MODIFIED ? 0 : (head?.contentLength ?? -1);

function refuseLength(length: number, right: number): void {
  if (length !== right) throw new ConnectionFault(FRAME_SIZE_ERROR, 'A frame has a length that its type does not have');
}

function refuseStream0(id: number): void {
  if (id === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'A frame of a stream has none');
}

/** Codes with which a peer says that what it received was not valid HTTP/2 (RFC 9113, 7). */
const PROTOCOL_CODES = new Set([PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, COMPRESSION_ERROR]);
/** What the peer ended is a reset, unless its code says that it took what came for no HTTP/2. */
const failureOfCode = (code: number): FailureClass => (PROTOCOL_CODES.has(code) ? 'protocol' : 'reset');

/**
 * The client's side of one HTTP/2 connection, with any number of streams at a time. `receive` takes what the server
 * sends; `output` holds what is to be written. Streams end, or are lost, only within `receive` and `end`.
 *
 * Frames of closed streams are ignored, because they may have crossed the end of the stream. Priorities are ignored,
 * and pushes are refused.
 */
export class Http2Client implements FrameListener {
  readonly output = new FrameWriter();
  /** Counts signs of life, to recognise a connection that has died silently. */
  progress = 0;
  /** The connection is to be closed when the output is written. */
  over = false;
  readonly peer = new PeerSettings();
  readonly #reader: FrameReader;
  readonly #blocks: HeaderBlocks;
  readonly #heads = new HeadReader();
  readonly #encoder = new HeaderEncoder();
  readonly #bodies: RequestBodies;
  readonly #streams = new Map<number, ClientStream>();
  /** They wait for the connection to be open, or for a stream to be free. */
  #waiting: ClientStream[] = [];
  /** Their answers began with the bytes that are being read. */
  readonly #begun: ClientStream[] = [];
  #open = false;
  #retired = false;
  #handshake: Handshake | null = null;
  #nextStream: number;
  /** The highest stream that the server may have worked on, once it has said so. */
  #lastStream = Infinity;
  #unacknowledged = 0;
  #replies = 0;

  /** @param firstStream odd; a test begins near the last one. */
  constructor(firstStream = 1) {
    this.#nextStream = firstStream;
    this.#reader = new FrameReader(this);
    this.#blocks = new HeaderBlocks((stream, flags, bytes, start, end) => {
      this.#takeBlock(stream, flags, bytes, start, end);
    });
    this.#bodies = new RequestBodies(this.output);
  }

  /** Whether new streams may be opened. */
  get usable(): boolean {
    return !this.#retired && this.#nextStream + 2 * this.#waiting.length <= LAST_STREAM;
  }

  /** Streams that are open or wait. */
  get streams(): number {
    return this.#streams.size + this.#waiting.length;
  }

  /** The connection is open: what waits is sent. The handshake was that of the first stream. */
  begin(handshake: Handshake | null): void {
    this.#handshake = handshake;
    this.#open = true;
    const { output } = this;
    output.bytes(PREFACE);
    writeSettings(output, OWN_SETTINGS);
    writeWindowUpdate(output, 0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
    this.#startWaiting();
  }

  /** Sends the request of a stream as soon as it may leave. */
  open(stream: ClientStream): void {
    stream.reset();
    if (!this.#open || this.#streams.size >= this.peer.streams || this.#waiting.length > 0) this.#waiting.push(stream);
    else this.#start(stream);
  }

  /** Nobody waits for the answer any more. */
  cancel(stream: ClientStream): void {
    if (this.#streams.get(stream.id) === stream) {
      writeReset(this.output, stream.id, CANCEL);
      this.#close(stream);
      return;
    }
    this.#waiting = this.#waiting.filter((each) => each !== stream);
    this.#endWhenIdle();
  }

  /** No new stream is opened; open ones continue. */
  retire(): void {
    this.#retired = true;
    this.#endWhenIdle();
  }

  /** Reads what the server has sent: the bytes from `start` to before `end`. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    if (this.over) return;
    try {
      this.#reader.read(bytes, start, end);
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      writeGoAway(this.output, error.code);
      this.end('protocol');
      return;
    }
    this.#tellBegun();
  }

  /** What the output held was written: bodies may go on. */
  written(): void {
    this.#replies = 0;
    this.#bodies.goOn();
  }

  /** The connection is lost, and each stream with it. */
  end(failure: FailureClass): void {
    this.#retired = true;
    this.over = true;
    const lost = [...this.#streams.values(), ...this.#waiting];
    this.#streams.clear();
    this.#waiting = [];
    this.#begun.length = 0;
    for (const stream of lost) stream.listener.lost(failure, this.#isUnprocessed(stream));
  }

  /** A frame that is not DATA. */
  frame(type: number, flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.over) return;
    if (this.#blocks.goesOn && type !== CONTINUATION)
      throw new ConnectionFault(PROTOCOL_ERROR, 'Another frame stands within headers');
    if (type !== SETTINGS) this.#needSettings();
    switch (type) {
      case HEADERS:
        refuseStream0(id);
        this.#refuseIdle(id);
        this.#blocks.begin(flags, id, bytes, start, end);
        return;
      case CONTINUATION:
        this.#blocks.goOn(flags, id, bytes, start, end);
        return;
      case RST_STREAM:
        this.#readReset(id, bytes, start, end);
        return;
      case SETTINGS:
        this.#readSettings(flags, id, bytes, start, end);
        return;
      case PING:
        this.#readPing(flags, id, bytes, start, end);
        return;
      case GOAWAY:
        this.#readGoAway(id, bytes, start, end);
        return;
      case WINDOW_UPDATE:
        this.#readWindowUpdate(id, bytes, start, end);
        return;
      case PRIORITY:
        refuseStream0(id);
        if (end - start !== 5) this.#fail(id, FRAME_SIZE_ERROR);
        return;
      case PUSH_PROMISE:
        throw new ConnectionFault(PROTOCOL_ERROR, 'The server pushes although it was told not to');
      default:
      // Others mean nothing (RFC 9113, 5.5).
    }
  }

  dataBegan(flags: number, id: number, length: number): void {
    if (this.over) return;
    if (this.#blocks.goesOn) throw new ConnectionFault(PROTOCOL_ERROR, 'Another frame stands within headers');
    this.#needSettings();
    this.#refuseIdle(id);
    this.#unacknowledged += length;
    if (this.#unacknowledged >= CONNECTION_UPDATE_BYTES) {
      writeWindowUpdate(this.output, 0, this.#unacknowledged);
      this.#unacknowledged = 0;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (stream.head === null) {
      this.#fail(id, PROTOCOL_ERROR);
      return;
    }
    this.progress += 1;
    stream.unacknowledged += length;
    if (stream.unacknowledged >= STREAM_UPDATE_BYTES && (flags & END_STREAM) === 0) {
      writeWindowUpdate(this.output, id, stream.unacknowledged);
      stream.unacknowledged = 0;
    }
  }

  data(id: number, bytes: Uint8Array, start: number, end: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.received += end - start;
    const expected = lengthOf(stream);
    if (expected >= 0 && stream.received > expected) this.#fail(id, PROTOCOL_ERROR);
    else stream.listener.data(bytes, start, end);
  }

  dataEnded(flags: number, id: number): void {
    if ((flags & END_STREAM) === 0) return;
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#finish(stream);
  }

  /** A block is complete. Blocks of closed streams are read as well, because later blocks may build on them. */
  #takeBlock(id: number, flags: number, bytes: Uint8Array, start: number, end: number): void {
    const stream = this.#streams.get(id);
    const ends = (flags & END_STREAM) !== 0;
    if (stream?.head !== null) {
      const isProper = this.#heads.trailer(bytes, start, end);
      if (stream === undefined) return;
      if (isProper && ends) this.#finish(stream);
      else this.#fail(id, PROTOCOL_ERROR);
      return;
    }
    const head = this.#heads.head(bytes, start, end);
    const isInterim = head !== null && head.status < 200;
    // Nothing is upgraded in HTTP/2 (RFC 9113, 8.6).
    if (head === null || (isInterim && (ends || head.status === 101))) {
      this.#fail(id, PROTOCOL_ERROR);
      return;
    }
    this.progress += 1;
    if (isInterim) return;
    stream.head = head;
    stream.listener.answered(head);
    if (ends) this.#finish(stream);
    else this.#begun.push(stream);
  }

  #readReset(id: number, bytes: Uint8Array, start: number, end: number): void {
    refuseLength(end - start, 4);
    refuseStream0(id);
    this.#refuseIdle(id);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#close(stream);
    stream.listener.lost(failureOfCode(uint32At(bytes, start)), this.#isUnprocessed(stream));
  }

  #readSettings(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'Settings are of the connection, not of a stream');
    if ((flags & ACK) !== 0) {
      refuseLength(end - start, 0);
      this.#needSettings();
      return;
    }
    refuseLength((end - start) % 6, 0);
    const before = this.peer.windowBytes;
    this.peer.read(bytes, start, end);
    this.#encoder.setLimit(this.peer.tableBytes);
    writeSettingsTaken(this.output);
    this.#countReply();
    const change = this.peer.windowBytes - before;
    for (const stream of this.#streams.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > LARGEST_WINDOW_BYTES)
        throw new ConnectionFault(FLOW_CONTROL_ERROR, 'A window is too large');
    }
    this.#startWaiting();
    this.#bodies.goOn();
  }

  #readPing(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    refuseLength(end - start, 8);
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'A ping is of the connection, not of a stream');
    if ((flags & ACK) !== 0) return;
    writePong(this.output, bytes, start, end);
    this.#countReply();
  }

  #readGoAway(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'GOAWAY is of the connection, not of a stream');
    if (end - start < 8) throw new ConnectionFault(FRAME_SIZE_ERROR, 'GOAWAY is too short');
    this.#retired = true;
    this.#lastStream = Math.min(this.#lastStream, uint31At(bytes, start));
    const code = uint32At(bytes, start + 4);
    if (code !== NO_ERROR) {
      this.end(failureOfCode(code));
      return;
    }
    const lost = [...[...this.#streams.values()].filter((stream) => this.#isUnprocessed(stream)), ...this.#waiting];
    this.#waiting = [];
    for (const stream of lost) this.#forget(stream);
    this.#endWhenIdle();
    for (const stream of lost) stream.listener.lost('reset', true);
  }

  #readWindowUpdate(id: number, bytes: Uint8Array, start: number, end: number): void {
    refuseLength(end - start, 4);
    const increment = uint31At(bytes, start);
    if (id === 0) {
      if (increment === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'A window grows by nothing');
      this.#bodies.grow(increment);
    } else {
      this.#refuseIdle(id);
      const stream = this.#streams.get(id);
      if (stream === undefined) return;
      stream.sendWindow += increment;
      if (increment === 0) this.#fail(id, PROTOCOL_ERROR);
      else if (stream.sendWindow > LARGEST_WINDOW_BYTES) this.#fail(id, FLOW_CONTROL_ERROR);
    }
    this.#bodies.goOn();
  }

  /** Only streams that this client has opened can have frames (RFC 9113, 5.1). */
  #refuseIdle(id: number): void {
    if (id % 2 === 0 || id >= this.#nextStream)
      throw new ConnectionFault(PROTOCOL_ERROR, `Nobody has opened stream ${String(id)}`);
  }

  #needSettings(): void {
    if (!this.peer.known) throw new ConnectionFault(PROTOCOL_ERROR, 'The server does not begin with its settings');
  }

  #start(stream: ClientStream): void {
    const { output } = this;
    const id = this.#nextStream;
    this.#nextStream += 2;
    stream.id = id;
    stream.sendWindow = this.peer.windowBytes;
    this.#streams.set(id, stream);
    const mark = output.beginHeaders();
    this.#encoder.write(stream.parts, stream.values, output);
    output.endHeaders(mark, stream.body === null ? END_STREAM : 0, id);
    if (stream.body !== null) this.#bodies.begin(stream);
  }

  #startWaiting(): void {
    if (!this.#open) return;
    while (this.#waiting.length > 0 && this.#streams.size < this.peer.streams) {
      const stream = this.#waiting.shift();
      if (stream === undefined) return;
      stream.listener.written(this.#handshake);
      this.#handshake = null;
      this.#start(stream);
    }
  }

  /** The answer is whole, unless it is not as long as it said. */
  #finish(stream: ClientStream): void {
    const expected = lengthOf(stream);
    if (expected >= 0 && stream.received !== expected) {
      this.#fail(stream.id, PROTOCOL_ERROR);
      return;
    }
    // A server that has answered does not need the rest of the request (RFC 9113, 8.1).
    if (!isSent(stream)) writeReset(this.output, stream.id, CANCEL);
    this.#close(stream);
    stream.listener.ended();
  }

  /** A fault of one stream (RFC 9113, 5.4.2). */
  #fail(id: number, code: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    writeReset(this.output, id, code);
    this.#close(stream);
    stream.listener.lost('protocol', false);
  }

  #close(stream: ClientStream): void {
    this.#forget(stream);
    if (this.#waiting.length > 0) this.#startWaiting();
    if (this.#retired) this.#endWhenIdle();
  }

  #forget(stream: ClientStream): void {
    this.#streams.delete(stream.id);
    this.#bodies.forget(stream);
  }

  #endWhenIdle(): void {
    if (!this.#retired || this.over || this.streams > 0) return;
    if (this.#open) writeGoAway(this.output, NO_ERROR);
    this.over = true;
  }

  #isUnprocessed(stream: ClientStream): boolean {
    return (stream.id === 0 ? Infinity : stream.id) > this.#lastStream;
  }

  #tellBegun(): void {
    if (this.#begun.length === 0) return;
    for (const stream of this.#begun) {
      if (stream.hasBegun || stream.head === null || this.#streams.get(stream.id) !== stream) continue;
      stream.hasBegun = true;
      stream.listener.began();
    }
    this.#begun.length = 0;
  }

  #countReply(): void {
    if (++this.#replies > MOST_REPLIES)
      throw new ConnectionFault(ENHANCE_YOUR_CALM, 'The server asks more than it reads answers');
  }
}
