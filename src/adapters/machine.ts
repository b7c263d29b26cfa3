import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { arch, availableParallelism, cpus, hostname, networkInterfaces, platform, release, totalmem } from 'node:os';
import type { Platform } from '../cluster/pinned-versions.ts';
import { LOOPBACK } from '../model/endpoint.ts';

export interface MachineFacts {
  readonly os: string;
  readonly arch: string;
  readonly cpuModel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly nodeVersion: string;
}

export const machineFacts = (): MachineFacts => ({
  os: `${platform()} ${release()}`,
  arch: arch(),
  cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
  cpus: availableParallelism(),
  memoryBytes: totalmem(),
  nodeVersion: process.version,
});

/** The platform in the notation of kind and kubectl, or undefined if they have no binary for it that we pin. */
export function toolPlatform(os: string = platform(), cpu: string = arch()): Platform | undefined {
  const osName = { linux: 'linux', darwin: 'darwin' }[os];
  const cpuName = { x64: 'amd64', arm64: 'arm64' }[cpu];
  return osName === undefined || cpuName === undefined ? undefined : (`${osName}/${cpuName}` as Platform);
}

/** Bytes that this user may still write to the file system of a path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** The host name and the addresses of this machine, or container, other than loopback. */
export const namesOfThisMachine = (): string[] => [
  hostname(),
  ...Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address)),
];

/** The engine's name for the container that this program runs in; null outside one. */
export function ownContainer(): string | null {
  if (!['/.dockerenv', '/run/.containerenv'].some((file) => existsSync(file))) return null;
  try {
    // Docker mounts the files of its DNS from a folder with the name of the container, which may have any host name.
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    return /\/containers\/([0-9a-f]{64})\//.exec(mounts)?.[1] ?? hostname();
  } catch {
    return hostname();
  }
}

export interface InotifyLimits {
  readonly watches: number;
  readonly instances: number;
}

/** Null where there is no inotify, as on macOS. */
export function inotifyLimits(): InotifyLimits | null {
  const read = (name: string): number => Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
  try {
    return { watches: read('max_user_watches'), instances: read('max_user_instances') };
  } catch {
    return null;
  }
}

/**
 * Whether Docker could publish a port on 127.0.0.1. A user who may not bind a low port can still have Docker do it, so
 * there the test is whether anything answers.
 */
export async function portIsFree(port: number): Promise<boolean> {
  const bound = await new Promise<'free' | 'taken' | 'denied'>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EACCES' ? 'denied' : 'taken');
    });
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      server.close(() => {
        resolve('free');
      });
    });
  });
  return bound === 'denied' ? !(await somebodyListens(port)) : bound === 'free';
}

const somebodyListens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port, timeout: 1000 });
    const answer = (listens: boolean) => () => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
    socket.once('timeout', answer(true));
  });
