import { z } from 'zod';
import { CommandError, lastLines, StageError } from '../../errors.ts';
import { cut } from '../../text/cut.ts';
import { linesOf } from '../../text/lines.ts';
import { systemFault } from '../../text/system-errors.ts';
import type { Shell } from './shell.ts';
import { answerOf, jsonOf, unexpected } from '../../model/answer.ts';

const QUICK_MS = 20_000;

const infoSchema = z.object({
  ServerVersion: z.string().optional(),
  CgroupVersion: z.string().optional(),
  SecurityOptions: z.array(z.string()).nullish(),
  DockerRootDir: z.string().optional(),
  CPUShares: z.boolean().optional(),
  PidsLimit: z.boolean().optional(),
  MemoryLimit: z.boolean().optional(),
  ServerErrors: z.array(z.string()).nullish(),
});

export interface DockerInfo {
  readonly version: string;
  /** `1` or `2`; null for engines that are too old to report it. */
  readonly cgroupVersion: string | null;
  readonly rootless: boolean;
  readonly rootDir: string;
  /** Rootless only: limits that kind needs but systemd has not delegated to the user. */
  readonly missingLimits: readonly string[];
}

const versionSchema = z.object({
  Client: z.object({ ApiVersion: z.string() }),
  Server: z.object({ Os: z.string(), Arch: z.string() }),
});

/** Versions and platform of client and engine. */
interface DockerVersion {
  /** The API version that both support, such as `1.48`. */
  readonly apiVersion: string;
  /** The platform of the engine, and so of the nodes: `linux/amd64`. */
  readonly platform: string;
}

/** How to run a command in a container. */
interface ExecOptions {
  readonly deadlineMs: number;
  readonly stdin?: string;
  readonly stdinFile?: string;
}

/** The docker commands that are needed in addition to kind. */
export interface Docker {
  info(): Promise<DockerInfo>;
  /**
   * Where the engine listens, such as `unix:///var/run/docker.sock` or `tcp://docker:2375`; null when the client does
   * not report it.
   */
  engineAddress(): Promise<string | null>;
  /** The network of a container, such as `bridge` or `host`; null when the engine has no such container. */
  networkOf(container: string): Promise<string | null>;
  hasImage(image: string): Promise<boolean>;
  version(): Promise<DockerVersion>;
  /** The platform of an image on this machine, such as `linux/amd64`; null when there is no such image. */
  platformOf(image: string): Promise<string | null>;
  /** Writes images to an archive; with a platform, only that one of each image. */
  save(images: readonly string[], file: string, platform: string | null, deadlineMs: number): Promise<void>;
  /** Loads an archive of images. */
  load(file: string, deadlineMs: number): Promise<void>;
  /**
   * The engine's id of an image: the digest of its configuration or, with the containerd image store, of its manifest.
   * Null when there is no such image.
   */
  imageId(image: string): Promise<string | null>;
  /** Copies a file out of a container. */
  copyFrom(container: string, path: string, file: string, deadlineMs: number): Promise<void>;
  /** Runs a command in a container, and returns what it prints. */
  exec(container: string, command: readonly string[], options: ExecOptions): Promise<string>;
  pull(image: string, deadlineMs: number): Promise<void>;
  /** Names of all containers, running or not, that kind created for a cluster. */
  containersOfCluster(cluster: string): Promise<string[]>;
  removeContainers(names: readonly string[]): Promise<void>;
  /** The port on this machine that is mapped to a container's port, or null. */
  publishedPort(container: string, port: number): Promise<number | null>;
  networkExists(name: string): Promise<boolean>;
  /** Removes a network; false when something still uses it or it does not exist. */
  removeNetwork(name: string): Promise<boolean>;
}

const MOST_PORTS = 65_535;

