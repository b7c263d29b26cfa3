import { type EchoServices, IN_TURN, OVER_TLS, startEchoServices } from '../adapters/echo-services.ts';
import { machineFacts } from '../adapters/machine.ts';
import { targetsOfVersion } from '../cluster/sides/version-names.ts';
import { type Context, ingressOf } from '../context.ts';
import { StageError } from '../errors.ts';
import { faultsOfTry } from '../inputs/try-rules.ts';
import type { Target } from '../load/requests/plan.ts';
import type { ComparedVersion } from '../model/comparison.ts';
import { endpointText } from '../model/endpoint.ts';
import type { Report } from '../model/report.ts';
import type { Side } from '../model/sides.ts';
import { compareVersionsWith, READ_BASELINE_REPORT, RUN_LOAD, runPipeline } from '../pipeline.ts';
import { checkInputs } from '../stages/check-inputs.ts';
import { installEngine } from '../stages/install-tools.ts';
import { targetsOf } from '../stages/loading/targets.ts';
import { type EchoSystem, TLS_OPTION } from '../system.ts';

/**
 * A run without a cluster: the same load, engine and report, on the tool's own echo services. What only a cluster can
 * tell is shown as not measured.
 *
 * @param tls whether they are loaded over HTTPS, with a certificate of the run.
 */
export const tryWithoutCluster = (context: Context, serveCommand: readonly string[], tls: boolean): Promise<Report> =>
  runOnEchoServices(context, {
    serveCommand,
    services: hostsOf(targetsOf(context)),
    options: [],
    tls,
    compares: false,
  });

/**
 * A comparison without a cluster, of two sets of echo services that are loaded in turns like two versions on a cluster.
 * With `mode: capacity` each service handles one request at a time, so it has a known capacity: 200 per second without
 * a slow-down. Otherwise the search would find the capacity of the machine.
 *
 * @param slowDown by how much later the services of head answer, such as `2ms`; not at all without it.
 * @throws StageError `input-invalid` when it is not such a time.
 */
export async function tryToCompare(
  context: Context,
  serveCommand: readonly string[],
  slowDown: string | undefined,
  tls: boolean,
): Promise<Report> {
  const delayMs = slowDown === undefined ? 0 : delayOf(slowDown);
  const targets = targetsOf(context).map(({ host, path, expectedText }) => ({
    host,
    path,
    ...(expectedText === undefined ? {} : { expectedText }),
  }));
  const [base, head] = [hostsOf(targetsOfVersion('base', targets)), hostsOf(targetsOfVersion('head', targets))];
  const version = (label: Side, served: string, hosts: readonly string[]): ComparedVersion => ({
    label,
    manifests: [served],
    images: [],
    hosts: [...hosts],
  });
  const searched = context.inputs.mode === 'capacity';
  const note =
    delayMs === 0
      ? 'the same echo services again'
      : searched
        ? `the echo services with ${String(delayMs)} ms more per request`
        : `the echo services, with each answer delayed by ${String(delayMs)} ms`;
  context.store.update({
    comparedVersions: {
      base: version('base', 'the echo services', base),
      head: version('head', note, head),
      namespaces: { base: [], head: [] },
      targets,
    },
  });
  const answering = (hosts: readonly string[], ms: number): string[] =>
    hosts.map((host) =>
      searched ? `${host}=${String(IN_TURN_MS + ms)},${IN_TURN}` : ms > 0 ? `${host}=${String(ms)}` : host,
    );
  const services = [...answering(base, 0), ...answering(head, delayMs)];
  const options = ['--compare', ...(slowDown === undefined ? [] : [`--slow-down ${slowDown}`])];
  return await runOnEchoServices(context, { serveCommand, services, options, tls, compares: true });
}

/** The time that a service with a known capacity takes for each request. */
const IN_TURN_MS = 5;

const hostsOf = (targets: readonly Target[]): string[] => [...new Set(targets.map(({ host }) => host))];

function delayOf(text: string): number {
  const ms = /^(\d{1,4}(?:\.\d{1,3})?)ms$/.exec(text)?.[1];
  if (ms === undefined)
    throw new StageError(
      'input-invalid',
      `Option --slow-down is ${JSON.stringify(text)}; allowed: a time in milliseconds such as 2ms or 0.5ms.`,
    );
  return Number(ms);
}

interface EchoRun {
  readonly serveCommand: readonly string[];
  /** Hosts, each optionally with how it answers; see `serveEchoServices` for the syntax. */
  readonly services: readonly string[];
  /** Whether the services are restarted when head looks worse. */
  readonly compares: boolean;
  /** Options of the command other than inputs, as on its command line. */
  readonly options: readonly string[];
  /** Whether the services are loaded over HTTPS. */
  readonly tls: boolean;
}

async function runOnEchoServices(
  before: Context,
  { serveCommand, services: asked, options: given, tls, compares }: EchoRun,
): Promise<Report> {
  const options = [...given, ...(tls ? [TLS_OPTION] : [])];
  const faults = faultsOfTry(before.inputs, before.store.state.settings, compares);
  const context = { ...before, faults: [...before.faults, ...faults] };
  const { store, inputs, runner } = context;
  const system: EchoSystem = { kind: 'echo', ingress: null, options };
  store.update({ system, environment: { ...machineFacts(), dockerVersion: null, cgroupVersion: null } });
  let services: EchoServices | undefined;
  const start = async (): Promise<number> => {
    await services?.stop();
    services = undefined;
    services = await startEchoServices(process.argv[1] ?? '', [...serveCommand, ...(tls ? [OVER_TLS] : []), ...asked]);
    store.update({ system: { ...system, ingress: services.ingress } });
    return asked.length;
  };
  try {
    return await runPipeline(context, [
      { name: 'check-inputs', run: checkInputs },
      READ_BASELINE_REPORT,
      ...(inputs.engine === 'builtin' ? [] : [{ name: 'install-engine', run: installEngine }]),
      {
        name: 'start-echo-services',
        run: async () => {
          await start();
          const hosts = asked.map((service) => service.replace(/=.*$/, '')).join(', ');
          runner.info(`${hosts} answer at ${endpointText(ingressOf(context))}${tls ? ' over HTTPS' : ''}`);
        },
      },
      compares ? compareVersionsWith(start) : RUN_LOAD,
    ]);
  } finally {
    await services?.stop();
  }
}
