import { messageOf } from '../../errors.ts';
import { parseData } from '../journeys/data-rows.ts';
import type { Echo } from '../journeys/echo.ts';
import type { Journey, Step } from '../journeys/journey.ts';
import { parseThinkTime } from '../journeys/think-time.ts';
import { expectationsOf, savingsOf } from './scenario-answers.ts';
import type { ScenarioPath, TellFault } from './scenario-document.ts';
import type { JourneyOfScenario, RequestOfScenario, StepOfScenario, WebSocketOfScenario } from './scenario-schema.ts';
import { type ScenarioTarget, targetOf } from './scenario-target.ts';
import { parseTemplate, RESERVED_NAMES, type Template, valuesAsTheyAre } from './template.ts';

/** @throws Error that says why a file can't be read. */
export type ReadData = (file: string) => string;

/** A step with its place in the file. */
export interface PlacedTarget {
  readonly place: ScenarioPath;
  readonly target: ScenarioTarget;
}

/**
 * Reads the journeys of a scenario.
 *
 * @param scheme what steps are asked by that name none.
 * @param faultAt gives what takes the faults of a journey or step.
 * @returns the steps of all journeys, one journey after another, and the journeys that point to them.
 */
export function readJourneys(
  given: readonly JourneyOfScenario[],
  scheme: RequestOfScenario['scheme'],
  readData: ReadData,
  faultAt: (place: ScenarioPath) => TellFault,
): { readonly placed: PlacedTarget[]; readonly journeys: Journey[] } {
  const placed: PlacedTarget[] = [];
  const journeys = given.map((journey, index): Journey => {
    const fault = faultAt(['journeys', index]);
    if (given.slice(0, index).some(({ name }) => name === journey.name))
      fault(['name'], `there is another journey with the name ${JSON.stringify(journey.name)}`);
    const dataFault = (message: string): void => {
      fault(['data'], message);
    };
    const data = dataOf(journey, readData, dataFault);
    const known = new Set(data?.columns ?? []);
    const saved = savedBy(journey);
    const defaults = { scheme, thinkMs: parseThinkTime(journey.think ?? '0s') ?? [0, 0] } as const;
    const steps = journey.steps.map((step, at) => {
      const place = ['journeys', index, 'steps', at];
      return { place, ...readStep(step, defaults, known, laterValues(faultAt(place), known, saved)) };
    });
    const first = placed.length;
    placed.push(...steps);
    const inHeaders = new Set(
      steps.flatMap(({ target: { content } }) =>
        (content?.headers ?? []).flatMap(([, value]) => valuesAsTheyAre(value)),
      ),
    );
    refuseInHeaders(data, inHeaders, dataFault);
    return {
      name: journey.name,
      weight: journey.weight,
      data,
      steps: steps.map(({ step }, at) => ({
        ...step,
        target: first + at,
        save: step.save.map((saving) => ({ ...saving, inHeader: inHeaders.has(saving.name) })),
      })),
    };
  });
  return { placed, journeys };
}

/** The step that saves each value first. */
const savedBy = ({ steps }: JourneyOfScenario): ReadonlyMap<string, string> =>
  new Map(
    steps
      .toReversed()
      .flatMap((step, at) =>
        Object.keys(step.save).map((name) => [name, step.name ?? `number ${String(steps.length - at)}`]),
      ),
  );

/** What a step says nothing about, its journey or the scenario does. */
interface StepDefaults {
  readonly scheme: RequestOfScenario['scheme'];
  readonly thinkMs: Step['thinkMs'];
}

/** @param known names of values that the step may use; those that it saves are added for later steps. */
function readStep(
  given: StepOfScenario,
  { scheme, thinkMs }: StepDefaults,
  known: Set<string>,
  fault: TellFault,
): { readonly target: ScenarioTarget; readonly step: Omit<Step, 'target'> } {
  // The text is looked for with the other expectations, in the whole body.
  const request = { ...given, expect: { ...given.expect, text: undefined }, scheme: given.scheme ?? scheme, weight: 1 };
  const target = targetOf(request, fault, known);
  const echo = given.websocket === undefined ? {} : { echo: echoOf(given.websocket, fault, known) };
  if (given.websocket !== undefined) refuseBesideWebSocket(given, fault);
  if (given.stream !== undefined) refuseBesideStream(given, fault);
  const expect = expectationsOf(given, fault, known);
  const save = savingsOf(given, fault);
  for (const { name } of save) known.add(name);
  return {
    target: { ...target, step: true, ...echo },
    step: {
      name: target.name ?? '',
      thinkMs: given.think === undefined ? thinkMs : (parseThinkTime(given.think) ?? thinkMs),
      save,
      expect,
      ...(given.stream === undefined ? {} : { stream: given.stream }),
      ...echo,
    },
  };
}

