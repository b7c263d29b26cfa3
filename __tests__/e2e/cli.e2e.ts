import { afterAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Report } from '../../src/model/report.ts';
import { machineInputs } from './action.ts';
import { machineState } from './machine.ts';

const PROGRAM = resolve(import.meta.dirname, '../../dist/cli/index.js');

describe('The command line, one stage after the other', () => {
  const before = machineState();
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  const path = (name: string): string => join(folder, 'artifacts', name);
  const options = Object.entries(machineInputs()).flatMap(([name, value]) => [`--${name}`, value]);

  const cli = (...args: string[]): Promise<{ exitCode: number | string; log: string }> =>
    new Promise((done) => {
      execFile(process.execPath, [PROGRAM, ...args], { cwd: folder }, (error, stdout, stderr) => {
        done({ exitCode: error === null ? 0 : (error.code ?? 'killed'), log: `${stdout}${stderr}` });
      });
    });

  afterAll(async () => {
    await cli('down');
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ['up', ['up', '--nodes', '2', ...options], 'deploy'],
    ['health', ['health'], 'check-health'],
    ['load', ['load', '--requests', '300', '--seed', 'again'], 'run-load'],
    ['resources', ['resources'], 'read-resources'],
    ['report', ['report'], 'report.md'],
  ])('%s works', async (_, args, said) => {
    const { exitCode, log } = await cli(...args);
    expect({ exitCode, log: exitCode === 0 ? '' : log }).toEqual({ exitCode: 0, log: '' });
    expect(log).toContain(said);
  });

  test('the report holds what the stages measured', () => {
    const report = JSON.parse(readFileSync(path('report.json'), 'utf8')) as Report;
    expect(report.outcome.result).toBe('passed');
    expect(report.load?.total.sent).toBe(300);
    expect(report.load?.seed).toBe('again');
    expect(report.cluster?.nodes).toHaveLength(2);
    expect(report.repeatWith).toContain('--seed again');
  });

  test('thresholds that hold pass, and one that does not fails the report after it is written', async () => {
    const rules = [
      'http_req_duration{host:bar.localhost}: p(99.9)<60000',
      'http_reqs: rate>250',
      'resource_cpu{workload:foo}: max<4',
    ];
    // A rule on times would not fail a run on a machine that is too busy to measure them.
    const broken = 'http_req_failed: rate<0';
    const thresholds = [...rules, broken].flatMap((rule) => ['--thresholds', rule]);
    expect((await cli('load', '--rate', '300', '--duration', '30s', ...thresholds)).exitCode).toBe(0);
    expect((await cli('resources')).exitCode).toBe(0);
    const { exitCode } = await cli('report');
    const report = JSON.parse(readFileSync(path('report.json'), 'utf8')) as Report;
    expect(report.load?.total).toMatchObject({ sent: 9000, succeeded: 9000 });
    expect(report.thresholds.map(({ rule, passed }) => [rule, passed])).toEqual([
      ...rules.map((rule) => [rule, true]),
      [broken, false],
    ]);
    expect(readFileSync(path('thresholds.xml'), 'utf8')).toContain('tests="4" failures="1"');
    expect({ exitCode, code: report.outcome.code }).toEqual({ exitCode: 1, code: 'threshold-failed' });
  });

  test('a second `up` is refused while the cluster is there', async () => {
    const { exitCode, log } = await cli('up', ...options);
    expect(exitCode).toBe(1);
    expect(log).toContain('is still there');
  });

  test('down removes the cluster and keeps the report as it is', async () => {
    const report = readFileSync(path('report.json'), 'utf8');
    expect((await cli('down')).exitCode).toBe(0);
    expect(machineState()).toEqual(before);
    expect(existsSync(path('kubeconfig'))).toBe(false);
    expect(readFileSync(path('report.json'), 'utf8')).toBe(report);
  });
});
