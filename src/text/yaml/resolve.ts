/**
 * What a plain text, or one with a tag, stands for. Integers beyond the safe ones are `bigint`, so that no digit is
 * lost.
 */
export type ScalarValue = null | boolean | number | bigint | string;

export interface Resolved {
  readonly type: 'null' | 'bool' | 'int' | 'float' | 'str';
  readonly value: ScalarValue;
}

const TAG = 'tag:yaml.org,2002:';

const WORDS: ReadonlyMap<string, Resolved> = new Map([
  ...words('bool', true, 'y Y yes Yes YES true True TRUE on On ON'),
  ...words('bool', false, 'n N no No NO false False FALSE off Off OFF'),
  ...words('null', null, '~ null Null NULL'),
  ...words('float', Number.NaN, '.nan .NaN .NAN'),
  ...words('float', Number.POSITIVE_INFINITY, '.inf .Inf .INF +.inf +.Inf +.INF'),
  ...words('float', Number.NEGATIVE_INFINITY, '-.inf -.Inf -.INF'),
  ['', { type: 'null', value: null } as const],
]);

function words(type: Resolved['type'], value: ScalarValue, list: string): [string, Resolved][] {
  return list.split(' ').map((word) => [word, { type, value }]);
}

/**
 * The value of a scalar, as go-yaml 2 gives it to `sigs.k8s.io/yaml`: the words of YAML 1.1 (`yes`, `off`), Go's
 * notations of integers (0644, 0o644, 0x1F, 0b1, with underscores anywhere), decimal floats as long as they are
 * finite; no times and no numbers of base 60, which stay texts.
 *
 * @param tag as it is written out (`tag:yaml.org,2002:int`); empty without one.
 * @throws Error that says why a text can't be what its tag asks for, without a place.
 */
export function resolveScalar(text: string, tag: string): Resolved {
  switch (tag) {
    case '':
      return resolvePlain(text);
    case `${TAG}bool`:
    case `${TAG}int`:
    case `${TAG}float`:
    case `${TAG}null`:
      return resolveAs(text, tag);
    case `${TAG}timestamp`:
      if (!isTimestamp(text)) throw cannotBe(text, tag);
      break;
    case `${TAG}binary`:
      return { type: 'str', value: decodeBinary(text) };
  }
  return { type: 'str', value: text };
}

function resolveAs(text: string, tag: string): Resolved {
  const { type, value } = resolvePlain(text);
  if (tag === TAG + type) return { type, value };
  const fitsFloat = type === 'int' && (typeof value !== 'bigint' || value <= MAX_INT64);
  if (tag !== `${TAG}float` || !fitsFloat) throw cannotBe(text, tag);
  return { type: 'float', value: Number(value) };
}

const cannotBe = (text: string, tag: string): Error =>
  new Error(`cannot decode \`${text}\` as a !!${tag.slice(TAG.length)}`);

const DECIMAL = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;

/**
 * What begins with a point goes to Go's `strconv.ParseFloat` as it is, which takes an underscore between two digits.
 */
const FROM_POINT = /^\.\d+(_\d+)*([eE][-+]?\d+(_\d+)*)?$/;

function resolvePlain(text: string): Resolved {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charAt(0);
  if (first === '.') {
    const value = FROM_POINT.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
    if (Number.isFinite(value)) return { type: 'float', value };
  }
  if (/^[-+\d]/.test(first)) {
    const plain = text.replaceAll('_', '');
    const integer = integerOf(plain);
    if (integer !== null) return { type: 'int', value: integer };
    const float = DECIMAL.test(plain) ? Number(plain) : Number.NaN;
    if (Number.isFinite(float)) return { type: 'float', value: float };
  }
  return { type: 'str', value: text };
}

const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

const INTEGER = /^([-+]?)(?:0[xX]([\da-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9]\d*))$/;

/** Go's `strconv.ParseInt` and, for what is too large for it, `ParseUint`, both with base 0. */
function integerOf(text: string): number | bigint | null {
  const [, sign = '', hexadecimal, octal, binary, decimal] = INTEGER.exec(oddBinary(text)) ?? [];
  let size: bigint;
  if (hexadecimal !== undefined) size = BigInt(`0x${hexadecimal}`);
  else if (octal !== undefined) size = BigInt(`0o${octal}`);
  else if (binary !== undefined) size = BigInt(`0b${binary}`);
  else if (decimal !== undefined) size = BigInt(decimal);
  else return null;
  if (size > (sign === '' ? MAX_UINT64 : sign === '-' ? MAX_INT64 + 1n : MAX_INT64)) return null;
  const value = sign === '-' ? -size : size;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** go-yaml lets a sign stand behind `0b`, too. */
const oddBinary = (text: string): string => text.replace(/^0b([-+])(?=[01]+$)/, '$10b');

const TIME = '([01]?\\d|2[0-3]):[0-5]?\\d:[0-5]?\\d([.,]\\d+)?';
const TIMESTAMP = new RegExp(
  `^(\\d{4})-(\\d\\d?)-(\\d\\d?)([Tt]${TIME}(Z|[-+]([01]\\d|2[0-4]):([0-5]\\d|60))| ${TIME})?$`,
);

function isTimestamp(text: string): boolean {
  const [, year, month, day] = (TIMESTAMP.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  // 400 years later the calendar is the same, and years below 100 are no longer taken for 1900 and after.
  const date = new Date(Date.UTC(year + 400, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** The text whose UTF-8 is given in base64; each octet that is none becomes U+FFFD, as Go writes it to JSON. */
function decodeBinary(text: string): string {
  const packed = text.replaceAll(/[\r\n]/g, '');
  if (!BASE64.test(packed)) throw new Error('!!binary value contains invalid base64 data');
  const octets = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  let decoded = '';
  for (let position = 0; position < octets.length;) {
    const length = validLength(octets, position);
    decoded += length === 0 ? '\ufffd' : UTF8.decode(octets.subarray(position, position + length));
    position += Math.max(length, 1);
  }
  return decoded;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How many octets the character at a position has; 0 when there is none. */
function validLength(octets: Uint8Array, position: number): number {
  for (let length = 1; length <= 4 && position + length <= octets.length; length++) {
    try {
      UTF8.decode(octets.subarray(position, position + length));
      return length;
    } catch {
      // Try with one more.
    }
  }
  return 0;
}
