import type { Option } from 'commander';
import { definitionOf, INPUT_NAMES_BY_TOPIC } from '../inputs/table.ts';
import { type CommandName, COMMANDS, factsOf, inputsOf } from './commands.ts';
import type { CompletedCommand, CompletedOption } from './completion.ts';
import { type OptionFacts, optionsOf } from './options.ts';

const PROGRAM = 'k8s-loadtest-ci';

/** How many options the short help shows, and how to see the rest. */
export function helpEnd(name: CommandName, all: boolean): string {
  const { example } = factsOf(name);
  const count = inputsOf(name).length;
  return [
    '',
    'Example:',
    `  ${PROGRAM} ${example}`,
    '',
    ...(all || count <= factsOf(name).common.length
      ? []
      : [`All ${String(count)} options by topic: ${PROGRAM} ${name} --help all`, '']),
    'Options that you leave out come from load-test.yml, if there is one.',
  ].join('\n');
}

/**
 * The commands as a shell completes them, with the options that each reads.
 *
 * @param own options of single commands that are not inputs.
 */
export function completedCommands(
  others: readonly CompletedCommand[],
  own: ReadonlyMap<CommandName, readonly Option[]>,
): CompletedCommand[] {
  const known = (Object.keys(COMMANDS) as CommandName[]).map((name) => ({
    name,
    description: factsOf(name).description,
    options: [
      ...optionsOf(name, INPUT_NAMES_BY_TOPIC, true)
        .filter(({ hidden }) => !hidden)
        .map((option) => completed(option)),
      ...(own.get(name) ?? []).map(ownCompleted),
      { flag: '--help', description: 'Show the common options.', value: null },
    ],
    words: [],
  }));
  return [...known, ...others];
}

function completed({ input, description }: OptionFacts): CompletedOption {
  const { schema, placeholder } = definitionOf(input).parse.shape;
  const choices =
    schema['type'] === 'boolean' ? ['true', 'false'] : ((schema['enum'] as readonly string[] | undefined) ?? []);
  return {
    flag: `--${input}`,
    description: shortened(description),
    value: { choices, isPath: placeholder === 'path' },
  };
}

const ownCompleted = ({ long, description, argChoices, required }: Option): CompletedOption => ({
  flag: long ?? '',
  description: shortened(description),
  value: required ? { choices: argChoices ?? [], isPath: false } : null,
});

/** What fits next to an option in a shell's list: the first sentence, cut between words when it is long. */
function shortened(text: string): string {
  const sentence = /^.*?[.](?= [A-Z(]|$)/.exec(text.replaceAll('\n', ' '))?.[0] ?? text.replaceAll('\n', ' ');
  const start = /^.{0,70}\S*/.exec(sentence)?.[0] ?? '';
  return start === sentence ? sentence : `${start.replace(/[,:;]$/, '')} …`;
}
