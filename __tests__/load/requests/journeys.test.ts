import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longestThinkingMs, meanThinkingMs } from '../../../src/load/journeys/journey.ts';
import { createRandom } from '../../../src/load/random.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';
import { secretsOfScenario } from '../../../src/load/requests/scenario-secrets.ts';
import { renderTemplate } from '../../../src/load/requests/template.ts';

const GOOD = `journeys:
  - name: buy
    weight: 3
    think: 1s..3s
    data: {file: users.csv, each: user}
    steps:
      - name: login
        method: POST
        path: /login
        headers: {content-type: application/json}
        body: '{"user": {{json user}}, "password": {{json password}}}'
        expect: {status: 200, json: {$.ok: true}}
        save:
          token: {json: $.token}
          next: {header: Location}
      - name: use
        path: "{{next}}?q={{url user}}"
        headers: {authorization: "Bearer {{token}}"}
        think: 0s
        expect: {json: [$.items], header: {content-type: application/json}}
  - name: look
    steps: [{path: /}]
`;
const CSV = 'user,password\nann,pass-of-ann-1\nbob,pass-of-bob-2\n';
const read = (text: string, data = CSV) => parseScenario(text, () => data);

test('journeys are understood', () => {
  const { targets, journeys, faults } = read(GOOD);
  expect(faults).toEqual([]);
  expect(targets).toMatchObject([
    { name: 'login', path: '/login', expectedStatuses: [200], step: true },
    { name: 'use', step: true },
    { name: 'GET /', step: true },
  ]);
  expect(journeys).toMatchObject([
    {
      name: 'buy',
      weight: 3,
      data: {
        each: 'user',
        columns: ['user', 'password'],
        rows: [
          ['ann', 'pass-of-ann-1'],
          ['bob', 'pass-of-bob-2'],
        ],
      },
      steps: [
        {
          name: 'login',
          target: 0,
          thinkMs: [1000, 3000],
          save: [
            { name: 'token', from: { kind: 'json', text: '$.token' }, inHeader: true },
            { name: 'next', from: { kind: 'header', header: 'location' }, inHeader: false },
          ],
          expect: [{ kind: 'json', text: '$.ok', value: true }],
        },
        { name: 'use', target: 1, thinkMs: [0, 0], expect: [{ kind: 'json' }, { kind: 'header' }] },
      ],
    },
    { name: 'look', weight: 1, data: null, steps: [{ target: 2, thinkMs: [0, 0] }] },
  ]);
});

test('what columns called as credentials hold is kept out of logs', () => {
  const secrets = secretsOfScenario(read(GOOD));
  expect(secrets).toEqual(expect.arrayContaining(['pass-of-ann-1', 'pass-of-bob-2']));
  expect(secrets).not.toContain('ann');
});

test('expectations hold values that were saved before, and braces of no value where they are meant', () => {
  const { journeys, targets, faults } = read(`journeys:
  - name: j
    data: users.csv
    steps:
      - path: /
        expect: {text: 'Hello {{user}}', json: {$.user: '{{user}}', $.n: 1}, header: {x-user: '{{user}}'}}
  - name: literal
    steps:
      - {method: POST, body: 'Dear {{choice "{{"}}name}}', expect: {text: plain}}
`);
  expect(faults).toEqual([]);
  const user = { kind: 'value', name: 'user', as: 'body' };
  expect(journeys?.[0]?.steps[0]?.expect).toMatchObject([
    { kind: 'text', text: ['Hello ', user] },
    { kind: 'json', text: '$.user', value: [user] },
    { kind: 'json', text: '$.n', value: 1 },
    { kind: 'header', header: 'x-user', text: [user] },
  ]);
  // The whole body is searched, so that the sender has nothing to look for.
  expect(targets[0]).not.toHaveProperty('expectedText');
  expect(renderTemplate(targets[1]?.content?.body ?? [], createRandom(''))).toBe('Dear {{name}}');
});

