import { PARTS } from '../../cluster/parts.ts';
import type { MissingObject } from '../../cluster/pod-events.ts';
import { mayCreate, mayMake } from '../../cluster/preflight/makers.ts';
import { type Context, kubectlOf } from '../../context.ts';
import { clusterAskedFor } from '../../inputs/table.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';

/** Knows whether something that pods lack may still appear. */
export class MissingObjects {
  readonly #context: Context;
  /** Objects that appeared after an event said they were missing. */
  readonly #there = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Whether nothing in the manifests can create it. In a shared cluster, someone else may. */
  neverComes({ resource, namespace, name }: MissingObject): boolean {
    if (clusterAskedFor(this.#context.inputs) === 'existing') return false;
    if (this.#there.has(`${resource} ${namespace}/${name}`)) return false;
    // A controller may have a Job that creates its certificate.
    const objects = PARTS.flatMap((part) => renderedObjects(this.#context, part));
    return !mayCreate(objects, `${resource}s`) && !objects.some((object) => mayMake(object, namespace, name));
  }

  /** Whether it exists after all: an event is as old as the kubelet's last attempt. */
  async isThere(missing: MissingObject | undefined): Promise<boolean> {
    if (missing === undefined) return false;
    const { resource, namespace, name } = missing;
    const found = await kubectlOf(this.#context).text(
      'get',
      resource,
      name,
      `--namespace=${namespace}`,
      '--ignore-not-found',
      '--output=name',
    );
    if (found.trim() === '') return false;
    this.#there.add(`${resource} ${namespace}/${name}`);
    return true;
  }
}
