import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openCache, whyNoCache } from '../../../src/adapters/github/cache.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { type FakeCacheService, jobVariables, startCacheService } from '../../fakes/github/cache-service.ts';
import { instantClock } from '../../fakes/github/instant-clock.ts';

const folder = temporaryFolders();
const before = { ...process.env };
const printed: string[] = [];
let service: FakeCacheService;

beforeEach(async () => {
  service = await startCacheService();
  process.env = { ...before, ...jobVariables(service, folder()) };
  printed.length = 0;
  // The client of GitHub writes commands for the runner.
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await service.close();
});

const cache = (clock = systemClock) => openCache({ clock, signal: new AbortController().signal });
const warnings = (): string[] => printed.filter((line) => line.startsWith('::warning'));

async function write(content: string): Promise<string> {
  const file = cache().fileOf('node');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

test('what one run saves the next one gets, and nobody else does', async () => {
  const content = 'x'.repeat(300_000);
  const file = await write(content);
  expect(await cache().has('node', 'key-1')).toBe(false);
  expect(await cache().save('node', 'key-1')).toBe(true);
  await rm(file);
  expect(await cache().has('node', 'key-1')).toBe(true);
  expect(await cache().restore('node', 'key-2')).toBe(false);
  expect(await cache().restore('workloads', 'key-1')).toBe(false);
  expect(await cache().restore('node', 'key-1')).toBe(true);
  expect(await readFile(file, 'utf8')).toBe(content);
  expect(warnings()).toEqual([]);
});

describe('what goes wrong is a warning and no error:', () => {
  test('a run that may only read', async () => {
    await write('x');
    service.fault = 'read-only';
    expect(await cache().save('node', 'key-1')).toBe(false);
    expect([warnings(), service.entries.size]).toEqual([[expect.stringContaining('cache write denied')], 0]);
  });

  test('a key that another job has just saved', async () => {
    await write('x');
    expect(await cache().save('node', 'key-1')).toBe(true);
    expect(await cache().save('node', 'key-1')).toBe(false);
  });

  test('a service that refuses', async () => {
    service.fault = 'refuse';
    expect(await cache().restore('node', 'key-1')).toBe(false);
    expect(warnings()).toEqual([expect.stringContaining('Failed to restore')]);
  });

  test('a download that breaks off', async () => {
    await write('x'.repeat(300_000));
    await cache().save('node', 'key-1');
    service.fault = 'cut-off';
    expect(await cache().restore('node', 'key-1')).toBe(false);
    expect(warnings()).toEqual([expect.stringContaining('Failed to restore')]);
  });
});

test('a service that does not answer is not waited for without end', async () => {
  service.fault = 'no-answer';
  await expect(cache(instantClock()).restore('node', 'key-1')).rejects.toThrow('no result after 300 s');
});

test('without a runner there is none, which is a sentence', () => {
  expect(whyNoCache()).toBeNull();
  expect(whyNoCache({})).toMatch(/^Input cache-images is ignored/);
});
