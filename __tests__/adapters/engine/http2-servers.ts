import type { TLSSocket } from 'node:tls';
import { type TlsServer, tlsServer } from './tls-servers.ts';

const PREFACE_BYTES = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GOAWAY = 7;
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;

/** One connection of a server that writes frames as it is told, be they right or wrong. */
export interface FrameConnection {
  readonly socket: TLSSocket;
  /** An answer with status 200 (RFC 7541, appendix A, 8) and a body. */
  answer(stream: number, body: string): void;
  /** The beginning of one that ends later, or never. */
  begin(stream: number, body: string): void;
  reset(stream: number, code: number): void;
  goAway(lastStream: number, code: number): void;
  frame(type: number, flags: number, stream: number, payload: Buffer): void;
}

/**
 * A server of HTTP/2 that reads only where requests begin.
 *
 * @param onRequest is called with the stream of each request and how many came before it on the connection.
 * @param maxStreams what it says in its SETTINGS; nothing when null.
 */
export function frameServer(
  onRequest: (connection: FrameConnection, stream: number, index: number, connections: number) => void,
  maxStreams: number | null = null,
): Promise<TlsServer> {
  return tlsServer(
    (socket, connections) => {
      const connection = connectionOf(socket);
      const settings = maxStreams === null ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0, 3]), uint32(maxStreams)]);
      connection.frame(SETTINGS, 0, 0, settings);
      let bytes = Buffer.alloc(0);
      let skipped = false;
      let requests = 0;
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (!skipped && bytes.length >= PREFACE_BYTES) {
          bytes = bytes.subarray(PREFACE_BYTES);
          skipped = true;
        }
        while (skipped && bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
          const length = bytes.readUIntBE(0, 3);
          const [type, flags, stream] = [bytes[3], bytes[4] ?? 0, bytes.readUInt32BE(5)];
          bytes = bytes.subarray(9 + length);
          if (type === SETTINGS && (flags & ACK) === 0) connection.frame(SETTINGS, ACK, 0, Buffer.alloc(0));
          if (type === HEADERS) onRequest(connection, stream, requests++, connections);
        }
      });
    },
    { ALPNProtocols: ['h2'] },
  );
}

function connectionOf(socket: TLSSocket): FrameConnection {
  const frame: FrameConnection['frame'] = (type, flags, stream, payload) => {
    if (socket.destroyed) return;
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    socket.write(Buffer.concat([head, payload]));
  };
  const begin = (stream: number, body: string): void => {
    frame(HEADERS, END_HEADERS, stream, Buffer.from([0x88]));
    if (body !== '') frame(DATA, 0, stream, Buffer.from(body));
  };
  return {
    socket,
    frame,
    begin,
    answer: (stream, body) => {
      begin(stream, '');
      frame(DATA, END_STREAM, stream, Buffer.from(body));
    },
    reset: (stream, code) => {
      frame(RST_STREAM, 0, stream, uint32(code));
    },
    goAway: (lastStream, code) => {
      frame(GOAWAY, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)]));
    },
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
