import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Trial } from './trial.ts';

/** https://github.com/Shopify/toxiproxy: a TCP proxy whose faults are switched over HTTP. */
const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server';
const VERSION = 'v2.12.0';
const BUILD_DEADLINE_MS = 600_000;

/** Why a row with toxiproxy can't run here, or null. It is built with Go, whose proxy and checksum database stand for the source. */
export const noToxiproxy = (): string | null =>
  existsSync(binary()) || spawnSync('go', ['version']).status === 0
    ? null
    : 'there is no Go toolchain to build toxiproxy with';

const folder = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'k8s-loadtest-ci', 'toxiproxy', VERSION);
const binary = (): string => join(folder(), 'toxiproxy-server');

let built: Promise<string> | null = null;

/** Builds toxiproxy into the cache of the user, once. */
function build(): Promise<string> {
  built ??= (async () => {
    if (existsSync(binary())) return binary();
    const part = join(folder(), String(process.pid));
    mkdirSync(part, { recursive: true });
    await promisify(execFile)('go', ['install', `${MODULE}@${VERSION}`], {
      env: { ...process.env, GOBIN: part, GOFLAGS: '-mod=mod' },
      timeout: BUILD_DEADLINE_MS,
    });
    renameSync(join(part, 'server'), binary());
    return binary();
  })();
  return built;
}

/** A proxy on loopback before a server on loopback. */
export interface Proxy {
  readonly port: number;
  /** Adds a fault to what the server sends, on existing connections too. */
  toxic(type: string, attributes: Readonly<Record<string, number>>, toxicity?: number): Promise<void>;
  /** Nothing listens any more, and every connection is ended. */
  disable(): Promise<void>;
}

export async function startProxy(trial: Trial, upstreamPort: number): Promise<Proxy> {
  const [program, apiPort] = [await build(), await freePort()];
  const server = spawn(program, ['-host', '127.0.0.1', '-port', String(apiPort)], { stdio: 'ignore' });
  trial.defer(() => {
    server.kill('SIGKILL');
  });
  const ask = async (method: string, path: string, body: object): Promise<{ listen: string }> => {
    const response = await fetch(`http://127.0.0.1:${String(apiPort)}${path}`, {
      method,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok)
      throw new Error(`toxiproxy answers ${path} with ${String(response.status)}: ${await response.text()}`);
    return (await response.json()) as { listen: string };
  };
  const { listen } = await untilUp(() =>
    ask('POST', '/proxies', {
      name: 'ingress',
      listen: '127.0.0.1:0',
      upstream: `127.0.0.1:${String(upstreamPort)}`,
      enabled: true,
    }),
  );
  return {
    port: Number(listen.split(':').at(-1)),
    toxic: async (type, attributes, toxicity = 1) => {
      await ask('POST', '/proxies/ingress/toxics', { type, stream: 'downstream', toxicity, attributes });
    },
    disable: async () => {
      await ask('POST', '/proxies/ingress', { enabled: false });
    },
  };
}

async function untilUp<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 100 || !(error instanceof TypeError)) throw error;
      await sleep(100);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
