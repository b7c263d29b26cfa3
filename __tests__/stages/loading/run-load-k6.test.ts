import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/adapters/clock.ts';
import { report as reportShape } from '../../../src/model/report.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { runLoad } from '../../../src/stages/run-load.ts';
import { renderReport } from '../../fakes/plain-renderings.ts';
import { createWorld, type World } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { until } from '../../fakes/processes.ts';
import { echoAt } from '../../fakes/state.ts';

const folder = temporaryFolders();
const FIND =
  'for a in "$@"; do case "$a" in csv=*) csv="${a#csv=}";; esac; [ "$last" = --summary-export ] && summary="$a"; last="$a"; done';
const fixture = (name: string): string => join(process.cwd(), '__tests__/fixtures/k6', name);

/** A world without a cluster, as the try mode has it, whose k6 is a shell script. */
function world(body: string, inputs: Record<string, string> = {}): World {
  const home = folder();
  const path = join(home, 'k6');
  writeFileSync(path, `#!/bin/sh\n${FIND}\n${body}\n`, { mode: 0o755 });
  const tools = { k6: { version: 'v2.2.0', path, sha256: 'a'.repeat(64) } };
  return createWorld(home, {
    up: false,
    clock: systemClock,
    state: { tools, system: echoAt(8080) },
    inputs: { engine: 'k6', seed: 's', ...inputs },
  });
}

const GENERATED = `cat '${fixture('generated-v2.2.0.csv')}' > "$csv"`;
const OWN = `cat '${fixture('script-v2.2.0.csv')}' > "$csv"; cat '${fixture('script-v2.2.0.json')}' > "$summary"`;

function ownScript(): string {
  const file = join(folder(), 'own.js');
  writeFileSync(file, 'export default function () {}');
  return file;
}

const reportOf = ({ context }: World): ReturnType<typeof buildReport> =>
  reportShape.parse(JSON.parse(JSON.stringify(buildReport(context.store.state, new Date().toISOString()))));

describe('a load sent with k6', () => {
  test('is in the report, with the engine and its version', async () => {
    const it = world(GENERATED, { requests: '60' });
    await runLoad(it.context);
    const report = reportOf(it);
    // Those fixtures are of nine hosts, of which two are asked for here.
    expect(report.load).toMatchObject({
      engine: { name: 'k6', version: 'v2.2.0' },
      seed: 's',
      workers: 1,
      model: { kind: 'closed' },
    });
    expect(report.load?.total.sent).toBeGreaterThan(0);
    expect(report.tools).toEqual({ k6: { version: 'v2.2.0', sha256: 'a'.repeat(64) } });
    expect(renderReport(report).join('\n')).toContain('| load engine | `k6 v2.2.0` |');
    expect(readFileSync(join(it.outputDir, 'k6', 'script.js'), 'utf8')).toContain('http://foo.localhost/');
    expect(existsSync(join(it.outputDir, 'k6', 'samples.csv'))).toBe(false);
  });

  test('of which nothing came is a failure', async () => {
    await expect(runLoad(world('exit 0').context)).rejects.toMatchObject({
      code: 'load-failed',
      message: 'No request was sent.',
    });
  });

  const endings = [
    {
      name: 'an exception of the script',
      body: 'echo "boom at line 3" >&2; exit 107',
      message: 'The script threw an exception.\nboom at line 3',
    },
    { name: 'wrong options', body: 'exit 104', message: 'k6 does not accept the options of the script.' },
    { name: 'a signal', body: 'kill -9 $$', message: 'k6 was killed.' },
    { name: 'a code that nobody knows', body: 'exit 77', message: 'k6 failed with exit code 77.' },
  ];
  test.each(endings)('that ends by $name is a failure, and what came before is kept', async ({ body, message }) => {
    const it = world(`${GENERATED}; ${body}`);
    await expect(runLoad(it.context)).rejects.toMatchObject({
      code: 'load-failed',
      message,
      hint: expect.any(String),
      tryThis: expect.stringContaining('/k6 run '),
    });
    expect(it.context.store.state.load?.total.sent).toBeGreaterThan(0);
  });

  test('that is cancelled keeps what came before', async () => {
    const written = join(folder(), 'written');
    const it = world(`${GENERATED}; touch '${written}'; while :; do sleep 0.1; done`);
    const loading = runLoad(it.context);
    loading.catch(() => undefined);
    await until(() => existsSync(written));
    it.cancel();
    await expect(loading).rejects.toThrow(/^stop$/);
    expect(it.context.store.state.load?.total.sent).toBeGreaterThan(0);
  });

  test('whose output is none of k6 is a failure', async () => {
    await expect(runLoad(world('echo hello > "$csv"').context)).rejects.toMatchObject({
      code: 'load-failed',
      message: expect.stringContaining("can't be read"),
    });
  });

  test('prints nothing that the runner would obey', async () => {
    const it = world(`${GENERATED}; echo '::error::from a script' >&2`);
    await runLoad(it.context);
    expect(it.logged('info').join('\n')).toContain('from a script');
  });
});

describe('a script of the user', () => {
  test('is judged by its own thresholds beside ours, after the report', async () => {
    const script = ownScript();
    const it = world(`${OWN}; exit 99`, { 'k6-script': script, thresholds: 'http_reqs: count>1' });
    await runLoad(it.context);
    const report = reportOf(it);
    expect(report.load).toMatchObject({ model: { kind: 'script', script }, total: { sent: 44 } });
    expect(report.thresholds.map(({ rule, passed }) => [rule, passed])).toEqual(
      expect.arrayContaining([
        ['http_reqs: count>1', true],
        ['k6: http_req_duration: max<0.001', false],
        ['k6: http_reqs: count>5', true],
      ]),
    );
    expect(report.outcome).toMatchObject({ code: 'threshold-failed', result: 'failed' });
    expect(report.outcome.failure?.message).toMatch(/^k6: http_req_duration: max<0\.001 does not hold: /);
    expect(renderReport(report).join('\n')).toContain('Sent by the script');
  });

  test('whose iterations threw an exception is reported with a warning', async () => {
    const line = 'level=error msg="TypeError: no token" executor=constant-vus source=stacktrace';
    const it = world(`${OWN}; echo '${line}' >&2`, { 'k6-script': ownScript(), thresholds: 'http_reqs: count>1' });
    await runLoad(it.context);
    expect(reportOf(it).warnings).toEqual([
      'The script threw an exception in an iteration, and what comes after it in the script was not sent: TypeError: no token',
    ]);
  });

  test('whose summary is missing fails by the exit code alone', async () => {
    const it = world(`${OWN}; rm "$summary"; exit 99`, { 'k6-script': ownScript(), thresholds: 'http_reqs: count>1' });
    await runLoad(it.context);
    expect(reportOf(it).outcome).toMatchObject({
      code: 'threshold-failed',
      failure: { message: expect.stringContaining('at least one was crossed') },
    });
  });

  test('passes when its thresholds do', async () => {
    const it = world(
      `cat '${fixture('script-v2.2.0.csv')}' > "$csv"; echo '{"metrics":{"checks":{"value":1,"thresholds":{"rate>0.9":false}}}}' > "$summary"`,
      {
        'k6-script': ownScript(),
        thresholds: 'http_reqs: count>1',
      },
    );
    await runLoad(it.context);
    expect(reportOf(it).outcome.code).toBe('passed');
  });

  test('that is missing is named before anything is run', async () => {
    await expect(runLoad(world('exit 1', { 'k6-script': '/nonexistent/own.js' }).context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: 'Input k6-script is "/nonexistent/own.js", but there is no such file.',
    });
  });
});
