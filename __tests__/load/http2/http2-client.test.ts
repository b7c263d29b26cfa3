import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ClientStream } from '../../../src/load/http2/client-stream.ts';
import {
  ACK,
  CANCEL,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  GOAWAY,
  HEADERS,
  LAST_STREAM,
  PADDED,
  PING,
  PRIORITY,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
  WITH_PRIORITY,
} from '../../../src/load/http2/frames.ts';
import { Http2Client } from '../../../src/load/http2/http2-client.ts';
import { HeadParts } from '../../../src/load/http2/head-parts.ts';
import {
  field,
  frame,
  framesIn,
  GET,
  PlayedConnection,
  settings,
  STATUS_200,
  uint32,
  WatchedStream,
} from './http2-frames.ts';

const COMPRESSION_ERROR = 9;
const INTERNAL_ERROR = 2;
const REFUSED_STREAM = 7;

const status = (code: number): Buffer => field(':status', String(code));
const headers = (stream: number, ...block: readonly Buffer[]): Buffer =>
  frame(HEADERS, END_HEADERS, stream, Buffer.concat(block));
const headersAndEnd = (stream: number, ...block: readonly Buffer[]): Buffer =>
  frame(HEADERS, END_HEADERS | END_STREAM, stream, Buffer.concat(block));
const data = (stream: number, text: string, flags = END_STREAM): Buffer =>
  frame(DATA, flags, stream, Buffer.from(text));
const answer = (stream: number, text = 'foo'): Buffer =>
  Buffer.concat([headers(stream, STATUS_200), data(stream, text)]);

describe('an answer', () => {
  test.each<[string, Buffer, unknown[], string]>([
    ['with a body', answer(1), [200, 'ended'], 'foo'],
    ['without one', headersAndEnd(1, STATUS_200), [200, 'ended'], ''],
    [
      'whose last frame is empty',
      Buffer.concat([headers(1, STATUS_200), data(1, 'fo', 0), data(1, 'o', 0), data(1, '')]),
      [200, 'ended'],
      'foo',
    ],
    [
      'with a length',
      Buffer.concat([headers(1, STATUS_200, field('content-length', '3')), data(1, 'foo')]),
      [200, 'ended'],
      'foo',
    ],
    [
      'with a trailer',
      Buffer.concat([headers(1, STATUS_200), data(1, 'foo', 0), headersAndEnd(1, field('grpc-status', '0'))]),
      [200, 'ended'],
      'foo',
    ],
    [
      'after interim ones',
      Buffer.concat([headers(1, status(100)), headers(1, status(103), field('link', '</a>')), answer(1)]),
      [200, 'ended'],
      'foo',
    ],
    [
      'in padding, with a priority',
      Buffer.concat([
        frame(
          HEADERS,
          END_HEADERS | PADDED | WITH_PRIORITY,
          1,
          Buffer.concat([Buffer.from([2]), Buffer.alloc(5), STATUS_200, Buffer.alloc(2)]),
        ),
        frame(DATA, END_STREAM | PADDED, 1, Buffer.from('\u0001foo\0')),
      ]),
      [200, 'ended'],
      'foo',
    ],
    [
      'whose head goes on',
      Buffer.concat([
        frame(HEADERS, END_STREAM, 1, STATUS_200.subarray(0, 0)),
        frame(CONTINUATION, 0, 1, STATUS_200),
        frame(CONTINUATION, END_HEADERS, 1, field('a', 'b')),
      ]),
      [200, 'ended'],
      '',
    ],
    [
      'that says not to have changed, with the length of what has not',
      headersAndEnd(1, status(304), field('content-length', '3')),
      [304, 'ended'],
      '',
    ],
    ['of no content', headersAndEnd(1, status(204)), [204, 'ended'], ''],
    ['with fields that nobody knows', headersAndEnd(1, status(599), field('x-any', ' a\t\u00e9 ')), [599, 'ended'], ''],
    [
      'between frames that mean nothing',
      Buffer.concat([
        frame(PRIORITY, 0, 1, Buffer.alloc(5)),
        frame(0xfa, 0xff, 1, Buffer.from('any')),
        frame(WINDOW_UPDATE, 0, 1, uint32(5)),
        answer(1),
      ]),
      [200, 'ended'],
      'foo',
    ],
  ])('%s', (_, bytes, events, body) => {
    const whole = new PlayedConnection();
    const watched = whole.request();
    whole.receive(bytes);
    expect([watched.events, watched.body, whole.client.over]).toEqual([events, body, false]);
    // Byte by byte it only takes longer.
    const cut = new PlayedConnection();
    const slow = cut.request();
    for (const byte of bytes) cut.receive(Buffer.from([byte]));
    expect([slow.events.filter((event) => event !== 'began'), slow.body]).toEqual([events, body]);
  });

  test('that goes on is told to have begun', () => {
    const connection = new PlayedConnection();
    const watched = connection.request();
    connection.receive(headers(1, STATUS_200), data(1, 'f', 0));
    expect(watched.events).toEqual([200, 'began']);
    connection.receive(data(1, 'oo'));
    expect(watched.events).toEqual([200, 'began', 'ended']);
  });

  test('is the same when the same head comes again, and when it is another one', () => {
    const connection = new PlayedConnection();
    const kept = Buffer.from('400161', 'hex');
    for (const [index, block] of [
      [field('content-length', '3')],
      [field('content-length', '3')],
      [Buffer.concat([kept, Buffer.from('0162', 'hex')])],
      [Buffer.from('be', 'hex')],
      [Buffer.from('be', 'hex')],
      // Into the table once more, as nginx does it: the entry before is the second then.
      [Buffer.concat([kept, Buffer.from('0163', 'hex')])],
      [Buffer.concat([kept, Buffer.from('0163', 'hex')])],
      [Buffer.from('c0', 'hex')],
    ].entries()) {
      const watched = connection.request();
      connection.receive(headers(2 * index + 1, STATUS_200, ...block), data(2 * index + 1, 'foo'));
      expect(watched.events).toEqual([200, 'ended']);
    }
  });

  test('may be followed by the next request at once', () => {
    const connection = new PlayedConnection();
    const first = connection.request();
    let next: WatchedStream | null = null;
    first.onEnd = () => {
      next = connection.request();
    };
    connection.receive(answer(1), headers(3, status(204)), data(3, ''));
    expect((next as unknown as WatchedStream).events).toEqual([204, 'ended']);
  });
});

