import { getExecOutput } from '@actions/exec';
import * as toolCache from '@actions/tool-cache';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  lstatSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { arch, homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../clock.ts';
import { printedCause } from '../../cluster/failure-texts.ts';
import type { ToolArchive, ToolName } from '../../cluster/pinned-versions.ts';
import { messageOf, StageError } from '../../errors.ts';
import type { InstalledTool } from '../../state.ts';
import { withDeadline } from '../deadline.ts';
import { makeFolder } from '../files.ts';
import type { Runner } from '../runner.ts';
import { commandEnvironment } from './environment.ts';
import { killTagged, TAG_VARIABLE } from './process-groups.ts';
import { quoteCommand } from './shell.ts';

export interface ToolRequest {
  readonly name: ToolName;
  readonly version: string;
  readonly url: string;
  /** The only content that is accepted, whether it was downloaded or found in the cache. */
  readonly sha256: string;
  /** What the binary has to be unpacked from; without it the download is the binary. */
  readonly archive?: CheckedArchive | undefined;
}

/**
 * An archive, and what the checksum is that of. The archive: it is kept in the cache, and the binary
 * unpacked from it each time after the check. The binary: it is kept itself.
 */
interface CheckedArchive extends ToolArchive {
  readonly checked: 'archive' | 'binary';
}

export interface InstallContext {
  readonly runner: Runner;
  readonly clock: Clock;
  /** Nothing is waited for any more when it is aborted. */
  readonly signal: AbortSignal;
}

/** On a laptop there is no runner that says where tools are kept. */
export function useOwnToolCache(env: NodeJS.ProcessEnv = process.env): void {
  env['RUNNER_TOOL_CACHE'] ??= join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'k8s-loadtest-ci', 'tools');
  env['RUNNER_TEMP'] ??= tmpdir();
}

const DOWNLOAD_DEADLINE_MS = 300_000;
/** @actions/tool-cache itself would wait three minutes for the next byte. */
const STALLED_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 5000;
const DOWNLOAD_ATTEMPTS = 3;
const UNPACK_DEADLINE_MS = 60_000;
const PROBE_DEADLINE_MS = 20_000;

/**
 * Finds a tool in the runner's tool cache or downloads it. @actions/tool-cache checks nothing, so
 * the checksum is taken of what will be run, or of the archive that it is unpacked from: after each
 * download and on each find.
 *
 * @throws StageError `checksum-mismatch`, `download-failed` or `tool-version-mismatch`.
 */
export async function installTool(request: ToolRequest, context: InstallContext): Promise<InstalledTool> {
  const kept = (await findTool(request, context.runner)) ?? (await downloadTool(request, context));
  const path = keepsArchive(request) ? await unpack(request, kept, join(dirname(kept), request.name), context) : kept;
  await checkVersion(request, path, context);
  return { version: request.version, path, sha256: keepsArchive(request) ? await sha256OfFile(path) : request.sha256 };
}

type ArchivedTool = ToolRequest & { readonly archive: CheckedArchive };

const keepsArchive = (request: ToolRequest): request is ArchivedTool => request.archive?.checked === 'archive';

/** The name of the file in the cache that the checksum is that of. */
const keptName = (request: ToolRequest): string =>
  keepsArchive(request) ? `${request.name}.${request.archive.format}` : request.name;

