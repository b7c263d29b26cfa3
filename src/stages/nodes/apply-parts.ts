import type { Kubectl } from '../../adapters/commands/kubectl.ts';
import { identityOf } from '../../cluster/manifest-entries.ts';
import { inApplyOrder, type KubernetesObject, toJson } from '../../cluster/manifests.ts';
import { namespacesOf } from '../../cluster/namespaces.ts';
import { type Part, PARTS } from '../../cluster/parts.ts';
import { pullSecretObjects } from '../../cluster/pull-secret.ts';
import { hasRepeatedEntries } from '../../cluster/repeated-entries.ts';
import { heldForWebhooks } from '../../cluster/webhooks.ts';
import { clusterOf, type Context, kubectlCommand, kubectlOf, outputPath, warn } from '../../context.ts';
import { CommandError, lastLines, StageError } from '../../errors.ts';
import { sideBySide } from '../../side-by-side.ts';
import { waitUntil } from '../../wait.ts';
import { applyHeld } from './apply-held.ts';
import { forgetCertificates, ownCertificates } from './own-certificates.ts';
import { refusedObjects } from './refused-objects.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';

const APPLY_DEADLINE_MS = 60_000;
/** The ingress-nginx docs give its webhook up to two minutes; an operator may take as long as other workloads. */
const WEBHOOK_DEADLINE_MS = 120_000;
/** One that was waited for answers, or has had its time. */
const HELD_WEBHOOK_DEADLINE_MS = 20_000;
const webhookDeadlineOf = ({ inputs }: Context): number => Math.max(WEBHOOK_DEADLINE_MS, inputs.wait);

/**
 * Applies what the rest needs: namespaces and custom resource definitions of all parts.
 *
 * @param webhookMs how long to wait for a webhook, in milliseconds.
 */
export async function applyFoundations(context: Context, webhookMs = webhookDeadlineOf(context)): Promise<void> {
  const foundations = PARTS.flatMap((part) => inApplyOrder(renderedObjects(context, part)).foundations);
  await applyObjects(context, 'namespaces', foundations, webhookMs);
  await waitForDefinitions(kubectlOf(context), foundations);
}

/**
 * Applies parts, except their API services, at the same time, so their images are pulled in parallel.
 *
 * @param webhookMs how long to wait for a webhook, in milliseconds.
 */
export async function applyParts(
  context: Context,
  parts: readonly Part[],
  webhookMs = webhookDeadlineOf(context),
): Promise<void> {
  const before = parts.includes('application') ? await applyCertificates(context) : [];
  const isApplied = new Set(before.map(identityOf));
  await sideBySide(
    context,
    ...parts.map((part) => async (each: Context) => {
      const rest = inApplyOrder(renderedObjects(context, part)).rest;
      const objects = rest.filter((object) => !isApplied.has(identityOf(object)));
      const { free, held } = heldForWebhooks(objects, part === 'application' ? judges(context) : []);
      await applyObjects(each, part, free, webhookMs);
      await applyHeld(each, held, webhookMs, (some) => applyObjects(each, part, some, HELD_WEBHOOK_DEADLINE_MS));
    }),
  );
}

/** Those of the application, and of the ingress controller, which may be one of the user's own. */
const judges = (context: Context): KubernetesObject[] => [
  ...renderedObjects(context, 'application'),
  ...renderedObjects(context, 'ingress-controller'),
];

/** @returns what replaces objects with the same name in the manifests. */
async function applyCertificates(context: Context): Promise<readonly KubernetesObject[]> {
  const certificates = await ownCertificates(context);
  try {
    await applyObjects(context, 'the certificates of the run', certificates);
    return certificates;
  } catch (error) {
    // Without them, routes still work, with whatever certificate the controller presents.
    if (clusterOf(context).kind === 'own' || !(error instanceof StageError)) throw error;
    forgetCertificates(context);
    warn(context, `The certificates of the run could not be put into the cluster. ${error.message}`);
    return [];
  }
}

