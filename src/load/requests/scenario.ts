import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { parseDuration } from '../../text/durations.ts';
import { parseData } from '../journeys/data-rows.ts';
import type { Echo } from '../journeys/echo.ts';
import type { Expectation, Journey, Saving, Scalar, Source, Step } from '../journeys/journey.ts';
import { parseJsonPath } from '../journeys/json-path.ts';
import { compileRegex } from '../journeys/use-answer.ts';
import { foreignScenario } from './foreign-scenario.ts';
import { HOST_NAME, METHODS, PATH_CHARACTERS, type Target } from './plan.ts';
import { scenarioFault } from './scenario-faults.ts';
import {
  isConstant,
  parseTemplate,
  type Place,
  RESERVED_NAMES,
  type Template,
  textsIn,
  valuesAsTheyAre,
} from './template.ts';

const status = z.int().min(200).max(599);

const requestSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[^\0-\x1f\x7f]{1,100}$/, 'one line of up to 100 characters')
    .optional()
    .describe('Names the request in the report. Method, host and path, when it is not given.'),
  weight: z.int().min(1).max(1000).default(1).describe('How often it is sent, in relation to the others.'),
  method: z.enum(METHODS).default('GET'),
  host: z
    .string()
    .regex(HOST_NAME, 'a host name in lower case, without a port and without placeholders')
    .optional()
    .describe('Sent as the Host header. The first of the hosts of the run, when it is not given.'),
  scheme: z
    .enum(['http', 'https'])
    .optional()
    .describe('By what it is asked. As input hosts or the routes of the manifests say, when it is not given.'),
  path: z
    .string()
    .regex(/^\//, 'a path that begins with /')
    .max(8000)
    .default('/')
    .describe('With its query. May hold placeholders.'),
  headers: z
    .record(
      z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a name of a header'),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .default({})
    .describe('Values may hold placeholders.'),
  body: z.string().max(1_000_000).optional().describe('Sent as UTF-8 with its length. May hold placeholders.'),
  expect: z
    .strictObject({
      status: z
        .union([status, z.array(status).min(1)])
        .optional()
        .describe('The status of a right answer, or several. Any below 400 that is no redirect, when it is not given.'),
      text: z.string().min(1).max(1000).optional().describe('Stands within the first 4096 bytes of a right answer.'),
    })
    .default({}),
});

const think = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => parseThinking(text) !== null, 'a time such as 2s, or two of them such as 1s..3s, up to 10m')
  .describe('How long the user pauses: a time, or evenly between two (1s..3s).');

const NAME = /^[A-Za-z_]\w{0,63}$/;

const regex = z.string().min(1).max(1000).describe('After RE2. The first group, or the whole when there is none.');
const part = regex.optional();

