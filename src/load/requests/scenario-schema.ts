import { z } from 'zod';
import { parseThinkTime } from '../journeys/think-time.ts';
import { HOST_NAME, METHODS } from './plan.ts';

const status = z.int().min(200).max(599);

/** A token of RFC 9110. */
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a name of a header');

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
    .record(headerName, z.union([z.string(), z.number(), z.boolean()]))
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
  .refine((text) => parseThinkTime(text) !== null, 'a time such as 2s, or two of them such as 1s..3s, up to 10m')
  .describe('How long the user pauses: a time, or evenly between two (1s..3s).');

const NAME = /^[A-Za-z_]\w{0,63}$/;

const regex = z.string().min(1).max(1000).describe('After RE2. The first group, or the whole when there is none.');
const part = regex.optional();

const source = z
  .union([
    z.strictObject({ json: z.string().describe('A path into the JSON of the answer: $.token'), regex: part }),
    z.strictObject({ header: headerName, regex: part }),
    z.strictObject({ cookie: z.string().min(1).max(200), regex: part }),
    z.strictObject({ regex }),
  ])
  .describe(
    'Where a value is taken from: one of json, header, cookie and regex. A regex beside another one takes a part of its value.',
  );

export type SourceOfScenario = z.output<typeof source>;

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

export type WebSocketOfScenario = z.output<typeof webSocketSchema>;

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
        .record(headerName, z.string())
        .optional()
        .describe(
          'Headers, and a text that stands in each, which may hold values; an empty one when it is enough that it is there.',
        ),
    })
    .default({}),
});
export type StepOfScenario = z.output<typeof stepSchema>;

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
export type JourneyOfScenario = z.output<typeof journeySchema>;

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
export type RequestOfScenario = z.output<typeof requestSchema>;

/** The fields that there are at a place of the file; none where names are the user's own. */
export function fieldsAt(path: readonly PropertyKey[]): string[] {
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
