import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { LOOPBACK } from '../../../src/model/endpoint.ts';
import { AUTHORITY } from './tls-servers.ts';

/** RFC 6455, 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;

/** What a server does at a WebSocket that it has accepted. */
export interface Peer {
  send(text: string): void;
  /** Sends bytes as they are, frames or not. */
  raw(bytes: Buffer): void;
  close(code: number): void;
  /** Ends the connection without a word. */
  drop(): void;
}

export interface Behaviour {
  readonly onOpen?: (peer: Peer) => void;
  readonly onText?: (peer: Peer, text: string, index: number) => void;
  /** Sent in the place of 101. */
  readonly refuse?: string;
  /** Further lines of the head of 101. */
  readonly head?: string;
  /** Frames of the client that closes are answered, unless this is false. */
  readonly closes?: boolean;
}

export interface WebSocketServer extends AsyncDisposable {
  readonly port: number;
  /** The requests to open one. */
  readonly asked: IncomingMessage[];
}

const echo: Behaviour = {
  onText: (peer, text) => {
    peer.send(text);
  },
};

/** A WebSocket server of a hundred lines, that can break every rule. */
export async function webSocketServer(behaviour: Behaviour = echo, tls = false): Promise<WebSocketServer> {
  const sockets = new Set<Duplex>();
  const asked: IncomingMessage[] = [];
  const onUpgrade = (request: IncomingMessage, socket: Duplex): void => {
    sockets.add(socket);
    asked.push(request);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (behaviour.refuse !== undefined) {
      socket.end(behaviour.refuse);
      return;
    }
    accept(request, socket, behaviour);
  };
  const server = tls ? createTlsServer(await certificate()) : createServer();
  server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => {
        socket.destroy();
      });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function certificate(): Promise<{ cert: string; key: string }> {
  const { certificates, privateKey } = await (await AUTHORITY).issue(['shop.localhost']);
  return { cert: certificates, key: privateKey };
}

function accept(
  request: IncomingMessage,
  socket: Duplex,
  { head = '', onOpen, onText, closes = true }: Behaviour,
): void {
  const key = createHash('sha1')
    .update(`${String(request.headers['sec-websocket-key'])}${GUID}`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${key}\r\n${head}\r\n`,
  );
  const peer: Peer = {
    send: (text) => socket.write(frame(TEXT, Buffer.from(text))),
    raw: (bytes) => socket.write(bytes),
    close: (code) => {
      const body = Buffer.alloc(2);
      body.writeUInt16BE(code);
      socket.end(frame(CLOSE, body));
    },
    drop: () => {
      socket.destroy();
    },
  };
  onOpen?.(peer);
  let received = Buffer.alloc(0);
  let index = 0;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const read = readFrame(received);
      if (read === null) return;
      received = received.subarray(read.length);
      if (read.opcode === TEXT) onText?.(peer, read.body.toString(), index++);
      if (read.opcode === CLOSE && closes) socket.end(frame(CLOSE, read.body));
    }
  });
}

/** Of up to 65,535 bytes. */
function frame(opcode: number, body: Buffer): Buffer {
  const head =
    body.length < 126
      ? Buffer.from([0x80 | opcode, body.length])
      : Buffer.from([0x80 | opcode, 126, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, body]);
}

/** A frame of a client, which is masked (RFC 6455, 5.3); null when it is not there as a whole. */
function readFrame(bytes: Buffer): { readonly opcode: number; readonly body: Buffer; readonly length: number } | null {
  if (bytes.length < 2) return null;
  const short = (bytes[1] ?? 0) & 0x7f;
  const from = short < 126 ? 2 : 4;
  if (bytes.length < from) return null;
  const size = short < 126 ? short : bytes.readUInt16BE(2);
  if (bytes.length < from + 4 + size) return null;
  const mask = bytes.subarray(from, from + 4);
  const body = Buffer.from(bytes.subarray(from + 4, from + 4 + size));
  body.forEach((byte, index) => (body[index] = byte ^ (mask[index % 4] ?? 0)));
  return { opcode: (bytes[0] ?? 0) & 0x0f, body, length: from + 4 + size };
}
