import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResponseParser } from '../../../src/load/http1/http1-parser.ts';
import { KEPT_BODY_BYTES, KeptAnswer } from '../../../src/load/journeys/kept-answer.ts';

/** Reads an answer as a connection does, in pieces of these sizes. */
function receive(answer: KeptAnswer, text: string, sizes: readonly number[]): void {
  const bytes = Buffer.from(text);
  const parser = new ResponseParser((chunk, start, end) => {
    answer.addBody(chunk, start, end);
  });
  answer.begin(true);
  parser.begin();
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
    answer.addRaw(piece, 0, piece.length);
    parser.read(piece, 0, piece.length);
    at += piece.length;
  }
  expect(parser.complete).toBe(true);
}

const ANSWERS: [string, [string, string][], string, number][] = [
  [
    'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nset-cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\ncontent-length: 5\r\n\r\nhello',
    [
      ['content-type', 'a/b'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2; Path=/'],
      ['content-length', '5'],
    ],
    'hello',
    200,
  ],
  [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{"\r\n3\r\na":\r\n2\r\n1}\r\n0\r\n\r\n',
    [
      ['x', 'y'],
      ['transfer-encoding', 'chunked'],
    ],
    '{"a":1}',
    201,
  ],
  ['HTTP/1.1 204 No Content\r\nlocation:   /x \r\n\r\n', [['location', '/x']], '', 204],
];

test.each(ANSWERS)('%j is kept, whatever pieces it comes in', (text, fields, body, status) => {
  const answer = new KeptAnswer();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), (sizes) => {
      receive(answer, text, sizes);
      expect(answer.fields).toEqual(fields);
      expect(answer.body.text).toBe(body);
      expect(answer.cut).toBe(false);
      expect(answer.status).toBe(status);
    }),
  );
});

test('fields that come without text of a head have their status with them', () => {
  const answer = new KeptAnswer();
  answer.begin(true);
  answer.setFields([['a', 'b']], 200);
  expect([answer.status, answer.fields]).toEqual([200, [['a', 'b']]]);
  answer.begin(true);
  expect(answer.status).toBe(0);
});

test('a body is kept up to its limit, and it is known that there was more', () => {
  const answer = new KeptAnswer();
  answer.begin(true);
  const chunk = Buffer.alloc(100_000, 'a');
  for (let i = 0; i < 11; i++) answer.addBody(chunk, 0, chunk.length);
  expect(answer.body.text).toHaveLength(KEPT_BODY_BYTES);
  expect(answer.cut).toBe(true);
  answer.begin(false);
  answer.addBody(chunk, 0, chunk.length);
  expect([answer.body.text, answer.cut]).toEqual(['', false]);
});

test('no bytes whatever make it fail', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), fc.string({ unit: 'binary' }), (pieces, head) => {
      const answer = new KeptAnswer();
      answer.begin(true);
      for (const piece of [Buffer.from(head), ...pieces]) {
        answer.addRaw(piece, 0, piece.length);
        answer.addBody(piece, 0, piece.length);
      }
      expect(answer.fields.every(([name]) => name === name.toLowerCase())).toBe(true);
      expect(typeof answer.body.text).toBe('string');
    }),
  );
});
