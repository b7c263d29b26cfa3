import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../src/adapters/clock.ts';
import { acceptedName, type ArtifactOptions, uploadArtifact } from '../../../src/adapters/github/artifact.ts';
import { type FakeArtifactService, startArtifactService } from '../../fakes/github/artifact-service.ts';
import { instantClock } from '../../fakes/github/instant-clock.ts';

let service: FakeArtifactService;
let folder: string;
let logged: string[];
const before = { ...process.env };

beforeEach(async () => {
  service = await startArtifactService();
  folder = await mkdtemp(join(tmpdir(), 'artifact-'));
  logged = [];
  setEnvironment({});
  // The client of GitHub writes a dozen lines for each upload.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await rm(folder, { recursive: true });
  await service.close();
});

function setEnvironment(changes: Record<string, string | undefined>): void {
  const values: Record<string, string | undefined> = {
    ACTIONS_RUNTIME_TOKEN: service.token,
    ACTIONS_RESULTS_URL: service.url,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_RUN_ID: '99',
    ...changes,
  };
  process.env = { ...before };
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

async function write(files: Record<string, string>): Promise<string[]> {
  const paths = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    paths.push(path);
  }
  return paths;
}

const upload = (files: readonly string[], changes: Partial<ArtifactOptions> = {}) =>
  uploadArtifact({
    name: 'report',
    files,
    rootDirectory: folder,
    clock: systemClock,
    signal: new AbortController().signal,
    log: (line) => logged.push(line),
    ...changes,
  });

describe('an artifact that is found by its name', () => {
  test('takes the place of what an earlier attempt has left', async () => {
    const [first = '', second = ''] = await write({ 'a.json': '{}', 'b.json': '{"second":true}' });
    const before = new Date();
    expect(await upload([first], { replaces: { before } })).toMatchObject({ id: 42 });
    for (const stored of service.uploads) stored.createdAt = new Date(before.getTime() - 60_000);
    expect(await upload([second], { replaces: { before } })).toMatchObject({ name: 'report' });
    expect(service.uploads.map(({ name }) => name)).toEqual(['report']);
    expect(service.uploads[0]?.zip.includes('b.json')).toBe(true);
  });

  const taken = [
    { name: 'in the first attempt', before: null },
    { name: 'in a further attempt', before: new Date(0) },
  ];
  test.each(taken)('is never written over that of another job $name', async ({ before }) => {
    const [first = '', second = ''] = await write({ 'a.json': '{}', 'b.json': '{"second":true}' });
    await upload([first], { replaces: { before } });
    expect(await upload([second], { replaces: { before } })).toEqual({
      skipped: containing('Another job or step of this run uploaded an artifact report'),
    });
    expect(service.uploads).toHaveLength(1);
    expect(service.uploads[0]?.zip.includes('a.json')).toBe(true);
  });
});

test('two parts of a run that have one name get an artifact each', async () => {
  const [first = '', second = ''] = await write({ 'a.json': '{}', 'b.json': '{"second":true}' });
  expect(await upload([first])).toMatchObject({ name: 'report' });
  expect(await upload([second])).toMatchObject({ name: 'report-2' });
  expect(await upload([second])).toMatchObject({ name: 'report-3' });
  expect(service.uploads[0]?.zip.includes('a.json')).toBe(true);
});

const containing = (text: string): unknown => expect.stringContaining(text);

describe('on a runner', () => {
  test('the files are uploaded and the link is that of the run', async () => {
    const files = await write({ 'report.json': '{}', 'diagnostics/events.txt': 'none' });
    expect(await upload(files)).toEqual({
      id: 42,
      url: 'https://github.com/octo/app/actions/runs/99/artifacts/42',
      name: 'report',
    });
    expect(service.uploads).toMatchObject([{ name: 'report', expiresAt: null }]);
    // The names in a zip are plain.
    expect(service.uploads[0]?.zip.toString('latin1')).toContain('report.json');
    expect(service.uploads[0]?.zip.toString('latin1')).toContain('diagnostics/events.txt');
  });

  test('a retention is passed on', async () => {
    await upload(await write({ 'report.json': '{}' }), { retentionDays: 3 });
    expect(service.uploads[0]?.expiresAt).toMatch(/^\d{4}-/);
  });

  const hosts = ['https://github.com', 'https://octo.ghe.com', 'http://github.localhost:3000'];
  test.each(hosts)('the link is one of %s', async (host) => {
    setEnvironment({ GITHUB_SERVER_URL: host });
    expect(await upload(await write({ 'report.json': '{}' }))).toEqual({
      id: 42,
      url: `${host}/octo/app/actions/runs/99/artifacts/42`,
      name: 'report',
    });
  });

  test('a forbidden name is changed', async () => {
    await upload(await write({ 'report.json': '{}' }), { name: 'a/b:c\n' });
    expect(service.uploads).toMatchObject([{ name: 'a-b-c-' }]);
  });

  test('without a run number there is no link', async () => {
    setEnvironment({ GITHUB_RUN_ID: undefined });
    expect(await upload(await write({ 'report.json': '{}' }))).toEqual({ id: 42, url: null, name: 'report' });
  });
});

