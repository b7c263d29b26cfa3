import * as toolCache from '@actions/tool-cache';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arch, homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../clock.ts';
import { printedCause } from '../../cluster/failure-texts.ts';
import type { ToolArchive, ToolName } from '../../cluster/pinned-versions.ts';
import { CommandError, type CommandResult, messageOf, StageError } from '../../errors.ts';
import type { InstalledTool } from '../../state.ts';
import { withDeadline } from '../deadline.ts';
import { makeFolder } from '../files.ts';
import type { Runner } from '../runner.ts';
import { download } from './download.ts';
import { quoteCommand, type Shell } from './shell.ts';

export interface ToolRequest {
  readonly name: ToolName;
  readonly version: string;
  readonly url: string;
  /** The only accepted content, whether downloaded or from the cache. */
  readonly sha256: string;
  /** How to unpack the binary; without it the download is the binary. */
  readonly archive?: ToolArchive | undefined;
  /**
   * What the checksum of an archive covers, and so what is cached: the downloaded archive, from which the binary is
   * unpacked after each check, or the binary.
   */
  readonly checked: 'download' | 'binary';
  /** The arguments that make the tool print its version. */
  readonly versionArgs: readonly string[];
}

export interface InstallContext {
  readonly runner: Runner;
  readonly shell: Shell;
  readonly clock: Clock;
  /** Stops all waiting when it is aborted. */
  readonly signal: AbortSignal;
  /** For what is downloaded. The tool stays here when the cache can't take it. */
  readonly folder: string;
}

/** On a laptop, no runner says where tools are kept. */
export function useOwnToolCache(env: NodeJS.ProcessEnv = process.env): void {
  env['RUNNER_TOOL_CACHE'] ??= join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'k8s-loadtest-ci', 'tools');
  env['RUNNER_TEMP'] ??= tmpdir();
}

const DOWNLOAD_DEADLINE_MS = 300_000;
const UNPACK_DEADLINE_MS = 60_000;
const PROBE_DEADLINE_MS = 20_000;

/**
 * Finds a tool in the runner's tool cache or downloads it. The checksum is computed over the file that will be run, or
 * the archive that it is unpacked from, after each download and each time it comes from the cache.
 *
 * @throws StageError `checksum-mismatch`, `download-failed`, `disk-full` or `tool-version-mismatch`.
 */
export async function installTool(request: ToolRequest, context: InstallContext): Promise<InstalledTool> {
  const kept = (await findTool(request, context.runner)) ?? (await downloadTool(request, context));
  const path = keepsArchive(request) ? await unpack(request, kept, join(dirname(kept), request.name), context) : kept;
  await checkVersion(request, path, context);
  return { version: request.version, path, sha256: keepsArchive(request) ? await sha256OfFile(path) : request.sha256 };
}

type ArchivedTool = ToolRequest & { readonly archive: ToolArchive };

const isArchived = (request: ToolRequest): request is ArchivedTool => request.archive !== undefined;
const keepsArchive = (request: ToolRequest): request is ArchivedTool =>
  isArchived(request) && request.checked === 'download';

/** The name of the cached file that the checksum covers. */
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
  const { name, version, sha256 } = request;
  const file = join(context.folder, name);
  const downloaded = await fetchTool(request, file, context);
  const part =
    isArchived(request) && !keepsArchive(request) ? await unpack(request, file, `${file}-binary`, context) : file;
  if (part !== file) rmSync(file);
  refuseOther(request, part, part === file ? downloaded : await sha256OfFile(part));
  chmodSync(part, 0o755);
  try {
    const path = await keepInCache(request, part);
    // The cache has a copy of it.
    rmSync(part, { force: true });
    context.runner.info(`${name} ${version}: downloaded, checksum ${short(sha256)} as pinned`);
    return path;
  } catch (error) {
    context.runner.warning(`${name} ${version} could not be kept in the tool cache: ${messageOf(error)}`);
    return part;
  }
}

