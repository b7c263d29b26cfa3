import { contradictionsOf } from './rules.ts';
import { definitionOf, type InputName, type Inputs, type Settings } from './table.ts';

/** An input of an earlier command that a later one took the place of. */
export interface Replaced {
  readonly input: InputName;
  /** What it was. */
  readonly text: string;
}

/** Pairs of which the program takes one and says nothing of the other. */
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
  for (const { input } of contradictionsOf(inputs, settings)) leaveOut(input as InputName);
  return { settings: kept, replaced };
}
