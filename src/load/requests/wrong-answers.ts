import { cut } from '../../text/cut.ts';
import type { ProbeTarget } from './probes.ts';

/** What came instead of a right answer. */
export type WrongAnswer =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'text'; readonly status: number; readonly text: string }
  /** No answer at all, with the text of the error. */
  | { readonly kind: 'none'; readonly why: string };

/** A controller that has just loaded its rules applies them within a few seconds. */
const EXPECTED_OTHERWISE_MS = 15_000;
const REFUSED_MS = 30_000;

/**
 * How long the same wrong answer must last, in milliseconds, before waiting longer is pointless, because all pods are
 * ready by then. Null for one that may recover, such as 503.
 */
export function lastsAfterMs({ request }: ProbeTarget, answer: WrongAnswer): number | null {
  if (answer.kind === 'none' || answer.status >= 500) return null;
  if (request !== undefined) return EXPECTED_OTHERWISE_MS;
  return answer.kind === 'status' && answer.status >= 400 ? REFUSED_MS : null;
}

/** The answer, next to the right one if that is known. */
export function wrongText({ request, expectedStatuses, expectedText }: ProbeTarget, answer: WrongAnswer): string {
  switch (answer.kind) {
    case 'none':
      return answer.why;
    case 'text':
      return `it answers with text ${JSON.stringify(cut(answer.text, 80))} instead of ${JSON.stringify(expectedText)}`;
    case 'status': {
      const got = `it answers with status ${String(answer.status)}`;
      if (request === undefined) return got;
      const right = expectedStatuses === null ? 'a status below 400' : `status ${expectedStatuses.join(' or ')}`;
      return `${got}, but the scenario expects ${right}`;
    }
  }
}

/** The likely reason for a wrong answer, and what to do about it, in whole sentences. */
export function wrongHint(
  { path, request, expectedStatuses, expectedText }: ProbeTarget,
  answer: WrongAnswer,
  named: string,
): string {
  if (answer.kind === 'none') {
    return /ECONNREFUSED|connection refused/i.test(answer.why)
      ? 'Nothing listens where the ingress should: its controller is not up, or Docker runs on another machine.'
      : 'The application takes longer than request-timeout for this path, or closes the connection.';
  }
  if (answer.kind === 'text')
    return `Correct expect.text of the request in the scenario (${JSON.stringify(expectedText)}), or check whether another application answers for ${named}.`;
  const { status } = answer;
  if (request !== undefined && status < 500 && expectedStatuses !== null)
    return `If ${String(status)} is right, write it in the scenario: expect: {status: ${String(status)}}.`;
  if (status === 401 || status === 403 || status === 407)
    return 'The path needs a login. Load another path, or send session headers with a scenario.';
  if (status === 404)
    return `No rule of the ingress matches ${path}, or the application has no such page. Add a line with an existing path to hosts: ${named}=/PATH.`;
  if (status < 500)
    return `The application does not accept this GET of ${path}. Add a line with another path to hosts: ${named}=/PATH.`;
  if (status === 503)
    return 'The Service behind this path has no ready pods: check that its selector matches their labels.';
  if (status === 502 || status === 504)
    return 'The Service points to a port on which the pods do not answer: compare its targetPort with the port that the container listens on.';
  return 'The application fails: its log is among the diagnostics.';
}
