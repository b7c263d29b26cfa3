import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CommandError,
  OUTCOMES,
  StageError,
  describeError,
  helpUrl,
  lastLines,
  messageOf,
  type CommandResult,
} from '../src/errors.ts';

const result = (changes: Partial<CommandResult> = {}): CommandResult => ({
  command: "kubectl apply --filename='my file'",
  exitCode: 3,
  signal: null,
  durationMs: 1234,
  stdout: '',
  stderr: '',
  ...changes,
});

describe('a failed command is told in one place', () => {
  const table = [
    {
      name: 'exit code, time, command and both outputs',
      error: new CommandError(result({ stdout: 'a\n\nb\n', stderr: 'c' }), 'exit'),
      expected:
        "Command failed with exit code 3 after 1.2 s: kubectl apply --filename='my file'\nstderr:\n  c\nstdout:\n  a\n  b",
    },
    {
      name: 'a signal instead of an exit code',
      error: new CommandError(result({ exitCode: null, signal: 'SIGKILL' }), 'exit'),
      expected: "Command was ended by SIGKILL after 1.2 s: kubectl apply --filename='my file'",
    },
    {
      name: 'a deadline',
      error: new CommandError(result({ exitCode: null, signal: 'SIGINT' }), 'timeout'),
      expected: "Command took longer than its deadline after 1.2 s: kubectl apply --filename='my file'",
    },
    {
      name: 'a cancellation',
      error: new CommandError(result({ exitCode: null }), 'cancelled'),
      expected: "Command was cancelled after 1.2 s: kubectl apply --filename='my file'",
    },
    {
      name: 'a command that does not exist',
      error: new CommandError(result({ exitCode: null }), 'not-started', new Error('spawn ENOENT')),
      expected: "Command could not be started after 1.2 s: kubectl apply --filename='my file'",
    },
  ];
  test.each(table)('$name', ({ error, expected }) => {
    expect(error.message).toBe(expected);
  });

  test('only the last 20 lines of an output are told', () => {
    const stderr = Array.from({ length: 30 }, (_, index) => `line ${String(index)}`).join('\n');
    const { message } = new CommandError(result({ stderr }), 'exit');
    expect(message).not.toContain('line 9\n');
    expect(message.split('\n').slice(2)).toEqual(
      Array.from({ length: 20 }, (_, index) => `  line ${String(index + 10)}`),
    );
  });

  test('a line of megabytes is cut', () => {
    const { message } = new CommandError(result({ stderr: `x${'y'.repeat(5_000_000)}` }), 'exit');
    expect(message.length).toBeLessThan(5000);
    expect(message).toContain('(cut)');
  });
});

describe('lastLines', () => {
  const table = [
    { name: 'an empty text has none', text: '', count: 3, expected: [] },
    { name: 'empty lines do not count', text: 'a\n\n \nb\n', count: 3, expected: ['a', 'b'] },
    { name: 'Windows line ends', text: 'a\r\nb\r\nc', count: 2, expected: ['b', 'c'] },
    { name: 'fewer lines than asked for', text: 'a', count: 5, expected: ['a'] },
  ];
  test.each(table)('$name', ({ text, count, expected }) => {
    expect(lastLines(text, count)).toEqual(expected);
  });
});

describe('describeError', () => {
  const table = [
    {
      name: 'a failure that is known keeps its four parts',
      thrown: new StageError('port-in-use', 'It is taken.', { hint: 'Free it.', tryThis: 'ss -ltnp' }),
      expected: { code: 'port-in-use', message: 'It is taken.', hint: 'Free it.', tryThis: 'ss -ltnp' },
    },
    {
      name: 'a failure without a hint',
      thrown: new StageError('disk-full', 'Full.'),
      expected: { code: 'disk-full', message: 'Full.', hint: null, tryThis: null },
    },
    {
      name: 'a command that failed',
      thrown: new CommandError(result(), 'exit'),
      expected: { code: 'command-failed', tryThis: result().command },
    },
    { name: 'a command that hung', thrown: new CommandError(result(), 'timeout'), expected: { code: 'timeout' } },
    {
      name: 'a command that was cancelled',
      thrown: new CommandError(result(), 'cancelled'),
      expected: { code: 'cancelled' },
    },
    {
      name: 'a command that is missing',
      thrown: new CommandError(result(), 'not-started'),
      expected: { code: 'command-failed' },
    },
    {
      name: 'an error nobody foresaw',
      thrown: new TypeError('x is not a function'),
      expected: { code: 'internal', message: 'x is not a function' },
    },
    {
      name: 'an error without words',
      thrown: new Error(''),
      expected: { code: 'internal', message: 'An error without a message' },
    },
    { name: 'a text', thrown: 'just text', expected: { code: 'internal', message: 'just text' } },
    { name: 'nothing at all', thrown: undefined, expected: { code: 'internal', message: 'undefined' } },
  ];
  test.each(table)('$name', ({ thrown, expected }) => {
    expect(describeError(thrown)).toMatchObject(expected);
  });

  test('it never throws, whatever was thrown', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
        const { code, message } = describeError(thrown);
        expect(code).toBe('internal');
        expect(message).not.toBe('');
      }),
    );
  });
});

test.each<[string, unknown, string]>([
  ['an error', new Error('words'), 'words'],
  ['an error of another realm', runInNewContext("new Error('words')"), 'words'],
  ['a text', 'words', 'words'],
  ['something that can become no text', Object.create(null), 'Something that is not an error was thrown'],
])('the message of %s', (_, thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});

test('the address of the help page has the code as its anchor', () => {
  expect(helpUrl('port-in-use')).toMatch(/^https:\/\/github\.com\/.+\/docs\/troubleshooting\.md#port-in-use$/);
});

test('every outcome has a sentence', () => {
  for (const sentence of Object.values(OUTCOMES)) expect(sentence).toMatch(/^\S+ .*[a-z]$/);
});

test('a cause is kept for whoever debugs', () => {
  const cause = new Error('below');
  expect(new StageError('internal', 'above', { cause })).toMatchObject({ cause });
  expect(new StageError('internal', 'above')).not.toHaveProperty('cause');
});