test('a value that is encoded in a header may have any characters', () => {
  const data = 'city\nKöln\n';
  const text = (how: string): string =>
    `journeys: [{name: j, data: a.csv, steps: [{headers: {x-city: "{{${how}city}}"}}]}]`;
  expect(read(text('url '), data).faults).toEqual([]);
  expect(read(text(''), data).faults).toMatchObject([
    { message: expect.stringContaining("a header can't hold") as unknown },
  ]);
});

const journey = (steps: string, more = ''): string => `journeys:\n  - name: j\n${more}    steps:\n${steps}`;

describe('a fault', () => {
  test.each<[string, string, number, string]>([
    ['a value that nothing saves', journey('      - path: /{{token}}\n'), 4, '{{token}} is not a placeholder'],
    [
      'a value that only a later step saves',
      journey('      - path: /{{token}}\n      - path: /b\n        save: {token: {json: $.a}}\n'),
      4,
      '{{token}} has no value here yet: step "number 2" saves it, and it can be used in the steps after that one',
    ],
    [
      'a value that its own step saves',
      journey('      - {name: a, path: "/{{url token}}", save: {token: {json: $.a}}}\n'),
      4,
      '{{token}} has no value here yet: step "a" saves it',
    ],
    [
      'an expectation that is chosen at random',
      journey('      - expect: {json: {$.a: "{{uuid}}"}}\n'),
      4,
      "what an answer has to hold can't be chosen at random",
    ],
    [
      'an expectation with a value that nothing saves',
      journey('      - expect: {text: "hello {{usr}}"}\n'),
      4,
      '{{usr}} is not a placeholder',
    ],
    [
      'a random text that a request expects',
      'requests:\n  - expect: {text: "item {{int 1 5}}"}\n',
      2,
      'the text is the same for each request',
    ],
    [
      'a text in what may come compressed',
      'requests:\n  - {headers: {Accept-Encoding: "gzip, br"}, expect: {text: a}}\n',
      2,
      'with Accept-Encoding the answer may come compressed',
    ],
    [
      'a path that YAML reads as a list',
      journey('      - {name: a, save: {b: {json: $.list[0].id}}}\n      - {name: c}\n'),
      4,
      "Put quotes around a value or a key with brackets or braces in it, as in {json: '$.list[0].id'}",
    ],
    [
      'a name that no value can have',
      journey('      - save: {my-id: {json: $.a}}\n'),
      4,
      'save.my-id: the name has to be a name of letters, digits and _',
    ],
    ['a body that is expected', journey('      - expect: {body: hello}\n'), 4, 'here it is text, which stands'],
    ['a time that is expected', journey('      - expect: {max_duration: 1s}\n'), 4, 'here it is the input thresholds'],
    ['a condition', journey('      - if: "{{a}}"\n'), 4, 'steps have no conditions; write a journey for each way'],
    ['a loop', journey('      - loop: 3\n'), 4, 'steps are not repeated'],
    [
      'a stream that may come compressed',
      journey('      - {stream: events, headers: {Accept-Encoding: gzip}}\n'),
      4,
      'the events of a stream are counted as they come',
    ],
    [
      'a host with a placeholder',
      journey('      - host: "{{tenant}}.localhost"\n'),
      4,
      'without a port and without placeholders',
    ],
    [
      'the name of a placeholder',
      journey('      - save: {uuid: {json: $.a}}\n'),
      4,
      'uuid is the name of a placeholder',
    ],
    ['a path that is none', journey('      - save: {a: {json: a}}\n'), 4, '"a" is not a supported path'],
    ['a regex that is none', journey('      - save: {a: {regex: "(?=a)"}}\n'), 4, 'is not a regex that RE2 accepts'],
    [
      'two sources',
      journey('      - save: {a: {json: $.a, header: b}}\n'),
      4,
      'save.a: it must be one of {json: $.token}, {header: location}',
    ],
    ['a pause that is none', journey('      - think: 3s..1s\n'), 4, 'a time such as 2s, or two of them'],
    [
      'requests beside journeys',
      `requests: [{path: /}]\n${journey('      - path: /\n')}`,
      3,
      'give either requests or journeys',
    ],
    ['neither of them', '{}', 1, 'give either requests or journeys'],
    [
      'two steps of one name',
      journey('      - {name: a}\n      - {name: a}\n'),
      5,
      'there is another request with the name "a"',
    ],
    ['data of another kind', journey('      - path: /\n', '    data: users.txt\n'), 3, 'neither a .csv nor a .json'],
    ['a value in a request', 'requests:\n  - path: /{{token}}\n', 2, '{{token}} is not a placeholder'],
  ])('is told with its line: %s', (_, text, line, message) => {
    const { faults } = read(text);
    expect(faults[0]).toMatchObject({ line, message: expect.stringContaining(message) as unknown });
  });

  test('of the data names its file and row, and not what it holds', () => {
    const inHeader = journey('      - headers: {authorization: "Bearer {{password}}"}\n', '    data: users.csv\n');
    const { faults } = read(inHeader, 'user,password\nann,fine\nbob,geheim-ß\n');
    expect(faults[0]?.message).toContain("row 2 has a password that a header can't hold");
    expect(JSON.stringify(faults)).not.toContain('geheim');
    expect(read(inHeader, 'user,uuid\na,b\n').faults[0]?.message).toContain(
      'the column uuid has the name of a placeholder',
    );
    expect(parseScenario(inHeader).faults[0]?.message).toContain('no file of data is read here');
  });
});