describe('what must not get out stays behind', () => {
  const table = [
    {
      name: 'a kubeconfig',
      file: { kubeconfig: 'users:\n- user:\n    client-key-data: LS0t' },
      reason: 'holds a credential',
    },
    { name: 'a private key', file: { 'x.pem': '-----BEGIN RSA PRIVATE KEY-----' }, reason: 'holds a credential' },
    { name: 'a log with the token', file: { 'x.log': 'é ghs_TOPSECRET é' }, reason: 'holds a credential' },
    { name: 'a log with another secret', file: { 'x.log': 'pässwörd!' }, reason: 'holds a credential' },
    { name: 'a name that the service refuses', file: { 'a:b.log': 'hello' }, reason: 'has a name' },
  ];
  test.each(table)('$name', async ({ file, reason }) => {
    const files = await write({ ...file, 'report.json': '{}' });
    expect(await upload(files, { secrets: ['', 'ghs_TOPSECRET', 'pässwörd!'] })).toMatchObject({ id: 42 });
    expect(service.uploads[0]?.zip.toString('latin1')).not.toContain(Object.keys(file)[0]);
    expect(logged).toEqual([containing(reason)]);
  });

  test('a file that is gone', async () => {
    const files = await write({ 'report.json': '{}' });
    expect(await upload([...files, join(folder, 'gone')])).toMatchObject({ id: 42 });
    expect(logged).toEqual([containing('gone cannot be read')]);
  });
});

describe('what hinders the upload is a reason, not an error', () => {
  const table: {
    name: string;
    env?: Record<string, string | undefined>;
    changes?: Partial<ArtifactOptions>;
    fault?: FakeArtifactService['fault'];
    reason: string;
  }[] = [
    { name: 'no token', env: { ACTIONS_RUNTIME_TOKEN: undefined }, reason: 'not a GitHub runner' },
    { name: 'no service', env: { ACTIONS_RESULTS_URL: '' }, reason: 'not a GitHub runner' },
    {
      name: 'GitHub Enterprise Server',
      env: { GITHUB_SERVER_URL: 'https://github.example.com' },
      reason: 'GitHub Enterprise Server',
    },
    { name: 'a token that is none', env: { ACTIONS_RUNTIME_TOKEN: 'nonsense' }, reason: 'The upload failed' },
    { name: 'a refusal', fault: 'refuse', reason: 'no ::error::forged' },
    { name: 'a name that is taken', fault: 'conflict', reason: 'already exists' },
    {
      name: 'a service that is silent',
      fault: 'no-answer',
      changes: { clock: instantClock() },
      reason: 'no result after 120 s',
    },
    {
      name: 'a run that is cancelled',
      fault: 'no-answer',
      changes: { signal: AbortSignal.abort() },
      reason: 'the run was cancelled',
    },
    { name: 'a root folder that is gone', changes: { rootDirectory: '/nonexistent' }, reason: 'The upload failed' },
  ];
  test.each(table)('$name', async ({ env, changes, fault, reason }) => {
    setEnvironment(env ?? {});
    service.fault = fault;
    expect(await upload(await write({ 'report.json': '{}' }), changes)).toEqual({ skipped: containing(reason) });
    expect(service.uploads).toEqual([]);
  });

  test('a run that is cancelled during the upload', async () => {
    const controller = new AbortController();
    service.fault = 'no-answer';
    service.meanwhile = () => {
      controller.abort();
    };
    const files = await write({ 'report.json': '{}' });
    expect(await upload(files, { signal: controller.signal })).toEqual({
      skipped: containing('the run was cancelled'),
    });
  });

  test('no file', async () => {
    expect(await upload([])).toEqual({ skipped: containing('no file to upload') });
  });
});

describe('acceptedName', () => {
  const table = [
    { name: 'a good name', given: 'k8s-loadtest (1)', exp: 'k8s-loadtest (1)' },
    { name: 'every forbidden character', given: '"a:b<c>d|e*f?g\rh\ni\\j/k', exp: '-a-b-c-d-e-f-g-h-i-j-k' },
    { name: 'nothing', given: '', exp: 'load-test' },
    { name: 'white space', given: '  ', exp: 'load-test' },
    { name: 'half a character', given: '\ud800x', exp: '-x' },
    { name: 'a cut through a character', given: `${'x'.repeat(199)}😀`, exp: 'x'.repeat(199) },
  ];
  test.each(table)('$name', ({ given, exp }) => {
    expect(acceptedName(given)).toBe(exp);
  });

  test('is never one that the service refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        expect(acceptedName(name)).toMatch(/^[^":<>|*?\r\n\\/]{1,200}$/);
      }),
    );
  });
});
