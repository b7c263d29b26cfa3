import { Option } from 'commander';
import { definitionOf, type InputName, TOPICS } from '../inputs/table.ts';
import { type CommandName, factsOf } from './commands.ts';

/** Longer choices would leave no room for what an option does. */
const LONGEST_CHOICES = 16;

/**
 * The options of a command, those that most users give first. All inputs are accepted; which are shown decides the help
 * that was asked for.
 *
 * @param all whether everything that the command reads is shown, by topic; otherwise only the common options.
 */
export function optionsOf(name: CommandName, inputs: readonly InputName[], all: boolean): Option[] {
  const { common, reads } = factsOf(name);
  const rest = inputs.filter((input) => !common.includes(input));
  if (!all) return [...common.map((input) => shortOption(input)), ...rest.map((input) => shortOption(input).hideHelp())];
  return inputs.map((input) => {
    const option = longOption(input).helpGroup(`${TOPICS[definitionOf(input).topic]}:`);
    return reads(input) ? option : option.hideHelp();
  });
}

const shortOption = (input: InputName): Option => optionOf(input, firstSentence(plain(definitionOf(input).description)));
const longOption = (input: InputName): Option => optionOf(input, plain(definitionOf(input).description));

/** The option of an input: the same name, and several lines by giving it several times. */
function optionOf(input: InputName, about: string): Option {
  const { default: standard, parse } = definitionOf(input);
  const { placeholder, schema, several } = parse.shape;
  const choices = Array.isArray(schema['enum']) && placeholder.length > LONGEST_CHOICES ? schema['enum'] : [];
  const shown = [
    about,
    ...(choices.every((choice) => about.includes(String(choice))) ? [] : [`One of ${choices.join(', ')}.`]),
    ...(several === true ? ['Can be given several times.'] : []),
    ...(standard === '' || standard.startsWith('${{') ? [] : [`(default: ${standard.replaceAll('\n', ', ')})`]),
  ].join(' ');
  if (schema['type'] === 'boolean') return new Option(`--${input} [boolean]`, shown);
  const value = choices.length > 0 ? 'choice' : placeholder;
  return new Option(`--${input} <${value}>`, shown).argParser((text: string, before: string | undefined) =>
    before === undefined ? text : `${before}\n${text}`,
  );
}

const plain = (text: string): string => text.replaceAll('`', '');

/** Up to the first full stop that ends a sentence. */
const firstSentence = (text: string): string => /^.*?[.](?= [A-Z]|$)/s.exec(text)?.[0] ?? text;
