import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arch } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openShell, type Shell } from '../../../src/adapters/commands/shell.ts';
import {
  type InstallContext,
  installTool,
  sha256OfFile,
  type ToolRequest,
  useOwnToolCache,
} from '../../../src/adapters/commands/tools.ts';
import type { Clock } from '../../../src/clock.ts';
import { TOOLS } from '../../../src/cluster/pinned-versions.ts';
import { CommandError, StageError } from '../../../src/errors.ts';
import type { InstalledTool } from '../../../src/state.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { instantClock } from '../../fakes/github/instant-clock.ts';
import { isRunning, until } from '../../fakes/processes.ts';
import { type RecordingRunner, recordingRunner } from '../../fakes/runner.ts';

const TOOL = "#!/bin/sh\necho 'kind v1.2.3 go1.24 linux/amd64'\n";
const NOTHING = { command: 'kind version', exitCode: null, durationMs: 0, stdout: '', stderr: '' };
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const folder = temporaryFolders();
const before = { ...process.env };
let cache: string;
let temporary: string;
let server: Server | undefined;
let runner: RecordingRunner;
let requests: number;

beforeEach(() => {
  const home = folder();
  cache = join(home, 'cache');
  temporary = join(home, 'temp');
  mkdirSync(temporary);
  process.env = { ...before, RUNNER_TOOL_CACHE: cache, RUNNER_TEMP: temporary };
  // @actions/tool-cache writes debug commands for a runner.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  runner = recordingRunner();
  requests = 0;
});

afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    requests += 1;
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/kind-linux-amd64`;
}

const request = (url: string, changes: Partial<ToolRequest> = {}): ToolRequest => ({
  name: 'kind',
  version: 'v1.2.3',
  url,
  sha256: sumOf(TOOL),
  checked: 'download',
  versionArgs: ['version'],
  ...changes,
});

/** Pauses are over at once; the deadline of a download is as long as ever. */
const clockOfPauses: Clock = {
  ...systemClock,
  sleep: (ms, signal) => (ms === 300_000 ? systemClock.sleep(ms, signal) : Promise.resolve()),
};

function contextOf(changes: Partial<InstallContext> = {}): InstallContext {
  const signal = changes.signal ?? new AbortController().signal;
  return { runner, clock: clockOfPauses, signal, shell: openShell({ signal }), folder: temporary, ...changes };
}

const install = (given: ToolRequest): Promise<InstalledTool> => installTool(given, contextOf());
const cached = (): string => join(cache, 'kind', '1.2.3', arch(), 'kind');

function putIntoCache(text: string): void {
  mkdirSync(join(cached(), '..'), { recursive: true });
  writeFileSync(cached(), text, { mode: 0o755 });
  writeFileSync(`${join(cached(), '..')}.complete`, '');
}

describe('a download', () => {
  test('of the pinned content is kept in the cache, executable, and nowhere else', async () => {
    const url = await serve((_, response) => response.end(TOOL));
    expect(await install(request(url))).toEqual({ version: 'v1.2.3', path: cached(), sha256: sumOf(TOOL) });
    expect(readFileSync(cached(), 'utf8')).toBe(TOOL);
    expect(statSync(cached()).mode & 0o111).toBe(0o111);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('that fails twice is tried again', async () => {
    const url = await serve((_, response) =>
      requests <= 2 ? response.writeHead(502).end('bad gateway') : response.end(TOOL),
    );
    expect(await install(request(url))).toMatchObject({ path: cached() });
    expect(requests).toBe(3);
    expect(runner.log.slice(0, 2)).toEqual([
      'info: kind v1.2.3: Unexpected HTTP response: 502; retrying in 2 s',
      'info: kind v1.2.3: Unexpected HTTP response: 502; retrying in 4 s',
    ]);
  });

  test('of what does not exist is tried once', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('not found'));
    await expect(install(request(url))).rejects.toMatchObject({
      code: 'download-failed',
      message: `kind v1.2.3 could not be downloaded from ${url}: Unexpected HTTP response: 404`,
      tryThis: `curl --fail --location --head ${url}`,
    });
    expect(requests).toBe(1);
  });

  test('that never ends is given up after its deadline', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200);
      response.write('x');
    });
    await expect(installTool(request(url), contextOf({ clock: instantClock() }))).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringContaining('no result after 300 s'),
    });
  });

  test('is waited for no longer when the run is cancelled', async () => {
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200);
      response.write('x');
      controller.abort(new Error('stop'));
    });
    await expect(installTool(request(url), contextOf({ signal: controller.signal }))).rejects.toThrow(/^stop$/);
  });

  const wrong = [
    { name: 'a page of HTML with status 200', body: '<html>Sign in</html>' },
    { name: 'an empty answer', body: '' },
    { name: 'a body cut at its end, without a length', body: TOOL.slice(0, -1) },
    { name: 'one changed byte', body: TOOL.replace('v1', 'v2') },
  ];
  test.each(wrong)('of $name is refused before it is run, and removed', async ({ body }) => {
    const url = await serve((_, response) => response.end(body));
    await expect(install(request(url))).rejects.toMatchObject({
      code: 'checksum-mismatch',
      message: `kind v1.2.3 from ${url} has the checksum ${sumOf(body)}, but ${sumOf(TOOL)} is pinned. It was removed and not run.`,
    });
    expect(existsSync(cached())).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('the tool cache', () => {
  test('is used when it has the pinned content', async () => {
    putIntoCache(TOOL);
    expect(await install(request('http://127.0.0.1:1/never-asked'))).toMatchObject({ path: cached() });
    expect(runner.log).toEqual([expect.stringContaining('from the tool cache')]);
  });

  test('that was tampered with is emptied, and the tool downloaded again', async () => {
    putIntoCache('#!/bin/sh\necho kind v1.2.3; touch /tmp/never\n');
    const url = await serve((_, response) => response.end(TOOL));
    expect(await install(request(url))).toMatchObject({ path: cached() });
    expect(readFileSync(cached(), 'utf8')).toBe(TOOL);
    expect(runner.log[0]).toMatch(
      /^warning: kind v1\.2\.3 in the tool cache has the checksum .{17}, not .{17}: it is removed/,
    );
  });

  test('that lacks the file is filled', async () => {
    mkdirSync(join(cached(), '..'), { recursive: true });
    writeFileSync(`${join(cached(), '..')}.complete`, '');
    const url = await serve((_, response) => response.end(TOOL));
    expect(await install(request(url))).toMatchObject({ path: cached() });
  });

  test('that another job has filled meanwhile is left as it is', async () => {
    const url = await serve((_, response) => {
      putIntoCache(TOOL);
      response.end(TOOL);
    });
    const tool = await install(request(url));
    expect(tool.path).toBe(cached());
    expect(readdirSync(join(cached(), '..', '..')).sort()).toEqual([arch(), `${arch()}.complete`]);
  });

  test('that can’t be written is a warning only', async () => {
    const url = await serve((_, response) => response.end(TOOL));
    mkdirSync(join(cache, '..'), { recursive: true });
    writeFileSync(cache, 'a file where the folder should be');
    const { path } = await install(request(url));
    expect(readFileSync(path, 'utf8')).toBe(TOOL);
    expect(runner.log).toEqual([
      expect.stringMatching(/^warning: kind v1\.2\.3 could not be kept in the tool cache: /),
    ]);
  });

  test('of a laptop is in the home of its user', () => {
    const env: NodeJS.ProcessEnv = { XDG_CACHE_HOME: '/home/me/.cache' };
    useOwnToolCache(env);
    expect(env['RUNNER_TOOL_CACHE']).toBe('/home/me/.cache/k8s-loadtest-ci/tools');
    expect(env['RUNNER_TEMP']).toBeDefined();
  });

  test('of a runner stays where it is', () => {
    const env: NodeJS.ProcessEnv = { RUNNER_TOOL_CACHE: '/opt/cache', RUNNER_TEMP: '/tmp/runner' };
    useOwnToolCache(env);
    expect(env).toEqual({ RUNNER_TOOL_CACHE: '/opt/cache', RUNNER_TEMP: '/tmp/runner' });
  });
});

describe('a tool in an archive', () => {
  const K6 = "#!/bin/sh\necho 'k6 v1.2.3 (go1.26, linux/amd64)'\n";
  const MEMBER = 'k6-v1.2.3-linux-amd64/k6';
  const kept = (file: string): string => join(cache, 'k6', '1.2.3', arch(), file);

  function pack(format: 'tar.gz' | 'zip', member: string, text: string): Buffer {
    const home = folder();
    mkdirSync(join(home, member, '..'), { recursive: true });
    writeFileSync(join(home, member), text);
    const file = join(home, `packed.${format}`);
    if (format === 'zip') execFileSync('zip', ['-q', '-r', file, '.'], { cwd: home });
    else execFileSync('tar', ['-czf', file, '-C', home, member.split('/')[0] ?? '']);
    return readFileSync(file);
  }

  const sumOfBytes = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const packed = (
    url: string,
    sha256: string,
    checked: ToolRequest['checked'],
    format: 'tar.gz' | 'zip' = 'tar.gz',
  ): ToolRequest => ({
    name: 'k6',
    version: 'v1.2.3',
    url,
    sha256,
    archive: { format, member: MEMBER },
    checked,
    versionArgs: ['version'],
  });

  const formats = hasZip() ? (['tar.gz', 'zip'] as const) : (['tar.gz'] as const);
  test.each(formats)('of the form %s is checked, kept, and unpacked again on every find', async (format) => {
    const archive = pack(format, MEMBER, K6);
    const url = await serve((_, response) => response.end(archive));
    const tool = { version: 'v1.2.3', path: kept('k6'), sha256: sumOf(K6) };
    expect(await install(packed(url, sumOfBytes(archive), 'download', format))).toEqual(tool);
    expect(readdirSync(kept('.')).sort()).toEqual(['k6', `k6.${format}`]);
    // Whatever was done to the binary since, it is not run.
    writeFileSync(kept('k6'), '#!/bin/sh\ntouch /tmp/never\n');
    expect(await install(packed('http://127.0.0.1:1/never-asked', sumOfBytes(archive), 'download', format))).toEqual(
      tool,
    );
    expect(readFileSync(kept('k6'), 'utf8')).toBe(K6);
    expect(statSync(kept('k6')).mode & 0o111).toBe(0o111);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('that was tampered with in the cache is downloaded again', async () => {
    const archive = pack('tar.gz', MEMBER, K6);
    const url = await serve((_, response) => response.end(archive));
    await install(packed(url, sumOfBytes(archive), 'download'));
    writeFileSync(kept('k6.tar.gz'), pack('tar.gz', MEMBER, '#!/bin/sh\ntouch /tmp/never; echo k6 v1.2.3\n'));
    expect(await install(packed(url, sumOfBytes(archive), 'download'))).toMatchObject({ sha256: sumOf(K6) });
    expect(requests).toBe(2);
    expect(runner.log.join('\n')).toContain('it is removed and downloaded again');
  });

  test('is kept as a binary when the checksum is that of the binary', async () => {
    const archive = pack('tar.gz', MEMBER, K6);
    const url = await serve((_, response) => response.end(archive));
    expect(await install(packed(url, sumOf(K6), 'binary'))).toEqual({
      version: 'v1.2.3',
      path: kept('k6'),
      sha256: sumOf(K6),
    });
    expect(readdirSync(kept('.'))).toEqual(['k6']);
    expect(readdirSync(temporary)).toEqual([]);
    expect(await install(packed('http://127.0.0.1:1/never-asked', sumOf(K6), 'binary'))).toMatchObject({
      path: kept('k6'),
    });
  });

  test.each(['download', 'binary'] as const)(
    'that is not the pinned one is refused by the checksum of its %s, and removed',
    async (checked) => {
      const archive = pack('tar.gz', MEMBER, '#!/bin/sh\ntouch /tmp/never\n');
      const url = await serve((_, response) => response.end(archive));
      await expect(install(packed(url, sumOf(K6), checked))).rejects.toMatchObject({
        code: 'checksum-mismatch',
        message: expect.stringContaining(sumOf(K6)),
      });
      expect(existsSync(kept('k6'))).toBe(false);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  const broken = [
    { name: 'holds no such file', archive: () => pack('tar.gz', 'elsewhere/k6', K6) },
    { name: 'has a folder in its place', archive: () => pack('tar.gz', `${MEMBER}/deeper`, K6) },
    { name: 'leads out of itself by a link', archive: packLink },
    { name: 'has a link in its place', archive: () => tar({ name: MEMBER, type: '2', to: '/bin/sh' }) },
    { name: 'has a hard link in its place', archive: () => tar({ name: MEMBER, type: '1', to: '/bin/sh' }) },
    {
      name: 'has a hard link to a second name',
      archive: () => tar({ name: 'other', type: '0' }, { name: MEMBER, type: '1', to: 'other' }),
    },
    { name: 'has it above its folder', archive: () => tar({ name: `../${MEMBER}`, type: '0' }) },
    { name: 'has it at an absolute path', archive: () => tar({ name: `/${MEMBER}`, type: '0' }) },
    {
      name: 'has a link for its folder, and the file behind it',
      archive: () =>
        tar({ name: 'k6-v1.2.3-linux-amd64', type: '2', to: elsewhere() }, { name: `${MEMBER}/../k7`, type: '0' }),
    },
    { name: 'is a page of HTML', archive: () => Buffer.from('<html>Sign in</html>') },
  ];
  test.each(broken)('that $name can’t be unpacked', async ({ archive }) => {
    const bytes = archive();
    const url = await serve((_, response) => response.end(bytes));
    for (const request of [packed(url, sumOfBytes(bytes), 'download'), packed(url, sumOf(K6), 'binary')]) {
      await expect(install(request)).rejects.toMatchObject({
        code: 'download-failed',
        message: expect.stringContaining(`k6 v1.2.3 could not be unpacked from ${url}`),
      });
    }
    expect(existsSync(kept('k6'))).toBe(false);
  });

  test('writes nothing outside of its place, whatever its other files are called', async () => {
    const outside = elsewhere();
    const archive = tar(
      { name: `../../../../../../../..${outside}/a`, type: '0' },
      { name: `${outside}/b`, type: '0' },
      { name: 'link', type: '2', to: outside },
      { name: 'link/c', type: '0' },
      { name: MEMBER, type: '0' },
    );
    const url = await serve((_, response) => response.end(archive));
    expect(await install(packed(url, sumOfBytes(archive), 'download'))).toMatchObject({ sha256: sumOf(K6) });
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(kept('.')).sort()).toEqual(['k6', 'k6.tar.gz']);
  });

  const elsewhere = (): string => folder();

  /** An archive written by hand, so that it can be a hostile one: files (type 0) with the content of k6, and links. */
  function tar(...entries: { name: string; type: '0' | '1' | '2'; to?: string }[]): Buffer {
    const blocks = entries.flatMap(({ name, type, to = '' }) => {
      const content = type === '0' ? Buffer.from(K6) : Buffer.alloc(0);
      const header = Buffer.alloc(512);
      header.write(name, 0, 100);
      header.write(['0000755', '0000000', '0000000', ''].join('\0'), 100);
      header.write([content.length.toString(8).padStart(11, '0'), '0'.repeat(11), `        ${type}`].join('\0'), 124);
      header.write(to, 157, 100);
      header.write(['ustar', '00'].join('\0'), 257);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write([sum.toString(8).padStart(6, '0'), ' '].join('\0'), 148);
      return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    });
    return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
  }

  /** The folder in the archive is a link to one of this machine that has such a file. */
  function packLink(): Buffer {
    const [home, elsewhere] = [folder(), folder()];
    writeFileSync(join(elsewhere, 'k6'), K6);
    symlinkSync(elsewhere, join(home, 'k6-v1.2.3-linux-amd64'));
    execFileSync('tar', ['-czf', join(home, 'packed.tar.gz'), '-C', home, 'k6-v1.2.3-linux-amd64']);
    return readFileSync(join(home, 'packed.tar.gz'));
  }

  function hasZip(): boolean {
    try {
      execFileSync('sh', ['-c', 'command -v zip && command -v unzip']);
      return true;
    } catch {
      return false;
    }
  }
});

describe('the version that a tool says it is', () => {
  const table = [
    { name: 'another one', name2: 'kind' as const, script: 'echo kind v9.9.9 go1.24', said: 'v9.9.9' },
    { name: 'none at all', name2: 'kind' as const, script: 'echo oops >&2; exit 1', said: '"oops\\n"' },
    {
      name: 'another one of kubectl',
      name2: 'kubectl' as const,
      script: 'echo \'{"clientVersion":{"gitVersion":"v1.0.0"}}\'',
      said: 'v1.0.0',
    },
  ];
  test.each(table)('is wrong when it is $name', async ({ name2: name, script, said }) => {
    const text = `#!/bin/sh\n${script}\n`;
    const url = await serve((_, response) => response.end(text));
    await expect(install(request(url, { name, sha256: sumOf(text) }))).rejects.toMatchObject({
      code: 'tool-version-mismatch',
      message: `${name} should be v1.2.3 but reports ${said}.`,
      hint: expect.stringContaining(`${name}-sha256`),
    });
  });

  test('is not made up when it was killed before it said anything', async () => {
    const text = '#!/bin/sh\nkill -9 $$\n';
    const url = await serve((_, response) => response.end(text));
    await expect(install(request(url, { sha256: sumOf(text) }))).rejects.toMatchObject({
      code: 'tool-version-mismatch',
      message: expect.stringMatching(/^kind should be v1\.2\.3 but does not report its version: .* ended by SIGKILL/),
    });
  });

  test('of kubectl is read from its JSON', async () => {
    const text =
      '#!/bin/sh\n[ "$*" = "version --client --output=json" ] && echo \'{ "clientVersion": { "gitVersion": "v1.2.3" } }\'\n';
    const url = await serve((_, response) => response.end(text));
    expect(
      await install(request(url, { name: 'kubectl', sha256: sumOf(text), versionArgs: TOOLS.kubectl.versionArgs })),
    ).toMatchObject({ version: 'v1.2.3' });
  });
});

