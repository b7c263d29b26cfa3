import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** The options of our command line for versions that a machine has in the place of the pinned ones. */
export function versionOptions(): string[] {
  const given = {
    'kind-version': 'E2E_KIND_VERSION',
    'kind-sha256': 'E2E_KIND_SHA256',
    'kubectl-version': 'E2E_KUBECTL_VERSION',
    'kubectl-sha256': 'E2E_KUBECTL_SHA256',
    'node-image': 'E2E_NODE_IMAGE',
  };
  return Object.entries(given).flatMap(([input, variable]) =>
    process.env[variable] === undefined ? [] : [`--${input}`, process.env[variable]],
  );
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What a command has printed. */
export interface Said {
  readonly output: string;
  readonly errors: string;
}

/** @throws Error with the last words of a command that fails or does not end within `deadlineMs`. */
export async function runCommand(
  program: string,
  args: readonly string[],
  deadlineMs: number,
  env: NodeJS.ProcessEnv = {},
): Promise<Said> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: deadlineMs,
    killSignal: 'SIGINT',
  });
  const said = { output: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.errors += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(
      `${program} ${args.slice(0, 8).join(' ')} ended with ${String(code)}: ${`${said.output}\n${said.errors}`.slice(-2000)}`,
    );
  return said;
}
