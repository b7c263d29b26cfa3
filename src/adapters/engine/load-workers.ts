import { Worker } from 'node:worker_threads';
import { addCounts, type LoadCounts } from '../../load/counts/load-counts.ts';
import { type LoadMeasurement, mergeMeasurements } from '../../load/counts/measurement.ts';
import type { LoadProgress } from '../../load/engine/generate.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { LoadSettings, Measured } from './load-thread.ts';

/** The data that a worker is started with, which tells its program that it is a worker. */
export const WORKER_DATA = 'k8s-loadtest-ci/load-worker';

export type ToWorker =
  /** `counted` and `watched`: whether the worker tells its counts, and all that it has measured, while it sends. */
  | {
      readonly kind: 'load';
      readonly plan: LoadPlan;
      readonly endpoint: Endpoint;
      readonly counted: boolean;
      readonly watched: boolean;
    }
  | { readonly kind: 'start' | 'cancel' };

export type FromWorker =
  | { readonly kind: 'warm' }
  | { readonly kind: 'progress'; readonly progress: LoadProgress }
  | { readonly kind: 'counts'; readonly counts: LoadCounts }
  | { readonly kind: 'so-far'; readonly measurement: LoadMeasurement }
  | { readonly kind: 'failed'; readonly error: unknown }
  | ({ readonly kind: 'measured' } & Measured);

/**
 * Idle workers, by the file that they run. Starting and rehearsing a new one would slow down every short load of a
 * comparison, and the system under test, which shares the cores.
 */
const waiting = new Map<string, LoadWorker[]>();

/**
 * Sends the parts of a plan at the same time, each from its own worker. All begin together, so their windows are the
 * same.
 *
 * @throws Error when a target can't be requested or a worker dies; the other workers are stopped then.
 */
export async function sendInWorkers(
  plan: LoadPlan,
  parts: readonly LoadPlan[],
  { entry, endpoint, signal, onProgress, onCounts, onMeasured }: LoadSettings & { readonly entry: string | URL },
): Promise<Measured[]> {
  const progress = parts.map((): LoadProgress => ({ elapsedMs: 0, sent: 0, answered: 0, failed: 0 }));
  const dealt = parts.map((part) => ({ part, worker: takeWorker(entry) }));
  const tellAll = (kind: 'start' | 'cancel'): void => {
    dealt.forEach(({ worker }) => {
      worker.tell({ kind });
    });
  };
  const cancel = (): void => {
    tellAll('cancel');
  };
  const onCountsOf = inTurn<LoadCounts>(dealt.length, (counts) => {
    onCounts?.(addCounts(counts));
  });
  const onMeasuredOf = inTurn<LoadMeasurement>(dealt.length, (measured) => {
    onMeasured?.(mergeMeasurements(plan, measured));
  });
  let warm = 0;
  const told = { counted: onCounts !== undefined, watched: onMeasured !== undefined };
  const loads = dealt.map(({ part, worker }, index) =>
    worker.send({ kind: 'load', plan: part, endpoint, ...told }, (message) => {
      if (message.kind === 'warm' && ++warm === dealt.length) tellAll('start');
      if (message.kind === 'counts') onCountsOf(index, message.counts);
      if (message.kind === 'so-far') onMeasuredOf(index, message.measurement);
      if (message.kind !== 'progress') return;
      progress[index] = message.progress;
      if (index === 0) onProgress?.(sumOf(progress));
    }),
  );
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    const measured = await Promise.all(loads);
    waiting.set(String(entry), [...(waiting.get(String(entry)) ?? []), ...dealt.map(({ worker }) => worker)]);
    return measured;
  } catch (error) {
    await Promise.all(dealt.map(({ worker }) => worker.end()));
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** Workers report at about the same time; once the last has, there is a sum. */
function inTurn<Told>(of: number, onAll: (told: readonly Told[]) => void): (index: number, told: Told) => void {
  const latest: Told[] = [];
  let untold = of;
  return (index, told) => {
    latest[index] = told;
    untold -= 1;
    if (untold > 0) return;
    untold = of;
    onAll(latest);
  };
}

function takeWorker(entry: string | URL): LoadWorker {
  const workers = waiting.get(String(entry)) ?? [];
  for (let worker = workers.pop(); worker !== undefined; worker = workers.pop()) {
    if (worker.alive) return worker;
  }
  return new LoadWorker(entry);
}

interface Load {
  readonly onMessage: (message: FromWorker) => void;
  readonly resolve: (measured: Measured) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that sends one load after another. While idle, it does not keep the process alive. */
class LoadWorker {
  alive = true;
  readonly #worker: Worker;
  #load: Load | null = null;

  constructor(entry: string | URL) {
    this.#worker = new Worker(entry, { workerData: WORKER_DATA });
    this.#worker.on('message', (message: FromWorker) => {
      this.#receive(message);
    });
    this.#worker.on('error', (error) => {
      this.#died(error);
    });
    this.#worker.on('exit', (code) => {
      this.#died(new Error(`A load worker ended with code ${String(code)} before it had measured anything`));
    });
  }

  send(load: ToWorker, onMessage: (message: FromWorker) => void): Promise<Measured> {
    this.#worker.ref();
    this.tell(load);
    return new Promise((resolve, reject) => {
      this.#load = { onMessage, resolve, reject };
    });
  }

  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'measured':
        this.#settle()?.resolve(message);
        return;
      case 'failed':
        this.#settle()?.reject(message.error);
        return;
      default:
        this.#load?.onMessage(message);
    }
  }

  #died(error: unknown): void {
    this.alive = false;
    this.#settle()?.reject(error);
  }

  #settle(): Load | null {
    const load = this.#load;
    this.#load = null;
    this.#worker.unref();
    return load;
  }
}

function sumOf(parts: readonly LoadProgress[]): LoadProgress {
  const sum = (figure: (part: LoadProgress) => number): number =>
    parts.reduce((total, part) => total + figure(part), 0);
  return {
    elapsedMs: Math.max(...parts.map((part) => part.elapsedMs)),
    sent: sum((part) => part.sent),
    answered: sum((part) => part.answered),
    failed: sum((part) => part.failed),
  };
}