describe('a malformed answer fails alone', () => {
  const large = Buffer.concat([STATUS_200, ...Array<Buffer>(64).fill(field('x'.repeat(100), 'y'.repeat(126)))]);

  test.each<[string, Buffer]>([
    ['without a status', headersAndEnd(1, field('a', 'b'))],
    ['with two', headersAndEnd(1, STATUS_200, STATUS_200)],
    ['with one that is no number', headersAndEnd(1, field(':status', '2x0'))],
    ['with one of two digits', headersAndEnd(1, field(':status', '99'))],
    ['whose status stands after a field', headersAndEnd(1, field('a', 'b'), STATUS_200)],
    ['with a field of a request', headersAndEnd(1, STATUS_200, field(':path', '/'))],
    ['with a name in upper case', headersAndEnd(1, STATUS_200, field('Server', 'a'))],
    ['with an empty name', headersAndEnd(1, STATUS_200, field('', 'a'))],
    ['with a line end in a value', headersAndEnd(1, STATUS_200, field('a', 'b\r\nc'))],
    ['with a field of the connection', headersAndEnd(1, STATUS_200, field('transfer-encoding', 'chunked'))],
    ['with two lengths', headersAndEnd(1, STATUS_200, field('content-length', '0'), field('content-length', '0'))],
    ['with a length that is no number', headersAndEnd(1, STATUS_200, field('content-length', '-1'))],
    ['with a length that is too large', headersAndEnd(1, STATUS_200, field('content-length', '9'.repeat(20)))],
    [
      'that is shorter than it said',
      Buffer.concat([headers(1, STATUS_200, field('content-length', '4')), data(1, 'foo')]),
    ],
    ['that is longer', Buffer.concat([headers(1, STATUS_200, field('content-length', '2')), data(1, 'foo', 0)])],
    ['that ends with its head and has a length', headersAndEnd(1, STATUS_200, field('content-length', '1'))],
    ['of no content, with some', Buffer.concat([headers(1, status(204)), data(1, 'foo')])],
    ['that ends with an interim one', headersAndEnd(1, status(103))],
    ['that changes the protocol', headers(1, status(101))],
    ['with data before its head', data(1, 'foo')],
    ['with two heads', Buffer.concat([headers(1, STATUS_200), headers(1, STATUS_200)])],
    ['with a trailer that is a head', Buffer.concat([headers(1, STATUS_200), headersAndEnd(1, STATUS_200)])],
    ['with a trailer that does not end it', Buffer.concat([headers(1, STATUS_200), headers(1, field('a', 'b'))])],
    [
      'with a head that is too large',
      Buffer.concat([
        frame(HEADERS, END_STREAM, 1, large.subarray(0, 10_000)),
        frame(CONTINUATION, 0, 1, large.subarray(10_000)),
        frame(CONTINUATION, 0, 1, Buffer.concat(Array<Buffer>(60).fill(field('x'.repeat(100), 'y'.repeat(126))))),
        frame(CONTINUATION, 0, 1, Buffer.concat(Array<Buffer>(60).fill(field('x'.repeat(100), 'y'.repeat(126))))),
        frame(CONTINUATION, 0, 1, Buffer.concat(Array<Buffer>(60).fill(field('x'.repeat(100), 'y'.repeat(126))))),
        frame(
          CONTINUATION,
          END_HEADERS,
          1,
          Buffer.concat(Array<Buffer>(30).fill(field('x'.repeat(100), 'y'.repeat(126)))),
        ),
      ]),
    ],
  ])('%s', (_, bytes) => {
    const connection = new PlayedConnection();
    const [first, other] = [connection.request(), connection.request()];
    connection.sent();
    connection.receive(bytes);
    expect(first.events.at(-1)).toBe('protocol');
    expect(connection.sent()).toEqual([{ type: RST_STREAM, flags: 0, stream: 1, payload: uint32(PROTOCOL_ERROR) }]);
    // What else may come of it is left alone.
    connection.receive(data(1, 'rest'), answer(3));
    expect(other.events).toEqual([200, 'ended']);
    expect(first.outcomes).toBe(1);
  });
});

