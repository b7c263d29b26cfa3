import { z } from 'zod';
import { count, text } from './units.ts';

/**
 * An address that answered with a redirect before the load, and the address of the same host that was loaded instead.
 */
export const followedRedirect = z.strictObject({
  /** The host name in the manifests. */
  host: text,
  from: text,
  to: text,
  /** Of the first redirect. */
  status: count,
  /** The requested scheme; `http` if missing. */
  fromScheme: z.literal('https').optional(),
  /** The loaded scheme; missing when it is the same. */
  toScheme: z.enum(['http', 'https']).optional(),
});
export type FollowedRedirect = z.infer<typeof followedRedirect>;
