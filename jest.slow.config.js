import unit from './jest.config.js';

/** Long simulations, of which a short one with the same sense is among the tests; no timing. */
/** @type {import('jest').Config} */
export default {
  ...unit,
  testMatch: ['<rootDir>/__tests__/**/*.slow.ts'],
  testTimeout: 300_000,
};
