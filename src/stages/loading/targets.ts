import { exists, readText } from '../../adapters/files.ts';
import { targetsOfVersion } from '../../cluster/sides/version-names.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Inputs } from '../../inputs/table.ts';
import type { Target } from '../../load/requests/plan.ts';
import { parseScenario, type ScenarioTarget } from '../../load/requests/scenario.ts';
import { loadTargets } from '../../load/requests/targets.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import type { ComparedVersions } from '../../state.ts';

/** The addresses that the load is spread over. */
export const targetsOf = ({ inputs, store }: Context): Target[] =>
  loadTargets(inputs, store.state.foundTargets, scenarioOf(inputs));

/** The addresses that both sides of a comparison have, with the hosts as the manifests name them. */
export const comparedTargetsOf = (
  context: Context,
  { subject, targets }: Pick<ComparedVersions, 'subject' | 'targets'>,
): Target[] =>
  subject === 'ingress-controllers'
    ? targetsOf(context)
    : loadTargets({ ...context.inputs, hosts: targets }, null, scenarioOf(context.inputs));

/** The same as one side is asked for them: a version has hosts of its own, a controller the port that leads to it. */
export const targetsOfSide = ({ subject }: ComparedVersions, side: Side, targets: readonly Target[]): Target[] =>
  subject === 'ingress-controllers' ? [...targets] : targetsOfVersion(side, targets);

/** Everything that is to answer, by the side of a comparison; head's alone without one. */
export function everyTargetOf(context: Context): { readonly side: Side; readonly targets: readonly Target[] }[] {
  const { comparedVersions } = context.store.state;
  if (comparedVersions === undefined) return [{ side: 'head', targets: targetsOf(context) }];
  return SIDES.map((side) => ({
    side,
    targets: targetsOfSide(comparedVersions, side, comparedTargetsOf(context, comparedVersions)),
  }));
}

/** Read anew each time: headers in it may be secret, so that it must not be in the state. */
function scenarioOf({ scenario }: Inputs): ScenarioTarget[] | null {
  if (scenario === null) return null;
  if (!exists(scenario)) {
    throw new StageError('input-invalid', `Input scenario is ${JSON.stringify(scenario)}, but there is no such file.`, {
      hint: 'Give a path relative to the workspace. Is there a checkout step before this one?',
    });
  }
  const { targets, faults } = parseScenario(readText(scenario));
  if (faults.length === 0) return targets;
  throw new StageError(
    'input-invalid',
    faults.map(({ line, message }) => `${scenario}, line ${String(line)}: ${message}`).join('\n'),
    {
      hint: 'docs/scenario.md says what a scenario holds. Nothing was sent.',
    },
  );
}
