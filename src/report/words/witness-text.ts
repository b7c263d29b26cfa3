import type { Receiver, Witness, WitnessedHosts } from '../../model/witness.ts';
import { grouped, NOT_MEASURED } from '../../text/numbers.ts';

/** How often each status was seen: `200: 49,616, 308: 12`. */
const statusesText = (statuses: Readonly<Record<string, number>> | null): string =>
  statuses === null
    ? NOT_MEASURED
    : Object.entries(statuses)
        .map(([status, count]) => `${status}: ${grouped(count)}`)
        .join(', ') || '0';

/** What a workload received, and what that is for each request that was sent. */
const receiverText = ({ kind, namespace, name, receivedBytes }: Receiver): string =>
  `${kind} ${namespace}/${name}: ${receivedBytes === null ? NOT_MEASURED : `${grouped(Math.round(receivedBytes / 1000))} kB`}`;

export const WITNESS_HEAD = ['Host', 'Sent', 'Answered', 'Counted by the ingress', 'Received by the pods'] as const;

/** The cells of a row after the name of the hosts. */
export const witnessCells = ({ sent, answered, counted, receivers }: WitnessedHosts): string[] => [
  grouped(sent),
  statusesText(answered),
  statusesText(counted),
  receivers.map(receiverText).join(', ') || NOT_MEASURED,
];

/** How to read the table, and what it lacks. */
export const witnessNotes = ({ besides, missing }: Witness): string[] => [
  `The ingress counts all requests, ${besides === null ? 'those of warm-up and ramp-up included' : `${grouped(besides)} of the warm-up included`}. Pods receive other things, too, such as the probes of the kubelet.`,
  ...missing,
];
