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
    .describe('Name of the request in the report. Default: method, host and path.'),
  weight: z.int().min(1).max(1000).default(1).describe('How often it is sent, relative to the others.'),
  method: z.enum(METHODS).default('GET'),
  host: z
    .string()
    .regex(HOST_NAME, 'a host name in lower case, without a port and without placeholders')
    .optional()
    .describe('Sent as the Host header. Default: the first host of the run.'),
  scheme: z
    .enum(['http', 'https'])
    .optional()
    .describe('http or https. Default: as in input hosts or the routes of the manifests.'),
  path: z
    .string()
    .regex(/^\//, 'a path that begins with /')
    .max(8000)
    .default('/')
    .describe('Includes the query. Can contain placeholders.'),
  headers: z
    .record(headerName, z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('Values can contain placeholders.'),
  body: z.string().max(1_000_000).optional().describe('Sent as UTF-8 with its length. Can contain placeholders.'),
  expect: z
    .strictObject({
      status: z
        .union([status, z.array(status).min(1)])
        .optional()
        .describe('Status of a right answer, or several. Default: any status below 400 that is not a redirect.'),
      text: z.string().min(1).max(1000).optional().describe('Text within the first 4096 bytes of a right answer.'),
    })
    .default({}),
});

const think = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => parseThinkTime(text) !== null, 'a time such as 2s, or two of them such as 1s..3s, up to 10m')
  .describe('How long the user pauses: a time, or a uniformly random one between two (1s..3s).');

const NAME = /^[A-Za-z_]\w{0,63}$/;

const regex = z
  .string()
  .min(1)
  .max(1000)
  .describe('In RE2 syntax. Takes the first group, or the whole match if there is none.');
const part = regex.optional();

const source = z
  .union([
    z.strictObject({ json: z.string().describe('A path into the JSON of the answer: $.token'), regex: part }),
    z.strictObject({ header: headerName, regex: part }),
    z.strictObject({ cookie: z.string().min(1).max(200), regex: part }),
    z.strictObject({ regex }),
  ])
  .describe(
    'Where the value comes from: one of json, header, cookie and regex. A regex beside another one takes a part of its value.',
  );

export type SourceOfScenario = z.output<typeof source>;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const MOST_MESSAGES = 100_000;

const webSocketSchema = z.strictObject({
  send: z
    .union([z.string().max(100_000), z.array(z.string().max(100_000)).min(1).max(50)])
    .describe('Text of the messages, or several texts to send in turn. Can contain placeholders and values.'),
  messages: z
    .int()
    .min(1)
    .max(MOST_MESSAGES)
    .optional()
    .describe('How many messages are sent, each after the answer to the last. Default: one for each text.'),
  every: think
    .optional()
    .describe('Pause between an answer and the next message: a time, or a uniformly random one between two.'),
  answer: z
    .union([z.enum(['same', 'any']), z.strictObject({ text: z.string().min(1).max(1000) })])
    .default('same')
    .describe('What the next message from the server must be: the same text, any, or one that contains a text.'),
  greetings: z.int().min(0).max(100).default(0).describe('How many messages the server sends first, unprompted.'),
});

export type WebSocketOfScenario = z.output<typeof webSocketSchema>;

const stepSchema = requestSchema.omit({ weight: true, expect: true, path: true }).extend({
  path: z
    .string()
    .regex(/^(\/|\{\{)/, 'a path that begins with / or with a value')
    .max(8000)
    .default('/')
    .describe('Includes the query. Can contain placeholders and values.'),
  think: think.optional(),
  stream: z
    .enum(['events', 'lines'])
    .optional()
    .describe('The answer is a stream: server-sent events, or one event per line. Its events are counted and timed.'),
  websocket: webSocketSchema
    .optional()
    .describe('Opens a WebSocket, sends messages over it, waits for the answer to each, and closes it.'),
  save: z
    .record(z.string().regex(NAME, 'a name of letters, digits and _'), source)
    .default({})
    .describe('Values from the answer that later steps use as {{name}}.'),
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
  name: requestSchema.shape.name.unwrap().describe('Name of the journey in the report and in rules.'),
  weight: z.int().min(1).max(1000).default(1).describe('How often it is started, relative to the others.'),
  think: think.optional().describe('How long the user pauses after each step without its own think.'),
  data: z
    .union([
      z.string(),
      z.strictObject({
        file: z.string(),
        each: z.enum(['user', 'pass']).default('pass').describe('Who takes the next row: each user, or each walk.'),
      }),
    ])
    .optional()
    .describe('A CSV or JSON file, relative to the scenario. Each row has values for {{column}}.'),
  steps: z.array(stepSchema).min(1).max(50),
});
export type JourneyOfScenario = z.output<typeof journeySchema>;

/** The file of input `scenario`. schemas/scenario.schema.json is generated from it (`npm run update`). */
export const scenarioSchema = z.strictObject({
  scheme: z.enum(['http', 'https']).optional().describe('http or https, for requests that name no scheme.'),
  requests: z
    .array(requestSchema)
    .min(1)
    .max(100)
    .optional()
    .describe('The requests to send, each as often as its weight says.'),
  journeys: z
    .array(journeySchema)
    .min(1)
    .max(20)
    .optional()
    .describe('What users do step by step, instead of single requests.'),
});
export type RequestOfScenario = z.output<typeof requestSchema>;

/** The fields that exist at a place of the file; none where users choose the names. */
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
