import { quoteCommand } from '../../adapters/commands/shell.ts';
import type { ProbeTarget } from '../../load/requests/probes.ts';
import { type Endpoint, endpointText } from '../../model/endpoint.ts';

/** The command that asks what a probe asks, for a user to paste: where the ingress is, and by the name of the host. */
export function curlCommand(
  { scheme, host, path }: Pick<ProbeTarget, 'scheme' | 'host' | 'path'>,
  at: Endpoint,
): string {
  if (scheme === 'https') {
    const to = endpointText({ address: at.address, port: at.tls?.port ?? at.port });
    // The name is part of the handshake, so that a Host header alone would not do.
    return quoteCommand('curl', ['--include', '--insecure', '--connect-to', `::${to}`, `https://${host}${path}`]);
  }
  return quoteCommand('curl', ['--include', '--header', `Host: ${host}`, `http://${endpointText(at)}${path}`]);
}
