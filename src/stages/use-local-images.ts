import { neverPulled, unusedImages } from '../cluster/local-images.ts';
import { imagesOf, type KubernetesObject } from '../cluster/manifests.ts';
import { warn, type Context } from '../context.ts';

/** The inputs that name the images and the manifests of a version. */
const INPUTS_OF = {
  head: { images: 'images', manifests: 'manifests' },
  base: { images: 'baseline-images', manifests: 'baseline-manifests' },
} as const;

/**
 * Lets containers of images that are loaded into the nodes take those and nothing else, and warns about images that no
 * container uses.
 */
export function useLocalImages(context: Context, objects: readonly KubernetesObject[], version: 'head' | 'base'): KubernetesObject[] {
  const { inputs } = context;
  const { images, manifests } = INPUTS_OF[version];
  const unused = unusedImages(inputs[images], imagesOf(objects));
  if (unused.length > 0) {
    const where = inputs[manifests].join(', ') || 'the application';
    warn(context, `Input ${images} names what no container of ${where} uses: ${unused.join(', ')}. Is the tag in the manifests another one?`);
  }
  // Those of both versions are in every node.
  return neverPulled(objects, [...inputs.images, ...inputs['baseline-images']]);
}
