import { parse } from 'yaml';
import { type Found, type FoundRequest, LeftOut } from './found-requests.ts';

type Json = Readonly<Record<string, unknown>>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'head', 'trace'];
/** Descriptions refer to each other, and to themselves. */
const DEEPEST = 12;

/**
 * Reads an OpenAPI description (3.0 or 3.1) or a Swagger 2.0 one, as JSON or YAML: a request for each operation, with
 * the examples and defaults that it has, or values made up from the schemas.
 *
 * @throws Error when the text is not a description.
 */
export function readOpenApi(text: string): Found {
  const document = documentOf(text);
  const leftOut = new LeftOut();
  const requests = Object.entries(objectOf(document['paths'])).flatMap(([path, item]) => {
    const shared = objectOf(resolved(document, item));
    return METHODS.flatMap((method): FoundRequest[] => {
      if (shared[method] === undefined) return [];
      const operation = objectOf(resolved(document, shared[method]));
      return operationOf(document, { path, method, operation, shared }, leftOut);
    });
  });
  return { requests, leftOut: leftOut.reasons };
}

function documentOf(text: string): Json {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100, prettyErrors: false, logLevel: 'silent' });
  } catch (error) {
    throw new Error('it is neither JSON nor YAML', { cause: error });
  }
  const document = objectOf(value);
  if (typeof document['openapi'] !== 'string' && document['swagger'] === undefined)
    throw new Error('it has no field openapi (or swagger)');
  return document;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
  readonly shared: Json;
}

function operationOf(document: Json, { path, method, operation, shared }: Operation, leftOut: LeftOut): FoundRequest[] {
  const called = `${method.toUpperCase()} ${path}`;
  if (method === 'head' || method === 'trace') {
    leftOut.add(`${called}: its method is not supported`);
    return [];
  }
  if (operation['deprecated'] === true) {
    leftOut.add(`${called}: it is deprecated`);
    return [];
  }
  const parameters = [...listOf(shared['parameters']), ...listOf(operation['parameters'])].map((each) =>
    objectOf(resolved(document, each)),
  );
  const inPlace = (place: string): Json[] => parameters.filter((parameter) => parameter['in'] === place);
  const valueOf = (parameter: Json): string => textOf(exampleOf(document, parameter));
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const parameter = inPlace('path').find((each) => each['name'] === name);
    return encodeURIComponent(parameter === undefined ? '1' : valueOf(parameter));
  });
  const query = inPlace('query')
    .filter((parameter) => parameter['required'] === true)
    .map((parameter) => `${encodeURIComponent(textOf(parameter['name']))}=${encodeURIComponent(valueOf(parameter))}`);
  const security = operation['security'] ?? document['security'];
  if (listOf(security).some((each) => Object.keys(objectOf(each)).length > 0))
    leftOut.add(`${called}: it asks for a login; add a header, or make it a step of a journey`);
  const body = bodyOf(document, operation, parameters, called, leftOut);
  const headers = inPlace('header')
    .filter((parameter) => parameter['required'] === true)
    .map((parameter) => [textOf(parameter['name']), valueOf(parameter)] as const);
  const name = operation['operationId'];
  return [
    {
      method: method.toUpperCase(),
      host: null,
      path: `${basePath(document)}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`,
      headers: body === null ? headers : [...headers, ['content-type', body.type]],
      body: body?.text ?? null,
      status: statusOf(operation),
      name: typeof name === 'string' && name !== '' ? name : null,
      count: 1,
    },
  ];
}

/** Of the first server, or of Swagger; where it is, the run knows by itself. */
function basePath(document: Json): string {
  const [server] = listOf(document['servers']);
  const url = textOf(objectOf(server)['url'] ?? document['basePath'] ?? '');
  const path = URL.canParse(url) ? new URL(url).pathname : url.startsWith('/') ? url : '';
  return path.replace(/\/$/, '');
}

