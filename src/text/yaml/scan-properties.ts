import { yamlError, type Cursor } from './cursor.ts';
import type { Token } from './tokens.ts';

const WORD = /[\w-]/;
const URI = /[\w\-;/?:@&=+$,.!~*'()[\]]/;

/** Scans `&name` or `*name`. */
export function scanAnchor(cursor: Cursor, type: 'alias' | 'anchor'): Token {
  const { mark } = cursor;
  cursor.skip();
  const name = cursor.readWhile(WORD);
  if (name === '' || !(cursor.isBlankOrEnd() || '?:,]}%@`'.includes(cursor.peek()))) {
    throw yamlError('did not find expected alphabetic or numeric character', cursor.mark);
  }
  return { type, mark, name };
}

/** Scans `!`, `!suffix`, `!handle!suffix` or `!<uri>`. */
export function scanTag(cursor: Cursor): Token {
  const { mark } = cursor;
  const { handle, suffix } = cursor.peek(1) === '<' ? scanVerbatim(cursor) : scanShorthand(cursor);
  if (!cursor.isBlankOrEnd()) throw yamlError('did not find expected whitespace or line break', cursor.mark);
  return { type: 'tag', mark, handle, suffix };
}

function scanVerbatim(cursor: Cursor): { handle: string; suffix: string } {
  cursor.skip(2);
  const suffix = scanUri(cursor);
  if (suffix === '') throw yamlError('did not find expected tag URI', cursor.mark);
  if (cursor.peek() !== '>') throw yamlError("did not find the expected '>'", cursor.mark);
  cursor.skip();
  return { handle: '', suffix };
}

function scanShorthand(cursor: Cursor): { handle: string; suffix: string } {
  const head = scanHandle(cursor);
  if (head.length > 1 && head.endsWith('!')) {
    const suffix = scanUri(cursor);
    if (suffix === '') throw yamlError('did not find expected tag URI', cursor.mark);
    return { handle: head, suffix };
  }
  const suffix = head.slice(1) + scanUri(cursor);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

/** `!`, `!word!`, or the beginning of a tag that has no handle. */
function scanHandle(cursor: Cursor): string {
  if (cursor.peek() !== '!') throw yamlError("did not find expected '!'", cursor.mark);
  const start = cursor.position;
  cursor.skip();
  cursor.readWhile(WORD);
  if (cursor.peek() === '!') cursor.skip();
  return cursor.since(start);
}

function scanUri(cursor: Cursor): string {
  let uri = '';
  for (;;) {
    uri += cursor.readWhile(URI);
    if (cursor.peek() !== '%') return uri;
    uri += scanUriEscape(cursor);
  }
}

/** One character, its octets of UTF-8 written as `%C3%A4`. */
function scanUriEscape(cursor: Cursor): string {
  const octets: number[] = [];
  let width = 1;
  do {
    const escape = /^%([\da-fA-F]{2})/.exec(cursor.text.slice(cursor.position, cursor.position + 3))?.[1];
    if (escape === undefined) throw yamlError('did not find URI escaped octet', cursor.mark);
    const octet = Number.parseInt(escape, 16);
    if (octets.length === 0) width = widthOf(octet);
    if (width === 0) throw yamlError('found an incorrect leading UTF-8 octet', cursor.mark);
    if (octets.length > 0 && (octet & 0xc0) !== 0x80) {
      throw yamlError('found an incorrect trailing UTF-8 octet', cursor.mark);
    }
    octets.push(octet);
    cursor.skip(3);
  } while (octets.length < width);
  return new TextDecoder().decode(Uint8Array.from(octets));
}

function widthOf(octet: number): number {
  if (octet < 0x80) return 1;
  if (octet < 0xc0) return 0;
  if (octet < 0xe0) return 2;
  if (octet < 0xf0) return 3;
  return octet < 0xf8 ? 4 : 0;
}

/** Scans `%YAML 1.1` or `%TAG !handle! prefix`, with its line. */
export function scanDirective(cursor: Cursor): Token {
  const { mark } = cursor;
  cursor.skip();
  const name = cursor.readWhile(WORD);
  if (name === '') throw yamlError('could not find expected directive name', cursor.mark);
  if (!cursor.isBlankOrEnd()) throw yamlError('found unexpected non-alphabetical character', cursor.mark);
  let token: Token;
  if (name === 'YAML') token = { type: 'version', mark, ...scanVersion(cursor) };
  else if (name === 'TAG') token = { type: 'tag-directive', mark, ...scanTagDirective(cursor) };
  else throw yamlError('found unknown directive name', mark);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!cursor.isBreakOrEnd()) throw yamlError('did not find expected comment or line break', cursor.mark);
  cursor.readBreak();
  return token;
}

function scanVersion(cursor: Cursor): { major: number; minor: number } {
  cursor.skipBlanks();
  const major = scanVersionNumber(cursor);
  if (cursor.peek() !== '.') throw yamlError("did not find expected digit or '.' character", cursor.mark);
  cursor.skip();
  return { major, minor: scanVersionNumber(cursor) };
}

function scanVersionNumber(cursor: Cursor): number {
  const digits = cursor.readWhile(/\d/);
  if (digits === '') throw yamlError('did not find expected version number', cursor.mark);
  if (digits.length > 2) throw yamlError('found extremely long version number', cursor.mark);
  return Number(digits);
}

function scanTagDirective(cursor: Cursor): { handle: string; prefix: string } {
  cursor.skipBlanks();
  const handle = scanHandle(cursor);
  if (handle !== '!' && !handle.endsWith('!')) throw yamlError("did not find expected '!'", cursor.mark);
  if (!cursor.isBlank()) throw yamlError('did not find expected whitespace', cursor.mark);
  cursor.skipBlanks();
  const prefix = scanUri(cursor);
  if (prefix === '') throw yamlError('did not find expected tag URI', cursor.mark);
  if (!cursor.isBlankOrEnd()) throw yamlError('did not find expected whitespace or line break', cursor.mark);
  return { handle, prefix };
}
