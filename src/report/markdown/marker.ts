import { createHash } from 'node:crypto';

/** GitHub's limit for a comment is 65,536 code points and 262,144 bytes; the rest is our margin. */
export const COMMENT_LIMITS: Limits = { codePoints: 60_000, bytes: 200_000 };

/** GitHub drops a job summary of more than 1 MiB completely, so the margin is generous. */
export const SUMMARY_LIMITS: Limits = { codePoints: Infinity, bytes: 900 * 1024 };

/** GitHub's own limit, which a line can approach. */
const SUMMARY_END = 1023 * 1024;

interface Limits {
  readonly codePoints: number;
  readonly bytes: number;
}

export interface JobIdentity {
  readonly workflow: string;
  readonly job: string;
  /** The matrix of the job as `toJSON(matrix)` writes it: `null` when there is none. */
  readonly matrix: string;
  /** Missing for the first step of a job that has no name of its own. */
  readonly step?: string | undefined;
}

/** The default header of a comment: different for each workflow, job, matrix leg and step. */
export function defaultHeader({ workflow, job, matrix, step }: JobIdentity): string {
  return JSON.stringify([workflow, job, canonicalMatrix(matrix), ...(step === undefined ? [] : [step])]);
}

/** Reordering the keys of a matrix must not lose the comment of earlier runs. */
function canonicalMatrix(matrix: string): unknown {
  try {
    return sortKeys(JSON.parse(matrix));
  } catch {
    return matrix.trim() === '' ? null : matrix.trim();
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sortKeys(inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const LONGEST_KEY = 160;

/**
 * The hidden first line that identifies our comment. It only has letters, digits, `_` and `%XX` of the header, so no
 * header can end the HTML comment or look like another header.
 */
export function commentMarker(header: string): string {
  const encoded = percentEncode(header);
  // percentEncode never returns a bare `-`, so a digest can't equal the encoding of a header.
  const key = encoded.length <= LONGEST_KEY ? encoded : `sha256-${sha256(header)}`;
  return `<!-- k8s-loadtest-ci comment=${key} -->`;
}

const percentEncode = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /\w/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The header of the n-th comment with the same header; the first keeps the header itself. */
export const furtherHeader = (header: string, place: number): string =>
  // A user's header is one line.
  place === 1 ? header : `${header}\n${String(place)}`;

/** Which part of which run writes a comment. */
export interface CommentWriter {
  /** The run and its attempt. */
  readonly run: string;
  /** Of a job or step; the same for everything that it writes. */
  readonly part: string;
}

const writerMark = ({ run, part }: CommentWriter): string =>
  `<!-- k8s-loadtest-ci run=${percentEncode(run)} part=${percentEncode(part)} -->`;

/** Whether another job or step of the same run wrote the comment, according to its second line. */
export function isOfAnotherWriter({ body }: Pick<Comment, 'body'>, writer: CommentWriter): boolean {
  const [, second = ''] = body.split(/\r?\n/, 2);
  const [ofRun] = writerMark(writer).split(' part=');
  return second.startsWith(`${ofRun ?? ''} part=`) && second !== writerMark(writer);
}

/** A body that begins with the marker and the mark of its writer. */
export const withMarker = (marker: string, body: string, writer?: CommentWriter): string =>
  [marker, ...(writer === undefined ? [] : [writerMark(writer)]), body].join('\n');

/**
 * Whether a comment has the marker. Only the very beginning counts: text of branches, pods and errors further down may
 * contain any marker.
 */
export const hasMarker = (comment: Pick<Comment, 'body'>, marker: string): boolean => comment.body.startsWith(marker);

export interface Comment {
  readonly id: number;
  readonly body: string;
  /** Null when the account was deleted. */
  readonly login: string | null;
  readonly url: string;
}

/**
 * The comments that have the marker *and* were written by `login`, oldest first. Anybody can copy a marker, so a marked
 * comment by another author is not ours.
 */
export function findOwnComments<C extends Pick<Comment, 'id' | 'body' | 'login'>>(
  comments: readonly C[],
  marker: string,
  login: string,
): C[] {
  return comments
    .filter((comment) => hasMarker(comment, marker) && comment.login?.toLowerCase() === login.toLowerCase())
    .sort((a, b) => a.id - b.id);
}

/** Whether GitHub would show the same text: it changes line endings and drops trailing white space. */
export const sameBody = (a: string, b: string): boolean => normalizeBody(a) === normalizeBody(b);

const normalizeBody = (body: string): string => body.replaceAll('\r\n', '\n').trimEnd();

/**
 * Joins sections, in order of importance, into a comment that GitHub accepts. Sections that do not fit are left out
 * completely, and a last line says where the whole report is.
 */
export function withinCommentLimits(sections: readonly string[], link: string | null): string {
  return withinLimits(sections, link, COMMENT_LIMITS);
}

/** Like `withinLimit`, for the job summary, whose file already has `bytesWritten`. */
export function withinSummaryLimit(sections: readonly string[], link: string | null, bytesWritten = 0): string {
  const whole = withinLimits(sections, link, { ...SUMMARY_LIMITS, bytes: SUMMARY_LIMITS.bytes - bytesWritten });
  if (whole !== '') return whole;
  // Others have used up our margin, but the verdict is worth some of it.
  const verdict = headOf(sections);
  return Buffer.byteLength(verdict) + bytesWritten < SUMMARY_END ? verdict : '';
}

const SEPARATOR = '\n\n';

function withinLimits(sections: readonly string[], link: string | null, limits: Limits): string {
  const whole = sections.join(SEPARATOR);
  if (fits(sizeOf(whole), limits)) return whole;

  const note = leftOutNote(link);
  const [first = '', ...others] = sections;
  let size = sizeOf(note);
  const kept: string[] = [];
  const keep = (section: string): boolean => {
    const next = add(size, sizeOf(section + SEPARATOR));
    if (!fits(next, limits)) return false;
    kept.push(section);
    size = next;
    return true;
  };
  // A summary filled by others may have less room than that.
  if (!keep(first) && !keep(headOf(sections))) return '';
  for (const section of others) keep(section);
  return [...kept, note].join(SEPARATOR);
}

const LONGEST_HEAD = 1000;

/** The first line of the first section says how the run ended and is never left out. */
const headOf = ([first = '']: readonly string[]): string => {
  const line = first.split('\n', 1)[0] ?? '';
  return line.length > LONGEST_HEAD ? `${line.slice(0, LONGEST_HEAD).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
};

function leftOutNote(link: string | null): string {
  const url = httpUrl(link);
  const where = url === null ? 'in the files of the run' : `in [the artifact of the run](<${url}>)`;
  return `_Parts of this report are left out here because of GitHub's size limit. The whole report is ${where}._`;
}

const LONGEST_LINK = 2000;

function httpUrl(link: string | null): string | null {
  if (link === null || !URL.canParse(link)) return null;
  const { protocol, href } = new URL(link);
  // `href` encodes what could end the Markdown link early: angle brackets and white space.
  return /^https?:$/.test(protocol) && href.length <= LONGEST_LINK ? href : null;
}

const sizeOf = (text: string): Limits => ({ codePoints: codePoints(text), bytes: Buffer.byteLength(text) });

const add = (a: Limits, b: Limits): Limits => ({ codePoints: a.codePoints + b.codePoints, bytes: a.bytes + b.bytes });

const fits = (size: Limits, limits: Limits): boolean =>
  size.codePoints <= limits.codePoints && size.bytes <= limits.bytes;

const codePoints = (text: string): number => text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