async function findTool(request: ToolRequest, runner: Runner): Promise<string | undefined> {
  const { name, version, sha256 } = request;
  const folder = toolCache.find(name, version);
  if (folder === '') return undefined;
  const path = join(folder, keptName(request));
  if (existsSync(path)) {
    const found = await sha256OfFile(path);
    if (found === sha256) {
      runner.info(`${name} ${version}: from the tool cache, checksum ${short(sha256)} as pinned`);
      return path;
    }
    runner.warning(
      `${name} ${version} in the tool cache has the checksum ${short(found)}, not ${short(sha256)}: it is removed and downloaded again.`,
    );
  }
  rmSync(`${folder}.complete`, { force: true });
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

async function downloadTool(request: ToolRequest, context: InstallContext): Promise<string> {
  const { name, version, url, sha256 } = request;
  const { runner, clock, signal } = context;
  signal.throwIfAborted();
  const over = new AbortController();
  const fetched = fetchFile(request, { ...context, signal: AbortSignal.any([signal, over.signal]) });
  const download = await withDeadline(fetched, DOWNLOAD_DEADLINE_MS, { clock, signal })
    .finally(() => {
      over.abort();
    })
    .catch((error: unknown) => {
      signal.throwIfAborted();
      if (printedCause(messageOf(error)) === 'disk-full') throw noRoom(request, error);
      throw new StageError(
        'download-failed',
        `${name} ${version} could not be downloaded from ${url}: ${messageOf(error)}`,
        {
          hint: 'The network or a proxy is in the way, the site is down, or there is no such version.',
          tryThis: `curl --fail --location --head ${url}`,
          cause: error,
        },
      );
    });
  const part = await checkedPart(request, download, context);
  chmodSync(part, 0o755);
  try {
    const path = await keepInCache(request, part);
    // The cache has a copy of it.
    rmSync(part, { force: true });
    runner.info(`${name} ${version}: downloaded, checksum ${short(sha256)} as pinned`);
    return path;
  } catch (error) {
    runner.warning(`${name} ${version} could not be kept in the tool cache: ${messageOf(error)}`);
    return part;
  }
}

/**
 * Puts a file where @actions/tool-cache finds it. Its own way empties the folder first, while another
 * job of this machine may be running what is in it: here a whole folder takes its place in one step,
 * and the first one stays.
 *
 * @returns its path in the cache.
 */
async function keepInCache(request: ToolRequest, part: string): Promise<string> {
  const root = process.env['RUNNER_TOOL_CACHE'] ?? '';
  if (root === '') throw new Error('RUNNER_TOOL_CACHE is not set');
  const folder = join(root, request.name, request.version.replace(/^v/, ''), arch());
  const path = join(folder, keptName(request));
  makeFolder(dirname(folder));
  const place = mkdtempSync(`${folder}-`);
  try {
    copyFileSync(part, join(place, keptName(request)));
    chmodSync(join(place, keptName(request)), 0o755);
    try {
      renameSync(place, folder);
    } catch (error) {
      if (!existsSync(path) || (await sha256OfFile(path)) !== request.sha256) throw error;
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  writeFileSync(`${folder}.complete`, '');
  return path;
}

/**
 * Downloads to a file of a new name in each attempt. When a download breaks off, @actions/tool-cache may
 * remove the file before it was made, and its next attempts, to the same name, then all fail; and a
 * download that stalls can only be left alone.
 */
async function fetchFile(
  { name, version, url }: ToolRequest,
  { runner, clock, signal }: InstallContext,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const file = join(process.env['RUNNER_TEMP'] ?? tmpdir(), randomUUID());
    try {
      return await unlessStalled(toolCache.downloadTool(url, file), file, { clock, signal });
    } catch (error) {
      rmSync(file, { force: true });
      signal.throwIfAborted();
      const again =
        error instanceof StalledDownload || /^Destination file path .* already exists$/.test(messageOf(error));
      if (!again || attempt === DOWNLOAD_ATTEMPTS) throw error;
      runner.info(`${name} ${version}: ${messageOf(error)}; it is asked for again`);
    }
  }
}

class StalledDownload extends Error {
  override readonly name = 'StalledDownload';
}

/** @throws StalledDownload when the file has not grown for a while. */
async function unlessStalled(
  download: Promise<string>,
  file: string,
  { clock, signal }: Pick<InstallContext, 'clock' | 'signal'>,
): Promise<string> {
  const done = new AbortController();
  const end = AbortSignal.any([done.signal, signal]);
  const watch = async (): Promise<never> => {
    let [size, since] = [0, clock.now()];
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, end);
      const now = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (now !== size) [size, since] = [now, clock.now()];
      if (clock.now() - since >= STALLED_AFTER_MS)
        throw new StalledDownload(`no byte has arrived for ${String(STALLED_AFTER_MS / 1000)} s`);
    }
  };
  try {
    return await Promise.race([download, watch()]);
  } finally {
    done.abort();
  }
}

/** The downloaded file that the checksum is that of, after it was found to be right; a wrong one is removed. */
async function checkedPart(request: ToolRequest, download: string, context: InstallContext): Promise<string> {
  const { name, version, url, sha256, archive } = request;
  const part =
    archive?.checked === 'binary'
      ? await unpack({ ...request, archive }, download, `${download}-binary`, context)
      : download;
  if (part !== download) rmSync(download, { force: true });
  const found = await sha256OfFile(part);
  if (found === sha256) return part;
  rmSync(part, { force: true });
  throw new StageError(
    'checksum-mismatch',
    `${name} ${version} from ${url} has the checksum ${found}, but ${sha256} is pinned. It was removed and not run.`,
    {
      hint: 'The download was cut or changed on its way. If you ask for a build of your own, give its checksum as an input.',
      tryThis:
        archive?.checked === 'binary'
          ? `curl --fail --location --remote-name ${url}`
          : `curl --fail --location ${url} | sha256sum`,
    },
  );
}

