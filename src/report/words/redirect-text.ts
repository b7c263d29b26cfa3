import { differsBySlash, looksLikeLogin } from '../../load/requests/redirects.ts';
import { hostsText } from '../../load/requests/targets.ts';
import type { FollowedRedirect } from '../../model/redirects.ts';

/** What is loaded instead of the requested path, and what that means. */
export function followedText({ host, from, to, status, fromScheme, toScheme }: FollowedRedirect): string {
  const place = toScheme === undefined ? to : `${toScheme}://${host}${to}`;
  const loaded = `${fromScheme ?? 'http'}://${host}${from} is redirected to ${place} (status ${String(status)}), so the load goes to ${place} instead`;
  const line = `\`${hostsText([{ host, path: to, scheme: toScheme ?? fromScheme }])}\``;
  if (from === to) return `${loaded}. To load it directly, add the line ${line} to input hosts.`;
  if (differsBySlash(from, to)) return `${loaded}. To load it directly, add the line ${line} to input hosts.`;
  return looksLikeLogin(to)
    ? `${loaded}, which looks like a login page. The figures describe that page, not the application behind it. To load the application, send a session in the headers of a scenario, or set hosts to a path that needs no login.`
    : `${loaded}. If that is a login or error page, the figures describe that page. Set hosts to another path, or to the line ${line} if it is intended.`;
}
