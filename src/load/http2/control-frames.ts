import type { FrameWriter } from './frame-writer.ts';
import { ACK, GOAWAY, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE } from './frames.ts';

const SETTING_BYTES = 6;

/** Frames that carry no request, written in the order of RFC 9113, 6. */
export function writeReset(into: FrameWriter, stream: number, code: number): void {
  into.frame(4, RST_STREAM, 0, stream);
  into.uint32(code);
}

export function writeSettings(
  into: FrameWriter,
  settings: readonly (readonly [setting: number, value: number])[],
): void {
  into.frame(SETTING_BYTES * settings.length, SETTINGS, 0, 0);
  for (const [setting, value] of settings) {
    into.uint16(setting);
    into.uint32(value);
  }
}

/** Those of the server are taken. */
export function writeSettingsTaken(into: FrameWriter): void {
  into.frame(0, SETTINGS, ACK, 0);
}

/** The answer to a ping, whose payload is the bytes from `start` to before `end`. */
export function writePong(into: FrameWriter, bytes: Uint8Array, start: number, end: number): void {
  into.frame(end - start, PING, ACK, 0);
  into.bytes(bytes, start, end);
}

/** A server opens no streams, so that none of it was the last. */
export function writeGoAway(into: FrameWriter, code: number): void {
  into.frame(8, GOAWAY, 0, 0);
  into.uint32(0);
  into.uint32(code);
}

/** @param stream 0 for the connection. */
export function writeWindowUpdate(into: FrameWriter, stream: number, bytes: number): void {
  into.frame(4, WINDOW_UPDATE, 0, stream);
  into.uint32(bytes);
}
