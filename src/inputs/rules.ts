import { BUNDLED_NAMESPACE } from '../cluster/ingress-controller.ts';
import { DEFAULT_VERSIONS } from '../cluster/pinned-versions.ts';
import { loadTargets } from '../load/requests/targets.ts';
import {
  DEFAULT_COMPARE_DURATION_MS,
  DEFAULT_REQUESTS,
  type InputFault,
  type InputName,
  type Inputs,
  isComparison,
} from './table.ts';

const fault = (input: InputName, got: string, allowed: string): InputFault => ({ input, got, allowed });

/** What is wrong with inputs that are each well, but do not go together. */
export const contradictionsOf = (inputs: Inputs): InputFault[] => [
  ...engineFaults(inputs),
  ...ingressFaults(inputs),
  ...baselineIngressFaults(inputs),
  ...comparisonFaults(inputs),
  ...existingClusterFaults(inputs),
  ...reuseFaults(inputs),
  ...capacityFaults(inputs),
  ...autoscalingFaults(inputs),
  ...dashboardFaults(inputs),
];

/** What `try` would have to leave out, as it has no cluster. */
export function faultsOfTry(inputs: Inputs, compare: boolean): InputFault[] {
  const needsCluster = (
    [
      'manifests',
      'images',
      'baseline-manifests',
      'baseline-images',
      'kubeconfig',
      'baseline-ingress-controller',
      'autoscaling',
      'dashboard',
    ] as const
  )
    .filter((name) => !isEmpty(inputs[name]))
    .map((name) =>
      fault(
        name,
        textOfValue(inputs[name]),
        `only ${typeof inputs[name] === 'boolean' ? 'false' : 'empty'} with the command try, which has no cluster; the command run makes one`,
      ),
    );
  return [
    ...needsCluster,
    ...(inputs.engine === 'k6-operator'
      ? [
          fault(
            'engine',
            inputs.engine,
            'builtin or k6 with the command try, which has no cluster for its runners; the command run makes one',
          ),
        ]
      : []),
    ...(compare && inputs.mode !== 'capacity' ? unusedByRounds(inputs) : []),
  ];
}

const isEmpty = (value: Inputs[InputName]): boolean =>
  value === null || value === false || (Array.isArray(value) && value.length === 0);

/** What one engine can do and the other can't is refused, not ignored. */
function engineFaults(inputs: Inputs): InputFault[] {
  if (inputs.engine === 'builtin') {
    if (inputs['k6-script'] === null) return [];
    return [fault('k6-script', inputs['k6-script'], 'only empty with engine builtin; give engine k6 to run it')];
  }
  const { engine } = inputs;
  const poisson = inputs.rate !== null && inputs.arrivals === 'poisson' && inputs['k6-script'] === null;
  return [
    ...(poisson
      ? [
          fault(
            'arrivals',
            inputs.arrivals,
            `only constant with engine ${engine}, which has no Poisson arrivals; the engine builtin has`,
          ),
        ]
      : []),
    ...(inputs.scenario === null
      ? []
      : [
          fault(
            'scenario',
            inputs.scenario,
            `only empty with engine ${engine}; the engine builtin sends scenarios, and k6-script runs a script of your own`,
          ),
        ]),
    ...(inputs.workers === null
      ? []
      : [
          fault('workers', String(inputs.workers), `only empty with engine ${engine}, which uses every core by itself`),
        ]),
    ...(engine === 'k6-operator' ? operatorFaults(inputs) : []),
  ];
}

/** What k6 in pods of the cluster can't do, or needs. */
function operatorFaults(inputs: Inputs): InputFault[] {
  const { parallelism, concurrency, requests, duration: durationMs } = inputs;
  const generated = inputs['k6-script'] === null;
  return [
    // Of less than one for each, k6 gives some runners nothing to do.
    ...(generated && concurrency < parallelism
      ? [
          fault(
            'concurrency',
            String(concurrency),
            `a whole number from parallelism (${String(parallelism)}) on, as each runner needs a connection`,
          ),
        ]
      : []),
    ...(generated && durationMs === null && requests < parallelism
      ? [
          fault(
            'requests',
            String(requests),
            `a whole number from parallelism (${String(parallelism)}) on, as each runner needs a request`,
          ),
        ]
      : []),
    ...(inputs['ingress-controller'] === 'none'
      ? [
          fault(
            'ingress-controller',
            'none',
            'nginx or custom with engine k6-operator, which has to find the pods of the controller inside the cluster',
          ),
        ]
      : []),
    ...(inputs['k6-version'] === DEFAULT_VERSIONS.k6
      ? []
      : [
          fault(
            'k6-version',
            inputs['k6-version'],
            'only the default with engine k6-operator, whose images are pinned',
          ),
        ]),
    ...(inputs['k6-sha256'] === null
      ? []
      : [fault('k6-sha256', inputs['k6-sha256'], 'only empty with engine k6-operator, whose images are pinned')]),
  ];
}

