import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type CpuProfile, readProfile } from '../../../src/comparison/profiles/read-profile.ts';

/** Recorded with runtime/pprof of Go: `main.serve` hashes for 300 ms, and in head computes for 600 ms more in `main.priceItems`. */
const RECORDED = readFileSync(join(import.meta.dirname, '../../fixtures/profiles/head.pb.gz'));

const ofFunction = ({ stacks }: CpuProfile, name: string): number =>
  stacks.filter(({ frames }) => frames.includes(name)).reduce((sum, { value }) => sum + value, 0);

const V8 = {
  nodes: [
    { id: 1, callFrame: { functionName: '(root)', url: '' }, children: [2, 4] },
    { id: 2, callFrame: { functionName: 'serve', url: 'file:///app/server.js' }, children: [3] },
    { id: 3, callFrame: { functionName: '', url: 'file:///app/price.js' } },
    { id: 4, callFrame: { functionName: '(idle)', url: '' } },
  ],
  startTime: 0,
  endTime: 10_000,
  samples: [3, 4, 2, 3],
  timeDeltas: [0, 4000, 3000, 1000, 2000],
};

describe('a profile is read', () => {
  test.each([
    { name: 'as Go gives it', bytes: RECORDED },
    { name: 'without compression', bytes: gunzipSync(RECORDED) },
  ])('pprof $name', ({ bytes }) => {
    const profile = readProfile(bytes);
    expect(profile.unit).toBe('ms');
    expect(profile.seconds).toBeCloseTo(0.9, 2);
    expect(ofFunction(profile, 'main.priceItems')).toBe(600);
    expect(ofFunction(profile, 'main.serve')).toBe(890);
    const priced = profile.stacks.find(({ frames }) => frames.includes('main.priceItems'));
    expect(priced?.frames).toEqual(['runtime.main', 'main.main', 'main.serve', 'main.priceItems']);
  });

  test('the .cpuprofile of V8, without the time in which nothing ran', () => {
    const profile = readProfile(Buffer.from(JSON.stringify(V8)));
    expect(profile).toEqual({
      unit: 'ms',
      seconds: 0.01,
      samples: 3,
      stacks: [
        { frames: ['serve server.js', '(anonymous) price.js'], value: 6 },
        { frames: ['serve server.js'], value: 1 },
      ],
    });
  });

  test('folded stacks, compressed or not', () => {
    const text = 'main (app.py:3);price (app.py:9) 12\nmain (app.py:3) 1\n\n';
    const profile = {
      unit: 'samples',
      seconds: null,
      samples: 13,
      stacks: [
        { frames: ['main (app.py:3)', 'price (app.py:9)'], value: 12 },
        { frames: ['main (app.py:3)'], value: 1 },
      ],
    };
    expect(readProfile(Buffer.from(text))).toEqual(profile);
    expect(readProfile(gzipSync(text))).toEqual(profile);
  });
});

describe('what is no profile is refused with the reason', () => {
  test.each([
    { name: 'nothing', bytes: Buffer.alloc(0), why: 'it is empty' },
    { name: 'a page', bytes: Buffer.from('<html>404 page not found</html>'), why: '404 page not found' },
    { name: 'half of one', bytes: RECORDED.subarray(0, 500), why: 'compression is damaged' },
    { name: 'other JSON', bytes: Buffer.from('{"error":"no"}'), why: 'not a V8 .cpuprofile' },
    { name: 'random bytes', bytes: Buffer.from([0, 255, 7, 1, 99]), why: 'not pprof' },
    {
      name: 'one of an idle process',
      bytes: Buffer.from(JSON.stringify({ ...V8, samples: [4], timeDeltas: [0, 5] })),
      why: 'no sample',
    },
  ])('$name', ({ bytes, why }) => {
    expect(() => readProfile(bytes)).toThrow(why);
  });
});
