import { type Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { clusterIn } from '../../system.ts';
import { everyTargetOf } from './targets.ts';

/**
 * Refuses a load over HTTPS before certificates were checked: it would not know what to trust, and every request would
 * fail.
 *
 * @throws StageError `tls-untrusted` when check-health has not passed for these hosts.
 */
export function refuseUnseenCertificates(context: Context): void {
  const { state } = context.store;
  if (clusterIn(state.system) === null || (state.httpsHosts ?? []).length > 0) return;
  const asked = everyTargetOf(context).flatMap(({ targets }) => targets);
  const hosts = [...new Set(asked.filter(({ scheme }) => scheme === 'https').map(({ host }) => host))];
  if (hosts.length === 0) return;
  throw new StageError(
    'tls-untrusted',
    `The certificates of ${hosts.join(', ')} have not been checked, so the load does not know what to trust: check-health has not passed.`,
    { hint: 'Run `health` with the same options, then `load` again. `run` does both.' },
  );
}
