import { z } from 'zod';
import type { PrometheusService } from '../cluster/prometheus-service.ts';
import { type ScrapeTarget, targetsSchema } from '../cluster/scrape-targets.ts';
import type { Sample, Series } from '../cluster/usage/samples.ts';
import type { Kubectl } from './commands/kubectl.ts';
import { StageError } from '../errors.ts';
import { answerOf, jsonOf } from '../model/answer.ts';

// Through the API server, like kubectl: Prometheus has no open port on this machine.
const apiOf = ({ namespace, name, port }: PrometheusService): string =>
  `/api/v1/namespaces/${namespace}/services/${name}:${port}/proxy/api/v1`;

const envelope = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data: z.unknown() }),
  z.object({ status: z.literal('error'), errorType: z.string().default(''), error: z.string().default('') }),
]);

const matrix = z.object({
  resultType: z.literal('matrix'),
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      values: z.array(z.tuple([z.number(), z.string()])),
    }),
  ),
});

async function ask(kubectl: Kubectl, service: PrometheusService, path: string): Promise<unknown> {
  const answer = answerOf('Prometheus', envelope, jsonOf('Prometheus', await kubectl.raw(`${apiOf(service)}/${path}`)));
  if (answer.status === 'success') return answer.data;
  throw new StageError('prometheus-unavailable', `Prometheus refused a query: ${answer.error} (${answer.errorType}).`, {
    hint: 'The message above is from Prometheus. In your own cluster, check that input prometheus-service names it and that it keeps up with its targets.',
  });
}

const vector = z.object({
  resultType: z.literal('vector'),
  result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
});

/** The current result of a query: the value of each series, NaN for a missing one. */
export async function queryNow(
  kubectl: Kubectl,
  service: PrometheusService,
  query: string,
): Promise<{ readonly labels: Readonly<Record<string, string>>; readonly value: number }[]> {
  const { result } = answerOf(
    'Prometheus',
    vector,
    await ask(kubectl, service, `query?${new URLSearchParams({ query }).toString()}`),
  );
  return result.map(({ metric, value: [, text] }) => ({ labels: metric, value: numberIn(text) }));
}

const scalar = z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) });

/** The time by Prometheus's own clock: a Unix time in seconds. */
export async function timeOf(kubectl: Kubectl, service: PrometheusService): Promise<number> {
  const { result } = answerOf('Prometheus', scalar, await ask(kubectl, service, 'query?query=time%28%29'));
  return numberIn(result[1]);
}

/** `''` is not a number; NaN and infinities are kept. */
const numberIn = (text: string): number => (text.trim() === '' ? NaN : Number(text));

/** @throws Error when Prometheus can't be reached, or something other than Prometheus answers. */
export async function askPrometheus(kubectl: Kubectl, service: PrometheusService): Promise<void> {
  await ask(kubectl, service, 'query?query=1');
}

/**
 * The raw samples of a selector in a time window, in order and one for each moment: no rates, no interpolation.
 * Impossible values are left out: stale markers, NaN, infinities, negative values, and values above 64 bits.
 *
 * @param selector a PromQL instant vector selector.
 * @param window Unix times in seconds; both ends are included.
 */
export async function readSamples(
  kubectl: Kubectl,
  service: PrometheusService,
  selector: string,
  window: { readonly start: number; readonly end: number },
): Promise<Series[]> {
  // A range is open at its start, so a millisecond is added to keep a sample that is right on it.
  const range = Math.ceil((window.end - window.start) * 1000) + 1;
  const query = new URLSearchParams({ query: `${selector}[${String(range)}ms]`, time: window.end.toFixed(3) });
  const { result } = answerOf('Prometheus', matrix, await ask(kubectl, service, `query?${query.toString()}`));
  return result.map(({ metric, values }) => ({
    labels: metric,
    samples: inOrder(
      values
        .map(([time, text]) => ({ time, value: numberIn(text) }))
        .filter(({ value }) => value >= 0 && value <= LARGEST_VALUE),
    ),
  }));
}

const LARGEST_VALUE = 2 ** 64;

/** All computations rely on it; Prometheus guarantees it, but a proxy or another store might not. */
function inOrder(samples: Sample[]): Sample[] {
  const ordered = samples.sort((a, b) => a.time - b.time);
  return ordered.filter(({ time }, index) => time !== ordered[index + 1]?.time);
}

/** The targets that Prometheus scrapes. */
export async function readTargets(kubectl: Kubectl, service: PrometheusService): Promise<readonly ScrapeTarget[]> {
  return answerOf('Prometheus', targetsSchema, await ask(kubectl, service, 'targets?state=active')).activeTargets;
}
