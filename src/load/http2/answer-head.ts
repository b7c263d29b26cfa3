import type { Field } from '../journeys/kept-answer.ts';

/** The head of an answer, or an interim one (1xx). */
export interface AnswerHead {
  /** 100 to 999. */
  readonly status: number;
  /** What Content-Length says; -1 without it. */
  readonly contentLength: number;
  /** The fields of the answer in their order, without those of HTTP/2 itself. */
  readonly fields: readonly Field[];
}

/** Lower case alone (RFC 9113, 8.2.1). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** As over HTTP/1.1. Blanks at its ends are borne, as browsers do. */
const VALUE = /^[\t -~\x80-\xff]*$/;
/** Fields of a connection of HTTP/1.1 (RFC 9113, 8.2.2). */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** @returns null when the answer is malformed (RFC 9113, 8.1.1 and 8.3.2). */
export function readHead(fields: readonly Field[]): AnswerHead | null {
  const [first, ...own] = fields;
  if (first?.[0] !== ':status' || !/^[1-9]\d\d$/.test(first[1]) || !areProper(own)) return null;
  const lengths = own.filter(([name]) => name === 'content-length').map(([, value]) => lengthOf(value));
  const [contentLength = -1] = lengths;
  if (lengths.length > 1 || Number.isNaN(contentLength)) return null;
  return { status: Number(first[1]), contentLength, fields: own };
}

/** Whether fields may stand in a head after those of HTTP/2 itself, or in a trailer. */
export const areProper = (fields: readonly Field[]): boolean =>
  fields.every(([name, value]) => NAME.test(name) && VALUE.test(value) && !OF_THE_CONNECTION.has(name));

function lengthOf(value: string): number {
  const length = /^\d+$/.test(value) ? Number(value) : NaN;
  return Number.isSafeInteger(length) ? length : NaN;
}
