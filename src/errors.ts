import { pageAddress } from './addresses.ts';
import { cut } from './text/cut.ts';
import { systemFault } from './text/system-errors.ts';

/**
 * Every way in which a run can end. The key is the output `outcome`, the report's `outcome.code`, and the anchor in
 * docs/troubleshooting.md.
 */
export const OUTCOMES = {
  passed: 'Everything worked, and every threshold was kept',
  'input-invalid': 'An input has a value that is not allowed',
  'unsafe-trigger': "The event would run a stranger's code with the rights of the repository",
  'docker-not-installed': 'No docker command was found',
  'docker-permission-denied': 'This user has no access to the Docker socket',
  'docker-unreachable': 'The Docker engine does not answer',
  'docker-elsewhere': "Docker publishes ports where this program can't reach them",
  'docker-rootless': 'Rootless Docker lacks what kind needs',
  'cgroup-version': 'This Kubernetes version does not support the cgroup version of this machine',
  'disk-full': 'Too little free disk space',
  'port-in-use': 'The port for HTTP or HTTPS on this machine is taken',
  'manifest-invalid': 'The manifests are missing or do not build',
  'version-unknown': 'No checksum is known for the requested version',
  'download-failed': 'A tool could not be downloaded',
  'checksum-mismatch': 'A tool does not match its pinned checksum',
  'tool-version-mismatch': 'A tool does not report the requested version',
  'registry-rate-limit': 'The image registry rejects further pulls for now',
  'image-missing': 'An image to load is not on this machine, or not for its nodes',
  'image-load': 'An image could not be loaded into a node',
  'image-pull': 'An image could not be pulled',
  'name-collision': 'A cluster of the same name exists already',
  'network-pool': 'Docker has no free address pool for another network',
  'cluster-create-failed': 'kind could not create the cluster',
  'cluster-unreachable': 'The existing cluster does not answer',
  'cluster-change-refused': 'The manifests would change more of an existing cluster than one namespace',
  'node-not-ready': 'A node of the cluster did not become ready',
  'apply-failed': 'Kubernetes refused a manifest',
  'crash-loop': 'A container keeps exiting and restarting',
  'workload-not-ready': 'A workload did not become ready in time',
  'hook-failed': 'A hook of a Helm chart failed or did not end',
  'ingress-placement': 'The ingress controller runs on a node without the port mapping',
  'route-not-ready': 'A host does not answer properly through the ingress',
  'tls-untrusted': "A host serves a certificate that can't be trusted",
  'prepare-failed': 'The command of input prepare or reset failed, or took too long',
  'autoscaler-not-ready': 'A HorizontalPodAutoscaler has no figures to act on',
  'prometheus-unavailable': 'Prometheus does not answer or has nothing to scrape',
  'http2-not-offered': 'A host does not offer the requested HTTP version',
  'load-failed': 'The load could not be sent',
  'capacity-not-found': 'The thresholds were broken at every rate',
  'threshold-failed': 'A threshold was not kept',
  regression: 'Head is worse than base, and fresh rounds confirmed it',
  'generator-saturated': 'The load generator was the bottleneck, not the system under test',
  'rate-not-delivered': 'Requests were sent late or never, so the load was not the requested one',
  'witness-disagrees': 'The ingress or the pods did not see the load that was sent',
  'stage-order': 'A command needs the result of an earlier one',
  'state-invalid': 'The state file of an earlier stage cannot be used',
  'system-refused': 'The operating system refused a file, a folder or a process',
  'unexpected-answer': 'A tool or a service gave an unusable answer',
  timeout: 'A command exceeded its deadline',
  'command-failed': 'A command failed',
  'cleanup-incomplete': 'Something could not be removed',
  cancelled: 'The run was cancelled',
  internal: 'An unexpected error, most likely a bug',
} as const;

export type OutcomeCode = keyof typeof OUTCOMES;

/** The page and anchor that explain an outcome. */
export const helpUrl = (code: OutcomeCode): string => `${pageAddress('docs/troubleshooting.md')}#${code}`;

