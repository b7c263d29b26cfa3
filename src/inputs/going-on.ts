import { type Behind, parseInputs } from './parse.ts';
import { contradictionsOf } from './rules.ts';
import { definitionOf, INPUT_NAMES, type InputName, type Inputs, type Settings } from './table.ts';

/** An input of an earlier command that a later one took the place of. */
export interface Replaced {
  readonly input: InputName;
  /** What it was. */
  readonly text: string;
}

/** What stands behind the inputs that are given, and what of it does not count. */
export interface Layered {
  readonly behind: Behind;
  /** What was given in its place, or can't be with what was given. */
  readonly replaced: readonly Replaced[];
}

/** Pairs of inputs: the program uses one and says nothing about the other. */
const INSTEAD_OF: readonly (readonly [given: InputName, stored: InputName])[] = [
  ['requests', 'duration'],
  ['duration', 'requests'],
  ['stages', 'requests'],
  ['stages', 'duration'],
  ['stages', 'rate'],
  ['stages', 'ramp-up'],
  ['requests', 'stages'],
  ['duration', 'stages'],
  ['rate', 'stages'],
  ['ramp-up', 'stages'],
  ['hosts', 'scenario'],
  ['scenario', 'hosts'],
];

/**
 * The inputs with which a command goes on where earlier ones ended: theirs, unless others are given now.
 *
 * An earlier input that one given now contradicts is left out: who asks for 50 requests after a load of 10 s wants no
 * second load of 10 s.
 *
 * @param given the texts of this command alone.
 * @param parse reads texts; faults are none of this function's business.
 */
export function goingOn(
  stored: Settings,
  given: Readonly<Partial<Record<string, string>>>,
  parse: (read: (name: string) => string) => { readonly inputs: Inputs; readonly settings: Settings },
): { readonly settings: Settings; readonly replaced: readonly Replaced[] } {
  const kept: Record<string, string> = { ...stored };
  const replaced: Replaced[] = [];
  const leaveOut = (input: InputName): void => {
    const text = kept[input] ?? '';
    if (given[input] !== undefined || text === '' || text === definitionOf(input).default) return;
    replaced.push({ input, text });
    kept[input] = '';
  };
  for (const [now, before] of INSTEAD_OF) if (given[now] !== undefined) leaveOut(before);
  const { inputs, settings } = parse((name) => given[name] ?? kept[name] ?? '');
  for (const { input } of contradictionsOf(inputs, settings)) leaveOut(input);
  return { settings: kept, replaced };
}

/**
 * A file of settings behind the inputs that are given. What is given counts: who asks for 50 requests, or compares two
 * versions, does not have to change a file that says `duration`. What contradicts itself in the file stays a fault.
 *
 * @param read gives the text of an input, `''` when it was not given.
 */
export function behindGiven(file: Behind, read: (name: string) => string): Layered {
  const isGiven = (name: InputName): boolean =>
    [name, ...(definitionOf(name).aliases ?? [])].some((each) => read(each).trim() !== '');
  const leftOut = new Set<InputName>(INPUT_NAMES.filter(isGiven));
  for (const [now, before] of INSTEAD_OF) if (isGiven(now)) leftOut.add(before);
  const alone = contradictingInputs(parseInputs(() => '', file));
  for (const name of contradictingInputs(parseInputs(read, without(file, leftOut))))
    if (!alone.has(name)) leftOut.add(name);
  return {
    behind: without(file, leftOut),
    replaced: Object.entries(file.entries)
      .filter(([name]) => leftOut.has(name as InputName))
      .map(([name, { text }]) => ({ input: name as InputName, text })),
  };
}

const contradictingInputs = ({ inputs, settings }: { readonly inputs: Inputs; readonly settings: Settings }) =>
  new Set(contradictionsOf(inputs, settings).map(({ input }) => input));

/** The same file without the entries of some inputs. */
export const without = ({ file, entries }: Behind, names: ReadonlySet<InputName>): Behind => ({
  file,
  entries: Object.fromEntries(Object.entries(entries).filter(([name]) => !names.has(name as InputName))),
});
