import { wasRefused } from '../../adapters/commands/kubectl.ts';
import { readServedCertificates } from '../../adapters/served-certificates.ts';
import { trustedRoots } from '../../adapters/trusted-roots.ts';
import { isRouted } from '../../cluster/sides/version-routes.ts';
import {
  type Authority,
  describeCertificate,
  judgeCertificate,
  type KnownTrust,
  type ServedCertificates,
  type Verdict,
} from '../../cluster/tls/judge-certificate.ts';
import {
  certificatesIn,
  isLeftEmpty,
  pemCertificates,
  type RouteSecret,
  routeSecrets,
  secretKey,
} from '../../cluster/tls/tls-secrets.ts';
import { clusterOf, type Context, kubectlOf, updateExistingCluster, updateOwnCluster, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { ProbeTarget } from '../../load/requests/probes.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { HttpsHost } from '../../model/https.ts';
import type { Side } from '../../model/sides.ts';
import { clusterIn } from '../../system.ts';
import { certificateText, unverifiedText } from '../../report/words/https-text.ts';
import { type Observation, waitUntil } from '../../wait.ts';
import { PARTS } from '../../cluster/parts.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';
import { curlCommand } from './curl-command.ts';
import { givenAuthorities } from './given-authorities.ts';
import { InARow } from './in-a-row.ts';
import { type SecretFaults, untrusted } from './untrusted-certificate.ts';

/** A controller presents its own certificate until it has read that of the host, which takes seconds. */
const SETTLES_MS = 20_000;
/** A single moment decides nothing. */
const TIMES_IN_A_ROW = 3;

/** Where a route is requested, and for which side of a comparison. */
interface AskedRoute {
  readonly side: Side;
  readonly endpoint: Endpoint;
  readonly probe: Pick<ProbeTarget, 'host' | 'path'>;
}

interface Seen {
  readonly served: ServedCertificates;
  readonly verdict: Exclude<Verdict, { kind: 'refused' }>;
}

/**
 * What the run trusts over HTTPS: the roots of this machine, input `ca`, and the certificates in Secrets that routes
 * name. Only public parts of the Secrets are read. Each host is checked once.
 */
export class HttpsTrust {
  readonly #context: Context;
  readonly #secrets: readonly RouteSecret[];
  readonly #certificates = new Map<string, readonly string[]>();
  /** Certificates from the manifests that the run did not replace. */
  readonly #ofManifests = new Set<string>();
  readonly #readFromCluster = new Set<string>();
  /** Certificates from the cluster that did not match, which their creator may be about to rewrite. */
  readonly #doubtful = new Set<string>();
  readonly #unreadable = new Set<string>();
  readonly #given: readonly Authority[];
  readonly #looks = new Map<string, Promise<Seen>>();
  readonly #seen: HttpsHost[] = [];

  private constructor(context: Context, secrets: readonly RouteSecret[], given: readonly Authority[]) {
    this.#context = context;
    this.#secrets = secrets;
    this.#given = given;
  }

  /** @throws StageError `input-invalid` when input `ca` has no certificate. */
  static begin(context: Context): HttpsTrust {
    const objects = PARTS.flatMap((part) => renderedObjects(context, part));
    const { ownCertificates: own } = context.store.state;
    const ofRun: Authority[] =
      own === undefined ? [] : [{ pem: own.authority, from: { kind: 'run', name: 'the CA of this run' } }];
    const trust = new HttpsTrust(context, routeSecrets(objects), [...givenAuthorities(context), ...ofRun]);
    for (const object of objects.filter(({ kind }) => kind === 'Secret')) {
      const { name, namespace = 'default' } = object.metadata;
      const key = secretKey({ namespace, name });
      // Something in the cluster fills Secrets that the manifests leave empty.
      if (!isLeftEmpty(object)) trust.#certificates.set(key, certificatesIn(object));
      trust.#ofManifests.add(key);
    }
    // These have certificates of the run's CA instead of those in the manifests.
    for (const secret of own?.secrets ?? []) {
      trust.#certificates.set(secret, []);
      trust.#ofManifests.delete(secret);
    }
    return trust;
  }

  /**
   * Waits until a host presents a certificate that can be used.
   *
   * @returns where and how to reach it.
   * @throws StageError `route-not-ready` when no handshake succeeds, `tls-untrusted` when its certificate can't be
   * trusted.
   */
  async look(context: Context, route: AskedRoute): Promise<Endpoint> {
    const { side, endpoint, probe } = route;
    const key = `${side} ${probe.host}`;
    const look = this.#looks.get(key) ?? this.#wait(context, route);
    this.#looks.set(key, look);
    const { verdict } = await look;
    const authorities = this.#known(probe.host).authorities.map(({ pem }) => pem);
    const unverified = verdict.kind === 'unverified' ? [probe.host] : [];
    const port = endpoint.tls?.port ?? endpoint.port;
    return { ...endpoint, tls: { port, authorities, unverified } };
  }

  /** Keeps what the load may trust, and the certificates for the report. */
  keep(): void {
    const context = this.#context;
    const { store } = context;
    const compared = store.state.comparedVersions !== undefined;
    const hosts = this.#seen
      .map(({ side, ...seen }): HttpsHost => (compared && side !== undefined ? { ...seen, side } : seen))
      .sort((one, other) => one.host.localeCompare(other.host) || (one.side ?? '').localeCompare(other.side ?? ''));
    store.update({ httpsHosts: hosts });
    for (const sentence of unverifiedText(hosts)) warn(context, sentence);
    if (this.#unreadable.size > 0) {
      const names = [...this.#unreadable].map((name) => `Secret ${name}`).join(', ');
      warn(context, `kubectl may not read ${names}, so it was not used to verify anything.`);
    }
    for (const host of hosts) context.runner.info(certificateText(host));
    if (hosts.length === 0 || clusterIn(store.state.system) === null) return;
    const cluster = clusterOf(context);
    if (cluster.kind === 'existing') updateExistingCluster(context, { ingress: this.#kept(cluster.ingress, hosts) });
    else {
      const { ingress, baselineIngress } = cluster;
      updateOwnCluster(context, {
        ingress: this.#kept(ingress, hosts),
        ...(baselineIngress === undefined ? {} : { baselineIngress: this.#kept(baselineIngress, hosts) }),
      });
    }
  }

  #kept<T extends Endpoint | null>(endpoint: T, hosts: readonly HttpsHost[]): T {
    if (endpoint?.tls === undefined) return endpoint;
    const authorities = [...new Set(this.#authorities().map(({ pem }) => pem))];
    const unverified = [...new Set(hosts.filter(({ verifiedBy }) => verifiedBy === null).map(({ host }) => host))];
    return { ...endpoint, tls: { ...endpoint.tls, authorities, unverified } };
  }

  async #wait(context: Context, { side, endpoint, probe }: AskedRoute): Promise<Seen> {
    const { inputs, clock, signal } = context;
    const { host } = probe;
    const handshake = async (): Promise<ServedCertificates> => {
      await this.#readMissing(context, host);
      return await readServedCertificates({
        endpoint,
        host,
        authorities: this.#authorities().map(({ pem }) => pem),
        timeoutMs: inputs['request-timeout'],
        signal,
      });
    };
    const how = { everyMs: 250, clock, signal };
    const tryThis = curlCommand({ ...probe, scheme: 'https' }, endpoint);
    await waitUntil(async () => ({ ready: true, value: await handshake() }), {
      ...how,
      what: `https://${host} to answer a handshake`,
      deadlineMs: inputs.wait,
      code: 'route-not-ready',
    }).catch((error: unknown) => {
      throw error instanceof StageError && error.code === 'route-not-ready'
        ? new StageError('route-not-ready', error.message, { hint: NO_HANDSHAKE, tryThis, cause: error })
        : error;
    });
    const shown = new InARow(TIMES_IN_A_ROW);
    let refused: { readonly served: ServedCertificates; readonly why: string } | null = null;
    const judge = async (): Promise<Observation<Seen>> => {
      const served = await handshake();
      const verdict = judgeCertificate(host, served, this.#known(host));
      if (verdict.kind === 'refused') {
        refused = { served, why: verdict.why };
        this.#doubtRead(host);
        return { ready: false, why: verdict.why };
      }
      return shown.sees(`${verdict.kind} ${served.chain[0] ?? ''}`)
        ? { ready: true, value: { served, verdict } }
        : { ready: false, why: 'its certificate may still change' };
    };
    const missing = this.#missing(host);
    const seen = await waitUntil(judge, {
      ...how,
      what: `https://${host} to present a valid certificate`,
      deadlineMs: missing.length > 0 ? inputs.wait : SETTLES_MS,
      code: 'tls-untrusted',
    }).catch((error: unknown) => {
      if (!(error instanceof StageError) || refused === null) throw error;
      throw untrusted(host, refused, { ...this.#faultsOf(host), tryThis, cause: error });
    });
    this.#seen.push(hostSeen(side, host, seen));
    return seen;
  }

  /** What is wrong with the Secrets of a host, and which of them input `leave-out` can remove. */
  #faultsOf(host: string): SecretFaults {
    const given = this.#secretsOf(host).filter((secret) => this.#ofManifests.has(secretKey(secret)));
    const without = given.map(secretKey).filter((key) => this.#certificates.get(key)?.length === 0);
    const sentences = [
      ...this.#missing(host).map((key) => `Secret ${key}, which the routes name, has no certificate.`),
      ...without.map((key) => `Secret ${key} has no PEM certificate under tls.crt.`),
    ];
    return { sentences, given, isNamed: this.#secretsOf(host).length > 0 };
  }

  /** The Secrets of a host that are neither in the manifests nor, so far, in the cluster. */
  #missing(host: string): string[] {
    return this.#secretsOf(host)
      .map(secretKey)
      .filter((key) => !this.#certificates.has(key));
  }

  /** Secrets that cert-manager, or something similar, has since created in the cluster. */
  async #readMissing(context: Context, host: string): Promise<void> {
    for (const secret of this.#secretsOf(host)) {
      const key = secretKey(secret);
      if (this.#certificates.has(key) && !this.#doubtful.has(key)) continue;
      const certificates = await readPublicParts(context, secret).catch((error: unknown) => {
        if (!wasRefused(error) || !/forbidden/i.test(error.result.stderr)) throw error;
        // In an existing cluster, nobody may be allowed to read Secrets; then nothing is known about this one.
        this.#unreadable.add(key);
        return [];
      });
      if (certificates.length === 0) continue;
      this.#certificates.set(key, certificates);
      this.#readFromCluster.add(key);
      this.#doubtful.delete(key);
    }
  }

  #doubtRead(host: string): void {
    for (const key of this.#secretsOf(host).map(secretKey)) if (this.#readFromCluster.has(key)) this.#doubtful.add(key);
  }

  #secretsOf(host: string): RouteSecret[] {
    return this.#secrets.filter((secret) => isRouted(secret.hosts, host) && !this.#unreadable.has(secretKey(secret)));
  }

  #authorities(): Authority[] {
    return [
      ...this.#given,
      ...[...this.#certificates].flatMap(([name, certificates]) =>
        certificates.map((pem) => ({ pem, from: { kind: 'secret' as const, name } })),
      ),
    ];
  }

  #known(host: string): KnownTrust {
    return {
      mode: this.#context.inputs['tls-verify'],
      authorities: this.#authorities(),
      systemRoots: trustedRoots(),
      secrets: this.#secretsOf(host).map(secretKey),
      now: this.#context.clock.date(),
    };
  }
}

/** Requests only the public fields. */
async function readPublicParts(context: Context, { namespace, name }: RouteSecret): Promise<string[]> {
  const text = await kubectlOf(context).text(
    'get',
    'secret',
    name,
    `--namespace=${namespace}`,
    '--ignore-not-found',
    '--output=jsonpath={.data.ca\\.crt}{"\\n"}{.data.tls\\.crt}',
  );
  return text.split('\n').flatMap((line) => pemCertificates(Buffer.from(line, 'base64').toString('latin1')));
}

const NO_HANDSHAKE =
  'Nothing answers at the HTTPS port, or whatever answers has no certificate for this host. Your own controller (ingress-controller: custom) must listen on port 443 of its node. To load the host over plain HTTP, write it with http:// in input hosts.';

function hostSeen(side: Side, host: string, { served, verdict }: Seen): HttpsHost {
  return {
    host,
    side,
    protocol: served.protocol,
    certificate: describeCertificate(served.chain[0] ?? ''),
    verifiedBy: verdict.kind === 'verified' ? verdict.by : null,
    unverified: verdict.kind === 'unverified' ? verdict.why : null,
  };
}
