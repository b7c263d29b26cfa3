import { CommandError, messageOf } from '../../errors.ts';
import { LOOPBACK } from '../../model/endpoint.ts';
import { LineJoiner, linesOf } from '../../text/lines.ts';
import type { WorkloadReference } from '../../cluster/manifests.ts';
import type { Shell } from './shell.ts';
import { jsonOf } from '../../model/answer.ts';

const QUICK_MS = 30_000;
const FIELD_MANAGER = 'k8s-loadtest-ci';

/** The kubectl commands, for one cluster. */
export interface Kubectl {
  /** The parsed output of `kubectl get … --output=json`. */
  get(...args: string[]): Promise<unknown>;
  /** The text at one path of the API server. */
  raw(path: string): Promise<string>;
  /**
   * Follows one path of the API server that sends one line of JSON for each event, until the signal is aborted or the
   * server ends the response.
   *
   * @throws CommandError when it ended otherwise, and when the signal was aborted; whatever `onEvent` throws.
   */
  watch(
    path: string,
    onEvent: (event: unknown) => void,
    options: { readonly deadlineMs: number; readonly signal: AbortSignal },
  ): Promise<void>;
  /** Server-side apply of objects in JSON, one per line. */
  apply(json: string, deadlineMs: number): Promise<void>;
  /** Client-side apply of the same format, for objects that the API server can't merge. */
  applyByClient(json: string, deadlineMs: number): Promise<void>;
  /** Creates objects in JSON, one per line; an existing one is an error and is not changed. */
  create(json: string, deadlineMs: number): Promise<void>;
  /** Changes a workload with a strategic merge patch in JSON. */
  patch(workload: WorkloadReference, json: string): Promise<void>;
  /** Requests the deletion of one object without waiting for it; a missing one is fine. */
  delete(resource: string, name: string, namespace: string | null): Promise<void>;
  /**
   * Requests the deletion of all objects of these kinds (`Service,ConfigMap`) in a namespace that have a label
   * (`name=value`).
   */
  deleteAll(resources: string, label: string, namespace: string): Promise<void>;
  /**
   * Passes on the log of a container from its beginning until it ends.
   *
   * @throws CommandError when the connection was lost, or after the deadline.
   */
  followLog(pod: string, namespace: string, deadlineMs: number, onText: (text: string) => void): Promise<void>;
  /**
   * Opens a port on 127.0.0.1 that leads to a port of one pod of a Service, until the signal is aborted or the deadline
   * passes.
   *
   * @param options.localPort the port to open; chosen by the kernel by default.
   * @throws CommandError with kubectl's reason when it can't be opened; Error when it is not open after ten seconds.
   */
  forward(service: ServicePort, options: ForwardOptions): Promise<Forward>;
  /** Like `forward`, to a pod; the port is a number. */
  forwardToPod(pod: ServicePort, options: ForwardOptions): Promise<Forward>;
  /**
   * Runs a command in the default container of a pod, without a shell.
   *
   * @returns its output, at most 64 MiB.
   * @throws CommandError with its last lines when it failed, was not found, or took too long.
   */
  exec(pod: PodName, command: readonly string[], options: ExecOptions): Promise<Buffer>;
  /** Deletes objects in JSON, one per line, and waits until they are gone; missing ones are fine. */
  remove(json: string, deadlineMs: number): Promise<void>;
  /** The names of the nodes that have all of these labels (`name=value`). */
  nodesWith(...labels: string[]): Promise<string[]>;
  /** The output of kubectl for these arguments. */
  text(...args: string[]): Promise<string>;
}

/** A port of a Service. */
export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  /** By number or name. */
  readonly port: string;
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

interface ExecOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** More than any profile of some seconds. */
const MOST_BYTES = 64 * 1024 * 1024;

interface ForwardOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly localPort?: number | undefined;
}

/** A port on 127.0.0.1 that leads into the cluster. */
export interface Forward {
  readonly port: number;
  /** Resolves, with the reason, when nothing is forwarded any more. */
  readonly ended: Promise<string>;
  /** Closes the port and cuts off whatever uses it. */
  close(): Promise<void>;
}

