/** k6 marks what it logs of an exception that no script has caught, in its text and in its JSON. */
const UNCAUGHT = /\bsource"?[=:]\s*"?stacktrace\b/;
const MESSAGE = /\bmsg"?[=:]\s*"((?:[^"\\]|\\.)*)"/;
const LONGEST_MESSAGE = 200;

/**
 * What to say of exceptions in iterations of a script: each ends its iteration, and k6 goes on with the next one as if
 * nothing were wrong, so that what the script would have sent afterwards is missing.
 *
 * @param said what k6 wrote to its log, or the end of it.
 * @returns null without any.
 */
export function exceptionsWarning(said: string): string | null {
  const lines = said.split('\n').filter((line) => UNCAUGHT.test(line));
  const [first] = lines;
  if (first === undefined) return null;
  const message = (MESSAGE.exec(first)?.[1] ?? '')
    .replace(/\\n.*$/s, '')
    .replace(/\\(.)/g, '$1')
    .slice(0, LONGEST_MESSAGE);
  const often = lines.length === 1 ? 'in an iteration' : `in ${String(lines.length)} iterations or more`;
  return `The script threw an exception ${often}, and what comes after it in the script was not sent: ${message}`;
}
