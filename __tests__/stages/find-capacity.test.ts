import { describe, expect, test } from '@jest/globals';
import type { LoadResult } from '../../src/model/load.ts';
import { report as reportModel } from '../../src/model/report.ts';
import { outputsOf } from '../../src/outputs.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { exportsOf } from '../../src/report/exports/exports.ts';
import { findCapacity } from '../../src/stages/find-capacity.ts';
import type { sendBuiltIn } from '../../src/stages/run-load.ts';
import { renderHtml, renderReport } from '../fakes/plain-renderings.ts';
import { loadOfSystem } from '../fakes/capacity.ts';
import { createWorld, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { echoAt, stages } from '../fakes/state.ts';

const folder = temporaryFolders();

/** A run without a cluster on a clock that only the steps move. */
function world(inputs: WorldOptions['inputs'] = {}): World & { readonly pass: (ms: number) => void } {
  let now = 0;
  const clock = { now: () => now, date: () => new Date('2026-11-23T10:04:00.000Z'), sleep: () => Promise.resolve() };
  const one = createWorld(folder(), {
    up: false,
    clock,
    inputs: {
      mode: 'capacity',
      'capacity-limit': '10m',
      seed: 's',
      thresholds: 'http_req_duration: p(95)<100',
      ...inputs,
    },
    state: { system: echoAt(1), stages: stages(['run-load']) },
  });
  return {
    ...one,
    pass: (ms) => {
      now += ms;
    },
  };
}

const system = (
  one: ReturnType<typeof world>,
  capacity: number,
  changes?: (rate: number) => Partial<LoadResult>,
): typeof sendBuiltIn => loadOfSystem(one.pass, () => capacity, changes);

const limited = {
  cpuShare: 1,
  eventLoopUtilization: 1,
  eventLoopDelayMs: { p50: 1, p99: 900, max: 900 },
  sendDelayMs: null,
  limited: true,
  reason: 'It had no pause.',
};
const reportOf = ({ context }: World) =>
  reportModel.parse(JSON.parse(JSON.stringify(buildReport(context.store.state, '2026-11-23T10:05:00.000Z'))));

describe('the search for the capacity', () => {
  test('finds it, and shows the load of the highest rate that kept the thresholds', async () => {
    const one = world();
    await findCapacity(one.context, system(one, 730));
    const { capacity, load: shown } = one.context.store.state;
    expect(capacity).toMatchObject({ end: 'precise' });
    expect(Number(capacity?.ratePerSecond)).toBeGreaterThan(680);
    expect(Number(capacity?.ratePerSecond)).toBeLessThan(780);
    expect(shown?.model).toMatchObject({ kind: 'open', ratePerSecond: capacity?.highestKept });
  });

  test('stands in every form of the report', async () => {
    const one = world();
    await findCapacity(one.context, system(one, 730));
    const report = reportOf(one);
    const markdown = renderReport(report).join('\n\n');
    expect(report.schemaVersion).toBe('1.1');
    expect(report.outcome).toMatchObject({
      result: 'passed',
      summary: expect.stringMatching(
        /^Load test passed: thresholds kept up to 7\d\d \/s \(\d{3} – \d{3} \/s\)$/,
      ) as unknown,
    });
    expect(markdown).toMatch(
      /### Capacity\n\nThe thresholds are kept up to 7\d\d \/s \(95 % interval \d{3} – \d{3} \/s, from \d+ steps\)/,
    );
    expect(markdown).toContain('| 40.0 /s | ✅ kept | 200 | 0 | 10.0 ms | 10.0 ms | 10.0 ms |');
    expect(markdown).toMatch(/x-axis "requests per second" \[40, 80, 160, 320, /);
    expect(renderHtml(report)).toContain('<h2 id="capacity">Capacity</h2>');
    expect(
      Number(
        outputsOf(report, {
          report: '',
          summary: '',
          html: '',
          kubeconfig: '',
          baseline: null,
          commentUrl: null,
          artifactUrl: null,
        }).capacity,
      ),
    ).toBe(report.capacity?.ratePerSecond);
    const exported = exportsOf(report);
    expect('files' in exported && JSON.parse(exported.files['exports/bencher.json'] ?? '')).toMatchObject({
      'all hosts': { capacity: { value: report.capacity?.ratePerSecond, lower_value: report.capacity?.interval?.low } },
    });
    expect('files' in exported && exported.files['exports/github-action-benchmark-bigger-is-better.json']).toContain(
      '"capacity"',
    );
  });

  test('keeps what it knows after each step, so that a cancelled run shows it', async () => {
    const one = world();
    const send = system(one, 730);
    let count = 0;
    await expect(
      findCapacity(one.context, (...args) => {
        if (++count === 4) one.cancel(new Error('stop'));
        return send(...args);
      }),
    ).rejects.toThrow('stop');
    expect(one.context.store.state.capacity).toMatchObject({ end: 'cancelled', highestKept: 160, lowestBroken: null });
    expect(one.context.store.state.capacity?.steps).toHaveLength(3);
    expect(renderReport(reportOf(one)).join('\n')).toContain(
      'The thresholds are kept at 160 /s and maybe beyond: the search was not finished.',
    );
  });

  test('says that the generator was the bottleneck where it was', async () => {
    const one = world();
    await findCapacity(
      one.context,
      system(one, 500, (rate) => (rate > 300 ? { generator: limited } : {})),
    );
    expect(one.context.store.state.capacity).toMatchObject({ end: 'generator', ratePerSecond: null, highestKept: 320 });
    // The figures shown are those of a step that the generator did not spoil.
    expect(one.context.store.state.load?.model).toMatchObject({ ratePerSecond: 160 });
    expect(reportOf(one).outcome).toMatchObject({
      result: 'passed',
      summary: 'Load test passed: thresholds kept at 320 /s and maybe beyond',
    });
  });

  test('fails when no rate keeps the thresholds', async () => {
    const one = world({ 'capacity-limit': '1m' });
    await expect(findCapacity(one.context, system(one, 0))).rejects.toMatchObject({
      code: 'capacity-not-found',
      message: expect.stringContaining('the lowest tried was 10.0 /s') as unknown,
    });
    expect(one.context.store.state.load?.model).toMatchObject({ ratePerSecond: 10 });
  });

  test('has nothing to say when the generator was the bottleneck from the first step on', async () => {
    const one = world();
    await expect(
      findCapacity(
        one.context,
        system(one, 0, () => ({ generator: limited })),
      ),
    ).rejects.toMatchObject({ code: 'generator-saturated' });
  });

  test('gives fast rates more connections', async () => {
    const one = world({ concurrency: '30' });
    const connections = new Map<number, number>();
    const send = system(one, 2000);
    await findCapacity(one.context, (context, plan, ...rest) => {
      if (plan.model.kind === 'open') connections.set(plan.model.ratePerSecond, plan.model.concurrency);
      return send(context, plan, ...rest);
    });
    expect([connections.get(80), connections.get(640), connections.get(2560)]).toEqual([80, 640, 1000]);
  });
});
