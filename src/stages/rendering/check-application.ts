import { builtInNamespace, withServedRoutes } from '../../cluster/ingress-controller.ts';
import type { KubernetesObject } from '../../cluster/manifests.ts';
import { type Finding, fault } from '../../cluster/preflight/finding.ts';
import { ignoredAnnotations } from '../../cluster/preflight/ignored-annotations.ts';
import { lostRoutes } from '../../cluster/preflight/lost-routes.ts';
import { notTexts } from '../../cluster/preflight/not-texts.ts';
import { refusedFields } from '../../cluster/preflight/refused-fields.ts';
import { missingNeeds } from '../../cluster/preflight/missing-needs.ts';
import {
  autoscalersWithoutFigures,
  type PlatformParts,
  platformClashes,
} from '../../cluster/preflight/own-platform.ts';
import { ownLoad } from '../../cluster/preflight/own-load.ts';
import { undefinedKinds } from '../../cluster/preflight/undefined-kinds.ts';
import { routeCertificates } from '../../cluster/preflight/route-certificates.ts';
import { unfitAddresses } from '../../cluster/preflight/unfit-addresses.ts';
import { unfitPods } from '../../cluster/preflight/unfit-pods.ts';
import { suspendedJobs, unservedRoutes } from '../../cluster/preflight/unserved-routes.ts';
import { kubernetesMinor } from '../../cluster/pinned-versions.ts';
import { routedHosts } from '../../cluster/sides/version-routes.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { clusterAskedFor, isComparison } from '../../inputs/table.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import { linesToPaste } from './expose-services.ts';
import type { RenderedVersion, RenderedVersions } from './render-version.ts';

/**
 * Checks what the manifests alone can tell: everything that can't work as one error, and the rest as warnings.
 *
 * @throws StageError `manifest-invalid`.
 */
export function checkApplication(context: Context, versions: RenderedVersions, platform: PlatformParts): void {
  if (context.inputs.manifests.length === 0) return;
  const found = SIDES.flatMap((side) => {
    const version = versions[side];
    return version === undefined
      ? []
      : findingsOf(context, side, version, platform).map((finding) => ({ side, finding }));
  });
  const told = [...new Set(found.map(({ finding }) => finding.text))].map((text) => {
    const same = found.filter(({ finding }) => finding.text === text);
    // A finding in both versions is not reported for base alone.
    const onlyBase = same.every(({ side }) => side === 'base');
    return {
      fatal: same.some(({ finding }) => finding.fatal),
      text: onlyBase ? `In baseline-manifests: ${text}` : text,
    };
  });
  for (const { text } of told.filter(({ fatal }) => !fatal)) warn(context, text);
  const faults = told.filter(({ fatal }) => fatal);
  if (faults.length === 0) return;
  throw new StageError('manifest-invalid', faults.map(({ text }) => text).join('\n'), { hint: 'Nothing was created.' });
}

function findingsOf(
  context: Context,
  side: Side,
  { objects, leftOut }: RenderedVersion,
  platform: PlatformParts,
): Finding[] {
  const { inputs } = context;
  const certificates = routeCertificates(objects, {
    now: context.clock.date(),
    isVerified: inputs['tls-verify'] !== 'false',
    isReplaced: inputs['baseline-manifests'].length > 0,
  });
  if (clusterAskedFor(inputs) === 'existing')
    return [...notTexts(objects), ...refusedFields(objects), ...certificates, ...suspendedJobs(objects)];
  const around = Object.values(platform).flat();
  const controller = inputs['ingress-controller'];
  const isBuiltIn = builtInNamespace(controller) !== null;
  const asksForFigures = !isComparison(inputs) && inputs.mode === 'load';
  return [
    ...notTexts(objects),
    ...refusedFields(objects),
    ...undefinedKinds(objects, { minor: kubernetesMinor(inputs['node-image']), platform: around }),
    ...platformClashes(objects, platform),
    ...(isBuiltIn ? unservedRoutes(objects, controller === 'traefik-gateway') : []),
    ...(isBuiltIn && isComparison(inputs) ? withoutRoute(context, side, objects) : []),
    ...lostRoutes(objects),
    ...missingNeeds(objects, leftOut),
    ...certificates,
    ...unfitPods(objects, inputs.config === null),
    // Versions that are compared get addresses and ports that Kubernetes chooses.
    ...(inputs.config === null && inputs['baseline-manifests'].length === 0 ? unfitAddresses(objects) : []),
    ...(controller === 'nginx' || controller === 'traefik' ? ignoredAnnotations(objects, controller, around) : []),
    ...(inputs.autoscaling ? [] : autoscalersWithoutFigures(objects, asksForFigures)),
    ...suspendedJobs(objects),
    ...ownLoad(objects),
  ];
}

/** Each side of a comparison has its own host, so each needs a route. */
function withoutRoute({ inputs }: Context, side: Side, objects: readonly KubernetesObject[]): Finding[] {
  const controller = inputs['ingress-controller'];
  if (routedHosts(withServedRoutes(controller, objects)).length > 0) return [];
  const manifests = side === 'head' ? inputs.manifests : inputs['baseline-manifests'];
  const kind = controller === 'traefik-gateway' ? 'HTTPRoute' : 'Ingress';
  return [
    fault(
      `No ${kind} in ${manifests.join(', ')} leads to the application, so ${side} would never answer. ${linesToPaste(objects)}`,
    ),
  ];
}
