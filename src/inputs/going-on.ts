import { type Behind, parseInputs } from './parse.ts';
import { contradictionsOf } from './rules.ts';
import { definitionOf, INPUT_NAMES, type InputName, type Inputs, type Settings } from './table.ts';

/** An input of an earlier command that a later one replaced. */
export interface Replaced {
  readonly input: InputName;
  /** Its old value. */
  readonly text: string;
}

/** The inputs behind the given ones, and which of them do not count. */
export interface Layered {
  readonly behind: Behind;
  /** What replaced it, or what it can't be combined with. */
  readonly replaced: readonly Replaced[];
}

/** Pairs of inputs of which the program uses one and ignores the other silently. */
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
 * The inputs with which a command continues: those of earlier commands, unless others are given now. An earlier input
 * that contradicts one given now is dropped: whoever asks for 50 requests after a load of 10 s does not want a second
 * load of 10 s.
 *
 * @param given the texts of this command alone.
 * @param parse reads texts; this function does not handle faults.
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
 * A settings file behind the given inputs. Given inputs win: whoever asks for 50 requests, or compares two versions,
 * need not edit a file that sets `duration`. Contradictions within the file are still faults.
 *
 * @param read gives the text of an input, `''` when not given.
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

/** The file without the entries of some inputs. */
export const without = ({ file, entries }: Behind, names: ReadonlySet<InputName>): Behind => ({
  file,
  entries: Object.fromEntries(Object.entries(entries).filter(([name]) => !names.has(name as InputName))),
});
