import { describe, expect, test } from '@jest/globals';
import { fuzz, FUZZ_TARGETS } from './fuzz.ts';

/** Short here; `FUZZ_SECONDS=60 npm run faults -- X1` is the long one. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? '0.5');

describe('whatever text it is', () => {
  test.each(FUZZ_TARGETS)(
    '%s hold',
    async (target) => {
      expect(await fuzz(target, SECONDS, Date.now())).toBeGreaterThan(0);
    },
    SECONDS * 1000 + 60_000,
  );
});