/** A controller of one's own is named as a whole, and nothing of it is given for another one. */
const ingressFaults = (inputs: Inputs): InputFault[] =>
  customFaults(inputs, 'ingress-controller', ['ingress-manifests', 'ingress-namespace', 'ingress-selector']);

function customFaults(
  inputs: Inputs,
  controller: 'ingress-controller' | 'baseline-ingress-controller',
  parts: readonly InputName[],
): InputFault[] {
  const chosen = inputs[controller];
  const custom = chosen === 'custom';
  return parts
    .filter((name) => (inputs[name] === null) === custom)
    .map((name) => {
      const allowed = custom
        ? `a value, as ${controller} is custom`
        : `only empty ${chosen === null ? 'without' : 'with'} ${controller}${chosen === null ? '' : ` ${chosen}`}; give custom to use it`;
      return fault(name, textOfValue(inputs[name]), allowed);
    });
}

/** One control plane, and a worker for each of two controllers. */
const NODES_OF_TWO_CONTROLLERS = 3;

/** Two controllers are two different ones, each with a node of its own, in front of one application. */
function baselineIngressFaults(inputs: Inputs): InputFault[] {
  const name = 'baseline-ingress-controller';
  const baseline = inputs[name];
  const ingressClass = inputs['baseline-ingress-class'];
  const custom = customFaults(inputs, name, [
    'baseline-ingress-manifests',
    'baseline-ingress-namespace',
    'baseline-ingress-selector',
  ]);
  if (baseline === null)
    return [
      ...custom,
      ...(ingressClass === null ? [] : [fault('baseline-ingress-class', ingressClass, `only empty without ${name}`)]),
    ];
  const namespaces = [
    inputs['ingress-namespace'] ?? BUNDLED_NAMESPACE,
    inputs['baseline-ingress-namespace'] ?? BUNDLED_NAMESPACE,
  ];
  return [
    ...custom,
    ...(inputs['baseline-manifests'].length === 0
      ? []
      : [
          fault(
            name,
            baseline,
            'only empty with baseline-manifests: of two changes at once nobody could tell which of them made a difference',
          ),
        ]),
    ...(inputs['ingress-controller'] === 'none'
      ? [fault('ingress-controller', 'none', `nginx or custom with ${name}, which is compared with it`)]
      : []),
    ...(baseline === 'nginx' && inputs['ingress-controller'] === 'nginx'
      ? [fault(name, baseline, 'custom with ingress-controller nginx: the bundled one is there once')]
      : []),
    ...(namespaces[0] === namespaces[1] && (baseline === 'custom' || inputs['ingress-controller'] === 'custom')
      ? [
          fault(
            'baseline-ingress-namespace',
            namespaces[1] ?? '',
            'another namespace than that of ingress-controller, by which their pods are told apart',
          ),
        ]
      : []),
    ...(ingressClass !== null && ingressClass === inputs['ingress-class']
      ? [
          fault(
            'baseline-ingress-class',
            ingressClass,
            'another class than ingress-class, as both controllers would answer for it',
          ),
        ]
      : []),
    ...(inputs.config === null && inputs.nodes < NODES_OF_TWO_CONTROLLERS
      ? [
          fault(
            'nodes',
            String(inputs.nodes),
            `a whole number from ${String(NODES_OF_TWO_CONTROLLERS)} on with ${name}, as each controller has a worker whose port leads to it`,
          ),
        ]
      : []),
  ];
}

/** The input by which a run is a comparison. */
const comparisonInput = (inputs: Inputs): InputName =>
  inputs['baseline-manifests'].length > 0 ? 'baseline-manifests' : 'baseline-ingress-controller';

/** Half of a round shorter than this is more start and end than load. */
const SHORTEST_WINDOW_MS = 500;

/** A regression is confirmed by fresh rounds, half as many as have found it. */
const CONFIRMATION_FACTOR = 1.5;

