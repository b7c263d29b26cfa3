import { isExpectedStatus } from '../http1/status.ts';
import { createRandom } from '../random.ts';
import type { Target } from './plan.ts';
import { schemeOfTarget } from './targets.ts';
import { isConstant, needsValues, renderTemplate, type Template } from './template.ts';

/** A GET that shows whether a host can be loaded. */
export interface ProbeTarget {
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expectedText: string | undefined;
  /** Null for any below 400 that is not a redirect. */
  readonly expectedStatuses: readonly number[] | null;
  readonly isRight: (status: number) => boolean;
  /** The name of the request in a scenario; undefined without one. */
  readonly request: string | undefined;
  /** Whether the load may request another path instead: not when each request has a different path. */
  readonly replaceable: boolean;
  /** Whether the path represents a host that gets no GET, so any answer of the application will do. */
  readonly standsForHost: boolean;
}

/** What an ingress itself answers while nothing is behind it. */
const FROM_THE_INGRESS = new Set([502, 503, 504]);

/**
 * What is requested before a load. Only GET: a probe is repeated until it gets a good answer, and must not change
 * anything. A host without a GET in a scenario gets a request for `/`, and any answer will do, except those of an
 * ingress without a service behind it.
 */
export function probesOf(targets: readonly Target[]): ProbeTarget[] {
  const asked = targets.filter(isAskedAlone);
  const hosts = new Set(asked.map(originOf));
  const others = new Map(
    targets.filter((target) => !hosts.has(originOf(target))).map((target) => [originOf(target), target]),
  );
  return [
    ...asked.map(probeOf),
    ...[...others.values()].map((target) => ({
      host: target.host,
      scheme: schemeOfTarget(target),
      path: '/',
      headers: {},
      expectedText: undefined,
      expectedStatuses: null,
      request: undefined,
      replaceable: false,
      standsForHost: true,
      isRight: (status: number) => !FROM_THE_INGRESS.has(status),
    })),
  ];
}

/**
 * The same request when only the application has to answer: what it asks for exists once the application is prepared.
 */
export const beforePreparation = (probe: ProbeTarget): ProbeTarget => ({
  ...probe,
  expectedText: undefined,
  expectedStatuses: null,
  replaceable: false,
  standsForHost: true,
  isRight: (status) => !FROM_THE_INGRESS.has(status),
});

/**
 * A GET that needs nothing from an earlier answer. In a journey, only one that a user without cookies may send first.
 */
function isAskedAlone({ content, step }: Target): boolean {
  if (content === undefined) return true;
  const templates = [content.path, ...content.headers.map(([, value]) => value)];
  return content.method === 'GET' && step !== true && !templates.some(needsValues);
}

const originOf = (target: Target): string => `${schemeOfTarget(target)}://${target.host}`;

function probeOf(target: Target): ProbeTarget {
  const { host, path, name, content, expectedText, expectedStatuses } = target;
  const values = createRandom('probe');
  const render = (template: Template): string => renderTemplate(template, values);
  return {
    host,
    scheme: schemeOfTarget(target),
    path: content === undefined ? path : render(content.path),
    headers: Object.fromEntries((content?.headers ?? []).map(([name, value]) => [name, render(value)])),
    expectedText,
    expectedStatuses: expectedStatuses ?? null,
    request: name,
    isRight: (status) => isExpectedStatus(status, expectedStatuses ?? null),
    replaceable: content === undefined || isConstant(content.path),
    standsForHost: false,
  };
}
