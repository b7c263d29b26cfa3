import { sendCountedLoad } from '../src/adapters/engine/load-generator.ts';
import { searchCapacity } from '../src/load/capacity/capacity-search.ts';
import { judgeStep, requestsFor } from '../src/load/capacity/capacity-step.ts';
import { createRandom } from '../src/load/random.ts';
import { parseThresholds } from '../src/load/thresholds/thresholds.ts';
import type { CapacityResult } from '../src/model/capacity.ts';
import { onLoopback } from '../src/model/endpoint.ts';
import { answerOf } from './capacity-systems.ts';
import { benchPlan } from './generators.ts';
import { startServer } from './machine.ts';
import { table } from './statistics.ts';

export interface CapacityBench {
  /** Searches on servers that serve a known number of requests per second. */
  readonly servers: readonly { readonly limit: number; readonly result: CapacityResult; readonly seconds: number }[];
  /** Searches on made-up systems that waver around a known capacity. */
  readonly coverage: readonly {
    readonly spread: number;
    readonly lapses: number;
    readonly held: number;
    readonly searches: number;
    readonly meanSteps: number;
    readonly meanError: number;
    readonly meanWidth: number;
  }[];
}

const LIMITS = [100, 400, 1500];
const RULES = parseThresholds('http_req_duration: p(95)<100\nhttp_req_failed: rate<0.01').thresholds;
const LIMIT_MS = 75_000;
const RAMP_UP_MS = 500;
const SHORTEST_STEP_MS = 2000;

/**
 * What a search finds, beside what is known: on real servers through the real engine, and on systems made of chance.
 *
 * @param searches on systems of each kind.
 */
export async function benchCapacity(port: number, searches: number): Promise<CapacityBench> {
  const coverage = [];
  for (const spread of [0.002, 0.01, 0.03, 0.1]) {
    for (const lapses of [0, 0.02, 0.05]) coverage.push(await simulate(spread, lapses, searches));
  }
  const servers = [];
  for (const limit of LIMITS) servers.push(await searchServer(port, limit));
  return { servers, coverage };
}

async function searchServer(port: number, limit: number): Promise<CapacityBench['servers'][number]> {
  console.error(`a server of ${String(limit)} requests per second`);
  const server = await startServer(
    [process.execPath, '--import', 'tsx', 'bench/limit-server.ts', String(port), String(limit)],
    port,
  );
  const beganMs = performance.now();
  try {
    const result = await searchCapacity(
      {
        requestsPerStep: requestsFor(RULES),
        shortestStepMs: SHORTEST_STEP_MS,
        overheadMs: RAMP_UP_MS,
        limitMs: LIMIT_MS,
      },
      {
        now: () => performance.now(),
        runStep: async (step) => {
          const plan = benchPlan({
            model: {
              kind: 'open',
              ratePerSecond: step.ratePerSecond,
              arrivals: 'constant',
              concurrency: Math.min(1000, Math.ceil(step.ratePerSecond)),
            },
            durationMs: step.durationMs,
            rampUpMs: RAMP_UP_MS,
          });
          const { load } = await sendCountedLoad(plan, { endpoint: onLoopback(port), workers: 1, entry: '' });
          return judgeStep(step, load, RULES);
        },
        onStep: ({ steps }) => {
          console.error(JSON.stringify(steps.at(-1)));
        },
      },
    );
    return { limit, result, seconds: (performance.now() - beganMs) / 1000 };
  } finally {
    await server.stop();
  }
}

async function simulate(spread: number, lapses: number, searches: number): Promise<CapacityBench['coverage'][number]> {
  const random = createRandom(`capacity ${String(spread)} ${String(lapses)}`);
  let [held, steps, error, width] = [0, 0, 0, 0];
  for (let count = 0; count < searches; count++) {
    const capacity = 50 * 100 ** random.uniform();
    const result = await searchCapacity(
      { requestsPerStep: 500, shortestStepMs: 5000, overheadMs: 0, limitMs: Infinity },
      {
        now: () => 0,
        runStep: ({ ratePerSecond }) => Promise.resolve(answerOf(ratePerSecond, { capacity, spread, lapses }, random)),
        onStep: () => undefined,
      },
    );
    const { low, high } = result.interval ?? { low: NaN, high: NaN };
    if (low <= capacity && capacity <= high) held += 1;
    steps += result.steps.length;
    error += Math.abs(Number(result.ratePerSecond) / capacity - 1);
    width += Math.sqrt(high / low) - 1;
  }
  console.error(JSON.stringify({ spread, lapses, held, searches, steps, error, width }));
  return {
    spread,
    lapses,
    held,
    searches,
    meanSteps: steps / searches,
    meanError: error / searches,
    meanWidth: width / searches,
  };
}

export function capacityTable({ servers, coverage }: CapacityBench): string {
  const shown = (value: number | null | undefined): string =>
    value === null || value === undefined ? '-' : value.toPrecision(4);
  return [
    table(
      ['served per second', 'found', '95 % interval', 'steps', 'seconds', 'ended'],
      servers.map(({ limit, result, seconds }) => [
        String(limit),
        shown(result.ratePerSecond),
        `${shown(result.interval?.low)} to ${shown(result.interval?.high)}`,
        String(result.steps.length),
        seconds.toFixed(0),
        result.end,
      ]),
    ),
    table(
      [
        'spread',
        'answers by chance',
        'interval held the capacity',
        'mean steps',
        'mean error',
        'interval to both sides',
      ],
      coverage.map(({ spread, lapses, held, searches, meanSteps, meanError, meanWidth }) => [
        String(spread),
        `${(lapses * 100).toFixed(0)} %`,
        `${((held / searches) * 100).toFixed(1)} % of ${String(searches)}`,
        meanSteps.toFixed(1),
        `${(meanError * 100).toFixed(1)} %`,
        `${(meanWidth * 100).toFixed(1)} %`,
      ]),
    ),
  ].join('\n\n');
}
