import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { everyTargetOf } from '../loading/targets.ts';

/**
 * Nothing leads to HTTPS here: hosts whose routes have TLS are asked over plain HTTP, and a warning says so.
 *
 * @param reason why, as it fits after "since", and what would mend it, in a sentence.
 * @throws StageError `input-invalid` when hosts or a scenario ask for HTTPS.
 */
export function withoutHttps(context: Context, { why, mend }: { readonly why: string; readonly mend: string }): void {
  const wanted = secureHosts(context);
  if (wanted.length === 0) return;
  context.store.update({ routeSchemes: [] });
  const asked = secureHosts(context);
  if (asked.length > 0) {
    throw new StageError('input-invalid', `${asked.join(', ')} can't be asked over HTTPS, since ${why}.`, {
      hint: `${mend} Or ask for plain HTTP: http:// in hosts, scheme: http in a scenario.`,
    });
  }
  warn(
    context,
    `The routes of ${wanted.join(', ')} have TLS, but they are asked over plain HTTP, since ${why}. ${mend} Name the hosts with http:// in input hosts if that is meant.`,
  );
}

const secureHosts = (context: Context): string[] => [
  ...new Set(
    everyTargetOf(context).flatMap(({ named }) =>
      named.filter(({ scheme }) => scheme === 'https').map(({ host }) => host),
    ),
  ),
];
