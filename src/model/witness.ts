import { z } from 'zod';
import { count, list, nullableNumber, table, text } from './units.ts';

const statuses = table(count);

/** What was sent to one host, measured or warm-up. */
const sentToHost = z.strictObject({
  /** The requested name: in a comparison, each version has its own. */
  host: text,
  path: text,
  /** Measured requests. */
  sent: count,
  /** Answers to them, by status. */
  statuses,
  /** Requests that the engine sent a second time; null when it does not report it. */
  retried: count.nullable(),
});
export type SentToHost = z.infer<typeof sentToHost>;

/** What the run sent to one ingress. */
const sentLoad = z.strictObject({
  hosts: list(sentToHost),
  /** Requests that were sent but not measured, over all hosts; null when nobody counted them. */
  besides: count.nullable(),
  /** The highest rate of all loads, in requests per second. */
  highestRate: z.number(),
});
export type SentLoad = z.infer<typeof sentLoad>;

/** What a controller counted for one host or Service, by status. */
const controllerCount = z.strictObject({
  /** Missing when the controller does not count by host. */
  host: text.optional(),
  /** The controller's name for it. */
  service: text,
  status: text,
  requests: count,
});
export type ControllerCount = z.infer<typeof controllerCount>;

/** Whose counters were read. */
const controllerName = z.enum(['ingress-nginx', 'Traefik']);
export type ControllerName = z.infer<typeof controllerName>;

/** What was counted during the load of one side. */
export const countedLoad = z.strictObject({
  side: z.enum(['base', 'head']),
  sent: sentLoad,
  /** The controller's counts, or a sentence why they are not known. */
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
  /** What its pods received over the network in the window of the load, from any sender; null when not measured. */
  receivedBytes: nullableNumber,
});
export type Receiver = z.infer<typeof receiver>;

/** The load of some hosts according to its three witnesses. */
const witnessedHosts = z.strictObject({
  /** Several, when the controller counts by Service and they share one. */
  hosts: list(text),
  sent: count,
  /** The answers that the generator got, by status. */
  answered: statuses,
  /** What the controller counted, by status, including unmeasured requests; null when it can't be told. */
  counted: statuses.nullable(),
  receivers: list(receiver),
});
export type WitnessedHosts = z.infer<typeof witnessedHosts>;

/** What the ingress and the pods saw of the load, next to the generator's counts. */
export const witness = z.strictObject({
  /** Requests that were sent but not measured, over all hosts; null when nobody counted them. */
  besides: count.nullable(),
  hosts: list(witnessedHosts),
  /** Each in a sentence; a verdict does not stand against one. */
  doubts: list(text),
  /** What could not be checked, and why, each in a sentence. */
  missing: list(text),
});
export type Witness = z.infer<typeof witness>;
