/**
 * health/ has the longer checks of the stage check-health: whether each host answers as it should before anything is
 * loaded. What an answer means is decided in src/load/requests/.
 */
import { probeRoute } from '../../adapters/probe-route.ts';
import { routedHosts } from '../../cluster/sides/version-routes.ts';
import { type Context, ingressOf } from '../../context.ts';
import { messageOf, StageError } from '../../errors.ts';
import { isRedirect } from '../../load/http1/status.ts';
import { beforePreparation, probesOf, type ProbeTarget } from '../../load/requests/probes.ts';
import { type Lead, leadOf } from '../../load/requests/redirects.ts';
import { lastsAfterMs, type WrongAnswer, wrongHint, wrongText } from '../../load/requests/wrong-answers.ts';
import { askedText, type Endpoint } from '../../model/endpoint.ts';
import type { FollowedRedirect } from '../../model/redirects.ts';
import type { Side } from '../../model/sides.ts';
import { followedText } from '../../report/words/redirect-text.ts';
import { type Observation, waitUntil } from '../../wait.ts';
import { everyTargetOf, type SideTargets } from '../loading/targets.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';
import { HttpsTrust } from './https-trust.ts';
import { curlCommand } from './curl-command.ts';
import { refusedRedirect, RedirectRefused, unlikeRedirects } from './refused-redirect.ts';

/** An ingress that has just reloaded may drop a connection or answer by an old rule: one answer is not enough. */
const ANSWERS_IN_A_ROW = 3;
/** Browsers give up after twenty redirects; a chain on one host that is this long is a fault. */
const MOST_REDIRECTS = 10;

/** One host and path as one side is asked for it. */
interface Route {
  readonly side: Side;
  readonly endpoint: Endpoint;
  readonly probe: ProbeTarget;
  /** The host as the manifests name it. */
  readonly named: string;
}

/**
 * Waits until every host answers as it should. A redirect to another path of the same host is followed, and that path is
 * loaded in its place; one that leads anywhere else is an error, since the load would measure the redirect. Before the
 * command of input prepare has run, any answer of the application will do; the stage prepare looks again.
 *
 * @throws StageError `route-not-ready` that names every host that is redirected elsewhere.
 */
export async function checkRoutes(context: Context): Promise<void> {
  context.store.update({ redirects: [], httpsHosts: [] });
  const trust = HttpsTrust.begin(context);
  const redirects = agreed(await followAll(context, routesIn(context), trust));
  context.store.update({ redirects });
  // The report has them from the redirects themselves, as far as its load was led by them.
  for (const redirect of redirects) context.runner.warning(followedText(redirect));
  trust.keep();
  for (const { endpoint, asked } of routesByEndpoint(routesIn(context)))
    context.runner.info(`${String(asked)} hosts answer at ${endpoint}`);
}

/** Behind the redirects that are known. */
const routesIn = (context: Context): Route[] => everyTargetOf(context).flatMap((targets) => routesOf(context, targets));

function routesByEndpoint(routes: readonly Route[]): { endpoint: string; asked: number }[] {
  const endpoints = routes.map(({ endpoint, probe }) => askedText(endpoint, [probe.scheme]));
  return [...new Set(endpoints)].map((endpoint) => ({
    endpoint,
    asked: endpoints.filter((other) => other === endpoint).length,
  }));
}

function routesOf(context: Context, { side, targets, named }: SideTargets): Route[] {
  const namedOf = new Map(targets.map(({ host }, index) => [host, named[index]?.host ?? host]));
  const { inputs, store } = context;
  // As the load asks: a version has a host of its own, and names that of the manifests in a header.
  const probes = probesOf(targets);
  const isPrepared = inputs.prepare === null || store.state.prepared === true;
  return (isPrepared ? probes : probes.map(beforePreparation)).map((probe) => ({
    side,
    endpoint: ingressOf(context, side),
    probe,
    named: namedOf.get(probe.host) ?? probe.host,
  }));
}

interface Followed {
  readonly route: Route;
  /** Null when the path answers by itself. */
  readonly redirect: FollowedRedirect | null;
}