describe('a fault of the connection ends it', () => {
  const hello = frame(SETTINGS, 0, 0);

  test.each<[string, Buffer, number, Buffer?]>([
    ['settings do not come first', frame(PING, 0, 0, Buffer.alloc(8)), PROTOCOL_ERROR, Buffer.alloc(0)],
    ['they are only acknowledged', frame(SETTINGS, ACK, 0), PROTOCOL_ERROR, Buffer.alloc(0)],
    ['an answer comes before them', headersAndEnd(1, STATUS_200), PROTOCOL_ERROR, Buffer.alloc(0)],
    ['it is HTTP/1.1', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), FRAME_SIZE_ERROR, Buffer.alloc(0)],
    ['a frame is too long', frame(HEADERS, END_HEADERS, 1, Buffer.alloc(16_385)), FRAME_SIZE_ERROR],
    ['settings of a stream', frame(SETTINGS, 0, 1), PROTOCOL_ERROR],
    ['settings of five bytes', frame(SETTINGS, 0, 0, Buffer.alloc(5)), FRAME_SIZE_ERROR],
    ['settings that are acknowledged with some', frame(SETTINGS, ACK, 0, Buffer.alloc(6)), FRAME_SIZE_ERROR],
    ['a server that asks for pushes', frame(SETTINGS, 0, 0, settings([2, 1])), PROTOCOL_ERROR],
    ['a window that is too large', frame(SETTINGS, 0, 0, settings([4, 2 ** 31])), FLOW_CONTROL_ERROR],
    ['frames that are too short', frame(SETTINGS, 0, 0, settings([5, 16_383])), PROTOCOL_ERROR],
    ['frames that are too long', frame(SETTINGS, 0, 0, settings([5, 2 ** 24])), PROTOCOL_ERROR],
    ['a ping of a stream', frame(PING, 0, 1, Buffer.alloc(8)), PROTOCOL_ERROR],
    ['a ping of seven bytes', frame(PING, 0, 0, Buffer.alloc(7)), FRAME_SIZE_ERROR],
    ['GOAWAY of a stream', frame(GOAWAY, 0, 1, Buffer.alloc(8)), PROTOCOL_ERROR],
    ['GOAWAY of seven bytes', frame(GOAWAY, 0, 0, Buffer.alloc(7)), FRAME_SIZE_ERROR],
    ['a push', frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([uint32(2), STATUS_200])), PROTOCOL_ERROR],
    ['a window that grows by nothing', frame(WINDOW_UPDATE, 0, 0, uint32(0)), PROTOCOL_ERROR],
    ['a window that grows too large', frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 31 - 1)), FLOW_CONTROL_ERROR],
    ['a window of three bytes', frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(3)), FRAME_SIZE_ERROR],
    ['a window of a stream that nobody opened', frame(WINDOW_UPDATE, 0, 5, uint32(1)), PROTOCOL_ERROR],
    ['data of no stream', frame(DATA, 0, 0), PROTOCOL_ERROR],
    ['data of a stream that nobody opened', data(5, 'foo'), PROTOCOL_ERROR],
    ['an answer of no stream', headersAndEnd(0, STATUS_200), PROTOCOL_ERROR],
    ['an answer of a stream that nobody opened', headersAndEnd(5, STATUS_200), PROTOCOL_ERROR],
    ['an answer of a stream of the server', headersAndEnd(2, STATUS_200), PROTOCOL_ERROR],
    ['a reset of no stream', frame(RST_STREAM, 0, 0, uint32(8)), PROTOCOL_ERROR],
    ['a reset of a stream that nobody opened', frame(RST_STREAM, 0, 5, uint32(8)), PROTOCOL_ERROR],
    ['a reset of five bytes', frame(RST_STREAM, 0, 1, Buffer.alloc(5)), FRAME_SIZE_ERROR],
    ['a priority of no stream', frame(PRIORITY, 0, 0, Buffer.alloc(5)), PROTOCOL_ERROR],
    ['a head that goes on and did not begin', frame(CONTINUATION, END_HEADERS, 1, STATUS_200), PROTOCOL_ERROR],
    [
      'a head that goes on for another stream',
      Buffer.concat([frame(HEADERS, 0, 1, STATUS_200), frame(CONTINUATION, END_HEADERS, 3)]),
      PROTOCOL_ERROR,
    ],
    [
      'another frame within a head',
      Buffer.concat([frame(HEADERS, 0, 1, STATUS_200), frame(PING, 0, 0, Buffer.alloc(8))]),
      PROTOCOL_ERROR,
    ],
    ['data within a head', Buffer.concat([frame(HEADERS, 0, 1, STATUS_200), data(1, 'foo')]), PROTOCOL_ERROR],
    [
      'a frame that nobody knows within a head',
      Buffer.concat([frame(HEADERS, 0, 1, STATUS_200), frame(250, 0, 1)]),
      PROTOCOL_ERROR,
    ],
    [
      'a head that never ends',
      Buffer.concat([frame(HEADERS, 0, 1), ...Array<Buffer>(300).fill(frame(CONTINUATION, 0, 1))]),
      ENHANCE_YOUR_CALM,
    ],
    [
      'a head that is endless',
      Buffer.concat([frame(HEADERS, 0, 1), ...Array<Buffer>(10).fill(frame(CONTINUATION, 0, 1, Buffer.alloc(16_000)))]),
      ENHANCE_YOUR_CALM,
    ],
    ['a head whose padding is longer', frame(HEADERS, END_HEADERS | PADDED, 1, Buffer.from([2, 0x88])), PROTOCOL_ERROR],
    ['a head without its priority', frame(HEADERS, END_HEADERS | WITH_PRIORITY, 1, STATUS_200), FRAME_SIZE_ERROR],
    ['a head that can not be read', headersAndEnd(1, Buffer.from('ffffffffffff', 'hex')), COMPRESSION_ERROR],
    [
      'more pings than are answered',
      Buffer.concat(Array<Buffer>(10_001).fill(frame(PING, 0, 0, Buffer.alloc(8)))),
      ENHANCE_YOUR_CALM,
    ],
  ])('%s', (_, bytes, code, first = hello) => {
    const connection = new PlayedConnection(first);
    const watched = [connection.request(), connection.request()];
    connection.receive(bytes);
    expect(watched.map(({ events }) => events)).toEqual([['protocol'], ['protocol']]);
    const last = connection.sent().at(-1);
    expect([last?.type, last?.payload.readUInt32BE(4)]).toEqual([GOAWAY, code]);
    expect([connection.client.over, connection.client.usable]).toEqual([true, false]);
    connection.receive(answer(1));
    expect(watched.map(({ outcomes }) => outcomes)).toEqual([1, 1]);
  });
});

