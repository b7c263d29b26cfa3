import { differsBySlash, looksLikeLogin } from '../../load/requests/redirects.ts';
import { hostsText } from '../../load/requests/targets.ts';
import type { FollowedRedirect } from '../../model/redirects.ts';

/** What is loaded instead of the requested path, and what that means. */
export function followedText({ host, from, to, status, fromScheme, toScheme }: FollowedRedirect): string {
  const place = toScheme === undefined ? to : `${toScheme}://${host}${to}`;
  const loaded = `${fromScheme ?? 'http'}://${host}${from} is redirected to ${place} (status ${String(status)}), so the load goes to ${place} instead`;
  const line = `\`${hostsText([{ host, path: to, scheme: toScheme ?? fromScheme }])}\``;
  if (from === to) return `${loaded}. Give input hosts the line ${line} to ask for it at once.`;
  if (differsBySlash(from, to)) return `${loaded}. Give input hosts the line ${line} to ask for it at once.`;
  return looksLikeLogin(to)
    ? `${loaded}, which looks like a login page. The figures are those of that page, not of the application behind it. To load the application, send a session in the headers of a scenario, or give hosts a path that needs none.`
    : `${loaded}. If that is a login or error page, these figures are those of it. Give hosts another path, or the line ${line} if it is meant.`;
}