const source = z
  .union([
    z.strictObject({ json: z.string().describe('A path into the JSON of the answer: $.token'), regex: part }),
    z.strictObject({ header: z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a name of a header'), regex: part }),
    z.strictObject({ cookie: z.string().min(1).max(200), regex: part }),
    z.strictObject({ regex }),
  ])
  .describe(
    'Where a value is taken from: one of json, header, cookie and regex. A regex beside another one takes a part of its value.',
  );

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const MOST_MESSAGES = 100_000;

const webSocketSchema = z.strictObject({
  send: z
    .union([z.string().max(100_000), z.array(z.string().max(100_000)).min(1).max(50)])
    .describe('The text of the messages, or several that are sent in turn. May hold placeholders and values.'),
  messages: z
    .int()
    .min(1)
    .max(MOST_MESSAGES)
    .optional()
    .describe(
      'How many messages are sent, each after the answer to the last. As many as there are texts, when it is not given.',
    ),
  every: think.optional().describe('The pause between an answer and the next message: a time, or evenly between two.'),
  answer: z
    .union([z.enum(['same', 'any']), z.strictObject({ text: z.string().min(1).max(1000) })])
    .default('same')
    .describe('What the next message of the server has to be: the same text, any, or one with a text in it.'),
  greetings: z.int().min(0).max(100).default(0).describe('How many messages the server sends first, by itself.'),
});

const stepSchema = requestSchema.omit({ weight: true, expect: true, path: true }).extend({
  path: z
    .string()
    .regex(/^(\/|\{\{)/, 'a path that begins with / or with a value')
    .max(8000)
    .default('/')
    .describe('With its query. May hold placeholders and values.'),
  think: think.optional(),
  stream: z
    .enum(['events', 'lines'])
    .optional()
    .describe('The answer is a stream: server-sent events, or one event a line. Its events are counted and timed.'),
  websocket: webSocketSchema
    .optional()
    .describe('It opens a WebSocket, sends messages over it, awaits the answer to each and closes it.'),
  save: z
    .record(z.string().regex(NAME, 'a name of letters, digits and _'), source)
    .default({})
    .describe('Values of the answer that later steps use as {{name}}.'),
  expect: requestSchema.shape.expect
    .unwrap()
    .extend({
      text: z.string().min(1).max(1000).optional().describe('Stands in the body of a right answer. May hold values.'),
      json: z
        .union([z.record(z.string(), scalar), z.array(z.string()).min(1)])
        .optional()
        .describe(
          'Paths and the values that are there, which may hold saved values, or a list of paths where there is one.',
        ),
      header: z
        .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a name of a header'), z.string())
        .optional()
        .describe(
          'Headers, and a text that stands in each, which may hold values; an empty one when it is enough that it is there.',
        ),
    })
    .default({}),
});
type StepOfScenario = z.output<typeof stepSchema>;

const journeySchema = z.strictObject({
  name: requestSchema.shape.name.unwrap().describe('Names the journey in the report and in rules.'),
  weight: z.int().min(1).max(1000).default(1).describe('How often it is begun, in relation to the others.'),
  think: think.optional().describe('How long the user pauses after each step that says nothing else.'),
  data: z
    .union([
      z.string(),
      z.strictObject({
        file: z.string(),
        each: z.enum(['user', 'pass']).default('pass').describe('Who takes the next row: each user, or each walk.'),
      }),
    ])
    .optional()
    .describe('A CSV or JSON file, by its path from the scenario: each row has values for {{column}}.'),
  steps: z.array(stepSchema).min(1).max(50),
});
type JourneyOfScenario = z.output<typeof journeySchema>;

/** The file that the input `scenario` names. schemas/scenario.schema.json is made from it (`npm run update`). */
export const scenarioSchema = z.strictObject({
  scheme: z.enum(['http', 'https']).optional().describe('By what the requests are asked that name no scheme.'),
  requests: z
    .array(requestSchema)
    .min(1)
    .max(100)
    .optional()
    .describe('What is sent, each as often as its weight says.'),
  journeys: z
    .array(journeySchema)
    .min(1)
    .max(20)
    .optional()
    .describe('What users do step by step, instead of requests.'),
});
type RequestOfScenario = z.output<typeof requestSchema>;

/** What is wrong, and in which line of the file, counted from 1. */
interface ScenarioFault {
  readonly line: number;
  readonly message: string;
}

/** A request that may leave its host to the run. */
export type ScenarioTarget = Omit<Target, 'host'> & { readonly host: string | null };

/** The connection and the length of the body are the sender's own. */
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);

/** What a scenario comes to. */
export interface Scenario {
  /** Its requests, or the steps of its journeys one journey after another. */
  readonly targets: ScenarioTarget[];
  /** Null when there are requests in their place. */
  readonly journeys: Journey[] | null;
  readonly faults: ScenarioFault[];
}

/** @throws Error that says why a file can't be read. */
export type ReadData = (file: string) => string;

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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  // Those behind the first one mostly follow from it.
  const syntax = document.errors.slice(0, 1).map(({ message, pos: [at] }) => ({
    line: lines.linePos(at).line,
    message: `${message}${syntaxHint(text, at)}`,
  }));
  const root = rootOf(document);
  const foreign = root.length > 0 ? null : foreignScenario(text);
  const refused = (faults: ScenarioFault[]): Scenario => ({
    targets: [],
    journeys: null,
    // What is no scenario at all has a fault in every line.
    faults: foreign === null ? faults : [{ line: 1, message: foreign }],
  });
  if (syntax.length > 0) return refused(syntax);
  const lineOf = (path: readonly PropertyKey[]): number => lineOfPath(document, lines, [...root, ...path]);
  const keyOf = (path: readonly PropertyKey[]): string => [...root, ...path].map(String).join('.') || 'the file';
  const whole: unknown = document.toJS({ maxAliasCount: 100 });
  const parsed = scenarioSchema.safeParse(root.reduce(valueAt, whole));
  if (!parsed.success) {
    return refused(
      parsed.error.issues.map((issue) => ({
        line: lineOf(placeOf(issue)),
        message: `${keyOf(issue.path)}: ${scenarioFault(issue, fieldsAt(issue.path))}`,
      })),
    );
  }
  const faults: ScenarioFault[] = [];
  const faultAt =
    (place: readonly (string | number)[]): Fault =>
    (field, message) =>
      faults.push({
        line: lineOf([...place, ...field]),
        message: `${keyOf([...place, ...field])}: ${message}`,
      });
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
  placed.forEach(({ place, target }, index) => {
    if (placed.slice(0, index).some(({ target: { name, host } }) => name === target.name && host === target.host))
      faultAt(place)(
        [],
        `there is another request of the name ${JSON.stringify(target.name)}; give each a name of its own`,
      );
  });
  return { targets: placed.map(({ target }) => target), journeys: read?.journeys ?? null, faults };
}

/** Paths of JSON and placeholders have brackets and braces, which mean something else in YAML. */
function syntaxHint(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  return /[[{]/.test(line)
    ? `. Put quotes around a value or a key with brackets or braces in it, as in {json: '$.list[0].id'} and path: '{{next}}'`
    : '';
}

/** The fields that there are at a place of the file; none where names are the user's own. */
function fieldsAt(path: readonly PropertyKey[]): string[] {
  const named = path.filter((key) => typeof key === 'string');
  switch (named.at(-1)) {
    case undefined:
      return Object.keys(scenarioSchema.shape);
    case 'requests':
      return Object.keys(requestSchema.shape);
    case 'journeys':
      return Object.keys(journeySchema.shape);
    case 'steps':
      return Object.keys(stepSchema.shape);
    case 'websocket':
      return Object.keys(webSocketSchema.shape);
    case 'expect':
      return Object.keys((named[0] === 'requests' ? requestSchema : stepSchema).shape.expect.unwrap().shape);
    default:
      return [];
  }
}

/** Where a file of settings has its scenario. */
const IN_SETTINGS = ['load', 'scenario'];

/** A scenario is the whole file, or a part of a file of settings that holds more. */
const rootOf = (document: Document): readonly string[] =>
  isMap(document.contents) &&
  !document.has('requests') &&
  !document.has('journeys') &&
  isMap(document.getIn(IN_SETTINGS))
    ? IN_SETTINGS
    : [];

const valueAt = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

type Fault = (field: (string | number)[], message: string) => void;

/** A step with where it stands in the file. */
interface PlacedTarget {
  readonly place: readonly (string | number)[];
  readonly target: ScenarioTarget;
}

function readJourneys(
  given: readonly JourneyOfScenario[],
  scheme: RequestOfScenario['scheme'],
  readData: ReadData,
  faultAt: (place: readonly (string | number)[]) => Fault,
): { readonly placed: PlacedTarget[]; readonly journeys: Journey[] } {
  const placed: PlacedTarget[] = [];
  const journeys = given.map((journey, index): Journey => {
    const fault = faultAt(['journeys', index]);
    if (given.slice(0, index).some(({ name }) => name === journey.name))
      fault(['name'], `there is another journey of the name ${JSON.stringify(journey.name)}`);
    const data = dataOf(journey, readData, (message) => {
      fault(['data'], message);
    });
    const known = new Set(data?.columns ?? []);
    const saved = new Map(
      journey.steps
        .toReversed()
        .flatMap((step, at) =>
          Object.keys(step.save).map((name) => [name, step.name ?? `number ${String(journey.steps.length - at)}`]),
        ),
    );
    const usual = parseThinking(journey.think ?? '0s') ?? [0, 0];
    const first = placed.length;
    const steps = journey.steps.map((step, at): Step => {
      const place = ['journeys', index, 'steps', at];
      const stepFault = laterValues(faultAt(place), known, saved);
      // The text is looked for with the other expectations, in the whole body.
      const expected = { ...step.expect, text: undefined };
      const target = targetOf(
        { ...step, expect: expected, scheme: step.scheme ?? scheme, weight: 1 },
        stepFault,
        known,
      );
      const echo = step.websocket === undefined ? undefined : echoOf(step.websocket, stepFault, known);
      if (echo !== undefined) refuseBesideWebSocket(step, stepFault);
      if (step.stream !== undefined) refuseBesideStream(step, stepFault);
      const expect = expectationsOf(step, stepFault, known);
      placed.push({ place, target: { ...target, step: true, ...(echo === undefined ? {} : { echo }) } });
      const save = savingsOf(step, stepFault);
      for (const { name } of save) known.add(name);
      return {
        name: target.name ?? '',
        target: placed.length - 1,
        thinkMs: step.think === undefined ? usual : (parseThinking(step.think) ?? usual),
        save,
        expect,
        ...(step.stream === undefined ? {} : { stream: step.stream }),
        ...(echo === undefined ? {} : { echo }),
      };
    });
    const inHeaders = new Set(
      placed
        .slice(first)
        .flatMap(({ target: { content } }) => (content?.headers ?? []).flatMap(([, value]) => valuesAsTheyAre(value))),
    );
    refuseInHeaders(data, inHeaders, (message) => {
      fault(['data'], message);
    });
    return {
      name: journey.name,
      weight: journey.weight,
      data,
      steps: steps.map((step) => ({
        ...step,
        save: step.save.map((saving) => ({ ...saving, inHeader: inHeaders.has(saving.name) })),
      })),
    };
  });
  return { placed, journeys };
}

/** Says of a value that a later step saves which one that is. */
const laterValues =
  (fault: Fault, known: ReadonlySet<string>, saved: ReadonlyMap<string, string>): Fault =>
  (field, message) => {
    const name = /^\{\{\s*(?:(?:url|json)\s+)?(\w+)\s*\}\} is no placeholder/.exec(message)?.[1] ?? '';
    const step = known.has(name) ? undefined : saved.get(name);
    fault(
      field,
      step === undefined
        ? message
        : `{{${name}}} has no value here yet: step ${JSON.stringify(step)} saves it, and it can be used in the steps after that one`,
    );
  };

/** What comes compressed can't be told apart while it comes. */
function refuseBesideStream({ headers }: StepOfScenario, fault: Fault): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() !== 'accept-encoding' || value === 'identity') continue;
    fault(
      ['headers', name],
      'the events of a stream are counted as they come, and not in what is compressed; leave the header out',
    );
  }
}

function echoOf(
  { send, messages, every = '0s', answer, greetings }: z.output<typeof webSocketSchema>,
  fault: Fault,
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
    everyMs: parseThinking(every) ?? [0, 0],
    answer,
    greetings,
  };
}

