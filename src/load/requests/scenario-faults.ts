import type { z } from 'zod';
import { closest } from '../../text/closest.ts';

const NO_CONDITION =
  'nothing: steps have no conditions; write a journey for each way through the application, with its weight';
const NO_LOOP = 'nothing: steps are not repeated; write the step as often as it is taken, each under its own name';

/** Names from other programs, with the field to use here. */
const CALLED_HERE: Readonly<Record<string, string>> = {
  url: 'path, and host if it is not the first one',
  uri: 'path, and host if it is not the first one',
  target: 'host',
  json: 'body, with JSON as a string',
  data: 'body',
  form: 'body, with the header content-type: application/x-www-form-urlencoded',
  params: 'path, which includes the query',
  query: 'path, which includes the query',
  qs: 'path, which includes the query',
  capture: 'save, as in save: {token: {json: $.token}}',
  extract: 'save, as in save: {token: {json: $.token}}',
  check: 'expect, as in expect: {status: 200}',
  checks: 'expect, as in expect: {status: 200}',
  assert: 'expect, as in expect: {status: 200}',
  validate: 'expect, as in expect: {status: 200}',
  pause: 'think',
  sleep: 'think',
  wait: 'think',
  delay: 'think',
  scenarios: 'journeys',
  scenario: 'journeys',
  flow: 'steps',
  tasks: 'steps',
  cookies: 'nothing: cookies are kept for each user automatically; send your own cookie as a header',
  timeout: 'the input request-timeout',
  users: 'the input concurrency',
  vus: 'the input concurrency',
  duration: 'the input duration',
  rate: 'the input rate',
  stages: 'the input stages',
  phases: 'the input stages',
  thresholds: 'the input thresholds',
  status: 'expect, as in expect: {status: 200}',
  auth: 'headers, as in headers: {authorization: Bearer …}',
  ws: 'websocket',
  variables: 'data, a file of rows',
  payload: 'data, a file of rows',
  csv: 'data, a file of rows',
  feeder: 'data, a file of rows',
  if: NO_CONDITION,
  when: NO_CONDITION,
  unless: NO_CONDITION,
  condition: NO_CONDITION,
  iftrue: NO_CONDITION,
  skip: NO_CONDITION,
  loop: NO_LOOP,
  repeat: NO_LOOP,
  foreach: NO_LOOP,
  while: NO_LOOP,
  retry: 'nothing: a step that fails ends its walk',
  retries: 'nothing: a step that fails ends its walk',
};

/** The same of what an answer has to be. */
const EXPECTATION_CALLED_HERE: Readonly<Record<string, string>> = {
  body: 'text, which stands somewhere in the body, or json',
  contains: 'text',
  includes: 'text',
  regex: 'text, which is looked for as it is; a regex can be saved, and fails when it finds nothing',
  jsonpath: 'json, as in {$.ok: true}',
  code: 'status',
  statuscode: 'status',
  duration: 'the input thresholds, as in http_req_duration{name:login}: p(95)<200',
  max_duration: 'the input thresholds, as in http_req_duration{name:login}: p(95)<200',
  latency: 'the input thresholds, as in http_req_duration{name:login}: p(95)<200',
  responsetime: 'the input thresholds, as in http_req_duration{name:login}: p(95)<200',
};

/** Streams and WebSockets are steps. */
const OF_A_STEP: ReadonlySet<string> = new Set(['stream', 'websocket', 'save', 'think']);