describe('the server ends streams', () => {
  test.each([
    [INTERNAL_ERROR, 'reset'],
    [REFUSED_STREAM, 'reset'],
    [0, 'reset'],
    [PROTOCOL_ERROR, 'protocol'],
    [FLOW_CONTROL_ERROR, 'protocol'],
  ])('by a reset with code %p: %s', (code, failure) => {
    const connection = new PlayedConnection();
    const [watched, other] = [connection.request(), connection.request()];
    connection.receive(headers(1, STATUS_200), frame(RST_STREAM, 0, 1, uint32(code)), answer(3));
    expect(watched.events).toEqual([200, failure]);
    expect(other.events).toEqual([200, 'ended']);
  });

  test('by GOAWAY: what it did not work on is told, the others go on, and the connection ends after them', () => {
    const connection = new PlayedConnection();
    const [first, second] = [connection.request(), connection.request()];
    connection.sent();
    connection.receive(frame(GOAWAY, 0, 0, uint32(1, 0)));
    expect([first.events, second.events]).toEqual([[], ['reset, unprocessed']]);
    expect([connection.client.usable, connection.client.over]).toEqual([false, false]);
    connection.receive(answer(1));
    expect([first.events, connection.client.over]).toEqual([[200, 'ended'], true]);
    expect(connection.sent()).toEqual([{ type: GOAWAY, flags: 0, stream: 0, payload: uint32(0, 0) }]);
  });

  test('by two of them, the first as a warning', () => {
    const connection = new PlayedConnection();
    const [first, second] = [connection.request(), connection.request()];
    connection.receive(frame(GOAWAY, 0, 0, uint32(LAST_STREAM, 0)));
    expect([first.events, second.events]).toEqual([[], []]);
    connection.receive(frame(GOAWAY, 0, 0, uint32(1, 0)), frame(GOAWAY, 0, 0, uint32(9, 0)), answer(1));
    expect([first.events, second.events]).toEqual([[200, 'ended'], ['reset, unprocessed']]);
  });

  test.each([
    [INTERNAL_ERROR, 'reset'],
    [PROTOCOL_ERROR, 'protocol'],
  ])('by GOAWAY with error %p: %s', (code, failure) => {
    const connection = new PlayedConnection();
    const [first, second] = [connection.request(), connection.request()];
    connection.receive(frame(GOAWAY, 0, 0, uint32(1, code)));
    expect([first.events, second.events]).toEqual([[failure], [`${failure}, unprocessed`]]);
    expect(connection.client.over).toBe(true);
  });

  test('by losing the connection', () => {
    const connection = new PlayedConnection(frame(SETTINGS, 0, 0, settings([3, 1])));
    const [first, waiting] = [connection.request(), connection.request()];
    connection.client.end('tls');
    connection.client.end('reset');
    expect([first.events, waiting.events]).toEqual([['tls'], ['tls']]);
  });
});