/** @param context of the kubeconfig; its current one by default. */
export function openKubectl(shell: Shell, path: string, kubeconfig: string, context?: string): Kubectl {
  const to = ['--kubeconfig', kubeconfig, ...(context === undefined ? [] : ['--context', context])];
  const run = async (args: readonly string[], deadlineMs = QUICK_MS, stdin?: string): Promise<string> => {
    const options = { deadlineMs, ...(stdin === undefined ? {} : { stdin }) };
    return (await shell.run(path, [...to, ...args], options)).stdout;
  };
  const forwardTo = (
    kind: 'service' | 'pod',
    { namespace, name, port }: ServicePort,
    { deadlineMs, signal, localPort }: ForwardOptions,
  ): Promise<Forward> =>
    openForward(`:${port}`, localPort, (ports, onStdout, over) =>
      shell.run(
        path,
        [...to, 'port-forward', `--namespace=${namespace}`, `--address=${LOOPBACK}`, `${kind}/${name}`, ports],
        { deadlineMs, signal: AbortSignal.any([signal, over]), onStdout },
      ),
    );
  return {
    get: async (...args) => {
      const text = await run(['get', ...args, '--output=json']);
      return jsonOf(`kubectl get ${args.join(' ')}`, text);
    },
    raw: (apiPath) => run(['get', '--raw', apiPath]),
    watch: async (apiPath, onEvent, options) => {
      const lines = new LineJoiner();
      const onStdout = (text: string): void => {
        for (const line of lines.push(text)) onEvent(jsonOf(`kubectl get --raw ${apiPath}`, line));
      };
      await shell.run(path, [...to, 'get', '--raw', apiPath], { ...options, onStdout });
    },
    apply: async (json, deadlineMs) => {
      await run(
        ['apply', '--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`, '--filename=-'],
        deadlineMs,
        json,
      );
    },
    applyByClient: async (json, deadlineMs) => {
      await run(['apply', `--field-manager=${FIELD_MANAGER}`, '--filename=-'], deadlineMs, json);
    },
    create: async (json, deadlineMs) => {
      await run(['create', `--field-manager=${FIELD_MANAGER}`, '--filename=-'], deadlineMs, json);
    },
    patch: async ({ kind, namespace, name }, json) => {
      await run(['patch', kind, name, `--namespace=${namespace}`, '--type=strategic', `--patch=${json}`]);
    },
    delete: async (resource, name, namespace) => {
      await run([
        'delete',
        resource,
        name,
        ...(namespace === null ? [] : [`--namespace=${namespace}`]),
        '--ignore-not-found',
        '--wait=false',
      ]);
    },
    deleteAll: async (resources, label, namespace) => {
      await run([
        'delete',
        resources,
        `--selector=${label}`,
        `--namespace=${namespace}`,
        '--ignore-not-found',
        '--wait=false',
      ]);
    },
    remove: async (json, deadlineMs) => {
      await run(['delete', '--filename=-', '--ignore-not-found', '--wait=true'], deadlineMs, json);
    },
    followLog: async (pod, namespace, deadlineMs, onText) => {
      await shell.run(path, [...to, 'logs', '--follow', pod, `--namespace=${namespace}`], {
        deadlineMs,
        onStdout: onText,
      });
    },
    forward: (service, options) => forwardTo('service', service, options),
    forwardToPod: (pod, options) => forwardTo('pod', pod, options),
    exec: async ({ namespace, name }, command, options) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const onBytes = (chunk: Buffer): void => {
        size += chunk.length;
        if (size > MOST_BYTES) throw new Error(`more than ${String(MOST_BYTES / 2 ** 20)} MiB came from pod ${name}`);
        chunks.push(chunk);
      };
      await shell.run(path, [...to, 'exec', `--namespace=${namespace}`, name, '--', ...command], {
        ...options,
        onBytes,
      });
      return Buffer.concat(chunks);
    },
    nodesWith: async (...labels) =>
      linesOf(await run(['get', 'nodes', `--selector=${labels.join(',')}`, '--output=name'])).map((line) =>
        line.replace(/^node\//, ''),
      ),
    text: (...args) => run(args),
  };
}

const FORWARD_OPENS_MS = 10_000;

/** Runs kubectl in the background and reads from its output which port it has opened. */
async function openForward(
  remotePort: string,
  localPort: number | undefined,
  run: (ports: string, onStdout: (text: string) => void, over: AbortSignal) => Promise<unknown>,
): Promise<Forward> {
  const over = new AbortController();
  let printed = '';
  let onPort: (found: number) => void = () => undefined;
  const opened = new Promise<number>((resolve) => (onPort = resolve));
  const onStdout = (text: string): void => {
    // Later lines, one for each connection, are of no interest.
    if (printed.length < 1000) printed += text;
    const found = /^Forwarding from 127\.0\.0\.1:(\d+) -> /m.exec(printed)?.[1];
    if (found !== undefined) onPort(Number(found));
  };
  const running = run(`${localPort === undefined ? '' : String(localPort)}${remotePort}`, onStdout, over.signal);
  const ended = running.then(() => 'kubectl port-forward ended', messageOf);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`kubectl port-forward did not open a port within ${String(FORWARD_OPENS_MS / 1000)} s`));
    }, FORWARD_OPENS_MS);
  });
  const close = async (): Promise<void> => {
    over.abort();
    await ended;
  };
  try {
    return {
      port: await Promise.race([opened, late, running.then(async () => Promise.reject(new Error(await ended)))]),
      ended,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const KUSTOMIZE_DEADLINE_MS = 60_000;
/** Charts are downloaded meanwhile. */
const KUSTOMIZE_WITH_HELM_DEADLINE_MS = 180_000;

/**
 * Builds a kustomization; needs no cluster.
 *
 * @param helm the path of Helm and the Kubernetes version for charts, for a kustomization with `helmCharts`; those do
 * not build without it.
 * @returns the YAML of all objects.
 * @throws CommandError with kubectl's reason.
 */
export async function buildKustomization(
  shell: Shell,
  path: string,
  folder: string,
  helm?: { readonly path: string; readonly kubeVersion: string },
): Promise<string> {
  const withHelm =
    helm === undefined
      ? []
      : ['--enable-helm', `--helm-command=${helm.path}`, `--helm-kube-version=${helm.kubeVersion}`];
  const deadlineMs = helm === undefined ? KUSTOMIZE_DEADLINE_MS : KUSTOMIZE_WITH_HELM_DEADLINE_MS;
  return (await shell.run(path, ['kustomize', folder, ...withHelm], { deadlineMs })).stdout;
}

/** Whether a kustomization did not build because it has charts and Kustomize had no Helm. */
export const needsHelm = (error: unknown): boolean => wasRefused(error) && /--enable-helm/.test(error.result.stderr);

/** True for a command that kubectl itself refused, as opposed to one that was cancelled or hung. */
export const wasRefused = (error: unknown): error is CommandError =>
  error instanceof CommandError && error.reason === 'exit';
