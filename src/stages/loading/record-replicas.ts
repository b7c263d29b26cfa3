import { z } from 'zod';
import { AUTOSCALERS, parseAutoscaler, parseAutoscalers, parseScaleTarget } from '../../cluster/autoscalers.ts';
import { ReplicaHistory, SCALE_TARGETS } from '../../cluster/replica-history.ts';
import { type Context, kubectlOf, namespaceFlag, warn } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import { answerOf } from '../../model/answer.ts';

/** The API server ends a watch after this time, and the next one begins. */
const WATCH_SECONDS = 300;
/** How much longer it may take. */
const WATCH_GRACE_MS = 30_000;
/** Eight hours of watches; no load takes longer. */
const MOST_WATCHES = 100;
const PAUSE_MS = 500;

const eventSchema = z.object({ type: z.string(), object: z.unknown() });
const itemsSchema = z.object({ items: z.array(z.looseObject({ kind: z.string() })) });

/** A recording in progress. */
export interface Recording {
  /** Stops it and keeps what it saw in the state. */
  stop(): Promise<void>;
}

/**
 * Records how many pods the autoscalers ask for and how many are ready. The API server reports each change as it
 * happens, which is exact to fractions of a second and costs nothing while nothing changes. If recording fails, that is
 * a warning, and the load goes on.
 */
export async function recordReplicas(context: Context): Promise<Recording> {
  const history = new ReplicaHistory();
  const over = new AbortController();
  const now = (): number => context.clock.date().getTime() / 1000;
  let watches: Promise<void>[] = [];
  try {
    const kubectl = kubectlOf(context);
    for (const autoscaler of parseAutoscalers(await kubectl.get(AUTOSCALERS, namespaceFlag(context))))
      history.seeAutoscaler(autoscaler, now());
    const kinds = history.kinds().filter((kind) => kind in SCALE_TARGETS);
    if (kinds.length > 0) {
      const { items } = answerOf(
        'The API server, asked for workloads,',
        itemsSchema,
        await kubectl.get(kinds.map((kind) => `${kind.toLowerCase()}s.apps`).join(','), namespaceFlag(context)),
      );
      for (const item of items) history.seeTarget(parseScaleTarget(item), now());
    }
    const unknown = history.kinds().filter((kind) => !(kind in SCALE_TARGETS));
    if (unknown.length > 0)
      warn(context, `The number of pods over time is not recorded for objects of kind ${unknown.join(', ')}.`);
    const seeAutoscaler = (object: unknown): void => {
      history.seeAutoscaler(parseAutoscaler(object), now());
    };
    watches = [
      follow(context, '/apis/autoscaling/v2/horizontalpodautoscalers', over.signal, seeAutoscaler),
      ...kinds.map((kind) =>
        follow(context, SCALE_TARGETS[kind] ?? '', over.signal, (object) => {
          history.seeTarget(parseScaleTarget(object), now());
        }),
      ),
    ];
  } catch (error) {
    context.signal.throwIfAborted();
    warn(context, `The number of pods over time was not recorded: ${messageOf(error)}`);
  }
  return {
    stop: async () => {
      over.abort();
      await Promise.all(watches);
      context.store.update({ replicaRecords: history.records() });
    },
  };
}

/** Follows one kind of object until `over`, with as many watches as needed; never throws. */
async function follow(
  context: Context,
  path: string,
  over: AbortSignal,
  onObject: (object: unknown) => void,
): Promise<void> {
  const kubectl = kubectlOf(context);
  const signal = AbortSignal.any([over, context.signal]);
  const isOver = (): boolean => signal.aborted;
  const onEvent = (event: unknown): void => {
    const { type, object } = answerOf('The API server, asked for changes,', eventSchema, event);
    if (type === 'ADDED' || type === 'MODIFIED') onObject(object);
  };
  const problems: unknown[] = [];
  for (let count = 0; count < MOST_WATCHES && !isOver(); count += 1) {
    try {
      await kubectl.watch(`${path}?watch=true&timeoutSeconds=${String(WATCH_SECONDS)}`, onEvent, {
        deadlineMs: WATCH_SECONDS * 1000 + WATCH_GRACE_MS,
        signal,
      });
    } catch (error) {
      if (isOver()) return;
      problems.push(error);
    }
    // The next watch begins with the current state.
    await context.clock.sleep(PAUSE_MS, signal).catch(() => undefined);
  }
  if (problems.length > 0 && !isOver())
    warn(context, `The number of pods over time was recorded only in part: ${messageOf(problems[0])}`);
}
