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

/** Gives a fault of one input unless the condition holds; `allowed` says what would have been right. */
type Unless = (holds: boolean, input: InputName, allowed: string) => Contradiction[];

/** A group of rules on inputs that are each well by themselves. */
type Rules = (inputs: Inputs, unless: Unless) => Contradiction[];

/** The rule as a user reads it shows the text of the input as it was given. */
export const unlessOf =
  (settings: Settings): Unless =>
  (holds, input, allowed) =>
    holds ? [] : [{ input, got: definitionOf(input).secret === true ? '***' : (settings[input] ?? ''), allowed }];

/** Whether an input asks for nothing. */
export const isEmpty = (value: Inputs[InputName]): boolean =>
  value === null || value === false || (Array.isArray(value) && value.length === 0);

/** The input by which a run is a comparison. */
const comparisonInput = (inputs: Inputs): InputName =>
  inputs['baseline-manifests'].length > 0 ? 'baseline-manifests' : 'baseline-ingress-controller';

/** The controllers that the run installs and whose pods it knows. */
const KNOWN_CONTROLLER = `one of ${[...BUILT_IN_CONTROLLERS, 'custom'].join(', ')}`;

const seconds = (ms: number): string => `${String(ms / 1000)}s`;

/** What one engine can do and the other can't is refused, not ignored. */
const engineRules: Rules = (inputs, unless) => {
  const { engine } = inputs;
  const http2 = inputs['http-version'] === '2';
  const shared = unless(
    http2 || inputs.streams === 1,
    'streams',
    'only 1 without http-version 2: a connection of HTTP/1.1 takes one request at a time',
  );
  if (engine === 'builtin') {
    return [
      ...unless(inputs['k6-script'] === null, 'k6-script', 'only empty with engine builtin; give engine k6 to run it'),
      ...shared,
    ];
  }
  const poisson = inputs.rate !== null && inputs.arrivals === 'poisson' && inputs['k6-script'] === null;
  return [
    ...unless(
      !poisson,
      'arrivals',
      `only constant with engine ${engine}, which has no Poisson arrivals; the engine builtin has`,
    ),
    ...unless(
      inputs.scenario === null,
      'scenario',
      `only empty with engine ${engine}; the engine builtin sends scenarios, and k6-script runs a script of your own`,
    ),
    ...shared,
    ...unless(
      !http2,
      'http-version',
      `only 1 with engine ${engine}, which speaks HTTP/2 by itself where a server offers it over HTTPS`,
    ),
    ...unless(inputs.workers === null, 'workers', `only empty with engine ${engine}, which uses every core by itself`),
  ];
};

/** Stages say how strong the load is and how long, and only the engine of this program counts by them. */
const stagesRules: Rules = (inputs, unless) => {
  if (inputs.stages === null) return [];
  return [
    ...(['rate', 'duration', 'ramp-up'] as const).flatMap((name) =>
      unless(inputs[name] === null, name, 'only empty with stages, which say how strong the load is and how long'),
    ),
    ...unless(
      inputs.requests === DEFAULT_REQUESTS,
      'requests',
      'only the default with stages, whose time ends the load',
    ),
    ...unless(
      inputs.engine === 'builtin',
      'stages',
      `only empty with engine ${inputs.engine}; k6-script has stages of its own, which k6 runs`,
    ),
    ...unless(
      !isComparison(inputs),
      'stages',
      'only empty in a comparison: its rounds are short and of one strength, so that they can be judged in pairs. Compare at the rate of the stage that matters',
    ),
    ...unless(
      inputs.mode === 'load',
      'stages',
      'only empty with mode capacity, which chooses the strength of its steps by itself',
    ),
  ];
};

