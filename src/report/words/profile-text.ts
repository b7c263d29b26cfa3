import type { ProfiledWorkload } from '../../model/profiles.ts';
import { milliseconds } from '../../text/numbers.ts';

/** A figure of a profile, for 1,000 requests. */
export const profileValue = (value: number, unit: ProfiledWorkload['unit']): string =>
  unit === 'ms' ? milliseconds(value) : `${String(Number(value.toPrecision(3)))} samples`;

/** A function without the path of its package: `github.com/me/shop/api.(*Server).list` is `api.(*Server).list`. */
export function shortFunction(name: string): string {
  // A type parameter may hold slashes of its own, and a name of V8 a file after a space.
  const end = name.search(/[[( ]/);
  const slash = name.lastIndexOf('/', end < 0 ? name.length : end);
  return slash < 0 || slash === name.length - 1 ? name : name.slice(slash + 1);
}
