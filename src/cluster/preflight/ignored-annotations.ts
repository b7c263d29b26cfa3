import { writeJson } from '../../text/yaml/json.ts';
import { describeObject } from '../manifest-entries.ts';
import { type KubernetesObject, recordOf } from '../manifests.ts';
import { isIngress } from '../ingress-controller.ts';
import { doubt, type Finding, shortList } from './finding.ts';

/** The controllers whose annotations are known here. */
type KnownController = 'nginx' | 'traefik';

const NGINX_PREFIX = 'nginx.ingress.kubernetes.io/';

/** Text that nginx takes into its configuration as it is. */
const SNIPPET = /-snippet$/;

/** The annotations of ingress-nginx (docs/user-guide/nginx-configuration/annotations.md, v1.15), without snippets. */
const OF_NGINX: ReadonlySet<string> = new Set(
  `affinity affinity-canary-behavior affinity-mode allowlist-source-range app-root auth-always-set-cookie
   auth-cache-duration auth-cache-key auth-keepalive auth-keepalive-requests auth-keepalive-share-vars
   auth-keepalive-timeout auth-method auth-proxy-set-headers auth-realm auth-request-redirect auth-response-headers
   auth-secret auth-secret-type auth-signin auth-signin-redirect-param auth-tls-error-page auth-tls-match-cn
   auth-tls-pass-certificate-to-upstream auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-type auth-url
   backend-protocol canary canary-by-cookie canary-by-header canary-by-header-pattern canary-by-header-value
   canary-weight canary-weight-total client-body-buffer-size connection-proxy-header cors-allow-credentials
   cors-allow-headers cors-allow-methods cors-allow-origin cors-expose-headers cors-max-age custom-headers
   custom-http-errors default-backend denylist-source-range disable-proxy-intercept-errors enable-access-log enable-cors
   enable-global-auth enable-modsecurity enable-opentelemetry enable-owasp-core-rules enable-rewrite-log fastcgi-index
   fastcgi-params-configmap force-ssl-redirect from-to-www-redirect http2-push-preload limit-allowlist
   limit-burst-multiplier limit-connections limit-rate limit-rate-after limit-rpm limit-rps limit-whitelist load-balance
   mirror-host mirror-request-body mirror-target modsecurity-transaction-id opentelemetry-operation-name
   opentelemetry-trust-incoming-span permanent-redirect permanent-redirect-code preserve-trailing-slash proxy-body-size
   proxy-buffer-size proxy-buffering proxy-buffers-number proxy-busy-buffers-size proxy-connect-timeout
   proxy-cookie-domain proxy-cookie-path proxy-http-version proxy-max-temp-file-size proxy-next-upstream
   proxy-next-upstream-timeout proxy-next-upstream-tries proxy-read-timeout proxy-redirect-from proxy-redirect-to
   proxy-request-buffering proxy-send-timeout proxy-ssl-ciphers proxy-ssl-name proxy-ssl-protocols proxy-ssl-secret
   proxy-ssl-server-name proxy-ssl-verify proxy-ssl-verify-depth relative-redirects rewrite-target satisfy server-alias
   service-upstream session-cookie-change-on-failure session-cookie-conditional-samesite-none session-cookie-domain
   session-cookie-expires session-cookie-max-age session-cookie-name session-cookie-path session-cookie-samesite
   session-cookie-secure ssl-ciphers ssl-passthrough ssl-prefer-server-ciphers ssl-redirect temporal-redirect
   temporal-redirect-code upstream-hash-by upstream-hash-by-subset upstream-hash-by-subset-size upstream-vhost
   use-port-in-redirects use-regex whitelist-source-range x-forwarded-prefix`.split(/\s+/),
);

/** Those of them that Traefik 3.7 leaves alone: no field of its provider for ingress-nginx has their name. */
const NOT_OF_TRAEFIK: ReadonlySet<string> = new Set(
  `affinity-mode auth-always-set-cookie auth-cache-duration auth-cache-key auth-keepalive auth-keepalive-requests
   auth-keepalive-share-vars auth-keepalive-timeout auth-proxy-set-headers auth-request-redirect
   auth-signin-redirect-param auth-tls-error-page auth-tls-match-cn auth-tls-verify-depth connection-proxy-header
   denylist-source-range disable-proxy-intercept-errors enable-modsecurity enable-opentelemetry enable-owasp-core-rules
   enable-rewrite-log fastcgi-index fastcgi-params-configmap http2-push-preload limit-allowlist limit-rate
   limit-rate-after limit-whitelist load-balance mirror-host mirror-request-body mirror-target
   modsecurity-transaction-id opentelemetry-operation-name opentelemetry-trust-incoming-span preserve-trailing-slash
   proxy-busy-buffers-size proxy-cookie-domain proxy-cookie-path proxy-redirect-from proxy-redirect-to
   proxy-ssl-ciphers proxy-ssl-protocols proxy-ssl-verify-depth relative-redirects satisfy
   session-cookie-change-on-failure session-cookie-conditional-samesite-none ssl-ciphers ssl-prefer-server-ciphers
   upstream-hash-by-subset upstream-hash-by-subset-size use-port-in-redirects`.split(/\s+/),
);

