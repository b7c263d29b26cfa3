import { toothlessRules } from '../load/thresholds/thresholds.ts';
import { definitionOf, type InputName, type Inputs, isComparison, type Settings } from './table.ts';

const OF_A_CLUSTER = [
  'namespace',
  'pull-secret',
  'registry-mirror',
  'cache-images',
  'cluster-name',
  'reuse-cluster',
  'nodes',
  'kind-version',
  'kubectl-version',
  'kind-sha256',
  'kubectl-sha256',
  'helm-version',
  'helm-sha256',
  'node-image',
  'config',
  'wait',
  'keep-cluster',
  'ingress-controller',
  'ingress-class',
  'prometheus',
  'http-port',
  'https-port',
] as const satisfies readonly InputName[];

/** Inputs that have no effect once a cluster is up and its application deployed. */
const OF_BRINGING_UP = [
  ...OF_A_CLUSTER.filter((name) => name !== 'keep-cluster' && name !== 'wait'),
  'manifests',
  'leave-out',
  'helm-values',
  'helm-set',
  'helm-release',
  'images',
  'expose',
  'baseline-manifests',
  'baseline-helm-values',
  'baseline-helm-set',
  'baseline-helm-release',
  'baseline-images',
  'ingress-manifests',
  'ingress-namespace',
  'ingress-selector',
  'baseline-ingress-controller',
  'baseline-ingress-manifests',
  'baseline-ingress-namespace',
  'baseline-ingress-selector',
  'baseline-ingress-class',
] as const satisfies readonly InputName[];

interface Group {
  readonly names: readonly InputName[];
  readonly isUsed: (inputs: Inputs) => boolean;
  /** When they would have an effect, to follow "only". */
  readonly only: string;
}

const GROUPS: readonly Group[] = [
  {
    names: ['arrivals'],
    isUsed: ({ rate, mode, stages }) => rate !== null || mode === 'capacity' || stages?.unit === 'rate',
    only: 'with rate, or stages of requests per second: without one, the next request leaves when the last one is answered',
  },
  {
    names: ['concurrency'],
    isUsed: ({ stages }) => stages?.unit !== 'users',
    only: 'without stages that say how many users there are',
  },
  {
    names: ['prepare-timeout'],
    isUsed: ({ prepare, reset }) => prepare !== null || reset !== null,
    only: 'with prepare or reset',
  },
  { names: ['capacity-limit'], isUsed: ({ mode }) => mode === 'capacity', only: 'with mode: capacity' },
  { names: ['parallelism'], isUsed: ({ engine }) => engine === 'k6-operator', only: 'with engine: k6-operator' },
  { names: ['k6-version', 'k6-sha256'], isUsed: ({ engine }) => engine !== 'builtin', only: 'with engine: k6' },
];

const OF_COMPARISONS: readonly InputName[] = [
  'rounds',
  'compare-duration',
  'compare-limit',
  'tolerance',
  'fail-on-regression',
  'fresh-starts',
];

/**
 * The inputs that were given and mean nothing in this run, and rules that can hardly be broken, each in a sentence.
 *
 * @param command what the run has: no cluster (`try`), two sides from its own option (`try --compare`), or everything.
 */
export function withoutMeaning(
  inputs: Inputs,
  settings: Settings,
  command: { readonly hasCluster: boolean; readonly compares: boolean },
): string[] {
  const groups: readonly Group[] = [
    ...GROUPS,
    { names: OF_COMPARISONS, isUsed: () => command.compares || isComparison(inputs), only: 'in a comparison' },
    {
      names: ['profile'],
      isUsed: () => command.hasCluster && isComparison(inputs) && inputs.mode === 'load',
      only: 'in a comparison on a cluster with mode: load',
    },
    {
      names: OF_A_CLUSTER,
      isUsed: () => command.hasCluster,
      only: 'with a cluster, which the command try does not make',
    },
  ];
  const ignored = groups.flatMap(({ names, isUsed, only }) =>
    isUsed(inputs) ? [] : names.filter((name) => isGiven(name, settings)).map((name) => sentence(name, settings, only)),
  );
  return [...ignored, ...toothlessRules(inputs.thresholds), ...rulesOnArrivals(inputs)];
}

/** Where the next request leaves when an answer came, none is ever due and not sent. */
function rulesOnArrivals({ rate, stages, mode, thresholds, 'k6-script': script }: Inputs): string[] {
  if (rate !== null || stages?.unit === 'rate' || mode === 'capacity' || script !== null) return [];
  return thresholds
    .filter(({ metric }) => metric === 'dropped_iterations')
    .map(
      ({ rule }) =>
        `The rule ${rule} says nothing: dropped_iterations has a meaning only with rate, or stages of requests per second, and is 0 without.`,
    );
}

/** Like `withoutMeaning`, for the inputs of a command that continues with a running cluster. */
export const tooLate = (given: Settings): string[] =>
  OF_BRINGING_UP.filter((name) => given[name] !== undefined).map((name) =>
    sentence(name, given, 'when the cluster is created and the application deployed, which the command up did'),
  );

/** The checks before a load read these inputs and keep the result. */
const OF_HEALTH = ['tls-verify', 'ca'] as const satisfies readonly InputName[];

/** Like `withoutMeaning`, for a load whose checks are already done. */
export const tooLateForLoad = (given: Settings): string[] =>
  OF_HEALTH.filter((name) => given[name] !== undefined).map((name) =>
    sentence(name, given, 'before a load: give it to the command health, which looks at the certificates'),
  );

/** A text that equals the default may not have been given at all. */
const isGiven = (name: InputName, settings: Settings): boolean =>
  (settings[name] ?? '') !== '' && settings[name] !== definitionOf(name).default;

const sentence = (name: InputName, settings: Settings, only: string): string =>
  `Input ${name} (${JSON.stringify(settings[name] ?? '')}) is ignored: it only has an effect ${only}.`;
