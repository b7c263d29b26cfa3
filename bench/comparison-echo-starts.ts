import { clopperPearson } from '../src/comparison/binomial.ts';
import { compareEchoes, startServices } from './comparison-echo.ts';
import { percent, range } from './comparison-simulated.ts';
import { benchRecord } from './record.ts';
import { median, table } from './statistics.ts';

const SPREADS = [0.01, 0.02, 0.03];
const COMPARISONS = 100;
const TOLERANCE = 0.05;

interface EchoStartsRun {
  readonly spread: number;
  readonly number: number;
  /** What the search said of any metric, and what was confirmed on other starts. */
  readonly found: boolean;
  readonly slower: boolean;
  readonly faster: boolean;
  readonly otherStarts: number;
}

/** Many comparisons can be made in several parts. */
const record = benchRecord<EchoStartsRun>('bench-comparison-starts');

/**
 * Whole comparisons of equal versions through the real engine, on services that are a little faster or slower at each
 * start by chance. A hit starts them again.
 *
 * @param minutes ends the call; a further one goes on where this one was.
 */
export async function benchEchoStarts(minutes: number): Promise<EchoStartsRun[]> {
  const endMs = performance.now() + minutes * 60_000;
  const runs = await record.all();
  for (const spread of SPREADS) {
    const done = runs.filter((run) => run.spread === spread).length;
    for (let number = done; number < COMPARISONS && performance.now() < endMs; number++) {
      const run = await compareStarts(spread, number);
      await record.add(run);
      runs.push(run);
      console.error(`spread ${percent(spread)}: ${String(number + 1)} of ${String(COMPARISONS)}`);
    }
  }
  return runs;
}

async function compareStarts(spread: number, number: number): Promise<EchoStartsRun> {
  const seed = `echo-starts/${String(spread)}/${String(number)}`;
  let starts = 0;
  let services = await startServices(0, `${seed}/0`, spread);
  try {
    const comparison = await compareEchoes({
      seed,
      tolerance: TOLERANCE,
      senders: () => services.senders,
      startAgain: async () => {
        starts += 1;
        await services.stop();
        services = await startServices(0, `${seed}/${String(starts)}`, spread);
        return true;
      },
    });
    const { metrics, verdict, confirmed } = comparison;
    return {
      spread,
      number,
      found: metrics.some(({ confirmation }) => confirmation !== null),
      slower: verdict === 'slower' && confirmed === true,
      faster: verdict === 'faster' && confirmed === true,
      otherStarts: starts,
    };
  } finally {
    await services.stop();
  }
}

export function echoStartsTable(runs: readonly EchoStartsRun[]): string {
  return table(
    [
      'spread of starts',
      'comparisons',
      'slower or faster in the search',
      'failed step',
      'called faster',
      '95 % interval of both',
      'other starts',
    ],
    SPREADS.map((spread) => {
      const made = runs.filter((run) => run.spread === spread);
      const share = (holds: (run: EchoStartsRun) => boolean): string =>
        percent(made.filter(holds).length / made.length);
      const wrong = made.filter(({ slower, faster }) => slower || faster).length;
      const restarted = made.filter(({ otherStarts }) => otherStarts > 0).map(({ otherStarts }) => otherStarts);
      return [
        percent(spread),
        String(made.length),
        share(({ found }) => found),
        share(({ slower }) => slower),
        share(({ faster }) => faster),
        range(clopperPearson(wrong, made.length, 0.05)),
        restarted.length === 0 ? '-' : String(median(restarted)),
      ];
    }),
  );
}
