import { autoscalersIn } from '../cluster/autoscalers.ts';
import { findExposed, withExposedPaths } from '../cluster/expose.ts';
import { withSecureListeners } from '../cluster/gateways.ts';
import {
  builtInNamespace,
  ingressControllers,
  scraping,
  servesHttpOnly,
  strayIngress,
} from '../cluster/ingress-controller.ts';
import { RUNNER_IMAGES } from '../cluster/k6/test-run.ts';
import { imagesOf, type KubernetesObject } from '../cluster/manifests.ts';
import { namespacesOf, withNamespaces } from '../cluster/namespaces.ts';
import { describeObject } from '../cluster/manifest-entries.ts';
import type { Part } from '../cluster/parts.ts';
import type { PlatformParts } from '../cluster/preflight/own-platform.ts';
import { withPullSecret } from '../cluster/pull-secret.ts';
import { handingForwardedHostOn } from '../cluster/sides/forwarded-host.ts';
import { hostOf } from '../cluster/sides/version-names.ts';
import { isRouted, routedHosts } from '../cluster/sides/version-routes.ts';
import { type Context, warn } from '../context.ts';
import { StageError } from '../errors.ts';
import { MAX_HOSTS } from '../inputs/formats.ts';
import { clusterAskedFor, type Inputs } from '../inputs/table.ts';
import { hostsText } from '../load/requests/targets.ts';
import { SIDES } from '../model/sides.ts';
import { hostsAskedOverHttps, targetsOf } from './loading/targets.ts';
import { withoutHttps } from './nodes/without-https.ts';
import { checkApplication } from './rendering/check-application.ts';
import { linesToPaste } from './rendering/expose-services.ts';
import {
  forBothControllers,
  nameControllers,
  refuseUnusedControllers,
  renderController,
} from './rendering/render-controllers.ts';
import { type ManifestEntries, renderEntries } from './rendering/render-entries.ts';
import { findRoutes, routeSchemes } from './rendering/find-routes.ts';
import { type RenderedVersion, type RenderedVersions, renderVersion } from './rendering/render-version.ts';
import { partsOf } from './rendering/rendered-parts.ts';
import { separateFromBase } from './rendering/separate-from-base.ts';

/**
 * Renders every part, so that what is broken is found before anything is created. The results are
 * files in the output folder: what will be applied can be read there.
 */
export async function renderManifests(context: Context): Promise<void> {
  const { inputs, actionRoot, store, runner } = context;
  const objects: KubernetesObject[] = [];
  const byPart: Partial<Record<Part, readonly KubernetesObject[]>> = {};
  for (const [part, entries] of Object.entries(partsOf(inputs, actionRoot)) as [Part, ManifestEntries][]) {
    const rendered = await renderPart(context, part, entries, byPart);
    context.rendered.keep(part, rendered);
    objects.push(...rendered);
    byPart[part] = rendered;
    runner.info(`${part}: ${String(rendered.length)} objects from ${entries.entries.join(', ')}`);
  }
  refuseStrayIngress(inputs, objects);
  refuseUnusedControllers(inputs, byPart);
  refuseNoAutoscaler(inputs, objects);
  store.update({ images: [...imagesOf(objects), ...(inputs.engine === 'k6-operator' ? RUNNER_IMAGES : [])] });
  findTargets(context, byPart.application ?? [], objects);
  refuseUnroutedHosts(context, byPart.application ?? []);
  refuseHttpsWithoutPort(context, byPart);
  nameControllers(context, byPart);
}

/** A controller of the user's own that takes port 80 of its node and not 443 does not answer over HTTPS. */
function refuseHttpsWithoutPort(context: Context, rendered: Partial<Record<Part, readonly KubernetesObject[]>>): void {
  const controllers = [rendered['ingress-controller'], rendered['baseline-ingress-controller'], rendered.application];
  if (clusterAskedFor(context.inputs) === 'existing' || !controllers.some((part) => servesHttpOnly(part ?? []))) return;
  withoutHttps(context, {
    why: 'the ingress controller takes port 80 of its node and no port 443',
    mend: 'Give its container a port with hostPort: 443 beside that with hostPort: 80.',
  });
}

