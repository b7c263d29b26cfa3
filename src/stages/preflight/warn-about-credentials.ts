import { type Context, warn } from '../../context.ts';
import { credentialsInQuery } from '../../load/requests/scenario-secrets.ts';
import { targetsOf } from '../loading/targets.ts';

/** Paths appear in the report, the comment and the ingress logs, so many people can read a credential in one. */
export function warnAboutCredentials(context: Context): void {
  const found = targetsOf(context).flatMap(({ host, path }) =>
    credentialsInQuery(path).map((name) => `${name} (${host}${path.slice(0, path.indexOf('?'))})`),
  );
  if (found.length === 0) return;
  warn(
    context,
    `A query seems to contain a credential: ${[...new Set(found)].join(', ')}. The report and the comment show paths. Send it as a header of a scenario instead; header values are not shown.`,
  );
}