/** @returns the checksum of what was downloaded. */
async function fetchTool(
  { name, version, url }: ToolRequest,
  file: string,
  { runner, clock, signal }: InstallContext,
): Promise<string> {
  signal.throwIfAborted();
  const over = new AbortController();
  const onRetry = (why: string): void => {
    runner.info(`${name} ${version}: ${why}`);
  };
  const fetched = download(url, file, { clock, signal: AbortSignal.any([signal, over.signal]), onRetry });
  try {
    return await withDeadline(fetched, DOWNLOAD_DEADLINE_MS, { clock, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (printedCause(messageOf(error)) === 'disk-full') throw noRoom({ name, version }, error);
    throw new StageError(
      'download-failed',
      `${name} ${version} could not be downloaded from ${url}: ${messageOf(error)}`,
      {
        hint: 'The network or a proxy blocks it, the site is down, or the version does not exist.',
        tryThis: `curl --fail --location --head ${url}`,
        cause: error,
      },
    );
  } finally {
    over.abort();
  }
}

/**
 * Puts a file where @actions/tool-cache finds it. That library first empties the folder, while another job on this
 * machine may be running what is in it. Here a whole folder is moved into place in one step, and the first one stays.
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
    renameSync(place, folder);
  } catch (error) {
    if (!existsSync(path) || (await sha256OfFile(path)) !== request.sha256) throw error;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  writeFileSync(`${folder}.complete`, '');
  return path;
}

/** @throws StageError `checksum-mismatch` when a file does not match its pin; the file is removed then. */
function refuseOther({ name, version, url, sha256, archive, checked }: ToolRequest, file: string, found: string): void {
  if (found === sha256) return;
  rmSync(file);
  throw new StageError(
    'checksum-mismatch',
    `${name} ${version} from ${url} has the checksum ${found}, but ${sha256} is pinned. It was removed and not run.`,
    {
      hint: 'The download was truncated or changed on the way. For your own build, give its checksum as an input.',
      tryThis:
        archive !== undefined && checked === 'binary'
          ? `curl --fail --location --remote-name ${url}`
          : `curl --fail --location ${url} | sha256sum`,
    },
  );
}

/**
 * Unpacks the binary of an archive in one step, because another job on this machine may be running the existing one.
 */
async function unpack(
  { name, version, url, archive: { format, member } }: ArchivedTool,
  file: string,
  path: string,
  { shell, signal }: InstallContext,
): Promise<string> {
  const place = mkdtempSync(join(dirname(path), 'unpack-'));
  try {
    const [command, args] =
      format === 'zip' ? ['unzip', ['-q', file, member, '-d', place]] : ['tar', ['-xzf', file, '-C', place, member]];
    await shell.run(command, args, { deadlineMs: UNPACK_DEADLINE_MS });
    const binary = join(place, member);
    // A link, symbolic or hard, could lead to a file of this machine.
    const found = lstatSync(binary);
    if (!found.isFile() || found.nlink > 1) throw new Error(`${member} is not a regular file`);
    chmodSync(binary, 0o755);
    renameSync(binary, path);
    return path;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StageError) throw error;
    if (printedCause(messageOf(error)) === 'disk-full') throw noRoom({ name, version }, error);
    throw new StageError(
      'download-failed',
      `${name} ${version} could not be unpacked from ${url}: ${messageOf(error)}`,
      {
        hint: 'The download is not an archive of this tool: the address is wrong, or something in between answered.',
        tryThis: `curl --fail --location --head ${url}`,
        cause: error,
      },
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const noRoom = ({ name, version }: Pick<ToolRequest, 'name' | 'version'>, cause: unknown): StageError =>
  new StageError('disk-full', `There is no disk space left for ${name} ${version}: ${messageOf(cause)}`, {
    hint: 'Free some space on the disk that has RUNNER_TEMP and RUNNER_TOOL_CACHE.',
    tryThis: 'df -h "$RUNNER_TEMP" "$RUNNER_TOOL_CACHE"',
    cause,
  });

/** The binary itself decides: an input may name one version and have the checksum of another. */
async function checkVersion(
  { name, version, versionArgs, checked }: ToolRequest,
  path: string,
  { shell, signal }: InstallContext,
): Promise<void> {
  const said = ({ stdout, stderr }: CommandResult): string => `${stdout}${stderr}`;
  const result = await shell.run(path, versionArgs, { deadlineMs: PROBE_DEADLINE_MS }).catch((error: unknown) => {
    signal.throwIfAborted();
    // A tool that exits with an error may still have printed its version, or the reason.
    if (error instanceof CommandError && error.reason === 'exit' && said(error.result) !== '') return error.result;
    if (error instanceof StageError) throw error;
    throw new StageError(
      'tool-version-mismatch',
      `${name} should be ${version} but does not report its version: ${messageOf(error)}`,
      { cause: error },
    );
  });
  const printed = /\bv\d+\.\d+\.\d+[^\s"]*/.exec(result.stdout)?.[0];
  if (printed === version) return;
  // A Helm built with `go install` knows only this much about its version.
  const minor = printed === undefined ? /\bv\d+\.\d+\b/.exec(result.stdout)?.[0] : undefined;
  if (minor !== undefined && checked === 'binary' && version.startsWith(`${minor}.`)) return;
  throw new StageError(
    'tool-version-mismatch',
    `${name} should be ${version} but reports ${printed ?? JSON.stringify(said(result).slice(0, 200))}.`,
    {
      hint: `The checksum in ${name}-sha256 does not belong to the version in ${name}-version.`,
      tryThis: quoteCommand(path, versionArgs),
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
