import type { Report } from '../../model/report.ts';

/** What the report says about the cluster, as names and values. */
export function clusterFacts({ cluster }: Pick<Report, 'cluster'>): (readonly [string, string])[] {
  if (cluster === null) return [];
  const { existing } = cluster;
  if (existing === undefined)
    return [
      ['node image', cluster.nodeImage],
      ['nodes', String(cluster.nodes.length)],
    ];
  return [
    ['existing cluster, namespace', existing.namespace],
    ...(existing.address === null ? [] : [['ingress', existing.address] as const]),
  ];
}