/** What a comparison needs, and what only makes sense with one. */
function comparisonFaults(inputs: Inputs): InputFault[] {
  const [manifests, images] = [inputs['baseline-manifests'], inputs['baseline-images']];
  const unused =
    manifests.length === 0 && images.length > 0
      ? [fault('baseline-images', images.join('\n'), 'only empty without baseline-manifests, which use them')]
      : [];
  if (!isComparison(inputs)) return unused;
  const name = comparisonInput(inputs);
  const baseline = textOfValue(inputs[name]);
  const { 'compare-duration': durationMs, 'compare-limit': limitMs, rounds: count } = inputs;
  const seconds = (ms: number): string => `${String(ms / 1000)}s`;
  return [
    ...unused,
    ...(manifests.length > 0 && inputs.manifests.length === 0
      ? [fault('baseline-manifests', baseline, 'only empty without manifests, the version to compare them with')]
      : []),
    ...(inputs.mode === 'capacity' ? [] : unusedByRounds(inputs)),
    ...(inputs.engine === 'builtin'
      ? []
      : [fault(name, baseline, `only empty with engine ${inputs.engine}; the engine builtin compares`)]),
    ...(limitMs !== null && limitMs < CONFIRMATION_FACTOR * durationMs
      ? [
          fault(
            'compare-limit',
            seconds(limitMs),
            `a time from one and a half times compare-duration (${seconds(CONFIRMATION_FACTOR * durationMs)}) on, which leaves time to confirm a regression`,
          ),
        ]
      : []),
    ...(count !== null && durationMs / (2 * count) < SHORTEST_WINDOW_MS
      ? [
          fault(
            'rounds',
            String(count),
            `at most ${String(Math.floor(durationMs / (2 * SHORTEST_WINDOW_MS)))} in a compare-duration of ${seconds(durationMs)}, as each side is loaded for at least ${String(SHORTEST_WINDOW_MS)} ms`,
          ),
        ]
      : []),
  ];
}

/** Rounds have a length of their own, and nothing of them is a ramp. */
const unusedByRounds = (inputs: Inputs): InputFault[] =>
  (['duration', 'ramp-up'] as const)
    .filter((name) => inputs[name] !== null)
    .map((name) =>
      fault(
        name,
        `${String((inputs[name] ?? 0) / 1000)}s`,
        'only empty in a comparison, whose rounds take compare-duration together',
      ),
    );

/**
 * A cluster that may be somebody's production is named in full, and so is each host that load goes to.
 * What only a cluster of the run's own has is refused beside it.
 */
function existingClusterFaults(inputs: Inputs): InputFault[] {
  const only = (name: InputName, allowed: string): InputFault => fault(name, textOfValue(inputs[name]), allowed);
  if (inputs.kubeconfig === null) {
    const given = (['context', 'allow-hosts', 'ingress-address', 'prometheus-service'] as const).filter(
      (name) => inputs[name] !== null,
    );
    return [...given, ...(inputs['allow-cluster-changes'] ? (['allow-cluster-changes'] as const) : [])].map((name) =>
      only(name, 'only given with kubeconfig, for a cluster that exists already'),
    );
  }
  const allowed = inputs['allow-hosts'] ?? [];
  // Those that rules of the manifests lead to would be chosen by the manifests: somebody has to name them.
  const unnamed = inputs.hosts === null && inputs.manifests.length > 0;
  const others = loadTargets(inputs, null)
    .filter(({ host }) => !allowed.includes(host))
    .map(({ host }) => host);
  return [
    ...(unnamed ? [only('hosts', 'the hosts of the load, in full, as kubeconfig is given')] : []),
    ...(inputs.context === null ? [only('context', 'a context of kubeconfig')] : []),
    ...(unnamed || others.length === 0
      ? []
      : [
          fault(
            'allow-hosts',
            allowed.join('\n'),
            `a list with each host that load is sent to; it lacks ${[...new Set(others)].join(', ')}`,
          ),
        ]),
    ...(inputs.engine === 'builtin'
      ? []
      : [only('engine', 'only builtin with kubeconfig, as it connects to the found ingress and nowhere else')]),
    ...(inputs['ingress-controller'] === 'custom'
      ? [only('ingress-controller', 'not custom with kubeconfig, as no controller is installed then')]
      : []),
    ...(isComparison(inputs)
      ? [only(comparisonInput(inputs), 'only empty with kubeconfig; compare on a cluster of the run')]
      : []),
    // Its requests name hosts of their own, which would have to be allowed, too.
    ...(inputs.scenario === null
      ? []
      : [only('scenario', 'only empty with kubeconfig, where each host of the load is an input')]),
    ...(inputs['pull-secret'] === null
      ? []
      : [fault('pull-secret', '***', 'only empty with kubeconfig; the namespace has its own service accounts')]),
    ...(['images', 'registry-mirror'] as const)
      .filter((name) => inputs[name].length > 0)
      .map((name) => only(name, 'only empty with kubeconfig, whose nodes are not touched')),
    ...(['config', 'cluster-name', 'http-port'] as const)
      .filter((name) => inputs[name] !== null)
      .map((name) => only(name, 'only empty with kubeconfig, as no cluster is made')),
  ];
}

