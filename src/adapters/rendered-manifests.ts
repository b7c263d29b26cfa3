import { type KubernetesObject, parseManifests, toYaml } from '../cluster/manifests.ts';
import type { Part } from '../cluster/parts.ts';
import { credentialsInObjects } from '../cluster/secret-values.ts';
import { exists, inFolder, readText, writeFileAtomically } from './files.ts';

/** The rendered objects of each part: in memory for this process, and as files for the user and later processes. */
export interface RenderedManifests {
  /** The objects of a part; none when it was not rendered. */
  read(part: Part): readonly KubernetesObject[];
  /** Keeps the objects of a part, replacing earlier ones. */
  keep(part: Part, objects: readonly KubernetesObject[]): void;
}

/**
 * The manifests in the output folder of a run. Each file is read at most once: waiting stages ask every few seconds,
 * and parsing 150 Deployments takes 0.1 to 0.4 s.
 *
 * @param tellSecret is called with each value that may be a credential, before anything is done with them.
 */
export function openRendered(outputDir: string, tellSecret: (value: string) => void): RenderedManifests {
  const known = new Map<Part, readonly KubernetesObject[]>();
  const fileOf = (part: Part): string => inFolder(outputDir, 'manifests', `${part}.yaml`);
  return {
    read(part) {
      const objects = known.get(part);
      if (objects !== undefined) return objects;
      if (!exists(fileOf(part))) return [];
      const read = parseManifests(readText(fileOf(part)));
      credentialsInObjects(read).forEach(tellSecret);
      known.set(part, read);
      return read;
    },
    keep(part, objects) {
      credentialsInObjects(objects).forEach(tellSecret);
      // They include Secrets.
      writeFileAtomically(fileOf(part), toYaml(objects), { mode: 0o600 });
      known.set(part, objects);
    },
  };
}
