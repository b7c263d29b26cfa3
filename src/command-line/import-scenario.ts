import { exists, readTextOfAnyEncoding, writeFileAtomically } from '../adapters/files.ts';
import { messageOf, StageError } from '../errors.ts';
import { readAccessLog } from '../load/imports/access-log.ts';
import type { Found } from '../load/imports/found-requests.ts';
import { readHar } from '../load/imports/har.ts';
import { readOpenApi } from '../load/imports/openapi.ts';
import { scenarioFrom } from '../load/imports/scenario-text.ts';
import { parseScenario } from '../load/requests/scenario.ts';

const READERS: Readonly<Record<string, (text: string) => Found>> = {
  har: readHar,
  openapi: readOpenApi,
  'access-log': readAccessLog,
};

/** The formats that scenarios can be made from. */
export const IMPORTS = Object.keys(READERS);

/**
 * Makes a scenario from a file and writes it, unless the output file exists.
 *
 * @param tell gets what was written and what was left out, line by line.
 * @throws StageError `input-invalid` when the file can't be read in its format, has no request, or the output file
 * exists.
 */
export function importScenario(kind: string, file: string, output: string, tell: (line: string) => void): void {
  const read = READERS[kind];
  if (read === undefined)
    throw refused(`Unknown import format: ${JSON.stringify(kind)}.`, `Give one of ${IMPORTS.join(', ')}.`);
  if (!exists(file)) throw refused(`There is no file ${JSON.stringify(file)}.`, 'Give its path.');
  if (exists(output))
    throw refused(
      `${JSON.stringify(output)} is there already.`,
      'Give another path with --output, or remove it first.',
    );
  const { yaml, requests, notes } = scenarioFrom(
    foundIn(read, kind, file, readTextOfAnyEncoding(file)),
    `${kind} ${file.split('/').at(-1) ?? ''}`,
  );
  if (requests === 0) {
    throw refused(
      `${JSON.stringify(file)} has nothing that can become a request of a scenario.`,
      notes.length === 0 ? 'It has no requests.' : `Left out: ${notes.join('; ')}.`,
    );
  }
  const { faults } = parseScenario(yaml);
  if (faults.length > 0)
    throw refused(
      `${JSON.stringify(file)} does not make a valid scenario: ${faults.map(({ message }) => message).join('; ')}`,
      'Remove the requests named here and import the rest.',
    );
  writeFileAtomically(output, yaml);
  tell(`${output}: ${String(requests)} ${requests === 1 ? 'request' : 'requests'}`);
  for (const note of notes) tell(`Not taken: ${note}`);
  if (yaml.includes('REDACTED'))
    tell('REDACTED replaces what looked like a credential or personal data. Replace it with values for the test.');
  tell(`Check it, then run with --scenario ${output}`);
}

function foundIn(read: (text: string) => Found, kind: string, file: string, text: string): Found {
  try {
    return read(text);
  } catch (error) {
    throw refused(
      `${JSON.stringify(file)} can't be read as ${kind}: ${messageOf(error)}.`,
      'Give a file of that kind.',
    );
  }
}

const refused = (message: string, hint: string): StageError => new StageError('input-invalid', message, { hint });
