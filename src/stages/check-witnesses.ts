import { hostOf } from '../cluster/sides/version-names.ts';
import { judgeWitnesses } from '../cluster/witness/judge-witness.ts';
import type { Context } from '../context.ts';
import { courseOf } from '../model/comparison.ts';
import type { SentToHost } from '../model/witness.ts';
import { renderedObjects } from './rendering/rendered-parts.ts';

/**
 * Compares what was sent with what the ingress controller counted and the pods received. A doubt removes the verdict;
 * what can't be checked is only reported.
 */
export function checkWitnesses(context: Context): Promise<void> {
  const { store, runner } = context;
  const { countedLoads = [], resources } = store.state;
  if (countedLoads.length === 0) {
    runner.info('Only the load generator counted the load');
    return Promise.resolve();
  }
  const witness = judgeWitnesses({
    loads: countedLoads,
    inWindow: sentInWindow(context),
    objects: renderedObjects(context, 'application'),
    resources: resources === null || resources.workloads.length === 0 ? null : resources,
  });
  store.update({ witness });
  // The report takes them from the check itself, so a later load does not show an earlier load's.
  for (const sentence of witness.doubts) runner.warning(sentence);
  for (const sentence of witness.missing) runner.info(sentence);
  if (witness.doubts.length === 0 && witness.missing.length === 0)
    runner.info('The counts of the ingress controller and the traffic of the pods agree with what was sent');
  return Promise.resolve();
}

/** In a comparison, resources cover all rounds; in a search, only the one load that is shown. */
function sentInWindow({ store }: Context): SentToHost[] {
  const { countedLoads = [], comparison, comparedVersions, load } = store.state;
  if (comparison !== undefined && courseOf(comparison).kind === 'rounds')
    return countedLoads.flatMap(({ sent }) => sent.hosts);
  const renamed = comparedVersions !== undefined && comparedVersions.subject !== 'ingress-controllers';
  return (load?.hosts ?? []).map(({ host, path, sent, statuses, retried }) => ({
    host: renamed ? hostOf('head', host) : host,
    path,
    sent,
    statuses,
    retried,
  }));
}