/** A cluster is found again by its name, and only one that the action makes can be. */
function reuseFaults(inputs: Inputs): InputFault[] {
  if (!inputs['reuse-cluster']) return [];
  if (inputs.kubeconfig !== null)
    return [fault('reuse-cluster', 'true', 'only false with kubeconfig, as no cluster is made')];
  return inputs['cluster-name'] === null
    ? [fault('reuse-cluster', 'true', 'only false without cluster-name, by which the cluster is found')]
    : [];
}

const textOfValue = (value: unknown): string => {
  if (Array.isArray(value)) return value.join('\n');
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
};

/** Rules that more requests per second can't break, or that a step measures nothing for. */
const NOT_OF_A_STEP: ReadonlySet<string> = new Set(['http_reqs', 'resource_cpu', 'resource_memory']);

/** What a search for the capacity decides by itself, and what it can't do. */
function capacityFaults(inputs: Inputs): InputFault[] {
  if (inputs.mode !== 'capacity') return [];
  const rules = inputs.thresholds.filter(({ metric }) => NOT_OF_A_STEP.has(metric));
  return [
    ...(inputs.rate === null
      ? []
      : [fault('rate', String(inputs.rate), 'only empty with mode capacity, which looks for it')]),
    ...(inputs.requests === DEFAULT_REQUESTS
      ? []
      : [
          fault(
            'requests',
            String(inputs.requests),
            'only the default with mode capacity; the length of its steps follows from the thresholds and duration',
          ),
        ]),
    ...(inputs.engine === 'builtin' ? [] : [fault('engine', inputs.engine, 'only builtin with mode capacity')]),
    ...(isComparison(inputs) && inputs['baseline-manifests'].length === 0
      ? [fault('mode', inputs.mode, `only load with ${comparisonInput(inputs)}`)]
      : []),
    // Steps take the place of rounds.
    ...(inputs.rounds === null
      ? []
      : [fault('rounds', String(inputs.rounds), 'only empty with mode capacity, which compares by steps')]),
    ...(inputs['compare-limit'] === null
      ? []
      : [
          fault(
            'compare-limit',
            `${String(inputs['compare-limit'] / 1000)}s`,
            'only empty with mode capacity; capacity-limit is the time for both versions',
          ),
        ]),
    ...(inputs['compare-duration'] === DEFAULT_COMPARE_DURATION_MS
      ? []
      : [
          fault(
            'compare-duration',
            `${String(inputs['compare-duration'] / 1000)}s`,
            'only the default with mode capacity; capacity-limit is the time for both versions',
          ),
        ]),
    ...(inputs.kubeconfig === null
      ? []
      : [
          fault(
            'mode',
            inputs.mode,
            'only load with kubeconfig: a search loads the cluster until it breaks, which one that exists already has others to answer for',
          ),
        ]),
    ...(inputs.thresholds.length === 0
      ? [
          fault(
            'thresholds',
            '',
            'at least one rule with mode capacity, which looks for the highest rate that keeps it',
          ),
        ]
      : []),
    ...rules.map(({ rule }) =>
      fault(
        'thresholds',
        rule,
        'only rules on http_req_duration, http_req_failed and dropped_iterations with mode capacity, as its steps are judged by nothing else',
      ),
    ),
    ...((inputs.duration ?? 0) <= inputs['capacity-limit'] / 4
      ? []
      : [
          fault(
            'duration',
            `${String((inputs.duration ?? 0) / 1000)}s`,
            `at most a quarter of capacity-limit (${String(inputs['capacity-limit'] / 1000)}s) with mode capacity, as a search takes several steps`,
          ),
        ]),
  ];
}

/** Pods that are added meanwhile would be taken for a difference between versions, or for the capacity of a step. */
function autoscalingFaults(inputs: Inputs): InputFault[] {
  if (!inputs.autoscaling) return [];
  const only = (allowed: string): InputFault => ({ input: 'autoscaling', got: 'true', allowed });
  return [
    ...(inputs.kubeconfig === null
      ? []
      : [only('only false with kubeconfig: metrics-server would be a change of the whole cluster')]),
    ...(isComparison(inputs)
      ? [
          only(
            `only false with ${comparisonInput(inputs)}: the rounds of a comparison are shorter than an autoscaler takes`,
          ),
        ]
      : []),
    ...(inputs.mode === 'load'
      ? []
      : [only('only false with mode capacity, whose steps are shorter than an autoscaler takes')]),
  ];
}

/** What it shows comes from a Prometheus that the run itself has deployed. */
function dashboardFaults(inputs: Inputs): InputFault[] {
  if (!inputs.dashboard) return [];
  const only = (allowed: string): InputFault => fault('dashboard', 'true', allowed);
  return [
    ...(inputs.kubeconfig === null
      ? []
      : [only('only false with kubeconfig: nothing is installed in a cluster that exists already')]),
    ...(inputs.prometheus ? [] : [only('only false with prometheus: false, which has nothing to show')]),
  ];
}
