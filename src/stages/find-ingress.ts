import { httpsPortBeside, nodeAddress, observeAddress, parseExposed } from '../cluster/ingress-address.ts';
import { type Context, existingClusterOf, kubectlCommand, kubectlOf, updateExistingCluster } from '../context.ts';
import { StageError } from '../errors.ts';
import { schemeOfTarget } from '../load/requests/targets.ts';
import { askedText, type Endpoint, LOOPBACK, withHttps } from '../model/endpoint.ts';
import { waitFor } from './health/wait-for.ts';
import { targetsOf } from './loading/targets.ts';
import { withoutHttps } from './nodes/without-https.ts';

/** Finds where the load connects to in an existing cluster. */
export async function findIngress(context: Context): Promise<void> {
  const { inputs, runner } = context;
  const given = inputs['ingress-address'];
  const found =
    given === null
      ? await exposedAddress(context, existingClusterOf(context).namespace)
      : withHttps(given, httpsPortBeside(given.port));
  const ingress = withHttps(found, inputs['https-port']);
  updateExistingCluster(context, { ingress });
  if (ingress.tls === undefined) {
    withoutHttps(context, {
      why: `no port for HTTPS is known at ${ingress.address}`,
      mend: 'Set https-port to the HTTPS port of the ingress.',
    });
  }
  const targets = targetsOf(context);
  const hosts = [...new Set(targets.map(({ host }) => host))].join(', ');
  runner.info(`The load goes to ${askedText(ingress, targets.map(schemeOfTarget))} for ${hosts}, and nowhere else`);
}

/** Where the Ingresses and Services of a namespace can be reached, according to the cluster. */
async function exposedAddress(context: Context, namespace: string): Promise<Endpoint> {
  const kubectl = kubectlOf(context);
  const look = async () =>
    observeAddress(parseExposed(await kubectl.get('ingresses,services', `--namespace=${namespace}`)));
  const place = await waitFor(context, look, {
    what: 'the address of the ingress; set ingress-address if the cluster does not report it',
    code: 'route-not-ready',
    everyMs: 1000,
  });
  // What a controller writes when it listens on its user's machine, where `localhost` may be ::1.
  if ('address' in place) {
    const address = place.address === 'localhost' ? LOOPBACK : place.address;
    return withHttps({ address, port: place.port }, place.httpsPort);
  }
  const node = nodeAddress(await kubectl.get('nodes'));
  if (node === null)
    throw new StageError('route-not-ready', 'The first node of the cluster has no reachable address.', {
      hint: 'Set ingress-address to the address of the ingress, such as 192.0.2.7:80.',
      tryThis: kubectlCommand(context, 'get', 'nodes', '--output=wide'),
    });
  return withHttps({ address: node, port: place.nodePort }, place.httpsNodePort);
}