/** The one good status that it names, unless a client would be led on by it. */
function statusOf(operation: Json): number | null {
  const good = Object.keys(objectOf(operation['responses'])).filter((status) => /^2\d\d$/.test(status));
  return good.length === 1 ? Number(good[0]) : null;
}

function bodyOf(
  document: Json,
  operation: Json,
  parameters: readonly Json[],
  called: string,
  leftOut: LeftOut,
): { readonly type: string; readonly text: string } | null {
  const swagger = parameters.find((parameter) => parameter['in'] === 'body');
  if (swagger !== undefined) return { type: 'application/json', text: JSON.stringify(exampleOf(document, swagger)) };
  if (operation['requestBody'] === undefined) return null;
  const content = objectOf(objectOf(resolved(document, operation['requestBody']))['content']);
  const type = Object.keys(content).find((each) => /[/+]json\b/i.test(each));
  const form = Object.keys(content).find((each) => /x-www-form-urlencoded/i.test(each));
  if (type !== undefined) return { type, text: JSON.stringify(exampleOf(document, objectOf(content[type]))) };
  if (form !== undefined) {
    const fields = Object.entries(objectOf(exampleOf(document, objectOf(content[form]))));
    return {
      type: form,
      text: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, textOf(value)])).toString(),
    };
  }
  leftOut.add(
    `${called}: its body is ${Object.keys(content).join(', ') || 'of an unnamed type'}, which can't be generated`,
  );
  return null;
}

/** What a parameter or a kind of content has for an example, or what its schema allows. */
function exampleOf(document: Json, holder: Json): unknown {
  if (holder['example'] !== undefined) return holder['example'];
  const [first] = Object.values(objectOf(holder['examples']));
  const example = objectOf(resolved(document, first))['value'];
  if (example !== undefined) return example;
  return madeUp(document, holder['schema'] ?? holder, 0);
}

function madeUp(document: Json, given: unknown, depth: number): unknown {
  if (depth > DEEPEST) return null;
  const schema = objectOf(resolved(document, given));
  const [listed] = listOf(schema['examples']);
  const ready = [schema['example'], schema['default'], schema['const'], listed, listOf(schema['enum'])[0]];
  const known = ready.find((value) => value !== undefined);
  if (known !== undefined) return known;
  const [one] = [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])];
  if (one !== undefined) return madeUp(document, one, depth + 1);
  const all = listOf(schema['allOf']);
  if (all.length > 0)
    return Object.assign({}, ...all.map((each) => objectOf(madeUp(document, each, depth + 1)))) as unknown;
  return ofType(document, schema, depth);
}

function ofType(document: Json, schema: Json, depth: number): unknown {
  const type = [schema['type']].flat().find((each) => each !== 'null');
  switch (type ?? (schema['properties'] === undefined ? undefined : 'object')) {
    case 'object': {
      const required = new Set(listOf(schema['required']));
      const properties = Object.entries(objectOf(schema['properties'])).filter(([name, inner]) => {
        const isReadOnly = objectOf(resolved(document, inner))['readOnly'] === true;
        return !isReadOnly && (required.size === 0 || required.has(name));
      });
      return Object.fromEntries(properties.map(([name, inner]) => [name, madeUp(document, inner, depth + 1)]));
    }
    case 'array':
      return [madeUp(document, schema['items'], depth + 1)];
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return true;
    default:
      return textFor(schema['format']);
  }
}

function textFor(format: unknown): string {
  switch (format) {
    case 'date':
      return '2026-01-01';
    case 'date-time':
      return '2026-01-01T00:00:00Z';
    case 'uuid':
      return '00000000-0000-4000-8000-000000000000';
    default:
      return 'text';
  }
}

/** What a `$ref` within the document leads to. References to other files are left as they are. */
function resolved(document: Json, value: unknown): unknown {
  let current = value;
  for (let step = 0; step < DEEPEST; step++) {
    const reference = objectOf(current)['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return current;
    current = reference
      .slice(2)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>(
        (inner, name) => (Object.hasOwn(objectOf(inner), name) ? objectOf(inner)[name] : undefined),
        document,
      );
  }
  return undefined;
}

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
