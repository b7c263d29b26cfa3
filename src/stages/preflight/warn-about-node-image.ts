import { digestOf } from '../../cluster/cached-images.ts';
import { NODE_IMAGES } from '../../cluster/pinned-versions.ts';
import { warn, type Context } from '../../context.ts';

/** kind only promises to work with the node images built for it, and a tag may move. */
export function warnAboutNodeImage(context: Context): void {
  const image = context.inputs['node-image'];
  const version = context.inputs['kind-version'];
  const listed = NODE_IMAGES[version];
  const digest = digestOf(image);
  if (digest === null) {
    warn(
      context,
      `Input node-image is ${image}, without a digest. The tag can point to a different image in the next run.`,
    );
  } else if (listed !== undefined && !Object.values(listed).includes(digest)) {
    warn(
      context,
      `Input node-image is not one of the images built for kind ${version} (${Object.keys(listed).join(', ')}), so it may not start.`,
    );
  }
}
