import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importScenario } from '../../src/command-line/import-scenario.ts';
import { parseScenario } from '../../src/load/requests/scenario.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const LOG = ['GET /?token=abc', 'GET /a', 'POST /b'].map((line) => `- - - [d] "${line} HTTP/1.1" 200 1`).join('\n');

function run(kind: string, text: string, name = 'source'): string[] {
  const told: string[] = [];
  const file = join(folder, name);
  writeFileSync(file, text);
  importScenario(kind, file, join(folder, 'scenario.yaml'), (line) => told.push(line));
  return told;
}

test('a scenario is written, with what could not be taken', () => {
  const told = run('access-log', LOG);
  const text = readFileSync(join(folder, 'scenario.yaml'), 'utf8');
  expect(parseScenario(text)).toMatchObject({ faults: [], targets: [{ path: '/?token=REDACTED' }, { path: '/a' }] });
  expect(told).toEqual([
    expect.stringMatching(/scenario\.yaml: 2 requests$/),
    'Not taken: POST requests, because a log does not have their bodies',
    expect.stringContaining('REDACTED replaces'),
    expect.stringContaining('--scenario'),
  ]);
  expect(text).toContain('# Not taken: POST requests');
});

test('what is there is not overwritten', () => {
  writeFileSync(join(folder, 'scenario.yaml'), 'mine');
  expect(() => run('access-log', LOG)).toThrow('is there already');
  expect(readFileSync(join(folder, 'scenario.yaml'), 'utf8')).toBe('mine');
});

test.each([
  ['curl', LOG, 'Unknown import format: "curl"'],
  ['har', LOG, "can't be read as har: it is not JSON"],
  ['access-log', '- - - [d] "POST /b HTTP/1.1" 200 1', 'has nothing that can become a request'],
])('%s is refused when it can’t be done', (kind, text, message) => {
  expect(() => run(kind, text)).toThrow(message);
});
