import type { z } from 'zod';
import type { Journey } from '../journeys/journey.ts';
import { foreignScenario } from './foreign-scenario.ts';
import { ScenarioDocument, type ScenarioFault, type ScenarioPath, type TellFault } from './scenario-document.ts';
import { scenarioFault } from './scenario-faults.ts';
import { type PlacedTarget, type ReadData, readJourneys } from './scenario-journeys.ts';
import { fieldsAt, scenarioSchema } from './scenario-schema.ts';
import { type ScenarioTarget, targetOf } from './scenario-target.ts';

/** The content of a scenario. */
export interface Scenario {
  /** Its requests, or the steps of all its journeys in order. */
  readonly targets: ScenarioTarget[];
  /** Null when it has requests instead. */
  readonly journeys: Journey[] | null;
  readonly faults: ScenarioFault[];
}

const NO_DATA: ReadData = () => {
  throw new Error('no file of data is read here');
};

/**
 * Reads a scenario, or the one that a file of settings holds as `load.scenario`.
 *
 * @param readData gives the text of a file of data, by its path from the scenario.
 * @returns its requests or journeys, or every fault with its line.
 */
export function parseScenario(text: string, readData: ReadData = NO_DATA): Scenario {
  const document = new ScenarioDocument(text);
  const foreign = document.isPartOfSettings ? null : foreignScenario(text);
  const refused = (faults: ScenarioFault[]): Scenario => ({
    targets: [],
    journeys: null,
    // A file that is not a scenario at all would have a fault in every line.
    faults: foreign === null ? faults : [{ line: 1, message: foreign }],
  });
  const { syntaxFaults } = document;
  if (syntaxFaults.length > 0) return refused(syntaxFaults);
  const parsed = scenarioSchema.safeParse(document.value);
  if (!parsed.success) {
    return refused(
      parsed.error.issues.map((issue) =>
        document.fault(issue.path, scenarioFault(issue, fieldsAt(issue.path)), placeOf(issue)),
      ),
    );
  }
  const faults: ScenarioFault[] = [];
  const faultAt =
    (place: ScenarioPath): TellFault =>
    (field, message) => {
      faults.push(document.fault([...place, ...field], message));
    };
  const { requests, journeys, scheme } = parsed.data;
  if ((requests === undefined) === (journeys === undefined))
    faultAt([])(
      journeys === undefined ? [] : ['journeys'],
      'give either requests or journeys; a request beside journeys is a journey of one step',
    );
  const read = journeys === undefined ? null : readJourneys(journeys, scheme, readData, faultAt);
  const placed =
    read?.placed ??
    (requests ?? []).map((request, index) => ({
      place: ['requests', index],
      target: targetOf({ ...request, scheme: request.scheme ?? scheme }, faultAt(['requests', index])),
    }));
  refuseRepeatedNames(placed, faultAt);
  return { targets: placed.map(({ target }) => target), journeys: read?.journeys ?? null, faults };
}

function refuseRepeatedNames(placed: readonly PlacedTarget[], faultAt: (place: ScenarioPath) => TellFault): void {
  placed.forEach(({ place, target }, index) => {
    if (placed.slice(0, index).some(({ target: { name, host } }) => name === target.name && host === target.host))
      faultAt(place)(
        [],
        `there is another request with the name ${JSON.stringify(target.name)}; give each a name of its own`,
      );
  });
}

/** An unknown key has its own line, but zod reports it at the object that contains it. */
const placeOf = (issue: z.core.$ZodIssue): ScenarioPath =>
  issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
