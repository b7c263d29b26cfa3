import { createAuthority } from '../../adapters/certificates.ts';
import { labelsOf } from '../../cluster/existing-cluster.ts';
import { isOwnGateway } from '../../cluster/gateways.ts';
import { isRecord, type KubernetesObject } from '../../cluster/manifests.ts';
import { PARTS } from '../../cluster/parts.ts';
import { bringsCertManager } from '../../cluster/tls/cert-manager.ts';
import {
  missingCertificates,
  type OwnCertificate,
  renewedCertificates,
  secretObject,
} from '../../cluster/tls/own-certificates.ts';
import { routeSecrets, secretKey } from '../../cluster/tls/tls-secrets.ts';
import { clusterOf, type Context, warn } from '../../context.ts';
import { describeKey } from '../../report/words/https-text.ts';
import { everyTargetOf } from '../loading/targets.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';

const AUTHORITY = 'k8s-loadtest-ci authority of one run';
const LABELS = { 'app.kubernetes.io/managed-by': 'k8s-loadtest-ci' };

/**
 * Makes the certificates that the application's routes need and nothing else provides. Their CA exists only during this
 * call: its key is never stored, and the certificates' keys go only to the cluster. When two versions are compared,
 * each gets certificates for its own hosts instead of those in its manifests.
 *
 * @returns their Secrets, which replace Secrets with the same name in the manifests; never written to a file.
 */
export async function ownCertificates(context: Context): Promise<KubernetesObject[]> {
  const { store, runner } = context;
  const application = renderedObjects(context, 'application');
  const wanted = wantedCertificates(context, application);
  if (wanted.length === 0) {
    forgetCertificates(context);
    return [];
  }
  const authority = await createAuthority(AUTHORITY);
  const objects: KubernetesObject[] = [];
  for (const certificate of wanted) {
    const [first, ...others] = certificate.hosts;
    if (first === undefined) continue;
    const issued = await authority.issue([first, ...others], certificate.key);
    objects.push(inPlaceOf(application, secretObject(certificate, issued, authority.certificate, labelsIn(context))));
    runner.info(
      `Secret ${keyOf(certificate)} gets a certificate of the run for ${certificate.hosts.join(', ')} (${describeKey(certificate.key)})`,
    );
  }
  store.update({ ownCertificates: { authority: authority.certificate, secrets: wanted.map(keyOf) } });
  return objects;
}

/** None of them is in the cluster. */
export function forgetCertificates({ store }: Context): void {
  store.update({ ownCertificates: undefined });
}

const keyOf = ({ namespace, secret }: OwnCertificate): string => secretKey({ namespace, name: secret });

function wantedCertificates(context: Context, application: readonly KubernetesObject[]): OwnCertificate[] {
  const { store } = context;
  const cluster = clusterOf(context);
  const around = PARTS.flatMap((part) => renderedObjects(context, part));
  const asked = [...new Set(everyTargetOf(context).flatMap(({ targets }) => targets.map(({ host }) => host)))];
  // An existing cluster may already have it, and the manifests ask for it.
  const certManager = cluster.kind === 'existing' || bringsCertManager(around);
  // The Gateway of the routes may be outside the application.
  const missing = missingCertificates(around, { certManager, asked }).filter(
    ({ namespace }) => cluster.kind === 'own' || namespace === cluster.namespace,
  );
  // Nobody else could have created what the run's own Gateways name.
  const named = new Set(routeSecrets(around.filter((object) => !isOwnGateway(object))).map(secretKey));
  const told = missing.map(keyOf).filter((key) => named.has(key));
  if (told.length > 0) {
    warn(
      context,
      `The routes name ${told.map((key) => `Secret ${key}`).join(', ')} for TLS, but nothing in the manifests provides ${told.length === 1 ? 'it' : 'them'}: the run made ${told.length === 1 ? 'it' : 'them'}, with its own certificate.`,
    );
  }
  const compared = store.state.comparedVersions;
  if (compared === undefined || compared.subject === 'ingress-controllers') return missing;
  const renewed = renewedCertificates(application, asked);
  if (renewed.length > 0) {
    warn(
      context,
      `Each version has its own host names, which the certificates in the manifests do not cover: the run put its own certificates, with keys of the same type, into ${renewed.map((one) => `Secret ${keyOf(one)}`).join(', ')}.`,
    );
  }
  return [...missing, ...renewed];
}

const labelsIn = (context: Context): Readonly<Record<string, string>> => {
  const cluster = clusterOf(context);
  return cluster.kind === 'existing' ? labelsOf(cluster.namespace) : LABELS;
};

/** Other data in a Secret of the manifests stays, and so does its type, which can't be changed. */
function inPlaceOf(application: readonly KubernetesObject[], made: KubernetesObject): KubernetesObject {
  const given = application.find(
    ({ kind, metadata }) =>
      kind === 'Secret' &&
      metadata.name === made.metadata.name &&
      (metadata.namespace ?? 'default') === made.metadata.namespace,
  );
  if (given === undefined) return made;
  const { data, stringData, ...rest } = given;
  const plain = Object.entries(isRecord(stringData) ? stringData : {}).map(([name, value]) => [
    name,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const fields = {
    ...(isRecord(data) ? data : {}),
    ...(Object.fromEntries(plain) as object),
    ...(made['data'] as object),
  };
  return { ...rest, data: fields };
}
