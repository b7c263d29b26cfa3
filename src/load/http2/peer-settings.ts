import { ConnectionFault } from './fault.ts';
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_WINDOW_BYTES,
  ENABLE_PUSH,
  FLOW_CONTROL_ERROR,
  HEADER_TABLE_SIZE,
  INITIAL_WINDOW_SIZE,
  LARGEST_WINDOW_BYTES,
  MAX_CONCURRENT_STREAMS,
  MAX_FRAME_SIZE,
  PROTOCOL_ERROR,
  uint32At,
} from './frames.ts';
import { DEFAULT_TABLE_BYTES } from './static-table.ts';

const SETTING_BYTES = 6;
const LARGEST_FRAME_BYTES = 2 ** 24 - 1;
/** Until the server says how many, as its first words do: more could be refused. */
const STREAMS_BEFORE_SETTINGS = 1;

/**
 * What the server allows (RFC 9113, 6.5.2). Its limit of frames does not matter, since ours are never longer than the
 * least that it may allow: longer ones gain nothing, and some servers do not expect them right after their settings.
 */
export class PeerSettings {
  tableBytes = DEFAULT_TABLE_BYTES;
  streams = STREAMS_BEFORE_SETTINGS;
  windowBytes = DEFAULT_WINDOW_BYTES;
  /** It has said so. */
  known = false;

  /**
   * Takes the payload of a frame of SETTINGS, whose length is a multiple of 6.
   *
   * @throws ConnectionFault for a value that can't be.
   */
  read(bytes: Uint8Array, start: number, end: number): void {
    if (!this.known) this.streams = Infinity;
    this.known = true;
    for (let at = start; at < end; at += SETTING_BYTES)
      this.#set(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0), uint32At(bytes, at + 2));
  }

  #set(setting: number, value: number): void {
    switch (setting) {
      case HEADER_TABLE_SIZE:
        this.tableBytes = value;
        return;
      case MAX_CONCURRENT_STREAMS:
        this.streams = value;
        return;
      case INITIAL_WINDOW_SIZE:
        if (value > LARGEST_WINDOW_BYTES) throw new ConnectionFault(FLOW_CONTROL_ERROR, 'A window is too large');
        this.windowBytes = value;
        return;
      case MAX_FRAME_SIZE:
        if (value < DEFAULT_FRAME_BYTES || value > LARGEST_FRAME_BYTES)
          throw new ConnectionFault(PROTOCOL_ERROR, `Frames can't be of ${String(value)} bytes`);
        return;
      case ENABLE_PUSH:
        if (value !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'A server asks to be pushed to');
        return;
      default:
      // Unknown ones are none of ours (RFC 9113, 6.5.2).
    }
  }
}
