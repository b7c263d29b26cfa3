import type { LoadResult, StageResult } from '../../model/load.ts';
import { grouped, percent } from '../../text/numbers.ts';

/** Below this share of requests sent on time, the load was not the requested one. */
const DELIVERED_SHARE = 0.99;

/**
 * Whether the rate of an open load was delivered. A request that was due while every connection was busy was sent late;
 * one that was due but never sent is in no latency, and spared the earlier ones the load that it would have added. With
 * less than 99 % on time, the times belong to a different, smaller load.
 *
 * @returns what was not delivered, in a sentence; null when it was, or the load has no rate.
 */
export const undelivered = (
  load: Pick<LoadResult, 'model' | 'total' | 'sentLate' | 'notSent' | 'journeys'>,
): string | null => {
  const { model, sentLate, notSent } = load;
  return undeliveredPart(model, { sent: begunOf(load), sentLate, notSent, noun: nounOf(load) });
};

/** What a rate counts: journeys if the load has any, otherwise requests. */
export const begunOf = ({ total, journeys }: Pick<LoadResult, 'total' | 'journeys'>): number =>
  journeys === undefined ? total.sent : journeys.reduce((sum, { begun }) => sum + begun, 0);

/** The word for it, to follow a number. */
export const nounOf = ({ journeys }: Pick<LoadResult, 'journeys'>): string =>
  journeys === undefined ? 'requests' : 'journeys';

/** Like `notDelivered`, for one stage of a load. */
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
