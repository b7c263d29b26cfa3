import { expect, test } from '@jest/globals';
import { addCounts, countsOf, type LoadCounts } from '../../../src/load/counts/load-counts.ts';
import { loadResult, mergeMeasurements } from '../../../src/load/counts/measurement.ts';
import { measureLoad } from '../../../src/load/engine/generate.ts';
import { LOAD_METRICS, loadSeries } from '../../../src/load/metrics/load-series.ts';
import { failureClass } from '../../../src/model/load.ts';
import { FakeSender, FakeTime, GOOD, plan } from '../engine/fakes.ts';

const targets = ['/', '/cart']
  .map((path) => ({ host: 'shop.localhost', path }))
  .concat([{ host: 'bar.localhost', path: '/' }]);
const thePlan = plan({ targets, requests: 100 });

/** Every tenth request is refused. */
async function measured() {
  const time = new FakeTime();
  const seen: LoadCounts[] = [];
  const sender = new FakeSender(time, (_, index) =>
    index % 10 === 0 ? { ...GOOD, status: 0, failure: 'refused' } : { ...GOOD, serviceMs: 300 },
  );
  return { seen, measurement: await measureLoad(thePlan, sender, time, { onCounts: (counts) => seen.push(counts) }) };
}

/** By name and its one label beside the job. */
const byName = (counts: LoadCounts, cpuSeconds = 0): Map<string, unknown> =>
  new Map(
    loadSeries(targets, counts, cpuSeconds).map(({ name, labels: { job, ...rest }, value }) => {
      expect(job).toBe('k8s-loadtest-ci');
      return [[name, ...Object.values(rest)].join(' '), value];
    }),
  );

test('the series at the end are the figures of the report, with the targets of a host added up', async () => {
  const { measurement } = await measured();
  const { total, hosts } = loadResult(thePlan, measurement, 1, null);
  const series = byName(countsOf(thePlan, measurement), 1.5);
  const sentOf = (host: string): number =>
    hosts.filter((one) => one.host === host).reduce((sum, { sent }) => sum + sent, 0);
  expect(series.get(`${LOAD_METRICS.requests} shop.localhost`)).toBe(sentOf('shop.localhost'));
  expect(series.get(`${LOAD_METRICS.requests} bar.localhost`)).toBe(sentOf('bar.localhost'));
  expect(sentOf('shop.localhost') + sentOf('bar.localhost')).toBe(100);
  expect(total.failures).toEqual({ refused: series.get(`${LOAD_METRICS.failures} refused`) });
  expect(series.get(LOAD_METRICS.generatorCpu)).toBe(1.5);
  const answered = ['shop.localhost', 'bar.localhost'].map(
    (host) => series.get(`${LOAD_METRICS.responseTime} ${host}`) as { buckets: { count: number } },
  );
  expect(answered.reduce((sum, { buckets }) => sum + buckets.count, 0)).toBe(total.sent - total.failed);
});

test('no two series of a push have the same labels, and every class of failure is there from the beginning', async () => {
  const { seen } = await measured();
  const series = loadSeries(targets, seen[0] ?? { inFlight: 0, sentLate: 0, notSent: 0, targets: [] }, 0);
  const keys = series.map(({ name, labels }) => JSON.stringify([name, labels]));
  expect(new Set(keys).size).toBe(keys.length);
  expect(series.filter(({ name }) => name === LOAD_METRICS.failures).map(({ labels }) => labels['class'])).toEqual(
    failureClass.options,
  );
  expect(
    series
      .filter(({ value, name }) => name !== LOAD_METRICS.inFlight && typeof value === 'number')
      .map(({ value }) => value),
  ).toEqual(expect.not.arrayContaining([expect.any(String)]));
});

test('a load tells its counts at the beginning of its window and every two seconds, and they only grow', async () => {
  const { seen } = await measured();
  const sent = seen.map((counts) => counts.targets.reduce((sum, target) => sum + target.sent, 0));
  // 90 requests of 300 ms over four connections take about seven seconds.
  expect(sent).toHaveLength(4);
  expect(sent[0]).toBe(0);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(seen.slice(1).every(({ inFlight }) => inFlight === 4)).toBe(true);
});

test('the counts of generators side by side are added up', async () => {
  const [{ measurement: one }, { measurement: other }] = [await measured(), await measured()];
  const [first, second] = [countsOf(thePlan, one), countsOf(thePlan, other)];
  expect(addCounts([first, second])).toEqual(countsOf(thePlan, mergeMeasurements(thePlan, [one, other])));
  expect(
    addCounts([
      { ...first, inFlight: 2, sentLate: 3, notSent: 4 },
      { ...second, inFlight: 5, sentLate: 6, notSent: 7 },
    ]),
  ).toMatchObject({ inFlight: 7, sentLate: 9, notSent: 11 });
});
