import type { LoadPlan } from '../src/load/requests/plan.ts';
import type { EngineName, EngineRun } from './engine.ts';
import { benchPlan, runEngine, type Settings } from './generators.ts';
import { figure, median, spread, table } from './statistics.ts';

export interface ShortLoadResult {
  readonly load: string;
  readonly engine: string;
  readonly runs: readonly EngineRun[];
}

/** The users of a run that nobody has tuned, as in the defaults of the action. */
const CONNECTIONS = 10;
const RATE_PER_SECOND = 20_000;
const OPEN_MS = 3000;
const TIMEOUT_MS = 30_000;

const LOADS: readonly { readonly load: string; readonly plan: Partial<LoadPlan> }[] = [
  { load: '2,000 requests, closed', plan: { model: { kind: 'closed', concurrency: CONNECTIONS }, requests: 2000 } },
  { load: '20,000 requests, closed', plan: { model: { kind: 'closed', concurrency: CONNECTIONS }, requests: 20_000 } },
  {
    load: '3 s at 20,000/s, open',
    plan: {
      model: { kind: 'open', ratePerSecond: RATE_PER_SECOND, arrivals: 'constant', concurrency: CONNECTIONS },
      durationMs: OPEN_MS,
    },
  },
];

const ENGINES: readonly { readonly engine: string; readonly name: EngineName }[] = [
  { engine: 'ours', name: 'fast' },
  { engine: 'without its rehearsal', name: 'unrehearsed' },
];

/** Loads that are over before V8 has compiled the engine, unless it has rehearsed: what they cost and how late its answers seem. */
export async function benchShortLoads({ port }: Pick<Settings, 'port'>, rounds: number): Promise<ShortLoadResult[]> {
  const cases = LOADS.flatMap(({ load, plan }) =>
    ENGINES.map(({ engine, name }) => ({ load, engine, name, plan, runs: [] as EngineRun[] })),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { name, plan, runs } of cases) {
      runs.push(await runEngine(name, port, benchPlan({ ...plan, warmupRequests: 2 * CONNECTIONS }), TIMEOUT_MS));
    }
  }
  return cases.map(({ load, engine, runs }) => ({ load, engine, runs }));
}

export function shortLoadsTable(results: readonly ShortLoadResult[]): string {
  return table(
    ['load', 'engine', 'CPU µs/request', 'spread', 'p99 ms', 'spread', 'max ms'],
    results.map(({ load, engine, runs }) => {
      const of = (key: 'cpuMicrosPerRequest' | 'p99Ms' | 'maxMs'): number[] => runs.map((run) => run[key]);
      return [
        load,
        engine,
        figure(median(of('cpuMicrosPerRequest')), 1),
        spread(of('cpuMicrosPerRequest'), 1),
        figure(median(of('p99Ms')), 2),
        spread(of('p99Ms'), 2),
        figure(median(of('maxMs')), 1),
      ];
    }),
  );
}
