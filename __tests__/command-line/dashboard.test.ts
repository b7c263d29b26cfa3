import { expect, test } from '@jest/globals';
import { runWithDashboard, showDashboard } from '../../src/command-line/dashboard.ts';
import type { Report } from '../../src/model/report.ts';
import type { Stage } from '../../src/pipeline.ts';
import { createWorld, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { load, ON_A_LAPTOP } from '../fakes/state.ts';
import type { Rule } from '../fakes/tools.ts';

const folder = temporaryFolders();
const OPEN: Rule = {
  tool: 'kubectl',
  match: 'port-forward',
  stdout: 'Forwarding from 127.0.0.1:40123 -> 3000\n',
  hang: true,
};
const ADDRESS = 'http://127.0.0.1:40123/d/loadtest-load-test';

const STAGES: readonly Stage[] = [
  { name: 'check-health', run: () => Promise.resolve() },
  {
    name: 'run-load',
    run: ({ store, runner }) => {
      runner.info('loaded');
      store.update({ load: load() });
      return Promise.resolve();
    },
  },
];

const world = (rules: readonly Rule[], options: WorldOptions = {}): World =>
  createWorld(folder(), { ...options, inputs: { dashboard: 'true', ...options.inputs }, scenario: { rules } });

/** Runs to the end; the look at the dashboards is cancelled when the log has this line so many times. */
async function run(one: World, { cancelAfter = '', times = 1 } = {}): Promise<Report> {
  const running = runWithDashboard(one.context, (report) => report, STAGES);
  const said = (): number => one.logged('info').filter((line) => line.startsWith(cancelAfter)).length;
  if (cancelAfter !== '') {
    for (let look = 0; look < 2000 && said() < times; look += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(said()).toBe(times);
    one.cancel();
  }
  return await running;
}

const forwards = ({ tools }: World): string[] =>
  tools
    .lines('kubectl')
    .filter((line) => line.includes('port-forward'))
    .map((line) => line.slice(line.indexOf('port-forward')));

test('the dashboards are open before the load begins, and until the run is cancelled', async () => {
  const one = world([OPEN]);
  const report = await run(one, { cancelAfter: 'The dashboards are open' });
  expect(report.outcome.result).toBe('passed');
  expect(report.stages.map(({ name }) => name)).toEqual(['check-health', 'open-dashboard', 'run-load']);
  expect(forwards(one)).toEqual(['port-forward --namespace=monitoring --address=127.0.0.1 service/grafana :http']);
  const log = one.runner.log;
  expect(log.indexOf(`notice: Dashboards: ${ADDRESS}`)).toBeLessThan(log.indexOf('info: loaded'));
  expect(log.findIndex((line) => line.startsWith('info: Report'))).toBeLessThan(
    log.indexOf(`info: The dashboards are open at ${ADDRESS}. Ctrl-C ends it and removes the cluster.`),
  );
  expect(one.context.store.state.processGroups).toEqual([]);
});

test('a way to Grafana that is cut off is opened again at the same address', async () => {
  const one = world([
    { ...OPEN, hang: false, exit: 1, stderr: 'E1124 portforward.go:424]\nerror: lost connection to pod', times: 1 },
    OPEN,
  ]);
  await run(one, { cancelAfter: 'The dashboards are open', times: 2 });
  expect(one.logged('info')).toContain('The connection to the dashboards was lost: error: lost connection to pod');
  expect(forwards(one).map((line) => line.split(' ').at(-1))).toEqual([':http', '40123:http']);
});

test('when it can’t be opened again that is told, and the run ends', async () => {
  const one = world([
    { ...OPEN, hang: false, exit: 1, times: 1 },
    { ...OPEN, hang: false, stdout: '', exit: 1, stderr: 'the server is gone' },
  ]);
  expect((await run(one)).outcome.result).toBe('passed');
  expect(one.logged('warning')).toEqual([
    expect.stringMatching(
      /^The dashboards are closed: Waited 60 s for the dashboards to be open again: .*the server is gone/s,
    ),
  ]);
});

test('dashboards that can’t be opened are a warning, and the load goes on', async () => {
  const one = world([{ ...OPEN, hang: false, stdout: '', exit: 1, stderr: 'services "grafana" not found' }]);
  const report = await run(one);
  expect(report.outcome.result).toBe('passed');
  expect(report.warnings).toEqual([
    expect.stringMatching(/^The dashboards could not be opened: .*"grafana" not found/s),
  ]);
});

test('a cluster that is kept is not waited for', async () => {
  const one = world([OPEN], { inputs: { 'keep-cluster': 'true' } });
  await run(one);
  expect(one.logged('info')).toContain(
    `To open the dashboards again: npx --yes github:k8s-loadtest-ci/k8s-loadtest-ci#v1 dashboard --output-dir ${one.outputDir}`,
  );
  expect(one.context.store.state.processGroups).toEqual([]);
});

test('in a job nothing is opened and nothing waited for', async () => {
  const one = world([OPEN], { state: { run: { ...ON_A_LAPTOP, onGitHub: true } } });
  await run(one);
  expect(forwards(one)).toEqual([]);
});

test('a run that was cancelled before its end does not wait', async () => {
  const one = world([OPEN]);
  const report = await runWithDashboard(one.context, (each) => each, [
    ...STAGES,
    {
      name: 'late',
      run: () => {
        one.cancel();
        return Promise.resolve();
      },
    },
  ]);
  expect(report.outcome.result).not.toBe('passed');
  expect(one.logged('info').filter((line) => line.startsWith('The dashboards are open'))).toEqual([]);
});

test('the command says when there are none in the cluster', async () => {
  await expect(showDashboard(world([], { inputs: { dashboard: 'false' } }).context)).rejects.toMatchObject({
    code: 'stage-order',
    tryThis: expect.stringContaining('up --dashboard true'),
  });
});
