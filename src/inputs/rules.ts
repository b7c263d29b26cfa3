import { BUILT_IN_CONTROLLERS, builtInNamespace } from '../cluster/ingress-controller.ts';
import { DEFAULT_VERSIONS } from '../cluster/pinned-versions.ts';
import { canEndEarly } from '../load/thresholds/early-end.ts';
import { loadTargets } from '../load/requests/targets.ts';
import type { Contradiction } from './faults.ts';
import {
  DEFAULT_COMPARE_DURATION_MS,
  DEFAULT_REQUESTS,
  definitionOf,
  type InputName,
  type Inputs,
  isComparison,
  type Settings,
} from './table.ts';

/** Reports a fault of one input unless the condition holds; `allowed` says what would be valid. */
type Unless = (holds: boolean, input: InputName, allowed: string) => Contradiction[];

/** A group of rules on combinations of inputs that are each valid. */
type Rules = (inputs: Inputs, unless: Unless) => Contradiction[];

/** The fault shows the text of the input as the user wrote it. */
export const unlessOf =
  (settings: Settings): Unless =>
  (holds, input, allowed) =>
    holds ? [] : [{ input, got: definitionOf(input).secret === true ? '***' : (settings[input] ?? ''), allowed }];

/** Whether an input asks for nothing. */
export const isEmpty = (value: Inputs[InputName]): boolean =>
  value === null || value === false || (Array.isArray(value) && value.length === 0);

/** The input that makes a run a comparison. */
const comparisonInput = (inputs: Inputs): InputName =>
  inputs['baseline-manifests'].length > 0 ? 'baseline-manifests' : 'baseline-ingress-controller';

/** The controllers that the run installs, so it knows their pods. */
const KNOWN_CONTROLLER = `one of ${[...BUILT_IN_CONTROLLERS, 'custom'].join(', ')}`;

const seconds = (ms: number): string => `${String(ms / 1000)}s`;

/** Inputs that only one engine supports are refused with the other, not ignored. */
const engineRules: Rules = (inputs, unless) => {
  const { engine } = inputs;
  const http2 = inputs['http-version'] === '2';
  const shared = unless(
    http2 || inputs.streams === 1,
    'streams',
    'only 1 without http-version 2, because an HTTP/1.1 connection takes one request at a time',
  );
  if (engine === 'builtin') {
    return [
      ...unless(inputs['k6-script'] === null, 'k6-script', 'only empty with engine builtin; set engine: k6 to run it'),
      ...shared,
    ];
  }
  const poisson = inputs.rate !== null && inputs.arrivals === 'poisson' && inputs['k6-script'] === null;
  return [
    ...unless(
      !poisson,
      'arrivals',
      `only constant with engine ${engine}, which has no Poisson arrivals; engine builtin has them`,
    ),
    ...unless(
      inputs.scenario === null,
      'scenario',
      `only empty with engine ${engine}; engine builtin sends scenarios, and k6-script runs your own script`,
    ),
    ...shared,
    ...unless(
      !http2,
      'http-version',
      `only 1 with engine ${engine}, which uses HTTP/2 whenever a server offers it over HTTPS`,
    ),
    ...unless(inputs.workers === null, 'workers', `only empty with engine ${engine}, which always uses every core`),
  ];
};

export const NO_STAGES_IN_ROUNDS =
  'only empty in a comparison: its rounds are short and of one level, so they can be judged in pairs. Compare at the rate of the stage that matters';

/** Stages set the level and length of a load, and only the built-in engine supports them. */
const stagesRules: Rules = (inputs, unless) => {
  if (inputs.stages === null) return [];
  return [
    ...(['rate', 'duration', 'ramp-up'] as const).flatMap((name) =>
      unless(inputs[name] === null, name, 'only empty with stages, which set the level and length of the load'),
    ),
    ...unless(
      inputs.requests === DEFAULT_REQUESTS,
      'requests',
      'only the default with stages, which end the load by time',
    ),
    ...unless(
      inputs.engine === 'builtin',
      'stages',
      `only empty with engine ${inputs.engine}; a k6-script has its own stages, which k6 runs`,
    ),
    ...unless(!isComparison(inputs), 'stages', NO_STAGES_IN_ROUNDS),
    ...unless(
      inputs.mode === 'load',
      'stages',
      'only empty with mode capacity, which chooses the level of its steps itself',
    ),
  ];
};

