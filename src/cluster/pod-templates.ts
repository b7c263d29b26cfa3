import { isRecord, type KubernetesObject, recordOf } from './manifests.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The pods that an object makes, or is. */
export interface PodTemplate {
  readonly labels: Fields;
  readonly spec: Fields;
}

/** The pods of a Pod, a CronJob, or any other object with a pod template in its spec; null where there are none. */
export function podTemplateOf({ kind, metadata, spec }: KubernetesObject): PodTemplate | null {
  const fields = recordOf(spec);
  if (kind === 'Pod') return { labels: recordOf(metadata.labels), spec: fields };
  const { template } = kind === 'CronJob' ? recordOf(recordOf(fields['jobTemplate'])['spec']) : fields;
  const pod = recordOf(template)['spec'];
  if (!isRecord(pod) || !Array.isArray(pod['containers'])) return null;
  return { labels: recordOf(recordOf(recordOf(template)['metadata'])['labels']), spec: pod };
}

/** Whether labels are among those of a pod; no labels choose no pod. */
export function selects(selector: unknown, { labels }: PodTemplate): boolean {
  const wanted = Object.entries(recordOf(selector));
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}
