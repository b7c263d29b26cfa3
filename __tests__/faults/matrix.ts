import { availableParallelism } from 'node:os';
import { messageOf } from '../../src/errors.ts';
import { judge } from './invariants.ts';
import type { Case, Kind, Row } from './row.ts';
import { Trial, type Figures } from './trial.ts';

export interface RowResult {
  readonly row: Row;
  /** Cases times seeds. */
  readonly ran: number;
  /** Each begins with the case and its seed. */
  readonly failures: readonly string[];
  readonly notes: readonly string[];
  /** Why it was not run, or null. */
  readonly skipped: string | null;
  readonly seconds: number;
}

export interface MatrixResult {
  readonly rows: readonly RowResult[];
  readonly figures: Figures;
  readonly leftovers: number;
  readonly lostReports: number;
}

export interface MatrixOptions {
  /** Each case runs with the seeds from 1 to this. */
  readonly seeds: number;
  readonly onRow?: (result: RowResult) => void;
}

/** Cases mostly wait for each other's processes; those that measure, or use the one Docker, run alone. */
const AT_ONCE: Readonly<Record<Kind, number>> = {
  quick: availableParallelism() * 2,
  slow: availableParallelism() * 4,
  load: 1,
  cluster: 1,
};

/** Runs rows against dist/, those of one kind side by side, and holds the invariants against each case. */
export async function runMatrix(rows: readonly Row[], { seeds, onRow }: MatrixOptions): Promise<MatrixResult> {
  const totals = { figures: new Map() as Figures, leftovers: 0, lostReports: 0 };
  const results: RowResult[] = [];
  for (const kind of Object.keys(AT_ONCE) as Kind[]) {
    const pool = new Pool(AT_ONCE[kind]);
    await Promise.all(
      rows
        .filter((row) => row.kind === kind)
        .map(async (row) => {
          const [failures, notes]: [string[], string[]] = [[], []];
          let ms = 0;
          const skipped = process.env['CI'] === undefined ? (row.skip?.() ?? null) : null;
          const runs =
            skipped !== null
              ? []
              : Object.entries(row.cases).flatMap(([name, run]) =>
                  Array.from({ length: seeds }, (_, index) => ({ name, run, seed: index + 1 })),
                );
          await Promise.all(
            runs.map(({ name, run, seed }) =>
              pool.run(async () => {
                const start = performance.now();
                const outcome = await runCase(`${row.id} ${name}`, run, seed, totals.figures);
                ms += performance.now() - start;
                notes.push(...outcome.notes);
                totals.leftovers += outcome.leftovers;
                totals.lostReports += outcome.lostReports;
                if (outcome.failure !== null) failures.push(`${name} (seed ${String(seed)}): ${outcome.failure}`);
              }),
            ),
          );
          const result = { row, ran: runs.length, failures, notes, skipped, seconds: ms / 1000 };
          results.push(result);
          onRow?.(result);
        }),
    );
  }
  return { rows: rows.flatMap((row) => results.filter((result) => result.row === row)), ...totals };
}

export interface CaseOutcome {
  readonly failure: string | null;
  readonly notes: readonly string[];
  readonly leftovers: number;
  readonly lostReports: number;
}

/** Runs one case with one seed, and judges it even when it failed already. */
export async function runCase(name: string, run: Case, seed: number, figures: Figures): Promise<CaseOutcome> {
  const trial = new Trial(name, seed, figures);
  const failures: string[] = [];
  let judged = { leftovers: 0, lostReports: 0 };
  try {
    await run(trial).catch((error: unknown) => failures.push(messageOf(error)));
    const { violations, ...counts } = await judge(trial.jobs);
    failures.push(...violations);
    judged = counts;
    if (failures.length > 0 && process.env['FAULTS_VERBOSE'] !== undefined)
      for (const { ran } of trial.jobs)
        for (const { step, stdout, stderr } of ran) failures.push(`--- ${step}\n${stdout}${stderr}`);
  } catch (error) {
    failures.push(messageOf(error));
  } finally {
    await trial.end();
  }
  return { failure: failures.length === 0 ? null : failures.join('\n'), notes: trial.notes, ...judged };
}

/** Runs so many at a time. */
class Pool {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async run(work: () => Promise<void>): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
