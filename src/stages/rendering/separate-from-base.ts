import { findExposed, withExposedPaths } from '../../cluster/expose.ts';
import { imagesOf, type KubernetesObject } from '../../cluster/manifests.ts';
import { schemesOfBoth } from '../../cluster/route-schemes.ts';
import { namespacesOf } from '../../cluster/namespaces.ts';
import { separateVersions } from '../../cluster/sides/separate-versions.ts';
import { targetsOfVersion } from '../../cluster/sides/version-names.ts';
import { areOneCommit, labelsOf } from '../../comparison/sides.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { ComparedVersion } from '../../model/comparison.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import type { ComparedVersions } from '../../state.ts';
import { isKustomization } from '../../adapters/manifest-files.ts';
import { shellWord } from '../../text/shell-word.ts';
import { findRoutes, routeSchemes } from './find-routes.ts';
import { revisionsOfSides } from './revisions.ts';

/**
 * Gives base and head separate places in the cluster.
 *
 * @param platform the objects of everything around the application, which exists once.
 * @returns the objects of both versions and what they share.
 * @throws StageError `manifest-invalid` with every reason why the two can't run side by side.
 */
export async function separateFromBase(
  context: Context,
  { base, head }: Readonly<Record<Side, readonly KubernetesObject[]>>,
  platform: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const { inputs, store, runner } = context;
  const { schemes, different } = schemesOfBoth(
    routeSchemes(context, head, platform),
    routeSchemes(context, base, platform),
  );
  store.update({ routeSchemes: schemes });
  for (const host of different)
    warn(context, `Only one version has TLS for ${host}. Both are loaded over HTTPS, so they get the same requests.`);
  const wanted =
    inputs.hosts ??
    withExposedPaths(findRoutes(context, head, platform), findExposed(inputs.expose ?? [], head).exposed);
  const platformNamespaces = new Set([
    ...namespacesOf(platform),
    ...platform.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
  ]);
  const { objects, shared, commonTargets, warnings, conflicts } = separateVersions({
    objects: { base, head },
    targets: wanted.map(({ host }) => host),
    platformNamespaces,
  });
  if (conflicts.length > 0) {
    throw new StageError(
      'manifest-invalid',
      `Base and head can't run side by side in one cluster:\n${conflicts.join('\n')}`,
      {
        hint: 'Nothing was created. Leave these objects out of both versions for the comparison, for example with a separate overlay.',
        tryThis: differenceOf(inputs['baseline-manifests'][0] ?? '', inputs.manifests[0] ?? ''),
      },
    );
  }
  const targets = wanted
    .filter(({ host }) => commonTargets.includes(host))
    .map(({ host, scheme, path }) => ({ host, ...(scheme === undefined ? {} : { scheme }), path }));
  if (targets.length === 0) {
    throw new StageError(
      'manifest-invalid',
      `No host is routed by both versions: ${wanted.map(({ host }) => host).join(', ') || 'no Ingress and no HTTPRoute has one'}.`,
      {
        hint: 'Set hosts that have a rule in the manifests of both versions.',
      },
    );
  }
  for (const sentence of warnings) warn(context, sentence);
  const revisions = await revisionsOfSides(context);
  const labels = labelsOf(revisions);
  const version = (name: Side, manifests: readonly string[]): ComparedVersion => ({
    label: labels[name],
    ...(revisions[name] === undefined || areOneCommit(revisions) ? {} : { revision: revisions[name] }),
    manifests: [...manifests],
    images: imagesOf(objects[name]),
    hosts: [...new Set(targetsOfVersion(name, targets).map(({ host }) => host))],
  });
  const compared: ComparedVersions = {
    base: version('base', inputs['baseline-manifests']),
    head: version('head', inputs.manifests),
    namespaces: { base: namespacesOf(objects.base), head: namespacesOf(objects.head) },
    targets,
  };
  store.update({ comparedVersions: compared });
  for (const name of SIDES)
    runner.info(
      `${labels[name] === name ? name : `${name} is ${labels[name]}`}: ${String(objects[name].length)} objects, ${compared[name].hosts.join(', ')}`,
    );
  return [...shared, ...objects.base, ...objects.head];
}

/**
 * A command that shows how the manifests of two versions differ: built where both are kustomizations, as they are
 * elsewhere.
 */
function differenceOf(base: string, head: string): string {
  const [one, other] = [shellWord(base), shellWord(head)];
  return [base, head].every(isKustomization)
    ? `diff <(kubectl kustomize ${one}) <(kubectl kustomize ${other})`
    : `diff --recursive --unified ${one} ${other}`;
}
