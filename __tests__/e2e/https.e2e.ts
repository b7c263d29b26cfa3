import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/model/report.ts';
import { ActionRun, type Ended } from './action.ts';

const FIXTURES = `${process.cwd()}/__tests__/e2e/fixtures/https`;

/** Every file that a run leaves behind. */
const filesIn = (path: string): string[] =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesIn(join(path, name))) : [path];

describe('An application behind TLS on a real cluster', () => {
  const action = new ActionRun({
    manifests: FIXTURES,
    hosts: 'tls.localhost\nforce.localhost',
    nodes: '2',
    duration: '5s',
  });
  let main: Ended;
  let report: Report;

  beforeAll(async () => {
    main = await action.run('main');
    report = action.json('report.json') as Report;
  });
  afterAll(async () => {
    await action.run('post');
    action.dispose();
  });

  test('passes, and its own pods have answered', () => {
    expect({ exitCode: main.exitCode, failure: report.outcome.failure }).toEqual({ exitCode: 0, failure: null });
    expect(report.load?.hosts.map(({ host, failed }) => [host, failed])).toEqual([
      ['tls.localhost', 0],
      ['force.localhost', 0],
    ]);
    // The ingress and the pods counted what was sent.
    expect(report.witness?.doubts).toEqual([]);
  });

  test('is asked over HTTPS by its routes and by a redirect, with certificates that are told', () => {
    expect(report.https).toMatchObject([
      {
        host: 'force.localhost',
        verifiedBy: null,
        certificate: { fingerprint: expect.stringMatching(/^(\w\w:){31}\w\w$/) },
      },
      { host: 'tls.localhost', verifiedBy: { kind: 'run' }, unverified: null },
    ]);
    expect(report.redirects).toMatchObject([{ host: 'force.localhost', toScheme: 'https' }]);
  });

  test('leaves no private key behind', () => {
    const found = filesIn(join(action.workspace, 'artifacts')).filter((file) =>
      readFileSync(file, 'latin1').includes('PRIVATE KEY'),
    );
    expect([found, main.log.includes('PRIVATE KEY')]).toEqual([[], false]);
  });
});
