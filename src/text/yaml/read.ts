/** yaml/ reads YAML like kubectl, and writes it. It knows nothing about Kubernetes. */
import { yamlError, type Mark } from './cursor.ts';
import { parseDocument, type Entry, type Node } from './parser.ts';
import { resolveScalar, type Resolved, type ScalarValue } from './resolve.ts';

/** What JSON can hold; integers that a `number` can't hold exactly are `bigint`. */
export type Json = ScalarValue | Json[] | { [key: string]: Json };

/**
 * Reads the first document of a YAML text as `sigs.k8s.io/yaml` turns it into JSON: keys become texts, the last of two
 * equal keys counts, `<<` sets what stands before it anew.
 *
 * @returns null also for a text without any document.
 * @throws YamlError for what it refuses, such as `.nan` and lists as keys.
 */
export function readYaml(text: string): Json {
  const node = parseDocument(text);
  return node === null ? null : withoutUnsupported(new Decoder().decode(node));
}

/** What has no place in JSON. It is refused only when no later key of the same name replaces it. */
class Unsupported {
  readonly what: string;
  readonly mark: Mark;

  constructor(what: string, mark: Mark) {
    this.what = what;
    this.mark = mark;
  }
}

type Decoded = ScalarValue | Unsupported | Decoded[] | { [key: string]: Decoded };
type Fields = Record<string, Decoded>;

const MERGE_TAG = 'tag:yaml.org,2002:merge';

class Decoder {
  /** Aliases that are being followed. */
  readonly #open = new Set<Node>();
  /** The document itself is the first. */
  #decoded = 1;
  #decodedByAlias = 0;

  decode(node: Node): Decoded {
    this.#refuseExcess(node.mark);
    switch (node.kind) {
      case 'alias':
        return this.#follow(node, () => this.decode(node.target));
      case 'scalar': {
        const { value } = this.#scalar(node);
        if (typeof value !== 'number' || Number.isFinite(value)) return value;
        return new Unsupported(`JSON has no number ${node.value}, so no Kubernetes object can have it`, node.mark);
      }
      case 'sequence':
        return node.items.map((item) => this.decode(item));
      case 'mapping': {
        const fields: Fields = {};
        this.#fill(fields, node.entries);
        return fields;
      }
    }
  }

  /** A few lines of aliases of aliases may stand for millions of values. The limits are go-yaml's. */
  #refuseExcess(mark: Mark): void {
    this.#decoded++;
    if (this.#open.size > 0) this.#decodedByAlias++;
    if (this.#decodedByAlias <= 100 || this.#decoded <= 1000) return;
    if (this.#decodedByAlias / this.#decoded > allowedAliasRatio(this.#decoded)) {
      throw yamlError('document contains excessive aliasing', mark);
    }
  }

  #follow<T>(alias: Extract<Node, { kind: 'alias' }>, read: () => T): T {
    if (this.#open.has(alias)) throw yamlError(`anchor '${alias.name}' value contains itself`, alias.mark);
    this.#open.add(alias);
    const value = read();
    this.#open.delete(alias);
    return value;
  }

  #scalar({ value, tag, implicit, mark }: Extract<Node, { kind: 'scalar' }>): Resolved {
    if (tag === '' && !implicit) return { type: 'str', value };
    try {
      return resolveScalar(value, tag);
    } catch (error) {
      throw yamlError((error as Error).message, mark);
    }
  }

  #fill(fields: Fields, entries: readonly Entry[]): void {
    for (const { key, value } of entries) {
      if (isMerge(key)) {
        this.#merge(fields, value);
        continue;
      }
      const name = this.#keyOf(key);
      const inner = this.decode(value);
      if (name === null) setField(fields, `\0${String(key.mark.index)}`, new Unsupported(BAD_KEY, key.mark));
      else setField(fields, name, inner);
    }
  }

  /** The text that a key becomes; null when it becomes none. */
  #keyOf(key: Node): string | null {
    this.#refuseExcess(key.mark);
    switch (key.kind) {
      case 'alias':
        return this.#follow(key, () => this.#keyOf(key.target));
      case 'scalar':
        return keyText(this.#scalar(key));
      default:
        throw yamlError('invalid map key', key.mark);
    }
  }

  #merge(fields: Fields, node: Node): void {
    // Earlier ones take precedence.
    const sources = node.kind === 'sequence' ? node.items.toReversed() : [node];
    for (const source of sources) {
      const target = source.kind === 'alias' ? source.target : source;
      if (target.kind !== 'mapping') {
        throw yamlError('map merge requires map or sequence of maps as the value', source.mark);
      }
      this.#refuseExcess(source.mark);
      if (source.kind !== 'alias') {
        this.#fill(fields, target.entries);
        continue;
      }
      this.#follow(source, () => {
        this.#refuseExcess(target.mark);
        this.#fill(fields, target.entries);
      });
    }
  }
}

const BAD_KEY = 'a key must be a string, true or false, or a number below 2^63';

const isMerge = (key: Node): boolean =>
  key.kind === 'scalar' && key.value === '<<' && (key.implicit || key.tag === MERGE_TAG);

const SMALL = 400_000;
const LARGE = 4_000_000;

function allowedAliasRatio(decoded: number): number {
  if (decoded <= SMALL) return 0.99;
  if (decoded >= LARGE) return 0.1;
  return 0.99 - (0.89 * (decoded - SMALL)) / (LARGE - SMALL);
}

const MAX_INT64 = 2n ** 63n - 1n;

function keyText({ type, value }: Resolved): string | null {
  if (type === 'null' || (typeof value === 'bigint' && value > MAX_INT64)) return null;
  return type === 'float' ? floatKey(Number(value)) : String(value);
}

/**
 * Go's `strconv.FormatFloat(value, 'g', -1, 32)`, with the words of YAML: the fewest digits that give the same single
 * float.
 */
function floatKey(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return Object.is(single, -0) ? '-0' : '0';
  const [mantissa = '', exponent = ''] = fewestDigits(single).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(`${mantissa}e${exponent}`));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function fewestDigits(single: number): string {
  let fraction = 0;
  while (Math.fround(Number(single.toExponential(fraction))) !== single) fraction++;
  const rounded = single.toExponential(fraction);
  // JavaScript rounds a half away from zero, Go to the even digit.
  const exact = single.toExponential(fraction + 1);
  if (Number(exact) !== single || !/5e/.test(exact)) return rounded;
  const cut = exact.replace('5e', 'e').replace('.e', 'e');
  return /[02468]e/.test(cut) && Math.fround(Number(cut)) === single ? cut : rounded;
}

/** Sets a field of its own, also `__proto__`. */
function setField(fields: Fields, name: string, value: Decoded): void {
  Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
}

function withoutUnsupported(value: Decoded): Json {
  const visit = (inner: Decoded): void => {
    if (inner instanceof Unsupported) throw yamlError(inner.what, inner.mark);
    if (typeof inner === 'object' && inner !== null) Object.values(inner).forEach(visit);
  };
  visit(value);
  return value as Json;
}
