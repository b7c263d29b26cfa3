import { besideIngressNginx, classesOfTwo, ingressControllers } from '../../cluster/ingress-controller.ts';
import { INGRESS_OF } from '../../cluster/kind-config.ts';
import { imagesOf, type KubernetesObject } from '../../cluster/manifests.ts';
import type { Part } from '../../cluster/parts.ts';
import { alsoInClass, besideEachOther, onNodeOf, unusedClasses } from '../../cluster/sides/two-controllers.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Inputs } from '../../inputs/table.ts';
import type { ComparedVersion } from '../../model/comparison.ts';
import type { Side } from '../../model/sides.ts';
import { targetsOf } from '../loading/targets.ts';
import { type ManifestEntries, renderEntries } from './render-entries.ts';

type RenderedParts = Partial<Record<Part, readonly KubernetesObject[]>>;

/**
 * Renders an ingress controller. When two are compared, each is tied to its node, and what both contain identically,
 * such as the Gateway API definitions, is applied once.
 *
 * @param before the objects of the parts before it.
 * @throws StageError `manifest-invalid` when the two can't run in one cluster.
 */
export async function renderController(
  context: Context,
  side: Side,
  entries: ManifestEntries,
  before: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const rendered = await renderEntries(context, entries);
  if (context.inputs['baseline-ingress-controller'] === null) return rendered;
  const controller = ingressControllers(context.inputs)[side];
  const isBundled = controller !== undefined && 'bundled' in controller.manifests;
  const own = onNodeOf(side, isBundled ? besideIngressNginx(rendered) : rendered);
  const { baseOnly, conflicts } = besideEachOther(before, own);
  if (conflicts.length > 0) {
    throw new StageError(
      'manifest-invalid',
      `The two ingress controllers can't run side by side: both define ${conflicts.join(', ')}, in different ways.`,
      {
        hint: `Nothing was created. Rename these objects in one of them. Objects tied to the node of a controller (${INGRESS_OF}) can't be shared.`,
      },
    );
  }
  return [...baseOnly];
}

/** The application as both controllers serve it: with routes for each. */
export const forBothControllers = (inputs: Inputs, application: readonly KubernetesObject[]): KubernetesObject[] => {
  const { base } = classesOfTwo(inputs);
  return base === null ? [...application] : alsoInClass(application, base);
};

/** A controller whose class no Ingress has never answers; finding that here costs seconds, later the whole wait. */
export function refuseUnusedControllers(inputs: Inputs, { application = [], ...rendered }: RenderedParts): void {
  if (inputs['baseline-ingress-controller'] === null) return;
  for (const [part, input] of [
    ['ingress-controller', 'ingress-class'],
    ['baseline-ingress-controller', 'baseline-ingress-class'],
  ] as const) {
    const [unused] = unusedClasses(rendered[part] ?? [], application) ?? [];
    if (unused === undefined) continue;
    throw new StageError(
      'manifest-invalid',
      `No Ingress of the application is in the class ${unused} of ${part}, so this controller would never answer.`,
      {
        hint: `Nothing was created. Set ${input}: ${unused}.`,
      },
    );
  }
}

/** Keeps what the report says about two controllers: their names are those of their namespaces. */
export function nameControllers(context: Context, rendered: RenderedParts): void {
  const { store, inputs } = context;
  const { head, base } = ingressControllers(inputs);
  if (head === undefined || base === undefined) return;
  const subject = 'ingress-controllers' as const;
  const targets = targetsOf(context);
  const hosts = [...new Set(targets.map(({ host }) => host))];
  const side = (
    part: 'ingress-controller' | 'baseline-ingress-controller',
    { namespace, manifests }: typeof head,
  ): ComparedVersion => ({
    label: namespace,
    manifests: 'folder' in manifests ? [manifests.folder] : [],
    images: imagesOf(rendered[part] ?? []),
    hosts,
  });
  store.update({
    comparedVersions: {
      subject,
      base: side('baseline-ingress-controller', base),
      head: side('ingress-controller', head),
      namespaces: { base: [base.namespace], head: [head.namespace] },
      targets: targets.map(({ host, scheme, path }) => ({ host, ...(scheme === undefined ? {} : { scheme }), path })),
    },
  });
}
