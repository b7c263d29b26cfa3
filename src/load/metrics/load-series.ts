/**
 * metrics/ turns the counts of a load into series for Prometheus and into the bytes of its remote write. They are sent
 * by src/adapters/remote-write.ts. Figures of the report don't come from here.
 */
import { failureClass } from '../../model/load.ts';
import { addBuckets } from '../counts/histogram.ts';
import type { LoadCounts } from '../counts/load-counts.ts';
import { RESPONSE_TIME_SCHEMA, type TargetCounts } from '../counts/recorder.ts';
import type { Target } from '../requests/plan.ts';
import type { SeriesValue } from './remote-write.ts';

/** The metrics of a load in Prometheus. Dashboards ask for them by these names. */
export const LOAD_METRICS = {
  /** Requests that have ended, by host. */
  requests: 'loadtest_requests_total',
  /** Those that failed, by the report's class of failure. */
  failures: 'loadtest_failures_total',
  /** Native histogram of the response time by host, from the intended moment of sending. */
  responseTime: 'loadtest_response_time_seconds',
  inFlight: 'loadtest_requests_in_flight',
  /** Requests that left late because every connection was busy. */
  late: 'loadtest_requests_late_total',
  /** Requests that never left; known at the end. */
  notSent: 'loadtest_requests_not_sent_total',
  /** CPU time of the process that sends the load. */
  generatorCpu: 'loadtest_generator_cpu_seconds_total',
} as const;

/** As Prometheus names who a series is of. */
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
    // From the beginning each class is there, with 0: of a series that begins with 5 no rate shows these.
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
