import { commandLine, NEW_ISSUE } from '../addresses.ts';
import type { OutcomeCode } from '../errors.ts';
import { type InputName, INPUTS } from '../inputs/table.ts';
import type { Report } from '../model/report.ts';
import type { PipelineState } from '../state.ts';
import { linesOf } from '../text/lines.ts';
import { repeatCommand } from './repeat.ts';

/** What to do about each outcome. The failure's hint has what else the run knows. */
export const NEXT: Readonly<Record<OutcomeCode, string>> = {
  passed: 'Nothing to do; a second run shows how much the figures vary.',
  'input-invalid': 'Correct the inputs that the message lists.',
  'unsafe-trigger': 'Run the workflow on pull_request, and post comments for forks with the relay.',
  'docker-not-installed': 'Install Docker, or use a machine that has it.',
  'docker-permission-denied': 'Give this user access to the Docker socket.',
  'docker-unreachable': 'Start Docker, or point DOCKER_HOST to a running engine.',
  'docker-elsewhere': 'Run the program on the machine that Docker runs on.',
  'docker-rootless': 'Delegate the missing cgroup controllers to the user, or use Docker with root.',
  'cgroup-version': 'Use a machine with cgroup v2, or set failCgroupV1: false in your kind configuration.',
  'disk-full': 'Free some disk space.',
  'port-in-use': 'Leave http-port and https-port empty, or stop the program that uses the port.',
  'manifest-invalid': 'Correct the manifests that the message names.',
  'version-unknown': 'Use a version with a known checksum, or give the checksum of yours.',
  'download-failed': 'Check the network and the version, and run it again.',
  'checksum-mismatch': 'Find out why the download differs before you trust it.',
  'tool-version-mismatch': 'Give the checksum that belongs to the requested version.',
  'registry-rate-limit': 'Log in to the registry, use a mirror, or wait.',
  'image-missing': 'Build the image on this machine first.',
  'image-load': 'Free some disk space, and check the image that the message names.',
  'image-pull': 'Correct the image reference, or give pull-secret for a private registry.',
  'name-collision': 'Leave cluster-name empty, or delete the other cluster.',
  'network-pool': 'Remove unused Docker networks.',
  'cluster-create-failed': 'Read the output of kind, and the logs of the nodes in the diagnostics.',
  'cluster-unreachable': 'Check kubeconfig and context, and that this machine can reach the API server.',
  'cluster-change-refused': 'Remove the named objects, or set allow-cluster-changes: true.',
  'node-not-ready': 'Raise wait, or use a larger machine.',
  'apply-failed': 'Correct the field that the API server names.',
  'crash-loop': "Read the last lines of the container's log.",
  'workload-not-ready': 'Look at the events of the pod that the message names.',
  'hook-failed': "Read the last lines of the hook's log.",
  'ingress-placement': 'Give the node with the port mapping the label ingress-ready=true.',
  'route-not-ready': 'Set hosts to a host and path that the application answers.',
  'tls-untrusted': 'Correct the certificate, or give its CA as input ca.',
  'prepare-failed': 'Correct the command in prepare or reset.',
  'autoscaler-not-ready': 'Add a request for the resource that the autoscaler scales on to the containers.',
  'prometheus-unavailable': 'Use a less busy machine, or set prometheus: false.',
  'http2-not-offered': 'Enable HTTP/2 in the ingress controller, or set http-version: 1.',
  'load-failed': 'Correct the rate, length or script of the load, as the message says.',
  'capacity-not-found': 'Check that the thresholds can be met at all, or raise capacity-limit.',
  'threshold-failed': 'Look at the hosts and failures in the tables, then fix the application or relax the rule.',
  regression: 'Look at the metrics and requests that became worse, or raise tolerance if you want the change.',
  'generator-saturated': 'Reduce the load, or use a machine with more cores.',
  'rate-not-delivered': 'Lower the rate, or raise concurrency.',
  'witness-disagrees': 'Check which rule of the ingress handles the host.',
  'stage-order': 'First run the command that the message names.',
  'state-invalid': 'Remove the state file and start again.',
  'system-refused': 'Correct the path or the limit that the message names.',
  'unexpected-answer': 'Run the named tool yourself, and check what answers instead.',
  timeout: 'Run the command by hand to see what it is waiting for.',
  'command-failed': 'Run the command by hand, and read its output.',
  'cleanup-incomplete': 'Remove the containers that the message names.',
  cancelled: 'Run it again, with a longer time limit if that was the cause.',
  internal: 'Open an issue with the log and report.json.',
};

/** A command that does more about an outcome than to repeat the run; null when this run has none. */
const COMMANDS: Partial<Record<OutcomeCode, (state: PipelineState) => string | null>> = {
  'input-invalid': (state) => repeatCommand(state, {}, 'validate'),
  'version-unknown': (state) => repeatCommand(state, {}, 'validate'),
  'unsafe-trigger': () => commandLine('init'),
  'stage-order': () => commandLine('up'),
  'http2-not-offered': (state) => repeatCommand(state, { 'http-version': '1', streams: '' }),
  'capacity-not-found': (state) => repeatCommand(state, { mode: '', 'capacity-limit': '', ...lightLoad(state) }),
  'rate-not-delivered': (state) =>
    canSearch(state) ? repeatCommand(state, { mode: 'capacity', rate: '', requests: '', duration: '' }) : null,
  internal: () => NEW_ISSUE,
};

/** Shows how long a request takes; a comparison sets the length of its rounds itself. */
const lightLoad = ({ settings }: PipelineState): Partial<Record<InputName, string>> =>
  isGiven(settings, 'baseline-manifests') || isGiven(settings, 'baseline-ingress-controller')
    ? {}
    : { duration: '20s', concurrency: '1' };

/** What `mode: capacity` refuses, see inputs/rules.ts. */
const canSearch = ({ settings }: PipelineState): boolean =>
  settings['engine'] === INPUTS.engine.default &&
  !isGiven(settings, 'kubeconfig') &&
  !isGiven(settings, 'stages') &&
  linesOf(settings['thresholds'] ?? '').every((rule) => JUDGES_A_STEP.test(rule));

const JUDGES_A_STEP = /^\s*(#|$|(http_req_duration|http_req_failed|checks|dropped_iterations)\b)/;

const isGiven = (settings: PipelineState['settings'], name: InputName): boolean => (settings[name] ?? '') !== '';

/**
 * What to do after a run, for programs: one sentence and one command. The command is the failure's own if it has one,
 * otherwise one for the outcome, otherwise the one that repeats the run.
 */
export const nextStep = (
  { code, failure }: Pick<Report['outcome'], 'code' | 'failure'>,
  state: PipelineState,
): NonNullable<Report['outcome']['next']> => ({
  sentence: NEXT[code],
  command: failure?.tryThis ?? COMMANDS[code]?.(state) ?? repeatCommand(state),
});