/** A rule on a stage that does not exist would fail only at the end of the load. */
const stageTagRules: Rules = ({ stages, thresholds }) => {
  const held = stages === null ? 0 : stages.stages.filter((stage) => stage.held).length;
  const allowed =
    held === 0
      ? 'no rule with a stage, because the load has none; set the input stages'
      : `rules with a stage from 1 to ${String(held)}: the load has no more, not counting ramps`;
  return thresholds.flatMap(({ rule, tags: { stage } }) =>
    stage === undefined || Number(stage) <= held ? [] : [{ input: 'thresholds', got: rule, allowed }],
  );
};

/** Only a single load of the built-in engine is evaluated while it runs. */
const earlyEndRules: Rules = (inputs, unless) => {
  const why =
    inputs.engine !== 'builtin'
      ? `with engine ${inputs.engine}: write them in the options of your k6-script, because k6 evaluates those itself`
      : isComparison(inputs)
        ? 'in a comparison, which ends as soon as it has an answer'
        : inputs.mode === 'capacity'
          ? 'with mode capacity, which judges each step on its own'
          : null;
  return why === null
    ? []
    : unless(!canEndEarly(inputs.thresholds), 'thresholds', `only rules without abortOnFail ${why}`);
};

/** What k6 in pods of the cluster can't do, or needs. */
const operatorRules: Rules = (inputs, unless) => {
  if (inputs.engine !== 'k6-operator') return [];
  const { parallelism, concurrency, requests } = inputs;
  const generated = inputs['k6-script'] === null;
  const least = `a whole number of at least parallelism (${String(parallelism)}), because each runner needs a`;
  return [
    // With less than one for each, k6 gives some runners nothing to do.
    ...unless(!generated || concurrency >= parallelism, 'concurrency', `${least} connection`),
    ...unless(!generated || inputs.duration !== null || requests >= parallelism, 'requests', `${least} request`),
    ...unless(
      inputs['ingress-controller'] !== 'none',
      'ingress-controller',
      `${KNOWN_CONTROLLER} with engine k6-operator, which must find the controller's pods inside the cluster`,
    ),
    ...unless(
      inputs['k6-version'] === DEFAULT_VERSIONS.k6,
      'k6-version',
      'only the default with engine k6-operator, which has pinned images',
    ),
    ...unless(inputs['k6-sha256'] === null, 'k6-sha256', 'only empty with engine k6-operator, which has pinned images'),
  ];
};

/** A custom controller needs all of its inputs, and no other controller takes any of them. */
const customRules = (
  controller: 'ingress-controller' | 'baseline-ingress-controller',
  parts: readonly InputName[],
): Rules => {
  return (inputs, unless) => {
    const chosen = inputs[controller];
    const beside = chosen === null ? `without ${controller}` : `with ${controller} ${chosen}`;
    const allowed =
      chosen === 'custom' ? `a value, because ${controller} is custom` : `only empty ${beside}; set custom to use it`;
    return parts.flatMap((name) => unless((inputs[name] === null) !== (chosen === 'custom'), name, allowed));
  };
};

/** One control plane, and one worker for each of two controllers. */
const NODES_OF_TWO_CONTROLLERS = 3;

