import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { COMMANDS, type CommandName, factsOf, inputsOf } from '../../src/command-line/commands.ts';
import { completionScript, type CompletedCommand, SHELLS } from '../../src/command-line/completion.ts';
import { completedCommands } from '../../src/command-line/describe.ts';
import { optionsOf } from '../../src/command-line/options.ts';
import { INPUT_NAMES, INPUT_NAMES_BY_TOPIC } from '../../src/inputs/table.ts';

const names = Object.keys(COMMANDS) as CommandName[];

describe('the options of a command', () => {
  test.each(names)('%s shows some common ones that it reads, and accepts every input', (name) => {
    const { common } = factsOf(name);
    expect(inputsOf(name)).toEqual(expect.arrayContaining([...common]));
    const short = optionsOf(name, INPUT_NAMES_BY_TOPIC, false);
    expect(short.filter(({ hidden }) => !hidden).map(({ input }) => input)).toEqual([...common]);
    expect(short).toHaveLength(INPUT_NAMES.length);
    const all = optionsOf(name, INPUT_NAMES_BY_TOPIC, true).filter(({ hidden }) => !hidden);
    expect(all.map(({ input }) => input)).toEqual(inputsOf(name));
    expect(all.every(({ group }) => group !== null)).toBe(true);
  });

  test('every input is read by some command, but for those of a workflow', () => {
    const read = new Set(names.flatMap(inputsOf));
    expect(INPUT_NAMES.filter((input) => !read.has(input))).toEqual(
      expect.arrayContaining(['pull-secret', 'github-token', 'matrix', 'job-id']),
    );
    expect(INPUT_NAMES.length - read.size).toBe(4);
  });

  test('values say what they are', () => {
    const flags = optionsOf('run', INPUT_NAMES_BY_TOPIC, true)
      .filter(({ hidden }) => !hidden)
      .map(({ flags: text }) => text);
    expect(flags).toEqual(
      expect.arrayContaining([
        '--requests <count>',
        '--duration <duration>',
        '--manifests <path>',
        '--prometheus [boolean]',
        '--engine <choice>',
        '--mode <load|capacity>',
      ]),
    );
    expect(flags.filter((text) => text.endsWith('<text>'))).toEqual([
      '--seed <text>',
      '--comment-header <text>',
      '--artifact-name <text>',
      '--save-baseline <text>',
    ]);
  });
});

describe('completion', () => {
  const commands: CompletedCommand[] = completedCommands(
    [{ name: 'completion', description: "prints a script: it's that", options: [], words: SHELLS }],
    new Map(),
  );
  const script = completionScript('bash', 'k8s-loadtest-ci', commands);
  const complete = (...words: string[]): string[] =>
    execFileSync(
      'bash',
      [
        '-c',
        `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${String(words.length - 1)}; _k8s_loadtest_ci 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      { encoding: 'utf8' },
    )
      .split('\n')
      .filter((line) => line !== '');

  test('of a command', () => {
    expect(complete('k8s-loadtest-ci', 'va')).toEqual(['validate']);
    expect(complete('k8s-loadtest-ci', '')).toEqual(expect.arrayContaining([...names, 'completion', '--help']));
  });

  test('of an option, only of those that the command reads', () => {
    expect(complete('k8s-loadtest-ci', 'run', '--baseline-m')).toEqual(['--baseline-manifests']);
    expect(complete('k8s-loadtest-ci', 'try', '--baseline-m')).toEqual([]);
  });

  test('of a value', () => {
    expect(complete('k8s-loadtest-ci', 'run', '--engine', 'k6')).toEqual(['k6', 'k6-operator']);
    expect(complete('k8s-loadtest-ci', 'run', '--prometheus', '')).toEqual(['true', 'false']);
    expect(complete('k8s-loadtest-ci', 'run', '--manifests', 'manife')).toEqual(['manifests']);
    expect(complete('k8s-loadtest-ci', 'completion', 'f')).toEqual(['fish']);
  });

  test.each(SHELLS)('%s gets every command and option', (shell) => {
    const text = completionScript(shell, 'k8s-loadtest-ci', commands);
    for (const { name, options } of commands) {
      expect(text).toContain(name);
      for (const { flag } of options) expect(text).toContain(flag.replace('--', ''));
    }
  });
});
