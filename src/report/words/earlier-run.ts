import { z } from 'zod';
import { loadResult, type LoadResult } from '../../model/load.ts';
import type { EarlierFigure, EarlierRun, ReadReport } from '../../model/report.ts';
import { environment, runIdentity } from '../../model/run.ts';
import type { PipelineState } from '../../state.ts';
import { milliseconds, percent, perSecond, signed } from '../../text/numbers.ts';
import { processorsAndMemory } from './machine-text.ts';

/** Only the fields that are read here, so reports of older and newer versions work. */
const reportOfAnyVersion = z.object({
  schemaVersion: z.string().regex(/^1\.\d+$/),
  endedAt: z.iso.datetime(),
  run: z.object(runIdentity.pick({ sha: true, ref: true, url: true }).shape),
  environment: z.object(environment.pick({ cpuModel: true, cpus: true, memoryBytes: true }).shape).nullable(),
  settings: z.record(z.string(), z.string()),
  comparison: z.unknown().optional(),
  load: z
    .object({
      total: z.object({
        sent: z.number(),
        failed: z.number(),
        requestsPerSecond: z.number().nullable(),
        latencyMs: z.object({ p50: z.number(), p90: z.number(), p95: z.number(), p99: z.number() }).nullable(),
      }),
      uncertainty: z
        .object(
          loadResult.shape.uncertainty
            .unwrap()
            .pick({ requestsPerSecond: true, p50Ms: true, p90Ms: true, p95Ms: true, p99Ms: true }).shape,
        )
        .optional(),
    })
    .nullable(),
});

/**
 * Reads the report of an earlier run.
 *
 * @returns what is kept of it, or why nothing can be, to complete a sentence about the file.
 */
export function readEarlierReport(text: string, file: string): ReadReport | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  const { success, data, error } = reportOfAnyVersion.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    return {
      problem: `is not a report of this tool: ${issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.')} is not valid`,
    };
  }
  if (data.load === null) return { problem: 'is the report of a run that sent no load' };
  const { run, environment: machine, settings, endedAt, load } = data;
  return {
    file,
    endedAt,
    commit: run.sha,
    ref: run.ref,
    url: run.url,
    machine: machine === null ? null : processorsAndMemory(machine),
    settings: loadSettings(settings, data.comparison !== undefined),
    figures: figuresOf(load),
  };
}

/** Inputs that decide what is sent, to what, and on how many nodes. */
const DECISIVE = [
  'mode',
  'hosts',
  'scenario',
  'engine',
  'k6-script',
  'rate',
  'arrivals',
  'concurrency',
  'duration',
  'requests',
  'ramp-up',
  'nodes',
  'ingress-controller',
] as const;

/**
 * The same, of inputs that came later, with what they are without being given: then they are left out, so that a line
 * or report which was written before them is of the same load.
 */
const DECISIVE_WHEN_GIVEN: Readonly<Record<string, string>> = {
  stages: '',
  'http-version': '1',
  streams: '1',
  parallelism: '2',
  'baseline-ingress-controller': '',
};

export function loadSettings(settings: Readonly<Record<string, string>>, compared: boolean): Record<string, string> {
  const given = Object.entries(DECISIVE_WHEN_GIVEN).flatMap(([name, usual]) => {
    const value = settings[name] ?? '';
    return value === '' || value === usual ? [] : [[name, value] as const];
  });
  const decisive = DECISIVE.map((name) => [name, settings[name] ?? ''] as const);
  // Inputs without an effect don't differ.
  const idle = new Set([
    ...((settings['duration'] ?? '') === '' ? [] : ['requests']),
    ...((settings['rate'] ?? '') === '' ? ['arrivals'] : []),
  ]);
  return {
    ...Object.fromEntries(decisive.filter(([name]) => !idle.has(name))),
    ...Object.fromEntries(given),
    // A search is for the rate that keeps them, and its figures are those of that rate.
    ...(settings['mode'] === 'capacity' ? { thresholds: settings['thresholds'] ?? '' } : {}),
    versions: compared ? 'base and head' : 'one',
  };
}

interface LoadFigures {
  readonly total: Pick<LoadResult['total'], 'sent' | 'failed' | 'requestsPerSecond'> & {
    readonly latencyMs: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99', number>> | null;
  };
  readonly uncertainty?: Partial<NonNullable<LoadResult['uncertainty']>> | undefined;
}

export function figuresOf({ total, uncertainty }: LoadFigures): EarlierFigure[] {
  const percentile = (name: 'p50' | 'p90' | 'p95' | 'p99'): EarlierFigure => ({
    metric: name,
    unit: 'ms',
    value: total.latencyMs?.[name] ?? null,
    interval: uncertainty?.[`${name}Ms`] ?? null,
  });
  return [
    {
      metric: 'throughput',
      unit: 'per second',
      value: total.requestsPerSecond,
      interval: uncertainty?.requestsPerSecond ?? null,
    },
    percentile('p50'),
    percentile('p90'),
    percentile('p95'),
    percentile('p99'),
    { metric: 'failed', unit: 'share', value: total.sent === 0 ? null : total.failed / total.sent, interval: null },
  ];
}

/**
 * The earlier run next to this one. It never has a verdict, because two runs used two machines, or one at two times.
 *
 * @returns null before anything was measured, or when no earlier report was given.
 */
export function besideEarlierRun(
  { earlier, load, comparison, settings }: PipelineState,
  now: Readonly<Record<string, string>>,
): EarlierRun | null {
  if (earlier === undefined || load === null) return null;
  const { settings: before, figures, ...facts } = earlier;
  const today = loadSettings({ ...settings, ...now }, comparison !== undefined);
  const differences = [...new Set([...Object.keys(before), ...Object.keys(today)])]
    .filter((name) => (before[name] ?? '') !== (today[name] ?? ''))
    .map((name) => `${name} is ${shown(today[name])} and was ${shown(before[name])}`);
  const present = figuresOf(load);
  return {
    ...facts,
    differences,
    figures:
      differences.length > 0
        ? []
        : figures.map((figure) => ({
            ...figure,
            now: present.find(({ metric }) => metric === figure.metric)?.value ?? null,
          })),
  };
}

const shown = (text: string | undefined): string =>
  text === undefined || text === '' ? 'not given' : text.replaceAll('\n', ', ');

/** What it is, and what it is not. */
export function earlierRunText({ endedAt, commit, ref, machine, differences, file }: EarlierRun): string {
  const of = [commit === null ? null : `commit ${commit.slice(0, 12)}`, ref].filter((text) => text !== null).join(', ');
  const where = `${file}${of === '' ? '' : ` (${of})`}, measured on ${endedAt.slice(0, 10)}${machine === null ? '' : ` on ${machine}`}`;
  return differences.length > 0
    ? `${where}, had a different load, so its figures can't be compared with these: ${differences.join('; ')}.`
    : `${where}. It ran at another time and probably on another machine, so a difference does not mean that this change made anything faster or slower. To find out, compare both versions in one run.`;
}

/** One row for each figure: its name, then, now, and the change. */
export const earlierRunRows = ({ figures }: EarlierRun): string[][] =>
  figures.map(({ metric, unit, value, now }) => [
    metric,
    FORMATS[unit](value),
    FORMATS[unit](now),
    unit === 'share' || value === null || now === null || value === 0 ? '' : signed(now / value - 1),
  ]);

const FORMATS = { 'per second': perSecond, ms: milliseconds, share: percent } as const;

export const EARLIER_RUN_HEAD = ['', 'Then', 'Now', 'Change'] as const;