/** A comparison of controllers needs two different ones, each with its own node, in front of one application. */
const twoControllersRules: Rules = (inputs, unless) => {
  const name = 'baseline-ingress-controller';
  const [own, baseline] = [inputs['ingress-controller'], inputs[name]];
  const ingressClass = inputs['baseline-ingress-class'];
  if (baseline === null) return unless(ingressClass === null, 'baseline-ingress-class', `only empty without ${name}`);
  const namespaces = new Set([
    inputs['ingress-namespace'] ?? builtInNamespace(own),
    inputs['baseline-ingress-namespace'] ?? builtInNamespace(baseline),
  ]);
  const custom = baseline === 'custom' || own === 'custom';
  return [
    ...unless(
      inputs['baseline-manifests'].length === 0,
      name,
      'only empty with baseline-manifests: with two changes at once, nobody could tell which one made the difference',
    ),
    ...unless(own !== 'none', 'ingress-controller', `${KNOWN_CONTROLLER} with ${name}, which is compared with it`),
    ...unless(
      custom || namespaces.size === 2,
      name,
      `another controller with ingress-controller ${own}, because its namespace has room for one`,
    ),
    ...unless(
      !custom || namespaces.size === 2,
      'baseline-ingress-namespace',
      'a namespace other than the one of ingress-controller, because it tells their pods apart',
    ),
    ...unless(
      ingressClass === null || ingressClass !== inputs['ingress-class'],
      'baseline-ingress-class',
      'a class other than ingress-class, because both controllers would answer for it',
    ),
    ...unless(
      inputs.config !== null || inputs.nodes >= NODES_OF_TWO_CONTROLLERS,
      'nodes',
      `a whole number of at least ${String(NODES_OF_TWO_CONTROLLERS)} with ${name}, because each controller needs its own worker and port`,
    ),
  ];
};

/** Half a round shorter than this is mostly start and end, not load. */
const SHORTEST_WINDOW_MS = 500;

/** A change is confirmed by fresh rounds, half as many as found it. */
const CONFIRMATION_FACTOR = 1.5;

/** What a comparison needs, and inputs that only make sense with one. */
const comparisonRules: Rules = (inputs, unless) => {
  const [manifests, images] = [inputs['baseline-manifests'], inputs['baseline-images']];
  const unused = unless(
    manifests.length > 0 || images.length === 0,
    'baseline-images',
    'only empty without baseline-manifests, which would use them',
  );
  if (!isComparison(inputs)) return unused;
  const { 'compare-duration': durationMs, 'compare-limit': limitMs, rounds } = inputs;
  return [
    ...unused,
    ...unless(
      manifests.length === 0 || inputs.manifests.length > 0,
      'baseline-manifests',
      'only empty without manifests, the version to compare with',
    ),
    ...(inputs.mode === 'capacity' ? [] : roundsRules(inputs, unless)),
    ...unless(
      inputs.engine === 'builtin',
      comparisonInput(inputs),
      `only empty with engine ${inputs.engine}; engine builtin can compare`,
    ),
    ...unless(
      limitMs === null || limitMs >= CONFIRMATION_FACTOR * durationMs,
      'compare-limit',
      `at least one and a half times compare-duration (${seconds(CONFIRMATION_FACTOR * durationMs)}), to leave time to confirm a change`,
    ),
    ...unless(
      rounds === null || durationMs / (2 * rounds) >= SHORTEST_WINDOW_MS,
      'rounds',
      `at most ${String(Math.floor(durationMs / (2 * SHORTEST_WINDOW_MS)))} in a compare-duration of ${seconds(durationMs)}, because each side is loaded for at least ${String(SHORTEST_WINDOW_MS)} ms`,
    ),
  ];
};

/** Rounds have their own length and no ramp. */
export const roundsRules: Rules = (inputs, unless) =>
  (['duration', 'ramp-up'] as const).flatMap((name) =>
    unless(
      inputs[name] === null,
      name,
      'only empty in a comparison; compare-duration is the length of all rounds together',
    ),
  );

const OF_EXISTING_CLUSTER = [
  'context',
  'allow-hosts',
  'ingress-address',
  'prometheus-service',
  'allow-cluster-changes',
] as const satisfies readonly InputName[];

/**
 * A cluster that may be in production must be named in full, and so must each host to load. Inputs that need a cluster
 * of the run are refused.
 */