/** Unpacks the binary of an archive, in one step: another job on this machine may be running what is there. */
async function unpack(
  { name, version, url, archive }: ArchivedTool,
  file: string,
  path: string,
  { clock, signal }: InstallContext,
): Promise<string> {
  const place = mkdtempSync(join(dirname(path), 'unpack-'));
  try {
    const extract = archive.format === 'zip' ? toolCache.extractZip : toolCache.extractTar;
    const binary = join(
      await ofToolkit(() => extract(file, place), UNPACK_DEADLINE_MS, { clock, signal }),
      archive.member,
    );
    // A link in the archive could lead to a file of this machine.
    const linked = realpathSync(binary) !== join(realpathSync(place), archive.member);
    if (linked || !lstatSync(binary).isFile()) throw new Error(`${archive.member} is no file`);
    chmodSync(binary, 0o755);
    renameSync(binary, path);
    return path;
  } catch (error) {
    signal.throwIfAborted();
    if (printedCause(messageOf(error)) === 'disk-full') throw noRoom({ name, version }, error);
    throw new StageError(
      'download-failed',
      `${name} ${version} could not be unpacked from ${url}: ${messageOf(error)}`,
      {
        hint: 'What was downloaded is no archive of this tool: the address leads somewhere else, or something in between answered.',
        tryThis: `curl --fail --location --head ${url}`,
        cause: error,
      },
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const noRoom = ({ name, version }: Pick<ToolRequest, 'name' | 'version'>, cause: unknown): StageError =>
  new StageError('disk-full', `There is no room to keep ${name} ${version}: ${messageOf(cause)}`, {
    hint: 'Free some disk where RUNNER_TEMP and RUNNER_TOOL_CACHE are before this step.',
    tryThis: 'df -h "$RUNNER_TEMP" "$RUNNER_TOOL_CACHE"',
    cause,
  });

/** In the environment of whatever the toolkit starts here. */
const TOOLKIT_TAG = randomUUID();

/**
 * Waits for a command of the toolkit, which takes neither a deadline nor a process group for it. What is not waited for
 * any longer is killed, and the same of other tools with it: the run is over then.
 */
async function ofToolkit<T>(
  start: (env: Record<string, string>) => Promise<T>,
  deadlineMs: number,
  limits: Pick<InstallContext, 'clock' | 'signal'>,
): Promise<T> {
  // @actions/tool-cache gives what it starts the environment of this process.
  process.env[TAG_VARIABLE] = TOOLKIT_TAG;
  let isRunning = true;
  const work = start(commandEnvironment()).finally(() => {
    isRunning = false;
  });
  return await withDeadline(work, deadlineMs, limits).finally(() => {
    if (isRunning) killTagged(TOOLKIT_TAG);
  });
}

/** The binary itself has the last word: an input may name one version and give the checksum of another. */
async function checkVersion(
  { name, version }: ToolRequest,
  path: string,
  { clock, signal }: InstallContext,
): Promise<void> {
  const args = name === 'kubectl' ? ['version', '--client', '--output=json'] : ['version'];
  const options = { silent: true, ignoreReturnCode: true };
  const { stdout, stderr } = await ofToolkit(
    (env) => getExecOutput(`"${path}"`, args, { ...options, env }),
    PROBE_DEADLINE_MS,
    { clock, signal },
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new StageError(
      'tool-version-mismatch',
      `${name} should be ${version} but does not say what it is: ${messageOf(error)}`,
      { cause: error },
    );
  });
  const said = (name === 'kubectl' ? /(?<="gitVersion":\s*")[^"]+/ : /\bv\d+\.\d+\.\d+\S*/).exec(stdout)?.[0];
  if (said === version) return;
  throw new StageError(
    'tool-version-mismatch',
    `${name} should be ${version} but says that it is ${said ?? JSON.stringify(`${stdout}${stderr}`.slice(0, 200))}.`,
    {
      hint: `The checksum in ${name}-sha256 belongs to another version than ${name}-version.`,
      tryThis: quoteCommand(path, args),
    },
  );
}

/** The SHA-256 of a file in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const short = (sha256: string): string => `${sha256.slice(0, 16)}…`;
