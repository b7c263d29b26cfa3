import { contradictionsOf } from './rules.ts';
import { secretsAsWritten, secretTextsOf } from './secrets.ts';
import { type Definition, definitionOf, INPUT_NAMES, type InputFault, type Inputs, type Settings } from './table.ts';

export interface ParsedInputs {
  /** Where an input has a fault this holds its default, so that the fault can still be reported. */
  readonly inputs: Inputs;
  readonly settings: Settings;
  readonly faults: readonly InputFault[];
  /** Every text in the inputs that must not get out, also where an input is wrong and its text would be shown. */
  readonly secrets: readonly string[];
}

/**
 * Reads every input from a source of texts and collects every fault.
 *
 * @param read gives the text of an input or alias, `''` when it was not given.
 */
export function parseInputs(read: (name: string) => string): ParsedInputs {
  const faults: InputFault[] = [];
  const values: Record<string, unknown> = {};
  const settings: Record<string, string> = {};
  const secrets: string[] = [];
  for (const name of INPUT_NAMES) {
    const definition = definitionOf(name);
    const text = textOf(name, definition, read, faults);
    const parsed = definition.parse(text);
    secrets.push(...secretsAsWritten(text, definition));
    if ('allowed' in parsed) {
      const { allowed, line } = parsed;
      const several = line !== undefined && text.includes('\n');
      const got = several ? line.text : text;
      faults.push({
        input: name,
        got: definition.secret === true ? '***' : got,
        allowed,
        ...(several ? { line: line.number } : {}),
      });
    }
    values[name] = 'value' in parsed ? parsed.value : fallbackValue(definition);
    if (definition.secret !== true) settings[name] = text;
  }
  const inputs = Object.freeze(values) as unknown as Inputs;
  return {
    inputs,
    settings,
    faults: [...faults, ...contradictionsOf(inputs, settings)],
    secrets: [...new Set([...secretTextsOf(inputs), ...secrets])].filter((text) => text !== ''),
  };
}

function fallbackValue(definition: Definition<unknown>): unknown {
  const parsed = definition.parse(withoutExpression(definition.default));
  return 'value' in parsed ? parsed.value : null;
}

/** A default that only a workflow can work out is empty on a laptop. */
const withoutExpression = (text: string): string => (text.startsWith('${{') ? '' : text);

function textOf(
  name: string,
  definition: Definition<unknown>,
  read: (name: string) => string,
  faults: InputFault[],
): string {
  const fallback = withoutExpression(definition.default);
  const given = read(name).trim();
  const own = given === '' ? fallback : given;
  for (const alias of definition.aliases ?? []) {
    const other = read(alias).trim();
    if (other === '') continue;
    if (own === fallback || own === other) return other;
    faults.push({
      input: alias,
      got: other,
      allowed: `only one of ${name} and ${alias}, as they name the same setting`,
    });
  }
  return own;
}
