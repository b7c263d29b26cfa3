import { StageError } from '../errors.ts';
import type { InputName } from './table.ts';

/** A place in a settings file. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Such as `load.rate`; `''` when the fault is not about a key. */
  readonly key: string;
}

/** An input with an invalid value. */
export interface InputFault {
  /** Its name, or the other spelling of it that was given. */
  readonly input: string;
  readonly got: string;
  readonly allowed: string;
  /** The wrong line of several; `got` is that line. */
  readonly line?: number;
  /** Missing unless the value came from a file. */
  readonly place?: Place;
}

/** An input that is well by itself and does not go with the others. */
export interface Contradiction extends InputFault {
  readonly input: InputName;
}

/** A part of a settings file that is not an input. */
export interface FileFault {
  readonly place: Place;
  readonly message: string;
}

export type Fault = InputFault | FileFault;

/** All wrong inputs at once. */
export class InputError extends StageError {
  override readonly name = 'InputError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super('input-invalid', faults.map(sentenceOf).join('\n'), {
      hint: 'Correct the inputs above. Nothing was created.',
    });
    this.faults = faults;
  }
}

function sentenceOf(fault: Fault): string {
  if ('message' in fault) {
    const { file, line, key } = fault.place;
    const sentence = `${key === '' ? '' : `${key} `}${fault.message}`;
    return `${file}:${String(line)}: ${sentence}${/[.?)]$/.test(sentence) ? '' : '.'}`;
  }
  const { input, line, got, allowed, place } = fault;
  const what =
    place === undefined
      ? `Input ${input}${line === undefined ? ' is' : `, line ${String(line)}:`}`
      : `${place.file}:${String(place.line)}: ${place.key} is`;
  return `${what} ${JSON.stringify(got)}; allowed: ${allowed.endsWith('.') ? allowed : `${allowed}.`}`;
}
