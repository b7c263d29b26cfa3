import { parentPort, Worker, workerData } from 'node:worker_threads';
import { measureLoad, type LoadProgress } from '../load/generate.ts';
import type { CountedLoad } from '../load/joined-load.ts';
import { loadResult, mergeMeasurements, type LoadMeasurement } from '../load/measurement.ts';
import type { LoadPlan } from '../load/plan.ts';
import { judgeGenerator, mergeSamples, type GeneratorSample } from '../load/saturation.ts';
import { splitPlan } from '../load/split-plan.ts';
import type { LoadResult } from '../report/model.ts';
import { systemClock } from './clock.ts';
import { openSender } from './http.ts';
import { rehearse } from './load-rehearsal.ts';
import { watchGenerator } from './load-watch.ts';

export interface LoadSettings {
  /** Where to connect to; 127.0.0.1 without it. */
  readonly address?: string | undefined;
  readonly port: number;
  /** Threads that send the load; 1 sends it in the calling thread. */
  readonly workers: number;
  /** The JavaScript file that a worker runs; it calls `serveLoad` when `isLoadWorker()`. */
  readonly entry: string | URL;
  /** Ends the load early; what was measured until then is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Called about once a second while requests are measured. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** What one generator, in whatever thread, has to say in the end. */
interface Measured {
  readonly measurement: LoadMeasurement;
  readonly sample: GeneratorSample;
}

/**
 * Sends the load of a plan to one address, with one thread or several, and judges the generator by
 * what it was seen to do.
 *
 * @throws Error when a target can't be requested or a worker dies; RangeError for a plan without an end.
 */
export async function sendLoad(plan: LoadPlan, settings: LoadSettings): Promise<LoadResult> {
  return (await sendCountedLoad(plan, settings)).load;
}

/** As `sendLoad`, with the raw counts, which those of other loads can be added to. */
export async function sendCountedLoad(plan: LoadPlan, settings: LoadSettings): Promise<CountedLoad> {
  const parts = splitPlan(plan, settings.workers);
  const measured = parts.length === 1 ? [await sendHere(plan, settings)] : await sendInWorkers(parts, settings);
  const measurement = mergeMeasurements(plan, measured.map((part) => part.measurement));
  const sample = mergeSamples(measured.map((part) => part.sample));
  const result = loadResult(plan, measurement, parts.length, null);
  const { failures, latencyMs } = result.total;
  const clientResourceFailures = failures['client-resource'] ?? 0;
  const load = { ...result, generator: judgeGenerator({ sample, measurement, clientResourceFailures, latencyMs }) };
  return { load, measurement };
}

type Local = Pick<LoadSettings, 'address' | 'port' | 'signal' | 'onProgress'> & { readonly onWarm?: () => Promise<void> };

/** Once in the life of a thread is enough. */
let rehearsed: Promise<number> | null = null;

async function sendHere(plan: LoadPlan, { address, port, signal, onProgress, onWarm }: Local): Promise<Measured> {
  await (rehearsed ??= rehearse(plan, signal));
  const sender = openSender({
    address,
    port,
    targets: plan.targets,
    connections: plan.model.concurrency,
    requestTimeoutMs: plan.requestTimeoutMs,
  });
  let endWatch = watchGenerator();
  try {
    const measurement = await measureLoad(plan, sender, systemClock, {
      signal,
      onProgress,
      onWarm: async () => {
        await onWarm?.();
        endWatch();
        endWatch = watchGenerator();
      },
    });
    return { measurement, sample: endWatch() };
  } finally {
    endWatch();
    await sender.close();
  }
}

/** What a worker is told at its start. */
interface WorkerTask {
  readonly kind: typeof TASK_KIND;
  readonly plan: LoadPlan;
  readonly address?: string | undefined;
  readonly port: number;
}
const TASK_KIND = 'k8s-loadtest-ci/load';

type FromWorker = { readonly kind: 'warm' } | { readonly kind: 'progress'; readonly progress: LoadProgress } | ({ readonly kind: 'measured' } & Measured);
type ToWorker = 'start' | 'cancel';

async function sendInWorkers(parts: readonly LoadPlan[], settings: LoadSettings): Promise<Measured[]> {
  const progress = parts.map((): LoadProgress => ({ elapsedMs: 0, sent: 0, answered: 0, failed: 0 }));
  const workers = parts.map((plan) => {
    const task: WorkerTask = { kind: TASK_KIND, plan, address: settings.address, port: settings.port };
    return new Worker(settings.entry, { workerData: task });
  });
  const tellAll = (message: ToWorker): void => {
    workers.forEach((worker) => { worker.postMessage(message); });
  };
  const cancel = (): void => { tellAll('cancel'); };
  settings.signal?.addEventListener('abort', cancel, { once: true });
  if (settings.signal?.aborted === true) cancel();
  let warm = 0;
  const onMessage = (index: number, message: FromWorker): void => {
    // All begin together, so that their windows are the same.
    if (message.kind === 'warm' && ++warm === workers.length) tellAll('start');
    if (message.kind !== 'progress') return;
    progress[index] = message.progress;
    if (index === 0) settings.onProgress?.(sumOf(progress));
  };
  try {
    return await Promise.all(workers.map((worker, index) => resultOf(worker, (message) => { onMessage(index, message); })));
  } finally {
    settings.signal?.removeEventListener('abort', cancel);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function resultOf(worker: Worker, onMessage: (message: FromWorker) => void): Promise<Measured> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'measured') resolve(message);
      else onMessage(message);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => { reject(new Error(`A load worker ended with code ${String(code)} before it had measured anything`)); });
  });
}

function sumOf(parts: readonly LoadProgress[]): LoadProgress {
  const sum = (figure: (part: LoadProgress) => number): number => parts.reduce((total, part) => total + figure(part), 0);
  return {
    elapsedMs: Math.max(...parts.map((part) => part.elapsedMs)),
    sent: sum((part) => part.sent),
    answered: sum((part) => part.answered),
    failed: sum((part) => part.failed),
  };
}

/** Whether this thread was started to send a part of a load: then its entry calls `serveLoad` and nothing else. */
export function isLoadWorker(): boolean {
  return isWorkerTask(workerData);
}

function isWorkerTask(data: unknown): data is WorkerTask {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === TASK_KIND;
}

/** Sends the part of the load that this worker was started for, and gives the counts to its parent. */
export async function serveLoad(): Promise<void> {
  const task: unknown = workerData;
  if (parentPort === null || !isWorkerTask(task)) throw new Error('serveLoad was called outside a load worker');
  const parent = parentPort;
  const cancelled = new AbortController();
  const started = new Promise<void>((resolve) => {
    parent.on('message', (message: ToWorker) => {
      if (message === 'cancel') cancelled.abort();
      resolve();
    });
  });
  const post = (message: FromWorker): void => { parent.postMessage(message); };
  const measured = await sendHere(task.plan, {
    address: task.address,
    port: task.port,
    signal: cancelled.signal,
    onProgress: (progress) => { post({ kind: 'progress', progress }); },
    onWarm: async () => {
      post({ kind: 'warm' });
      await started;
    },
  });
  post({ kind: 'measured', ...measured });
  parent.close();
}
