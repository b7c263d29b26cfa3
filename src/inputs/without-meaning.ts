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

/** What changes nothing once a cluster is up and its application deployed. */
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
  /** When they would mean something, as it fits after "only". */
  readonly only: string;
}

const GROUPS: readonly Group[] = [
  {
    names: ['arrivals'],
    isUsed: ({ rate, mode, stages }) => rate !== null || mode === 'capacity' || stages?.unit === 'rate',
    only: 'with rate, or stages of requests per second: without one, the next request leaves when an answer came',
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
 * @param command what the run has: no cluster (`try`), two sides by an option of its own (`try --compare`), or all.
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
  return [...ignored, ...toothlessRules(inputs.thresholds)];
}

/** The same for a command that goes on with a cluster which is up already, of what is given to it alone. */
export const tooLate = (given: Settings): string[] =>
  OF_BRINGING_UP.filter((name) => given[name] !== undefined).map((name) =>
    sentence(name, given, 'when the cluster is made and the application deployed, which the command up has done'),
  );

/** What decides whom the checks before a load trust, and is kept by them. */
const OF_HEALTH = ['tls-verify', 'ca'] as const satisfies readonly InputName[];

/** The same for a load that follows checks which have decided already. */
export const tooLateForLoad = (given: Settings): string[] =>
  OF_HEALTH.filter((name) => given[name] !== undefined).map((name) =>
    sentence(name, given, 'before a load: give it to the command health, which looks at the certificates'),
  );

/** A text that is the default may not have been given at all. */
const isGiven = (name: InputName, settings: Settings): boolean =>
  (settings[name] ?? '') !== '' && settings[name] !== definitionOf(name).default;

const sentence = (name: InputName, settings: Settings, only: string): string =>
  `Input ${name} (${JSON.stringify(settings[name] ?? '')}) is ignored: it has a meaning only ${only}.`;
