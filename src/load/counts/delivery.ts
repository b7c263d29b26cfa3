import type { LoadResult, StageResult } from '../../model/load.ts';
import { grouped, percent } from '../../text/numbers.ts';

/** Below this share of requests that left on time the load was not the one that was asked for. */
const DELIVERED_SHARE = 0.99;

/**
 * Whether the rate of an open load was delivered.
 *
 * A request whose moment came while every connection was busy left late, and one whose moment never came was not sent:
 * it is in no latency, and those before it were spared what it would have added. With less than 99 % on time the
 * times are those of another, smaller load.
 *
 * @returns what was not delivered, in a sentence; null when it was, or the load has no rate.
 */
export const undelivered = (
  load: Pick<LoadResult, 'model' | 'total' | 'sentLate' | 'notSent' | 'journeys'>,
): string | null => {
  const { model, sentLate, notSent } = load;
  return undeliveredPart(model, { sent: begunOf(load), sentLate, notSent, noun: nounOf(load) });
};

/** What a rate counts: the journeys of a load that has some, otherwise its requests. */
export const begunOf = ({ total, journeys }: Pick<LoadResult, 'total' | 'journeys'>): number =>
  journeys === undefined ? total.sent : journeys.reduce((sum, { begun }) => sum + begun, 0);

/** The word for it, as it fits behind a number. */
export const nounOf = ({ journeys }: Pick<LoadResult, 'journeys'>): string =>
  journeys === undefined ? 'requests' : 'journeys';

/** The same of one stage of a load. */
export const undeliveredStage = (
  { model }: Pick<LoadResult, 'model'>,
  { figures, sentLate, notSent, journeys }: StageResult,
): string | null =>
  undeliveredPart(model, {
    sent: journeys ?? figures.sent,
    sentLate,
    notSent,
    noun: journeys === undefined ? 'requests' : 'journeys',
  });

function undeliveredPart(
  model: LoadResult['model'],
  {
    sent,
    sentLate,
    notSent,
    noun,
  }: { readonly sent: number; readonly sentLate: number; readonly notSent: number; readonly noun: string },
): string | null {
  if (model.kind !== 'open') return null;
  const due = sent + notSent;
  const share = due === 0 ? 1 : (sent - sentLate) / due;
  if (share >= DELIVERED_SHARE) return null;
  const parts = [sentLate > 0 ? `${grouped(sentLate)} left late` : '', notSent > 0 ? `${grouped(notSent)} never` : ''];
  return `Only ${percent(share)} of ${grouped(due)} ${noun} left on time, ${parts.filter((part) => part !== '').join(' and ')}: all ${String(model.concurrency)} connections were busy.`;
}
