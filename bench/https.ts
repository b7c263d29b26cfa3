import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../src/adapters/certificates.ts';
import { available, type Generator, generators, k6, ours, peer, type Sample, type Settings } from './generators.ts';
import { type BenchServer, startServer } from './machine.ts';
import type { ThroughputResult } from './throughput.ts';

/** Where nginx speaks what, from the port of plain HTTP on. */
const OVER_TLS = 1;
const CLOSING = 2;

/**
 * nginx on the server's core: plain on `port`; over TLS 1.3 with a P-256 certificate, HTTP/1.1 and HTTP/2, on the next; and
 * on the one after it the same, but each connection takes one request, and no session is resumed.
 */
export async function startSecureNginx(port: number): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-https-'));
  const { certificates, privateKey } = await (await createAuthority('bench')).issue(['foo.localhost']);
  await writeFile(join(folder, 'cert.pem'), certificates);
  await writeFile(join(folder, 'key.pem'), privateKey, { mode: 0o600 });
  const server = (listen: string, rest: string): string =>
    `server { listen 127.0.0.1:${listen}; ${rest} location / { default_type text/plain; return 200 'foo\\n'; } }`;
  await writeFile(
    join(folder, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  ssl_session_cache off; ssl_session_tickets off; ssl_protocols TLSv1.3;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  ${server(String(port), '')}
  ${server(`${String(port + OVER_TLS)} ssl http2`, '')}
  ${server(`${String(port + CLOSING)} ssl`, 'keepalive_timeout 0;')}
}
`,
  );
  const nginx = await startServer(['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], port);
  return {
    ...nginx,
    stop: async () => {
      await nginx.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Keep-alive over HTTPS, and one handshake for each request. */
export async function benchHttps(settings: Settings, rounds: number): Promise<Record<string, ThroughputResult[]>> {
  const at = (offset: number): Settings => ({ ...settings, scheme: 'https', port: settings.port + offset });
  const wrk = generators.filter(({ name }) => name === 'wrk');
  return {
    'keep-alive': await inTurn([...wrk, ours('ours', 'fast'), k6('k6', 1)], at(OVER_TLS), rounds),
    'a handshake for each request': await inTurn([...wrk, ours('ours', 'fast')], at(CLOSING), rounds),
  };
}

/** HTTP/2 with a connection for each user, and with ten users on one. */
export async function benchHttp2(settings: Settings, rounds: number): Promise<Record<string, ThroughputResult[]>> {
  const at: Settings = { ...settings, scheme: 'https', port: settings.port + OVER_TLS };
  return {
    'a connection for each user': await inTurn(
      [h2load(1), ours('ours', 'fast', { httpVersion: 2 }), k6('k6', 2)],
      at,
      rounds,
    ),
    'ten users on a connection': await inTurn(
      [h2load(10), ours('ours', 'fast', { httpVersion: 2, streams: 10 })],
      at,
      rounds,
    ),
  };
}

/** Every generator in turn, round after round, as in the bench of plain HTTP; the first one is the reference. */
async function inTurn(wanted: readonly Generator[], settings: Settings, rounds: number): Promise<ThroughputResult[]> {
  const { present, missing } = available(wanted);
  for (const line of missing) console.log(line);
  const samples = new Map(present.map(({ name }) => [name, [] as Sample[]]));
  for (let round = 1; round <= rounds; round++)
    for (const generator of present) samples.get(generator.name)?.push(await generator.run(settings));
  const reference = samples.get(wanted[0]?.name ?? '') ?? [];
  return present.map(({ name }) => {
    const own = samples.get(name) ?? [];
    const ratios = own.map((sample, i) => sample.requestsPerSecond / (reference[i]?.requestsPerSecond ?? NaN));
    return { name, samples: own, ratios };
  });
}

const h2load = (streams: number): Generator =>
  peer(
    'h2load',
    'apt-get install nghttp2-client',
    ({ port, connections, seconds }) => [
      'h2load',
      '-t1',
      `-c${String(Math.max(1, connections / streams))}`,
      `-m${String(streams)}`,
      `-D${String(seconds)}`,
      '--warm-up-time=1',
      `https://127.0.0.1:${String(port)}/`,
    ],
    (output) => ({
      requestsPerSecond: Number(/finished in [\d.]+m?s, ([\d.]+) req\/s/.exec(output)?.[1] ?? NaN),
      p50Ms: NaN,
      p99Ms: NaN,
    }),
  );
