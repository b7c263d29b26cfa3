import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type StreamKind, StreamWatch } from '../../../src/load/journeys/stream-watch.ts';

/** Reads a text in pieces of these sizes, 10 ms apart. */
function watch(kind: StreamKind, text: string, sizes: readonly number[], ends = false) {
  let ms = 100;
  const gaps: number[] = [];
  const stream = new StreamWatch(
    kind,
    () => ms,
    (gap) => gaps.push(gap),
  );
  stream.begin();
  const bytes = Buffer.from(text);

  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    ms += 10;
    const size = sizes[turn % sizes.length] ?? 1;
    stream.add(bytes.subarray(at, at + size), 0, Math.min(size, bytes.length - at));
    at += size;
  }
  if (ends) stream.end();
  return { ...stream.times, gaps };
}

describe('a stream', () => {
  test.each<[StreamKind, string, number]>([
    ['events', 'data: a\n\ndata: b\ndata: c\n\n', 2],
    ['events', ': ping\n\n: ping\n\ndata: a\n\n', 1],
    ['events', 'data: a\r\n\r\nevent: x\r\ndata: b\r\n\r\n', 2],
    ['events', 'data: a\r\rdata: b\r\r', 2],
    ['events', ': note\ndata: a\n\n', 1],
    ['events', '\n\n\n', 0],
    ['events', 'data: not ended\n', 0],
    // A browser tells nobody of these (HTML, 9.2.6): they have no data.
    ['events', 'retry: 3000\n\nid: 7\n\nevent: ping\n\ndatabase: x\n\ndat\n\ndata: a\n\n', 1],
    ['events', 'data\n\ndata:\n\nid: 1\ndata: x\n\n', 3],
    ['events', '\uFEFF: note\n\n\uFEFFdata: no mark here\n\n', 0],
    ['events', '\uFEFFdata: a\n\n', 1],
    ['lines', '\uFEFF\n\uFEFFa\n', 1],
    ['lines', '{"a":1}\n{"a":2}\r\n\n{"a":3}\r', 3],
    ['lines', ':x\n', 1],
    ['lines', 'not ended', 0],
  ])('of %s: %j has so many, whatever pieces it comes in', (kind, text, events) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        const seen = watch(kind, text, sizes);
        expect(seen.events).toBe(events);
        expect(seen.gaps).toHaveLength(Math.max(0, events - 1));
        expect(seen.firstByteMs).toBe(10);
        expect(seen.firstEventMs === null).toBe(events === 0);
      }),
    );
  });

  test.each<[StreamKind, string, number]>([
    ['lines', '{"a":1}\n{"a":2}', 2],
    ['lines', 'a\n', 1],
    ['lines', '', 0],
    ['events', 'data: a\n\ndata: cut off', 1],
    ['events', 'data: a\n\ndata: cut off\n', 1],
  ])('of %s that ends with %j has so many', (kind, text, events) => {
    expect(watch(kind, text, [3], true).events).toBe(events);
  });

  test('is timed from its request on', () => {
    expect(watch('lines', 'a\nbb\nccc\n', [2, 3, 4])).toEqual({
      firstByteMs: 10,
      firstEventMs: 10,
      events: 3,
      gaps: [10, 10],
    });
  });
});