/**
 * Before any pod, because a pod takes the login of its service account when it is created. The secret goes straight to
 * the cluster, because rendered manifests are files.
 */
export async function applyPullSecret(context: Context): Promise<void> {
  const secret = context.inputs['pull-secret'];
  if (secret === null) return;
  const objects = renderedObjects(context, 'application');
  await applyObjects(context, 'the pull secret', [
    ...pullSecretObjects(secret, namespacesOf(objects)),
    ...objects.filter(({ kind }) => kind === 'ServiceAccount'),
  ]);
}

/**
 * Applies objects, and retries while a webhook that must check them is not up.
 *
 * @param what names them in the log and in errors.
 * @param webhookMs how long to wait for the webhook, in milliseconds.
 * @throws StageError `apply-failed`.
 */
export async function applyObjects(
  context: Context,
  what: string,
  objects: readonly KubernetesObject[],
  webhookMs = webhookDeadlineOf(context),
): Promise<void> {
  if (objects.length === 0) return;
  const apply = (some: readonly KubernetesObject[]): Promise<void> => applyEach(kubectlOf(context), some);
  await waitUntil(
    async () => {
      try {
        await apply(objects);
        return { ready: true, value: undefined };
      } catch (error) {
        const why = webhookFailure(error);
        if (why === null) throw await applyError(context, what, objects, apply, error);
        return { ready: false, why };
      }
    },
    {
      what: `Kubernetes to accept the manifests of ${what}`,
      deadlineMs: webhookMs,
      everyMs: 2000,
      code: 'apply-failed',
      clock: context.clock,
      signal: context.signal,
      retryOn: (error) => !(error instanceof StageError || error instanceof CommandError),
      onChange: (why) => {
        context.runner.info(`${what}: applied again until the webhook answers: ${why}`);
      },
    },
  );
  context.runner.info(`${what}: ${String(objects.length)} objects applied`);
}

/** Server-side, except for what only a client can apply. */
async function applyEach(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<void> {
  const byClient = objects.filter(hasRepeatedEntries);
  const byServer = objects.filter((object) => !hasRepeatedEntries(object));
  if (byServer.length > 0) await kubectl.apply(toJson(byServer), APPLY_DEADLINE_MS);
  if (byClient.length > 0) await kubectl.applyByClient(toJson(byClient), APPLY_DEADLINE_MS);
}

/** A webhook whose pod is not up yet refuses, or can't convert, what it accepts later. */
function webhookFailure(error: unknown): string | null {
  if (!(error instanceof CommandError) || error.reason !== 'exit') return null;
  const lines = lastLines(error.result.stderr, Infinity);
  return lines.find((line) => /failed calling webhook|conversion webhook for .* failed/.test(line)) ?? null;
}

async function applyError(
  context: Context,
  what: string,
  objects: readonly KubernetesObject[],
  apply: (objects: readonly KubernetesObject[]) => Promise<void>,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof CommandError) || error.reason !== 'exit') return error;
  const refused = await refusedObjects(context, objects, error, (object) => apply([object]));
  const told =
    refused.length > 0 ? refused : [`a manifest of ${what}: ${lastLines(error.result.stderr, 5).join('\n')}`];
  return new StageError('apply-failed', told.map((sentence) => `Kubernetes refused ${sentence}`).join('\n'), {
    hint: 'The message above is from the API server. Correct the field that it names, or leave the object out.',
    tryThis: kubectlCommand(
      context,
      'apply',
      '--server-side',
      '--dry-run=server',
      `--filename=${outputPath(context, 'manifests')}`,
    ),
    cause: error,
  });
}

async function waitForDefinitions(kubectl: Kubectl, foundations: readonly KubernetesObject[]): Promise<void> {
  const definitions = foundations
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .map(({ metadata }) => `crd/${metadata.name}`);
  if (definitions.length === 0) return;
  await kubectl.text('wait', '--for=condition=Established', '--timeout=25s', ...definitions);
}