/** Only one load of the engine of this program is looked at while it is sent. */
const earlyEndRules: Rules = (inputs, unless) => {
  const why =
    inputs.engine !== 'builtin'
      ? `with engine ${inputs.engine}: write them in the options of your k6-script, whose thresholds k6 looks at itself`
      : isComparison(inputs)
        ? 'in a comparison, which ends by itself as soon as it can tell'
        : inputs.mode === 'capacity'
          ? 'with mode capacity, whose steps are judged one by one'
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
  const least = `a whole number from parallelism (${String(parallelism)}) on, as each runner needs a`;
  return [
    // Of less than one for each, k6 gives some runners nothing to do.
    ...unless(!generated || concurrency >= parallelism, 'concurrency', `${least} connection`),
    ...unless(!generated || inputs.duration !== null || requests >= parallelism, 'requests', `${least} request`),
    ...unless(
      inputs['ingress-controller'] !== 'none',
      'ingress-controller',
      `${KNOWN_CONTROLLER} with engine k6-operator, which has to find the pods of the controller inside the cluster`,
    ),
    ...unless(
      inputs['k6-version'] === DEFAULT_VERSIONS.k6,
      'k6-version',
      'only the default with engine k6-operator, whose images are pinned',
    ),
    ...unless(inputs['k6-sha256'] === null, 'k6-sha256', 'only empty with engine k6-operator, whose images are pinned'),
  ];
};

/** A controller of one's own is named as a whole, and nothing of it is given for another one. */
const customRules = (
  controller: 'ingress-controller' | 'baseline-ingress-controller',
  parts: readonly InputName[],
): Rules => {
  return (inputs, unless) => {
    const chosen = inputs[controller];
    const beside = chosen === null ? `without ${controller}` : `with ${controller} ${chosen}`;
    const allowed =
      chosen === 'custom' ? `a value, as ${controller} is custom` : `only empty ${beside}; give custom to use it`;
    return parts.flatMap((name) => unless((inputs[name] === null) !== (chosen === 'custom'), name, allowed));
  };
};

/** One control plane, and a worker for each of two controllers. */
const NODES_OF_TWO_CONTROLLERS = 3;

/** Two controllers are two different ones, each with a node of its own, in front of one application. */
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
      'only empty with baseline-manifests: of two changes at once nobody could tell which of them made a difference',
    ),
    ...unless(own !== 'none', 'ingress-controller', `${KNOWN_CONTROLLER} with ${name}, which is compared with it`),
    ...unless(
      custom || namespaces.size === 2,
      name,
      `another controller with ingress-controller ${own}, whose namespace holds only one`,
    ),
    ...unless(
      !custom || namespaces.size === 2,
      'baseline-ingress-namespace',
      'another namespace than that of ingress-controller, by which their pods are told apart',
    ),
    ...unless(
      ingressClass === null || ingressClass !== inputs['ingress-class'],
      'baseline-ingress-class',
      'another class than ingress-class, as both controllers would answer for it',
    ),
    ...unless(
      inputs.config !== null || inputs.nodes >= NODES_OF_TWO_CONTROLLERS,
      'nodes',
      `a whole number from ${String(NODES_OF_TWO_CONTROLLERS)} on with ${name}, as each controller has a worker whose port leads to it`,
    ),
  ];
};

/** Half of a round shorter than this is more start and end than load. */
const SHORTEST_WINDOW_MS = 500;

/** A change is confirmed by fresh rounds, half as many as have found it. */
const CONFIRMATION_FACTOR = 1.5;

/** What a comparison needs, and what only makes sense with one. */
const comparisonRules: Rules = (inputs, unless) => {
  const [manifests, images] = [inputs['baseline-manifests'], inputs['baseline-images']];
  const unused = unless(
    manifests.length > 0 || images.length === 0,
    'baseline-images',
    'only empty without baseline-manifests, which use them',
  );
  if (!isComparison(inputs)) return unused;
  const { 'compare-duration': durationMs, 'compare-limit': limitMs, rounds } = inputs;
  return [
    ...unused,
    ...unless(
      manifests.length === 0 || inputs.manifests.length > 0,
      'baseline-manifests',
      'only empty without manifests, the version to compare them with',
    ),
    ...(inputs.mode === 'capacity' ? [] : roundsRules(inputs, unless)),
    ...unless(
      inputs.engine === 'builtin',
      comparisonInput(inputs),
      `only empty with engine ${inputs.engine}; the engine builtin compares`,
    ),
    ...unless(
      limitMs === null || limitMs >= CONFIRMATION_FACTOR * durationMs,
      'compare-limit',
      `a time from one and a half times compare-duration (${seconds(CONFIRMATION_FACTOR * durationMs)}) on, which leaves time to confirm a change`,
    ),
    ...unless(
      rounds === null || durationMs / (2 * rounds) >= SHORTEST_WINDOW_MS,
      'rounds',
      `at most ${String(Math.floor(durationMs / (2 * SHORTEST_WINDOW_MS)))} in a compare-duration of ${seconds(durationMs)}, as each side is loaded for at least ${String(SHORTEST_WINDOW_MS)} ms`,
    ),
  ];
};

