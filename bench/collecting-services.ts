import { serveEchoServices } from '../src/adapters/echo-services.ts';

/**
 * Two equal echo services in one process that makes much garbage: each request leaves some hundred small objects, of which the last ones stay for a
 * while, so that the collector has young and old ones to look at. What one service leaves the other one's collections find.
 */
export const SERVICES = ['base.localhost', 'head.localhost'] as const;

const OBJECTS = 4000;
const KEPT = 400;

if (process.send !== undefined) {
  const kept: object[] = [];
  let next = 0;
  await serveEchoServices(SERVICES, () => {
    const made = Array.from({ length: OBJECTS }, (_, index) => ({ index, text: `item ${String(index)}` }));
    kept[next % KEPT] = made;
    next += 1;
  });
}
