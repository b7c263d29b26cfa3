import { StageError } from '../../errors.ts';

/** One measurement of k6, as a row of its CSV output. */
export interface K6Sample {
  readonly metric: string;
  /** Milliseconds since 1970, with microseconds as fractions: when what was measured ended. */
  readonly timeMs: number;
  readonly value: number;
  /** The text of a system tag such as `status`; empty when it was not recorded. */
  readonly systemTag: (name: string) => string;
  /** The text of a tag of the script's own; empty when there is none. */
  readonly ownTag: (name: string) => string;
}

/** k6 has no limit on the length of a tag; a record longer than this is not a record. */
const LONGEST_RECORD = 1024 * 1024;

/**
 * Reads the CSV output of k6 (`--out csv`, with K6_CSV_TIME_FORMAT=unix_micro) as it grows.
 *
 * k6 writes about 15 rows for a request, most of which nobody asks for: they are skipped before they
 * are taken apart. A last line that was cut off, because k6 was killed, is left out.
 */
export class K6CsvReader {
  readonly #wanted: ReadonlySet<string>;
  readonly #onSample: (sample: K6Sample) => void;
  #columns: ReadonlyMap<string, number> | null = null;
  #rest = '';

  /** @param wanted names of the metrics that `onSample` is called with. */
  constructor(wanted: Iterable<string>, onSample: (sample: K6Sample) => void) {
    this.#wanted = new Set(wanted);
    this.#onSample = onSample;
  }

  /**
   * Reads the next part of the output; it may end anywhere.
   *
   * @throws StageError `load-failed` when this is not output of k6.
   */
  push(text: string): void {
    const all = this.#rest + text;
    let start = 0;
    for (let end = endOfRecord(all, start); end >= 0; end = endOfRecord(all, start)) {
      this.#record(all.slice(start, all[end - 1] === '\r' ? end - 1 : end));
      start = end + 1;
    }
    this.#rest = all.slice(start);
    if (this.#rest.length > LONGEST_RECORD)
      throw unreadable(`a record is longer than ${String(LONGEST_RECORD)} characters`);
  }

  #record(text: string): void {
    if (this.#columns === null) {
      this.#columns = columnsOf(text);
      return;
    }
    const metric = text.slice(0, text.indexOf(','));
    if (this.#wanted.has(metric)) this.#onSample(sampleOf(metric, fieldsOf(text), this.#columns));
  }
}

/** Where the line end after a record is, or -1 when it is not there yet. A line end between quotes is none. */
function endOfRecord(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  if (end < 0 || !text.slice(start, end).includes('"')) return end;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === '\n' && !quoted) return at;
  }
  return -1;
}

/** The fields of a record; in quotes, a doubled quote stands for one (RFC 4180). */
function fieldsOf(record: string): string[] {
  if (!record.includes('"')) return record.split(',');
  const fields: string[] = [];
  for (const [, quoted, plain] of record.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^,]*))(?=,|$)/g)) {
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
  }
  return fields;
}

const NEEDED = ['metric_name', 'timestamp', 'metric_value', 'extra_tags'];

function columnsOf(header: string): ReadonlyMap<string, number> {
  const columns = new Map(fieldsOf(header).map((name, index) => [name, index]));
  const missing = NEEDED.filter((name) => !columns.has(name));
  if (missing.length > 0) throw unreadable(`its columns ${missing.join(', ')} are missing`);
  return columns;
}

function sampleOf(metric: string, fields: readonly string[], columns: ReadonlyMap<string, number>): K6Sample {
  const text = (column: string): string => fields[columns.get(column) ?? -1] ?? '';
  const microseconds = text('timestamp');
  const value = Number(text('metric_value'));
  if (!/^\d{10,17}$/.test(microseconds))
    throw unreadable(`${JSON.stringify(microseconds.slice(0, 40))} is not a time in microseconds`);
  if (text('metric_value') === '' || !Number.isFinite(value))
    throw unreadable(`${JSON.stringify(text('metric_value').slice(0, 40))} is not a value of ${metric}`);
  return {
    metric,
    timeMs: Number(microseconds) / 1000,
    value,
    systemTag: text,
    ownTag: (name) => tagIn(text('extra_tags'), name),
  };
}

/** k6 writes `name=value&name=value` and escapes nothing. */
function tagIn(tags: string, name: string): string {
  const part = tags.split('&').find((each) => each.startsWith(`${name}=`));
  return part === undefined ? '' : part.slice(name.length + 1);
}

const unreadable = (why: string): StageError =>
  new StageError('load-failed', `The output of k6 can't be read: ${why}.`, {
    hint: 'Another version of k6 may use a different format. Set k6-version to a pinned version.',
  });
