import { isSecretSetting, mayBeSecret } from '../text/credential-name.ts';
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
    .flatMap(([name, value]) => (isSecretSetting(name) && mayBeSecret(value) ? [value] : []));

/** A password may contain a slash that should have been encoded, but digits and a slash are a port and a path. */
const USER_OF_URL = /[a-z][a-z0-9+.-]*:\/\/(?:([^/\s@]+)|([^/\s@:]+:(?!\d+\/)\S+))@/gi;

/** User and password in addresses, the password alone, and both percent-decoded. */
function usersOfUrls(text: string): string[] {
  return [...text.matchAll(USER_OF_URL)].flatMap(([, plain, odd = '']) => {
    const user = plain ?? odd;
    const password = user.slice(user.indexOf(':') + 1);
    return [user, password].flatMap((part) => [part, decoded(part)]);
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
