/** A rule in our syntax, or what is wrong with a pasted one, in whole sentences. */
type PastedRule = { readonly rule: string } | { readonly fault: string };

/** Lines that belong together, and the number of the first, starting at 1. */
interface NumberedText {
  readonly line: number;
  readonly text: string;
}

const OPENS_LIST = /^[^#].*:\s*\[$/;
/** The longest list; one that is not closed by then is not a list. */
const MOST_LINES = 100;
const ABORT = 'abortOnFail';
const DELAY = 'delayAbortEval';

/**
 * The lines of a text without empty ones and those that begin with #. A list that is opened at the end of a line, as
 * k6's formatter writes it, is one with all up to the line that closes it.
 */
export function numberedLines(text: string): NumberedText[] {
  const lines = text.split(/\r\n|\r|\n/).map((raw) => raw.trim());
  const read: NumberedText[] = [];
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at] ?? '';
    const close = OPENS_LIST.test(first)
      ? lines.slice(at, at + MOST_LINES).findIndex((line) => line.startsWith(']'))
      : -1;
    const last = close < 0 ? at : at + close;
    const whole = lines.slice(at, last + 1).filter((line) => line !== '' && !line.startsWith('#'));
    if (whole.length > 0) read.push({ line: at + 1, text: whole.join(' ') });
    at = last;
  }
  return read;
}

const IN_QUOTES = /^(['"`])(.*)\1$/s;
const unquoted = (text: string): string => text.replace(IN_QUOTES, '$2');

/**
 * The rules of a line. As k6's options have them, the metric may stand in quotes and its conditions in a list, each a
 * text or an object: `'http_req_duration{expected_response:true}': ['p(95)<500', { threshold: 'avg<200', abortOnFail:
 * true }],` are two rules, the second of which is `http_req_duration{expected_response:true}: avg<200 abortOnFail`
 * here.
 */
export function rulesOfLine(line: string): PastedRule[] {
  const [, quoted, bare = '', written = ''] =
    /^(?:(['"`].*?['"`])|([^'"`:{]+(?:\{[^}]*\})?))\s*:\s*(.*?),?$/.exec(line) ?? [];
  const metric = unquoted((quoted ?? bare).trim()).trim();
  const list = /^\[(.*)\]$/.exec(written.trim())?.[1];
  const given = (list === undefined ? [written.trim()] : partsOf(list)).filter((condition) => condition !== '');
  const isPasted =
    quoted !== undefined ||
    list !== undefined ||
    given.some((condition) => IN_QUOTES.test(condition) || condition.startsWith('{'));
  if (!isPasted || given.length === 0) return [{ rule: line }];
  return given.map((condition): PastedRule => {
    const read = condition.startsWith('{') ? conditionOf(condition) : { rule: unquoted(condition) };
    return 'fault' in read ? read : { rule: `${metric}: ${read.rule}` };
  });
}

/** What stands between the commas that are in no braces and no quotes. */
function partsOf(text: string): string[] {
  const parts = [''];
  let [depth, quote] = [0, ''];
  for (const character of text) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (/['"`]/.test(character)) quote = character;
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (character === ',' && depth <= 0 && quote === '') parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts.map((part) => part.trim());
}

const FORM = `An object has the form { threshold: 'p(95)<500', ${ABORT}: true, ${DELAY}: '10s' }`;

/** A condition written as an object. */
function conditionOf(text: string): PastedRule {
  const inner = /^\{(.*)\}$/s.exec(text)?.[1];
  if (inner === undefined) return { fault: `${FORM}, on one line.` };
  const fields = new Map<string, string>();
  for (const part of partsOf(inner).filter((each) => each !== '')) {
    const [, key = '', value = ''] = /^([^:]*?)\s*:\s*(.*)$/s.exec(part) ?? [];
    fields.set(unquoted(key), unquoted(value.trim()));
  }
  const threshold = fields.get('threshold');
  const unknown = [...fields.keys()].find((key) => !['threshold', ABORT, DELAY].includes(key));
  if (unknown !== undefined) return { fault: `${JSON.stringify(unknown)} is not supported in a rule. ${FORM}.` };
  if (threshold === undefined) return { fault: `The object has no threshold. ${FORM}.` };
  const abort = fields.get(ABORT) ?? 'false';
  if (abort !== 'true' && abort !== 'false') return { fault: `${ABORT} is true or false. ${FORM}.` };
  const delay = fields.get(DELAY);
  // k6 takes a number as milliseconds.
  const inUnits = delay !== undefined && /^\d+$/.test(delay) ? `${delay}ms` : delay;
  return { rule: `${threshold}${abort === 'true' ? abortSuffix(inUnits) : ''}` };
}

const abortSuffix = (delay: string | undefined): string =>
  ` ${ABORT}${delay === undefined ? '' : ` ${DELAY}=${delay}`}`;
