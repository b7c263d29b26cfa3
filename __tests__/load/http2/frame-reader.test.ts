import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConnectionFault } from '../../../src/load/http2/fault.ts';
import { FrameReader } from '../../../src/load/http2/frame-reader.ts';
import { frame } from './http2-frames.ts';

/** What a reader tells of bytes that come in pieces; those of data are joined. */
function read(pieces: readonly Uint8Array[]): string[] {
  const told: string[] = [];
  let data = '';
  const reader = new FrameReader({
    frame: (type, flags, stream, bytes, start, end) => {
      told.push(`${[type, flags, stream].join(' ')} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
    },
    dataBegan: (flags, stream, length) => {
      told.push(`data ${[flags, stream, length].join(' ')}`);
      data = '';
    },
    data: (_stream, bytes, start, end) => {
      data += Buffer.from(bytes.subarray(start, end)).toString('hex');
    },
    dataEnded: (flags, stream) => {
      told.push(`${data} end ${[flags, stream].join(' ')}`);
    },
  });
  for (const piece of pieces) reader.read(piece, 0, piece.length);
  return told;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set([...places.map((place) => place % bytes.length), bytes.length])].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const PADDED = 8;

test('frames are read as they are', () => {
  const bytes = Buffer.concat([
    frame(4, 0, 0),
    frame(1, 4, 1, Buffer.from('88', 'hex')),
    frame(0, 1, 1, Buffer.from('foo')),
    frame(0, PADDED, 3, Buffer.from('\u0002bar\0\0')),
    frame(0, 1, 3),
    frame(250, 7, 5, Buffer.from('00ff', 'hex')),
  ]);
  expect(read([bytes])).toEqual([
    '4 0 0 ',
    '1 4 1 88',
    'data 1 1 3',
    '666f6f end 1 1',
    'data 8 3 6',
    '626172 end 8 3',
    'data 1 3 0',
    ' end 1 3',
    '250 7 5 00ff',
  ]);
});

test('padding may be all that there is', () => {
  expect(read([frame(0, PADDED, 1, Buffer.from([2, 0, 0]))])).toEqual(['data 8 1 3', ' end 8 1']);
  expect(read([frame(0, PADDED, 1, Buffer.from([0]))])).toEqual(['data 8 1 1', ' end 8 1']);
});

test('bytes may come in any pieces', () => {
  const anyFrame = fc
    .tuple(fc.nat({ max: 11 }), fc.nat({ max: 255 }), fc.nat({ max: 9 }), fc.uint8Array({ maxLength: 40 }))
    .map(([type, flags, stream, payload]) => {
      if (type !== 0 || (flags & PADDED) === 0) return frame(type, flags, stream, payload);
      return frame(type, flags, stream, Buffer.concat([Buffer.from([payload.length]), Buffer.from('x'), payload]));
    });
  fc.assert(
    fc.property(
      fc.array(anyFrame, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames);
        const whole = read([bytes]);
        expect(read(cut(bytes, cuts))).toEqual(whole);
        expect(read(cut(bytes, [...bytes.keys()]))).toEqual(whole);
      },
    ),
  );
});

describe('what can be no frame', () => {
  test.each([
    ['one that is too long', frame(1, 4, 1, Buffer.alloc(16_385))],
    ['data with more padding than there is', frame(0, PADDED, 1, Buffer.from([3, 0, 0]))],
    ['data without room for its padding', frame(0, PADDED, 1)],
  ])('%s', (_, bytes) => {
    expect(() => read([bytes])).toThrow(ConnectionFault);
  });

  test('the longest that is allowed is none of them', () => {
    expect(read([frame(1, 4, 1, Buffer.alloc(16_384))])).toHaveLength(1);
  });
});
