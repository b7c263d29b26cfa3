// The entry of a worker in the tests, as dist/main/index.js is in the action.
import { register } from 'tsx/esm/api';

register();
const { isLoadWorker, serveLoads } = await import('../../../src/adapters/engine/load-worker.ts');
if (isLoadWorker()) serveLoads();
