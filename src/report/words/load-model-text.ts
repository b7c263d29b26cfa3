import type { LoadResult, StageResult } from '../../model/load.ts';

/** A sentence about how the load was sent and when its latency starts to count. */
export function loadModelText(load: LoadResult): string {
  const { http2 } = load;
  if (http2 === undefined) return modelText(load);
  const shared =
    http2.streams === 1 ? 'a connection for each user and host' : `${String(http2.streams)} users on a connection`;
  return `${modelText(load)} Over HTTP/2, with ${shared}.`;
}

function modelText(load: LoadResult): string {
  const { model, engine, sentLate, notSent, stages, journeys } = load;
  if (journeys !== undefined) return journeysText(load);
  if (stages !== undefined) return stagedText(model, stages, `${String(sentLate)} left late, ${String(notSent)} never`);
  switch (model.kind) {
    case 'closed':
      return `Closed model: ${String(model.concurrency)} connections, each sending its next request when the last was answered; a slow server gets fewer requests.`;
    case 'open': {
      const rate = `Open model: ${String(Number(model.ratePerSecond.toPrecision(6)))} requests per second (${model.arrivals} arrivals)`;
      // k6 drops what it can't send in time, and does not know any intended send time.
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

function stagedText(model: LoadResult['model'], stages: readonly StageResult[], missed: string): string {
  const course = stages.map((stage) => stageText(stage, model)).join(', ');
  return model.kind === 'open'
    ? `Open model in stages (${model.arrivals} arrivals): ${course}. Latency is counted from when each request should have been sent; ${missed}.`
    : `Closed model in stages: ${course}. Each user sends its next request when the last was answered; a slow server gets fewer requests.`;
}

/** The level of a stage, such as `30 s of 50 /s` or `10 s from 50 to 200 /s`. */
export function stageText({ seconds, from, to }: StageResult, { kind }: LoadResult['model']): string {
  const level = (value: number): string => String(Number(value.toPrecision(6)));
  const unit = kind === 'closed' ? 'users' : '/s';
  const length = `${level(seconds)} s`;
  return from === to ? `${length} of ${level(to)} ${unit}` : `${length} from ${level(from)} to ${level(to)} ${unit}`;
}

/** Like above, for users who walk through journeys. */
function journeysText({ model, sentLate, notSent, stages }: LoadResult): string {
  const missed = `${String(sentLate)} began late, ${String(notSent)} never`;
  if (stages !== undefined) {
    const course = stages.map((stage) => stageText(stage, model)).join(', ');
    return `Journeys in stages: ${course}, counted in ${model.kind === 'open' ? `journeys that arrive; ${missed}` : 'users that walk'}.`;
  }
  return model.kind === 'open'
    ? `Open model: ${String(Number(model.ratePerSecond.toPrecision(6)))} journeys per second arrive (${model.arrivals} arrivals), at most ${String(model.concurrency)} at a time; ${missed}.`
    : `Closed model: ${String(model.concurrency ?? 0)} users walk through journeys, each starting the next one when it has finished the last.`;
}
