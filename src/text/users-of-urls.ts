/**
 * Where user and password may end, as a password may hold an @ or a slash that should have been encoded: at the first
 * @, at the last one of the host's part, and at the last one. Behind digits and a slash there is a path, though.
 */
const USERS_OF_URL = [
  /[a-z][a-z0-9+.-]{0,30}:\/\/([^/\s@]+)@/gi,
  /[a-z][a-z0-9+.-]{0,30}:\/\/([^/\s]+)@/gi,
  /[a-z][a-z0-9+.-]{0,30}:\/\/([^/\s@:]*:(?!\d+\/)\S{1,500})@/gi,
];

/** User and password in addresses, the password alone, and both as they are without their percent signs. */
export function usersOfUrls(text: string): string[] {
  const users = USERS_OF_URL.flatMap((pattern) => [...text.matchAll(pattern)].map(([, user = '']) => user));
  return [...new Set(users)].flatMap((user) => {
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
