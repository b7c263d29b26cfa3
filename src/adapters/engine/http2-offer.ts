import { connect, type TLSSocket } from 'node:tls';
import { StageError } from '../../errors.ts';
import { Http2Client } from '../../load/http2/http2-client.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import { type Endpoint, endpointText } from '../../model/endpoint.ts';
import { type TlsDestination, tlsDestinations } from './tls-connect.ts';

const DEADLINE_MS = 5000;

/**
 * Refuses a load over HTTP/2 that the servers don't support: a plain HTTP host, one that does not offer HTTP/2 (ALPN),
 * or one that allows fewer streams on a connection than users that would share it. Each host is checked once, without a
 * request. Other problems of a server show in the load itself.
 */
export async function refuseUnlessHttp2(plan: LoadPlan, endpoint: Endpoint): Promise<void> {
  if (plan.httpVersion !== 2) return;
  const plain = plan.targets.find(({ scheme }) => scheme !== 'https');
  if (plain !== undefined)
    throw new StageError(
      'input-invalid',
      `http-version is 2, but ${plain.host} is loaded over plain HTTP, where client and server can't negotiate it.`,
      { hint: `Write it as https://${plain.host} in hosts or in the scenario, or set http-version: 1.` },
    );
  const destinationOf = tlsDestinations(endpoint);
  for (const host of new Set(plan.targets.map((target) => target.host)))
    await refuseHost(host, destinationOf(host), endpoint, plan.streams ?? 1);
}

async function refuseHost(
  host: string,
  destination: TlsDestination,
  endpoint: Endpoint,
  streams: number,
): Promise<void> {
  const offer = await offerOf(destination);
  if (offer === null) return;
  const at = endpointText({ address: endpoint.address, port: endpoint.tls?.port ?? endpoint.port });
  if (!offer.http2)
    throw new StageError('http2-not-offered', `https://${host} at ${at} does not offer HTTP/2.`, {
      hint: 'The server chose HTTP/1.1 in the TLS handshake (ALPN). Enable HTTP/2 in the ingress controller, or set http-version: 1.',
    });
  if (offer.streams < streams)
    throw new StageError(
      'input-invalid',
      `streams is ${String(streams)}, but https://${host} allows ${String(offer.streams)} on a connection.`,
      { hint: `Set streams to at most ${String(offer.streams)}: further users would only wait for a free stream.` },
    );
}

interface Offer {
  readonly http2: boolean;
  /** How many concurrent streams the server allows on a connection. */
  readonly streams: number;
}

/** What a server offers; null when it can't be reached or is not trusted. */
async function offerOf({ options }: TlsDestination): Promise<Offer | null> {
  const socket = connect({ ...options, ALPNProtocols: ['h2', 'http/1.1'] });
  const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), DEADLINE_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('closed'));
      });
    });
    return socket.alpnProtocol === 'h2'
      ? { http2: true, streams: await streamsOf(socket) }
      : { http2: false, streams: 0 };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function streamsOf(socket: TLSSocket): Promise<number> {
  return new Promise((resolve, reject) => {
    const client = new Http2Client();
    socket.on('data', (bytes: Buffer) => {
      client.receive(bytes, 0, bytes.length);
      if (client.over) reject(new Error('no HTTP/2'));
      else if (client.peer.known) resolve(client.peer.streams);
    });
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('closed'));
    });
    client.begin(null);
    socket.write(client.output.take());
  });
}
