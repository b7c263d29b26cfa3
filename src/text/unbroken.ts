/** Units as our texts write them after a number. */
const UNITS = ['%', '/s', '(?:[KMGT]i?)?B(?:/s)?', 'ms', 's', 'min', 'h', 'points?', 'cores?'].join('|');

const BEFORE_A_UNIT = new RegExp(`(\\d) (?=(?:${UNITS})(?![\\w/]))`, 'g');

/** A text in which no line breaks between a number and its unit, or after the ≈ of a number. */
export const unbroken = (text: string): string =>
  text.replace(BEFORE_A_UNIT, '$1\u00a0').replace(/≈ (?=\d)/g, '≈\u00a0');
