import { delimiter } from 'node:path';
import { SECRET_VARIABLES } from '../../inputs/table.ts';

/** Variables that this program was trusted with, and the programs that it starts were not. */
const SECRETS: ReadonlySet<string> = new Set([
  ...Object.values(SECRET_VARIABLES).flatMap(({ action, commandLine }) => [action, commandLine]),
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