const existingClusterRules: Rules = (inputs, unless) => {
  if (inputs.kubeconfig === null) {
    return OF_EXISTING_CLUSTER.flatMap((name) =>
      unless(isEmpty(inputs[name]), name, 'only given with kubeconfig, for an existing cluster'),
    );
  }
  const allowed = inputs['allow-hosts'] ?? [];
  // Hosts from the rules of the manifests would be chosen by the manifests; a person has to name them.
  const unnamed = inputs.hosts === null && inputs.manifests.length > 0;
  const others = loadTargets(inputs, null)
    .filter(({ host }) => !allowed.includes(host))
    .map(({ host }) => host);
  return [
    ...unless(!unnamed, 'hosts', 'the full names of the hosts to load, because kubeconfig is given'),
    ...unless(inputs.context !== null, 'context', 'a context of kubeconfig'),
    ...unless(
      unnamed || others.length === 0,
      'allow-hosts',
      `a list of all hosts of the load; it lacks ${[...new Set(others)].join(', ')}`,
    ),
    ...unless(
      inputs.engine === 'builtin',
      'engine',
      'only builtin with kubeconfig, because it connects to that ingress and nowhere else',
    ),
    ...unless(
      inputs['ingress-controller'] !== 'custom',
      'ingress-controller',
      'not custom with kubeconfig, because no controller is installed',
    ),
    ...unless(
      !isComparison(inputs),
      comparisonInput(inputs),
      'only empty with kubeconfig; compare on a kind cluster of the run',
    ),
    // A scenario names its own hosts, which would have to be allowed as well.
    ...unless(
      inputs.scenario === null,
      'scenario',
      'only empty with kubeconfig, where each host of the load is an input',
    ),
    ...unless(
      inputs['pull-secret'] === null,
      'pull-secret',
      'only empty with kubeconfig; the namespace has its own service accounts',
    ),
    ...unless(
      inputs.expose === null,
      'expose',
      "only empty with kubeconfig, where the run can't know which Ingress is reachable; add an Ingress to manifests",
    ),
    ...(['images', 'registry-mirror'] as const).flatMap((name) =>
      unless(inputs[name].length === 0, name, 'only empty with kubeconfig; the run does not touch those nodes'),
    ),
    ...(['config', 'cluster-name', 'http-port'] as const).flatMap((name) =>
      unless(inputs[name] === null, name, 'only empty with kubeconfig, because no cluster is created'),
    ),
  ];
};

/** A cluster is found again by its name, so it must be one that the action creates. */
const reuseRules: Rules = (inputs, unless) => {
  if (!inputs['reuse-cluster']) return [];
  return inputs.kubeconfig !== null
    ? unless(false, 'reuse-cluster', 'only false with kubeconfig, because no cluster is created')
    : unless(
        inputs['cluster-name'] !== null,
        'reuse-cluster',
        'only false without cluster-name, which identifies the cluster',
      );
};

/** Rules that a higher rate can't break, or that a step does not measure. */
const NOT_OF_A_STEP: ReadonlySet<string> = new Set(['http_reqs', 'resource_cpu', 'resource_memory']);

/** What a capacity search decides itself, and what it can't do. */
const capacityRules: Rules = (inputs, unless) => {
  if (inputs.mode !== 'capacity') return [];
  const others = inputs.thresholds.filter(({ metric }) => NOT_OF_A_STEP.has(metric));
  return [
    ...unless(inputs.rate === null, 'rate', 'only empty with mode capacity, which looks for it'),
    ...unless(
      inputs.requests === DEFAULT_REQUESTS,
      'requests',
      'only the default with mode capacity, where thresholds and duration set the length of a step',
    ),
    ...unless(inputs.engine === 'builtin', 'engine', 'only builtin with mode capacity'),
    ...unless(
      !isComparison(inputs) || inputs['baseline-manifests'].length > 0,
      'mode',
      `only load with ${comparisonInput(inputs)}`,
    ),
    // A search has steps, not rounds.
    ...unless(inputs.rounds === null, 'rounds', 'only empty with mode capacity, which compares in steps'),
    ...unless(
      inputs['compare-limit'] === null,
      'compare-limit',
      'only empty with mode capacity; capacity-limit is the time for both versions',
    ),
    ...unless(
      inputs['compare-duration'] === DEFAULT_COMPARE_DURATION_MS,
      'compare-duration',
      'only the default with mode capacity; capacity-limit is the time for both versions',
    ),
    ...unless(
      inputs.kubeconfig === null,
      'mode',
      'only load with kubeconfig: a search loads the cluster until it breaks, and others may depend on an existing cluster',
    ),
    ...unless(
      inputs.thresholds.length > 0,
      'thresholds',
      'at least one rule with mode capacity, which looks for the highest rate that keeps it',
    ),
    ...others.map(({ rule }): Contradiction => ({
      input: 'thresholds',
      got: rule,
      allowed:
        'only rules on http_req_duration, http_req_failed, checks and dropped_iterations with mode capacity, which judges its steps by nothing else',
    })),
    ...unless(
      (inputs.duration ?? 0) <= inputs['capacity-limit'] / 4,
      'duration',
      `at most a quarter of capacity-limit (${seconds(inputs['capacity-limit'])}) with mode capacity, because a search takes several steps`,
    ),
  ];
};

