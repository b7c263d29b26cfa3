import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { HOST_NAME, METHODS, PATH_CHARACTERS, type Target } from './plan.ts';
import { parseTemplate, type Template, textsIn } from './template.ts';

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
    .regex(HOST_NAME, 'a host name in lower case, without a port')
    .optional()
    .describe('Sent as the Host header. The first of the hosts of the run, when it is not given.'),
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

/** The file that the input `scenario` names. schemas/scenario.schema.json is made from it (`npm run update`). */
export const scenarioSchema = z.strictObject({
  requests: z.array(requestSchema).min(1).max(100).describe('What is sent, each as often as its weight says.'),
});
type RequestOfScenario = z.output<typeof requestSchema>;

/** What is wrong, and in which line of the file, counted from 1. */
export interface ScenarioFault {
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

/**
 * Reads a scenario.
 *
 * @returns its requests, or every fault with its line.
 */
export function parseScenario(text: string): { readonly targets: ScenarioTarget[]; readonly faults: ScenarioFault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, message }));
  if (syntax.length > 0) return { targets: [], faults: syntax };
  const lineOf = (path: readonly PropertyKey[]): number => lineOfPath(document, lines, path);
  const parsed = scenarioSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success) {
    return {
      targets: [],
      faults: parsed.error.issues.map((issue) => ({
        line: lineOf(placeOf(issue)),
        message: `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`,
      })),
    };
  }
  const faults: ScenarioFault[] = [];
  const targets = parsed.data.requests.map((request, index) =>
    targetOf(request, (field, message) =>
      faults.push({
        line: lineOf(['requests', index, ...field]),
        message: `${['requests', index, ...field].join('.')}: ${message}`,
      }),
    ),
  );
  targets.forEach((target, index) => {
    if (targets.slice(0, index).some(({ name, host }) => name === target.name && host === target.host)) {
      faults.push({
        line: lineOf(['requests', index]),
        message: `requests.${String(index)}: there is another request of the name ${JSON.stringify(target.name)}; give each a name of its own`,
      });
    }
  });
  return { targets, faults };
}

function targetOf(request: RequestOfScenario, fault: (field: string[], message: string) => void): ScenarioTarget {
  const template = (field: string[], text: string, allowed: RegExp, what: string): Template => {
    try {
      const read = parseTemplate(text);
      if (!textsIn(read).every((part) => allowed.test(part))) fault(field, what);
      return read;
    } catch (error) {
      fault(field, messageOf(error));
      return [];
    }
  };
  const { name, weight, method, host = null, path, expect, body } = request;
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
    path,
    weight,
    ...(expect.text === undefined ? {} : { expectedText: expect.text }),
    ...(expect.status === undefined ? {} : { expectedStatuses: [expect.status].flat() }),
  };
  const content = {
    method,
    path: template(
      ['path'],
      path,
      PATH_CHARACTERS,
      'a path holds only ASCII characters, no space and no #; encode others, such as %20',
    ),
    headers,
    body: body === undefined ? null : template(['body'], body, /[^]*/, ''),
  };
  return { ...target, content };
}

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
