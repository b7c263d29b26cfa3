import { quoteCommand } from '../../adapters/commands/shell.ts';
import type { ProbeTarget } from '../../load/requests/probes.ts';
import { type Endpoint, endpointText } from '../../model/endpoint.ts';

/** A command to paste that sends what a probe sends: to the address of the ingress, under the name of the host. */
export function curlCommand(
  { scheme, host, path }: Pick<ProbeTarget, 'scheme' | 'host' | 'path'>,
  at: Endpoint,
): string {
  if (scheme === 'https') {
    const to = endpointText({ address: at.address, port: at.tls?.port ?? at.port });
    // TLS includes the name in the handshake, so a Host header alone is not enough.
    return quoteCommand('curl', ['--include', '--insecure', '--connect-to', `::${to}`, `https://${host}${path}`]);
  }
  return quoteCommand('curl', ['--include', '--header', `Host: ${host}`, `http://${endpointText(at)}${path}`]);
}