/** Prefixes of the annotations that other controllers read, with the name of each. */
const OF_OTHERS: readonly (readonly [prefix: string, controller: string, unless: KnownController | null])[] = [
  ['traefik.ingress.kubernetes.io/', 'Traefik', 'traefik'],
  ['nginx.org/', 'the NGINX Ingress Controller of F5', null],
  ['nginx.com/', 'the NGINX Ingress Controller of F5', null],
  ['haproxy.org/', 'HAProxy', null],
  ['haproxy-ingress.github.io/', 'HAProxy', null],
  ['konghq.com/', 'Kong', null],
  ['alb.ingress.kubernetes.io/', 'the AWS Load Balancer Controller', null],
  ['appgw.ingress.kubernetes.io/', 'Azure Application Gateway', null],
  ['projectcontour.io/', 'Contour', null],
  ['networking.gke.io/', 'Google Kubernetes Engine', null],
  ['ingress.kubernetes.io/', 'a controller of 2017', null],
];

/**
 * Annotations of Ingress objects that the controller of the run ignores, so that it does something else than in
 * production.
 *
 * @param platform the objects of the controller; its ConfigMap says whether it takes snippets.
 */
export function ignoredAnnotations(
  objects: readonly KubernetesObject[],
  controller: KnownController,
  platform: readonly KubernetesObject[],
): Finding[] {
  const takesSnippets = platform.some(
    ({ kind, data }) => kind === 'ConfigMap' && recordOf(data)['allow-snippet-annotations'] === 'true',
  );
  return objects.filter(isIngress).flatMap((ingress) => {
    const names = Object.keys(ingress.metadata.annotations ?? {});
    const ofNginx = names
      .filter((name) => name.startsWith(NGINX_PREFIX))
      .map((name) => name.slice(NGINX_PREFIX.length));
    const snippets = ofNginx.filter((name) => SNIPPET.test(name));
    const unknown = ofNginx.filter((name) => !SNIPPET.test(name) && !OF_NGINX.has(name));
    const passes = ingress.metadata.annotations?.[PASSTHROUGH] === 'true';
    const notTaken = controller === 'traefik' ? ofNginx.filter((name) => NOT_OF_TRAEFIK.has(name)) : [];
    const who = describeObject(ingress);
    return [
      ...(takesSnippets || snippets.length === 0 ? [] : [doubt(snippetText(who, snippets, controller))]),
      ...(controller === 'nginx' && passes && !platform.some(passesTls) ? [doubt(passthroughText(who))] : []),
      ...(notTaken.length === 0
        ? []
        : [
            doubt(
              `${who}: Traefik does not support ${shortList(full(notTaken))} and ignores it. To use it, set ingress-controller: nginx`,
            ),
          ]),
      ...(unknown.length === 0
        ? []
        : [
            doubt(
              `${who}: ingress-nginx has no annotation ${shortList(full(unknown))}, so it is ignored. Check its spelling.`,
            ),
          ]),
      ...ofOthers(who, names, controller).map(doubt),
    ];
  });
}

const PASSTHROUGH = `${NGINX_PREFIX}ssl-passthrough`;

/**
 * ingress-nginx hands TLS on only where it was started for it, since all connections then go through one more proxy.
 */
const passesTls = (object: KubernetesObject): boolean =>
  object.kind === 'Deployment' && /--enable-ssl-passthrough(?!=false)/.test(writeJson(object['spec'] ?? {}));

const passthroughText = (who: string): string =>
  `${who}: ${PASSTHROUGH} is ignored: the controller of the run is not started with --enable-ssl-passthrough, and terminates TLS itself. It then sends plain HTTP to a TLS port of the application, which answers with an error. Use nginx.ingress.kubernetes.io/backend-protocol: HTTPS instead, or ingress-controller: traefik, which passes TLS through.`;

const full = (names: readonly string[]): string[] => names.map((name) => `${NGINX_PREFIX}${name}`);

const snippetText = (who: string, names: readonly string[], controller: KnownController): string =>
  controller === 'traefik'
    ? `${who}: Traefik does not support snippets, and ignores ${shortList(full(names))}.`
    : `${who}: ${shortList(full(names))} is ignored: the controller of the run does not allow snippets, because they let anyone who can write an Ingress read every Secret. To use it, set ingress-controller: custom with an ingress-nginx whose ConfigMap has allow-snippet-annotations: "true".`;

function ofOthers(who: string, names: readonly string[], controller: KnownController): string[] {
  return OF_OTHERS.flatMap(([prefix, other, unless]) => {
    const found = names.filter((name) => name.startsWith(prefix));
    if (found.length === 0 || unless === controller) return [];
    return [`${who}: ${shortList(found)} is for ${other}; the controller of the run ignores it.`];
  });
}
