/** Where a private key begins or ends in PEM. */
const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----/;
const END = /-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----/;
const WHOLE = /(-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----)[^-]+(?=-----END )/g;

/** The part of a key at the end of a line, behind whatever a log has put before it. */
const OF_A_KEY = /[A-Za-z0-9+/=]{16,100}(?=\s*$)/;
/** The last line of a key may be short. */
const REST_OF_A_KEY = /[A-Za-z0-9+/=]{4,100}(?=\s*$)/;
/** What stands between the beginning of an encrypted key and its text. */
const HEAD = /Proc-Type: |(?:^|[\]:|])\s*$/;

/**
 * A text without the private keys in it, in PEM: on one line or on several, also when a log has put something in front
 * of each line, and when one of their ends was cut off.
 *
 * @param by what stands where they stood.
 */
export function withoutPrivateKeys(text: string, by: string): string {
  if (!text.includes('PRIVATE KEY-----')) return text;
  const lines = text.replace(WHOLE, `$1${by}`).split('\n');
  hideAfter(lines, BEGIN, END, by);
  // A key whose beginning is not there any more.
  lines.reverse();
  hideAfter(lines, END, BEGIN, by);
  return lines.reverse().join('\n');
}

/**
 * Hides what looks like a part of a key behind a line with one border of it, up to the other or to the first other
 * line.
 */
function hideAfter(lines: string[], border: RegExp, other: RegExp, by: string): void {
  let inside = false;
  for (const [index, line] of lines.entries()) {
    if (border.test(line) || other.test(line)) {
      inside = border.test(line) && !other.test(line);
      continue;
    }
    if (!inside) continue;
    const isLast = [lines[index - 1], lines[index + 1]].some((next) => END.test(next ?? ''));
    const part = isLast ? REST_OF_A_KEY : OF_A_KEY;
    inside = part.test(line) || line.trim() === by || HEAD.test(line);
    lines[index] = line.replace(part, by);
  }
}
