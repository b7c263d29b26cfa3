import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { sendInThisThread } from './load-thread.ts';
import { type FromWorker, type ToWorker, WORKER_DATA } from './load-workers.ts';

/** Whether this thread was started to send parts of loads; then its entry only calls `serveLoads`. */
export function isLoadWorker(): boolean {
  return workerData === WORKER_DATA;
}

/**
 * Sends every part of a load that the parent thread passes to it, and answers with the counts, until the worker is
 * stopped.
 *
 * @throws Error in a thread that is not a load worker.
 */
export function serveLoads(): void {
  if (parentPort === null || !isLoadWorker()) throw new Error('serveLoads was called outside a load worker');
  const parent = parentPort;
  let current: ServedLoad | null = null;
  parent.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'load':
        current = new ServedLoad(parent, message);
        return;
      case 'start':
        current?.start();
        return;
      case 'cancel':
        current?.cancel();
    }
  });
}

class ServedLoad {
  readonly #parent: MessagePort;
  readonly #cancelled = new AbortController();
  readonly #started: Promise<void>;
  start: () => void = () => undefined;

  constructor(parent: MessagePort, load: Extract<ToWorker, { kind: 'load' }>) {
    this.#parent = parent;
    this.#started = new Promise((resolve) => {
      this.start = resolve;
    });
    this.#send(load).then(
      (measured) => {
        this.#tell(measured);
      },
      (error: unknown) => {
        this.#tell({ kind: 'failed', error });
      },
    );
  }

  cancel(): void {
    this.#cancelled.abort();
    this.start();
  }

  async #send({ plan, endpoint, counted, watched }: Extract<ToWorker, { kind: 'load' }>): Promise<FromWorker> {
    const measured = await sendInThisThread(plan, {
      endpoint,
      signal: this.#cancelled.signal,
      onProgress: (progress) => {
        this.#tell({ kind: 'progress', progress });
      },
      onCounts: counted
        ? (counts) => {
            this.#tell({ kind: 'counts', counts });
          }
        : undefined,
      onMeasured: watched
        ? (measurement) => {
            this.#tell({ kind: 'so-far', measurement });
          }
        : undefined,
      onWarm: async () => {
        this.#tell({ kind: 'warm' });
        await this.#started;
      },
    });
    return { kind: 'measured', ...measured };
  }

  #tell(message: FromWorker): void {
    this.#parent.postMessage(message);
  }
}
