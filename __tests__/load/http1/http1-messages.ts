import fc from 'fast-check';

const letters = (text: string): fc.Arbitrary<string> => fc.constantFrom(...Array.from(text));

const oftenThen = <T>(often: T, ...seldom: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(often) }, { weight: 2, arbitrary: fc.constantFrom(...seldom) });

const version = oftenThen('1.1', '1.0', '0.9', '2.0', '1.2', '11', '1.');
const status = fc.oneof(
  { weight: 8, arbitrary: fc.constant('200') },
  { weight: 4, arbitrary: fc.integer({ min: 200, max: 599 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('204', '304', '99', '1000', '2x0', '') },
);
const reason = oftenThen(' OK', '', ' ', ' Not\tfound', ' \u00e4\u00ff', ' a  b');
const statusLine = fc
  .tuple(version, status, reason, oftenThen('\r\n', '\n'))
  .map(([v, s, r, end]) => `HTTP/${v} ${s}${r}${end}`);

const blank = oftenThen(' ', '', '  ');
const name = fc.oneof(
  fc.constantFrom(
    'Server',
    'date',
    'X-Request-Id',
    'Keep-Alive',
    'Upgrade',
    'content-lengths',
    'Connectio',
    'a'.repeat(40),
  ),
  fc.string({ unit: letters('abcXYZ09-_~!'), minLength: 1, maxLength: 12 }),
);
const value = fc.oneof(
  fc.constantFrom(
    '',
    'nginx',
    'a b',
    'Mon, 23 Nov 2026 14:53:18 GMT',
    'timeout=5',
    '\u00fc',
    'close',
    'chunked',
    'x'.repeat(300),
  ),
  fc.string({ unit: letters('abc 09,;=\t"'), maxLength: 12 }),
);
const field = fc.tuple(name, blank, value).map(([n, b, v]) => `${n}:${b}${v}\r\n`);
const connection = fc
  .tuple(
    fc.constantFrom('Connection', 'connection', 'Proxy-Connection'),
    blank,
    fc.constantFrom(
      'keep-alive',
      'close',
      'Close',
      'Keep-Alive',
      'foo',
      'keep-alive, foo',
      'foo,close',
      'te, close , x',
      'upgrade',
      'closed',
    ),
  )
  .map(([n, b, v]) => `${n}:${b}${v}\r\n`);

const body = fc.string({ unit: letters('fo\r\n0 H'), maxLength: 40 });

/** A header field or fields with the body that they announce. */
const framed = fc.oneof(
  body.map((text) => [`Content-Length: ${String(text.length)}\r\n`, text] as const),
  body.map((text) => [`content-length:${String(text.length).padStart(4, '0')} \r\n`, text] as const),
  fc
    .tuple(
      fc.array(fc.string({ unit: letters('fo\r\n0 '), minLength: 1, maxLength: 20 }), { maxLength: 4 }),
      fc.constantFrom('', 'X: y\r\n'),
    )
    .map(
      ([chunks, trailer]) =>
        [
          'Transfer-Encoding: chunked\r\n',
          `${chunks.map((c) => `${c.length.toString(16)}\r\n${c}\r\n`).join('')}0\r\n${trailer}\r\n`,
        ] as const,
    ),
  body.map((text) => ['', text] as const),
  body.map((text) => ['Transfer-Encoding: gzip\r\n', text] as const),
);

const strange = fc.constantFrom(
  'Content-Length: 3\r\n',
  'Content-Length: x\r\n',
  'Content-Length:\r\n',
  'Content-Length: 3, 3\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Transfer-Encoding: chunked, gzip\r\n',
  'No colon\r\n',
  'Folded: a\r\n b\r\n',
  'X: a\u0000b\r\n',
  'X: a\u007f\r\n',
  'X: a\n',
  '(: b\r\n',
  ' lead: x\r\n',
  `Big: ${'b'.repeat(20_000)}\r\n`,
);

const interim = fc.constantFrom(
  '',
  '',
  '',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
  'HTTP/1.1 102 \r\n\r\n',
  '\r\n',
);
const surplus = fc.constantFrom('', '', '', '\r\n', 'x', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');

/** One answer, as a Latin-1 text: usually right, seldom strange. */
export const answers: fc.Arbitrary<string> = fc
  .tuple(
    interim,
    statusLine,
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: field },
        { weight: 3, arbitrary: connection },
        { weight: 1, arbitrary: strange },
      ),
      { maxLength: 4 },
    ),
    framed,
    fc.nat(4),
    surplus,
  )
  .map(([before, line, fields, [framing, text], place, after]) => {
    const head = [...fields];
    head.splice(place, 0, framing);
    return `${before}${line}${head.join('')}\r\n${text}${after}`;
  });

/** An answer of which a few bytes are changed, or the end is missing. */
export const brokenAnswers: fc.Arbitrary<string> = fc
  .tuple(
    answers,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('\r', '\n', ' ', ':', ';', '\0', 'a', '1', 'f', ''), fc.nat(2)), {
      maxLength: 3,
    }),
    fc.option(fc.nat()),
  )
  .map(([text, edits, cut]) => {
    let result = text;
    for (const [at, inserted, removed] of edits) {
      const place = at % (result.length + 1);
      result = result.slice(0, place) + inserted + result.slice(place + removed);
    }
    return cut === null ? result : result.slice(0, cut % (result.length + 1));
  });
