import type { ProfiledWorkload } from '../../model/profiles.ts';
import { milliseconds } from '../../text/numbers.ts';

/** A figure of a profile, per 1,000 requests. */
export const profileValue = (value: number, unit: ProfiledWorkload['unit']): string =>
  unit === 'ms' ? milliseconds(value) : `${String(Number(value.toPrecision(3)))} samples`;

/** A function without its package path: `github.com/me/shop/api.(*Server).list` becomes `api.(*Server).list`. */
export function shortFunction(name: string): string {
  // A type parameter may contain slashes, and a V8 name a file after a space.
  const end = name.search(/[[( ]/);
  const slash = name.lastIndexOf('/', end < 0 ? name.length : end);
  return slash < 0 || slash === name.length - 1 ? name : name.slice(slash + 1);
}
