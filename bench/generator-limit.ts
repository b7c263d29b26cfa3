import { spawn } from 'node:child_process';
import { isSpoilt } from '../src/load/counts/saturation.ts';
import type { LoadPlan } from '../src/load/requests/plan.ts';
import type { EngineRun } from './engine.ts';
import { benchPlan, runEngine } from './generators.ts';
import { canGoAhead, GENERATOR_CORE, onCore, startServer } from './machine.ts';
import { figure, median, table } from './statistics.ts';

/** What the generator's judgement of itself was worth in some short loads of one kind. */
export interface GeneratorLimitResult {
  readonly load: string;
  readonly hog: string;
  readonly rounds: number;
  readonly medianP50Ms: number;
  readonly medianP99Ms: number;
  /** Rounds whose p50 (p99) was further from the truth than what is tolerated. */
  readonly wrong: { readonly p50: number; readonly p99: number };
  /** Of these, those in which the figure was called the generator's. */
  readonly found: { readonly p50: number; readonly p99: number };
  /** Rounds in which a figure was called so that was right. */
  readonly falseAlarms: { readonly p50: number; readonly p99: number };
}

const SECONDS = 2;
const TIMEOUT_MS = 30_000;
/** A server that answers at once: no percentile of it is above that, as it goes ahead of all other programs. */
const TRUTH_MS = 1;
const SERVER =
  "require('node:http').createServer((_, answer) => answer.end('foo\\n')).listen(process.argv[1], '127.0.0.1')";

const HOGS = [
  { name: 'none', busyMs: 0 },
  { name: '3 of every 10 ms', busyMs: 3 },
  { name: '30 of every 60 ms', busyMs: 30 },
] as const;

/**
 * Small loads on a server that answers at once, with a program beside the generator that takes its core at times that are known,
 * and without. The truth is known, so that each figure that is far above it is the generator's.
 */
export async function benchGeneratorLimit(port: number, rounds: number): Promise<GeneratorLimitResult[]> {
  const durationMs = SECONDS * 1000;
  const open = (ratePerSecond: number): LoadPlan =>
    benchPlan({ model: { kind: 'open', ratePerSecond, arrivals: 'constant', concurrency: 50 }, durationMs });
  const loads: { readonly name: string; readonly plan: LoadPlan }[] = [
    { name: 'open, 300/s', plan: open(300) },
    { name: 'closed, 4 users', plan: benchPlan({ model: { kind: 'closed', concurrency: 4 }, durationMs }) },
  ];
  const server = await startServer([process.execPath, '-e', SERVER, String(port)], port, true);
  const results: GeneratorLimitResult[] = [];
  try {
    for (const { name, plan } of loads)
      for (const hog of HOGS) results.push(await roundsOf(name, plan, hog, port, rounds));
  } finally {
    await server.stop();
  }
  return results;
}

async function roundsOf(
  load: string,
  plan: LoadPlan,
  { name, busyMs }: (typeof HOGS)[number],
  port: number,
  rounds: number,
): Promise<GeneratorLimitResult> {
  const stop = busyMs === 0 ? (): void => undefined : startHog(busyMs, 10 * Math.ceil((busyMs * 2) / 10));
  const runs: EngineRun[] = [];
  try {
    for (let round = 0; round < rounds; round++)
      runs.push(await runEngine('fast', port, plan, TIMEOUT_MS, { ahead: true }));
  } finally {
    stop();
  }
  const each = (['p50', 'p99'] as const).map((percentile) => {
    const judged = runs.map((run) => ({
      wrong: isSpoilt(run[`${percentile}Ms`] - TRUTH_MS, run[`${percentile}Ms`]),
      called: run.generator.limited || isSpoilt(run.generator.addedMs?.[percentile] ?? 0, run[`${percentile}Ms`]),
    }));
    return {
      wrong: judged.filter(({ wrong }) => wrong).length,
      found: judged.filter(({ wrong, called }) => wrong && called).length,
      falseAlarms: judged.filter(({ wrong, called }) => !wrong && called).length,
    };
  });
  const [p50, p99] = each as [(typeof each)[number], (typeof each)[number]];
  return {
    load,
    hog: name,
    rounds,
    medianP50Ms: median(runs.map((run) => run.p50Ms)),
    medianP99Ms: median(runs.map((run) => run.p99Ms)),
    wrong: { p50: p50.wrong, p99: p99.wrong },
    found: { p50: p50.found, p99: p99.found },
    falseAlarms: { p50: p50.falseAlarms, p99: p99.falseAlarms },
  };
}

/** On the generator's core, with its priority: whoever of the two has the core keeps it until it sleeps. */
function startHog(busyMs: number, everyMs: number): () => void {
  const hog = [process.execPath, '--import', 'tsx', 'bench/cpu-hog.ts', String(busyMs), String(everyMs)];
  const [program, args] = onCore(GENERATOR_CORE, canGoAhead ? ['chrt', '--rr', '1', ...hog] : hog);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return () => {
    child.kill('SIGTERM');
  };
}

export function generatorLimitTable(results: readonly GeneratorLimitResult[]): string {
  return table(
    [
      'load',
      'hog on the same core',
      'rounds',
      'p50 ms',
      'p99 ms',
      'p50 wrong',
      'found',
      'false alarms',
      'p99 wrong',
      'found',
      'false alarms',
    ],
    results.map(({ load, hog, rounds, medianP50Ms, medianP99Ms, wrong, found, falseAlarms }) => [
      load,
      hog,
      String(rounds),
      figure(medianP50Ms, 2),
      figure(medianP99Ms, 2),
      ...(['p50', 'p99'] as const).flatMap((percentile) => [
        String(wrong[percentile]),
        String(found[percentile]),
        String(falseAlarms[percentile]),
      ]),
    ]),
  );
}
