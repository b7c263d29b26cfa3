import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { withDeadline } from '../deadline.ts';
import { makeFolder } from '../files.ts';

const TIMEOUT_MS = 300_000;
/**
 * @actions/cache itself gives up on part of a download after this time; the whole must end before the caller's
 * deadline.
 */
const SEGMENT_TIMEOUT_MS = 120_000;

interface CacheOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The runner's cache, where an entry is one file. */
export interface RunnerCache {
  /** Where the file of an entry is. It is part of the key of an entry, so it must always be the same. */
  fileOf(name: string): string;
  has(name: string, key: string): Promise<boolean>;
  /** @returns whether the file is there now. Problems are warnings of the library, and no file. */
  restore(name: string, key: string): Promise<boolean>;
  save(name: string, key: string): Promise<boolean>;
}

/** Why a runner's cache can't be used here, as a sentence; null when it can. */
export function whyNoCache(env: NodeJS.ProcessEnv = process.env): string | null {
  if (!env['ACTIONS_RUNTIME_TOKEN'] || !(env['ACTIONS_RESULTS_URL'] ?? env['ACTIONS_CACHE_URL'])) {
    return 'Input cache-images is ignored: it needs the cache of a GitHub runner. This machine keeps the node image in its Docker engine.';
  }
  return null;
}

/** The folder of its files, which are there only while they are used. */
export const cacheFolder = (): string => join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'k8s-loadtest-ci-images');

export function openCache({ clock, signal }: CacheOptions): RunnerCache {
  const fileOf = (name: string): string => join(cacheFolder(), `${name}.tar`);
  const within = async <T>(work: Promise<T>): Promise<T> => await withDeadline(work, TIMEOUT_MS, { clock, signal });
  return {
    fileOf,
    has: async (name, key) => {
      const { restoreCache } = await import('@actions/cache');
      return (await within(restoreCache([fileOf(name)], key, [], { lookupOnly: true }))) === key;
    },
    restore: async (name, key) => {
      const { restoreCache } = await import('@actions/cache');
      const file = fileOf(name);
      makeFolder(dirname(file));
      rmSync(file, { force: true });
      return (await within(restoreCache([file], key, [], { segmentTimeoutInMs: SEGMENT_TIMEOUT_MS }))) === key;
    },
    save: async (name, key) => {
      const { saveCache } = await import('@actions/cache');
      return (await within(saveCache([fileOf(name)], key))) !== -1;
    },
  };
}

/** The cache problem, for a warning. */
export const cacheProblem = (error: unknown): string => messageOf(error).split('\n')[0] ?? '';
