import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { githubRunner, hideDebugCommands, savedState, terminalRunner } from '../../src/adapters/runner.ts';
import { SUMMARY_LIMITS, withinSummaryLimit } from '../../src/report/markdown/marker.ts';
import { temporaryFolders } from '../fakes/folder.ts';

const folder = temporaryFolders();
const before = { ...process.env };
let printed: string;
let files: string;

beforeEach(() => {
  printed = '';
  files = folder();
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  for (const name of ['OUTPUT', 'STATE', 'STEP_SUMMARY']) writeFileSync(join(files, name), '');
  process.env = {
    ...before,
    GITHUB_OUTPUT: join(files, 'OUTPUT'),
    GITHUB_STATE: join(files, 'STATE'),
    GITHUB_STEP_SUMMARY: join(files, 'STEP_SUMMARY'),
  };
});

afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
});

/** Lines that the runner would take for a command. */
const commands = (): string[] => printed.split('\n').filter((line) => /^\s*::/.test(line) || line.includes('##['));

describe('on a runner', () => {
  test('a text can’t be a command', () => {
    githubRunner.info('a\n::error::x\r::stop-commands::y\n##[warning]z');
    expect(commands()).toEqual([]);
    expect(printed).toContain('|::error::x');
  });

  test('a warning, a notice and the error are one command each, whatever their text', () => {
    githubRunner.warning('a\n::error::x');
    githubRunner.notice('b\n##[error]x');
    githubRunner.error('crash-loop in deploy', 'c\n::add-mask::x');
    expect(commands().map((line) => line.replace(/^::(\w+).*/, '$1'))).toEqual(['warning', 'notice', 'error']);
    expect(commands()[2]).toBe('::error title=crash-loop in deploy::c%0A|::add-mask::x');
  });

  test('a stage is a group, also when it fails', async () => {
    await expect(githubRunner.group('deploy', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(printed).toBe('::group::deploy\n::endgroup::\n');
  });

  test('outputs and state of several lines reach their files whole', () => {
    githubRunner.output('result', '{\n"a": 1\n}');
    githubRunner.saveState('cluster-name', 'lt-1');
    expect(readFileSync(join(files, 'OUTPUT'), 'utf8')).toMatch(/^result<<(ghadelimiter_\S+)\n\{\n"a": 1\n\}\n\1\n$/);
    expect(readFileSync(join(files, 'STATE'), 'utf8')).toMatch(/^cluster-name<<(\S+)\nlt-1\n\1\n$/);
    expect(printed).toBe('');
  });

  test('a secret is masked', () => {
    githubRunner.secret('ghs_planted');
    expect(printed).toBe('::add-mask::ghs_planted\n');
  });

  test('state of the main step is read by the post step', () => {
    process.env['STATE_cluster-name'] = 'lt-1';
    expect(savedState('cluster-name')).toBe('lt-1');
    expect(savedState('other')).toBe('');
  });
});

describe('the job summary', () => {
  const file = (): string => readFileSync(join(files, 'STEP_SUMMARY'), 'utf8');

  test('is added to what other steps wrote', () => {
    writeFileSync(join(files, 'STEP_SUMMARY'), 'before\n');
    githubRunner.summary((bytes) => `${String(bytes)} bytes\n`);
    expect(file()).toBe('before\n7 bytes\n');
  });

  test('never grows beyond what GitHub takes, for then it would drop all of it', () => {
    writeFileSync(join(files, 'STEP_SUMMARY'), 'x'.repeat(SUMMARY_LIMITS.bytes - 1000));
    const sections = ['first', 'é'.repeat(5000), 'last'];
    githubRunner.summary((bytes) => withinSummaryLimit(sections, null, bytes));
    expect(Buffer.byteLength(file())).toBeLessThanOrEqual(SUMMARY_LIMITS.bytes);
    expect(file()).toMatch(/first\n\nlast\n\n_Parts of this report are left out/);
  });

  test.each(['', undefined])('is not written where there is none (%p)', (value) => {
    if (value === undefined) Reflect.deleteProperty(process.env, 'GITHUB_STEP_SUMMARY');
    else process.env['GITHUB_STEP_SUMMARY'] = value;
    let rendered = 0;
    githubRunner.summary(() => {
      rendered += 1;
      return 'x';
    });
    expect([rendered, file()]).toEqual([0, '']);
  });
});

describe('at a terminal', () => {
  test('stages are headings, and text stays text', async () => {
    const lines: string[] = [];
    const runner = terminalRunner((line) => lines.push(line));
    await runner.group('deploy', () => {
      runner.info('\u001b[31mred\u001b[0m');
      runner.notice('n');
      runner.warning('w');
      runner.error('crash-loop', 'c');
      return Promise.resolve();
    });
    expect(lines).toEqual(['\n== deploy', 'red', 'n', 'warning: w', 'error: crash-loop\nc']);
  });

  test('outputs, state, secrets and summaries go nowhere', () => {
    const lines: string[] = [];
    const runner = terminalRunner((line) => lines.push(line));
    runner.output('a', 'b');
    runner.saveState('a', 'b');
    runner.secret('ghs_planted');
    runner.summary(() => 'x');
    expect([
      lines,
      printed,
      readFileSync(join(files, 'OUTPUT'), 'utf8'),
      readFileSync(join(files, 'STEP_SUMMARY'), 'utf8'),
    ]).toEqual([[], '', '', '']);
  });

  test('debug commands of libraries are not shown', async () => {
    const stream = new PassThrough();
    hideDebugCommands(stream as unknown as NodeJS.WriteStream);
    stream.write('::debug::noise\n');
    stream.write('line\n');
    stream.write(Buffer.from('::debug::as bytes\n'));
    stream.end();
    expect(await text(stream)).toBe('line\n::debug::as bytes\n');
  });
});
