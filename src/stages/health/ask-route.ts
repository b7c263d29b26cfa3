import { probeRoute } from '../../adapters/probe-route.ts';
import type { Context } from '../../context.ts';
import { messageOf, StageError } from '../../errors.ts';
import { isRedirect } from '../../load/http1/status.ts';
import type { ProbeTarget } from '../../load/requests/probes.ts';
import { type Lead, leadOf } from '../../load/requests/redirects.ts';
import { lastsAfterMs, type WrongAnswer, wrongHint, wrongText } from '../../load/requests/wrong-answers.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Side } from '../../model/sides.ts';
import { type Observation, waitUntil } from '../../wait.ts';
import { curlCommand } from './curl-command.ts';
import type { HttpsTrust } from './https-trust.ts';
import { InARow } from './in-a-row.ts';

/** An ingress that has just reloaded may drop a connection or answer by an old rule, so one answer is not enough. */
const ANSWERS_IN_A_ROW = 3;

/** One host and path, as one side is requested. */
export interface Route {
  readonly side: Side;
  readonly endpoint: Endpoint;
  readonly probe: ProbeTarget;
  /** The host name in the manifests. */
  readonly named: string;
}

/** What the routes share with each other. */
export interface Together {
  /** Whether one of them can't be loaded, so waiting for another is pointless. */
  refused: boolean;
  readonly trust: HttpsTrust;
}

interface SeenRedirect {
  readonly status: number;
  readonly lead: Lead;
}

/**
 * Asks a path until it answers as it should, or leads elsewhere.
 *
 * @returns null when the path itself answers as it should; where it is redirected otherwise.
 * @throws StageError `route-not-ready` when time is up, or when it gives a wrong answer that no more time changes.
 */
export async function askRoute(context: Context, route: Route, together: Together): Promise<SeenRedirect | null> {
  const { inputs, clock, signal } = context;
  const { probe, named } = route;
  const endpoint = probe.scheme === 'https' ? await together.trust.look(context, route) : route.endpoint;
  const watch = new RouteWatch(context, { ...route, endpoint }, together);
  const place = `${probe.scheme}://${probe.host}${probe.path}`;
  try {
    return await waitUntil(() => watch.look(), {
      what: `${place} to answer correctly`,
      deadlineMs: inputs.wait,
      everyMs: 100,
      code: 'route-not-ready',
      clock,
      signal,
      retryOn: (error) => !(error instanceof NotAwaited || error instanceof WrongForGood),
    });
  } catch (error) {
    const forGood = error instanceof WrongForGood;
    if (!forGood && (!(error instanceof StageError) || error.code !== 'route-not-ready')) throw error;
    const which = probe.request === undefined ? '' : `Request ${JSON.stringify(probe.request)}: `;
    const what = forGood ? `${place}: ${error.message}` : error.message;
    throw new StageError('route-not-ready', `${which}${what}`, {
      hint: wrongHint(probe, watch.lastWrong ?? { kind: 'none', why: '' }, named),
      tryThis: curlCommand(probe, endpoint),
      cause: error,
    });
  }
}

/** A path and what it has answered so far. */
class RouteWatch {
  readonly #context: Context;
  readonly #route: Route;
  readonly #together: Together;
  readonly #answers = new InARow(ANSWERS_IN_A_ROW);
  #wrong: { readonly answer: WrongAnswer; readonly sinceMs: number } | null = null;

  constructor(context: Context, route: Route, together: Together) {
    this.#context = context;
    this.#route = route;
    this.#together = together;
  }

  get lastWrong(): WrongAnswer | null {
    return this.#wrong?.answer ?? null;
  }

  async look(): Promise<Observation<SeenRedirect | null>> {
    const { isRight, expectedText } = this.#route.probe;
    const { status, location, text } = await this.#ask();
    const lead = isRedirect(status) ? this.#leadOf(location) : null;
    if (lead !== null && (!isRight(status) || this.#isOtherScheme(lead))) {
      return this.#answers.sees(placeOf(lead))
        ? { ready: true, value: { status, lead } }
        : { ready: false, why: `it is redirected to ${JSON.stringify(location ?? '')}, ${this.#answers.soFar}` };
    }
    if (!isRight(status) || (expectedText !== undefined && !text.includes(expectedText))) {
      this.#startAgain();
      return this.#seeWrong(isRight(status) ? { kind: 'text', status, text } : { kind: 'status', status });
    }
    return this.#answers.sees('right')
      ? { ready: true, value: null }
      : { ready: false, why: `it answers with status ${String(status)}, ${this.#answers.soFar}` };
  }

  async #ask(): ReturnType<typeof probeRoute> {
    const { inputs, clock, signal } = this.#context;
    const { endpoint, probe } = this.#route;
    const { host, scheme, path, headers } = probe;
    try {
      return await probeRoute({ endpoint, host, scheme, path, headers, timeoutMs: inputs['request-timeout'], signal });
    } catch (error) {
      this.#startAgain();
      this.#wrong = { answer: { kind: 'none', why: messageOf(error) }, sinceMs: clock.now() };
      throw error;
    }
  }

  #leadOf(location: string | null): Lead {
    const { endpoint, named, probe } = this.#route;
    const { host, scheme, path } = probe;
    const ports = { http: [endpoint.port], https: endpoint.tls === undefined ? [] : [endpoint.tls.port] };
    return leadOf({ host, scheme, path, location, otherNames: [named], ports });
  }

  #isOtherScheme(lead: Lead): boolean {
    const { standsForHost, scheme } = this.#route.probe;
    return standsForHost && lead.kind === 'same-host' && lead.scheme !== scheme;
  }

  #startAgain(): void {
    this.#answers.forget();
    if (this.#together.refused) throw new NotAwaited();
  }

  /** Ends the wait for an answer that has been wrong in the same way for longer than time heals. */
  #seeWrong(answer: WrongAnswer): Observation<never> {
    const { probe } = this.#route;
    const now = this.#context.clock.now();
    const why = wrongText(probe, answer);
    const before = this.#wrong;
    const sinceMs = before !== null && why === wrongText(probe, before.answer) ? before.sinceMs : now;
    this.#wrong = { answer, sinceMs };
    const lasting = lastsAfterMs(probe, answer);
    if (lasting !== null && now - sinceMs >= lasting) throw new WrongForGood(why);
    return { ready: false, why };
  }
}

/** A wrong answer that more time will not change. */
class WrongForGood extends Error {}

/** A host that is not ready when another can't be loaded at all. */
class NotAwaited extends Error {}

/** The target of a redirect, without its query: login pages get a different query each time. */
const placeOf = (lead: Lead): string => {
  const place = 'url' in lead ? lead.url : lead.kind === 'same-host' ? `${lead.scheme}:${lead.path}` : '';
  return `${lead.kind} ${place.split('?')[0] ?? ''}`;
};