/** Values with several forms, for which the library only says that none matches. */
const FORMS: Readonly<Record<string, string>> = {
  expect: 'a mapping, as in expect: {status: 200, text: welcome}',
  status: 'a number from 200 to 599, or a list of them, as in [200, 201]; classes such as 2xx are not supported',
  json: 'paths with their values, as in {$.ok: true}, or a list of paths, as in [$.token]',
  data: 'the name of a file, as in users.csv, or {file: users.csv, each: user}',
  headers: 'a mapping, as in {accept: application/json}',
  method: 'GET, POST, PUT, PATCH, DELETE or OPTIONS, in capitals',
  stream: 'events or lines',
  websocket: 'a mapping, as in {send: hello, messages: 10}',
  send: 'a string, or a list of strings',
  answer: 'same, any, or {text: ok}',
  save: 'a mapping, as in {token: {json: $.token}}',
  body: 'a string; write JSON as a string, as in \'{"user": {{json user}}}\'',
  weight:
    'a whole number from 1 to 1000, in relation to the weights of the others; make a comment of what is not to be sent',
  think: 'a time such as 2s or 500ms, or two of them such as 1s..3s, up to 10m',
  every: 'a time such as 2s or 500ms, or two of them such as 1s..3s, up to 10m',
  requests: 'a list, with a - before each request',
  journeys: 'a list, with a - before each journey',
  steps: 'a list, with a - before each step',
};

/** The parts of a header's value and of what is saved bear names that the user has chosen. */
const formOf = (path: readonly PropertyKey[]): string | undefined => {
  const [holder, last] = [path.at(-2), path.at(-1)];
  if (holder === 'save')
    return 'one of {json: $.token}, {header: location}, {cookie: sid} and {regex: "id=([0-9]+)"}, or a regex beside one of the others';
  if (holder === 'headers') return 'a string, a number or a boolean';
  return typeof last === 'string' && Object.hasOwn(FORMS, last) ? FORMS[last] : undefined;
};

/**
 * What is wrong with a value of a scenario, and what would be right.
 *
 * @param known the fields that exist at the place of an unknown one.
 */
export function scenarioFault(issue: z.core.$ZodIssue, known: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') return unknownField(issue.keys, issue.path, known);
  const form = formOf(issue.path);
  if (form === undefined) return inPlainWords(issue);
  switch (issue.code) {
    case 'invalid_union':
    case 'invalid_type':
    case 'invalid_value':
      return `it must be ${form}`;
    default:
      return issue.path.at(-1) === 'weight' ? `it must be ${form}` : inPlainWords(issue);
  }
}

/** The names of types for users who write YAML. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of fields to values',
  record: 'a mapping of names to values',
};

function sized(origin: string, bound: string): string {
  if (origin === 'array') return `have ${bound} of them`;
  return origin === 'string' ? `have ${bound} characters` : `be ${bound}`;
}

/** The schema's own messages are kept; those of the library are for programmers. */
function inPlainWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `it must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `it must ${sized(issue.origin, `at least ${String(issue.minimum)}`)}`;
    case 'too_big':
      return `it must ${sized(issue.origin, `at most ${String(issue.maximum)}`)}`;
    case 'invalid_union':
      return 'it has none of the allowed forms';
    case 'invalid_key':
      return `the name has to be ${issue.issues[0]?.message ?? 'another one'}`;
    default:
      return /^(?:an?|one) /.test(issue.message) ? `it must be ${issue.message}` : issue.message;
  }
}

function unknownField(keys: readonly string[], path: readonly PropertyKey[], known: readonly string[]): string {
  const [key = ''] = keys;
  const here = known.includes(key.toLowerCase()) ? key.toLowerCase() : undefined;
  const calledHere = path.at(-1) === 'expect' ? EXPECTATION_CALLED_HERE : CALLED_HERE;
  const called = Object.hasOwn(calledHere, key.toLowerCase()) ? calledHere[key.toLowerCase()] : undefined;
  const inRequests = path[0] === 'requests' && OF_A_STEP.has(key);
  const meant = inRequests
    ? 'a field of a step: make it a journey with one step'
    : (here ?? called ?? closest(key, known) ?? undefined);
  const others = keys.length > 1 ? ` (and ${keys.slice(1).join(', ')})` : '';
  const hint = meant === undefined ? '' : inRequests ? `; it is ${meant}` : `; here it is ${meant}`;
  return `there is no field ${JSON.stringify(key)}${others}${hint}. The fields are ${known.join(', ')}`;
}
