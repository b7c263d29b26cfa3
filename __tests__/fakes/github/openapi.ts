import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

/** GitHub's own description of the endpoints that we use, as cut out by scripts/github-openapi.ts. */
const description = JSON.parse(readFileSync(new URL('./openapi-subset.json', import.meta.url), 'utf8')) as Description;

interface Description {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
  };
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(description, 'github');

const compiled = new Map<string, ValidateFunction>();

function validator(pointer: readonly string[]): ValidateFunction {
  const reference = `github#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const known = compiled.get(reference);
  if (known !== undefined) return known;
  const compiledNow = ajv.compile({ $ref: reference });
  compiled.set(reference, compiledNow);
  return compiledNow;
}

function faults(pointer: readonly string[], value: unknown, what: string): string[] {
  const validate = validator(pointer);
  return validate(value) ? [] : [`${what}: ${ajv.errorsText(validate.errors)}`];
}

export interface Match {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The operation that a request is of; undefined when GitHub's description (our part of it) has none. */
export function match(method: string, pathname: string): Match | undefined {
  for (const [path, methods] of Object.entries(description.paths)) {
    const pattern = new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const found = pattern.exec(pathname);
    const operation = methods[method.toLowerCase()];
    if (found !== null && operation !== undefined) {
      return { path, method: method.toLowerCase(), operation, parameters: { ...found.groups } };
    }
  }
  return undefined;
}

/** What is wrong with a request by the description. */
export function requestFaults(
  { path, method, operation, parameters }: Match,
  query: URLSearchParams,
  body: unknown,
): string[] {
  const described = (operation.parameters ?? []).map(resolve);
  const found = [];
  for (const [name, text] of query) {
    if (!described.some((parameter) => parameter.in === 'query' && parameter.name === name)) {
      found.push(`${operation.operationId}: unknown query parameter ${name}=${text}`);
    }
  }
  for (const [index, parameter] of described.entries()) {
    const text = parameter.in === 'path' ? parameters[parameter.name] : (query.get(parameter.name) ?? undefined);
    if (text === undefined) {
      if (parameter.required === true) found.push(`${operation.operationId}: ${parameter.name} is missing`);
      continue;
    }
    const value = parameter.schema.type === 'integer' ? Number(text) : text;
    found.push(
      ...faults(
        [...parameterPointer(operation, path, method, index), 'schema'],
        value,
        `${operation.operationId} ${parameter.name}`,
      ),
    );
  }
  if (operation.requestBody === undefined) {
    if (body !== undefined) found.push(`${operation.operationId}: a body that nobody asked for`);
  } else {
    found.push(
      ...faults(
        ['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'],
        body,
        `${operation.operationId} body`,
      ),
    );
  }
  return found;
}

function parameterPointer(operation: Operation, path: string, method: string, index: number): string[] {
  const parameter = operation.parameters?.[index];
  return parameter !== undefined && '$ref' in parameter
    ? parameter.$ref.split('/').slice(1)
    : ['paths', path, method, 'parameters', String(index)];
}

function resolve(parameter: Parameter | { readonly $ref: string }): Parameter {
  if (!('$ref' in parameter)) return parameter;
  const known = description.components.parameters[parameter.$ref.split('/').at(-1) ?? ''];
  if (known === undefined) throw new Error(`No parameter ${parameter.$ref}`);
  return known;
}

/** What any endpoint may answer although its own description does not repeat it. */
const EVERYWHERE = new Set([400, 401, 403, 404, 429, 500, 502, 503]);

/** What is wrong with an answer by the description. */
export function answerFaults({ path, method, operation }: Match, status: number, body: unknown): string[] {
  const what = `${operation.operationId} answer ${String(status)}`;
  const described = operation.responses[String(status)];
  if (described === undefined) {
    if (!EVERYWHERE.has(status)) return [`${what}: no such status`];
    // What answers 502 stands before the API and writes HTML.
    return status >= 500 ? [] : faults(['components', 'schemas', 'basic-error'], body, what);
  }
  const pointer = isReference(described)
    ? described.$ref.split('/').slice(1)
    : ['paths', path, method, 'responses', String(status)];
  const schemaPointer = [...pointer, 'content', 'application/json', 'schema'];
  if (!hasPath(schemaPointer)) return body === undefined ? [] : [`${what}: a body where there is none`];
  return faults(schemaPointer, body, what);
}

const isReference = (value: unknown): value is { $ref: string } =>
  typeof value === 'object' && value !== null && '$ref' in value && typeof value.$ref === 'string';

function hasPath(pointer: readonly string[]): boolean {
  let value: unknown = description;
  for (const part of pointer) {
    if (typeof value !== 'object' || value === null || !(part in value)) return false;
    value = (value as Record<string, unknown>)[part];
  }
  return true;
}

/** The example that the description gives for an answer. */
export function example(name: string): unknown {
  const found = description.components.examples[name];
  if (found === undefined) throw new Error(`No example ${name}`);
  return structuredClone(found.value);
}
