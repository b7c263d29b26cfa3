/**
 * metrics/ turns the counts of a load into series for Prometheus and into the bytes of its remote write.
 * src/adapters/remote-write.ts sends them. Figures of the report don't come from here.
 */
import { failureClass } from '../../model/load.ts';
import { addBuckets } from '../counts/histogram.ts';
import type { LoadCounts } from '../counts/load-counts.ts';
import { RESPONSE_TIME_SCHEMA, type TargetCounts } from '../counts/recorder.ts';
import type { Target } from '../requests/plan.ts';
import type { SeriesValue } from './remote-write.ts';

/** The metrics of a load in Prometheus. Dashboards query them by these names. */
export const LOAD_METRICS = {
  /** Requests that have ended, by host. */
  requests: 'loadtest_requests_total',
  /** Failed requests, by the report's failure classes. */
  failures: 'loadtest_failures_total',
  /** Native histogram of the response time by host, from when a request was due. */
  responseTime: 'loadtest_response_time_seconds',
  inFlight: 'loadtest_requests_in_flight',
  /** Requests that were late because every connection was busy. */
  late: 'loadtest_requests_late_total',
  /** Requests that were never sent; known at the end. */
  notSent: 'loadtest_requests_not_sent_total',
  /** CPU time of the process that sends the load. */
  generatorCpu: 'loadtest_generator_cpu_seconds_total',
} as const;

/** A series' labels in Prometheus. */
const JOB = { job: 'k8s-loadtest-ci' };

/**
 * The series of a load at one moment. Targets of the same host are added up, since two series of a push must not
 * have the same labels.
 *
 * @param cpuSeconds CPU time of the generator so far.
 */
export function loadSeries(targets: readonly Target[], counts: LoadCounts, cpuSeconds: number): SeriesValue[] {
  const byHost = new Map<string, TargetCounts[]>();
  targets.forEach(({ host }, index) => {
    const target = counts.targets[index];
    if (target !== undefined) byHost.set(host, [...(byHost.get(host) ?? []), target]);
  });
  const one = (name: string, value: number): SeriesValue => ({ name, labels: JOB, value });
  return [
    ...[...byHost].flatMap(([host, each]): SeriesValue[] => {
      const labels = { ...JOB, host };
      const buckets = addBuckets(each.map(({ responseTime }) => responseTime));
      return [
        { name: LOAD_METRICS.requests, labels, value: each.reduce((sum, { sent }) => sum + sent, 0) },
        { name: LOAD_METRICS.responseTime, labels, value: { schema: RESPONSE_TIME_SCHEMA, buckets } },
      ];
    }),
    // Each class is there from the beginning, with 0: a rate would miss the first 5 of a series that begins with 5.
    ...failureClass.options.map((failure, index) => ({
      name: LOAD_METRICS.failures,
      labels: { ...JOB, class: failure },
      value: counts.targets.reduce((sum, { failures }) => sum + (failures[index] ?? 0), 0),
    })),
    one(LOAD_METRICS.inFlight, counts.inFlight),
    one(LOAD_METRICS.late, counts.sentLate),
    one(LOAD_METRICS.notSent, counts.notSent),
    one(LOAD_METRICS.generatorCpu, cpuSeconds),
  ];
}
