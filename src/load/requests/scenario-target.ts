import { messageOf } from '../../errors.ts';
import { PATH_CHARACTERS, type Target } from './plan.ts';
import type { TellFault } from './scenario-document.ts';
import type { RequestOfScenario, StepOfScenario } from './scenario-schema.ts';
import { parseTemplate, type Place, type Template, textsIn } from './template.ts';

/** A request that may leave its host to the run. */
export type ScenarioTarget = Omit<Target, 'host'> & { readonly host: string | null };

/** The sender sets the headers for the connection and the length of the body. */
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

/** What the text around the placeholders may be made of. */
const CHARACTERS: Readonly<Record<Place, { readonly allowed: RegExp; readonly fault: string }>> = {
  path: {
    allowed: PATH_CHARACTERS,
    fault: 'a path can contain only ASCII characters, without spaces or #; encode others, such as %20',
  },
  header: { allowed: /^[\t -~]*$/, fault: 'a header is one line of printable ASCII characters' },
  body: { allowed: /^[^]*$/, fault: '' },
};

/**
 * The target of a request or step.
 *
 * @param fault takes what can't be sent.
 * @param names of the values that templates may hold, beside those that every request has.
 */
export function targetOf(
  request: Omit<RequestOfScenario, 'expect'> & Pick<StepOfScenario, 'expect'>,
  fault: TellFault,
  names: ReadonlySet<string> = new Set(),
): ScenarioTarget {
  const template = (place: Place, field: string[], text: string): Template => {
    try {
      const read = parseTemplate(text, place, names);
      const foreign = foreignValueIn(text, names);
      if (foreign !== null) fault(field, `${foreign} would be sent literally; write {{${foreign.slice(2, -1)}}}`);
      if (!textsIn(read).every((part) => CHARACTERS[place].allowed.test(part))) fault(field, CHARACTERS[place].fault);
      return read;
    } catch (error) {
      fault(field, messageOf(error));
      return [];
    }
  };
  const { name, weight, method, host = null, scheme, path, expect, body } = request;
  refuseExpectedText(request, fault);
  if (body !== undefined && method === 'GET') fault(['body'], 'a GET has no body; use another method');
  const headers = Object.entries(request.headers).map(([header, value]): readonly [string, Template] => {
    if (OWN_HEADERS.has(header.toLowerCase()))
      fault(
        ['headers', header],
        `${header} is set by the load generator${header.toLowerCase() === 'host' ? '; give host' : ''}`,
      );
    return [header, template('header', ['headers', header], String(value))];
  });
  return {
    name: name ?? `${method} ${host ?? ''}${path}`,
    host,
    ...(scheme === undefined ? {} : { scheme }),
    path,
    weight,
    ...(expect.text === undefined ? {} : { expectedText: expect.text }),
    ...(expect.status === undefined ? {} : { expectedStatuses: [expect.status].flat() }),
    content: {
      method,
      path: template('path', ['path'], path),
      headers,
      body: body === undefined ? null : template('body', ['body'], body),
    },
  };
}

/** A text that could not be found in the answers. */
function refuseExpectedText(
  { expect: { text }, headers }: Pick<RequestOfScenario, 'headers'> & Pick<StepOfScenario, 'expect'>,
  fault: TellFault,
): void {
  if (text === undefined) return;
  if (/\{\{\s*(?:int|choice|uuid)\b/.test(text))
    fault(
      ['expect', 'text'],
      'the text is the same for each request; a step of a journey can expect a value of its data or of an earlier answer',
    );
  const compressed = Object.entries(headers).find(
    ([header, value]) => header.toLowerCase() === 'accept-encoding' && /gzip|deflate|br|zstd|\*/i.test(String(value)),
  );
  if (compressed !== undefined)
    fault(
      ['expect', 'text'],
      `with ${compressed[0]} the answer may come compressed, and its text is not found; leave the header or the text out, or write a journey of one step, whose answers are decompressed`,
    );
}

/** A value in the syntax of k6, Artillery or Gatling; null unless its name has a value here. */
const foreignValueIn = (text: string, names: ReadonlySet<string>): string | null =>
  [...text.matchAll(/[$#]\{(\w+)\}/g)].find(([, name = '']) => names.has(name))?.[0] ?? null;
