import type { Resources } from '../../model/resources.ts';
import type { Receiver, SentToHost } from '../../model/witness.ts';
import { grouped } from '../../text/numbers.ts';
import { backendsOf, serviceKey, workloadsBehind } from './backends.ts';
import type { Witnesses } from './witnesses.ts';

/**
 * Less than the shortest request is long, with the headers of its packet; probes of the kubelet may come to as much.
 */
const LEAST_BYTES = 40;
/** Fewer requests than these may all have gone to another pod. */
const ENOUGH_REQUESTS = 20;

/** Whether an answer was written by the application, and not by what stands before it. */
export const isGood = (status: string): boolean => /^2/.test(status) || status === '304';

/** A workload behind loaded hosts, and what it should have received. */
export interface FoundReceiver extends Receiver {
  readonly services: readonly string[];
  readonly hosts: readonly string[];
  /** Good answers that it should have given. */
  readonly expected: number;
}

/** As the report shows it. */
export const asReceiver = ({ namespace, kind, name, receivedBytes }: FoundReceiver): Receiver => ({
  namespace,
  kind,
  name,
  receivedBytes,
});

/** The workloads behind the hosts, each once. */
export function receiversOf({ loads, inWindow, objects, resources }: Witnesses): FoundReceiver[] {
  const found = new Map<string, FoundReceiver>();
  const add = (target: SentToHost, goodAnswers: number): void => {
    for (const backend of backendsOf(objects, target.host, target.path)) {
      for (const { namespace, kind, name, share } of workloadsBehind(objects, backend)) {
        const key = `${namespace}/${kind}/${name}`;
        const known = found.get(key);
        found.set(key, {
          namespace,
          kind,
          name,
          receivedBytes:
            known === undefined ? receivedBytes(resources, { namespace, kind, name }) : known.receivedBytes,
          services: [...new Set([...(known?.services ?? []), serviceKey(backend)])],
          hosts: [...new Set([...(known?.hosts ?? []), target.host])],
          expected: (known?.expected ?? 0) + goodAnswers * backend.share * share,
        });
      }
    }
  };
  for (const { sent } of loads) for (const target of sent.hosts) add(target, 0);
  for (const target of inWindow) add(target, goodOf(target));
  return [...found.values()];
}

const goodOf = ({ statuses }: SentToHost): number =>
  Object.entries(statuses).reduce((sum, [status, count]) => sum + (isGood(status) ? count : 0), 0);

function receivedBytes(
  resources: Resources | null,
  wanted: Pick<Receiver, 'namespace' | 'kind' | 'name'>,
): number | null {
  if (resources === null) return null;
  const seconds = (Date.parse(resources.endedAt) - Date.parse(resources.startedAt)) / 1000;
  const workload = resources.workloads.find(
    ({ namespace, kind, name }) => namespace === wanted.namespace && kind === wanted.kind && name === wanted.name,
  );
  const rate = workload?.networkReceivedBytesPerSecond.value ?? null;
  return rate === null ? null : rate * seconds;
}

/** Why a workload can't have answered what should be its own; empty when it can. */
export function doubtOf({ namespace, kind, name, hosts, expected, receivedBytes: bytes }: FoundReceiver): string[] {
  if (bytes === null || expected < ENOUGH_REQUESTS || bytes >= expected * LEAST_BYTES) return [];
  return [
    `${kind} ${namespace}/${name} is behind ${hosts.join(', ')} and should have given about ${grouped(Math.round(expected))} of the right answers, but its pods received only ${grouped(Math.round(bytes))} bytes: something else answered.`,
  ];
}

/** What can't be told of what pods received, a sentence each. */
export function missingReceivers(
  { inWindow, objects, resources }: Witnesses,
  receivers: readonly FoundReceiver[],
): string[] {
  if (resources === null)
    return [
      "The traffic of the pods was not measured (by Prometheus, in read-resources), so it can't confirm the load.",
    ];
  const unrouted = inWindow.filter(({ host, path }) => {
    const backends = backendsOf(objects, host, path);
    return backends.length === 0 || backends.every((backend) => workloadsBehind(objects, backend).length === 0);
  });
  return [
    ...unrouted.map(
      ({ host }) => `The manifests don't show which pods are behind ${host}, so those can't confirm the load.`,
    ),
    ...receivers
      .filter(({ receivedBytes: bytes, expected }) => bytes === null && expected > 0)
      .map(
        ({ kind, namespace, name }) =>
          `The traffic of the pods of ${kind} ${namespace}/${name} is not known, so it can't confirm the load.`,
      ),
  ];
}
