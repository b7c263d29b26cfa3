import { digestOf } from '../../cluster/cached-images.ts';
import { NODE_IMAGES } from '../../cluster/pinned-versions.ts';
import { warn, type Context } from '../../context.ts';

/** kind promises to work only with the node images that were built for it, and a tag may be moved. */
export function warnAboutNodeImage(context: Context): void {
  const image = context.inputs['node-image'];
  const version = context.inputs['kind-version'];
  const listed = NODE_IMAGES[version];
  const digest = digestOf(image);
  if (digest === null) {
    warn(context, `Input node-image is ${image}, without a digest: what the tag names may change between two runs.`);
  } else if (listed !== undefined && !Object.values(listed).includes(digest)) {
    warn(
      context,
      `Input node-image is none of those that kind ${version} lists for itself (${Object.keys(listed).join(', ')}): it may not start.`,
    );
  }
}
