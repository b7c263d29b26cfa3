import { CommandError } from '../errors.ts';
import type { Shell } from './shell.ts';

const QUICK_MS = 30_000;
const FIELD_MANAGER = 'k8s-loadtest-ci';

/** The verbs of kubectl, bound to one cluster. */
export interface Kubectl {
  /** The parsed answer of `kubectl get … --output=json`. */
  get(...args: string[]): Promise<unknown>;
  /** The text of one path of the API server. */
  raw(path: string): Promise<string>;
  /**
   * Follows one path of the API server that answers with one line of JSON for each event, until the
   * signal is aborted or the server ends the answer.
   *
   * @throws CommandError when it ended in another way, and when the signal was aborted; whatever `onEvent` throws.
   */
  watch(path: string, onEvent: (event: unknown) => void, options: { readonly deadlineMs: number; readonly signal: AbortSignal }): Promise<void>;
  /** Server-side apply of a YAML text. */
  apply(yaml: string, deadlineMs: number): Promise<void>;
  /** Creates what is in a YAML text; an object that exists already is an error and stays as it is. */
  create(yaml: string, deadlineMs: number): Promise<void>;
  /** Asks for the deletion of one object and does not wait for it; one that does not exist is fine. */
  delete(resource: string, name: string, namespace: string | null): Promise<void>;
  /**
   * Hands on the log of a container from its beginning until it ends.
   *
   * @throws CommandError when the connection was lost, or after the deadline.
   */
  followLog(pod: string, namespace: string, deadlineMs: number, onText: (text: string) => void): Promise<void>;
  /** Whatever kubectl prints for these arguments. */
  text(...args: string[]): Promise<string>;
}

/** @param context the one of the kubeconfig to use; its current one without it. */
export function openKubectl(shell: Shell, path: string, kubeconfig: string, context?: string): Kubectl {
  const to = ['--kubeconfig', kubeconfig, ...(context === undefined ? [] : ['--context', context])];
  const run = async (args: readonly string[], deadlineMs = QUICK_MS, stdin?: string): Promise<string> => {
    const options = { deadlineMs, ...(stdin === undefined ? {} : { stdin }) };
    return (await shell.run(path, [...to, ...args], options)).stdout;
  };
  return {
    get: async (...args) => {
      const text = await run(['get', ...args, '--output=json']);
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new Error(`kubectl get ${args.join(' ')} printed something that is not JSON`, { cause: error });
      }
    },
    raw: (apiPath) => run(['get', '--raw', apiPath]),
    watch: async (apiPath, onEvent, options) => {
      let rest = '';
      const onStdout = (text: string): void => {
        const lines = `${rest}${text}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onEvent(JSON.parse(line));
      };
      await shell.run(path, [...to, 'get', '--raw', apiPath], { ...options, onStdout });
    },
    apply: async (yaml, deadlineMs) => {
      await run(
        ['apply', '--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`, '--filename=-'],
        deadlineMs,
        yaml,
      );
    },
    create: async (yaml, deadlineMs) => {
      await run(['create', `--field-manager=${FIELD_MANAGER}`, '--filename=-'], deadlineMs, yaml);
    },
    delete: async (resource, name, namespace) => {
      await run(['delete', resource, name, ...(namespace === null ? [] : [`--namespace=${namespace}`]), '--ignore-not-found', '--wait=false']);
    },
    followLog: async (pod, namespace, deadlineMs, onText) => {
      await shell.run(path, [...to, 'logs', '--follow', pod, `--namespace=${namespace}`], { deadlineMs, onStdout: onText });
    },
    text: (...args) => run(args),
  };
}

/**
 * Builds a kustomization; needs no cluster.
 *
 * @returns the YAML of all objects.
 * @throws CommandError with kubectl's reason.
 */
export async function buildKustomization(shell: Shell, path: string, folder: string): Promise<string> {
  return (await shell.run(path, ['kustomize', folder], { deadlineMs: 60_000 })).stdout;
}

/** True for a command that kubectl itself refused, as opposed to one that was cancelled or hung. */
export const wasRefused = (error: unknown): error is CommandError =>
  error instanceof CommandError && error.reason === 'exit';
