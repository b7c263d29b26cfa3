import type { ThresholdResult } from '../../model/load.ts';
import { grouped } from '../../text/numbers.ts';

/** Digits after the point, unless a small value needs more to show two significant ones. */
const DIGITS: Readonly<Record<ThresholdResult['unit'], number>> = {
  ms: 1,
  share: 4,
  'per second': 1,
  requests: 0,
  cores: 3,
  bytes: 0,
  number: 3,
};

/**
 * The measured value with its unit, such as `612.3 ms`, with ≈ when it is a hint and with the timeouts that are in it;
 * or why there is none.
 */
export function measuredText({ measured, unit, missing, fewAnswers, timeouts = 0 }: ThresholdResult): string {
  if (measured === null) return missing ?? 'Nothing was measured.';
  const value =
    measured === 0 ? '0' : measured.toFixed(Math.max(DIGITS[unit], 1 - Math.floor(Math.log10(Math.abs(measured)))));
  const inUnit = unit === 'share' || unit === 'number' ? value : `${value} ${unit}`;
  const text = timeouts === 0 ? inUnit : `${inUnit} with ${grouped(timeouts)} timeout${timeouts === 1 ? '' : 's'}`;
  return fewAnswers === true ? `≈ ${text}` : text;
}
