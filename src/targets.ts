import { exists, readText } from './adapters/files.ts';
import { targetsOfVersion, VERSIONS } from './cluster/version-names.ts';
import type { Context } from './context.ts';
import { StageError } from './errors.ts';
import type { Inputs } from './inputs.ts';
import type { Target } from './load/plan.ts';
import { parseScenario, type ScenarioTarget } from './load/scenario.ts';
import { loadTargets } from './load/targets.ts';
import type { ComparedVersions } from './state.ts';

/** The addresses that the load is spread over. */
export const targetsOf = ({ inputs, store }: Context): Target[] => loadTargets(inputs, store.state.foundTargets, scenarioOf(inputs));

/** The same when two versions are compared, by the hosts in the manifests that both have. */
export const comparedTargetsOf = ({ inputs }: Context, { targets }: ComparedVersions): Target[] => loadTargets({ ...inputs, hosts: targets }, null, scenarioOf(inputs));

/** Everything that is to answer: the targets, in each version when two are compared. */
export function everyTargetOf(context: Context): Target[] {
  const { comparedVersions } = context.store.state;
  return comparedVersions === undefined ? targetsOf(context) : VERSIONS.flatMap((version) => targetsOfVersion(version, comparedTargetsOf(context, comparedVersions)));
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
  throw new StageError('input-invalid', faults.map(({ line, message }) => `${scenario}, line ${String(line)}: ${message}`).join('\n'), {
    hint: 'docs/scenario.md says what a scenario holds. Nothing was sent.',
  });
}
