/**
 * health/ has the longer checks of the stage check-health: whether each host answers correctly before anything is
 * loaded. What an answer means is decided in src/load/requests/.
 */
import { routedHosts } from '../../cluster/sides/version-routes.ts';
import { type Context, ingressOf } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { beforePreparation, probesOf } from '../../load/requests/probes.ts';
import type { Lead } from '../../load/requests/redirects.ts';
import { askedText } from '../../model/endpoint.ts';
import type { FollowedRedirect } from '../../model/redirects.ts';
import { followedText } from '../../report/words/redirect-text.ts';
import { everyTargetOf, type SideTargets } from '../loading/targets.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';
import { askRoute, type Route, type Together } from './ask-route.ts';
import { HttpsTrust } from './https-trust.ts';
import { refusedRedirect, RedirectRefused, unlikeRedirects } from './refused-redirect.ts';

/** Browsers give up after twenty redirects; a chain on one host that is this long is a fault. */
const MOST_REDIRECTS = 10;

/**
 * Waits until every host answers correctly. A redirect to another path of the same host is followed, and that path is
 * loaded instead. A redirect to anywhere else is an error, because the load would measure the redirect. Before the
 * command of input prepare has run, any answer of the application is accepted; the stage prepare checks again.
 *
 * @throws StageError `route-not-ready` that names every host that is redirected elsewhere.
 */
export async function checkRoutes(context: Context): Promise<void> {
  context.store.update({ redirects: [], httpsHosts: [] });
  const trust = HttpsTrust.begin(context);
  const redirects = agreed(await followAll(context, routesIn(context), trust));
  context.store.update({ redirects });
  // The report takes them from the redirects themselves, if they changed its load.
  for (const redirect of redirects) context.runner.warning(followedText(redirect));
  trust.keep();
  for (const { endpoint, asked } of routesByEndpoint(routesIn(context)))
    context.runner.info(`${String(asked)} hosts answer at ${endpoint}`);
}

/** Behind the known redirects. */
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
  // Requested like the load does: each version has its own host name, and a header carries the name in the manifests.
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
  /** Null when the path answers without a redirect. */
  readonly redirect: FollowedRedirect | null;
}

async function followAll(context: Context, routes: readonly Route[], trust: HttpsTrust): Promise<Followed[]> {
  const together: Together = { refused: false, trust };
  const results = await Promise.allSettled(
    routes.map(async (route) => {
      // Each waits on its own signal: Node.js warns about a leak when more than ten waits share one.
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

/** After this, no other host can become ready. */
const endsTheWait = (error: unknown): boolean => error instanceof RedirectRefused || isUntrusted(error);

const isUntrusted = (error: unknown): error is StageError =>
  error instanceof StageError && error.code === 'tls-untrusted';

/** Asks until the path, or the one that it redirects to, answers correctly. */
async function follow(context: Context, route: Route, together: Together): Promise<FollowedRedirect | null> {
  const { probe, named } = route;
  const origin = probe.scheme;
  const way = [{ scheme: probe.scheme, path: probe.path }];
  const placeText = (place: { readonly scheme: string; readonly path: string }): string =>
    place.scheme === origin ? place.path : `${place.scheme}://${named}${place.path}`;
  let first: number | null = null;
  for (;;) {
    const at = { ...route, probe: { ...probe, ...way.at(-1) } };
    const redirect = await askRoute(context, at, together);
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

/**
 * The redirects of all sides, once each.
 *
 * @throws StageError when two sides of a comparison redirect to different paths, because they would not get the same
 * requests.
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
