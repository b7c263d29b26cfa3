import type { Receiver, Witness, WitnessedHosts } from '../../model/witness.ts';
import { grouped, NOT_MEASURED } from '../../text/numbers.ts';

/** How often each status was seen: `200: 49,616, 308: 12`. */
const statusesText = (statuses: Readonly<Record<string, number>> | null): string =>
  statuses === null
    ? NOT_MEASURED
    : Object.entries(statuses)
        .map(([status, count]) => `${status}: ${grouped(count)}`)
        .join(', ') || '0';

/** What a workload received, in total and per request sent. */
const receiverText = ({ kind, namespace, name, receivedBytes }: Receiver): string =>
  `${kind} ${namespace}/${name}: ${receivedBytes === null ? NOT_MEASURED : `${grouped(Math.round(receivedBytes / 1000))} kB`}`;

export const WITNESS_HEAD = ['Host', 'Sent', 'Answered', 'Counted by the ingress', 'Received by the pods'] as const;

/** The cells of a row after the names of the hosts. */
export const witnessCells = ({ sent, answered, counted, receivers }: WitnessedHosts): string[] => [
  grouped(sent),
  statusesText(answered),
  statusesText(counted),
  receivers.map(receiverText).join(', ') || NOT_MEASURED,
];

/** How to read the table, and what it lacks. */
export const witnessNotes = ({ besides, missing }: Witness): string[] => [
  `The ingress counts all requests, ${besides === null ? 'including warm-up and ramp-up' : `${grouped(besides)} of the warm-up included`}. Pods receive other traffic, too, such as kubelet probes.`,
  ...missing,
];
