import { z } from 'zod';
import { answerOf } from '../model/answer.ts';

/**
 * The parts of the Kubernetes API that are read here. Fields that the API server may leave out have
 * the default that its documentation gives them.
 */
const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string().default(''),
  generation: z.number().default(0),
  labels: z.record(z.string(), z.string()).default({}),
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
  lastTransitionTime: z.string().nullish(),
});

const nodeSchema = z.object({
  metadata,
  status: z.object({
    conditions: z.array(condition).default([]),
    nodeInfo: z.object({ kubeletVersion: z.string() }),
  }),
});
export type NodeJson = z.infer<typeof nodeSchema>;

const workloadSchema = z.object({
  kind: z.string().default(''),
  metadata,
  spec: z
    .object({
      replicas: z.number().default(1),
      completions: z.number().nullish(),
      suspend: z.boolean().nullish(),
      paused: z.boolean().nullish(),
    })
    .default({ replicas: 1 }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      desiredNumberScheduled: z.number().default(0),
      updatedNumberScheduled: z.number().default(0),
      numberReady: z.number().default(0),
      succeeded: z.number().default(0),
      /** Of a pod. */
      phase: z.string().default(''),
      conditions: z.array(condition).default([]),
    })
    .prefault({}),
});
export type WorkloadJson = z.infer<typeof workloadSchema>;

const containerState = z.object({
  running: z.object({ startedAt: z.string().nullish() }).optional(),
  waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
  terminated: z
    .object({
      reason: z.string().default(''),
      exitCode: z.number(),
      message: z.string().default(''),
      startedAt: z.string().nullish(),
      finishedAt: z.string().nullish(),
    })
    .optional(),
});

const containerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: containerState.default({}),
  lastState: containerState.default({}),
});

/** Quantities by resource, such as the requests of a container. */
export const quantities = z.record(z.string(), z.union([z.string(), z.number()]));

const limits = z.object({ limits: quantities.default({}) }).default({ limits: {} });

const port = z.union([z.number(), z.string()]);

/** What a kubelet asks of a container. */
const probe = z.object({
  httpGet: z.object({ path: z.string().default('/'), port, scheme: z.string().default('HTTP') }).nullish(),
  tcpSocket: z.object({ port }).nullish(),
  grpc: z.object({ port }).nullish(),
  timeoutSeconds: z.number().default(1),
});
export type ProbeJson = z.infer<typeof probe>;

const podSchema = z.object({
  metadata: metadata.extend({ deletionTimestamp: z.string().optional() }),
  spec: z
    .object({
      nodeName: z.string().default(''),
      containers: z
        .array(
          z.object({
            name: z.string(),
            readinessProbe: probe.nullish(),
            startupProbe: probe.nullish(),
            resources: limits,
            ports: z
              .array(
                z.object({ name: z.string().default(''), containerPort: z.number(), hostPort: z.number().default(0) }),
              )
              .default([]),
          }),
        )
        .default([]),
      /** Those with `restartPolicy: Always` are sidecars: they run beside the containers. */
      initContainers: z
        .array(z.object({ name: z.string(), restartPolicy: z.string().default(''), resources: limits }))
        .default([]),
      /** Limits of the pod as a whole. */
      resources: limits,
    })
    .prefault({}),
  status: z
    .object({
      phase: z.string().default(''),
      startTime: z.string().nullish(),
      /** Of a pod that was ended as a whole, such as `Evicted`. */
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: z.array(condition).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
      containerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
});
export type PodJson = z.infer<typeof podSchema>;

const eventSchema = z.object({
  reason: z.string().nullish(),
  message: z.string().nullish(),
  /** How often it happened, by the older and by the newer way to say so; missing for once. */
  count: z.number().nullish(),
  series: z.object({ count: z.number() }).nullish(),
  lastTimestamp: z.string().nullish(),
  involvedObject: z.object({
    kind: z.string().default(''),
    namespace: z.string().default(''),
    name: z.string().default(''),
    uid: z.string().default(''),
    fieldPath: z.string().default(''),
  }),
});
export type EventJson = z.infer<typeof eventSchema>;

const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) }).transform(({ items }) => items);

/** @throws StageError `unexpected-answer` for anything that is not a list of nodes. */
export const parseNodes = (json: unknown): NodeJson[] =>
  answerOf('The API server, asked for nodes,', listOf(nodeSchema), json);
/** @throws StageError `unexpected-answer` for anything that is not a list of workloads. */
export const parseWorkloads = (json: unknown): WorkloadJson[] =>
  answerOf('The API server, asked for workloads,', listOf(workloadSchema), json);
/** @throws StageError `unexpected-answer` for anything that is not a list of pods. */
export const parsePods = (json: unknown): PodJson[] =>
  answerOf('The API server, asked for pods,', listOf(podSchema), json);
/** @throws StageError `unexpected-answer` for anything that is not a list of events. */
export const parseEvents = (json: unknown): EventJson[] =>
  answerOf('The API server, asked for events,', listOf(eventSchema), json);
