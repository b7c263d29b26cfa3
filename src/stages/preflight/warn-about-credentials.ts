import { type Context, warn } from '../../context.ts';
import { credentialsInQuery } from '../../load/requests/scenario-secrets.ts';
import { targetsOf } from '../loading/targets.ts';

/** Paths are part of the report, the comment and the logs of the ingress: a credential in one is read by many. */
export function warnAboutCredentials(context: Context): void {
  const found = targetsOf(context).flatMap(({ host, path }) =>
    credentialsInQuery(path).map((name) => `${name} (${host}${path.slice(0, path.indexOf('?'))})`),
  );
  if (found.length === 0) return;
  warn(
    context,
    `A query seems to hold a credential: ${[...new Set(found)].join(', ')}. Paths are shown in the report and in the comment. Send it as a header of a scenario, whose values are not.`,
  );
}
