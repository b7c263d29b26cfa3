import { parseDuration } from '../../text/durations.ts';

const LONGEST_THINK_TIME_MS = 600_000;

/**
 * How long a user pauses: a time such as `2s`, or evenly between two such as `1s..3s`, up to 10 minutes.
 *
 * @returns the least and the most in milliseconds; null for any other text.
 */
export function parseThinkTime(text: string): readonly [number, number] | null {
  const [least = '', most = least, ...more] = text.split('..').map((part) => part.trim());
  const [from, to] = [parseDuration(least), parseDuration(most)];
  if (from === null || to === null || more.length > 0) return null;
  return from <= to && to <= LONGEST_THINK_TIME_MS ? [from, to] : null;
}
