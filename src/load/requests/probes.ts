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
  /** Null for any below 400 that is no redirect. */
  readonly expectedStatuses: readonly number[] | null;
  readonly isRight: (status: number) => boolean;
  /** What a scenario calls the request; undefined without one. */
  readonly request: string | undefined;
  /** Whether the load may ask for another path in its place: not when each request has a path of its own. */
  readonly replaceable: boolean;
  /** Whether the path stands for a host that is sent no GET, so that any answer of the application will do. */
  readonly standsForHost: boolean;
}

/** What an ingress answers itself while there is nothing behind it. */
const FROM_THE_INGRESS = new Set([502, 503, 504]);

/**
 * What is asked before a load. Only GET: a probe is repeated until it is answered well, and must change nothing.
 * A host that a scenario sends no GET to is asked for `/`, and any answer but one of an ingress without a
 * service behind it will do.
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
 * The same request when only somebody behind the ingress is to answer: what it asks for is there once the application
 * has been prepared.
 */
export const beforePreparation = (probe: ProbeTarget): ProbeTarget => ({
  ...probe,
  expectedText: undefined,
  expectedStatuses: null,
  replaceable: false,
  standsForHost: true,
  isRight: (status) => !FROM_THE_INGRESS.has(status),
});

/** A GET that needs nothing of an earlier answer. Of a journey only what a user without cookies may ask first. */
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
