import { test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { publicServices } from '../../src/cluster/expose.ts';
import { servedByTraefik } from '../../src/cluster/gateways.ts';
import { isRecord, type KubernetesObject, parseManifests, toJson } from '../../src/cluster/manifests.ts';
import { ignoredAnnotations } from '../../src/cluster/preflight/ignored-annotations.ts';
import { missingNeeds } from '../../src/cluster/preflight/missing-needs.ts';
import { ownLoad } from '../../src/cluster/preflight/own-load.ts';
import { undefinedKinds } from '../../src/cluster/preflight/undefined-kinds.ts';
import { unfitPods } from '../../src/cluster/preflight/unfit-pods.ts';
import { describeRepeatedEntries } from '../../src/cluster/repeated-entries.ts';
import { schemesOfRoutes } from '../../src/cluster/route-schemes.ts';
import { targetsIn, unaskedPaths } from '../../src/cluster/routes.ts';
import { separateVersions } from '../../src/cluster/sides/separate-versions.ts';

/** Everything that reads an application before a cluster is made. */
function readAll(objects: readonly KubernetesObject[]): void {
  const targets = targetsIn(objects).map(({ host }) => host);
  unaskedPaths(objects);
  schemesOfRoutes(objects);
  publicServices(objects);
  servedByTraefik(objects, []);
  describeRepeatedEntries(objects);
  undefinedKinds(objects, { minor: 35, platform: [] });
  missingNeeds(objects, []);
  unfitPods(objects, true);
  ignoredAnnotations(objects, 'nginx', []);
  ownLoad(objects);
  separateVersions({ objects: { base: objects, head: objects }, targets, platformNamespaces: new Set() });
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MANIFESTS = ['__tests__/fixtures/comparison', 'manifests/platform', 'examples', '__tests__/e2e/fixtures']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => /\.ya?ml$/.test(entry.name))
      .flatMap((entry) => {
        try {
          return [parseManifests(readFileSync(join(entry.parentPath, entry.name), 'utf8'))];
        } catch {
          // Workflows, scenarios, templates of charts.
          return [];
        }
      }),
  )
  .filter((objects) => objects.length > 0);

/** Every place of a value in an object, without those that make it one. */
function placesIn(value: unknown, way: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const inner: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : isRecord(value)
      ? Object.entries(value)
      : [];
  return inner.flatMap(([key, item]) => {
    const here = [...way, key];
    const isIdentity = ['apiVersion', 'kind', 'metadata', 'metadata.name', 'metadata.namespace'].includes(
      here.join('.'),
    );
    return [...(isIdentity ? [] : [here]), ...placesIn(item, here)];
  });
}

const EMPTY = [null, [], {}, '', 0] as const;

function withEmpty(object: KubernetesObject, place: number, empty: unknown): KubernetesObject {
  const places = placesIn(object);
  const way = places[place % Math.max(1, places.length)];
  if (way === undefined) return object;
  const copy = structuredClone(object) as unknown as Record<string | number, unknown>;
  let at: Record<string | number, unknown> = copy;
  for (const key of way.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[way.at(-1) ?? ''] = empty;
  return copy as unknown as KubernetesObject;
}

test('whatever field of manifests is null or empty, as Kubernetes takes it, nothing that reads them fails', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...MANIFESTS),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...EMPTY)), { minLength: 1, maxLength: 4 }),
      (objects, changes) => {
        let changed = [...objects];
        for (const [which, place, empty] of changes) {
          changed = changed.map((object, index) =>
            index === which % changed.length ? withEmpty(object, place, empty) : object,
          );
        }
        readAll(parseManifests(toJson(changed)));
      },
    ),
    { numRuns: 2000 },
  );
});
