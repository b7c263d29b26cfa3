// As load-worker-entry.js, with a memory that it shares with its test: how many were started, and whether they are to die.
import { getEnvironmentData } from 'node:worker_threads';
import './load-worker-entry.js';

const watched = new Int32Array(getEnvironmentData('watched-workers'));
Atomics.add(watched, 0, 1);
setInterval(() => {
  if (Atomics.load(watched, 1) === 1) process.exit(3);
}, 5).unref();
