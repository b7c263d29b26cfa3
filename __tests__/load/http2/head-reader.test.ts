import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HeadReader } from '../../../src/load/http2/head-reader.ts';
import { HeaderDecoder } from '../../../src/load/http2/hpack-decoder.ts';
import { field, STATUS_200 } from './http2-frames.ts';

/** Gets into the table, as nginx sends it each time. */
const kept = (name: string, value: string): Buffer => {
  const plain = field(name, value);
  plain[0] = 0x40;
  return plain;
};

test('a head that comes again is the same object, and the table goes on as if it had been read', () => {
  const reader = new HeadReader();
  const block = Buffer.concat([STATUS_200, kept('a', 'b'), kept('c', 'd')]);
  const first = reader.head(block, 0, block.length);
  expect(reader.head(block, 0, block.length)).toBe(first);
  const indexed = Buffer.from('88be bf c0 c1'.replaceAll(' ', ''), 'hex');
  expect(reader.head(indexed, 0, indexed.length)?.fields.map(([, value]) => value)).toEqual(['d', 'b', 'd', 'b']);
});

test('whatever comes again, it means what it means to one that reads it', () => {
  const part = fc.constantFrom(
    Buffer.from('be', 'hex'),
    Buffer.from('bf', 'hex'),
    Buffer.from('c0', 'hex'),
    field('x', '1'),
    kept('a', '1'),
    kept('a', '2'),
    kept('long', 'x'.repeat(100)),
  );
  const block = fc
    .tuple(
      fc.constantFrom(Buffer.alloc(0), Buffer.from('20', 'hex'), Buffer.from('3f61', 'hex')),
      fc.array(part, { maxLength: 3 }),
    )
    .map(([size, parts]) => Buffer.concat([size, STATUS_200, ...parts]));
  fc.assert(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat({ max: 3 }), { maxLength: 24 }),
      (blocks, order) => {
        const reader = new HeadReader();
        const decoder = new HeaderDecoder();
        for (const index of order) {
          const bytes = blocks[index % blocks.length] ?? STATUS_200;
          let expected;
          try {
            expected = decoder.decode(bytes, 0, bytes.length)?.slice(1);
          } catch {
            expect(() => reader.head(bytes, 0, bytes.length)).toThrow();
            return;
          }
          expect(reader.head(bytes, 0, bytes.length)?.fields).toEqual(expected);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
