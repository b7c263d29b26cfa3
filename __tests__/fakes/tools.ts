import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { delimiter, join } from 'node:path';
import { openShell, quoteCommand, type Shell } from '../../src/adapters/commands/shell.ts';
import { CommandError } from '../../src/errors.ts';
import { answer } from './bin/answer.js';
import { toolScript } from './tool-server.ts';

/** What a fake command does instead of its own work; see bin/answer.js. */
export interface Rule {
  readonly tool: 'docker' | 'kind' | 'kubectl';
  readonly match: string;
  readonly times?: number;
  readonly exit?: number;
  /** In an answer of Prometheus, "@end-3" is the time three seconds before the end of the window asked for. */
  readonly stdout?: string;
  readonly stderr?: string;
  readonly delayMs?: number;
  readonly hang?: boolean;
  readonly deaf?: boolean;
  readonly orphanMs?: number;
  /** `kind create` makes so many of its containers before it does what else the rule says. */
  readonly containers?: number;
  /** `kind create` has its containers made by children, which take this long and live on without it. */
  readonly childrenMs?: number;
  /** So many megabytes follow stdout. */
  readonly repeatMegabytes?: number;
}

export interface Scenario {
  readonly rules?: readonly Rule[];
  readonly dockerInfo?: object;
  /** The network of the container that the program runs in, when it runs in one. */
  readonly ownNetwork?: string;
  readonly kindVersion?: string;
  /** Whether `kind create` says nothing of how far it has come. */
  readonly silentKind?: boolean;
  /** The object, as kind/namespace/name, that must be there before `kind create` lets the workers join. */
  readonly joinsAfter?: string;
  readonly kubectlVersion?: string;
  /** A real kubectl, which builds kustomizations instead of the fake one. */
  readonly kustomize?: string;
  /** Version of the API that docker and its engine speak. */
  readonly dockerApi?: string;
  /** What `containerd config dump` prints on a node. */
  readonly containerdConfig?: string;
  /** What `docker load` finds in any archive. */
  readonly loaded?: { readonly name: string; readonly id: string };
  /** What `ctr images list` prints on a node, and what it prints when images were imported. */
  readonly imagesOfNode?: string;
  readonly imagesAfterImport?: string;
  /** The port that Docker says leads to the ingress. */
  readonly httpPort?: number;
  readonly httpsPort?: number;
}

interface Call {
  readonly tool: string;
  readonly args: readonly string[];
  readonly pid: number;
  /** The names in its environment. */
  readonly variables: readonly string[];
}

/** Executables named docker, kind and kubectl that keep their world in files. */
export interface FakeTools {
  /** The folder with the executables, for PATH. */
  readonly bin: string;
  readonly path: string;
  /** The folder of the files of their world. */
  readonly world: string;
  readonly scenario: (scenario: Scenario) => void;
  readonly calls: (tool?: Rule['tool']) => Call[];
  /** The arguments of each call of a tool, as one line. */
  readonly lines: (tool?: Rule['tool']) => string[];
  readonly names: (kind: 'containers' | 'networks' | 'applied' | 'images' | 'nodes') => string[];
  readonly add: (kind: 'containers' | 'networks' | 'images' | 'applied', name: string, value?: object) => void;
  /** The checksum of an executable, as an input gives it. */
  readonly sha256: (tool: Rule['tool']) => string;
  /** Puts kind and kubectl into a tool cache as @actions/tool-cache keeps them. */
  readonly fillToolCache: (folder: string) => void;
}

const TOOLS = ['docker', 'kind', 'kubectl'];

export function createFakeTools(folder: string): FakeTools {
  const bin = join(folder, 'bin');
  const world = join(folder, 'world');
  mkdirSync(bin, { recursive: true });
  mkdirSync(world, { recursive: true });
  for (const tool of TOOLS) {
    writeFileSync(join(bin, tool), toolScript(world, tool), { mode: 0o755 });
  }
  const scenario = (given: Scenario): void => {
    writeFileSync(join(world, 'scenario.json'), JSON.stringify(given));
  };
  scenario({});

  const calls = (tool?: Rule['tool']): Call[] => {
    const file = join(world, 'calls.jsonl');
    const all = existsSync(file) ? wholeLines(readFileSync(file, 'utf8')).map((line) => JSON.parse(line) as Call) : [];
    return all.filter((call) => tool === undefined || call.tool === tool);
  };
  const sha256 = (tool: string): string =>
    createHash('sha256')
      .update(readFileSync(join(bin, tool)))
      .digest('hex');
  return {
    bin,
    path: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    world,
    scenario,
    calls,
    lines: (tool) => calls(tool).map(({ args }) => args.join(' ')),
    names: (kind) =>
      existsSync(join(world, kind)) ? readdirSync(join(world, kind)).map(decodeURIComponent).sort() : [],
    add: (kind, name, value = {}) => {
      mkdirSync(join(world, kind), { recursive: true });
      writeFileSync(join(world, kind, encodeURIComponent(name)), JSON.stringify(value));
    },
    sha256,
    fillToolCache: (cache) => {
      for (const [tool, version] of [
        ['kind', '0.33.0'],
        ['kubectl', '1.35.8'],
      ] as const) {
        const place = join(cache, tool, version, arch());
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, tool), readFileSync(join(bin, tool)), { mode: 0o755 });
        writeFileSync(`${place}.complete`, '');
      }
    },
  };
}

/** The last line may just be on its way. */
const wholeLines = (text: string): string[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);

/** A shell whose commands find the fakes first. */
export const withPath = (shell: Shell, path: string): Shell => ({
  run: (command, args, options) => shell.run(command, args, { ...options, env: { ...options.env, PATH: path } }),
});

/**
 * A shell whose fakes answer in this process, in a hundredth of the time; what takes a process to show, to last or to
 * leave children behind, still gets one, and so do commands that are no fakes.
 */
export function withTools(tools: FakeTools, runSignal: AbortSignal): Shell {
  const processes = withPath(openShell({ signal: runSignal }), tools.path);
  return {
    run: async (command, args, options) => {
      const start = performance.now();
      const tool = TOOLS.find((name) => command === name || command === join(tools.bin, name));
      const signal = options.signal === undefined ? runSignal : options.signal;
      if (tool === undefined || signal?.aborted === true) return await processes.run(command, args, options);
      let stderr = '';
      const say = (text: string): void => {
        if (text === '') return;
        stderr += text;
        options.onStderr?.(text);
      };
      const { stdin = '', stdinFile, onStdout, onBytes } = options;
      const read = (): string => (stdinFile === undefined ? stdin : readFileSync(stdinFile, 'utf8'));
      const said = await answer(tools.world, tool, args, { stdin: read, stderr: say });
      if (said === null) return await processes.run(command, args, options);
      if (said.stdout !== '') {
        onStdout?.(said.stdout);
        onBytes?.(Buffer.from(said.stdout));
      }
      say(said.stderr);
      const result = {
        command: quoteCommand(command, args),
        exitCode: said.exit,
        signal: null,
        durationMs: performance.now() - start,
        stdout: (onStdout ?? onBytes) === undefined ? said.stdout : '',
        stderr,
      };
      if (said.exit !== 0) throw new CommandError(result, 'exit');
      return result;
    },
  };
}
