import { build } from 'esbuild';
import type { LoadPlan } from '../src/load/requests/plan.ts';
import type { EngineName, EngineRun } from './engine.ts';
import { canGoAhead, isInstalled, runGenerator } from './machine.ts';

export interface Settings {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Sent as the Host header. */
  readonly host: string;
  /** Over https nobody looks at the certificate. */
  readonly scheme: 'http' | 'https';
  /** Whether the generator has a core of its own; without one it shares all of them with the system under test. */
  readonly pinned: boolean;
}

/** One measurement of one generator; NaN for what it does not tell. */
export interface Sample {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of the generator alone, its start included for programs that are not ours. */
  readonly cpuMicrosPerRequest: number;
}

export interface Generator {
  readonly name: string;
  /** The command that must be on PATH, and how it gets there; null for our own. */
  readonly needs: { readonly command: string; readonly install: string } | null;
  run(settings: Settings): Promise<Sample>;
}

/** How much longer than its load a generator may take in all. */
const GRACE_MS = 20_000;

export const generators: readonly Generator[] = [
  peer(
    'wrk',
    'apt-get install wrk',
    ({ host, connections, seconds, ...server }) => [
      'wrk',
      '-t1',
      `-c${String(connections)}`,
      `-d${String(seconds)}s`,
      '--latency',
      '-H',
      `Host: ${host}`,
      url(server),
    ],
    readWrk,
  ),
  ours('ours', 'fast'),
  ours('ours without its rehearsal', 'unrehearsed'),
  ours("undici's dispatch", 'undici'),
  peer(
    'autocannon',
    'npm install --global autocannon',
    ({ host, connections, seconds, ...server }) => [
      'autocannon',
      '-c',
      String(connections),
      '-d',
      String(seconds),
      '-H',
      `Host=${host}`,
      '--json',
      '--no-progress',
      url(server),
    ],
    readAutocannon,
  ),
  peer(
    'hey',
    'go install github.com/rakyll/hey@latest',
    ({ host, connections, seconds, pinned, ...server }) => [
      'hey',
      ...(pinned ? ['-cpus', '1'] : []),
      '-c',
      String(connections),
      '-z',
      `${String(seconds)}s`,
      '-host',
      host,
      url(server),
    ],
    readHey,
  ),
  peer(
    'vegeta',
    'go install github.com/tsenart/vegeta/v12@latest',
    ({ host, connections, seconds, ...server }) => [
      'bash',
      '-c',
      `printf 'GET ${url(server)}\\nHost: ${host}\\n' | vegeta attack -rate=0 -max-workers=${String(connections)} -workers=${String(connections)} -connections=${String(connections)} -duration=${String(seconds)}s | vegeta report -type=json`,
    ],
    readVegeta,
  ),
  k6('k6', 1),
  ours("undici's request()", 'request'),
];

/** Runs one of our engines in a process of its own, its thread `ahead` of all other programs where that is wanted and allowed; `timed` to be told when the load began. */
export async function runEngine(
  engine: EngineName,
  port: number,
  plan: LoadPlan,
  timeoutMs: number,
  { pinned = true, ahead = false, timed = false } = {},
): Promise<EngineRun> {
  const command = [
    process.execPath,
    await bundledEngine(),
    engine,
    String(port),
    JSON.stringify(plan),
    ...(ahead && canGoAhead ? ['ahead'] : []),
    ...(timed ? ['timed'] : []),
  ];
  const { output } = await runGenerator(command, timeoutMs, pinned);
  return JSON.parse(output) as EngineRun;
}

const BUNDLE = 'artifacts/bench-engine.js';
let bundling: Promise<unknown> | undefined;

/** The engine as it is released: without tsx, whose own process and thread would share its core. */
async function bundledEngine(): Promise<string> {
  bundling ??= build({
    entryPoints: ['bench/engine.ts'],
    outfile: BUNDLE,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2023',
  });
  await bundling;
  return BUNDLE;
}

/** A plan over both hosts; every part can be replaced. */
export function benchPlan(overrides: Partial<LoadPlan>): LoadPlan {
  return {
    targets: ['foo.localhost', 'bar.localhost'].map((host) => ({ host, path: '/', expectedText: 'foo' })),
    model: { kind: 'closed', concurrency: 50 },
    requests: null,
    durationMs: null,
    warmupRequests: 0,
    rampUpMs: 0,
    requestTimeoutMs: 10_000,
    seed: 'bench',
    ...overrides,
  };
}

const url = ({ scheme, port }: Pick<Settings, 'scheme' | 'port'>): string => `${scheme}://127.0.0.1:${String(port)}/`;