describe('settings of the server', () => {
  test('are acknowledged, as are pings', () => {
    const connection = new PlayedConnection();
    connection.receive(
      frame(SETTINGS, 0, 0, settings([99, 7])),
      frame(PING, 0, 0, Buffer.from('12345678')),
      frame(PING, ACK, 0, Buffer.alloc(8)),
    );
    expect(connection.sent()).toEqual([
      { type: SETTINGS, flags: ACK, stream: 0, payload: Buffer.alloc(0) },
      { type: PING, flags: ACK, stream: 0, payload: Buffer.from('12345678') },
    ]);
  });

  test('a limit of streams makes requests wait for one another', () => {
    const connection = new PlayedConnection(frame(SETTINGS, 0, 0, settings([3, 2])));
    const [first, second, third, fourth] = [1, 2, 3, 4].map(() => connection.request());
    expect(connection.sent().map(({ stream }) => stream)).toEqual([1, 3]);
    connection.receive(answer(3));
    expect([second?.events, third?.events, fourth?.events]).toEqual([[200, 'ended'], ['written'], []]);
    expect(connection.sent().map(({ stream }) => stream)).toEqual([5]);
    if (fourth !== undefined) connection.client.cancel(fourth.stream);
    connection.receive(answer(1), answer(5));
    expect([first?.events, fourth?.events, connection.client.streams]).toEqual([[200, 'ended'], [], 0]);
    connection.request();
    connection.request();
    connection.request();
    expect(connection.sent()).toHaveLength(2);
    connection.receive(frame(SETTINGS, 0, 0, settings([3, 100])));
    expect(connection.sent().map(({ type }) => type)).toEqual([SETTINGS, HEADERS]);
  });

  test('a smaller table is told with the next request', () => {
    const connection = new PlayedConnection();
    connection.request();
    connection.request();
    connection.receive(frame(SETTINGS, 0, 0, settings([1, 0])));
    connection.request();
    const blocks = connection.sent().filter(({ type }) => type === HEADERS);
    expect(blocks[1]?.payload).toHaveLength(4);
    expect(blocks[2]?.payload[0]).toBe(0x20);
    expect(blocks[2]?.payload.length).toBeGreaterThan(10);
  });

  test('a long head goes on in further frames', () => {
    const connection = new PlayedConnection();
    const watched = new WatchedStream();
    watched.stream.set([new HeadParts().constant('x-long', '{'.repeat(40_000))], [], null);
    connection.client.open(watched.stream);
    const sent = connection.sent();
    expect(sent.map(({ type, flags }) => [type, flags])).toEqual([
      [HEADERS, END_STREAM],
      [CONTINUATION, 0],
      [CONTINUATION, END_HEADERS],
    ]);
    expect(sent.map(({ payload }) => payload.length).slice(0, 2)).toEqual([16_384, 16_384]);
    expect(
      Buffer.concat(sent.map(({ payload }) => payload))
        .subarray(-4)
        .toString(),
    ).toBe('{{{{');
  });
});