export interface StageErrorDetails {
  /** The likely reason and what to do, in whole sentences. */
  readonly hint?: string | undefined;
  /** One command that shows or fixes the cause, ready to paste. */
  readonly tryThis?: string | undefined;
  readonly cause?: unknown;
}

/** A failure that the tool understands: what failed (`message`), the likely reason, and what to do. */
export class StageError extends Error {
  override readonly name: string = 'StageError';
  readonly code: OutcomeCode;
  readonly hint: string | undefined;
  readonly tryThis: string | undefined;

  constructor(code: OutcomeCode, message: string, details: StageErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.tryThis = details.tryThis;
  }
}

export interface CommandResult {
  /** The command, ready to paste into a shell. */
  readonly command: string;
  /** Null when the process was ended by a signal or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A failed child process: command, exit code, duration, and last lines of output. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly result: CommandResult;
  readonly reason: 'exit' | 'timeout' | 'cancelled' | 'not-started';

  constructor(result: CommandResult, reason: CommandError['reason'], cause?: unknown) {
    super(commandMessage(result, reason, cause), cause === undefined ? undefined : { cause });
    this.result = result;
    this.reason = reason;
  }
}

const LAST_LINES = 20;

function commandMessage(result: CommandResult, reason: CommandError['reason'], cause: unknown): string {
  const seconds = (result.durationMs / 1000).toFixed(1);
  const what = {
    exit: result.signal === null ? `failed with exit code ${String(result.exitCode)}` : `was ended by ${result.signal}`,
    timeout: 'took longer than its deadline',
    cancelled: 'was cancelled',
    'not-started': ['could not be started', systemFault(cause)?.reason]
      .filter((part) => part !== undefined)
      .join(', as '),
  }[reason];
  return [
    `Command ${what} after ${seconds} s: ${result.command}`,
    ...tailBlock('stderr', result.stderr),
    ...tailBlock('stdout', result.stdout),
  ].join('\n');
}

function tailBlock(name: string, text: string): string[] {
  const lines = lastLines(text, LAST_LINES);
  return lines.length === 0 ? [] : [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

/** A program may print megabytes without a line break, which would end up in the state, the report and the outputs. */
const MAX_LINE_LENGTH = 1000;

/** The last `count` non-empty lines of a text, each cut to a readable length. */
export function lastLines(text: string, count: number): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => (line.length > MAX_LINE_LENGTH ? `${cut(line, MAX_LINE_LENGTH)}… (cut)` : line));
}

export interface DescribedError {
  readonly code: OutcomeCode;
  readonly message: string;
  readonly hint: string | null;
  readonly tryThis: string | null;
}

const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** Turns anything that was thrown into the four things that a reader needs; never throws. */
export function describeError(error: unknown): DescribedError {
  if (error instanceof StageError) {
    return { code: error.code, message: error.message, hint: error.hint ?? null, tryThis: error.tryThis ?? null };
  }
  if (error instanceof CommandError) {
    const code = {
      exit: 'command-failed',
      timeout: 'timeout',
      cancelled: 'cancelled',
      'not-started': 'command-failed',
    } as const;
    return { code: code[error.reason], message: error.message, hint: null, tryThis: error.result.command };
  }
  const refused = systemFault(error);
  if (refused !== null) {
    const { message: said, hint } = refused;
    return { code: isFull(refused.code) ? 'disk-full' : 'system-refused', message: said, hint, tryThis: null };
  }
  const message = messageOf(error);
  return {
    code: 'internal',
    message: message === '' ? 'An error without a message' : message,
    hint: 'This is most likely a bug in k8s-loadtest-ci. Please open an issue with the log.',
    tryThis: null,
  };
}

/**
 * The message of anything that was thrown; never throws. Does not use `instanceof`, because an error may come from
 * another realm.
 */
export function messageOf(thrown: unknown): string {
  const message: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : undefined;
  return typeof message === 'string' ? message : textOf(thrown);
}

/** Even String() can fail: an object without a prototype can't be converted. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'Something that is not an error was thrown';
  }
}
