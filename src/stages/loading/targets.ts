import { dataBeside, exists, readText } from '../../adapters/files.ts';
import { schemeOf } from '../../cluster/route-schemes.ts';
import { targetsOfVersion } from '../../cluster/sides/version-names.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Inputs } from '../../inputs/table.ts';
import type { Journey } from '../../load/journeys/journey.ts';
import type { Target } from '../../load/requests/plan.ts';
import { parseScenario, type Scenario } from '../../load/requests/scenario.ts';
import type { ScenarioTarget } from '../../load/requests/scenario-target.ts';
import { afterRedirects, inSchemes, loadTargets } from '../../load/requests/targets.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import { TLS_OPTION } from '../../system.ts';
import type { ComparedVersions } from '../../state.ts';

/** The addresses that the load is spread over, behind the redirects that were followed before it. */
export const targetsOf = (context: Context): Target[] => asAsked(context, askedTargetsOf(context));

/** Each by the scheme of its route, and behind the redirects. */
function asAsked(context: Context, targets: readonly Target[]): Target[] {
  const { routeSchemes = [], redirects = [] } = context.store.state;
  const inScheme = inSchemes(targets, (host) => (schemeOf(routeSchemes, host) === 'https' ? 'https' : null));
  return overHttps(context, afterRedirects(inScheme, redirects));
}

/** The same as they were asked for, whatever redirects there are. */
const askedTargetsOf = ({ inputs, store }: Context): Target[] =>
  loadTargets(inputs, store.state.foundTargets, scenarioOf(inputs));

/** The addresses that both sides of a comparison have, with the hosts as the manifests name them. */
export const comparedTargetsOf = (
  context: Context,
  { subject, targets }: Pick<ComparedVersions, 'subject' | 'targets'>,
): Target[] =>
  subject === 'ingress-controllers'
    ? targetsOf(context)
    : asAsked(context, loadTargets({ ...context.inputs, hosts: targets }, null, scenarioOf(context.inputs)));

/** What the echo services that speak TLS are asked over; the schemes of all others are their own. */
function overHttps({ store }: Context, targets: Target[]): Target[] {
  const { system } = store.state;
  return system?.kind === 'echo' && system.options.includes(TLS_OPTION)
    ? targets.map((target) => ({ ...target, scheme: 'https' }))
    : targets;
}

/** The same as one side is asked for them: a version has hosts of its own, a controller the port that leads to it. */
export const targetsOfSide = ({ subject }: ComparedVersions, side: Side, targets: readonly Target[]): Target[] =>
  subject === 'ingress-controllers' ? [...targets] : targetsOfVersion(side, targets);

/** What one side is to answer. */
export interface SideTargets {
  readonly side: Side;
  /** As the side is asked for them. */
  readonly targets: readonly Target[];
  /** The same with the hosts as the manifests name them. */
  readonly named: readonly Target[];
}

/** Everything that is to answer, by the side of a comparison; head's alone without one. */
export function everyTargetOf(context: Context): SideTargets[] {
  const { comparedVersions } = context.store.state;
  if (comparedVersions === undefined) {
    const targets = targetsOf(context);
    return [{ side: 'head', targets, named: targets }];
  }
  const named = comparedTargetsOf(context, comparedVersions);
  return SIDES.map((side) => ({ side, targets: targetsOfSide(comparedVersions, side, named), named }));
}

/** The hosts that input hosts or the scenario asks over HTTPS, as the manifests name them, whatever their routes say. */
export const hostsAskedOverHttps = (context: Context): string[] => [
  ...new Set(
    askedTargetsOf(context)
      .filter(({ scheme }) => scheme === 'https')
      .map(({ host }) => host),
  ),
];

/** Read anew each time: headers in it may be secret, so that it must not be in the state. */
const scenarioOf = (inputs: Inputs): ScenarioTarget[] | null => readScenario(inputs)?.targets ?? null;

/** The journeys that users walk; null when there are none. */
export const journeysOf = ({ inputs }: Pick<Context, 'inputs'>): readonly Journey[] | null =>
  readScenario(inputs)?.journeys ?? null;

function readScenario({ scenario }: Inputs): Scenario | null {
  if (scenario === null) return null;
  if (!exists(scenario)) {
    throw new StageError('input-invalid', `Input scenario is ${JSON.stringify(scenario)}, but there is no such file.`, {
      hint: 'Give a path relative to the working directory. In a workflow, check the repository out first (actions/checkout).',
    });
  }
  const read = parseScenario(readText(scenario), dataBeside(scenario));
  const { faults } = read;
  if (faults.length === 0) return read;
  throw new StageError(
    'input-invalid',
    faults.map(({ line, message }) => `${scenario}, line ${String(line)}: ${message}`).join('\n'),
    {
      hint: 'docs/scenario.md says what a scenario holds. Nothing was sent.',
    },
  );
}