/** k6, which speaks HTTP/2 wherever a server offers it over TLS, unless Go's client is told not to. */
export function k6(name: string, httpVersion: 1 | 2): Generator {
  return peer(
    name,
    'a release of github.com/grafana/k6',
    ({ scheme, port, host, connections, seconds }) => [
      'bash',
      '-c',
      `echo "import http from 'k6/http'; export const options = { insecureSkipTLSVerify: true, hosts: { '${host}': '127.0.0.1' } }; export default () => { http.get('${scheme}://${host}:${String(port)}/', { headers: { Host: '${host}' } }); }" | ${httpVersion === 1 ? 'GODEBUG=http2client=0 ' : ''}k6 run --quiet --no-usage-report --summary-mode=legacy --summary-trend-stats=med,p\\(99\\) --vus ${String(connections)} --duration ${String(seconds)}s -`,
    ],
    readK6,
    'k6',
  );
}

/** One of our engines, the fast one over HTTPS where that is asked for; `changes` replace parts of its plan. */
export function ours(name: string, engine: EngineName, changes: Partial<LoadPlan> = {}): Generator {
  return {
    name,
    needs: null,
    run: ({ scheme, port, host, connections, seconds, pinned }) => {
      const plan = benchPlan({
        targets: [{ host, path: '/', ...(scheme === 'https' ? { scheme } : {}) }],
        model: { kind: 'closed', concurrency: connections },
        durationMs: seconds * 1000,
        warmupRequests: connections,
        ...changes,
      });
      return runEngine(
        scheme === 'https' && engine === 'fast' ? 'tls' : engine,
        port,
        plan,
        seconds * 1000 + GRACE_MS,
        { pinned },
      );
    },
  };
}

type Reading = Omit<Sample, 'cpuMicrosPerRequest'>;

/** @param command what must be on PATH for it; by default its name. */
export function peer(
  name: string,
  install: string,
  line: (settings: Settings) => readonly string[],
  read: (output: string) => Reading,
  command = name,
): Generator {
  return {
    name,
    needs: { command, install },
    run: async (settings) => {
      const { output, cpuMicros } = await runGenerator(
        line(settings),
        settings.seconds * 1000 + GRACE_MS,
        settings.pinned,
      );
      const reading = read(output);
      return { ...reading, cpuMicrosPerRequest: cpuMicros / (reading.requestsPerSecond * settings.seconds) };
    },
  };
}

/** The generators that can run here, and a line for each that can't. */
export function available(wanted: readonly Generator[]): { present: readonly Generator[]; missing: readonly string[] } {
  const absent = ({ needs }: Generator): boolean => needs !== null && !isInstalled(needs.command);
  return {
    present: wanted.filter((generator) => !absent(generator)),
    missing: wanted
      .filter(absent)
      .map(({ name, needs }) => `${name} is skipped, since it is not on PATH: ${needs?.install ?? ''}`),
  };
}

const number = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? NaN);

function readWrk(output: string): Reading {
  const ms = (percent: string): number => {
    const [, value = 'NaN', unit = 'ms'] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(output) ?? [];
    return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? NaN);
  };
  return { requestsPerSecond: number(output, /Requests\/sec:\s+([\d.]+)/), p50Ms: ms('50'), p99Ms: ms('99') };
}

function readAutocannon(output: string): Reading {
  const { requests, latency } = JSON.parse(output) as {
    requests: { average: number };
    latency: { p50: number; p99: number };
  };
  return { requestsPerSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99 };
}

function readHey(output: string): Reading {
  return {
    requestsPerSecond: number(output, /Requests\/sec:\s+([\d.]+)/),
    p50Ms: number(output, /50%+ in ([\d.]+) secs/) * 1000,
    p99Ms: number(output, /99%+ in ([\d.]+) secs/) * 1000,
  };
}

function readVegeta(output: string): Reading {
  const { throughput, latencies } = JSON.parse(output) as {
    throughput: number;
    latencies: Record<'50th' | '99th', number>;
  };
  return { requestsPerSecond: throughput, p50Ms: latencies['50th'] / 1e6, p99Ms: latencies['99th'] / 1e6 };
}

function readK6(output: string): Reading {
  const duration = /http_req_duration[.]*: (.*)/.exec(output)?.[1] ?? '';
  const ms = (pattern: RegExp): number => {
    const [, value = 'NaN', unit = 'ms'] = pattern.exec(duration) ?? [];
    return Number(value) * ({ µs: 0.001, us: 0.001, ms: 1, s: 1000 }[unit] ?? NaN);
  };
  return {
    requestsPerSecond: number(output, /http_reqs[.]*: \d+\s+([\d.]+)\/s/),
    p50Ms: ms(/med=([\d.]+)(µs|us|ms|s)/),
    p99Ms: ms(/p\(99\)=([\d.]+)(µs|us|ms|s)/),
  };
}
