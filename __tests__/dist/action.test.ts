import { afterAll, describe, expect, test } from '@jest/globals';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Report } from '../../src/model/report.ts';
import { OUTPUTS } from '../../src/outputs.ts';
import { readEarlierReport } from '../../src/report/words/earlier-run.ts';
import { pipelineState } from '../../src/state.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { startArtifactService } from '../fakes/github/artifact-service.ts';
import { startGitHub } from '../fakes/github/server.ts';
import { list, PODS, workload } from '../fakes/kubernetes.ts';
import { isRunning, until } from '../fakes/processes.ts';
import { commandsOf, createJob, filesIn, type Finished, type Job, type JobOptions, startIngress } from './runner.ts';

const SOME_TIME = 60_000;

const folder = temporaryFolders();
const servers: Server[] = [];
const services: { readonly close: () => Promise<void> }[] = [];

afterAll(async () => {
  await Promise.all(services.map((each) => each.close()));
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function ingress(): Promise<number> {
  const { server, port } = await startIngress();
  servers.push(server);
  return port;
}

const job = (options: JobOptions = {}): Job => createJob(folder(), options);

const ajv = new Ajv2020({ strict: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')) as object);

function reportOf({ artifacts }: Job): Report {
  const report = JSON.parse(readFileSync(join(artifacts, 'report.json'), 'utf8')) as Report;
  expect(validate(report) ? [] : validate.errors).toEqual([]);
  return report;
}

const stateOf = ({ artifacts }: Job) => pipelineState.parse(JSON.parse(readFileSync(join(artifacts, 'state.json'), 'utf8')));
const errorsOf = (finished: Finished): string[] => commandsOf(finished).filter((line) => line.startsWith('::error'));
const stagesOf = (finished: Finished): string[] => commandsOf(finished).flatMap((line) => (line.startsWith('::group::') ? [line.slice(9)] : []));

/** Nothing of ours is left on the machine. */
function expectClean({ tools, artifacts }: Job): void {
  expect([tools.names('containers'), tools.names('networks')]).toEqual([[], []]);
  expect(filesIn(artifacts, 'kubeconfig', 'kubeconfig.lock')).toEqual([false, false]);
}

// They wait for most of their time, so they do it side by side.
describe('the action as the runner runs it', () => {
  test.concurrent(
    'takes a machine with Docker to a report, and back to no cluster',
    async () => {
      const github = await startGitHub();
      const service = await startArtifactService();
      services.push(github, service);
      github.pulls.push({ number: 7, headSha: 'abc', headRepository: github.repository, headBranch: 'topic' });
      const event = join(folder(), 'event.json');
      writeFileSync(event, JSON.stringify({ number: 7, pull_request: { number: 7, head: { sha: 'abc', repo: { full_name: 'octo/app' } }, base: { repo: { full_name: 'octo/app' } } }, repository: { full_name: 'octo/app' } }));
      const one = job({
        scenario: { httpPort: await ingress() },
        inputs: { requests: '60', 'warmup-requests': '10', 'github-token': 'ghs_write', 'save-baseline': 'load-test-baseline', 'baseline-report': 'baseline/baseline.json' },
        env: {
          GITHUB_EVENT_NAME: 'pull_request',
          GITHUB_REF: 'refs/pull/7/merge',
          GITHUB_EVENT_PATH: event,
          GITHUB_API_URL: github.url,
          ACTIONS_RUNTIME_TOKEN: service.token,
          ACTIONS_RESULTS_URL: service.url,
        },
      });
      const main = await one.step('main');
      expect({ exitCode: main.exitCode, errors: errorsOf(main) }).toEqual({ exitCode: 0, errors: [] });
      const stages = ['validate', 'install-tools', 'render-manifests', 'create-cluster', 'deploy', 'check-health', 'run-load', 'read-resources', 'publish-report'];
      expect(stagesOf(main).filter((name) => stages.includes(name))).toEqual(stages);

      const report = reportOf(one);
      expect(report.outcome).toMatchObject({ result: 'passed', code: 'passed', failure: null });
      expect(report.load?.total).toMatchObject({ sent: 60, succeeded: 60, failed: 0 });
      expect(report.load?.hosts.map(({ host }) => host)).toEqual(['foo.localhost', 'bar.localhost']);
      expect(report.cluster?.nodes).toHaveLength(3);
      expect(report.resources?.workloads.map(({ name }) => name)).toEqual(expect.arrayContaining(['foo', 'bar', 'prometheus']));

      const outputs = one.outputs();
      expect(Object.keys(outputs).sort()).toEqual(Object.keys(OUTPUTS).sort());
      expect(outputs).toMatchObject({ outcome: 'passed', 'success-ratio': '1', failures: '0', 'cluster-name': one.state()['cluster-name'], 'report-path': join(one.artifacts, 'report.json') });
      for (const name of ['requests-per-second', 'latency-p50', 'latency-p90', 'latency-p95', 'latency-p99', 'latency-avg', 'latency-max']) expect(Number(outputs[name])).toBeGreaterThan(0);
      expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({ outcome: { code: 'passed' } });
      expect(statSync(outputs['kubeconfig'] ?? '').mode & 0o777).toBe(0o600);
      expect(outputs['artifact-url']).toContain('/artifacts/');
      expect(one.summary()).toContain('✅ Load test passed: 60 requests');

      // One comment, whatever it said while the run was on its way.
      expect(github.comments).toHaveLength(1);
      expect(github.comments[0]?.body).toContain('✅ Load test passed: 60 requests');
      expect(outputs['comment-url']).toContain('/octo/app/pull/7#issuecomment-');
      expect(github.violations).toEqual([]);

      // What was uploaded holds the reports, and no credential.
      const [upload] = service.uploads;
      for (const name of ['report.json', 'report.md', 'report.html', 'thresholds.xml', 'state.json']) expect(upload?.zip.includes(name)).toBe(true);
      expect(upload?.zip.includes('kubeconfig\u0000') ?? true).toBe(false);
      for (const text of [main.stdout.replace('::add-mask::ghs_write', ''), readFileSync(join(one.artifacts, 'state.json'), 'utf8'), readFileSync(join(one.artifacts, 'report.json'), 'utf8')]) {
        expect(text).not.toContain('ghs_write');
      }

      // The first run of a repository has no earlier one, and leaves one.
      expect(main.stdout).toContain('There is no baseline/baseline.json yet');
      expect(report.earlier).toBeUndefined();
      expect(service.uploads.map(({ name }) => name)).toContain('load-test-baseline');
      expect(readEarlierReport(readFileSync(outputs['baseline-path'] ?? '', 'utf8'), 'baseline.json')).toMatchObject({ figures: expect.arrayContaining([expect.objectContaining({ metric: 'failed', value: 0 })]) });

      const post = await one.step('post');
      expect({ exitCode: post.exitCode, errors: errorsOf(post) }).toEqual({ exitCode: 0, errors: [] });
      expectClean(one);
      expect(stateOf(one).system).toMatchObject({ kind: 'own', deletedAt: expect.any(String) as unknown });
      // It may be run again.
      expect(errorsOf(await one.step('post'))).toEqual([]);
      expect(reportOf(one).outcome.code).toBe('passed');
    },
    SOME_TIME,
  );

  test.concurrent(
    'names every bad input in one error, creates nothing and still reports',
    async () => {
      const one = job({ inputs: { requests: '-5', hosts: 'a b', 'ingress-controller': 'kong', 'github-token': 'ghs_x' } });
      const main = await one.step('main');
      expect(main.exitCode).toBe(1);
      expect(errorsOf(main)).toEqual([expect.stringMatching(/^::error title=input-invalid in validate::Input hosts is "a b".*%0AInput requests is "-5".*%0AInput ingress-controller is "kong"/)]);
      expect(one.tools.calls()).toEqual([]);
      expect(reportOf(one).outcome).toMatchObject({ result: 'failed', code: 'input-invalid' });
      expect(one.outputs()).toMatchObject({ outcome: 'input-invalid', 'success-ratio': '' });
      const post = await one.step('post');
      expect({ exitCode: post.exitCode, errors: errorsOf(post) }).toEqual({ exitCode: 0, errors: [] });
    },
    SOME_TIME,
  );

  test.concurrent(
    'says that there is no Docker',
    async () => {
      const one = job({ env: { PATH: '/nonexistent' } });
      const main = await one.step('main');
      expect(main.exitCode).toBe(1);
      expect(errorsOf(main)).toEqual([expect.stringMatching(/^::error title=docker-not-installed in validate::The command docker was not found\./)]);
      expect(reportOf(one)).toMatchObject({ outcome: { code: 'docker-not-installed' }, cluster: null, load: null });
    },
    SOME_TIME,
  );

  test.concurrent(
    'names the pod that keeps an application from being ready, and lets its log be nothing but text',
    async () => {
      const poison = '::error::x\n##[error]y\n::stop-commands::z\n\u001b[31m::add-mask::a\u001b[0m\n';
      const one = job({
        scenario: {
          httpPort: await ingress(),
          rules: [
            { tool: 'kubectl', match: 'get Deployment', stdout: JSON.stringify(list(workload({ status: {} }))) },
            { tool: 'kubectl', match: 'get pods --all-namespaces', stdout: JSON.stringify(list(PODS.crashLoop)) },
            { tool: 'kubectl', match: ' logs ', stdout: poison },
          ],
        },
        inputs: { prometheus: 'false', manifests: 'app', hosts: 'app.localhost', 'ingress-controller': 'none' },
      });
      const app = join(one.workspace, 'app');
      mkdirSync(app);
      writeFileSync(join(app, 'kustomization.yaml'), 'resources: [app.yaml]\n');
      writeFileSync(join(app, 'app.yaml'), 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: foo, namespace: echo}\n');
      const main = await one.step('main');
      expect(main.exitCode).toBe(1);
      expect(errorsOf(main)).toEqual([expect.stringContaining('title=crash-loop in check-health')]);
      for (const line of commandsOf(main)) expect(line).not.toMatch(/^\s*::(error::x|stop-commands|add-mask::a)|##\[/);
      const report = reportOf(one);
      expect(report.outcome).toMatchObject({ code: 'crash-loop', failure: { message: expect.stringContaining('container echo ended 4 times') } });
      expect(report.diagnostics).toEqual(expect.arrayContaining(['diagnostics/events.txt', 'diagnostics/nodes.txt']));
      for (const file of report.diagnostics) expect(existsSync(join(one.artifacts, file))).toBe(true);
      expect((await one.step('post')).exitCode).toBe(0);
      expectClean(one);
    },
    SOME_TIME,
  );

  test.concurrent(
    'ends what it runs when it is cancelled, reports, and leaves nothing',
    async () => {
      const one = job({ scenario: { rules: [{ tool: 'kind', match: '^create', hang: true, deaf: true }] } });
      const main = await one.step('main', async ({ kill }) => {
        await until(() => one.tools.lines('kind').some((line) => line.startsWith('create')));
        kill('SIGINT');
      });
      expect({ exitCode: main.exitCode, signal: main.signal }).toEqual({ exitCode: 1, signal: null });
      expect(reportOf(one).outcome).toMatchObject({ result: 'cancelled', code: 'cancelled', failure: { stage: 'create-cluster' } });
      const create = one.tools.calls('kind').find(({ args }) => args[0] === 'create');
      expect(isRunning(create?.pid)).toBe(false);
      // Docker carries out one request that was on its way.
      one.tools.add('containers', 'late', { cluster: one.state()['cluster-name'] });
      expect((await one.step('post')).exitCode).toBe(0);
      expectClean(one);
    },
    SOME_TIME,
  );

  test.concurrent(
    'reports in its post step when its main step was killed, and ends what that left running',
    async () => {
      const one = job({ scenario: { rules: [{ tool: 'kind', match: '^create', hang: true }] } });
      const main = await one.step('main', async ({ kill }) => {
        await until(() => one.tools.lines('kind').some((line) => line.startsWith('create')));
        kill('SIGKILL');
      });
      expect(main.signal).toBe('SIGKILL');
      expect(filesIn(one.artifacts, 'report.json')).toEqual([false]);
      const create = one.tools.calls('kind').find(({ args }) => args[0] === 'create');
      expect(isRunning(create?.pid)).toBe(true);
      one.tools.add('containers', 'half-made', { cluster: one.state()['cluster-name'] });

      const post = await one.step('post');
      expect(post.exitCode).toBe(0);
      expect(isRunning(create?.pid)).toBe(false);
      expectClean(one);
      expect(reportOf(one).outcome).toMatchObject({ result: 'cancelled', failure: { stage: 'create-cluster', message: 'The main step was killed before it could report.' } });
      expect(one.summary()).toContain('Load test cancelled during create-cluster');
    },
    SOME_TIME,
  );

  describe('in two steps that share a cluster and an output folder', () => {
    const steps = async (): Promise<{ first: Job; second: Job }> => {
      const inputs = { 'cluster-name': 'lt-shared', 'reuse-cluster': 'true', prometheus: 'false' };
      const first = job({ scenario: { httpPort: await ingress() }, inputs: { ...inputs, requests: '30' } });
      return { first, second: job({ tools: first.tools, workspace: first.workspace, inputs: { ...inputs, requests: '40' } }) };
    };
    // The post step of the first one has lost its state to the second one, and with it where kind is: then Docker removes the containers.
    const deletions = ({ tools }: Job): string[] => [...tools.lines('kind').filter((line) => line.startsWith('delete')), ...tools.lines('docker').filter((line) => line.startsWith('rm '))];
    const creations = ({ tools }: Job): string[] => tools.lines('kind').filter((line) => line.startsWith('create'));

    // The runner runs post steps in reverse order.
    test.concurrent(
      'loses nothing and tears down once',
      async () => {
        const { first, second } = await steps();
        expect(errorsOf(await first.step('main'))).toEqual([]);
        expect(errorsOf(await second.step('main'))).toEqual([]);
        expect(creations(first)).toHaveLength(1);
        expect([JSON.parse(first.outputs()['result'] ?? ''), JSON.parse(second.outputs()['result'] ?? '')]).toMatchObject([{ load: { total: { sent: 30 } } }, { load: { total: { sent: 40 } } }]);
        expect([first.summary(), second.summary()]).toEqual([expect.stringContaining('passed: 30 requests'), expect.stringContaining('passed: 40 requests')]);

        expect(errorsOf(await second.step('post'))).toEqual([]);
        expect([first.tools.names('containers').length, deletions(first)]).toEqual([3, []]);
        const report = readFileSync(join(second.artifacts, 'report.json'), 'utf8');

        expect(errorsOf(await first.step('post'))).toEqual([]);
        expect(deletions(first)).toHaveLength(1);
        expectClean(first);
        expect(readFileSync(join(second.artifacts, 'report.json'), 'utf8')).toBe(report);
        expect(reportOf(second).load?.total.sent).toBe(40);
      },
      SOME_TIME,
    );

    test.concurrent(
      'tears down once when the later one was killed',
      async () => {
        const { first, second } = await steps();
        expect(errorsOf(await first.step('main'))).toEqual([]);
        first.tools.scenario({ rules: [{ tool: 'kubectl', match: 'apply', hang: true }] });
        const before = first.tools.lines('kubectl').length;
        await second.step('main', async ({ kill }) => {
          await until(() => first.tools.lines('kubectl').slice(before).some((line) => line.includes('apply')));
          kill('SIGKILL');
        });
        await second.step('post');
        expect([first.tools.names('containers').length, deletions(first)]).toEqual([3, []]);
        expect(reportOf(second).outcome).toMatchObject({ result: 'cancelled', failure: { stage: 'deploy' } });
        expect(errorsOf(await first.step('post'))).toEqual([]);
        expect(deletions(first)).toHaveLength(1);
        expectClean(first);
      },
      SOME_TIME,
    );
  });

  test.concurrent(
    'keeps the cluster in its post step when load-test.yml said so to its main step',
    async () => {
      const one = job({ scenario: { httpPort: await ingress() } });
      const file = join(one.workspace, 'load-test.yml');
      writeFileSync(file, 'load:\n  requests: 30\ncluster:\n  keep-cluster: true\n  prometheus: false\n');
      expect(await one.step('main')).toMatchObject({ exitCode: 0 });
      expect(reportOf(one)).toMatchObject({ load: { total: { sent: 30 } }, settings: { 'keep-cluster': 'true' } });
      writeFileSync(file, '');
      const post = await one.step('post');
      expect(post.exitCode).toBe(0);
      expect(one.tools.calls().some((call) => JSON.stringify(call).includes('delete'))).toBe(false);
    },
    SOME_TIME,
  );

  describe('in its post step, without the state of its main step,', () => {
    const lost = [
      { name: 'removes the cluster that the runner remembers when the state was cut off', damage: (file: string) => { writeFileSync(file, '{"version":1,'); } },
      { name: 'removes it when the state is gone', damage: (file: string) => { rmSync(file); } },
      { name: 'removes it, and not the one of another run, when the state is of that', damage: (file: string) => { writeFileSync(file, readFileSync(file, 'utf8').replaceAll('lt-mine', 'lt-other')); } },
    ];
    test.concurrent.each(lost)(
      '$name',
      async ({ damage }) => {
        const one = job({ scenario: { httpPort: await ingress(), rules: [{ tool: 'kubectl', match: 'apply', exit: 1, stderr: 'no' }] }, inputs: { 'cluster-name': 'lt-mine' } });
        expect((await one.step('main')).exitCode).toBe(1);
        one.tools.add('containers', 'lt-other-control-plane', { cluster: 'lt-other' });
        damage(join(one.artifacts, 'state.json'));
        const post = await one.step('post');
        expect({ exitCode: post.exitCode, errors: errorsOf(post) }).toEqual({ exitCode: 0, errors: [] });
        expect(one.tools.names('containers')).toEqual(['lt-other-control-plane']);
        expect(filesIn(one.artifacts, 'kubeconfig')).toEqual([false]);
      },
      SOME_TIME,
    );

    test.concurrent(
      'does nothing when the main step never began',
      async () => {
        const one = job();
        const post = await one.step('post');
        expect({ exitCode: post.exitCode, calls: one.tools.calls() }).toEqual({ exitCode: 0, calls: [] });
        expect(post.stdout).toContain('The main step did not start');
      },
      SOME_TIME,
    );
  });
});

describe('the command line', () => {
  test.concurrent(
    'tries the load without Docker and without a cluster, and writes the same report',
    async () => {
      const one = job();
      const tried = await one.cli('try', '--requests', '50', '--warmup-requests', '5', '--seed', 'abc');
      expect({ exitCode: tried.exitCode, stderr: tried.stderr }).toEqual({ exitCode: 0, stderr: '' });
      const report = reportOf(one);
      expect(report).toMatchObject({ outcome: { result: 'passed' }, cluster: null, resources: null, load: { seed: 'abc', total: { sent: 50, failed: 0 } } });
      expect(report.load?.hosts.map(({ host }) => host)).toEqual(['foo.localhost', 'bar.localhost']);
      expect(tried.stdout).not.toMatch(/^::/m);
      expect(one.tools.calls()).toEqual([]);
    },
    SOME_TIME,
  );

  test.concurrent(
    'takes its inputs from load-test.yml, and what is given before them',
    async () => {
      const one = job();
      writeFileSync(join(one.workspace, 'load-test.yml'), 'application:\n  manifests: [deploy]\nload:\n  requests: 70\n  concurrency: 3\n  seed: 007\n');
      const tried = await one.cli('try', '--requests', '40', '--warmup-requests', '5');
      expect({ exitCode: tried.exitCode, stderr: tried.stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(tried.stdout).toContain('load-test.yml gives concurrency, seed.');
      expect(tried.stdout).toContain('load-test.yml has requests: 70; the value from outside the file is used instead.');
      expect(reportOf(one)).toMatchObject({
        schemaVersion: '1.4',
        settings: { requests: '40', concurrency: '3', seed: '007', manifests: '' },
        settingsFile: { file: 'load-test.yml', lines: { concurrency: 5, seed: 6 }, replaced: [{ input: 'requests', text: '70' }], leftOut: ['manifests'] },
        load: { total: { sent: 40 } },
      });
      const wrong = await one.cli('validate', '--rate', 'fast', '--file', 'load-test.yml', '--namespace', 'X');
      expect(wrong.exitCode).toBe(1);
    },
    SOME_TIME,
  );

  const commands = ['run', 'try', 'validate', 'up', 'health', 'load', 'resources', 'report', 'comment', 'down'];
  test.concurrent.each(commands)(
    '%s explains itself',
    async (command) => {
      const { exitCode, stdout } = await job().cli(command, '--help');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: k8s-loadtest-ci ${command} \\[options\\]`));
      expect(stdout).toContain('Example:');
      const { stdout: all } = await job().cli(command, '--help', 'all');
      expect(all).toContain('--output-dir <path>');
      // Only a word can be wider, such as an image with its digest.
      const lines = [...stdout.split('\n'), ...all.split('\n')].filter((line) => line.trim().includes(' '));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    },
    SOME_TIME,
  );

  test.concurrent(
    'runs its stages one by one on the state of the one before',
    async () => {
      const httpPort = await ingress();
      const one = job({ scenario: { httpPort } });
      const sums = ['--kind-sha256', one.tools.sha256('kind'), '--kubectl-sha256', one.tools.sha256('kubectl')];
      expect(await one.cli('up', ...sums, '--wait', '10s', '--requests', '30', '--prometheus', 'false')).toMatchObject({ exitCode: 0, stderr: '' });
      for (const command of ['health', 'load', 'resources', 'report']) {
        expect({ command, ...(await one.cli(command)) }).toMatchObject({ command, exitCode: 0, stderr: '' });
      }
      expect(reportOf(one)).toMatchObject({ outcome: { result: 'passed' }, load: { total: { sent: 30 } } });
      for (const refused of [['--concurrency', 'nonsense'], ['--duration', '30sec'], ['--thresholds', 'http_req_duration: p95<0.001']]) {
        const { exitCode, stdout, stderr } = await one.cli('load', ...refused);
        expect({ refused, exitCode, said: `${stdout}${stderr}`.includes(`Input ${String(refused[0]).slice(2)}`) }).toEqual({ refused, exitCode: 1, said: true });
      }
      // What had failed in measuring before a load is no outcome of it.
      one.tools.scenario({ httpPort, rules: [{ tool: 'kubectl', match: ' get nodes', exit: 1, stderr: 'Error from server: etcdserver: no leader' }] });
      expect(await one.cli('health')).toMatchObject({ exitCode: 1 });
      one.tools.scenario({ httpPort });
      expect(await one.cli('load', '--hosts', 'foo.localhost', '--requests', '30')).toMatchObject({ exitCode: 0 });
      expect(await one.cli('report')).toMatchObject({ exitCode: 0 });
      expect(reportOf(one).warnings.join()).toContain('check-health failed before this load');
      // A later option takes the place of the one that it contradicts.
      expect(await one.cli('load', '--duration', '1s', '--rate', '50')).toMatchObject({ exitCode: 0 });
      expect(await one.cli('load', '--requests', '30')).toMatchObject({ exitCode: 0 });
      expect(await one.cli('report')).toMatchObject({ exitCode: 0 });
      expect(await one.cli('down')).toMatchObject({ exitCode: 0, stderr: '' });
      expectClean(one);
      // Going down is no failure of what was measured.
      expect(reportOf(one).outcome.result).toBe('passed');
    },
    SOME_TIME,
  );

  const wrong = [
    { name: 'a stage before the one that it needs', args: ['load'], message: 'There is no run to continue' },
    { name: 'an option that does not exist', args: ['run', '--request', '5'], message: "unknown option '--request'" },
    { name: 'a bad value', args: ['try', '--requests', 'abc'], message: 'Input requests is "abc"' },
  ];
  test.concurrent.each(wrong)(
    'refuses $name with a sentence',
    async ({ args, message }) => {
      const { exitCode, stdout, stderr } = await job().cli(...args);
      expect(exitCode).toBe(1);
      expect(`${stdout}${stderr}`).toContain(message);
      expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m);
    },
    SOME_TIME,
  );
});
