import { isSecretSetting, mayBeSecret } from '../text/credential-name.ts';
import { usersOfUrls } from '../text/users-of-urls.ts';
import { type Definition, type Inputs } from './table.ts';

/** Every text in the inputs that must not be printed, saved or uploaded. */
export const secretTextsOf = (inputs: Pick<Inputs, 'github-token' | 'pull-secret'>): string[] => [
  ...(inputs['github-token'] === null ? [] : [inputs['github-token']]),
  ...(inputs['pull-secret']?.secretTexts ?? []),
];

/** The secret texts of an input as it was written, even if it is invalid, because a refused input is printed. */
export const secretsAsWritten = (
  text: string,
  { secret, setsByName }: Pick<Definition<unknown>, 'secret' | 'setsByName'>,
): string[] => [
  ...(secret === true ? [text, ...partsOf(text)] : []),
  ...(setsByName === true ? credentialsSet(text) : []),
  ...usersOfUrls(text),
];

/** The part after an equals sign or colon in lines such as `ghcr.io=me:token`, and the values of JSON. */
function partsOf(text: string): string[] {
  const lines = text.split('\n').flatMap((line) => {
    const login = line.slice(line.indexOf('=') + 1);
    return [login, login.slice(login.indexOf(':') + 1)];
  });
  return [
    ...lines,
    ...[...text.matchAll(/"(?:auth|password|identitytoken|registrytoken)"\s*:\s*"([^"]+)"/gi)].flatMap(
      ([, value = '']) => [value],
    ),
  ];
}

/**
 * The values of names that look like credentials, in lines such as `db.password=p1`; commas separate several in a line.
 */
const credentialsSet = (text: string): string[] =>
  text
    .split(/\n|(?<!\\),/)
    .map((one) => [one.slice(0, one.indexOf('=')).trim(), one.slice(one.indexOf('=') + 1).trim()] as const)
    .flatMap(([name, value]) => (isSecretSetting(name) && mayBeSecret(value) ? [value, withoutEscapes(value)] : []));

/** As Helm reads it and repeats it. */
const withoutEscapes = (value: string): string => value.replace(/\\(.)/g, '$1');
