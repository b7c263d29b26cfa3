import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { huffman, huffmanBytes, LONGEST_GROWTH, readHuffman } from '../../../src/load/http2/huffman.ts';

function read(bytes: Uint8Array): string | null {
  const into = Buffer.alloc(Math.ceil(bytes.length * LONGEST_GROWTH));
  const length = readHuffman(bytes, 0, bytes.length, into);
  return length < 0 ? null : into.toString('latin1', 0, length);
}

// RFC 7541, appendix C.4 and C.6.
test.each([
  ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
  ['no-cache', 'a8eb10649cbf'],
  ['custom-key', '25a849e95ba97d7f'],
  ['302', '6402'],
  ['Mon, 21 Oct 2013 20:13:21 GMT', 'd07abe941054d444a8200595040b8166e082a62d1bff'],
  ['https://www.example.com', '9d29ad171863c78f0b97c8e9ae82ae43d3'],
  [
    'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
    '94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
  ],
])('%s', (text, code) => {
  expect(Buffer.from(huffman(Buffer.from(text))).toString('hex')).toBe(code);
  expect(read(Buffer.from(code, 'hex'))).toBe(text);
});

test('whatever is written is read again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const coded = huffman(bytes);
      expect(coded.length).toBe(huffmanBytes(bytes));
      expect(read(coded)).toBe(Buffer.from(bytes).toString('latin1'));
    }),
  );
});

test('whatever is read has one code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const text = read(bytes);
      if (text !== null) expect(Buffer.from(huffman(Buffer.from(text, 'latin1')))).toEqual(Buffer.from(bytes));
    }),
  );
});

test.each([
  ['an end that is not of ones', '1800'],
  ['an end of eight bits', '1fff'],
  ['the code of the end', 'ffffffff'],
  ['a code that is cut', 'fffe'],
])('%s is no code', (_, code) => {
  expect(read(Buffer.from(code, 'hex'))).toBeNull();
});
