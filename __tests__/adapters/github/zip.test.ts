import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readZipEntry } from '../../../src/adapters/github/zip.ts';
import { type ZipEntry, zipFile } from '../../fakes/github/zip-file.ts';

const read = async (entries: readonly ZipEntry[], maxBytes = 1000) =>
  (await readZipEntry(zipFile(entries), 'report.json', maxBytes))?.toString() ?? null;

describe('readZipEntry', () => {
  const table = [
    {
      name: 'the file',
      entries: [
        { name: 'a.txt', content: 'a' },
        { name: 'report.json', content: '{}' },
      ],
      exp: '{}',
    },
    {
      name: 'the first of two',
      entries: [
        { name: 'report.json', content: '1' },
        { name: 'report.json', content: '2' },
      ],
      exp: '1',
    },
    { name: 'an empty file', entries: [{ name: 'report.json', content: '' }], exp: '' },
    { name: 'nothing when there is no file', entries: [], exp: null },
    { name: 'nothing in a folder', entries: [{ name: 'x/report.json', content: '{}' }], exp: null },
    { name: 'nothing with other letters', entries: [{ name: 'REPORT.JSON', content: '{}' }], exp: null },
    {
      name: 'a file of exactly the limit',
      entries: [{ name: 'report.json', content: 'x'.repeat(1000) }],
      exp: 'x'.repeat(1000),
    },
  ];
  test.each(table)('gives $name', async ({ entries, exp }) => {
    expect(await read(entries)).toBe(exp);
  });

  const hostile = [
    { name: 'a file above the limit', entries: [{ name: 'report.json', content: 'x'.repeat(1001) }] },
    {
      name: 'a bomb that claims to be small',
      entries: [{ name: 'report.json', content: Buffer.alloc(50_000_000), claimedSize: 10 }],
    },
    { name: 'a file that claims to be larger', entries: [{ name: 'report.json', content: 'x', claimedSize: 500 }] },
    { name: 'a way out of the folder', entries: [{ name: '../report.json', content: '{}' }] },
    { name: 'an absolute path', entries: [{ name: '/report.json', content: '{}' }] },
  ];
  test.each(hostile)('refuses $name', async ({ entries }) => {
    await expect(read(entries)).rejects.toThrow();
  });

  test('a symbolic link is the text of where it leads, and is not followed', async () => {
    expect(await read([{ name: 'report.json', content: '/etc/passwd', mode: 0o120_777 }])).toBe('/etc/passwd');
    const behind = [
      { name: 'folder', content: '/etc', mode: 0o120_777 },
      { name: 'folder/report.json', content: '{}' },
    ];
    expect(await read(behind)).toBeNull();
  });

  test('refuses more files than any report has', async () => {
    const entries = Array.from({ length: 20_001 }, (_, index) => ({ name: String(index), content: '' }));
    await expect(read(entries)).rejects.toThrow('more than 20000 files');
  });

  test('ends with a value or an error for a damaged archive', async () => {
    const good = zipFile([
      { name: 'a', content: 'hello' },
      { name: 'report.json', content: '{"a":1}' },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }), async (changes) => {
        const damaged = Buffer.from(good);
        for (const [index, value] of changes) damaged[index] = value;
        const result = await readZipEntry(damaged, 'report.json', 1000).catch(() => null);
        expect(result === null || result.length <= 1000).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
