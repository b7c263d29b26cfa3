import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { answerText, isHtml, withoutReferences } from '../../../src/load/journeys/answer-text.ts';

const TEXT = `{"name": "Žofia", "list": [${'1,'.repeat(500)}2]}`;
const BYTES = Buffer.from(TEXT);

describe('a compressed body', () => {
  test.each<[string, Buffer]>([
    ['gzip', gzipSync(BYTES)],
    ['X-GZIP', gzipSync(BYTES)],
    ['deflate', deflateSync(BYTES)],
    ['deflate', deflateRawSync(BYTES)],
    ['br', brotliCompressSync(BYTES)],
    ['identity', BYTES],
    ['gzip, br', brotliCompressSync(gzipSync(BYTES))],
  ])('of %s is read', (coding, bytes) => {
    expect(answerText(bytes, false, [['content-encoding', coding]])).toEqual({ text: TEXT, lacking: null });
  });

  test.each<[string, Buffer]>([
    ['gzip', gzipSync(BYTES)],
    ['deflate', deflateSync(BYTES)],
    ['br', brotliCompressSync(BYTES)],
  ])('of %s of which only the beginning was kept has the beginning of its text', (coding, bytes) => {
    const { text, lacking } = answerText(bytes.subarray(0, bytes.length - 4), true, [['content-encoding', coding]]);
    expect(TEXT.startsWith(text)).toBe(true);
    expect(lacking).toBe('the answer is longer than 1 MiB');
  });

  test.each<[string, Buffer, string]>([
    ['zstd', BYTES, 'the answer is compressed with zstd, which is not read here'],
    ['gzip', BYTES, 'the answer claims to be gzip but is not'],
    ['gzip', gzipSync(Buffer.alloc(17 * 1024 * 1024)), 'the answer decompresses to more than 16 MiB'],
  ])('of %s that can not be read says why', (coding, bytes, lacking) => {
    expect(answerText(bytes, false, [['content-encoding', coding]])).toEqual({ text: '', lacking });
  });

  test('may be empty', () => {
    expect(answerText(Buffer.alloc(0), false, [['content-encoding', 'gzip']])).toEqual({ text: '', lacking: null });
  });
});

test.each<[string, Buffer, string]>([
  ['text/html; charset=ISO-8859-1', Buffer.from('caf\xe9', 'latin1'), 'café'],
  ['text/html;charset="windows-1251"', Buffer.from([0xcf, 0xf0]), 'Пр'],
  ['application/json; charset=utf-16le', Buffer.from('{"a":1}', 'utf16le'), '{"a":1}'],
  ['application/json', Buffer.from('\uFEFF{"a":1}'), '{"a":1}'],
  ['application/json', Buffer.from('\uFEFF{"a":1}', 'utf16le'), '{"a":1}'],
  ['text/plain; charset=nobody-knows', Buffer.from('é'), 'é'],
  ['text/plain; charset=UTF-8', Buffer.from('é'), 'é'],
])('a body of %s has its characters', (type, bytes, text) => {
  expect(answerText(bytes, false, [['content-type', type]])).toEqual({ text, lacking: null });
});

test('the characters that HTML writes as references are those that they stand for', () => {
  expect(withoutReferences('/auth?a=1&amp;b=2&#38;c=&quot;&#x2F;&apos;&lt;&gt;')).toBe('/auth?a=1&b=2&c="/\'<>');
  expect(withoutReferences('a & b &unknown; &amp &#0; &#xFFFFFFFF; &;')).toBe(
    'a & b &unknown; &amp &#0; &#xFFFFFFFF; &;',
  );
  expect(isHtml([['content-type', 'text/html; charset=utf-8']])).toBe(true);
  expect(isHtml([['content-type', 'application/json']])).toBe(false);
});

test('no bytes whatever make it fail', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('gzip', 'br', 'deflate', 'x', ''),
      fc.boolean(),
      fc.string({ unit: 'binary', maxLength: 20 }),
      (bytes, coding, cut, type) => {
        const read = answerText(bytes, cut, [
          ['content-encoding', coding],
          ['content-type', `text/plain; charset=${type}`],
        ]);
        expect(typeof read.text).toBe('string');
        expect(withoutReferences(read.text).length).toBeLessThanOrEqual(read.text.length);
      },
    ),
  );
});
