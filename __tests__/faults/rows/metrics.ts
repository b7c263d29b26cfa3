import { doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Report } from '../../../src/model/report.ts';
import type { WorkloadResources } from '../../../src/model/resources.ts';
import type { Rule } from '../../fakes/tools.ts';
import { failed, passed } from '../expectations.ts';
import { fastClock } from '../preload.ts';
import type { Case, Row } from '../row.ts';
import type { Trial } from '../trial.ts';

/** M: Prometheus does not answer as it should. */

/** The queries for samples of the load; those for targets and `up`, before the load, are answered as usual. */
const SAMPLES = { tool: 'kubectl', match: 'get --raw .*query\\?query=(?!up)' } as const;

/** Bytes received are held against the requests that were sent: those queries are answered as usual. */
const NOT_THE_NETWORK = 'get --raw .*query\\?query=container_(cpu|memory)';

interface Measuring {
  readonly fast?: boolean | undefined;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly ingress?: RequestListener;
  /** The queries that the rule answers; those for all samples without it. */
  readonly match?: string;
}

/** A passed run whose samples are answered by a rule. */
async function measured(
  trial: Trial,
  rule: Omit<Rule, 'tool' | 'match'>,
  { fast = false, ...options }: Measuring = {},
): Promise<Report> {
  const job = await trial.job({
    inputs: { prometheus: 'true', ...options.inputs },
    ...(options.ingress === undefined ? {} : { ingress: options.ingress }),
    rules: [{ ...SAMPLES, ...rule, match: options.match ?? SAMPLES.match }],
    ...(fast ? { env: fastClock('read-resources') } : {}),
  });
  const report = passed(job, await job.main());
  // What JSON has no word for would have become null or a text.
  doesNotMatch(readFileSync(join(job.artifacts, 'report.json'), 'utf8'), /NaN|Infinity/);
  return report;
}

/** No figure at all, and a sentence that says why. */
const nothing =
  (rule: Omit<Rule, 'tool' | 'match'>, why: RegExp): Case =>
  async (trial) => {
    // Faster only where a deadline is waited for: the other commands have theirs, too.
    const { resources, load } = await measured(trial, rule, { fast: rule.hang });
    equal(resources?.workloads.length, 0);
    match(resources.missing.join('\n'), why);
    ok((load?.total.sent ?? 0) > 0);
  };

const refusal = (error: string): string => JSON.stringify({ status: 'error', errorType: 'execution', error });

const answer = (result: unknown): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
/** One second apart, the last at the end of the window that is asked for; see Rule.stdout. */
const seconds = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `@end-${String(count - 1 - index)}`);
/** Its window is longer than any series of `seconds`, and a machine that is held up sends less and not late. */
const LOAD = { requests: '', duration: '6s', concurrency: '2' };

/** As the application, at a pace that keeps nobody busy. */
const unhurried: RequestListener = (request, response) => {
  setTimeout(() => response.end(`${request.headers.host?.split('.')[0] ?? ''}\n`), 20);
};
const FOO = { namespace: 'echo', pod: 'foo-0', container: 'http-echo', id: '/pod/foo-0' };

/** The workload whose samples an answer holds. */
function foo({ resources }: Report): WorkloadResources {
  const workload = resources?.workloads.find(({ name }) => name === 'foo');
  if (workload === undefined) throw new Error(`foo is not among ${JSON.stringify(resources)}`);
  return workload;
}

/** Figures of foo from the values of one series. */
const values =
  (
    texts: readonly string[],
    look: (workload: WorkloadResources) => void,
    series: (values: [string, string][]) => unknown[] = (of) => [{ metric: FOO, values: of }],
  ): Case =>
  async (trial) => {
    const times = seconds(texts.length);
    const stdout = answer(series(texts.map((text, index) => [times[index] ?? '', text])));
    look(foo(await measured(trial, { stdout }, { inputs: LOAD, ingress: unhurried, match: NOT_THE_NETWORK })));
  };

const finite = ({ cpuCores, memoryBytes }: WorkloadResources): void => {
  for (const { value } of [cpuCores, memoryBytes])
    ok(value === null || (Number.isFinite(value) && value >= 0), String(value));
};

