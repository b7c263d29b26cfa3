import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareProfiles, type TakenProfile } from '../../../src/comparison/profiles/compare-profiles.ts';
import { type CpuProfile, readProfile } from '../../../src/comparison/profiles/read-profile.ts';

const folded = (stacks: Readonly<Record<string, number>>, unit: CpuProfile['unit'] = 'ms'): CpuProfile => ({
  unit,
  seconds: 10,
  samples: 1000,
  stacks: Object.entries(stacks).map(([frames, value]) => ({ frames: frames.split(';'), value })),
});
const taken = (profile: CpuProfile, changes: Partial<TakenProfile> = {}): TakenProfile => ({
  pod: 'shop-1',
  pods: 1,
  file: 'profiles/shop.pb.gz',
  seconds: 10,
  requests: 1000,
  samples: 1000,
  profile,
  ...changes,
});
const recorded = (name: string): CpuProfile =>
  readProfile(readFileSync(join(import.meta.dirname, `../../fixtures/profiles/${name}.pb.gz`)));

describe('profiles of two versions', () => {
  test('name the function of a recorded head that burns the CPU', () => {
    const { functions, path, total, flame } = compareProfiles('shop', {
      base: taken(recorded('base')),
      head: taken(recorded('head')),
    });
    expect(functions[0]).toMatchObject({ name: 'main.priceItems', self: { base: 0, head: 600 } });
    expect(path).toEqual(['runtime.main', 'main.main', 'main.serve', 'main.priceItems']);
    expect(total.head - total.base).toBeGreaterThanOrEqual(550);
    expect(flame.names).toContain('main.priceItems');
  });

  test('are brought to the same number of requests, and to all pods', () => {
    const base = taken(folded({ 'main;list': 500 }), { requests: 500, pods: 2 });
    const head = taken(folded({ 'main;list': 500 }), { requests: 2000, pods: 1 });
    expect(compareProfiles('shop', { base, head }).total).toEqual({ base: 2000, head: 250 });
  });

  test('count a function that calls itself once', () => {
    const base = taken(folded({ 'main;walk;walk;walk': 30, main: 10 }));
    const head = taken(folded({ 'main;walk;walk;walk': 60, main: 10 }));
    expect(compareProfiles('shop', { base, head }).functions).toEqual([
      { name: 'walk', self: { base: 30, head: 60 }, whole: { base: 30, head: 60 } },
    ]);
  });

  test('lead to the function below which most of the change is, and no further', () => {
    const base = taken(folded({ 'main;handle;read': 10, 'main;other': 50 }));
    const head = taken(folded({ 'main;handle;read': 50, 'main;handle;write': 45, 'main;other': 48 }));
    expect(compareProfiles('shop', { base, head }).path).toEqual(['main', 'handle']);
  });

  test('lead nowhere when head spends no more', () => {
    const base = taken(folded({ 'main;list': 50 }));
    expect(compareProfiles('shop', { base, head: base })).toMatchObject({ path: [], functions: [] });
  });

  test('leave ten functions, and out of the tree what is too narrow to be seen', () => {
    const many = (extra: number): CpuProfile =>
      folded(
        Object.fromEntries<number>([
          ...Array.from({ length: 30 }, (_, index) => [`main;f${String(index)}`, 100 + extra * index] as const),
          ['main;tiny', 1],
        ]),
      );
    const compared = compareProfiles('shop', { base: taken(many(0)), head: taken(many(1)) });
    expect(compared.functions.map(({ name }) => name)).toEqual(
      Array.from({ length: 10 }, (_, index) => `f${String(29 - index)}`),
    );
    expect(compared.flame.names).not.toContain('tiny');
    expect(compared.flame.nodes).toHaveLength(31);
  });

  test.each([
    { name: 'different units', head: taken(folded({ a: 1 }, 'samples')), why: 'base is in ms' },
    { name: 'no request', head: taken(folded({ a: 1 }), { requests: 0 }), why: 'head answered no request' },
  ])('are not compared with $name', ({ head, why }) => {
    expect(() => compareProfiles('shop', { base: taken(folded({ a: 1 })), head })).toThrow(why);
  });
});
