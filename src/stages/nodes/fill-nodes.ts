/**
 * nodes/ has the steps that prepare a cluster for its application: nodes, images, DNS, and applying rendered parts.
 * Stages share them, because much is done while the cluster is still being created. Whether the applied objects work is
 * for check-health.
 */
import type { Docker } from '../../adapters/commands/docker.ts';
import { remove } from '../../adapters/files.ts';
import { digestOf, imagesOnNode, nameOnNode } from '../../cluster/cached-images.ts';
import { CTR, savesOnePlatform, snapshotterOf } from '../../cluster/local-images.ts';
import { HOSTS_FOLDER, hostsFiles, readsHostsFolder } from '../../cluster/registry-mirrors.ts';
import { type Context, dockerOf, outputPath, warn } from '../../context.ts';
import { CommandError, lastLines, messageOf, StageError } from '../../errors.ts';
import { cachedImagesOf, restoreWorkloads } from './restore-images.ts';

const QUICK_MS = 30_000;
const SAVE_DEADLINE_MS = 300_000;
const IMPORT_DEADLINE_MS = 300_000;

/**
 * Gives every node what its containers need but no registry has: mirrors to ask first, and images from this machine.
 *
 * @param nodes waits for the nodes, which may still be joining, and names their containers; null when they are not to
 * be filled.
 * @returns whether they were filled.
 */
export async function fillNodes(context: Context, nodes: () => Promise<readonly string[] | null>): Promise<boolean> {
  const { inputs } = context;
  const images = [...new Set([...inputs.images, ...inputs['baseline-images']])];
  const mirrored = inputs['registry-mirror'].length > 0;
  if (!mirrored && images.length === 0 && !inputs['cache-images']) return true;
  const archive = outputPath(context, 'images.tar');
  let cached: string | null = null;
  try {
    if (images.length > 0) await saveImages(context, images, archive);
    cached = await restoreWorkloads(context);
    const names = await nodes();
    if (names === null) return false;
    if (mirrored) await onEveryNode(context, names, writeMirrors);
    if (images.length > 0) {
      await onEveryNode(context, names, async (_, docker, node) => {
        await importImages(docker, node, archive, images);
      });
      context.runner.info(`${images.join(', ')}: loaded into ${String(names.length)} nodes`);
    }
    if (cached !== null) await onEveryNode(context, names, importCached(cached));
    return true;
  } finally {
    remove(archive);
    if (cached !== null) remove(cached);
  }
}

async function onEveryNode(
  context: Context,
  nodes: readonly string[],
  run: (context: Context, docker: Docker, node: string) => Promise<void>,
): Promise<void> {
  const docker = dockerOf(context);
  // Wait for all of them: none may still be working when the stage ends.
  const results = await Promise.allSettled(nodes.map((node) => run(context, docker, node)));
  context.signal.throwIfAborted();
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function writeMirrors({ inputs, runner }: Context, docker: Docker, node: string): Promise<void> {
  const config = await docker.exec(node, ['containerd', 'config', 'dump'], { deadlineMs: QUICK_MS });
  if (!readsHostsFolder(config)) {
    throw new StageError(
      'input-invalid',
      `Input registry-mirror has no effect: containerd on node ${node} does not look into ${HOSTS_FOLDER}.`,
      {
        hint: `Set config_path to ${HOSTS_FOLDER} in containerdConfigPatches of your kind configuration: https://kind.sigs.k8s.io/docs/user/local-registry/`,
      },
    );
  }
  for (const { folder, text } of hostsFiles(inputs['registry-mirror'])) {
    await docker.exec(node, ['mkdir', '-p', folder], { deadlineMs: QUICK_MS });
    await docker.exec(node, ['cp', '/dev/stdin', `${folder}/hosts.toml`], { deadlineMs: QUICK_MS, stdin: text });
  }
  runner.info(`${node}: mirrors of ${inputs['registry-mirror'].map(({ registry }) => registry).join(', ')}`);
}

/**
 * `docker save` and containerd's own import, not `kind load`, which imports all platforms of an image and fails when
 * the engine's containerd image store has only one of them (kind issue 3795).
 */
async function saveImages(context: Context, images: readonly string[], archive: string): Promise<void> {
  const docker = dockerOf(context);
  const { apiVersion, platform } = await docker.version();
  await docker.save(images, archive, savesOnePlatform(apiVersion) ? platform : null, SAVE_DEADLINE_MS);
}

/**
 * Gives a node the cached images. containerd checks each blob against its digest. That a name refers to its digest is
 * checked here, and mismatches are removed, except images of the node image itself. Missing images are pulled, so
 * nothing here is an error.
 */
const importCached =
  (archive: string) =>
  async (context: Context, docker: Docker, node: string): Promise<void> => {
    const wanted = cachedImagesOf(context, 'workloads');
    const list = async (): Promise<Map<string, string>> =>
      imagesOnNode(await docker.exec(node, [...CTR, 'images', 'list'], { deadlineMs: QUICK_MS }));
    try {
      const before = await list();
      await importImages(docker, node, archive, wanted);
      const there = await list();
      const imported = wanted.map(nameOnNode).filter((name) => there.has(name) && there.get(name) !== before.get(name));
      const wrong = imported.filter((name) => there.get(name) !== digestOf(name));
      if (wrong.length > 0)
        await docker.exec(node, [...CTR, 'images', 'rm', '--sync', ...wrong], { deadlineMs: QUICK_MS });
      for (const name of wrong)
        warn(
          context,
          `${node}: the cache has ${there.get(name) ?? ''} as ${name}. It was removed, and the image is pulled instead.`,
        );
      context.runner.info(
        `${node}: ${String(imported.length - wrong.length)} of ${String(wanted.length)} images from the cache`,
      );
    } catch (error) {
      context.signal.throwIfAborted();
      warn(context, `Cached images are not used on node ${node}; they are pulled: ${messageOf(error)}`);
    }
  };

async function importImages(docker: Docker, node: string, archive: string, images: readonly string[]): Promise<void> {
  const snapshotter = snapshotterOf(
    await docker.exec(node, ['containerd', 'config', 'dump'], { deadlineMs: QUICK_MS }),
  );
  const command = [...CTR, 'images', 'import', ...(snapshotter === null ? [] : [`--snapshotter=${snapshotter}`]), '-'];
  try {
    await docker.exec(node, command, { deadlineMs: IMPORT_DEADLINE_MS, stdinFile: archive });
  } catch (error) {
    if (!(error instanceof CommandError) || error.reason !== 'exit') throw error;
    throw new StageError(
      'image-load',
      `${images.join(', ')} could not be loaded into node ${node}: ${lastLines(error.result.stderr, 3).join(' ')}`,
      {
        hint: 'containerd on the node rejected the archive from docker save, or its disk is full.',
        tryThis: `docker exec ${node} df -h /var/lib/containerd`,
        cause: error,
      },
    );
  }
}