describe('bodies of requests', () => {
  const lengths = (connection: PlayedConnection): number[] =>
    connection
      .sent()
      .filter(({ type }) => type === DATA)
      .map(({ payload }) => payload.length);

  test('leave with their head when there is room', () => {
    const connection = new PlayedConnection();
    connection.request('foo');
    expect(
      connection.sent().map(({ type, flags, payload }) => [type, flags, type === DATA && payload.toString()]),
    ).toEqual([
      [HEADERS, END_HEADERS, false],
      [DATA, END_STREAM, 'foo'],
    ]);
  });

  test('wait for the windows of their stream and of the connection', () => {
    const connection = new PlayedConnection(frame(SETTINGS, 0, 0, settings([4, 10])));
    connection.request('x'.repeat(25));
    connection.request('y'.repeat(5));
    expect(lengths(connection)).toEqual([10, 5]);
    connection.receive(frame(WINDOW_UPDATE, 0, 1, uint32(5)));
    expect(lengths(connection)).toEqual([5]);
    connection.receive(frame(SETTINGS, 0, 0, settings([4, 17])));
    expect(lengths(connection)).toEqual([7]);
    // Less than was sent already: the window is below nothing.
    connection.receive(frame(SETTINGS, 0, 0, settings([4, 0])), frame(WINDOW_UPDATE, 0, 1, uint32(20)));
    expect(lengths(connection)).toEqual([3]);
  });

  test('share the window of the connection', () => {
    const connection = new PlayedConnection(frame(SETTINGS, 0, 0, settings([4, 1_000_000], [5, 20_000])));
    const watched = [connection.request('x'.repeat(60_000)), connection.request('y'.repeat(60_000))];
    expect(lengths(connection).reduce((sum, length) => sum + length, 0)).toBe(65_535);
    connection.receive(frame(WINDOW_UPDATE, 0, 0, uint32(100_000)));
    expect(lengths(connection).reduce((sum, length) => sum + length, 0)).toBe(120_000 - 65_535);
    connection.receive(answer(1), answer(3));
    expect(watched.map(({ events }) => events)).toEqual([
      [200, 'ended'],
      [200, 'ended'],
    ]);
    expect(connection.sent()).toEqual([]);
  });

  test('go no further ahead of the socket than some buffers', () => {
    const connection = new PlayedConnection(frame(SETTINGS, 0, 0, settings([4, 2 ** 31 - 1])));
    connection.receive(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)));
    connection.request('x'.repeat(1_000_000));
    const first = connection.client.output.length;
    expect(first).toBeLessThan(300_000);
    let all = 0;
    for (let sent = lengths(connection); sent.length > 0; sent = lengths(connection))
      all += sent.reduce((sum, length) => sum + length, 0);
    expect(all).toBe(1_000_000);
  });

  test('end where the answer was whole before them', () => {
    const connection = new PlayedConnection(frame(SETTINGS, 0, 0, settings([4, 10])));
    const watched = connection.request('x'.repeat(25));
    connection.sent();
    connection.receive(answer(1));
    expect(watched.events).toEqual([200, 'ended']);
    expect(connection.sent()).toEqual([{ type: RST_STREAM, flags: 0, stream: 1, payload: uint32(CANCEL) }]);
    connection.receive(frame(WINDOW_UPDATE, 0, 1, uint32(50)), frame(RST_STREAM, 0, 1, uint32(0)));
    expect(connection.sent()).toEqual([]);
  });

  test('a window of a stream that can not be fails it alone', () => {
    for (const [increment, code] of [
      [0, PROTOCOL_ERROR],
      [2 ** 31 - 1, FLOW_CONTROL_ERROR],
    ] as const) {
      const connection = new PlayedConnection();
      const [first, other] = [connection.request(), connection.request()];
      connection.sent();
      connection.receive(frame(WINDOW_UPDATE, 0, 1, uint32(increment)), answer(3));
      expect(connection.sent()[0]?.payload).toEqual(uint32(code));
      expect([first.events, other.events]).toEqual([['protocol'], [200, 'ended']]);
    }
  });

  test('windows that settings make too large end the connection', () => {
    const connection = new PlayedConnection();
    const watched = connection.request();
    connection.receive(
      frame(WINDOW_UPDATE, 0, 1, uint32(2 ** 31 - 1 - 65_535)),
      frame(SETTINGS, 0, 0, settings([4, 65_536])),
    );
    expect(watched.events).toEqual(['protocol']);
  });
});

