import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { everyTargetOf } from '../loading/targets.ts';

/**
 * There is no HTTPS here: hosts whose routes have TLS are loaded over plain HTTP, with a warning.
 *
 * @param reason why, to follow "because", and a sentence on how to fix it.
 * @throws StageError `input-invalid` when hosts or a scenario ask for HTTPS.
 */
export function withoutHttps(context: Context, { why, mend }: { readonly why: string; readonly mend: string }): void {
  const wanted = secureHosts(context);
  if (wanted.length === 0) return;
  context.store.update({ routeSchemes: [] });
  const asked = secureHosts(context);
  if (asked.length > 0) {
    throw new StageError('input-invalid', `${asked.join(', ')} can't be loaded over HTTPS, because ${why}.`, {
      hint: `${mend} Or use plain HTTP: http:// in hosts, scheme: http in a scenario.`,
    });
  }
  warn(
    context,
    `The routes of ${wanted.join(', ')} have TLS, but they are loaded over plain HTTP, because ${why}. ${mend} If that is intended, write the hosts with http:// in input hosts.`,
  );
}

const secureHosts = (context: Context): string[] => [
  ...new Set(
    everyTargetOf(context).flatMap(({ named }) =>
      named.filter(({ scheme }) => scheme === 'https').map(({ host }) => host),
    ),
  ),
];
