import { hostOf } from '../cluster/sides/version-names.ts';
import { judgeWitnesses } from '../cluster/witness/judge-witness.ts';
import type { Context } from '../context.ts';
import { courseOf } from '../model/comparison.ts';
import type { SentToHost } from '../model/witness.ts';
import { renderedObjects } from './rendering/rendered-parts.ts';

/**
 * Holds what was sent against what the ingress controller counted and what the pods received. A doubt takes the verdict
 * away; what can't be witnessed is only told.
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
  // The report has them from the witness itself, so that a later load does not have those of this one.
  for (const sentence of witness.doubts) runner.warning(sentence);
  for (const sentence of witness.missing) runner.info(sentence);
  if (witness.doubts.length === 0 && witness.missing.length === 0)
    runner.info('The counts of the ingress controller and the traffic of the pods agree with what was sent');
  return Promise.resolve();
}

/** Resources are those of all rounds of a comparison, but only of the one load of a search that is shown. */
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
