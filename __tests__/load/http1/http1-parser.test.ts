import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HEADER_LIMIT, ResponseParser } from '../../../src/load/http1/http1-parser.ts';
import { answers, brokenAnswers } from './http1-messages.ts';

interface Reading {
  readonly state: 'complete' | 'malformed' | 'reading';
  readonly status: number;
  readonly body: string;
  readonly keepAlive: boolean;
  /** Bytes that belong to the answer. */
  readonly used: number;
}

/** Reads an answer in the given pieces; `parser` may have read others before. */
function read(pieces: readonly Uint8Array[], { parser = newParser(), toHead = false, end = false } = {}): Reading {
  parser.body = '';
  parser.begin(toHead);
  let used = 0;
  for (const piece of pieces) used += parser.read(piece, 0, piece.length);
  if (end) parser.end();
  const state = parser.complete ? 'complete' : parser.malformed ? 'malformed' : 'reading';
  expect(parser.bodyBytes).toBe(parser.body.length);
  return {
    state,
    status: state === 'complete' ? parser.status : 0,
    body: parser.body,
    keepAlive: state === 'complete' && parser.keepAlive,
    used: state === 'malformed' ? 0 : used,
  };
}

type BodyParser = ResponseParser & { body: string };
function newParser(): BodyParser {
  const parser: BodyParser = Object.assign(
    new ResponseParser((bytes, start, end) => {
      parser.body += Buffer.from(bytes.subarray(start, end)).toString('latin1');
    }),
    { body: '' },
  );
  return parser;
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const whole = (text: string, options = {}): Reading => read([bytesOf(text)], options);

const LINE = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${LINE}Transfer-Encoding: chunked\r\n\r\n`;

describe('framing', () => {
  test.each<[string, string, Partial<Reading>]>([
    ['a length', `${LINE}Content-Length: 3\r\n\r\nfoo`, { body: 'foo', keepAlive: true }],
    ['no body', `${LINE}Content-Length: 0\r\n\r\n`, { body: '', keepAlive: true }],
    ['a length with white space', `${LINE}Content-Length: \t 3 \t\r\n\r\nfoo`, { body: 'foo' }],
    ['a length in any case', `${LINE}cOnTeNt-LeNgTh:3\r\n\r\nfoo`, { body: 'foo' }],
    ['a folded length', `${LINE}Content-Length:\r\n 3\r\n\r\nfoo`, { body: 'foo' }],
    ['chunks', `${CHUNKED}2\r\nfo\r\n1\r\no\r\n0\r\n\r\n`, { body: 'foo', keepAlive: true }],
    ['chunks with extensions', `${CHUNKED}3;a=b;c="d e\\"";f\r\nfoo\r\n0 ; x\r\n\r\n`, { body: 'foo' }],
    [
      'chunks with a trailer',
      `${CHUNKED}3\r\nfoo\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n`,
      { body: 'foo', keepAlive: true },
    ],
    [
      'chunks after another coding',
      `${LINE}Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nfoo\r\n0\r\n\r\n`,
      { body: 'foo' },
    ],
    [
      'sizes in both cases',
      `${CHUNKED}00a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n`,
      { body: '01234567890123456789' },
    ],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, keepAlive: true }],
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n', { status: 204, keepAlive: true }],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n', { status: 304, keepAlive: true }],
    ['304 with chunks', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', { status: 304 }],
    [
      'interim answers',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\n${LINE}Content-Length: 3\r\n\r\nfoo`,
      { body: 'foo', keepAlive: true },
    ],
    ['empty lines before', `\r\n\n${LINE}Content-Length: 3\r\n\r\nfoo`, { body: 'foo' }],
    ['bare LF where they are allowed', 'HTTP/1.1 200 OK\nContent-Length: 3\r\n\nfoo', { body: 'foo' }],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nfoo', { body: 'foo' }],
  ])('%s', (_, text, expected) => {
    expect(whole(text)).toMatchObject({ state: 'complete', status: 200, used: text.length, ...expected });
  });

  test('an answer to HEAD has no body', () => {
    for (const text of [`${LINE}Content-Length: 3\r\n\r\n`, CHUNKED, `${LINE}\r\n`]) {
      expect(whole(text, { toHead: true })).toMatchObject({ state: 'complete', body: '', used: text.length });
    }
  });

  test.each([
    ['without a length', `${LINE}\r\nfoo`],
    ['of another coding', `${LINE}Transfer-Encoding: chunked, gzip\r\n\r\nfoo`],
  ])('a body %s ends with the connection', (_, text) => {
    expect(whole(text).state).toBe('reading');
    expect(whole(text, { end: true })).toMatchObject({ state: 'complete', body: 'foo', keepAlive: false });
  });

  test('bytes after an answer are not its own', () => {
    const text = `${LINE}Content-Length: 3\r\n\r\nfoo`;
    expect(whole(`${text}${text}`).used).toBe(text.length);
  });
});

describe('the connection', () => {
  test.each([
    ['1.1', '', true],
    ['1.1', 'Connection: keep-alive\r\n', true],
    ['1.1', 'Connection: close\r\n', false],
    ['1.1', 'Connection: foo, Close ,bar\r\n', false],
    ['1.1', 'Connection: foo,\r\n close\r\n', false],
    ['1.1', 'Proxy-Connection: close\r\n', false],
    ['1.1', 'Connection: closed\r\n', true],
    ['1.1', 'X-Connection: close\r\n', true],
    ['1.0', '', false],
    ['1.0', 'Connection: keep-alive\r\n', true],
    ['1.0', 'Connection: Keep-Alive, foo\r\n', true],
    ['2.0', '', false],
  ])('HTTP/%s with %j is kept: %p', (version, field, kept) => {
    expect(whole(`HTTP/${version} 200 OK\r\n${field}Content-Length: 0\r\n\r\n`).keepAlive).toBe(kept);
  });
});

describe('what is malformed', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['a small name', 'http/1.1 200 OK\r\n'],
    ['an unknown version', 'HTTP/1.2 200 OK\r\n'],
    ['a status that is too short', 'HTTP/1.1 20 OK\r\n'],
    ['a status that is too long', 'HTTP/1.1 2000 OK\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n'],
    ['two blanks', 'HTTP/1.1  200 OK\r\n'],
    ['a bare CR in the reason', 'HTTP/1.1 200 O\rK\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n'],
    ['a blank before the first field', `${LINE} X: y\r\n`],
    ['a field without colon', `${LINE}X\r\n`],
    ['a field without name', `${LINE}: x\r\n`],
    ['a blank after a name', `${LINE}X : y\r\n`],
    ['a name that is no token', `${LINE}X(: y\r\n`],
    ['a control character in a value', `${LINE}X: a\u0001\r\n`],
    ['a bare CR in a value', `${LINE}X: a\rb\r\n`],
    ['a bare LF in a value', `${LINE}X: a\nb\r\n`],
    ['an empty length', `${LINE}Content-Length:\r\n\r\n`],
    ['a signed length', `${LINE}Content-Length: +3\r\n\r\n`],
    ['a list as length', `${LINE}Content-Length: 3, 3\r\n\r\n`],
    ['two lengths', `${LINE}Content-Length: 3\r\nContent-Length: 3\r\n\r\n`],
    ['a length above 2^53', `${LINE}Content-Length: 9007199254740992\r\n\r\n`],
    ['length and chunks', `${LINE}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['chunks and length', `${LINE}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n`],
    ['a chunk without size', `${CHUNKED}\r\n`],
    ['a size that is no number', `${CHUNKED}x\r\n`],
    ['a size above 2^53', `${CHUNKED}fffffffffffffff\r\n`],
    ['a size that ends in LF', `${CHUNKED}3\n`],
    ['a control character in an extension', `${CHUNKED}3;\u0001\r\n`],
    ['a chunk longer than its size', `${CHUNKED}2\r\nfoo\r\n`],
    ['a trailer without colon', `${CHUNKED}0\r\nX\r\n`],
    ['a very long Connection', `${LINE}Connection: ${'a, '.repeat(200)}\r\n`],
  ])('%s', (_, text) => {
    expect(whole(text).state).toBe('malformed');
  });

  test('a header is bounded, a body and a reason are not', () => {
    const field = (bytes: number): string => `X: ${'x'.repeat(bytes - 1)}\r\n\r\n`;
    expect(whole(LINE + field(HEADER_LIMIT - 1)).state).toBe('reading');
    expect(whole(LINE + field(HEADER_LIMIT)).state).toBe('malformed');
    expect(whole(`${LINE}${'x'.repeat(HEADER_LIMIT)}`).state).toBe('malformed');
    expect(
      whole(`HTTP/1.1 200 ${'x'.repeat(100_000)}\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`).state,
    ).toBe('complete');
  });
});

