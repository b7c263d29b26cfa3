import { messageOf } from '../../errors.ts';
import type { Expectation, Saving, Scalar, Source } from '../journeys/journey.ts';
import { parseJsonPath } from '../journeys/json-path.ts';
import { compileRegex } from '../journeys/use-answer.ts';
import type { TellFault } from './scenario-document.ts';
import type { SourceOfScenario, StepOfScenario } from './scenario-schema.ts';
import { isConstant, parseTemplate, RESERVED_NAMES, type Template } from './template.ts';

/** The values that a step saves of its answer. */
export function savingsOf({ save }: StepOfScenario, fault: TellFault): Saving[] {
  return Object.entries(save).flatMap(([name, given]): Saving[] => {
    if (RESERVED_NAMES.has(name)) fault(['save', name], `${name} is the name of a placeholder; choose another one`);
    try {
      return [{ name, from: sourceOf(given), inHeader: false }];
    } catch (error) {
      fault(['save', name], messageOf(error));
      return [];
    }
  });
}

function sourceOf(given: SourceOfScenario): Source {
  if (given.regex !== undefined) compileRegex(given.regex);
  const part = given.regex === undefined ? {} : { part: given.regex };
  if ('json' in given) return { kind: 'json', text: given.json, path: parseJsonPath(given.json), ...part };
  if ('header' in given) return { kind: 'header', header: given.header.toLowerCase(), ...part };
  if ('cookie' in given) return { kind: 'cookie', cookie: given.cookie, ...part };
  return { kind: 'regex', pattern: given.regex };
}

/**
 * What the answer to a step has to hold, beside its status.
 *
 * @param names of the values that are known by then.
 */
export function expectationsOf(
  { expect: { text, json = {}, header = {} } }: StepOfScenario,
  fault: TellFault,
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
