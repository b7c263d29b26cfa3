import { z } from 'zod';
import { answerOf } from '../model/answer.ts';
import type { KubernetesObject } from './manifests.ts';

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
}

const apiServiceSchema = z.object({
  kind: z.literal('APIService'),
  spec: z.object({ service: z.object({ namespace: z.string(), name: z.string() }) }),
});

/** The Services behind APIs of their own; an APIService without one belongs to the API server itself. */
export const servicesBehind = (objects: readonly KubernetesObject[]): ServiceReference[] =>
  objects.flatMap((object) => {
    const { success, data } = apiServiceSchema.safeParse(object);
    return success ? [data.spec.service] : [];
  });

const slicesSchema = z.object({
  items: z.array(
    z.object({
      endpoints: z.array(z.object({ conditions: z.object({ ready: z.boolean().nullish() }).prefault({}) })).nullish(),
    }),
  ),
});

/**
 * Whether one of these EndpointSlices has an address that takes requests.
 *
 * @throws StageError `unexpected-answer` for anything that is not a list of EndpointSlices.
 */
export const hasReadyEndpoint = (slices: unknown): boolean =>
  answerOf('The API server, asked for EndpointSlices,', slicesSchema, slices).items.some(
    ({ endpoints }) => endpoints?.some(({ conditions }) => conditions.ready === true) === true,
  );
