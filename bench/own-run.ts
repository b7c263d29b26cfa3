import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** The options of our command line for versions that a machine has in the place of the pinned ones. */
export function versionOptions(): string[] {
  const given = { 'kind-version': 'E2E_KIND_VERSION', 'kind-sha256': 'E2E_KIND_SHA256', 'kubectl-version': 'E2E_KUBECTL_VERSION', 'kubectl-sha256': 'E2E_KUBECTL_SHA256', 'node-image': 'E2E_NODE_IMAGE' };
  return Object.entries(given).flatMap(([input, variable]) => (process.env[variable] === undefined ? [] : [`--${input}`, process.env[variable]]));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
