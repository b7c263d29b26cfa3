import { isCredentialName, mayBeSecret } from '../../text/credential-name.ts';
import type { Journey } from '../journeys/journey.ts';
import type { Scenario } from './scenario.ts';
import { textsIn } from './template.ts';

/** Headers whose values say what a client wants or is, and never who it is. */
const HARMLESS = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'dnt',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'origin',
  'pragma',
  'range',
  'referer',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-requested-with',
]);

/** More users than this have no use for a run, and each value is looked for in every line of a log. */
const MOST_OF_A_COLUMN = 1000;

/**
 * The values of a scenario's headers that may be secret: those of all but the well-known headers that never are, whole
 * and without what stands before them, as in `Bearer …` or `session=…`. And those of columns of data that are called as
 * credentials are, such as `password`.
 */
export function secretsOfScenario({ targets, journeys }: Pick<Scenario, 'targets' | 'journeys'>): string[] {
  const values = targets.flatMap(({ content }) =>
    (content?.headers ?? []).flatMap(([name, value]) => (HARMLESS.has(name.toLowerCase()) ? [] : textsIn(value))),
  );
  const texts = values.flatMap((value) => [
    value,
    ...value.split(/[\s;,]+/),
    ...value.split(/[\s;,]+/).map(behindSign),
  ]);
  return [...new Set([...texts, ...(journeys ?? []).flatMap(credentialsIn)].filter(mayBeSecret))];
}

function credentialsIn({ data }: Journey): string[] {
  if (data === null) return [];
  const columns = data.columns.flatMap((column, index) => (isCredentialName(column) ? [index] : []));
  return data.rows.slice(0, MOST_OF_A_COLUMN).flatMap((row) => columns.map((column) => row[column] ?? ''));
}

const behindSign = (text: string): string => text.slice(text.indexOf('=') + 1);

/** The names of parameters in the query of a path that look like credentials: `api_key`. */
export function credentialsInQuery(path: string): string[] {
  const query = path.includes('?') ? path.slice(path.indexOf('?') + 1) : '';
  return [...new URLSearchParams(query)]
    .filter(([name, value]) => value !== '' && isCredentialName(name))
    .map(([name]) => name);
}