/** Rounds have a length of their own, and nothing of them is a ramp. */
export const roundsRules: Rules = (inputs, unless) =>
  (['duration', 'ramp-up'] as const).flatMap((name) =>
    unless(inputs[name] === null, name, 'only empty in a comparison, whose rounds take compare-duration together'),
  );

const OF_EXISTING_CLUSTER = [
  'context',
  'allow-hosts',
  'ingress-address',
  'prometheus-service',
  'allow-cluster-changes',
] as const satisfies readonly InputName[];

/**
 * A cluster that may be somebody's production is named in full, and so is each host that load goes to.
 * What only a cluster of the run's own has is refused beside it.
 */
const existingClusterRules: Rules = (inputs, unless) => {
  if (inputs.kubeconfig === null) {
    return OF_EXISTING_CLUSTER.flatMap((name) =>
      unless(isEmpty(inputs[name]), name, 'only given with kubeconfig, for a cluster that exists already'),
    );
  }
  const allowed = inputs['allow-hosts'] ?? [];
  // Those that rules of the manifests lead to would be chosen by the manifests: somebody has to name them.
  const unnamed = inputs.hosts === null && inputs.manifests.length > 0;
  const others = loadTargets(inputs, null)
    .filter(({ host }) => !allowed.includes(host))
    .map(({ host }) => host);
  return [
    ...unless(!unnamed, 'hosts', 'the hosts of the load, in full, as kubeconfig is given'),
    ...unless(inputs.context !== null, 'context', 'a context of kubeconfig'),
    ...unless(
      unnamed || others.length === 0,
      'allow-hosts',
      `a list with each host that load is sent to; it lacks ${[...new Set(others)].join(', ')}`,
    ),
    ...unless(
      inputs.engine === 'builtin',
      'engine',
      'only builtin with kubeconfig, as it connects to the found ingress and nowhere else',
    ),
    ...unless(
      inputs['ingress-controller'] !== 'custom',
      'ingress-controller',
      'not custom with kubeconfig, as no controller is installed then',
    ),
    ...unless(
      !isComparison(inputs),
      comparisonInput(inputs),
      'only empty with kubeconfig; compare on a cluster of the run',
    ),
    // Its requests name hosts of their own, which would have to be allowed, too.
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
      'only empty with kubeconfig; which Ingress is reached there, only you know: add it to manifests',
    ),
    ...(['images', 'registry-mirror'] as const).flatMap((name) =>
      unless(inputs[name].length === 0, name, 'only empty with kubeconfig, whose nodes are not touched'),
    ),
    ...(['config', 'cluster-name', 'http-port'] as const).flatMap((name) =>
      unless(inputs[name] === null, name, 'only empty with kubeconfig, as no cluster is made'),
    ),
  ];
};

/** A cluster is found again by its name, and only one that the action makes can be. */
const reuseRules: Rules = (inputs, unless) => {
  if (!inputs['reuse-cluster']) return [];
  return inputs.kubeconfig !== null
    ? unless(false, 'reuse-cluster', 'only false with kubeconfig, as no cluster is made')
    : unless(
        inputs['cluster-name'] !== null,
        'reuse-cluster',
        'only false without cluster-name, by which the cluster is found',
      );
};

/** Rules that more requests per second can't break, or that a step measures nothing for. */
const NOT_OF_A_STEP: ReadonlySet<string> = new Set(['http_reqs', 'resource_cpu', 'resource_memory']);

