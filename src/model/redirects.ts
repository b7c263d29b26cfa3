import { z } from 'zod';
import { count, text } from './units.ts';

/** An address that was answered by a redirect before the load, and the address of the same host that was loaded in its place. */
export const followedRedirect = z.strictObject({
  /** As the manifests name it. */
  host: text,
  from: text,
  to: text,
  /** Of the first redirect on the way. */
  status: count,
  /** By what it was asked; `http` without it. */
  fromScheme: z.literal('https').optional(),
  /** By what it is loaded; missing where that is the same. */
  toScheme: z.enum(['http', 'https']).optional(),
});
export type FollowedRedirect = z.infer<typeof followedRedirect>;