/** Says of a value that a later step saves which one that is. */
const laterValues =
  (fault: TellFault, known: ReadonlySet<string>, saved: ReadonlyMap<string, string>): TellFault =>
  (field, message) => {
    const name = /^\{\{\s*(?:(?:url|json)\s+)?(\w+)\s*\}\} is not a placeholder/.exec(message)?.[1] ?? '';
    const step = known.has(name) ? undefined : saved.get(name);
    fault(
      field,
      step === undefined
        ? message
        : `{{${name}}} has no value here yet: step ${JSON.stringify(step)} saves it, and it can be used in the steps after that one`,
    );
  };

/** What comes compressed can't be told apart while it comes. */
function refuseBesideStream({ headers }: StepOfScenario, fault: TellFault): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() !== 'accept-encoding' || value === 'identity') continue;
    fault(
      ['headers', name],
      'the events of a stream are counted as they come, and not in what is compressed; leave the header out',
    );
  }
}

function echoOf(
  { send, messages, every = '0s', answer, greetings }: WebSocketOfScenario,
  fault: TellFault,
  names: ReadonlySet<string>,
): Echo {
  const texts = [send].flat().map((text, index): Template => {
    try {
      return parseTemplate(text, 'body', names);
    } catch (error) {
      fault(['websocket', 'send', ...(typeof send === 'string' ? [] : [index])], messageOf(error));
      return [];
    }
  });
  return {
    send: texts,
    messages: messages ?? texts.length,
    everyMs: parseThinkTime(every) ?? [0, 0],
    answer,
    greetings,
  };
}

/** What belongs to a request with a single answer. */
function refuseBesideWebSocket({ method, body, stream, expect, save }: StepOfScenario, fault: TellFault): void {
  if (method !== 'GET') fault(['method'], 'a WebSocket is opened with a GET; remove the method');
  if (body !== undefined) fault(['body'], 'the opening of a WebSocket has no body; its messages are websocket.send');
  if (stream !== undefined) fault(['stream'], 'a step can have a stream or a websocket, not both');
  for (const field of ['status', 'text', 'json'] as const) {
    if (expect[field] === undefined) continue;
    fault(
      ['expect', field],
      'a WebSocket is opened with status 101; use websocket.answer for the answers to its messages',
    );
  }
  for (const [name, from] of Object.entries(save)) {
    if ('json' in from || !('header' in from || 'cookie' in from))
      fault(['save', name], 'the opening of a WebSocket has no body; a header and a cookie of it can be saved');
  }
}

function dataOf({ data }: JourneyOfScenario, readData: ReadData, fault: (message: string) => void): Journey['data'] {
  if (data === undefined) return null;
  const { file, each } = typeof data === 'string' ? { file: data, each: 'pass' as const } : data;
  const format = /\.(csv|json)$/i.exec(file)?.[1]?.toLowerCase();
  if (format === undefined) {
    fault(`${JSON.stringify(file)} is neither a .csv nor a .json`);
    return null;
  }
  try {
    const table = parseData(readData(file), format === 'csv' ? 'csv' : 'json');
    const reserved = table.columns.find((column) => RESERVED_NAMES.has(column));
    if (reserved !== undefined) fault(`${file}: the column ${reserved} has the name of a placeholder; rename it`);
    return { each, ...table };
  } catch (error) {
    fault(`${file}: ${messageOf(error)}`);
    return null;
  }
}

/** Values that a header can't hold are found before anything is sent. */
function refuseInHeaders(
  data: Journey['data'],
  inHeaders: ReadonlySet<string>,
  fault: (message: string) => void,
): void {
  data?.columns.forEach((column, index) => {
    const row = data.rows.findIndex((fields) => !/^[\t -~]*$/.test(fields[index] ?? ''));
    if (inHeaders.has(column) && row >= 0)
      fault(
        `row ${String(row + 1)} has a ${column} that a header can't hold: it is not a line of printable ASCII characters`,
      );
  });
}