export function openDocker(shell: Shell): Docker {
  const docker = async (args: readonly string[], deadlineMs = QUICK_MS): Promise<string> =>
    (await shell.run('docker', args, { deadlineMs })).stdout.trim();
  const inspect = async (image: string, format: string): Promise<string | null> => {
    try {
      return await docker(['image', 'inspect', '--format', format, image]);
    } catch (error) {
      if (error instanceof CommandError && error.reason === 'exit') return null;
      throw error;
    }
  };

  /** Null for a client that fails here: some docker replacements support less. */
  const told = async (args: readonly string[]): Promise<string | null> => {
    try {
      return (await docker(args)) || null;
    } catch (error) {
      if (error instanceof CommandError && error.reason === 'exit') return null;
      throw error;
    }
  };

  return {
    info: async () => {
      const text = await docker(['info', '--format', '{{json .}}']).catch((error: unknown) => {
        throw dockerError(error);
      });
      return readInfo(text);
    },
    engineAddress: () => told(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']),
    networkOf: (container) => told(['container', 'inspect', '--format', '{{.HostConfig.NetworkMode}}', container]),
    hasImage: async (image) => (await inspect(image, '{{.Id}}')) !== null,
    version: async () => {
      const { Client, Server } = answerOf(
        'docker version',
        versionSchema,
        jsonOf('docker version', await docker(['version', '--format', '{{json .}}'])),
      );
      return { apiVersion: Client.ApiVersion, platform: `${Server.Os}/${Server.Arch}` };
    },
    platformOf: (image) => inspect(image, '{{.Os}}/{{.Architecture}}'),
    imageId: (image) => inspect(image, '{{.Id}}'),
    load: async (file, deadlineMs) => {
      await docker(['load', '--quiet', '--input', file], deadlineMs);
    },
    copyFrom: async (container, path, file, deadlineMs) => {
      await docker(['cp', `${container}:${path}`, file], deadlineMs);
    },
    save: async (images, file, platform, deadlineMs) => {
      await docker(
        ['save', ...(platform === null ? [] : ['--platform', platform]), '--output', file, ...images],
        deadlineMs,
      );
    },
    exec: async (container, command, options) =>
      (await shell.run('docker', ['exec', '--interactive', container, ...command], options)).stdout,
    pull: async (image, deadlineMs) => {
      await docker(['pull', '--quiet', image], deadlineMs);
    },
    containersOfCluster: async (cluster) =>
      linesOf(
        await docker(['ps', '--all', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`, '--format', '{{.Names}}']),
      ),
    removeContainers: async (names) => {
      await docker(['rm', '--force', '--volumes', ...names], 60_000);
    },
    publishedPort: async (container, port) => {
      const [first] = linesOf(await docker(['port', container, `${String(port)}/tcp`]));
      if (first === undefined) return null;
      const found = Number(/:(\d{1,5})$/.exec(first)?.[1]);
      if (found > 0 && found <= MOST_PORTS) return found;
      throw unexpected(`docker port ${container}`, `${JSON.stringify(cut(first, 80))} names no port`);
    },
    networkExists: async (name) =>
      linesOf(await docker(['network', 'ls', '--filter', `name=^${name}$`, '--format', '{{.Name}}'])).includes(name),
    removeNetwork: async (name) => {
      try {
        await docker(['network', 'rm', name]);
        return true;
      } catch (error) {
        if (error instanceof CommandError && error.reason === 'exit') return false;
        throw error;
      }
    },
  };
}

function readInfo(text: string): DockerInfo {
  let info: z.infer<typeof infoSchema>;
  try {
    info = infoSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new StageError('docker-unreachable', 'docker info printed something that is not its JSON.', {
      tryThis: "docker info --format '{{json .}}'",
      cause: error,
    });
  }
  if (info.ServerVersion === undefined || info.ServerVersion === '') {
    throw unreachable((info.ServerErrors ?? []).join(' ') || 'no server version');
  }
  const rootless = (info.SecurityOptions ?? []).some((option) => option.includes('rootless'));
  const limits = { cpu: info.CPUShares, memory: info.MemoryLimit, pids: info.PidsLimit };
  return {
    version: info.ServerVersion,
    cgroupVersion: info.CgroupVersion ?? null,
    rootless,
    rootDir: info.DockerRootDir ?? '/var/lib/docker',
    missingLimits: Object.entries(limits).flatMap(([name, there]) => (there === false ? [name] : [])),
  };
}

/** Finds out why docker does not answer. */
function dockerError(error: unknown): unknown {
  if (!(error instanceof CommandError) || error.reason === 'cancelled') return error;
  if (error.reason === 'not-started') {
    const refused = systemFault(error.cause);
    const message =
      refused === null || refused.code === 'ENOENT'
        ? 'The command docker was not found.'
        : `The command docker can't be run: ${refused.reason} (${refused.code}).`;
    return new StageError('docker-not-installed', message, {
      hint: 'kind runs the nodes of the cluster as Docker containers. Install Docker (https://docs.docker.com/engine/install/), or in a workflow use a runner that has it, such as ubuntu-latest.',
      tryThis: 'docker version',
      cause: error,
    });
  }
  const said = lastLines(`${error.result.stdout}\n${error.result.stderr}`, 3).join(' ');
  if (/permission denied/i.test(said)) {
    return new StageError('docker-permission-denied', `This user has no access to the Docker engine: ${said}`, {
      hint: 'Add the user to the group that owns the socket and log in again, or point DOCKER_HOST to another engine.',
      tryThis: 'sudo usermod -aG docker "$USER"',
      cause: error,
    });
  }
  return unreachable(error.reason === 'timeout' ? `no answer within ${String(QUICK_MS / 1000)} s` : said, error);
}

const unreachable = (said: string, cause?: unknown): StageError =>
  new StageError('docker-unreachable', `The Docker engine does not answer: ${said}`, {
    hint: 'It is not running, or DOCKER_HOST or the Docker context points somewhere else.',
    tryThis: 'docker info',
    cause,
  });
