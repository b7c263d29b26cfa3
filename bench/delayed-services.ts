import { serveEchoServices } from '../src/adapters/echo-services.ts';
import { createRandom } from '../src/load/random.ts';
import { normal } from './comparison-noise.ts';

/**
 * The echo services of the try mode with a known time to work: `delayed-services.ts SLOWDOWN SEED [SPREAD]`. Head works longer than
 * base by the share SLOWDOWN. Both have the same noise: weather that changes slowly, each request a little, and now and then a stop.
 * SPREAD is the standard deviation of the logarithm of a factor that each of them has until it is started again.
 */
const [slowdown = '0', seed = '', spread = '0'] = process.argv.slice(2);
export const SERVICES = ['base.localhost', 'head.localhost'] as const;

const WORK_MS = 0.5;
const WEATHER_EVERY_MS = 50;
const WEATHER = 0.05;
const MEMORY = 0.9;
const OWN = 0.1;
const STOPS = 0.005;
const STOP_MS = 3;

if (process.send !== undefined) {
  const random = createRandom(`services/${seed}`);
  const ofStart = createRandom(`start/${seed}`);
  const factors = SERVICES.map(() => Math.exp(Number(spread) * normal(ofStart)));
  let weather = 0;
  let nextMs = 0;
  await serveEchoServices(SERVICES, (host) => {
    const beganMs = performance.now();
    for (; nextMs < beganMs; nextMs += WEATHER_EVERY_MS)
      weather = MEMORY * weather + WEATHER * Math.sqrt(1 - MEMORY ** 2) * normal(random);
    const side = host === SERVICES[1] ? 1 : 0;
    const version = (side === 1 ? 1 + Number(slowdown) : 1) * (factors[side] ?? NaN);
    const workMs =
      WORK_MS * version * Math.exp(weather + OWN * normal(random)) + (random.uniform() < STOPS ? STOP_MS : 0);
    // A timer would be late by up to a millisecond, which is more than most slow-downs.
    while (performance.now() - beganMs < workMs);
  });
}