describe('windows for answers', () => {
  test('grow again when half of them is used', () => {
    const connection = new PlayedConnection();
    const watched = connection.request();
    connection.sent();
    connection.receive(headers(1, STATUS_200));
    const piece = data(1, 'x'.repeat(16_384), 0);
    const updates: [number, number][] = [];
    let received = 0;
    while (received < 600 * 1024 * 1024) {
      connection.receive(piece);
      received += 16_384;
      for (const { type, stream, payload } of connection.client.output.length > 0 ? connection.sent() : [])
        if (type === WINDOW_UPDATE) updates.push([stream, payload.readUInt32BE()]);
      watched.body = '';
    }
    expect(updates.find(([stream]) => stream === 1)).toEqual([1, 2 * 1024 * 1024]);
    expect(updates.filter(([stream]) => stream === 1)).toHaveLength(300);
    expect(updates.filter(([stream]) => stream === 0)).toEqual([[0, 512 * 1024 * 1024]]);
  });

  test('count what nobody waits for, too', () => {
    const connection = new PlayedConnection();
    const watched = connection.request();
    connection.sent();
    connection.client.cancel(watched.stream);
    expect(connection.sent()).toEqual([{ type: RST_STREAM, flags: 0, stream: 1, payload: uint32(CANCEL) }]);
    connection.receive(headers(1, STATUS_200), data(1, 'foo'));
    expect([watched.events, watched.body]).toEqual([[], '']);
  });
});