const EXAMPLES = [
  `HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n${LINE}Server: nginx\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nfoo`,
  `\r\n${LINE}Transfer-Encoding: gzip,\r\n chunked\r\nX:\r\n\r\n2;a="b"\r\nfo\r\n01\r\no\r\n0\r\nX: y\r\n\r\n`,
  `HTTP/1.0 404 Not Found\r\nConnection: foo, close\r\nContent-Length: 0\r\n\r\n`,
  `${LINE}\r\nuntil the end`,
];

test.each(EXAMPLES)('an answer cut at every position reads as one: %j', (text) => {
  const bytes = bytesOf(text);
  const expected = read([bytes], { end: true });
  expect(expected.state).toBe('complete');
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(read([bytes.subarray(0, cut), bytes.subarray(cut)], { end: true })).toEqual(expected);
  }
  expect(
    read(
      [...bytes].map((byte) => Uint8Array.of(byte)),
      { end: true },
    ),
  ).toEqual(expected);
});

test.each(EXAMPLES)('an answer that stops anywhere is not complete: %j', (text) => {
  const headerEnd = text.lastIndexOf('\r\n\r\n') + 4;
  const untilClose = text.endsWith('until the end');
  for (let cut = 0; cut < (untilClose ? headerEnd : text.length); cut++) {
    expect(whole(text.slice(0, cut), { end: true }).state).toBe('reading');
  }
});

test('any bytes read the same in any pieces', () => {
  fc.assert(
    fc.property(fc.oneof(answers, brokenAnswers), fc.array(fc.nat(), { maxLength: 5 }), (text, cuts) => {
      const bytes = bytesOf(text);
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      expect(read(pieces, { end: true })).toEqual(read([bytes], { end: true }));
    }),
    { numRuns: 2000 },
  );
});

test('a parser that has read other answers, or the same one, reads as a new one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(answers, brokenAnswers), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(2), { maxLength: 8 }),
      fc.nat(),
      (texts, order, cut) => {
        const parser = newParser();
        for (const index of order) {
          const bytes = bytesOf(texts[index % texts.length] ?? '');
          const place = cut % (bytes.length + 1);
          expect(read([bytes], { parser })).toEqual(read([bytes]));
          expect(read([bytes.subarray(0, place), bytes.subarray(place)], { parser })).toEqual(read([bytes]));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('any bytes at all are read without an error, and never past their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, afterHeader) => {
      const text = (afterHeader ? CHUNKED : '') + Buffer.from(bytes).toString('latin1');
      expect(whole(text, { end: true }).used).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 2000 },
  );
});
