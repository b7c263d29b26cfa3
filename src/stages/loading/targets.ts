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

/** The addresses to load, after following redirects found before the load. */
export const targetsOf = (context: Context): Target[] => asAsked(context, askedTargetsOf(context));

/** Each with the scheme of its route, after redirects. */
function asAsked(context: Context, targets: readonly Target[]): Target[] {
  const { routeSchemes = [], redirects = [] } = context.store.state;
  const inScheme = inSchemes(targets, (host) => (schemeOf(routeSchemes, host) === 'https' ? 'https' : null));
  return overHttps(context, afterRedirects(inScheme, redirects));
}

/** The addresses as requested, before redirects. */
const askedTargetsOf = ({ inputs, store }: Context): Target[] =>
  loadTargets(inputs, store.state.foundTargets, scenarioOf(inputs));

/** The addresses that both sides of a comparison have, with the host names of the manifests. */
export const comparedTargetsOf = (
  context: Context,
  { subject, targets }: Pick<ComparedVersions, 'subject' | 'targets'>,
): Target[] =>
  subject === 'ingress-controllers'
    ? targetsOf(context)
    : asAsked(context, loadTargets({ ...context.inputs, hosts: targets }, null, scenarioOf(context.inputs)));

/** The echo services' scheme when they speak TLS; other applications have their own schemes. */
function overHttps({ store }: Context, targets: Target[]): Target[] {
  const { system } = store.state;
  return system?.kind === 'echo' && system.options.includes(TLS_OPTION)
    ? targets.map((target) => ({ ...target, scheme: 'https' }))
    : targets;
}

/** The addresses as one side is requested: a version has its own host names, a controller its own port. */
export const targetsOfSide = ({ subject }: ComparedVersions, side: Side, targets: readonly Target[]): Target[] =>
  subject === 'ingress-controllers' ? [...targets] : targetsOfVersion(side, targets);

/** What one side must answer. */
export interface SideTargets {
  readonly side: Side;
  /** As the side is requested. */
  readonly targets: readonly Target[];
  /** With the host names of the manifests. */
  readonly named: readonly Target[];
}

/** Everything that must answer, by side of a comparison; only head without one. */
export function everyTargetOf(context: Context): SideTargets[] {
  const { comparedVersions } = context.store.state;
  if (comparedVersions === undefined) {
    const targets = targetsOf(context);
    return [{ side: 'head', targets, named: targets }];
  }
  const named = comparedTargetsOf(context, comparedVersions);
  return SIDES.map((side) => ({ side, targets: targetsOfSide(comparedVersions, side, named), named }));
}

/**
 * The hosts that input hosts or the scenario loads over HTTPS, by their names in the manifests, whatever their routes
 * say.
 */
export const hostsAskedOverHttps = (context: Context): string[] => [
  ...new Set(
    askedTargetsOf(context)
      .filter(({ scheme }) => scheme === 'https')
      .map(({ host }) => host),
  ),
];

/** Read each time, because its headers may be secret and must not be in the state. */
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
      hint: 'docs/scenario.md describes scenarios. Nothing was sent.',
    },
  );
}