/** What the routes know of each other. */
interface Together {
  /** Whether one of them can't be loaded, so that it is of no use to wait for another to become ready. */
  refused: boolean;
  readonly trust: HttpsTrust;
}

async function followAll(context: Context, routes: readonly Route[], trust: HttpsTrust): Promise<Followed[]> {
  const together: Together = { refused: false, trust };
  const results = await Promise.allSettled(
    routes.map(async (route) => {
      // Each waits on a signal of its own: Node.js takes more than ten waits on one for a leak, and says so in the log.
      const own = { ...context, signal: AbortSignal.any([context.signal]) };
      try {
        return { route, redirect: await follow(own, route, together) };
      } catch (error) {
        if (endsTheWait(error)) together.refused = true;
        throw error;
      }
    }),
  );
  context.signal.throwIfAborted();
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const refused = errors.filter((error) => error instanceof RedirectRefused);
  const [untrusted] = errors.filter(isUntrusted);
  if (untrusted !== undefined) throw untrusted;
  if (refused.length > 0) throw RedirectRefused.together(refused);
  if (errors.length > 0) throw errors[0];
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** What no other host can become ready after. */
const endsTheWait = (error: unknown): boolean => error instanceof RedirectRefused || isUntrusted(error);

const isUntrusted = (error: unknown): error is StageError =>
  error instanceof StageError && error.code === 'tls-untrusted';

/** Asks until the path, or the one that it leads to, answers as it should. */
async function follow(context: Context, route: Route, together: Together): Promise<FollowedRedirect | null> {
  const { probe, named } = route;
  const origin = probe.scheme;
  const way = [{ scheme: probe.scheme, path: probe.path }];
  const placeText = (place: { readonly scheme: string; readonly path: string }): string =>
    place.scheme === origin ? place.path : `${place.scheme}://${named}${place.path}`;
  let first: number | null = null;
  for (;;) {
    const at = { ...route, probe: { ...probe, ...way.at(-1) } };
    const redirect = await ask(context, at, together);
    if (redirect === null) break;
    first ??= redirect.status;
    const refuse = (lead: Lead): RedirectRefused =>
      refusedRedirect(
        { named, probe: at.probe, endpoint: route.endpoint, status: redirect.status, lead, way: way.map(placeText) },
        routed(context),
      );
    const { lead } = redirect;
    if (lead.kind !== 'same-host') throw refuse(lead);
    // The same path over HTTPS is the same request.
    if (!probe.replaceable && lead.path !== at.probe.path) throw refuse(lead);
    const circle = way.some(({ scheme, path }) => scheme === lead.scheme && path === lead.path);
    way.push({ scheme: lead.scheme, path: lead.path });
    if (circle || way.length > MOST_REDIRECTS) throw refuse(lead);
  }
  const { scheme, path } = way.at(-1) ?? probe;
  if (first === null) return null;
  return {
    host: named,
    from: probe.path,
    to: path,
    status: first,
    ...(origin === 'https' ? { fromScheme: origin } : {}),
    ...(scheme === origin ? {} : { toScheme: scheme }),
  };
}

const routed = (context: Context): string[] => routedHosts(renderedObjects(context, 'application'));

interface SeenRedirect {
  readonly status: number;
  readonly lead: Lead;
}

/** @returns null when the path itself answers as it should; where it is redirected otherwise. */
async function ask(context: Context, route: Route, together: Together): Promise<SeenRedirect | null> {
  const { inputs, clock, signal } = context;
  const { probe, named } = route;
  const { host, scheme, path, headers, expectedText, isRight, standsForHost } = probe;
  const endpoint = scheme === 'https' ? await together.trust.look(context, route) : route.endpoint;
  let [last, inARow] = ['', 0];
  /** Counts equal answers that decide something. */
  const see = (answer: string): boolean => {
    inARow = answer === last ? inARow + 1 : 1;
    last = answer;
    return inARow >= ANSWERS_IN_A_ROW;
  };
  const forget = (): void => {
    [last, inARow] = ['', 0];
    if (together.refused) throw new NotAwaited();
  };
  const ports = { http: [endpoint.port], https: endpoint.tls === undefined ? [] : [endpoint.tls.port] };
  let wrong: { readonly answer: WrongAnswer; readonly sinceMs: number } | null = null;
  /** Counts for how long the same wrong answer comes, and ends the wait for one that time does not change. */
  const seeWrong = (answer: WrongAnswer): Observation<never> => {
    const why = wrongText(probe, answer);
    const same = wrong !== null && why === wrongText(probe, wrong.answer);
    wrong = { answer, sinceMs: same && wrong !== null ? wrong.sinceMs : clock.now() };
    const lasting = lastsAfterMs(probe, answer);
    if (lasting !== null && clock.now() - wrong.sinceMs >= lasting) throw new WrongForGood(why);
    return { ready: false, why };
  };
  const soFar = (): string => `${String(inARow)} of ${String(ANSWERS_IN_A_ROW)} times in a row`;
  const look = async (): Promise<Observation<SeenRedirect | null>> => {
    const timeoutMs = inputs['request-timeout'];
    const asked = await probeRoute({ endpoint, host, scheme, path, headers, timeoutMs, signal }).catch(
      (error: unknown) => {
        forget();
        wrong = { answer: { kind: 'none', why: messageOf(error) }, sinceMs: clock.now() };
        throw error;
      },
    );
    const { status, location, text } = asked;
    const lead = isRedirect(status) ? leadOf({ host, scheme, path, location, otherNames: [named], ports }) : null;
    const toOtherScheme = standsForHost && lead?.kind === 'same-host' && lead.scheme !== scheme;
    if (lead !== null && (!isRight(status) || toOtherScheme)) {
      if (see(placeOf(lead))) return { ready: true, value: { status, lead } };
      return { ready: false, why: `it is redirected to ${JSON.stringify(location ?? '')}, ${soFar()}` };
    }
    if (!isRight(status) || (expectedText !== undefined && !text.includes(expectedText))) {
      forget();
      return seeWrong(isRight(status) ? { kind: 'text', status, text } : { kind: 'status', status });
    }
    if (see('right')) return { ready: true, value: null };
    return { ready: false, why: `it answers with status ${String(status)}, ${soFar()}` };
  };
  try {
    return await waitUntil(look, {
      what: `${scheme}://${host}${path} to answer as it should`,
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
    const answer = (wrong as { readonly answer: WrongAnswer } | null)?.answer ?? { kind: 'none', why: '' };
    const which = probe.request === undefined ? '' : `Request ${JSON.stringify(probe.request)}: `;
    const what = forGood ? `${scheme}://${host}${path}: ${error.message}` : error.message;
    throw new StageError('route-not-ready', `${which}${what}`, {
      hint: wrongHint(probe, answer, named),
      tryThis: curlCommand(probe, endpoint),
      cause: error,
    });
  }
}

/** An answer that is not the right one, and that no more time changes. */
class WrongForGood extends Error {}

/** A host that is not ready while another can't be loaded at all. */
class NotAwaited extends Error {}

/** The place that a redirect leads to, without a query: a login page is given another one each time. */
const placeOf = (lead: Lead): string => {
  const place = 'url' in lead ? lead.url : lead.kind === 'same-host' ? `${lead.scheme}:${lead.path}` : '';
  return `${lead.kind} ${place.split('?')[0] ?? ''}`;
};

/**
 * The redirects of all sides, once each.
 *
 * @throws StageError when two sides of a comparison lead to different paths: they would not be sent the same requests.
 */
function agreed(followed: readonly Followed[]): FollowedRedirect[] {
  const keyOf = ({ route }: Followed): string => `${route.probe.scheme}://${route.named}${route.probe.path}`;
  return [...new Set(followed.map(keyOf))].flatMap((key) => {
    const each = followed.filter((one) => keyOf(one) === key);
    const [first] = each;
    const other = each.find(
      ({ redirect }) => redirect?.to !== first?.redirect?.to || redirect?.toScheme !== first?.redirect?.toScheme,
    );
    if (first !== undefined && other !== undefined) throw unlikeRedirects(first.route, [first, other]);
    return first?.redirect ?? [];
  });
}