async function renderPart(
  context: Context,
  part: Part,
  entries: ManifestEntries,
  platform: PlatformParts,
): Promise<KubernetesObject[]> {
  const before = Object.values(platform).flat();
  switch (part) {
    case 'ingress-controller':
      return forVersions(context, await renderController(context, 'head', entries, before));
    case 'baseline-ingress-controller':
      return await renderController(context, 'base', entries, before);
    case 'prometheus':
      return scraping(await renderEntries(context, entries), Object.values(ingressControllers(context.inputs)));
    case 'application':
      return await renderApplication(context, entries, platform);
    default:
      return await renderEntries(context, entries);
  }
}

/** Hosts of versions have other names than those that the user gave, which requests name in a header. */
function forVersions(context: Context, controller: KubernetesObject[]): KubernetesObject[] {
  const { inputs } = context;
  if (builtInNamespace(inputs['ingress-controller']) === null) return controller;
  const secure = hostsAskedOverHttps(context);
  if (inputs['baseline-manifests'].length === 0) return withSecureListeners(controller, secure);
  const ofVersions = secure.flatMap((host) => SIDES.map((side) => hostOf(side, host)));
  return handingForwardedHostOn(withSecureListeners(controller, ofVersions));
}

/** What is applied of the user's own objects, or of both versions of them, each in its namespace and with the login of the inputs. */
async function renderApplication(
  context: Context,
  entries: ManifestEntries,
  platform: PlatformParts,
): Promise<KubernetesObject[]> {
  const { inputs } = context;
  const around = Object.values(platform).flat();
  const head = await renderVersion(context, 'head', entries, around);
  const base = await renderBase(context, around);
  const versions = { head, ...(base === null ? {} : { base }) };
  tellLeftOut(context, versions);
  checkApplication(context, versions, platform);
  if (base === null) context.store.update({ routeSchemes: routeSchemes(context, head.objects, around) });
  const placed =
    base === null
      ? forBothControllers(inputs, head.objects)
      : await separateFromBase(context, { base: base.objects, head: head.objects }, around);
  return withNamespaces(inputs['pull-secret'] === null ? placed : withPullSecret(placed, namespacesOf(placed)));
}

async function renderBase(context: Context, around: readonly KubernetesObject[]): Promise<RenderedVersion | null> {
  const entries = context.inputs['baseline-manifests'];
  if (entries.length === 0) return null;
  return await renderVersion(context, 'base', { source: 'Input baseline-manifests', entries }, around);
}

/** Says what input `leave-out` took away, and which of its lines took nothing of any version. */
function tellLeftOut(context: Context, versions: RenderedVersions): void {
  const { store, runner } = context;
  const rendered = Object.values(versions);
  const leftOut = [...new Set(rendered.flatMap((version) => version.leftOut.map(describeObject)))];
  if (leftOut.length > 0) {
    store.update({ leftOut });
    runner.info(`Left out by input leave-out: ${leftOut.join(', ')}`);
  }
  const [first, ...others] = rendered.map(({ unusedLines }) => unusedLines);
  const unused = (first ?? []).filter((line) => others.every((lines) => lines.includes(line)));
  for (const { by, text } of unused)
    warn(
      context,
      `Input leave-out, ${text}: nothing in the manifests has that ${by === 'name' ? 'kind and name' : 'label'}, so that nothing was left out by it.`,
    );
}

