import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { Field } from './kept-answer.ts';

/** The text of a body, and in words why it is missing or not whole; null when it is whole. */
export interface AnswerText {
  readonly text: string;
  readonly lacking: string | null;
}

/** A small body may decompress to any size; nobody looks further than this. */
const MOST_BYTES = 16 * 1024 * 1024;

type Unfold = (bytes: Uint8Array) => Uint8Array;

/** What is kept of a long body is its beginning: it ends anywhere. */
const ANYWHERE = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_BYTES };
const BROTLI_ANYWHERE = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: MOST_BYTES };

const gunzip: Unfold = (bytes) => gunzipSync(bytes, ANYWHERE);

/** Of `content-encoding` (RFC 9110, 8.4.1); what `deflate` is, servers do not agree on. */
const UNFOLD: Readonly<Record<string, Unfold>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: (bytes) => (((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, ANYWHERE) : inflateRawSync(bytes, ANYWHERE)),
  br: (bytes) => brotliDecompressSync(bytes, BROTLI_ANYWHERE),
};

/**
 * The text of a body: decompressed as `content-encoding` says, in the characters of its byte order mark or of the
 * `charset` in `content-type`, or in UTF-8.
 *
 * @param cut whether the bytes are only the beginning of the body.
 */
export function answerText(bytes: Uint8Array, cut: boolean, fields: readonly Field[]): AnswerText {
  const codings = fields
    .flatMap(([name, value]) => (name === 'content-encoding' ? value.toLowerCase().split(',') : []))
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  let plain = bytes;
  for (const coding of codings.reverse()) {
    const unfold = UNFOLD[coding];
    if (unfold === undefined)
      return { text: '', lacking: `the answer is compressed with ${coding}, which is not read here` };
    try {
      if (plain.length > 0) plain = unfold(plain);
    } catch (error) {
      const tooLong = (error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      return {
        text: '',
        lacking: tooLong
          ? 'the answer decompresses to more than 16 MiB'
          : `the answer claims to be ${coding} but is not`,
      };
    }
  }
  return { text: decoded(plain, fields), lacking: cut ? 'the answer is longer than 1 MiB' : null };
}

const MARKS = [
  { mark: [0xef, 0xbb, 0xbf], charset: 'utf-8' },
  { mark: [0xff, 0xfe], charset: 'utf-16le' },
  { mark: [0xfe, 0xff], charset: 'utf-16be' },
];

function decoded(bytes: Uint8Array, fields: readonly Field[]): string {
  const charset =
    MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))?.charset ?? charsetOf(fields);
  if (charset !== null) {
    try {
      return new TextDecoder(charset).decode(bytes);
    } catch {
      // A name that nobody knows says nothing.
    }
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Null for UTF-8, which is the rule. */
function charsetOf(fields: readonly Field[]): string | null {
  const type = fields.find(([name]) => name === 'content-type')?.[1] ?? '';
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1]?.toLowerCase();
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' ? null : charset;
}

/** Whether a body is HTML, in which `&amp;` stands for `&`. */
export const isHtml = (fields: readonly Field[]): boolean =>
  fields.some(
    ([name, value]) => name === 'content-type' && /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(value),
  );

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0' };

/**
 * A text of HTML with its character references replaced: those that writers of HTML use where a character would be
 * markup, and numbers.
 */
export const withoutReferences = (html: string): string =>
  html.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w{2,5}));/gi,
    (reference, hex?: string, decimal?: string, name?: string) => {
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      if (name !== undefined) return NAMED[name] ?? reference;
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : reference;
    },
  );
