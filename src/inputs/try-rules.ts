import type { Contradiction } from './faults.ts';
import { isEmpty, NO_STAGES_IN_ROUNDS, roundsRules, unlessOf } from './rules.ts';
import { definitionOf, type InputName, type Inputs, type Settings } from './table.ts';

/** The inputs that only a cluster can serve. */
const NEEDS_CLUSTER = [
  'manifests',
  'prepare',
  'reset',
  'leave-out',
  'helm-values',
  'helm-set',
  'helm-release',
  'expose',
  'images',
  'baseline-manifests',
  'baseline-helm-values',
  'baseline-helm-set',
  'baseline-helm-release',
  'baseline-images',
  'kubeconfig',
  'baseline-ingress-controller',
  'autoscaling',
  'dashboard',
] as const satisfies readonly InputName[];

/** Inputs of a settings file about an application and a cluster, which `try` does not have. */
const OF_THE_APPLICATION: readonly InputName[] = [...NEEDS_CLUSTER, 'scenario', 'k6-script'];

/**
 * Whether the command `try` takes an input from a settings file: it uses the load, but not the target.
 *
 * @param inTurns whether two sets of services are loaded in rounds, which have their own length.
 */
export function isOfUseToTry(name: InputName, inTurns: boolean): boolean {
  const { topic } = definitionOf(name);
  if (topic === 'application' || topic === 'cluster' || OF_THE_APPLICATION.includes(name)) return false;
  return (
    !(inTurns && (name === 'duration' || name === 'ramp-up' || name === 'stages')) && !name.startsWith('baseline-')
  );
}

/**
 * Inputs that `try` can't use, because it has no cluster.
 *
 * @param settings the texts of the inputs, which the faults show.
 */
export function faultsOfTry(inputs: Inputs, settings: Settings, compare: boolean): Contradiction[] {
  const unless = unlessOf(settings);
  return [
    ...NEEDS_CLUSTER.flatMap((name) =>
      unless(
        isEmpty(inputs[name]),
        name,
        `only ${typeof inputs[name] === 'boolean' ? 'false' : 'empty'} with the command try, which has no cluster; use the command run`,
      ),
    ),
    ...unless(
      inputs.engine !== 'k6-operator',
      'engine',
      'builtin or k6 with the command try, which has no cluster for runners; use the command run',
    ),
    ...(compare && inputs.mode !== 'capacity'
      ? [...roundsRules(inputs, unless), ...unless(inputs.stages === null, 'stages', NO_STAGES_IN_ROUNDS)]
      : []),
  ];
}
