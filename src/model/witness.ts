import { z } from 'zod';
import { count, list, nullableNumber, table, text } from './units.ts';

const statuses = table(count);

/** What was sent to one host, whether it was measured or warmed up. */
const sentToHost = z.strictObject({
  /** As it was asked: in a comparison each version has names of its own. */
  host: text,
  path: text,
  /** Measured requests. */
  sent: count,
  /** Answers to them, by status. */
  statuses,
  /** Requests that the engine sent a second time; null when it does not tell. */
  retried: count.nullable(),
});
export type SentToHost = z.infer<typeof sentToHost>;

/** What the run sent to one ingress. */
const sentLoad = z.strictObject({
  hosts: list(sentToHost),
  /** Requests that were sent and not measured, over all hosts; null when nobody counted them. */
  besides: count.nullable(),
  /** The highest rate of all loads, in requests per second. */
  highestRate: z.number(),
});
export type SentLoad = z.infer<typeof sentLoad>;

/** What a controller counted of one host or of one Service, by status. */
const controllerCount = z.strictObject({
  /** Missing where the controller does not count by host. */
  host: text.optional(),
  /** As the controller calls it. */
  service: text,
  status: text,
  requests: count,
});
export type ControllerCount = z.infer<typeof controllerCount>;

/** Whose counters were read. */
const controllerName = z.enum(['ingress-nginx', 'Traefik']);
export type ControllerName = z.infer<typeof controllerName>;

/** What was counted beside the load of one side. */
export const countedLoad = z.strictObject({
  side: z.enum(['base', 'head']),
  sent: sentLoad,
  /** What the controller counted meanwhile, or in one sentence why that is not known. */
  controller: z.union([
    z.strictObject({ name: controllerName, counts: list(controllerCount) }),
    z.strictObject({ missing: text }),
  ]),
});
export type CountedLoad = z.infer<typeof countedLoad>;

/** A workload behind a loaded host. */
const receiver = z.strictObject({
  namespace: text,
  kind: text,
  name: text,
  /** What its pods received over the network in the window of the load, of anybody; null when that was not measured. */
  receivedBytes: nullableNumber,
});
export type Receiver = z.infer<typeof receiver>;

/** What the load of some hosts came to by its three witnesses. */
const witnessedHosts = z.strictObject({
  /** Several where the controller counts by Service and they share one. */
  hosts: list(text),
  sent: count,
  /** What the generator was answered, by status. */
  answered: statuses,
  /** What the controller counted, by status, with what was not measured; null when it can't be told. */
  counted: statuses.nullable(),
  receivers: list(receiver),
});
export type WitnessedHosts = z.infer<typeof witnessedHosts>;

/** What ingress and pods say of the load, beside what the generator says. */
export const witness = z.strictObject({
  /** Requests that were sent and not measured, over all hosts; null when nobody counted them. */
  besides: count.nullable(),
  hosts: list(witnessedHosts),
  /** Each in a sentence: a verdict does not stand against one. */
  doubts: list(text),
  /** What could not be witnessed, and why, each in a sentence. */
  missing: list(text),
});
export type Witness = z.infer<typeof witness>;
