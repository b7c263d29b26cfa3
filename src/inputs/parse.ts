import type { InputFault, Place } from './faults.ts';
import { contradictionsOf } from './rules.ts';
import { secretsAsWritten, secretTextsOf } from './secrets.ts';
import type { FileEntries } from './settings-file.ts';
import { type Definition, definitionOf, INPUT_NAMES, type InputName, type Inputs, type Settings } from './table.ts';

export interface ParsedInputs {
  /** An input with a fault has its default here, so the fault can still be reported. */
  readonly inputs: Inputs;
  readonly settings: Settings;
  readonly faults: readonly InputFault[];
  /** Every secret text in the inputs, including those of wrong inputs whose text would be shown. */
  readonly secrets: readonly string[];
}

/** Where inputs come from that are not given: a file of the repository. */
export interface Behind {
  readonly file: string;
  readonly entries: FileEntries;
}

/**
 * Reads every input from a source of texts and collects every fault.
 *
 * @param read gives the text of an input or alias, `''` when not given.
 * @param behind is used for inputs that are not given.
 */
export function parseInputs(read: (name: string) => string, behind: Behind | null = null): ParsedInputs {
  const faults: InputFault[] = [];
  const values: Record<string, unknown> = {};
  const settings: Record<string, string> = {};
  const secrets: string[] = [];
  for (const name of INPUT_NAMES) {
    const definition = definitionOf(name);
    const given = givenText(name, definition, read, faults);
    const text = given ?? behind?.entries[name]?.text ?? withoutExpression(definition.default);
    const parsed = definition.parse(text);
    secrets.push(...secretsAsWritten(text, definition));
    for (const { allowed, line } of 'faults' in parsed ? parsed.faults : []) {
      const several = line !== undefined && text.includes('\n');
      const got = several ? line.text : text;
      faults.push({
        input: name,
        got: definition.secret === true ? '***' : got,
        allowed,
        ...(several ? { line: line.number } : {}),
        ...(given === null ? placeOf(behind, name, line?.number) : {}),
      });
    }
    values[name] = 'value' in parsed ? parsed.value : fallbackValue(definition);
    if (definition.secret !== true) settings[name] = text;
  }
  const inputs = Object.freeze(values) as unknown as Inputs;
  const contradictions = contradictionsOf(inputs, settings).map((fault) => {
    const { input } = fault;
    return givenText(input, definitionOf(input), read, []) === null ? { ...fault, ...placeOf(behind, input) } : fault;
  });
  return {
    inputs,
    settings,
    faults: [...faults, ...contradictions],
    secrets: [...new Set([...secretTextsOf(inputs), ...secrets])].filter((text) => text !== ''),
  };
}

function placeOf(behind: Behind | null, name: InputName, lineOfText = 1): { readonly place?: Place } {
  const entry = behind?.entries[name];
  if (behind === null || entry === undefined) return {};
  const line = entry.lines.length > 1 ? (entry.lines[lineOfText - 1] ?? entry.line) : entry.line;
  return { place: { file: behind.file, line, key: entry.key } };
}

function fallbackValue(definition: Definition<unknown>): unknown {
  const parsed = definition.parse(withoutExpression(definition.default));
  return 'value' in parsed ? parsed.value : null;
}

/** A default that only a workflow can evaluate is empty on a laptop. */
const withoutExpression = (text: string): string => (text.startsWith('${{') ? '' : text);

/** The text given for an input, by its name or an alias; null when there is none. */
function givenText(
  name: string,
  definition: Definition<unknown>,
  read: (name: string) => string,
  faults: InputFault[],
): string | null {
  const own = read(name).trim();
  const isStandard = own === '' || own === definition.default;
  for (const alias of definition.aliases ?? []) {
    const other = read(alias).trim();
    if (other === '') continue;
    if (isStandard || own === other) return other;
    faults.push({
      input: alias,
      got: other,
      allowed: `only one of ${name} and ${alias}, which are the same setting`,
    });
  }
  return own === '' ? null : own;
}
