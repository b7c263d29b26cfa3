import { LineJoiner } from '../../text/lines.ts';
import type { LoadProgress } from '../engine/generate.ts';
import { K6CsvReader } from './k6-csv.ts';
import type { K6Samples } from './k6-samples.ts';
import { ANSWER_METRIC, END_OF_LINES } from './k6-script.ts';

/** The columns of the lines that the generated script writes. */
const HEADER = 'metric_name,timestamp,metric_value,scenario,extra_tags';
/** k6's own; each request has one. */
const REQUEST_METRIC = 'http_req_duration';
const HEADER_OF_K6 = 'metric_name,';
/**
 * Another row of k6's own: a metric's name, as k6 allows it, and a time in microseconds. The last of these may come
 * after the summary.
 */
const OTHER_ROW = /^[A-Za-z_]\w{0,127},\d{10,17},/;

/** Lines of a runner other than rows are kept up to this number: its summary, and the output of a script. */
const MOST_TEXTS = 1000;
/** How many rows are held back for a silent runner. */
const MOST_HELD = 100_000;

/** A line is no longer taken for a row when its quotes do not end for this many characters. */
const LONGEST_ROW = 1024 * 1024;
/** Whether a line ends between quotes, as of a row with a line end in a tag. */
const isOpen = (line: string): boolean => line.includes('"') && line.split('"').length % 2 === 0;

/** What was read from one runner. */
export interface RunnerAccount {
  /** Requests whose rows have arrived, including the warm-up of a user's own script. */
  readonly rows: number;
  /** The runner's own count; null when it did not finish. */
  readonly counted: number | null;
  /** When its first row was written, in milliseconds since 1970; null without one. */
  readonly firstMs: number | null;
  /** Its last lines that are not rows. */
  readonly texts: readonly string[];
}

interface RunnerLog {
  readonly reader: K6CsvReader;
  readonly lines: LineJoiner;
  /** The beginning of a row in which a tag with a line end was cut in two. */
  cut: string;
  rows: number;
  firstMs: number | null;
  counted: number | null;
  readonly texts: string[];
  ended: boolean;
  held: string[];
}

/**
 * Adds up the logs of k6 runners that share a load. Each of them says every request of its own once, in
 * a row of the form of k6's CSV output, and how many there were in its last line: each is counted once,
 * in the same histograms as if one k6 had sent them all, and a loss is seen.
 */
export class K6RunnerLogs {
  readonly #samples: K6Samples;
  readonly #script: boolean;
  readonly #rowStarts: readonly string[];
  readonly #logs: ReadonlyMap<string, RunnerLog>;
  /** The course over time begins with the first request of all: no row is handed on before it is known. */
  #released = false;
  #held = 0;

  /**
   * @param runners their names.
   * @param script whether they run a script of the user's own, and write k6's own samples.
   */
  constructor(samples: K6Samples, runners: readonly string[], script: boolean) {
    this.#samples = samples;
    this.#script = script;
    this.#rowStarts = [...samples.metrics.map((metric) => `${metric},`), ...(script ? [HEADER_OF_K6] : [])];
    this.#logs = new Map(runners.map((name) => [name, this.#emptyLog()]));
  }

  /** Reads the next part of the log of a runner; it may end anywhere. */
  push(runner: string, text: string): void {
    const log = this.#logOf(runner);
    for (const line of log.lines.push(text)) this.#line(log, line);
  }

