/**
 * command-line/ has the commands and their help: which inputs each reads, what a shell completes, how a command
 * continues from an earlier one, and the commands that are not stages of a run, such as `try` and `import`. cli.ts has
 * the list of all commands.
 */
import { definitionOf, INPUT_NAMES_BY_TOPIC, type InputName, type Topic } from '../inputs/table.ts';

export interface CommandFacts {
  /** One line, for the list of commands. */
  readonly description: string;
  /** An example to paste, without the name of the program. */
  readonly example: string;
  /** The inputs that most users set, in the order of the help. */
  readonly common: readonly InputName[];
  /** Whether the command reads an input. The others are accepted with a warning that they have no effect. */
  readonly reads: (input: InputName) => boolean;
}

const topicOf = (input: InputName): Topic => definitionOf(input).topic;
const isOneOf = (...names: readonly InputName[]): ((input: InputName) => boolean) => {
  const set = new Set(names);
  return (input) => set.has(input);
};

/** Inputs that only a workflow sets: the command line reads secrets from the environment. */
const isOfWorkflows = (input: InputName): boolean =>
  input === 'matrix' || input === 'job-id' || definitionOf(input).secret === true;

const isOfVersions = (input: InputName): boolean => input.startsWith('baseline-') && input !== 'baseline-report';
const isOfComparisons = (input: InputName): boolean => topicOf(input) === 'comparison' && !isOfVersions(input);

/** Finds the run that earlier commands began. */
const isPlace = isOneOf('output-dir');
/** Inputs that decide what answers and over which scheme, which is checked before anything is created. */
const isLookedAt = isOneOf('scenario', 'engine', 'parallelism', 'k6-script', 'k6-version', 'k6-sha256', 'mode', 'file');
const isOfUp = (input: InputName): boolean =>
  topicOf(input) === 'application' ||
  topicOf(input) === 'cluster' ||
  isOfVersions(input) ||
  isLookedAt(input) ||
  isPlace(input);
const isOfLoads = (input: InputName): boolean =>
  topicOf(input) === 'load' || input === 'hosts' || input === 'thresholds' || isPlace(input);

export const COMMANDS = {
  try: {
    description: 'Send a load to echo services on this machine: no Docker, no cluster',
    example: 'try --duration 10s --rate 200',
    common: ['duration', 'rate', 'concurrency', 'scenario', 'thresholds'],
    reads: (input) =>
      ((topicOf(input) === 'load' && input !== 'parallelism') ||
        topicOf(input) === 'rules' ||
        isOfComparisons(input) ||
        isOneOf('file', 'hosts', 'baseline-report', 'output-dir')(input)) &&
      input !== 'profile',
  },
  run: {
    description: 'Create a cluster, deploy, send the load, report, and clean up',
    example: 'run --manifests k8s/overlays/ci --duration 20s',
    common: ['manifests', 'duration', 'rate', 'thresholds', 'baseline-manifests', 'file'],
    reads: (input) => !isOfWorkflows(input),
  },
  validate: {
    description: 'Check inputs, machine, tools and manifests; creates nothing',
    example: 'validate --manifests k8s/overlays/ci',
    common: ['manifests', 'hosts', 'expose', 'baseline-manifests', 'file'],
    reads: (input) => (isOfUp(input) || topicOf(input) === 'load') && !isOfWorkflows(input),
  },
  up: {
    description: 'Create the cluster and deploy everything',
    example: 'up --manifests k8s/overlays/ci',
    common: ['manifests', 'images', 'baseline-manifests', 'nodes', 'wait', 'file'],
    reads: (input) => isOfUp(input) && !isOfWorkflows(input),
  },
  health: {
    description: 'Wait until everything is healthy',
    example: 'health --wait 120s',
    common: ['wait', 'hosts', 'output-dir'],
    reads: isOneOf('wait', 'hosts', 'scenario', 'output-dir'),
  },
  load: {
    description: 'Send the load',
    example: 'load --duration 20s --rate 100',
    common: ['duration', 'rate', 'concurrency', 'scenario', 'thresholds'],
    reads: isOfLoads,
  },
  compare: {
    description: 'Load base and head in turns, and compare them',
    example: 'compare --compare-duration 2m --tolerance 5%',
    common: ['compare-duration', 'tolerance', 'rate', 'concurrency', 'scenario'],
    reads: (input) => isOfLoads(input) || isOfComparisons(input),
  },
  resources: {
    description: 'Read CPU, memory and network use during the load',
    example: 'resources',
    common: ['output-dir'],
    reads: isOneOf('prometheus-service', 'output-dir'),
  },
  dashboard: {
    description: 'Open the dashboards of the cluster, until Ctrl-C',
    example: 'dashboard',
    common: ['output-dir'],
    reads: isPlace,
  },
  report: {
    description: 'Write report.html, report.md and report.json',
    example: 'report --thresholds "http_req_duration: p(95)<500"',
    common: ['thresholds', 'fail-on-threshold', 'output-dir'],
    reads: (input) =>
      topicOf(input) === 'rules' ||
      isOneOf('fail-on-regression', 'save-baseline', 'baseline-report', 'output-dir')(input),
  },
  comment: {
    description: 'Write the report as a comment on a pull request',
    example: 'comment --repository owner/name --pull-request 12',
    common: ['pull-request', 'comment-header', 'output-dir'],
    reads: isOneOf('pull-request', 'comment-header', 'output-dir'),
  },
  down: {
    description: 'Delete the cluster',
    example: 'down',
    common: ['output-dir'],
    reads: isPlace,
  },
} as const satisfies Readonly<Record<string, CommandFacts>>;

export type CommandName = keyof typeof COMMANDS;

/** The definition of a command, in one form for all of them. */
export const factsOf = (name: CommandName): CommandFacts => COMMANDS[name];

/** The inputs that a command reads, by topic. */
export const inputsOf = (name: CommandName): InputName[] => INPUT_NAMES_BY_TOPIC.filter(factsOf(name).reads);
