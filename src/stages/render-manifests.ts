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
 * Renders every part, so that faults are found before anything is created. The results are files in the output folder,
 * where everything that will be applied can be read.
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

/** A user's own controller that listens on port 80 of its node but not on 443 does not answer over HTTPS. */
function refuseHttpsWithoutPort(context: Context, rendered: Partial<Record<Part, readonly KubernetesObject[]>>): void {
  const controllers = [rendered['ingress-controller'], rendered['baseline-ingress-controller'], rendered.application];
  if (clusterAskedFor(context.inputs) === 'existing' || !controllers.some((part) => servesHttpOnly(part ?? []))) return;
  withoutHttps(context, {
    why: 'the ingress controller listens on port 80 of its node, but not on port 443',
    mend: 'Give its container a port with hostPort: 443 next to the one with hostPort: 80.',
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

/** Versions have different host names from the ones the user gave; requests carry those in a header. */
function forVersions(context: Context, controller: KubernetesObject[]): KubernetesObject[] {
  const { inputs } = context;
  if (builtInNamespace(inputs['ingress-controller']) === null) return controller;
  const secure = hostsAskedOverHttps(context);
  if (inputs['baseline-manifests'].length === 0) return withSecureListeners(controller, secure);
  const ofVersions = secure.flatMap((host) => SIDES.map((side) => hostOf(side, host)));
  return handingForwardedHostOn(withSecureListeners(controller, ofVersions));
}

/**
 * The user's own objects to apply, or both versions of them, each in its namespace and with the login from the inputs.
 */
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

/** Logs what input `leave-out` removed, and warns about lines that matched nothing in any version. */
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
      `Input leave-out, ${text}: nothing in the manifests has that ${by === 'name' ? 'kind and name' : 'label'}, so it left nothing out.`,
    );
}

/** Without input hosts, the hosts in the rules of the user's manifests are loaded. */
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
      `Input hosts is empty, and ${shown} has no host to load: no Ingress or HTTPRoute that ingress-controller ${inputs['ingress-controller']} serves has a rule that matches a GET request and leads to a Service, and no Service of type LoadBalancer or NodePort has a port that is known to speak HTTP.`,
      { hint: `Nothing was created. ${linesToPaste(application)}` },
    );
  }
  if (foundTargets.length > MAX_HOSTS) {
    throw new StageError(
      'input-invalid',
      `Input hosts is empty, and the rules in ${shown} have too many addresses to load all of them: ${String(foundTargets.length)}.`,
      {
        hint: `Set hosts, one per line, at most ${String(MAX_HOSTS)}: names that the application answers for, each optionally with a path, such as shop.localhost=/cart.`,
      },
    );
  }
  store.update({ foundTargets });
  runner.info(`Hosts of the rules in ${shown}: ${hostsText(foundTargets).replaceAll('\n', ', ')}`);
}

/** The bundled controller itself answers a host without a rule, with a 404. */
function refuseUnroutedHosts(context: Context, application: readonly KubernetesObject[]): void {
  const { inputs, store } = context;
  const controller = inputs['ingress-controller'];
  if (builtInNamespace(controller) === null || inputs['baseline-ingress-controller'] !== null) return;
  // In a comparison, only hosts with routes in both versions are left.
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
      hint: `Nothing was created. Correct the hosts (in input hosts or the scenario), or route to a Service. ${linesToPaste(application)}`,
    },
  );
}

/** An Ingress with a class that nobody serves never answers; finding that here costs seconds, later the whole wait. */
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
          ? `Nothing was created. Set ingress-class: ${String(known)} to put the application behind this controller.`
          : `Nothing was created. Correct ingress-class, which is ${inputs['ingress-class']}.`,
    },
  );
}

/** A run that watches autoscaling shows nothing if nothing scales. */
function refuseNoAutoscaler(inputs: Inputs, objects: readonly KubernetesObject[]): void {
  if (!inputs.autoscaling || autoscalersIn(objects).length > 0) return;
  throw new StageError(
    'input-invalid',
    `Input autoscaling is true, but ${inputs.manifests.join(', ')} has no HorizontalPodAutoscaler.`,
    {
      hint: 'Nothing was created. Add one (autoscaling/v2) for each Deployment to scale; manifests/components/autoscaling has two to copy.',
    },
  );
}
