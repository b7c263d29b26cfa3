import { describe, expect, test } from '@jest/globals';
import { terminalRunner } from '../../../src/adapters/runner.ts';
import { liveRunner } from '../../../src/adapters/terminal/live-runner.ts';
import { colourAsked } from '../../../src/adapters/terminal/open-terminal.ts';
import { hasColour, paint } from '../../../src/adapters/terminal/paint.ts';
import { openFile } from '../../../src/adapters/open-file.ts';

function live() {
  const lines: string[] = [];
  const errors: string[] = [];
  const drawn: string[] = [];
  const screen = Object.assign((text: string): void => void drawn.push(text), {
    clear: () => undefined,
    done: () => undefined,
  });
  const plain = terminalRunner(
    (line) => lines.push(line),
    (line) => errors.push(line),
  );
  const painted = (line: Parameters<typeof paint>[0]): string =>
    paint(line, { colour: false, links: false }, (text) => text);
  const runner = liveRunner({ screen, plain, width: () => 80, paint: painted, now: () => 0 });
  return { runner, lines, errors, drawn };
}

describe('a live terminal', () => {
  test('keeps one line of a stage that passed', async () => {
    const { runner, lines } = live();
    await runner.group('deploy', () => {
      runner.info('one');
      runner.info('two objects applied');
      return Promise.resolve(true);
    });
    expect(lines).toEqual(['✓ deploy                  0.0 s  two objects applied']);
  });

  test('prints all of a stage that failed, and its error once', async () => {
    const { runner, lines, errors } = live();
    await runner.group('deploy', () => {
      runner.info('one');
      runner.info('two');
      return Promise.resolve(false);
    });
    runner.error('apply-failed in deploy', 'no');
    expect(lines).toEqual(['✗ deploy                  0.0 s  two', '  one', '  two']);
    expect(errors).toEqual(['error: apply-failed in deploy\nno']);
  });

  test('prints warnings at once', async () => {
    const { runner, lines } = live();
    await expect(
      runner.group('deploy', () => {
        runner.warning('w');
        return Promise.reject(new Error('no'));
      }),
    ).rejects.toThrow('no');
    expect(lines[0]).toBe('warning: w');
  });

  test('draws what a load reports', async () => {
    const { runner, drawn } = live();
    await runner.group('run-load', () => {
      runner.progress?.({ share: 0.5, lines: ['200 requests sent'] });
      return Promise.resolve();
    });
    expect(drawn.at(-1)).toContain('50 %\n  200 requests sent');
  });
});

describe('colours', () => {
  test.each([
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['auto', false, { FORCE_COLOR: '1' }, true],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, {}, false],
  ] as const)('%s, terminal %s, %j: %s', (choice, isTerminal, env, expected) => {
    expect(hasColour(choice, isTerminal, env)).toBe(expected);
  });

  test('are read before the command line is', () => {
    expect(['--color never', '--color=always', '--color x', ''].map((text) => colourAsked(text.split(' ')))).toEqual([
      'never',
      'always',
      'auto',
      'auto',
    ]);
  });

  test('stand around text that is harmless', () => {
    const inert = (text: string): string => text.replaceAll('\u001b', '');
    expect(paint([{ text: '\u001b[31mx', tone: 'good' }], { colour: true, links: false }, inert)).toBe(
      '\u001b[32m[31mx\u001b[0m',
    );
    expect(paint([{ text: 'x', link: 'file:///x' }], { colour: false, links: true }, inert)).toBe(
      '\u001b]8;;file:///x\u0007x\u001b]8;;\u0007',
    );
  });
});

test('a page that can not be shown is no fault', async () => {
  expect(await openFile('/tmp/report.html', ['no-such-program'])).toContain('no-such-program: ');
  expect(await openFile('/tmp/report.html', ['true'])).toBeNull();
});