test('any text of a journey is understood or told', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('{{token}}', '{{url a}}', '{{', '$.a', '1s..2s', '/'),
    fc.jsonValue(),
  );
  const step = fc.record(
    { path: value, think: value, save: fc.dictionary(fc.string(), value), expect: value, body: value },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), (steps) => {
      const { faults, targets, journeys } = read(JSON.stringify({ journeys: [{ name: 'j', data: 'a.csv', steps }] }));
      if (faults.length === 0) expect([targets.length, journeys?.length]).toEqual([steps.length, 1]);
    }),
  );
});

describe('a step that opens a WebSocket', () => {
  const step = (
    text: string,
  ): string => `journeys: [{name: talk, steps: [{name: login, path: /, save: {id: {header: x}}},
  {name: chat, path: /ws, ${text}}]}]`;

  test('says its texts in turn', () => {
    const { journeys, targets, faults } = read(
      step(`websocket: {send: ['{{id}}', '{{uuid}}'], every: 1s..2s, answer: {text: ok}, greetings: 1}`),
    );
    expect(faults).toEqual([]);
    const echo = {
      send: [[{ kind: 'value', name: 'id', as: 'body' }], [{ kind: 'uuid' }]],
      messages: 2,
      everyMs: [1000, 2000],
      answer: { text: 'ok' },
      greetings: 1,
    };
    expect(journeys?.[0]?.steps[1]?.echo).toEqual(echo);
    expect(targets[1]).toMatchObject({ step: true, echo });
    expect([longestThinkingMs(journeys ?? []), meanThinkingMs(journeys ?? [])]).toEqual([2000, 1500]);
  });

  test.each([
    ['websocket: {}', 'websocket.send: it must be a string, or a list of strings'],
    ["websocket: {send: '{{nobody}}'}", 'websocket.send: {{nobody}} is not a placeholder'],
    ["websocket: {send: [hi, '{{nobody}}']}", 'websocket.send.1: {{nobody}} is not a placeholder'],
    ['websocket: {send: hi, every: often}', 'websocket.every: it must be a time such as 2s'],
    ['websocket: {send: hi, messages: 0}', 'websocket.messages: '],
    ['websocket: {send: hi}, method: POST', 'method: a WebSocket is opened with a GET'],
    ['websocket: {send: hi}, method: POST, body: a', 'body: the opening of a WebSocket has no body'],
    ['websocket: {send: hi}, stream: events', 'stream: a step can have a stream or a websocket, not both'],
    ['websocket: {send: hi}, expect: {status: 200}', 'expect.status: a WebSocket is opened with status 101'],
    ['websocket: {send: hi}, save: {a: {json: $.a}}', 'save.a: the opening of a WebSocket has no body'],
  ])('%s', (text, message) => {
    expect(read(step(text)).faults.map((fault) => fault.message)).toEqual(
      expect.arrayContaining([expect.stringContaining(message)]),
    );
  });
});
