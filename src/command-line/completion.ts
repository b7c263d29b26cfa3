import { shellWord } from '../text/shell-word.ts';

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** Words that can follow the command. */
  readonly words: readonly string[];
}

export interface CompletedOption {
  /** Including its hyphens. */
  readonly flag: string;
  readonly description: string;
  /** Null for an option without a value. */
  readonly value: { readonly choices: readonly string[]; readonly isPath: boolean } | null;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof SHELLS)[number];

/**
 * A script that makes a shell complete commands, options and their values. The script contains everything. Completion
 * libraries call the program on each press of Tab instead, and would load its whole bundle each time for words that
 * never change within a release.
 */
export function completionScript(shell: ShellName, program: string, commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(program, commands);
    case 'zsh':
      return zshScript(program, commands);
    case 'fish':
      return fishScript(program, commands);
  }
}

const functionOf = (program: string): string => `_${program.replaceAll('-', '_')}`;
const names = (commands: readonly CompletedCommand[]): string => commands.map(({ name }) => name).join(' ');
const flagsOf = ({ options, words }: CompletedCommand): string =>
  [...options.map(({ flag }) => flag), ...words].join(' ');

/** Options with the same name have the same values in every command. */
function valued(
  commands: readonly CompletedCommand[],
): (CompletedOption & { value: NonNullable<CompletedOption['value']> })[] {
  const byFlag = new Map<string, CompletedOption>();
  for (const { options } of commands) for (const option of options) byFlag.set(option.flag, option);
  return [...byFlag.values()].flatMap((option) => (option.value === null ? [] : [{ ...option, value: option.value }]));
}

function bashScript(program: string, commands: readonly CompletedCommand[]): string {
  const name = functionOf(program);
  const all = valued(commands);
  const paths = all.filter(({ value }) => value.isPath).map(({ flag }) => flag);
  const others = all.filter(({ value }) => !value.isPath && value.choices.length === 0).map(({ flag }) => flag);
  return `# bash completion of ${program}
${name}() {
  local current previous command word
  current=\${COMP_WORDS[COMP_CWORD]}
  previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  case $previous in
${all
  .filter(({ value }) => value.choices.length > 0)
  .map(
    ({ flag, value }) =>
      `    ${flag}) COMPREPLY=($(compgen -W ${shellWord(value.choices.join(' '))} -- "$current")); return ;;`,
  )
  .join('\n')}
    ${paths.join('|')}) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${others.join('|')}) return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${commands.map((each) => each.name).join('|')}) command=$word; break ;;
    esac
  done
  case $command in
${commands.map((each) => `    ${each.name}) COMPREPLY=($(compgen -W ${shellWord(flagsOf(each))} -- "$current")) ;;`).join('\n')}
    *) COMPREPLY=($(compgen -W ${shellWord(`${names(commands)} --help --version`)} -- "$current")) ;;
  esac
}
complete -F ${name} ${program}
`;
}

function zshScript(program: string, commands: readonly CompletedCommand[]): string {
  const name = functionOf(program);
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const about = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');
  const action = ({ value }: CompletedOption): string =>
    value === null
      ? ''
      : value.choices.length > 0
        ? `:value:(${value.choices.join(' ')})`
        : value.isPath
          ? ':path:_files'
          : ':value:';
  const branch = ({ name: command, options, words }: CompletedCommand): string =>
    [
      `    ${command})`,
      '      _arguments \\',
      ...(words.length === 0 ? [] : [`        ${quoted(`1:what:(${words.join(' ')})`)} \\`]),
      ...options.map(
        (option) => `        ${quoted(`*${option.flag}[${about(option.description)}]${action(option)}`)} \\`,
      ),
      '        && return 0',
      '      ;;',
    ].join('\n');
  return `#compdef ${program}
# zsh completion of ${program}
${name}() {
  local -a commands
  commands=(
${commands.map((each) => `    ${quoted(`${each.name}:${each.description}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(branch).join('\n')}
  esac
}
if [ "$funcstack[1]" = "${name}" ]; then ${name} "$@"; else compdef ${name} ${program}; fi
`;
}

function fishScript(program: string, commands: readonly CompletedCommand[]): string {
  const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;
  const none = '__fish_use_subcommand';
  const start = `complete -c ${program}`;
  const value = ({ value: takes }: CompletedOption): string =>
    takes === null
      ? ''
      : takes.choices.length > 0
        ? ` -x -a ${quoted(takes.choices.join(' '))}`
        : takes.isPath
          ? ' -r -F'
          : ' -x';
  return [
    `# fish completion of ${program}`,
    `${start} -f`,
    ...commands.flatMap((each) => [
      `${start} -n ${none} -a ${each.name} -d ${quoted(each.description)}`,
      ...each.words.map((word) => `${start} -n '__fish_seen_subcommand_from ${each.name}' -a ${word}`),
      ...each.options.map(
        (option) =>
          `${start} -n '__fish_seen_subcommand_from ${each.name}' -l ${option.flag.replace(/^--/, '')}${value(option)} -d ${quoted(option.description)}`,
      ),
    ]),
    '',
  ].join('\n');
}