export const METRICS_ROWS: readonly Row[] = [
  {
    id: 'M1',
    kind: 'slow',
    fault: 'Prometheus answers 503 or is down',
    expected:
      'During or after the load: no figures, the reason, and the run passes. Before it: `prometheus-unavailable`, because no load starts until it is healthy',
    cases: {
      '503 after the load': nothing(
        {
          exit: 1,
          stderr: 'Error from server (ServiceUnavailable): no endpoints available for service "prometheus:http"',
        },
        /Prometheus could not be read: .*no endpoints available/s,
      ),
      'down before the load': async (trial) => {
        const job = await trial.job({
          inputs: { prometheus: 'true' },
          rules: [
            {
              tool: 'kubectl',
              match: 'get --raw',
              exit: 1,
              stderr: 'Error from server (ServiceUnavailable): the server is currently unable to handle the request',
            },
          ],
        });
        failed(job, await job.main(), 'prometheus-unavailable', 'check-health');
      },
    },
  },
  {
    id: 'M5',
    kind: 'slow',
    fault: "Prometheus refuses a query: too many samples, unknown syntax, or a proxy's page instead",
    expected:
      "During or after the load: no figures, Prometheus' message, and the run passes. Before it: `prometheus-unavailable` with the message",
    cases: {
      'an error of its own after the load': nothing(
        { stdout: refusal('query processing would load too many samples into memory in query execution') },
        /Prometheus could not be read: .*Prometheus refused a query: query processing would load too many samples/s,
      ),
      'the same as status 422': nothing(
        { exit: 1, stderr: `Error from server: ${refusal('too many samples')}` },
        /Prometheus could not be read: .*too many samples/s,
      ),
      'commands and markup in it': async (trial) => {
        const text = '::error::forged\n<img src=x> @all \u202e';
        const { resources } = await measured(trial, { stdout: refusal(text) });
        equal(resources?.workloads.length, 0);
      },
      'before the load': async (trial) => {
        const job = await trial.job({
          inputs: { prometheus: 'true' },
          rules: [{ tool: 'kubectl', match: 'get --raw', stdout: refusal('TSDB not ready') }],
        });
        const { outcome } = failed(job, await job.main(), 'prometheus-unavailable', 'check-health');
        match(outcome.failure?.message ?? '', /TSDB not ready/);
      },
    },
  },
  {
    id: 'M2',
    kind: 'slow',
    fault: 'There is only one sample',
    expected: 'No rate; the number of samples is in the report',
    cases: {
      'one of each': values(['10'], ({ cpuCores }) => {
        equal(cpuCores.value, null);
        equal(cpuCores.samples, 1);
      }),
      none: async (trial) => {
        const workload = foo(await measured(trial, { stdout: answer([]) }));
        equal(workload.cpuCores.value, null);
        equal(workload.cpuCores.samples, 0);
      },
    },
  },
  {
    id: 'M3',
    kind: 'slow',
    fault: 'Counters are reset; samples are NaN, infinite or stale; labels are missing; series are doubled',
    expected: 'Every figure is a number; a reset counts from zero',
    cases: {
      reset: values(['100', '101', '1', '2'], ({ cpuCores }) => {
        // 1 before the reset, 1 up to the first sample after it, 1 more: 3 in 3 s.
        ok(Math.abs((cpuCores.value ?? 0) - 1) < 1e-6, String(cpuCores.value));
      }),
      'no numbers': values(['NaN', '+Inf', '-Inf', 'NaN'], ({ cpuCores }) => {
        equal(cpuCores.value, null);
      }),
      'some numbers': values(['1', 'NaN', '2', '+Inf', '3'], finite),
      'no labels': values(['1', '2'], finite, (of) => [{ metric: {}, values: of }]),
      doubled: values(['1', '2'], finite, (of) => [
        { metric: FOO, values: of },
        { metric: FOO, values: of },
      ]),
      'out of order': values(['5', '1', '9'], finite, (of) => [{ metric: FOO, values: [...of].reverse() }]),
    },
  },
  {
    id: 'M4',
    kind: 'slow',
    fault: 'The answer of Prometheus has 80 MB, never ends, is not JSON, or is a page of HTML',
    expected: 'It is cut off at 64 MiB and 30 s; no figures, the reason, and the run passes',
    cases: {
      '80 MB': nothing({ stdout: '{"status":"success","data":"', repeatMegabytes: 80 }, /Prometheus could not be read/),
      slow: nothing({ hang: true }, /Prometheus could not be read: .*took longer than its deadline/s),
      'cut JSON': nothing(
        { stdout: '{"status":"success","data":{"resultType":"matrix","result":[{"metric"' },
        /Prometheus could not be read/,
      ),
      HTML: nothing({ stdout: '<html><body>502 Bad Gateway</body></html>' }, /Prometheus could not be read/),
      'another shape': nothing(
        { stdout: answer([{ metric: { pod: 5 }, values: [['x']] }]) },
        /Prometheus could not be read/,
      ),
      'an error of Prometheus': nothing(
        { stdout: JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }) },
        /Prometheus could not be read/,
      ),
    },
  },
];
