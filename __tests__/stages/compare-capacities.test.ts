import { describe, expect, test } from '@jest/globals';
import { report as reportModel } from '../../src/model/report.ts';
import { outputsOf } from '../../src/outputs.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { failsStep } from '../../src/report/verdict.ts';
import { compareCapacities } from '../../src/stages/compare-capacities.ts';
import type { sendBuiltIn } from '../../src/stages/run-load.ts';
import { renderHtml, renderReport } from '../fakes/plain-renderings.ts';
import { loadOfSystem } from '../fakes/capacity.ts';
import { createWorld, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { echoAt, stages } from '../fakes/state.ts';

const folder = temporaryFolders();

/** Two versions without a cluster, on a clock that only the steps move. */
function world(inputs: WorldOptions['inputs'] = {}): World & { readonly pass: (ms: number) => void } {
  let now = 0;
  const clock = { now: () => now, date: () => new Date('2026-11-23T10:04:00.000Z'), sleep: () => Promise.resolve() };
  const version = (name: string) => ({ label: name, manifests: [], images: [], hosts: [`a.${name}.localhost`] });
  const one = createWorld(folder(), {
    up: false,
    clock,
    inputs: {
      mode: 'capacity',
      'capacity-limit': '20m',
      seed: 's',
      thresholds: 'http_req_duration: p(95)<100',
      ...inputs,
    },
    state: {
      system: echoAt(1),
      stages: stages(['compare-versions']),
      comparedVersions: {
        base: version('base'),
        head: version('head'),
        namespaces: { base: [], head: [] },
        targets: [{ host: 'a.localhost', path: '/' }],
      },
    },
  });
  return {
    ...one,
    pass: (ms) => {
      now += ms;
    },
  };
}

const system = (one: ReturnType<typeof world>, capacities: Readonly<Record<string, number>>): typeof sendBuiltIn =>
  loadOfSystem(one.pass, (host) => Number(capacities[host]));

const HALF = { 'a.base.localhost': 800, 'a.head.localhost': 400 };
const reportOf = ({ context }: World) =>
  reportModel.parse(JSON.parse(JSON.stringify(buildReport(context.store.state, '2026-11-23T10:05:00.000Z'))));
const PLACES = {
  report: '',
  summary: '',
  html: '',
  kubeconfig: '',
  baseline: null,
  commentUrl: null,
  artifactUrl: null,
};

describe('the capacities of base and head', () => {
  test('are told apart by the hosts, and what head holds is the load of the run', async () => {
    const one = world();
    await compareCapacities(one.context, undefined, system(one, HALF));
    const { comparison, load: shown } = one.context.store.state;
    expect(comparison).toMatchObject({
      verdict: 'slower',
      confirmed: true,
      seed: 's',
      base: { label: 'base' },
      head: { label: 'head' },
    });
    expect(Math.abs(Number(comparison?.capacities?.base.ratePerSecond) / 800 - 1)).toBeLessThan(0.07);
    expect(Math.abs(Number(comparison?.capacities?.head.ratePerSecond) / 400 - 1)).toBeLessThan(0.07);
    expect(shown?.model).toMatchObject({ ratePerSecond: comparison?.capacities?.head.highestKept });
    expect(shown?.hosts.map(({ host }) => host)).toEqual(['a.localhost']);
  });

  test('stand in every form of the report', async () => {
    const one = world();
    await compareCapacities(one.context, undefined, system(one, HALF));
    const report = reportOf(one);
    expect(report.schemaVersion).toBe('1.4');
    expect(report.capacity).toEqual(report.comparison?.capacities?.head);
    expect(report.outcome).toMatchObject({
      result: 'failed',
      code: 'regression',
      summary: expect.stringMatching(
        /^Head holds less than base: capacity −[45]\d(\.\d)? % \(95 %: .*\), confirmed by fresh steps$/,
      ) as unknown,
    });
    const markdown = renderReport(report).join('\n\n');
    expect(markdown).toMatch(/\| capacity \| ❌ lower, confirmed \| \*\*−.* \| [78]\d\d \/s \| [34]\d\d \/s \|/);
    expect(markdown).toMatch(
      /### Capacity\n\n\*\*Base:\*\* The thresholds are kept up to [78]\d\d \/s.*\*\*Head:\*\* The thresholds are kept up to [34]\d\d \/s/s,
    );
    expect(markdown).toContain('Fresh steps to confirm that head holds less');
    expect(markdown).toContain('### Load on head at the highest rate that kept the thresholds');
    const page = renderHtml(report);
    for (const id of ['rates-base', 'rates-head']) expect(page).toContain(`"id":"${id}"`);
    const outputs = outputsOf(report, PLACES);
    expect(Number(outputs.capacity)).toBe(report.comparison?.capacities?.head.ratePerSecond);
    expect(outputs).toMatchObject({ 'comparison-verdict': 'slower', 'regression-confirmed': 'true' });
    expect(JSON.parse(outputs.comparison)).toMatchObject([{ metric: 'capacity', verdict: 'slower' }]);
  });

  test.each([true, false])('fail the step when head holds less and fail-on-regression is %s', async (fails) => {
    const one = world({ 'fail-on-regression': String(fails) });
    await compareCapacities(one.context, undefined, system(one, HALF));
    expect(failsStep(reportOf(one), one.context.inputs)).toBe(fails);
  });

  test('say so when head holds more', async () => {
    const one = world();
    await compareCapacities(one.context, undefined, system(one, { 'a.base.localhost': 400, 'a.head.localhost': 700 }));
    expect(reportOf(one).outcome).toMatchObject({
      result: 'passed',
      summary: expect.stringMatching(/^Head holds more than base: capacity \+\d\d/) as unknown,
    });
  });

  test('have rules for a host, called as in the manifests', async () => {
    const one = world({ thresholds: 'http_req_duration{host:a.localhost}: p(95)<100' });
    await compareCapacities(one.context, undefined, system(one, HALF));
    expect(one.context.store.state.comparison).toMatchObject({ verdict: 'slower', confirmed: true });
  });
});

describe('the restarts before a confirmation', () => {
  test('happen twice, each followed by a moment of load that no figure counts', async () => {
    const one = world();
    const send = system(one, HALF);
    const [loaded, log]: [string[], string[]] = [[], []];
    await compareCapacities(
      one.context,
      () => {
        loaded.push('restart');
        return Promise.resolve(2);
      },
      (context, plan, ...rest) => {
        loaded.push(plan.seed === 's/warm' ? `warm ${String(plan.targets[0]?.host)}` : 'step');
        return send(context, plan, ...rest);
      },
    );
    log.push(...loaded.join(',').split('restart').slice(1));
    expect(log).toHaveLength(2);
    for (const after of log) expect(after).toMatch(/^,warm a\.base\.localhost,warm a\.head\.localhost(,step){6}/);
    const { comparison } = one.context.store.state;
    expect(comparison).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(comparison?.capacities?.pairs.map(({ start }) => start)).toEqual([1, 1, 1, 2, 2, 2]);
    const markdown = renderReport(reportOf(one)).join('\n\n');
    expect(markdown).toMatch(/\| Pair \| Restart \| Base \| Head \|/);
    expect(markdown).toContain('For these steps both versions were restarted 2 times.');
  });

  test('may move the services to another port', async () => {
    const one = world();
    const send = system(one, HALF);
    const ports: number[] = [];
    await compareCapacities(
      one.context,
      () => {
        one.context.store.update({ system: echoAt(2) });
        return Promise.resolve(2);
      },
      (context, plan, endpoint, ...rest) => {
        ports.push(endpoint.port);
        return send(context, plan, endpoint, ...rest);
      },
    );
    expect(ports.slice(-16)).toEqual(Array(16).fill(2));
  });

  test('are left out with fresh-starts: false, and the report says so', async () => {
    const one = world({ 'fresh-starts': 'false' });
    await compareCapacities(one.context, () => Promise.reject(new Error('restarted all the same')), system(one, HALF));
    expect(one.context.store.state.comparison).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(renderReport(reportOf(one)).join('\n')).toContain('All steps use one start of both versions');
  });
});

describe('an end before the end', () => {
  test('of a cancelled run keeps what was found', async () => {
    const one = world();
    const send = system(one, HALF);
    let count = 0;
    await expect(
      compareCapacities(one.context, undefined, (...args) => {
        if (++count === 18) one.cancel(new Error('stop'));
        return send(...args);
      }),
    ).rejects.toThrow('stop');
    const report = reportOf(one);
    expect(report.comparison).toMatchObject({
      stoppedBecause: 'cancelled',
      capacities: { base: { end: 'cancelled' }, head: { end: 'cancelled' } },
    });
    expect(
      Number(report.comparison?.capacities?.base.steps.length) +
        Number(report.comparison?.capacities?.head.steps.length),
    ).toBe(17);
    expect(renderReport(report).join('\n')).toContain('The comparison was cancelled; it uses the steps up to then.');
  });

  test('of a head that keeps the thresholds at no rate says what base holds', async () => {
    const one = world({ 'capacity-limit': '3m' });
    await expect(
      compareCapacities(one.context, undefined, system(one, { ...HALF, 'a.head.localhost': 0 })),
    ).rejects.toMatchObject({
      code: 'capacity-not-found',
      message: expect.stringMatching(
        /^Of head: The thresholds were broken at every rate; the lowest tried was/,
      ) as unknown,
    });
    expect(renderReport(reportOf(one)).join('\n')).toMatch(/\*\*Base:\*\* The thresholds are kept up to [6-9]\d\d/);
  });

  test('of a step that could not be sent keeps the ones before it', async () => {
    const one = world();
    const send = system(one, HALF);
    let count = 0;
    await expect(
      compareCapacities(one.context, undefined, (...args) =>
        ++count === 12 ? Promise.reject(new Error('the connection is gone')) : send(...args),
      ),
    ).rejects.toThrow('the connection is gone');
    expect(one.context.store.state.comparison?.capacities?.head.steps.length).toBeGreaterThan(0);
  });
});
