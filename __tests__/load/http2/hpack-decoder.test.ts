import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConnectionFault } from '../../../src/load/http2/fault.ts';
import { HEADER_LIST_BYTES, HeaderDecoder } from '../../../src/load/http2/hpack-decoder.ts';
import { field } from './http2-frames.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function decoded(decoder: HeaderDecoder, bytes: Buffer): string[] | null {
  const fields = decoder.decode(bytes, 0, bytes.length);
  return fields?.map(([name, value]) => `${name}: ${value}`) ?? null;
}

describe('the examples of RFC 7541', () => {
  test.each<[string, string, string]>([
    ['C.2.1', '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', 'custom-key: custom-header'],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', ':path: /sample/path'],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', 'password: secret'],
    ['C.2.4', '82', ':method: GET'],
  ])('%s', (_, hex, text) => {
    expect(decoded(new HeaderDecoder(), bytesOf(hex))).toEqual([text]);
  });

  const REQUESTS = [
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
    [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
  ];
  const RESPONSES = [
    [
      ':status: 302',
      'cache-control: private',
      'date: Mon, 21 Oct 2013 20:13:21 GMT',
      'location: https://www.example.com',
    ],
    [
      ':status: 307',
      'cache-control: private',
      'date: Mon, 21 Oct 2013 20:13:21 GMT',
      'location: https://www.example.com',
    ],
    [
      ':status: 200',
      'cache-control: private',
      'date: Mon, 21 Oct 2013 20:13:22 GMT',
      'location: https://www.example.com',
      'content-encoding: gzip',
      'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
    ],
  ];

  test.each<[string, number, string[], string[][]]>([
    [
      'C.3, without a code',
      4096,
      [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '8286 84be 5808 6e6f 2d63 6163 6865',
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      ],
      REQUESTS,
    ],
    [
      'C.4, with the code of Huffman',
      4096,
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ],
      REQUESTS,
    ],
    [
      'C.5, with a table that is too small',
      256,
      [
        '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '4803 3330 37c1 c0bf',
        '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
      ],
      RESPONSES,
    ],
    [
      'C.6, the same with the code of Huffman',
      256,
      [
        '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
        '4883 640e ffc1 c0bf',
        '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
      ],
      RESPONSES,
    ],
  ])('%s', (_, tableBytes, blocks, expected) => {
    const decoder = new HeaderDecoder();
    // A change of the table's size, 31 and what is above it.
    const size = tableBytes === 4096 ? Buffer.alloc(0) : bytesOf('3fe101');
    expect(
      blocks.map((hex, index) => decoded(decoder, Buffer.concat([index === 0 ? size : Buffer.alloc(0), bytesOf(hex)]))),
    ).toEqual(expected);
  });
});

describe('the table', () => {
  test('what it is said to hold no more is gone', () => {
    const decoder = new HeaderDecoder();
    decoded(decoder, bytesOf('4001610162'));
    expect(decoded(decoder, bytesOf('be'))).toEqual(['a: b']);
    expect(() => decoded(decoder, bytesOf('20be'))).toThrow(ConnectionFault);
  });

  test('a field that is larger than it empties it', () => {
    const decoder = new HeaderDecoder();
    decoded(decoder, bytesOf('3f13 4001610162'));
    expect(decoded(decoder, bytesOf('be'))).toEqual(['a: b']);
    decoded(decoder, Buffer.concat([bytesOf('400163 1e'), Buffer.alloc(30, 'x')]));
    expect(() => decoded(decoder, bytesOf('be'))).toThrow('there is no field 62');
  });

  test('changes tell whether a block means the same again', () => {
    const decoder = new HeaderDecoder();
    const changesOf = (hex: string): number => {
      const before = decoder.changes;
      decoded(decoder, bytesOf(hex));
      return decoder.changes - before;
    };
    expect(changesOf('88 0001610162')).toBe(0);
    expect(changesOf('4001610162')).toBe(1);
    expect(changesOf('be')).toBe(0);
    expect(changesOf('20')).toBeGreaterThan(0);
    // It takes no field any more, as nginx has it.
    expect(changesOf('4001610162')).toBe(0);
  });
});

describe('limits', () => {
  test.each([
    ['an index of 0', '80'],
    ['an index that is nowhere', 'be'],
    ['a name that is nowhere', '7e 0161'],
    ['an integer without an end', 'ffffffffffff'],
    ['an integer that is too long', 'ff8080808080808000'],
    ['a block that ends within a name', '400a63'],
    ['a block that ends before a value', '40016 1'],
    ['a block that ends within an integer', 'ff'],
    ['a text that is longer than its block', '40017f'],
    ['a code that is broken', '40016181ff 00'],
    ['a larger table than was allowed', '3fe21f'],
    ['a change of the table after a field', '8220'],
  ])('%s ends the connection', (_, hex) => {
    expect(() => decoded(new HeaderDecoder(), bytesOf(hex))).toThrow(ConnectionFault);
  });

  test('more than is kept is read for the sake of the table, and known to be too much', () => {
    const decoder = new HeaderDecoder();
    const large = field('x'.repeat(100), 'y'.repeat(120));
    const times = Math.ceil(HEADER_LIST_BYTES / 252);
    const block = Buffer.concat([...Array<Buffer>(times).fill(large), bytesOf('4001610162')]);
    expect(decoded(decoder, block)).toBeNull();
    expect(decoded(decoder, bytesOf('be'))).toEqual(['a: b']);
  });
});

/** More than the few of a usual run: `FUZZ_RUNS=100000 npm test -- load/http2`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2000);

test('whatever comes, it is read or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (blocks) => {
      const decoder = new HeaderDecoder();
      try {
        for (const block of blocks) decoder.decode(block, 0, block.length);
      } catch (error) {
        expect(error).toBeInstanceOf(ConnectionFault);
      }
    }),
    { numRuns: RUNS },
  );
});
