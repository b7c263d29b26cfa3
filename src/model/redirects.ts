import { z } from 'zod';
import { count, text } from './units.ts';

/** A path that was answered by a redirect before the load, and the path of the same host that was loaded in its place. */
export const followedRedirect = z.strictObject({
  /** As the manifests name it. */
  host: text,
  from: text,
  to: text,
  /** Of the first redirect on the way. */
  status: count,
});
export type FollowedRedirect = z.infer<typeof followedRedirect>;