/** Without hosts given, those that the user's own manifests have rules for are asked. */
function findTargets(
  context: Context,
  application: readonly KubernetesObject[],
  around: readonly KubernetesObject[],
): void {
  const { inputs, store, runner } = context;
  if (inputs.hosts !== null || inputs.manifests.length === 0 || store.state.comparedVersions !== undefined) return;
  const foundTargets = withExposedPaths(
    findRoutes(context, application, around),
    findExposed(inputs.expose ?? [], application).exposed,
  );
  const shown = inputs.manifests.join(', ');
  if (foundTargets.length === 0) {
    throw new StageError(
      'input-invalid',
      `Input hosts is empty, and can't be filled from ${shown}: no Ingress and no HTTPRoute in it that ingress-controller ${inputs['ingress-controller']} serves has a rule that a GET request fits, and no Service of type LoadBalancer or NodePort has a port that is known to speak HTTP.`,
      { hint: `Nothing was created. ${linesToPaste(application)}` },
    );
  }
  if (foundTargets.length > MAX_HOSTS) {
    throw new StageError(
      'input-invalid',
      `Input hosts is empty, and can't be filled from ${shown}: its rules lead to ${String(foundTargets.length)} addresses.`,
      {
        hint: `Give hosts, one a line, at most ${String(MAX_HOSTS)}: what stands in the Host header of a request that the application answers, each optionally with a path, such as shop.localhost=/cart.`,
      },
    );
  }
  store.update({ foundTargets });
  runner.info(`Hosts of the rules in ${shown}: ${hostsText(foundTargets).replaceAll('\n', ', ')}`);
}

/** A host that no rule takes is answered by the bundled controller itself, with a 404. */
function refuseUnroutedHosts(context: Context, application: readonly KubernetesObject[]): void {
  const { inputs, store } = context;
  const controller = inputs['ingress-controller'];
  if (builtInNamespace(controller) === null || inputs['baseline-ingress-controller'] !== null) return;
  // Of a comparison only hosts that both versions route are left.
  if (
    clusterAskedFor(inputs) === 'existing' ||
    inputs.manifests.length === 0 ||
    store.state.comparedVersions !== undefined
  )
    return;
  const kind = controller === 'traefik-gateway' ? 'HTTPRoute' : 'Ingress';
  const kinds = controller === 'traefik-gateway' ? ['HTTPRoute', 'TLSRoute'] : ['Ingress'];
  const routed = routedHosts(application.filter((object) => kinds.includes(object.kind)));
  const unrouted = [...new Set(targetsOf(context).map(({ host }) => host))].filter((host) => !isRouted(routed, host));
  if (unrouted.length === 0) return;
  throw new StageError(
    'input-invalid',
    `No ${kind} in ${inputs.manifests.join(', ')} has a rule for ${unrouted.join(', ')}; there are rules for ${routed.join(', ') || 'no host'}.`,
    {
      hint: `Nothing was created. Correct hosts (or those of the scenario), or route to a Service. ${linesToPaste(application)}`,
    },
  );
}

/** An Ingress of a class that nobody serves never answers; here that costs seconds, later the whole wait. */
function refuseStrayIngress(inputs: Inputs, objects: readonly KubernetesObject[]): void {
  const stray = strayIngress(objects);
  if (stray === null) return;
  const [known] = stray.known;
  throw new StageError(
    'manifest-invalid',
    `Ingress ${stray.ingress} has the class ${stray.ingressClass}, but the manifests only have the class ${stray.known.join(', ')}.`,
    {
      hint:
        inputs['ingress-class'] === null
          ? `Nothing was created. Give ingress-class: ${String(known)} to put the application behind this controller.`
          : `Nothing was created. Input ingress-class is ${inputs['ingress-class']}; correct it.`,
    },
  );
}

/** A run that is to show how pods are added shows nothing where nobody adds any. */
function refuseNoAutoscaler(inputs: Inputs, objects: readonly KubernetesObject[]): void {
  if (!inputs.autoscaling || autoscalersIn(objects).length > 0) return;
  throw new StageError(
    'input-invalid',
    `Input autoscaling is true, but ${inputs.manifests.join(', ')} has no HorizontalPodAutoscaler.`,
    {
      hint: 'Nothing was created. Add one of autoscaling/v2 for each Deployment that is to grow; manifests/components/autoscaling has two to copy.',
    },
  );
}