/** Pods that are added meanwhile would look like a difference between versions, or like the capacity of a step. */
const autoscalingRules: Rules = (inputs, unless) => {
  if (!inputs.autoscaling) return [];
  return [
    ...unless(
      inputs.kubeconfig === null,
      'autoscaling',
      'only false with kubeconfig: metrics-server would change the whole cluster',
    ),
    ...unless(
      !isComparison(inputs),
      'autoscaling',
      `only false with ${comparisonInput(inputs)}: the rounds of a comparison are too short for an autoscaler to react`,
    ),
    ...unless(
      inputs.mode === 'load',
      'autoscaling',
      'only false with mode capacity: its steps are too short for an autoscaler to react',
    ),
  ];
};

/** The dashboards show the Prometheus that the run itself deploys. */
const dashboardRules: Rules = (inputs, unless) => {
  if (!inputs.dashboard) return [];
  return [
    ...unless(
      inputs.kubeconfig === null,
      'dashboard',
      'only false with kubeconfig: nothing is installed in an existing cluster',
    ),
    ...unless(inputs.prometheus, 'dashboard', 'only false with prometheus: false, because there is nothing to show'),
  ];
};

/** The action's echo services have their own routes and are applied as a whole. */
const applicationRules: Rules = (inputs, unless) => [
  ...unless(
    inputs.expose === null || inputs.manifests.length > 0,
    'expose',
    'only empty without manifests, which have the Services',
  ),
  ...unless(
    inputs['leave-out'].length === 0 || inputs.manifests.length > 0,
    'leave-out',
    'only empty without manifests, which have the objects',
  ),
];

/** Helm values without a chart. Whether a folder is a chart is checked later, when folders are read. */
const helmRules: Rules = (inputs, unless) => [
  ...(['helm-values', 'helm-set', 'helm-release'] as const).flatMap((name) =>
    unless(
      isEmpty(inputs[name]) || inputs.manifests.length > 0,
      name,
      'only empty without manifests, which have the Helm chart',
    ),
  ),
  ...(['baseline-helm-values', 'baseline-helm-set', 'baseline-helm-release'] as const).flatMap((name) =>
    unless(
      isEmpty(inputs[name]) || inputs['baseline-manifests'].length > 0,
      name,
      'only empty without baseline-manifests, which have the Helm chart',
    ),
  ),
];

/** `reset` undoes what one round's load leaves for the next. */
const resetRules: Rules = (inputs, unless) => [
  ...unless(
    inputs.reset === null || isComparison(inputs),
    'reset',
    'only given in a comparison, where it runs before rounds; prepare runs before any load',
  ),
  ...unless(
    inputs.reset === null || inputs.mode === 'load',
    'reset',
    'only empty with mode capacity, which has no rounds; prepare runs before its steps',
  ),
];

const RULES: readonly Rules[] = [
  resetRules,
  applicationRules,
  helmRules,
  engineRules,
  stagesRules,
  stageTagRules,
  earlyEndRules,
  operatorRules,
  customRules('ingress-controller', ['ingress-manifests', 'ingress-namespace', 'ingress-selector']),
  customRules('baseline-ingress-controller', [
    'baseline-ingress-manifests',
    'baseline-ingress-namespace',
    'baseline-ingress-selector',
  ]),
  twoControllersRules,
  comparisonRules,
  existingClusterRules,
  reuseRules,
  capacityRules,
  autoscalingRules,
  dashboardRules,
];

/**
 * Faults in combinations of inputs that are each valid.
 *
 * @param settings the texts of the inputs, which the faults show.
 */
export const contradictionsOf = (inputs: Inputs, settings: Settings): Contradiction[] =>
  RULES.flatMap((rules) => rules(inputs, unlessOf(settings)));