/** What belongs to a request that is answered once. */
function refuseBesideWebSocket({ method, body, stream, expect, save }: StepOfScenario, fault: Fault): void {
  if (method !== 'GET') fault(['method'], 'a WebSocket is opened by a GET; leave the method out');
  if (body !== undefined) fault(['body'], 'the opening of a WebSocket has no body; its messages are websocket.send');
  if (stream !== undefined) fault(['stream'], 'a step has either a stream or a websocket');
  for (const field of ['status', 'text', 'json'] as const) {
    if (expect[field] === undefined) continue;
    fault(
      ['expect', field],
      'a WebSocket is open when its opening is answered with status 101; what its messages are answered with is websocket.answer',
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
    if (reserved !== undefined)
      fault(`${file}: the column ${reserved} has the name of a placeholder; give it another one`);
    return { each, ...table };
  } catch (error) {
    fault(`${file}: ${messageOf(error)}`);
    return null;
  }
}

/** What a header can't hold is found before anything is sent. */
function refuseInHeaders(
  data: Journey['data'],
  inHeaders: ReadonlySet<string>,
  fault: (message: string) => void,
): void {
  data?.columns.forEach((column, index) => {
    const row = data.rows.findIndex((fields) => !/^[\t -~]*$/.test(fields[index] ?? ''));
    if (inHeaders.has(column) && row >= 0)
      fault(
        `row ${String(row + 1)} has a ${column} that a header can't hold: it is no line of printable ASCII characters`,
      );
  });
}

function savingsOf({ save }: StepOfScenario, fault: Fault): Saving[] {
  return Object.entries(save).flatMap(([name, given]): Saving[] => {
    if (RESERVED_NAMES.has(name)) fault(['save', name], `${name} is the name of a placeholder; give it another one`);
    try {
      return [{ name, from: sourceOf(given), inHeader: false }];
    } catch (error) {
      fault(['save', name], messageOf(error));
      return [];
    }
  });
}

function sourceOf(given: z.output<typeof source>): Source {
  if (given.regex !== undefined) compileRegex(given.regex);
  const part = given.regex === undefined ? {} : { part: given.regex };
  if ('json' in given) return { kind: 'json', text: given.json, path: parseJsonPath(given.json), ...part };
  if ('header' in given) return { kind: 'header', header: given.header.toLowerCase(), ...part };
  if ('cookie' in given) return { kind: 'cookie', cookie: given.cookie, ...part };
  return { kind: 'regex', pattern: given.regex };
}

function expectationsOf(
  { expect: { text, json = {}, header = {} } }: StepOfScenario,
  fault: Fault,
  names: ReadonlySet<string>,
): Expectation[] {
  const template = (field: (string | number)[], expected: string): Template => {
    try {
      return expectedTemplate(expected, names);
    } catch (error) {
      fault(['expect', ...field], messageOf(error));
      return [];
    }
  };
  const pathAt = (given: string, field: (string | number)[]): (Expectation & { kind: 'json' })[] => {
    try {
      return [{ kind: 'json', text: given, path: parseJsonPath(given) }];
    } catch (error) {
      fault(['expect', 'json', ...field], messageOf(error));
      return [];
    }
  };
  const valueAt = (given: string, value: Scalar): Scalar | Template => {
    const read = typeof value === 'string' ? template(['json', given], value) : [];
    return isConstant(read) ? value : read;
  };
  const paths = Array.isArray(json)
    ? json.flatMap((given, index) => pathAt(given, [index]))
    : Object.entries(json).flatMap(([given, value]) =>
        pathAt(given, [given]).map((each) => ({ ...each, value: valueAt(given, value) })),
      );
  return [
    ...(text === undefined ? [] : [{ kind: 'text' as const, text: template(['text'], text) }]),
    ...paths,
    ...Object.entries(header).map(([name, given]): Expectation => ({
      kind: 'header',
      header: name.toLowerCase(),
      text: template(['header', name], given),
    })),
  ];
}

/** A text with values that were saved before; what is chosen anew each time is not known when the answer comes. */
function expectedTemplate(text: string, names: ReadonlySet<string>): Template {
  const read = parseTemplate(text, 'body', names);
  if (read.some((part) => typeof part !== 'string' && part.kind !== 'value'))
    throw new Error(
      `what an answer has to hold can't be chosen at random; use a value that a step saves, or a column of the data`,
    );
  return read;
}

const LONGEST_THINKING_MS = 600_000;

/** A pause, or the two between which it is, in milliseconds; null for any other text. */
function parseThinking(text: string): readonly [number, number] | null {
  const [least = '', most = least, ...more] = text.split('..').map((part) => part.trim());
  const [from, to] = [parseDuration(least), parseDuration(most)];
  if (from === null || to === null || more.length > 0) return null;
  return from <= to && to <= LONGEST_THINKING_MS ? [from, to] : null;
}

function targetOf(
  request: Omit<RequestOfScenario, 'expect'> & Pick<StepOfScenario, 'expect'>,
  fault: Fault,
  names: ReadonlySet<string> = new Set(),
): ScenarioTarget {
  const template = (place: Place, field: string[], text: string, allowed: RegExp, what: string): Template => {
    try {
      const read = parseTemplate(text, place, names);
      const foreign = foreignValueIn(text, names);
      if (foreign !== null)
        fault(field, `${foreign} would be sent as it stands there; write {{${foreign.slice(2, -1)}}}`);
      if (!textsIn(read).every((part) => allowed.test(part))) fault(field, what);
      return read;
    } catch (error) {
      fault(field, messageOf(error));
      return [];
    }
  };
  const { name, weight, method, host = null, scheme, path, expect, body } = request;
  if (/\{\{\s*(?:int|choice|uuid)\b/.test(expect.text ?? ''))
    fault(
      ['expect', 'text'],
      'the text is the same for each request; a step of a journey can expect a value of its data or of an earlier answer',
    );
  const compressed = Object.entries(request.headers).find(
    ([header, value]) => header.toLowerCase() === 'accept-encoding' && /gzip|deflate|br|zstd|\*/i.test(String(value)),
  );
  if (expect.text !== undefined && compressed !== undefined)
    fault(
      ['expect', 'text'],
      `with ${compressed[0]} the answer may come compressed, and its text is not found; leave the header or the text out, or write a journey of one step, whose answers are decompressed`,
    );
  if (body !== undefined && method === 'GET') fault(['body'], 'a GET has no body; give another method');
  const headers = Object.entries(request.headers).map(([header, value]): readonly [string, Template] => {
    if (OWN_HEADERS.has(header.toLowerCase()))
      fault(
        ['headers', header],
        `${header} is set by the load generator itself${header.toLowerCase() === 'host' ? '; give host' : ''}`,
      );
    return [
      header,
      template(
        'header',
        ['headers', header],
        String(value),
        /^[\t -~]*$/,
        'a header holds one line of printable ASCII characters',
      ),
    ];
  });
  const target = {
    name: name ?? `${method} ${host ?? ''}${path}`,
    host,
    ...(scheme === undefined ? {} : { scheme }),
    path,
    weight,
    ...(expect.text === undefined ? {} : { expectedText: expect.text }),
    ...(expect.status === undefined ? {} : { expectedStatuses: [expect.status].flat() }),
  };
  const content = {
    method,
    path: template(
      'path',
      ['path'],
      path,
      PATH_CHARACTERS,
      'a path holds only ASCII characters, no space and no #; encode others, such as %20',
    ),
    headers,
    body: body === undefined ? null : template('body', ['body'], body, /[^]*/, ''),
  };
  return { ...target, content };
}

/** A value in the form of k6, Artillery or Gatling; null when there is none of a name that has a value here. */
const foreignValueIn = (text: string, names: ReadonlySet<string>): string | null =>
  [...text.matchAll(/[$#]\{(\w+)\}/g)].find(([, name = '']) => names.has(name))?.[0] ?? null;

/** An unknown key has a line of its own, but zod places it at the object that holds it. */
const placeOf = (issue: z.core.$ZodIssue): PropertyKey[] =>
  issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;

/** The line of a key or item, or of the nearest thing around it that is there. */
function lineOfPath(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
