import { dirname } from 'node:path';
import { pathWith } from '../../adapters/commands/environment.ts';
import { remove, writeFileAtomically } from '../../adapters/files.ts';
import { withoutSecrets } from '../../adapters/secrets.ts';
import { trustedRoots } from '../../adapters/trusted-roots.ts';
import { namespaceOf } from '../../cluster/sides/version-names.ts';
import { workloadsOf } from '../../cluster/manifests.ts';
import { clusterOf, type Context, ingressOf, kubectlCommand, kubectlOf, outputPath, toolOf } from '../../context.ts';
import { CommandError, lastLines, messageOf, StageError } from '../../errors.ts';
import { type Endpoint, endpointText } from '../../model/endpoint.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import { LineJoiner } from '../../text/lines.ts';
import { renderedObjects } from '../rendering/rendered-parts.ts';
import { everyTargetOf } from './targets.ts';

/** How GitHub runs workflow steps with `shell: bash`. */
const BASH = ['--noprofile', '--norc', '-eo', 'pipefail', '-c'];
/** This many lines of an error show the reason. */
const TOLD_LINES = 20;

/**
 * Runs the command of input `prepare` for each version of the application, one after the other.
 *
 * @throws StageError `prepare-failed`.
 */
export async function runPrepare(context: Context): Promise<void> {
  for (const side of sidesOf(context)) await runUserCommand(context, 'prepare', side);
}

/**
 * Runs the command of input `reset` for one version, if there is one.
 *
 * @throws StageError `prepare-failed`.
 */
export async function reset(context: Context, side: Side): Promise<void> {
  if (context.inputs.reset !== null) await runUserCommand(context, 'reset', side);
}

/** Two controllers share one application. */
function sidesOf({ store }: Context): readonly Side[] {
  const { comparedVersions } = store.state;
  return comparedVersions === undefined || comparedVersions.subject === 'ingress-controllers' ? ['head'] : SIDES;
}

async function runUserCommand(context: Context, input: 'prepare' | 'reset', side: Side): Promise<void> {
  const { inputs, runner, shell, store, clock } = context;
  const command = inputs[input];
  if (command === null) return;
  const label = store.state.comparedVersions === undefined ? '' : `${side}: `;
  const told: string[] = [];
  const tell = (printed: string): void => {
    // Here, as a long line is cut before it is told: a part of a secret would be known by nobody.
    const line = withoutSecrets(printed);
    told.push(line);
    if (told.length > TOLD_LINES) told.shift();
    // A reset runs again and again, so its output is shown only when it fails.
    if (input === 'prepare') runner.info(`${label}${line}`);
  };
  const [stdout, stderr] = [new LineJoiner(), new LineJoiner()];
  const tellRest = (): void => {
    for (const rest of [stdout.end(), stderr.end()]) if (rest !== '') tell(rest);
  };
  const { env, forget } = await environmentOf(context, side);
  const began = clock.now();
  try {
    await shell.run('bash', [...BASH, command], {
      deadlineMs: inputs['prepare-timeout'],
      env,
      onStdout: (text) => {
        stdout.push(text).forEach(tell);
      },
      onStderr: (text) => {
        stderr.push(text).forEach(tell);
      },
    });
    tellRest();
    if (input === 'prepare') runner.info(`${label}prepared in ${((clock.now() - began) / 1000).toFixed(1)} s`);
  } catch (error) {
    if (error instanceof CommandError && error.reason === 'cancelled') throw error;
    tellRest();
    throw commandError(context, input, side, error, told);
  } finally {
    forget();
  }
}

interface UserEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Removes files with credentials. */
  readonly forget: () => void;
}

/** Secrets of the run are never in a command's environment. */
async function environmentOf(context: Context, side: Side): Promise<UserEnvironment> {
  const cluster = clusterOf(context);
  const kubeconfig = cluster.kind === 'own' ? cluster.kubeconfig : outputPath(context, 'kubeconfig-of-commands');
  // Only the run knows which context of the user's kubeconfig is meant.
  if (cluster.kind === 'existing')
    writeFileAtomically(kubeconfig, await kubectlOf(context).text('config', 'view', '--minify', '--flatten', '--raw'), {
      mode: 0o600,
    });
  const hosts = everyTargetOf(context).find((each) => each.side === side)?.targets ?? [];
  const ingress = ingressOf(context, side);
  return {
    env: {
      KUBECONFIG: kubeconfig,
      INGRESS_URL: `http://${endpointText(ingress)}`,
      ...httpsEnvironment(context, ingress),
      HOSTS: [...new Set(hosts.map(({ host }) => host))].join(' '),
      NAMESPACE: namespaceOfSide(context, side),
      VERSION: side,
      PATH: pathWith(dirname(toolOf(context, 'kubectl').path)),
    },
    forget: () => {
      if (cluster.kind === 'existing') remove(kubeconfig);
    },
  };
}

/**
 * What an HTTPS client needs, such as `curl --cacert "$INGRESS_CA" --connect-to "::$INGRESS_HTTPS" "https://$host/"`.
 */
function httpsEnvironment(context: Context, { address, tls }: Endpoint): Readonly<Record<string, string>> {
  if (tls === undefined) return {};
  const authorities = outputPath(context, 'trusted.pem');
  writeFileAtomically(authorities, [...trustedRoots(), ...tls.authorities].join('\n'));
  return { INGRESS_HTTPS: endpointText({ address, port: tls.port }), INGRESS_CA: authorities };
}

/**
 * The namespace of a side's application: the one of the inputs if anything is in it, otherwise that of its first
 * workload.
 */
function namespaceOfSide(context: Context, side: Side): string {
  const { inputs, store } = context;
  const cluster = clusterOf(context);
  if (cluster.kind === 'existing') return cluster.namespace;
  const { comparedVersions } = store.state;
  const separate = comparedVersions !== undefined && comparedVersions.subject !== 'ingress-controllers';
  const asked = separate ? namespaceOf(side, inputs.namespace) : inputs.namespace;
  const workloads = workloadsOf(renderedObjects(context, 'application')).map(({ namespace }) => namespace);
  const own = separate ? workloads.filter((name) => comparedVersions.namespaces[side].includes(name)) : workloads;
  return own.includes(asked) ? asked : (own[0] ?? asked);
}

function commandError(
  context: Context,
  input: 'prepare' | 'reset',
  side: Side,
  error: unknown,
  told: readonly string[],
): unknown {
  if (!(error instanceof CommandError)) return error;
  const { exitCode, signal } = error.result;
  const what = {
    exit: signal === null ? `ended with exit code ${String(exitCode)}` : `was ended by ${signal}`,
    timeout: `took longer than ${String(context.inputs['prepare-timeout'] / 1000)} s (input prepare-timeout)`,
    cancelled: 'was cancelled',
    'not-started': `could not be started: ${messageOf(error.cause)}`,
  }[error.reason];
  const lines = lastLines(told.join('\n'), TOLD_LINES);
  const log = lines.length === 0 ? '' : `\nIts last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new StageError('prepare-failed', `The command of input ${input} ${what} for ${side}.${log}`, {
    hint: 'It runs on this machine with bash -eo pipefail and KUBECONFIG, INGRESS_URL, INGRESS_HTTPS, INGRESS_CA, HOSTS, NAMESPACE and VERSION in its environment. Diagnostics of the cluster are in the output folder.',
    tryThis: kubectlCommand(context, 'get', 'pods', `--namespace=${namespaceOfSide(context, side)}`),
    cause: error,
  });
}
