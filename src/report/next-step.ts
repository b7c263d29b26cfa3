import type { OutcomeCode } from '../errors.ts';
import type { Report } from '../model/report.ts';

/** What to do about each outcome. What the run knows beyond that is in the failure's hint. */
export const NEXT: Readonly<Record<OutcomeCode, string>> = {
  passed: 'Nothing to do; a second run shows how much the figures vary.',
  'input-invalid': 'Correct the inputs that the message lists.',
  'unsafe-trigger': 'Run the workflow on pull_request, and post comments for forks with the relay.',
  'docker-not-installed': 'Install Docker, or use a machine that has it.',
  'docker-permission-denied': 'Give this user access to the Docker socket.',
  'docker-unreachable': 'Start Docker, or point DOCKER_HOST to a Docker that answers.',
  'docker-elsewhere': 'Run the program on the machine that Docker runs on.',
  'docker-rootless': 'Delegate the missing cgroup controllers to the user, or use Docker with root.',
  'cgroup-version': 'Set failCgroupV1: false in your kind configuration, or use a machine with cgroup v2.',
  'disk-full': 'Free some disk space.',
  'port-in-use': 'Leave http-port and https-port empty, or end the program that has the port.',
  'manifest-invalid': 'Correct the manifests that the message names.',
  'version-unknown': 'Use a version with a known checksum, or give the checksum of yours.',
  'download-failed': 'Check the network and the version, and run again.',
  'checksum-mismatch': 'Check the download and the checksum before you trust either.',
  'tool-version-mismatch': 'Give the checksum that belongs to the requested version.',
  'registry-rate-limit': 'Log in to the registry, use a mirror, or wait.',
  'image-missing': 'Build the image on this machine first.',
  'image-load': 'Free some disk space, and check the image that the message names.',
  'image-pull': 'Correct the image reference, or give pull-secret for a private registry.',
  'name-collision': 'Leave cluster-name empty, or delete the other cluster.',
  'network-pool': 'Remove unused Docker networks.',
  'cluster-create-failed': 'Read what kind printed and the logs of the nodes in the diagnostics.',
  'cluster-unreachable': 'Check kubeconfig and context, and that this machine reaches the API server.',
  'cluster-change-refused': 'Remove the named objects, or set allow-cluster-changes: true.',
  'node-not-ready': 'Give the nodes more time with wait, or use a larger machine.',
  'apply-failed': 'Correct the field that the API server names.',
  'crash-loop': "Read the last lines of the container's log.",
  'workload-not-ready': 'Look at what Kubernetes says about the named pod.',
  'hook-failed': "Read the last lines of the hook's log.",
  'ingress-placement': 'Give the node with the port mapping the label ingress-ready=true.',
  'route-not-ready': 'Give a host and path that the application answers.',
  'tls-untrusted': 'Correct the certificate, or give its authority as input ca.',
  'prepare-failed': 'Correct the command in prepare or reset.',
  'autoscaler-not-ready': 'Give the containers a request for what the autoscaler scales by.',
  'prometheus-unavailable': 'Use a machine that is less busy, or set prometheus: false.',
  'http2-not-offered': 'Turn HTTP/2 on in the ingress controller, or set http-version: 1.',
  'load-failed': 'Correct the load that the message names: its rate, its length or its script.',
  'capacity-not-found': 'Check that the thresholds can be met at all, or raise capacity-limit.',
  'threshold-failed': 'Look at the hosts and failures in the tables, and mend the application or the rule.',
  regression: 'Look at the metrics and requests that became worse, or raise tolerance if the change is wanted.',
  'generator-saturated': 'Reduce the load, or give the generator more cores.',
  'rate-not-delivered': 'Lower the rate, or raise concurrency.',
  'witness-disagrees': 'Check which rule of the ingress handles the host.',
  'stage-order': 'Run the command that the message names first.',
  'state-invalid': 'Remove the state file and start again.',
  'system-refused': 'Correct the path or the limit that the message names.',
  'unexpected-answer': 'Ask the named tool yourself, and see what answers in its place.',
  timeout: 'Run the command by hand to see what it waits for.',
  'command-failed': 'Run the command by hand, and read what it prints.',
  'cleanup-incomplete': 'Remove the containers that the message names.',
  cancelled: 'Run again, with more time if the time limit was the cause.',
  internal: 'Open an issue with the log and report.json.',
};

/**
 * What to do after a run, for programs: one sentence and one command.
 *
 * @param repeatWith the command that repeats the run, where nothing else shows more.
 */
export const nextStep = (
  { code, failure }: Pick<Report['outcome'], 'code' | 'failure'>,
  repeatWith: string,
): NonNullable<Report['outcome']['next']> => ({ sentence: NEXT[code], command: failure?.tryThis ?? repeatWith });
