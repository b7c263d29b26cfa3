import type { ControllerCount, ControllerName, SentLoad } from '../../model/witness.ts';
import { samplesIn } from './exposition.ts';

interface Counter {
  readonly name: ControllerName;
  readonly metric: string;
  /** With these all of its metrics begin, those that it has before the first request, too. */
  readonly prefix: string;
  readonly countOf: (labels: Readonly<Record<string, string>>) => Omit<ControllerCount, 'requests'>;
}

/** The controllers with known counters. */
const COUNTERS: readonly Counter[] = [
  {
    name: 'ingress-nginx',
    metric: 'nginx_ingress_controller_requests',
    prefix: 'nginx_ingress_controller_',
    countOf: ({ host, namespace = '', service = '', status = '' }) => ({
      ...(host === undefined ? {} : { host }),
      service: `${namespace}/${service}`,
      status,
    }),
  },
  {
    // Those by router would have the host, but are off unless Traefik is told otherwise, and count what never goes on
    // to a Service.
    name: 'Traefik',
    metric: 'traefik_service_requests_total',
    prefix: 'traefik_',
    countOf: ({ service = '', code = '' }) => ({ service, status: code }),
  },
];

/** The counters of one pod of a controller at one moment. */
export interface PodCounts {
  /** Which process counted: a new one starts at 0. */
  readonly process: string;
  /** Null when its metrics are in no known format. */
  readonly controller: ControllerName | null;
  /** By what was counted. */
  readonly counts: ReadonlyMap<string, ControllerCount>;
}

/**
 * Reads the counters of a pod.
 *
 * @param process what no other process of a controller is called, nor the same pod after a restart.
 * @param text what the pod shows to Prometheus.
 */
export function readPodCounts(process: string, text: string): PodCounts {
  const counter = COUNTERS.find(({ prefix }) => text.startsWith(prefix) || text.includes(`\n${prefix}`));
  const counts = new Map<string, ControllerCount>();
  if (counter === undefined) return { process, controller: null, counts };
  for (const { labels, value } of samplesIn(text, [counter.metric])) {
    const counted = counter.countOf(labels);
    add(counts, JSON.stringify(counted), { ...counted, requests: value });
  }
  return { process, controller: counter.name, counts };
}

/**
 * What a controller counted between two moments, added up over its pods.
 *
 * @returns in one sentence why that can't be told otherwise.
 */
export function countedBetween(
  before: readonly PodCounts[],
  after: readonly PodCounts[],
): { readonly name: ControllerName; readonly counts: ControllerCount[] } | { readonly missing: string } {
  const name = after.find(({ controller }) => controller !== null)?.controller ?? null;
  if (name === null)
    return { missing: 'The metrics of the ingress controller are not in a known format (ingress-nginx, Traefik).' };
  const starts = new Map(before.map((pod) => [pod.process, pod]));
  if (before.length !== after.length || !after.every(({ process }) => starts.has(process)))
    return {
      missing: 'Pods of the ingress controller started or restarted during the load, so their counters began at 0.',
    };
  const sums = new Map<string, ControllerCount>();
  for (const pod of after) {
    for (const [key, count] of pod.counts) add(sums, key, count);
    for (const [key, count] of starts.get(pod.process)?.counts ?? [])
      add(sums, key, { ...count, requests: -count.requests });
  }
  const counts = [...sums.values()];
  if (counts.some(({ requests }) => !Number.isFinite(requests)))
    return { missing: 'The ingress controller has counters that are not numbers.' };
  if (counts.some(({ requests }) => requests < 0))
    return { missing: 'The counters of the ingress controller were reset during the load.' };
  return { name, counts: counts.filter(({ requests }) => requests > 0) };
}

/** Whether two readings of the counters are equal. */
export const isSettled = (one: readonly PodCounts[], other: readonly PodCounts[]): boolean => {
  const counted = countedBetween(one, other);
  return 'missing' in counted || counted.counts.length === 0;
};

/**
 * Whether a controller has counted every request that it was sent, so that it has nothing left to hand on. False where
 * nobody knows how many they were.
 */
export function hasCounted(
  before: readonly PodCounts[],
  after: readonly PodCounts[],
  loads: readonly SentLoad[],
): boolean {
  const counted = countedBetween(before, after);
  if ('missing' in counted) return false;
  const hosts = new Set(loads.flatMap((load) => load.hosts.map(({ host }) => host)));
  const ofHosts = counted.counts.filter(({ host }) => host === undefined || hosts.has(host));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const sent = loads.map(({ hosts: own, besides }) => (besides ?? Infinity) + sum(own.map((host) => host.sent)));
  return sum(ofHosts.map(({ requests }) => requests)) >= sum(sent);
}

function add(sums: Map<string, ControllerCount>, key: string, count: ControllerCount): void {
  sums.set(key, { ...count, requests: (sums.get(key)?.requests ?? 0) + count.requests });
}
