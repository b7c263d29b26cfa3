import { withoutOrigin } from '../../cluster/exported.ts';
import { type LeaveOut, withoutLeftOut } from '../../cluster/leave-out.ts';
import { servedByTraefik } from '../../cluster/gateways.ts';
import { classesOfTwo, inIngressClass } from '../../cluster/ingress-controller.ts';
import { neverPulled, unusedImages } from '../../cluster/local-images.ts';
import { describeObject } from '../../cluster/manifest-entries.ts';
import { imagesOf, type KubernetesObject } from '../../cluster/manifests.ts';
import { inNamespace } from '../../cluster/namespaces.ts';
import { describeRepeatedEntries } from '../../cluster/repeated-entries.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Side } from '../../model/sides.ts';
import { hostsAskedOverHttps } from '../loading/targets.ts';
import { exposeServices } from './expose-services.ts';
import { chartOptions } from './render-chart.ts';
import { type ManifestEntries, renderEntries } from './render-entries.ts';

/** The inputs with the images and manifests of a version. */
const INPUTS_OF = {
  head: { images: 'images', manifests: 'manifests' },
  base: { images: 'baseline-images', manifests: 'baseline-manifests' },
} as const;

/** One version of the application, before it is placed next to another one. */
export interface RenderedVersion {
  readonly objects: KubernetesObject[];
  /** What input `leave-out` removes. */
  readonly leftOut: readonly KubernetesObject[];
  /** The lines of it that match no object. */
  readonly unusedLines: readonly LeaveOut[];
}

/** Head, and base when they are compared. */
export type RenderedVersions = Partial<Record<Side, RenderedVersion>>;

/**
 * Renders one version of the application according to the inputs: in its namespace, behind the ingress class, with
 * local images. Base and head go through the same steps, so they differ only in their manifests.
 *
 * @param platform what surrounds the application, which may use local images, too.
 * @throws StageError `manifest-invalid` with every fault of the manifests.
 */
export async function renderVersion(
  context: Context,
  version: Side,
  entries: ManifestEntries,
  platform: readonly KubernetesObject[],
): Promise<RenderedVersion> {
  const { namespace } = context.inputs;
  const { head: ingressClass } = classesOfTwo(context.inputs);
  const charts = chartOptions(context.inputs, version, platform);
  const rendered = await renderEntries(context, { ...entries, charts }, (objects) => inNamespace(objects, namespace));
  const { objects: made, changes: renewed } = withoutOrigin(rendered);
  const { objects: kept, leftOut, changes, unused } = withoutLeftOut(made, context.inputs['leave-out']);
  if (kept.length === 0) throw nothingLeft(entries, leftOut);
  const served = servedRoutes(context, exposeServices(context, version, kept, platform));
  for (const sentence of [...renewed, ...changes, ...describeRepeatedEntries(kept), ...served.changes]) {
    // Base usually has the same findings as head.
    if (!context.store.state.warnings.includes(sentence)) warn(context, sentence);
  }
  const placed = served.objects;
  const inClass = ingressClass === null ? placed : inIngressClass(placed, ingressClass);
  return { objects: useLocalImages(context, inClass, version, platform), leftOut, unusedLines: unused };
}

const nothingLeft = ({ entries }: ManifestEntries, leftOut: readonly KubernetesObject[]): StageError =>
  new StageError(
    'input-invalid',
    `Input leave-out removes every object of ${entries.join(', ')}: ${leftOut.map(describeObject).join(', ')}.`,
    { hint: 'Nothing was created. Name fewer of them.' },
  );

/** What the bundled controller needs from the objects that routes are attached to. */
const servedRoutes = (context: Context, objects: readonly KubernetesObject[]): ReturnType<typeof servedByTraefik> =>
  context.inputs['ingress-controller'] === 'traefik-gateway'
    ? servedByTraefik(objects, hostsAskedOverHttps(context))
    : { objects: [...objects], changes: [] };

/**
 * Makes containers use the images that are loaded into the nodes and never pull them, and warns about images that no
 * container uses.
 */
function useLocalImages(
  context: Context,
  objects: readonly KubernetesObject[],
  version: Side,
  platform: readonly KubernetesObject[],
): KubernetesObject[] {
  const { inputs } = context;
  const { images, manifests } = INPUTS_OF[version];
  const unused = unusedImages(inputs[images], imagesOf([...objects, ...platform]));
  if (unused.length > 0) {
    const where = inputs[manifests].join(', ') || 'the application';
    warn(
      context,
      `Input ${images} names images that no container of ${where} uses: ${unused.join(', ')}. Check the tags in the manifests.`,
    );
  }
  // Every node has the images of both versions.
  return neverPulled(objects, [...inputs.images, ...inputs['baseline-images']]);
}