  /** This runner sends nothing more. */
  end(runner: string): void {
    const log = this.#logOf(runner);
    if (log.ended) return;
    log.ended = true;
    // A truncated row is not a row; a truncated text line may still say something.
    const rest = log.lines.end();
    if (rest !== '' && log.cut === '' && !this.#isRow(rest)) this.#line(log, rest);
    this.#releaseWhenKnown();
  }

  /** No runner sends anything more. */
  endAll(): void {
    for (const name of this.#logs.keys()) this.end(name);
    this.#release();
  }

  account(runner: string): RunnerAccount {
    const { rows, firstMs, counted, texts } = this.#logOf(runner);
    return { rows, firstMs, counted: this.#script ? countInSummary(texts) : counted, texts };
  }

  progress(): LoadProgress {
    return this.#samples.progress();
  }

  #line(log: RunnerLog, end: string): void {
    const line = log.cut + end;
    log.cut = '';
    if (this.#isRow(line) && isOpen(line) && line.length < LONGEST_ROW) {
      log.cut = `${line}\n`;
      return;
    }
    if (!this.#isRow(line)) {
      if (line.startsWith(END_OF_LINES)) log.counted = Number(line.slice(END_OF_LINES.length));
      else if (!(this.#script && OTHER_ROW.test(line)) && log.texts.push(line) > MOST_TEXTS) log.texts.shift();
      return;
    }
    if (line.startsWith(this.#script ? `${REQUEST_METRIC},` : `${ANSWER_METRIC},`)) {
      log.rows += 1;
      log.firstMs ??= Number(line.split(',', 2)[1]) / 1000;
    }
    if (this.#released) {
      log.reader.push(`${line}\n`);
      return;
    }
    log.held.push(line);
    this.#held += 1;
    this.#releaseWhenKnown();
  }

  #isRow(line: string): boolean {
    return this.#rowStarts.some((start) => line.startsWith(start));
  }

  #releaseWhenKnown(): void {
    if (this.#released) return;
    const logs = [...this.#logs.values()];
    if (this.#held >= MOST_HELD || logs.every(({ firstMs, ended }) => firstMs !== null || ended)) this.#release();
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    const logs = [...this.#logs.values()].sort((a, b) => (a.firstMs ?? Infinity) - (b.firstMs ?? Infinity));
    for (const log of logs) {
      for (const line of log.held) log.reader.push(`${line}\n`);
      log.held = [];
    }
  }

  #emptyLog(): RunnerLog {
    const reader = new K6CsvReader(this.#samples.metrics, (sample) => {
      this.#samples.add(sample);
    });
    if (!this.#script) reader.push(`${HEADER}\n`);
    return {
      reader,
      lines: new LineJoiner(),
      cut: '',
      rows: 0,
      firstMs: null,
      counted: null,
      texts: [],
      ended: false,
      held: [],
    };
  }

  #logOf(runner: string): RunnerLog {
    const log = this.#logs.get(runner);
    if (log === undefined) throw new RangeError(`There is no runner ${runner}`);
    return log;
  }
}

/** Why some of a runner's measurements are missing, in one sentence; null when all are here. */
export function missingRows({ rows, counted }: RunnerAccount): string | null {
  if (counted === null) return 'The end of its log is missing, which would have the number of requests sent.';
  if (counted === rows) return null;
  return `It counted ${String(counted)} requests, but ${String(rows)} arrived here. With your own kind configuration, set containerLogMaxSize of its kubelets to 1Ti.`;
}

/**
 * The JSON of `--summary-export` among the last lines of a log; empty when there is none. k6 writes it
 * before or after its summary for people, and neither ends with a line end: what k6 says on its other
 * output, such as that thresholds were crossed, may stand in front of the last brace.
 */
export function summaryIn(texts: readonly string[]): string {
  const start = texts.findLastIndex((line, index) => line.endsWith('{') && TOP_OF_SUMMARY.test(texts[index + 1] ?? ''));
  const end = texts.findIndex((line, index) => index > start && line.startsWith('}'));
  return start < 0 || end < 0
    ? ''
    : ['{', ...texts.slice(start + 1, end).filter((line) => LINE_OF_SUMMARY.test(line)), '}'].join('\n');
}

/** Indented, and a name or a bracket. */
const LINE_OF_SUMMARY = /^ {4,}["{}[\]]/;
const TOP_OF_SUMMARY = /^ {4}"(?:metrics|root_group)": /;

function countInSummary(texts: readonly string[]): number | null {
  try {
    const { metrics } = JSON.parse(summaryIn(texts)) as { metrics?: { http_reqs?: { count?: unknown } } };
    const count = metrics?.http_reqs?.count ?? 0;
    return typeof count === 'number' ? count : null;
  } catch {
    return null;
  }
}
