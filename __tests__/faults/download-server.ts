import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createProxy, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

export interface DownloadServer {
  /** Leads every HTTPS request of a process here, which then trusts the certificate. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts and paths that were asked for. */
  readonly requests: readonly string[];
  close(): void;
}

const HOSTS = ['github.com', 'dl.k8s.io', 'objects.example.com'];

/**
 * Stands in for the hosts that tools are downloaded from: a proxy that keeps every connection for
 * itself, with a certificate made for the occasion.
 *
 * @param folder an empty one, for the certificate.
 */
export async function startDownloadServer(folder: string, answer: RequestListener): Promise<DownloadServer> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = HOSTS.map((host) => `DNS:${host}`).join(',');
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=downloads',
    '-addext',
    `subjectAltName=${names}`,
  ];
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });

  const requests: string[] = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (incoming, response) => {
    requests.push(`${incoming.headers.host ?? ''}${incoming.url ?? ''}`);
    answer(incoming, response);
  });
  const proxy = createProxy();
  const sockets = new Set<Socket>();
  proxy.on('connect', (_, client: Socket) => {
    const inner = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(inner).pipe(client);
    });
    for (const socket of [client, inner]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        client.destroy();
        inner.destroy();
      });
    }
  });
  for (const each of [server, proxy]) {
    each.listen(0, '127.0.0.1');
    await once(each, 'listening');
  }
  return {
    env: {
      https_proxy: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
      no_proxy: '',
      NODE_EXTRA_CA_CERTS: cert,
    },
    requests,
    close: () => {
      for (const socket of sockets) socket.destroy();
      for (const each of [server, proxy]) {
        each.close();
        each.closeAllConnections();
      }
    },
  };
}