describe('a Helm that was built from its module says only its minor version', () => {
  const script = (said: string): string => `#!/bin/sh\necho ${said}\n`;
  const installSaying = async (said: string, checked: 'binary' | 'download'): Promise<unknown> => {
    const text = script(said);
    const url = await serve((_, response) => response.end(text));
    return await install(request(url, { name: 'helm', sha256: sumOf(text), checked }));
  };

  test('which is enough for a build of one’s own', async () => {
    await expect(installSaying('v1.2', 'binary')).resolves.toMatchObject({ version: 'v1.2.3' });
  });

  test.each([
    ['v1.3', 'binary'],
    ['v1.2', 'download'],
  ] as const)('%s of a %s is not', async (said, checked) => {
    await expect(installSaying(said, checked)).rejects.toMatchObject({ code: 'tool-version-mismatch' });
  });
});

describe('a tool that does not end when it is asked for its version', () => {
  test('is killed with its children when the run is cancelled', async () => {
    const hanging = `#!/bin/sh\n(sleep 1000 & echo $! >> "$PIDS"; wait) &\necho $! >> "$PIDS"; wait\n`;
    const url = await serve((_, response) => response.end(hanging));
    const file = join(folder(), 'pids');
    process.env['PIDS'] = file;
    const pids = (): number[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []);
    const cancel = new AbortController();
    const installing = installTool(request(url, { sha256: sumOf(hanging) }), contextOf({ signal: cancel.signal }));
    installing.catch(() => undefined);
    await until(() => pids().length === 2);
    cancel.abort(new StageError('cancelled', 'over'));
    await expect(installing).rejects.toMatchObject({ code: 'cancelled' });
    await until(() => !pids().some(isRunning));
  });

  test('is not waited for longer than its deadline', async () => {
    putIntoCache(TOOL);
    const deadlines: number[] = [];
    const shell: Shell = {
      run: (_, __, { deadlineMs }) => {
        deadlines.push(deadlineMs);
        return Promise.reject(new CommandError({ ...NOTHING, signal: 'SIGKILL' }, 'timeout'));
      },
    };
    await expect(installTool(request('http://127.0.0.1:1/never-asked'), contextOf({ shell }))).rejects.toMatchObject({
      code: 'tool-version-mismatch',
      message: expect.stringMatching(
        /^kind should be v1\.2\.3 but does not report its version: .* took longer than its deadline/,
      ),
    });
    expect(deadlines).toEqual([20_000]);
  });
});

test('a checksum is that of the whole file', async () => {
  const file = join(folder(), 'x');
  writeFileSync(file, 'x'.repeat(300_000));
  expect(await sha256OfFile(file)).toBe(sumOf('x'.repeat(300_000)));
  await expect(sha256OfFile(`${file}.none`)).rejects.toThrow(/ENOENT/);
});
