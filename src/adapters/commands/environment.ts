import { delimiter } from 'node:path';
import { definitionOf, INPUT_NAMES, SECRET_VARIABLES } from '../../inputs/table.ts';

/**
 * As the runner hands inputs over. Some that are not secret as a whole contain one, such as a password in `helm-set`.
 */
const INPUT_VARIABLES = INPUT_NAMES.flatMap((name) => [name, ...(definitionOf(name).aliases ?? [])]).map(
  (name) => `INPUT_${name.toUpperCase()}`,
);

/** Variables that this program was trusted with, and the programs that it starts were not. */
const SECRETS: ReadonlySet<string> = new Set([
  ...INPUT_VARIABLES,
  ...Object.values(SECRET_VARIABLES),
  'GH_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
]);

/**
 * The environment of every command that is started here: this process's without its secrets.
 *
 * @param own variables of the command; `undefined` removes one.
 */
export function commandEnvironment(own: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...process.env, ...own }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !SECRETS.has(entry[0].toUpperCase()),
    ),
  );
}

/** The search path of this process with a folder in front. */
export const pathWith = (folder: string): string => [folder, process.env['PATH'] ?? ''].join(delimiter);
