import type { LoadResult } from '../../model/load.ts';

/** In one sentence, how the load was sent and from when its latency counts. */
export function loadModelText({ model, engine, sentLate, notSent }: LoadResult): string {
  switch (model.kind) {
    case 'closed':
      return `Closed model: ${String(model.concurrency)} connections, each sending its next request when the last was answered; while the server is slow, fewer are sent.`;
    case 'open': {
      const rate = `Open model: ${String(Number(model.ratePerSecond.toPrecision(6)))} requests per second (${model.arrivals} arrivals)`;
      // k6 drops what it can't send in time, and knows the intended moment of none.
      if (engine?.name.startsWith('k6') === true)
        return `${rate}, latency counted from when each was sent; ${String(notSent)} were dropped because no connection was free.`;
      return `${rate}, latency counted from when each should have been sent; ${String(sentLate)} left late, ${String(notSent)} never.`;
    }
    case 'script': {
      const users = model.concurrency === null ? '' : `, up to ${String(model.concurrency)} virtual users at once`;
      return `Sent by the script ${model.script}${users}; ${String(notSent)} iterations were dropped.`;
    }
  }
}
