import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, existsSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getExecOutput } from '@actions/exec';
import * as toolCache from '@actions/tool-cache';
import type { ToolName } from '../cluster/pinned-versions.ts';
import { StageError } from '../errors.ts';
import type { InstalledTool } from '../state.ts';
import type { Clock } from './clock.ts';
import type { Runner } from './runner.ts';

export interface ToolRequest {
  readonly name: ToolName;
  readonly version: string;
  readonly url: string;
  /** The only content that is accepted, whether it was downloaded or found in the cache. */
  readonly sha256: string;
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
const PROBE_DEADLINE_MS = 20_000;

/**
 * Finds a tool in the runner's tool cache or downloads it. @actions/tool-cache checks nothing, so
 * the checksum is taken of what will be run: after each download and on each find.
 *
 * @throws StageError `checksum-mismatch`, `download-failed` or `tool-version-mismatch`.
 */
export async function installTool(request: ToolRequest, context: InstallContext): Promise<InstalledTool> {
  const path = (await findTool(request, context.runner)) ?? (await downloadTool(request, context));
  await checkVersion(request, path, context);
  return { version: request.version, path, sha256: request.sha256 };
}

async function findTool({ name, version, sha256 }: ToolRequest, runner: Runner): Promise<string | undefined> {
  const folder = toolCache.find(name, version);
  if (folder === '') return undefined;
  const path = join(folder, name);
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

async function downloadTool({ name, version, url, sha256 }: ToolRequest, { runner, clock, signal }: InstallContext): Promise<string> {
  signal.throwIfAborted();
  const part = await withDeadline(toolCache.downloadTool(url), DOWNLOAD_DEADLINE_MS, { clock, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new StageError('download-failed', `${name} ${version} could not be downloaded from ${url}: ${messageOf(error)}`, {
      hint: 'The network or a proxy is in the way, the site is down, or there is no such version.',
      tryThis: `curl --fail --location --head ${url}`,
      cause: error,
    });
  });
  const found = await sha256OfFile(part);
  if (found !== sha256) {
    rmSync(part, { force: true });
    throw new StageError(
      'checksum-mismatch',
      `${name} ${version} from ${url} has the checksum ${found}, but ${sha256} is pinned. It was removed and not run.`,
      {
        hint: 'The download was cut or changed on its way. If you ask for a build of your own, give its checksum as an input.',
        tryThis: `curl --fail --location ${url} | sha256sum`,
      },
    );
  }
  chmodSync(part, 0o755);
  try {
    const folder = await toolCache.cacheFile(part, name, name, version);
    chmodSync(join(folder, name), 0o755);
    // The cache has a copy of it.
    rmSync(part, { force: true });
    runner.info(`${name} ${version}: downloaded, checksum ${short(sha256)} as pinned`);
    return join(folder, name);
  } catch (error) {
    runner.warning(`${name} ${version} could not be kept in the tool cache: ${messageOf(error)}`);
    return part;
  }
}

/** The binary itself has the last word: an input may name one version and give the checksum of another. */
async function checkVersion({ name, version }: ToolRequest, path: string, { clock, signal }: InstallContext): Promise<void> {
  const args = name === 'kind' ? ['version'] : ['version', '--client', '--output=json'];
  const options = { silent: true, ignoreReturnCode: true };
  const { stdout, stderr } = await withDeadline(getExecOutput(`"${path}"`, args, options), PROBE_DEADLINE_MS, { clock, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new StageError('tool-version-mismatch', `${name} should be ${version} but does not say what it is: ${messageOf(error)}`, { cause: error });
  });
  const said = (name === 'kind' ? /\bv\d+\.\d+\.\d+\S*/ : /(?<="gitVersion":\s*")[^"]+/).exec(stdout)?.[0];
  if (said === version) return;
  throw new StageError(
    'tool-version-mismatch',
    `${name} should be ${version} but says that it is ${said ?? JSON.stringify(`${stdout}${stderr}`.slice(0, 200))}.`,
    { hint: `The checksum in ${name}-sha256 belongs to another version than ${name}-version.`, tryThis: `${path} ${args.join(' ')}` },
  );
}

/** Waits no longer for a promise than a deadline and the run allow; itself it has no way to be stopped. */
async function withDeadline<T>(work: Promise<T>, deadlineMs: number, { clock, signal }: Pick<InstallContext, 'clock' | 'signal'>): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(deadlineMs, AbortSignal.any([done.signal, signal])).then(
    () => Promise.reject(new Error(`no end after ${String(deadlineMs / 1000)} s`)),
    () => {
      signal.throwIfAborted();
      return work;
    },
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

/** The SHA-256 of a file in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const short = (sha256: string): string => `${sha256.slice(0, 16)}…`;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
