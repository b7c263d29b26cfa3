import { definitionOf, type InputName, TOPICS } from '../inputs/table.ts';
import { type CommandName, factsOf } from './commands.ts';

/** More choices would leave no room for what an option does. */
const LONGEST_CHOICES = 16;

/** An option of the command line, as the help shows it. */
export interface OptionFacts {
  readonly input: InputName;
  /** Such as `--requests <count>`. */
  readonly flags: string;
  readonly description: string;
  /** The heading that it is listed under; null for the default one. */
  readonly group: string | null;
  readonly hidden: boolean;
}

/**
 * The options of a command, common ones first. All inputs are accepted; the requested help decides which are shown.
 *
 * @param all whether to show everything that the command reads, by topic, or only the common options.
 */
export function optionsOf(name: CommandName, inputs: readonly InputName[], all: boolean): OptionFacts[] {
  const { common, reads } = factsOf(name);
  if (!all) {
    const rest = inputs.filter((input) => !common.includes(input));
    return [...common, ...rest].map((input) => ({
      ...optionOf(input, firstSentence(plain(definitionOf(input).description))),
      group: null,
      hidden: !common.includes(input),
    }));
  }
  return inputs.map((input) => ({
    ...optionOf(input, plain(definitionOf(input).description)),
    group: `${TOPICS[definitionOf(input).topic]}:`,
    hidden: !reads(input),
  }));
}

function optionOf(input: InputName, about: string): Pick<OptionFacts, 'input' | 'flags' | 'description'> {
  const { default: standard, parse } = definitionOf(input);
  const { placeholder, schema, several } = parse.shape;
  const choices = Array.isArray(schema['enum']) && placeholder.length > LONGEST_CHOICES ? schema['enum'] : [];
  const description = [
    about,
    ...(choices.every((choice) => about.includes(String(choice))) ? [] : [`One of ${choices.join(', ')}.`]),
    ...(several === true ? ['Can be given several times.'] : []),
    ...(standard === '' || standard.startsWith('${{') ? [] : [`(default: ${standard.replaceAll('\n', ', ')})`]),
  ].join(' ');
  const value = choices.length > 0 ? 'choice' : placeholder;
  const flags = schema['type'] === 'boolean' ? `--${input} [boolean]` : `--${input} <${value}>`;
  return { input, flags, description };
}

/** The text of an input as the command line shows it, where an option takes one line and is repeated for more. */
const plain = (text: string): string => text.replaceAll('`', '').replace(/, one (?:\w+ )*per line/, '');

/** Up to the first full stop that ends a sentence. */
const firstSentence = (text: string): string => /^.*?[.](?= [A-Z]|$)/s.exec(text)?.[0] ?? text;