/** What a search for the capacity decides by itself, and what it can't do. */
const capacityRules: Rules = (inputs, unless) => {
  if (inputs.mode !== 'capacity') return [];
  const others = inputs.thresholds.filter(({ metric }) => NOT_OF_A_STEP.has(metric));
  return [
    ...unless(inputs.rate === null, 'rate', 'only empty with mode capacity, which looks for it'),
    ...unless(
      inputs.requests === DEFAULT_REQUESTS,
      'requests',
      'only the default with mode capacity; the length of its steps follows from the thresholds and duration',
    ),
    ...unless(inputs.engine === 'builtin', 'engine', 'only builtin with mode capacity'),
    ...unless(
      !isComparison(inputs) || inputs['baseline-manifests'].length > 0,
      'mode',
      `only load with ${comparisonInput(inputs)}`,
    ),
    // Steps take the place of rounds.
    ...unless(inputs.rounds === null, 'rounds', 'only empty with mode capacity, which compares by steps'),
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
      'only load with kubeconfig: a search loads the cluster until it breaks, and others depend on one that exists already',
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
        'only rules on http_req_duration, http_req_failed, checks and dropped_iterations with mode capacity, as its steps are judged by nothing else',
    })),
    ...unless(
      (inputs.duration ?? 0) <= inputs['capacity-limit'] / 4,
      'duration',
      `at most a quarter of capacity-limit (${seconds(inputs['capacity-limit'])}) with mode capacity, as a search takes several steps`,
    ),
  ];
};

/** Pods that are added meanwhile would be taken for a difference between versions, or for the capacity of a step. */
const autoscalingRules: Rules = (inputs, unless) => {
  if (!inputs.autoscaling) return [];
  return [
    ...unless(
      inputs.kubeconfig === null,
      'autoscaling',
      'only false with kubeconfig: metrics-server would be a change of the whole cluster',
    ),
    ...unless(
      !isComparison(inputs),
      'autoscaling',
      `only false with ${comparisonInput(inputs)}: the rounds of a comparison are shorter than an autoscaler takes`,
    ),
    ...unless(
      inputs.mode === 'load',
      'autoscaling',
      'only false with mode capacity, whose steps are shorter than an autoscaler takes',
    ),
  ];
};

/** What it shows comes from a Prometheus that the run itself has deployed. */
const dashboardRules: Rules = (inputs, unless) => {
  if (!inputs.dashboard) return [];
  return [
    ...unless(
      inputs.kubeconfig === null,
      'dashboard',
      'only false with kubeconfig: nothing is installed in a cluster that exists already',
    ),
    ...unless(inputs.prometheus, 'dashboard', 'only false with prometheus: false, which has nothing to show'),
  ];
};

/** The services of the action have routes of their own, and are applied as a whole. */
const applicationRules: Rules = (inputs, unless) => [
  ...unless(
    inputs.expose === null || inputs.manifests.length > 0,
    'expose',
    'only empty without manifests, which hold the Services',
  ),
  ...unless(
    inputs['leave-out'].length === 0 || inputs.manifests.length > 0,
    'leave-out',
    'only empty without manifests, which hold the objects',
  ),
];

/** Values for charts that are not there. Whether a folder is a chart is seen when the folders are looked at. */
const helmRules: Rules = (inputs, unless) => [
  ...(['helm-values', 'helm-set', 'helm-release'] as const).flatMap((name) =>
    unless(
      isEmpty(inputs[name]) || inputs.manifests.length > 0,
      name,
      'only empty without manifests, which hold the Helm chart',
    ),
  ),
  ...(['baseline-helm-values', 'baseline-helm-set', 'baseline-helm-release'] as const).flatMap((name) =>
    unless(
      isEmpty(inputs[name]) || inputs['baseline-manifests'].length > 0,
      name,
      'only empty without baseline-manifests, which hold the Helm chart',
    ),
  ),
];

/** A reset is for what the load of one round leaves to the next. */
const resetRules: Rules = (inputs, unless) => [
  ...unless(
    inputs.reset === null || isComparison(inputs),
    'reset',
    'only given in a comparison, before whose rounds it runs; prepare runs before any load',
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
 * What is wrong with inputs that are each well, but do not go together.
 *
 * @param settings the texts of the inputs, which the faults show.
 */
export const contradictionsOf = (inputs: Inputs, settings: Settings): Contradiction[] =>
  RULES.flatMap((rules) => rules(inputs, unlessOf(settings)));
