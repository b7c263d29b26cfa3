import { hasReadyEndpoint } from '../../cluster/api-services.ts';
import { parsePods, type PodJson } from '../../cluster/kubernetes-json.ts';
import { LastingProblems } from '../../cluster/lasting-problem.ts';
import { describeObject } from '../../cluster/manifest-entries.ts';
import type { KubernetesObject } from '../../cluster/manifests.ts';
import { shortList } from '../../cluster/preflight/finding.ts';
import { hasAuthority, type HeldObject, type Webhook } from '../../cluster/webhooks.ts';
import { type Context, kubectlOf, warn } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import { type Observation, waitUntil } from '../../wait.ts';
import { problemError } from '../health/pod-problem.ts';
import { readEvents } from '../health/read-events.ts';

const LOOK_EVERY_MS = 1000;
/** A node learns the address of a pod that became ready a moment later than the API server. */
const ADDRESS_IS_KNOWN_MS = 2000;

/**
 * Applies objects as soon as the webhooks that judge them answer; those of one webhook do not wait for another. A
 * webhook answers when a pod behind its Service is ready and somebody has filled in by which authority its certificate
 * is verified. After the deadline the rest is applied all the same, with a warning.
 *
 * @param deadlineMs for how long webhooks are waited for, in milliseconds.
 * @param apply applies some of the objects.
 * @throws StageError when a pod of a webhook will never become ready, and whatever `apply` throws.
 */
export async function applyHeld(
  context: Context,
  held: readonly HeldObject[],
  deadlineMs: number,
  apply: (objects: readonly KubernetesObject[]) => Promise<void>,
): Promise<void> {
  if (held.length === 0) return;
  const { clock, signal, runner } = context;
  runner.info(`Held until the webhooks of ${servicesText(held)} answer: ${objectsText(held)}`);
  const problems = new LastingProblems();
  const answering = new Set<string>();
  const start = clock.now();
  let left = held;
  const look = async (): Promise<Observation<string | null>> => {
    const whys = await whyNotAnswering(
      context,
      webhooksOf(left).filter((webhook) => !answering.has(keyOf(webhook))),
    );
    if ([...whys.values()].includes(null)) await clock.sleep(ADDRESS_IS_KNOWN_MS, signal);
    for (const [key, why] of whys) if (why === null) answering.add(key);
    const [free, others] = partedBy(left, ({ webhooks }) => webhooks.every((each) => answering.has(keyOf(each))));
    if (free.length > 0) await apply(free.map(({ object }) => object));
    left = others;
    const why = [...whys.values()].find((each) => each !== null);
    if (left.length === 0 || why === undefined) return { ready: true, value: null };
    if (clock.now() - start >= deadlineMs) return { ready: true, value: why };
    await refuseHopeless(context, problems, webhooksOf(left));
    return { ready: false, why };
  };
  const why = await waitUntil(look, {
    what: `the webhooks of ${servicesText(held)}`,
    // The look ends it: what is late is applied all the same.
    deadlineMs: Infinity,
    everyMs: LOOK_EVERY_MS,
    code: 'workload-not-ready',
    clock,
    signal,
    retryOn: () => false,
    onChange: (each) => {
      runner.info(each);
    },
  });
  if (why === null) return;
  warn(
    context,
    `After ${(deadlineMs / 1000).toFixed(0)} s: ${why}. The run stopped waiting, so the webhook may not have seen ${objectsText(left)}.`,
  );
  await apply(left.map(({ object }) => object));
}

function partedBy<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** Several webhooks of one configuration and Service answer together. */
const keyOf = ({ configuration, service }: Webhook): string =>
  `${configuration.kind}/${configuration.name} ${service.namespace}/${service.name}`;

const webhooksOf = (held: readonly HeldObject[]): Webhook[] => [
  ...new Map(held.flatMap(({ webhooks }) => webhooks.map((webhook) => [keyOf(webhook), webhook] as const))).values(),
];

const servicesText = (held: readonly HeldObject[]): string => shortList([...new Set(webhooksOf(held).map(placeOf))]);

const objectsText = (held: readonly HeldObject[]): string =>
  shortList(held.map(({ object }) => describeObject(object)));

/** Why each of these webhooks does not answer yet, by its key; null for one that does. */
async function whyNotAnswering(context: Context, webhooks: readonly Webhook[]): Promise<Map<string, string | null>> {
  const whys = new Map<string, string | null>();
  for (const webhook of webhooks) whys.set(keyOf(webhook), await whyNot(context, webhook));
  return whys;
}

async function whyNot(context: Context, webhook: Webhook): Promise<string | null> {
  try {
    return await whatLacks(context, webhook);
  } catch (error) {
    context.signal.throwIfAborted();
    return `the webhook of Service ${placeOf(webhook)} can't be checked: ${messageOf(error)}`;
  }
}

const placeOf = ({ service }: Webhook): string => `${service.namespace}/${service.name}`;

async function whatLacks(context: Context, webhook: Webhook): Promise<string | null> {
  const { configuration, service, givesAuthority } = webhook;
  const kubectl = kubectlOf(context);
  const slices = await kubectl.get(
    'endpointslices.discovery.k8s.io',
    `--namespace=${service.namespace}`,
    `--selector=kubernetes.io/service-name=${service.name}`,
  );
  if (!hasReadyEndpoint(slices)) return `the webhook of Service ${placeOf(webhook)}: none of its pods is ready`;
  if (givesAuthority || hasAuthority(await kubectl.get(configuration.kind, configuration.name), service)) return null;
  return `${configuration.kind} ${configuration.name}: nobody has filled in its caBundle yet`;
}

/** What keeps the server of a webhook from starting is told as soon as it is known, and not after the wait. */
async function refuseHopeless(
  context: Context,
  problems: LastingProblems,
  webhooks: readonly Webhook[],
): Promise<void> {
  const pods = await podsOf(context, webhooks);
  const problem = problems.look(pods, context.clock.now(), await readEvents(context));
  if (problem === null) return;
  throw await problemError(
    context,
    problem,
    'Its webhook has to answer before the objects that it judges are applied.',
  );
}

/** The pods behind the Services of webhooks; none while they can't be read. */
async function podsOf(context: Context, webhooks: readonly Webhook[]): Promise<PodJson[]> {
  const kubectl = kubectlOf(context);
  const pods: PodJson[] = [];
  for (const { service, selector } of webhooks) {
    const labels = Object.entries(selector).map(([name, value]) => `${name}=${String(value)}`);
    if (labels.length === 0) continue;
    try {
      const found = await kubectl.get('pods', `--namespace=${service.namespace}`, `--selector=${labels.join(',')}`);
      pods.push(...parsePods(found));
    } catch {
      context.signal.throwIfAborted();
    }
  }
  return pods;
}
