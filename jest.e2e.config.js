import unit from './jest.config.js';

/** End to end on a real cluster; needs Docker. docs/development.md says which variables it reads. */
/** @type {import('jest').Config} */
export default {
  ...unit,
  testMatch: ['<rootDir>/__tests__/e2e/**/*.e2e.ts'],
  // A cluster takes a minute to come up, and several at once would measure each other.
  testTimeout: 900_000,
  maxWorkers: 1,
};