describe('the connection', () => {
  test('begins with its settings and one request; the others wait for those of the server', () => {
    const client = new Http2Client();
    const [first, second] = [new WatchedStream(), new WatchedStream()];
    for (const { stream } of [first, second]) {
      stream.set(GET, [], null);
      client.open(stream);
    }
    expect(client.output.length).toBe(0);
    client.begin({ ms: 1, resumed: false });
    const sent = Buffer.from(client.output.take());
    expect(sent.subarray(0, 24).toString()).toBe('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    expect(framesIn(sent.subarray(24)).map(({ type, stream }) => [type, stream])).toEqual([
      [SETTINGS, 0],
      [WINDOW_UPDATE, 0],
      [HEADERS, 1],
    ]);
    const hello = frame(SETTINGS, 0, 0);
    client.receive(hello, 0, hello.length);
    expect([first.events, second.events]).toEqual([['written'], ['written']]);
    expect(framesIn(Buffer.from(client.output.take())).map(({ type, stream }) => [type, stream])).toEqual([
      [SETTINGS, 0],
      [HEADERS, 3],
    ]);
  });

  test('takes no new streams when it is retired, and ends', () => {
    const connection = new PlayedConnection();
    connection.client.retire();
    expect([connection.client.usable, connection.client.over]).toEqual([false, true]);
    expect(connection.sent().map(({ type }) => type)).toEqual([GOAWAY]);
  });

  test('is used up when its numbers are', () => {
    const connection = new PlayedConnection(undefined, LAST_STREAM - 2);
    const first = connection.request();
    expect(connection.client.usable).toBe(true);
    const second = connection.request();
    expect(connection.client.usable).toBe(false);
    connection.receive(answer(LAST_STREAM - 2), answer(LAST_STREAM));
    expect([first.events, second.events]).toEqual([
      [200, 'ended'],
      [200, 'ended'],
    ]);
  });

  test('waits for its streams when it is retired', () => {
    const connection = new PlayedConnection();
    const watched = connection.request();
    connection.client.retire();
    expect(connection.client.over).toBe(false);
    connection.receive(answer(1));
    expect([watched.events, connection.client.over]).toEqual([[200, 'ended'], true]);
  });
});

/** More than the few of a usual run: `FUZZ_RUNS=100000 npm test -- load/http2`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1000);

test('whatever comes, in whatever pieces, every stream has one outcome at most, and the connection one end', () => {
  const payload = fc.oneof(
    fc.constant(STATUS_200),
    fc.constant(Buffer.from('foo')),
    fc.constant(field('content-length', '3')),
    fc.nat({ max: 2 ** 31 - 1 }).map((value) => uint32(value)),
    fc.constant(uint32(1, 0)),
    fc.constant(settings([4, 100], [3, 1])),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  );
  const anyFrame = fc
    .tuple(
      fc.constantFrom(0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
      fc.constantFrom(0, 1, 4, 4, 5, 5, 8, 12, 32, 255),
      fc.constantFrom(0, 1, 3, 5, 7, 2),
      payload,
    )
    .map(([type, flags, stream, bytes]) => frame(type, flags, stream, bytes));
  const bytes = fc.oneof(
    { weight: 8, arbitrary: anyFrame },
    { weight: 2, arbitrary: fc.constantFrom(answer(1), answer(3), answer(5)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }).map((raw) => Buffer.from(raw)) },
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (frames, size) => {
      const connection = new PlayedConnection();
      const watched = [connection.request(), connection.request('body'), connection.request()];
      const all = Buffer.concat(frames);
      for (let at = 0; at < all.length; at += size) connection.receive(all.subarray(at, at + size));
      for (const { outcomes } of watched) expect(outcomes).toBeLessThanOrEqual(1);
      framesIn(Buffer.from(connection.client.output.take()));
      connection.client.end('reset');
      for (const { outcomes } of watched) expect(outcomes).toBe(1);
    }),
    { numRuns: RUNS },
  );
});

test('a stream is used again and again', () => {
  const connection = new PlayedConnection();
  const watched = new WatchedStream();
  expect(watched.stream).toBeInstanceOf(ClientStream);
  for (let id = 1; id < 20; id += 2) {
    watched.stream.set([], [], null);
    connection.client.open(watched.stream);
    connection.receive(answer(id));
  }
  expect(watched.events).toEqual(Array(10).fill([200, 'ended']).flat());
});
