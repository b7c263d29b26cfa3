import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameWriter } from '../../../src/load/http2/frame-writer.ts';
import { HeadParts, type HeadPart } from '../../../src/load/http2/head-parts.ts';
import { HeaderDecoder } from '../../../src/load/http2/hpack-decoder.ts';
import { HeaderEncoder } from '../../../src/load/http2/hpack-encoder.ts';

function block(encoder: HeaderEncoder, parts: readonly HeadPart[], values: readonly (string | null)[] = []): Buffer {
  const writer = new FrameWriter();
  encoder.write(parts, values, writer);
  return Buffer.from(writer.take());
}

const read = (decoder: HeaderDecoder, bytes: Buffer): unknown => decoder.decode(bytes, 0, bytes.length);

describe('a request', () => {
  const parts = new HeadParts();
  const get = [
    parts.constant(':method', 'GET'),
    parts.constant(':scheme', 'https'),
    parts.constant(':authority', 'www.example.com'),
    parts.constant(':path', '/'),
  ];

  test('is four bytes from the second one on', () => {
    const encoder = new HeaderEncoder();
    expect(block(encoder, get).toString('hex')).toBe('8287418cf1e3c2e5f23a6ba0ab90f4ff84');
    expect(block(encoder, get).toString('hex')).toBe('8287be84');
  });

  test('names what is secret as never to be kept, each time', () => {
    const encoder = new HeaderEncoder();
    for (const name of ['authorization', 'cookie', 'proxy-authorization']) {
      const first = block(encoder, [parts.constant(name, 'a')]);
      expect((first[0] ?? 0) & 0xf0).toBe(0x10);
      expect(block(encoder, [parts.constant(name, 'a')])).toEqual(first);
      expect((block(encoder, [parts.varying(name)], ['b'])[0] ?? 0) & 0xf0).toBe(0x10);
    }
  });

  test('has the values that vary where they belong, and leaves out those that are null', () => {
    const encoder = new HeaderEncoder();
    const decoder = new HeaderDecoder();
    const varying = [...get.slice(0, 3), parts.varying(':path'), parts.varying('cookie'), parts.varying('x-id')];
    const long = 'x'.repeat(300);
    for (const id of ['1', long])
      expect(read(decoder, block(encoder, varying, [`/${id}`, null, id]))).toEqual([
        [':method', 'GET'],
        [':scheme', 'https'],
        [':authority', 'www.example.com'],
        [':path', `/${id}`],
        ['x-id', id],
      ]);
  });
});

describe('the table of the peer', () => {
  const parts = new HeadParts();
  const host = parts.constant(':authority', 'a.localhost');

  test('a smaller one is told with the next block, and begins empty', () => {
    const encoder = new HeaderEncoder();
    const decoder = new HeaderDecoder();
    read(decoder, block(encoder, [host]));
    encoder.setLimit(100);
    const next = block(encoder, [host]);
    expect(next.subarray(0, 3).toString('hex')).toBe('203f45');
    expect(read(decoder, next)).toEqual([[':authority', 'a.localhost']]);
    expect(block(encoder, [host]).toString('hex')).toBe('be');
    encoder.setLimit(100_000);
    expect(block(encoder, [host]).toString('hex')).toBe('3fe11fbe');
  });

  test('none at all is none', () => {
    const encoder = new HeaderEncoder();
    encoder.setLimit(0);
    const first = block(encoder, [host]);
    expect(first[0]).toBe(0x20);
    expect(block(encoder, [host])).toEqual(first.subarray(1));
  });
});

test('whatever is written is read again, however the table changes', () => {
  const name = fc.stringMatching(/^[a-z-]{1,12}$/);
  const value = fc.stringMatching(/^[ -~]{0,150}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 40 }),
      fc.array(
        fc.oneof(
          fc.record({ limit: fc.constantFrom(0, 50, 200, 1000, 4096, 65_536) }),
          fc.record({ pick: fc.array(fc.nat(), { maxLength: 12 }) }),
        ),
        { maxLength: 20 },
      ),
      (fields, steps) => {
        const parts = new HeadParts();
        const encoder = new HeaderEncoder();
        const decoder = new HeaderDecoder();
        for (const step of steps) {
          if ('limit' in step) {
            encoder.setLimit(step.limit);
            continue;
          }
          const picked = step.pick.map((index): [string, string] => fields[index % fields.length] ?? ['a', '']);
          const written = block(
            encoder,
            picked.map(([key, text]) => parts.constant(key, text)),
          );
          expect(read(decoder, written)).toEqual(picked);
        }
      },
    ),
  );
});

test('more fields than a table can hold are written as they are', () => {
  const parts = new HeadParts();
  const encoder = new HeaderEncoder();
  const decoder = new HeaderDecoder();
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 300; i++)
      expect(read(decoder, block(encoder, [parts.constant('x', String(i))]))).toEqual([['x', String(i)]]);
});
