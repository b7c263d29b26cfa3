const MILLISECONDS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const NUMBER = String.raw`(\d{1,9}(?:\.\d{1,3})?)`;
const IN_SECONDS = new RegExp(`^${NUMBER}$`);
const IN_UNITS = new RegExp(`^(?=\\d)(?:${NUMBER}h)?(?:${NUMBER}m)?(?:${NUMBER}s)?(?:${NUMBER}ms)?$`);

/**
 * A time in milliseconds, in Go's notation: `500ms`, `30s`, `1m30s`, `1h`, with larger units first and each once. A
 * number without a unit is in seconds.
 *
 * @returns null for any other text.
 */
export function parseDuration(text: string): number | null {
  const seconds = IN_SECONDS.exec(text)?.[1];
  if (seconds !== undefined) return Number(seconds) * MILLISECONDS.s;
  const parts = IN_UNITS.exec(text)?.slice(1);
  if (parts === undefined) return null;
  // Rounded to a thousandth, because 0.1 h and the like are not exact numbers.
  const sum = Object.values(MILLISECONDS).reduce((total, unit, index) => total + Number(parts[index] ?? 0) * unit, 0);
  return Math.round(sum * 1000) / 1000;
}

const PER_SECONDS = { s: 1, m: 60, h: 3600 } as const;

/**
 * A rate per second, written as `50`, `50/s`, `1000/m` or `5000/h`.
 *
 * @returns null for any other text.
 */
export function parseRate(text: string): number | null {
  const [, number, unit = 's'] = /^(\d{1,15}(?:\.\d{1,9})?)(?:\/(s|m|h))?$/.exec(text) ?? [];
  return number === undefined ? null : Number(number) / PER_SECONDS[unit as keyof typeof PER_SECONDS];
}
