import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readAccessLog } from '../../../src/load/imports/access-log.ts';
import type { Found } from '../../../src/load/imports/found-requests.ts';
import { readHar } from '../../../src/load/imports/har.ts';
import { readOpenApi } from '../../../src/load/imports/openapi.ts';
import { scenarioFrom } from '../../../src/load/imports/scenario-text.ts';
import { probesOf } from '../../../src/load/requests/probes.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';

interface Read {
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  readonly notes: readonly string[];
  readonly yaml: string;
}

function imported(found: Found): Read {
  const { yaml, notes } = scenarioFrom(found, 'a test');
  expect(parseScenario(yaml).faults).toEqual([]);
  return { ...(parse(yaml) as Pick<Read, 'requests'>), notes, yaml };
}

const entry = (method: string, url: string, more: object = {}, status = 200) => ({
  request: { method, url, headers: [], ...more },
  response: { status },
});
const har = (...entries: object[]): string => JSON.stringify({ log: { version: '1.2', entries } });

describe('a HAR', () => {
  test('becomes requests with weights after how often they stand there', () => {
    const page = entry('GET', 'https://shop.localhost/?page=1');
    const headers = [
      { name: 'Content-Type', value: 'application/json' },
      { name: 'Authorization', value: 'Bearer eyJhbGciOi.JIUzI1NiJ9.x' },
      { name: 'User-Agent', value: 'Mozilla/5.0' },
      { name: ':authority', value: 'shop.localhost' },
      { name: 'X-Csrf', value: 'whatever' },
    ];
    const postData = { mimeType: 'application/json', text: '{"email": "ann@example.org", "items": [{"id": 7}]}' };
    const { requests, notes, yaml } = imported(
      readHar(
        har(
          ...[page, page, page, page],
          entry('POST', 'https://shop.localhost/cart', { headers, postData }, 201),
          entry('POST', 'https://shop.localhost/cart', { headers, postData }, 201),
          entry('GET', 'https://shop.localhost/app.js'),
          entry('GET', 'data:text/plain,x'),
          entry('GET', 'https://shop.localhost/old', {}, 302),
        ),
      ),
    );
    expect(requests).toEqual([
      { name: 'GET shop.localhost/', weight: 4, host: 'shop.localhost', path: '/?page=1' },
      {
        name: 'POST shop.localhost/cart',
        weight: 2,
        method: 'POST',
        host: 'shop.localhost',
        path: '/cart',
        headers: { 'content-type': 'application/json' },
        body: '{"email":"REDACTED","items":[{"id":7}]}',
      },
      { name: 'GET shop.localhost/old', host: 'shop.localhost', path: '/old', expect: { status: 302 } },
    ]);
    expect(notes).toEqual([
      'static files (scripts, styles, images, fonts)',
      'requests over data',
      'the header authorization, because its value may be private',
      'the header x-csrf, because its value may be private',
    ]);
    expect(yaml).not.toMatch(/ann@|eyJ|whatever/);
  });

  test('of a browser that had an answer already expects no 304, for which the headers are missing', () => {
    const { requests } = imported(readHar(har(entry('GET', 'http://a.localhost/x', {}, 304))));
    expect(requests).toEqual([{ name: 'GET a.localhost/x', host: 'a.localhost', path: '/x' }]);
  });

  test('may name the type of a body only beside it', () => {
    const postData = { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'a', value: 'b c' }] };
    const { requests } = imported(readHar(har(entry('POST', 'http://a.localhost/x', { postData }))));
    expect(requests).toMatchObject([
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b+c' },
    ]);
  });

  test('has what is no text or no single answer among what is not taken', () => {
    const binary = { postData: { mimeType: 'application/octet-stream', text: '\u001f\u008b\b' } };
    const encoded = { postData: { mimeType: 'image/png', encoding: 'base64', text: 'iVBORw0=' } };
    const events = {
      ...entry('GET', 'http://a.localhost/events'),
      response: { status: 200, content: { mimeType: 'text/event-stream' } },
    };
    const { requests, notes } = imported(
      readHar(
        har(
          entry('POST', 'http://a.localhost/a', binary),
          entry('POST', 'http://a.localhost/b', encoded),
          entry('GET', 'http://a.localhost/ws', {}, 101),
          events,
          entry('GET', 'http://a.localhost/'),
        ),
      ),
    );
    expect(requests).toHaveLength(1);
    expect(notes).toEqual([
      '2 × bodies that are not text',
      'WebSockets, which are steps with websocket in journeys',
      'event streams, which are steps with stream: events in journeys',
    ]);
  });

  test('keeps fields with private names back, also in JSON that is sent as plain text', () => {
    const postData = { mimeType: 'text/plain;charset=UTF-8', text: '{"password": "pw1", "page": 9007199254740993}' };
    const { requests } = imported(readHar(har(entry('POST', 'http://a.localhost/x', { postData }))));
    expect(requests).toMatchObject([{ body: '{"password":"REDACTED","page":9007199254740993}' }]);
  });

  test('with the fields of an upload and not its text does not make a form of it', () => {
    const params = [{ name: 'file', fileName: 'a.png', contentType: 'image/png' }];
    const upload = entry('POST', 'http://a.localhost/x', { postData: { mimeType: 'multipart/form-data', params } });
    const { requests, notes } = imported(readHar(har(upload, entry('GET', 'http://a.localhost/'))));
    expect(requests).toHaveLength(1);
    expect(notes).toEqual(['multipart uploads, because the HAR has their fields but not their text']);
  });

  test('asks only with GET before the load', () => {
    const { yaml } = imported(
      readHar(
        har(
          entry('POST', 'http://a.localhost/x'),
          entry('DELETE', 'http://a.localhost/y'),
          entry('GET', 'http://a.localhost/z'),
        ),
      ),
    );
    const targets = parseScenario(yaml).targets.map((target) => ({ ...target, host: target.host ?? '' }));
    expect(probesOf(targets).map(({ path }) => path)).toEqual(['/z']);
  });

  test.each(['', '{}', '{"log": {}}', '<html>'])('is not %j', (text) => {
    expect(() => readHar(text)).toThrow('HAR');
  });
});

describe('what looks private', () => {
  test.each([
    ['/a?token=abc&x=1', '/a?token=REDACTED&x=1'],
    ['/a?user=ann%40example.org', '/a?user=REDACTED'],
    ['/a?accessToken=1', '/a?accessToken=REDACTED'],
    ['/reset/eyJhbGciOi.JIUzI1NiJ9.sig', '/reset/REDACTED'],
    ['/users/0123456789abcdef0123456789abcdef/x', '/users/REDACTED/x'],
    ['/products/12?colour=red&size=xl', '/products/12?colour=red&size=xl'],
    ['/u/ann@example.org', '/u/REDACTED'],
  ])('is taken out of %s', (path, expected) => {
    const found = {
      requests: [{ method: 'GET', host: null, path, headers: [], body: null, status: 200, name: null, count: 1 }],
      leftOut: new Map(),
    };
    expect(imported(found).requests).toMatchObject([{ path: expected }]);
  });

  test('is taken out of forms, too', () => {
    const postData = {
      mimeType: 'application/x-www-form-urlencoded',
      params: [
        { name: 'password', value: 'hunter2' },
        { name: 'q', value: 'a b' },
      ],
    };
    const headers = [{ name: 'content-type', value: 'application/x-www-form-urlencoded' }];
    const { requests } = imported(readHar(har(entry('POST', 'http://a.localhost/', { headers, postData }))));
    expect(requests).toMatchObject([{ body: 'password=REDACTED&q=a+b' }]);
  });
});

describe('an access log', () => {
  const combined = (request: string, status: number): string =>
    `10.1.2.3 - ann [30/Nov/2026:10:00:00 +0000] "${request}" ${String(status)} 512 "https://x/" "curl/8"`;
  test('of nginx or Apache becomes requests by how often they were sent', () => {
    const lines = [
      ...Array<string>(30).fill(combined('GET / HTTP/1.1', 200)),
      ...Array<string>(10).fill(combined('GET /search?q=%22x%22 HTTP/2.0', 200)),
      combined('POST /login HTTP/1.1', 200),
      combined('GET /missing HTTP/1.1', 404),
      combined('GET /logo.png HTTP/1.1', 200),
      'nothing of the kind',
    ];
    const { requests, notes, yaml } = imported(readAccessLog(lines.join('\r\n')));
    expect(requests).toEqual([
      { name: 'GET /', weight: 3, path: '/' },
      { name: 'GET /search', path: '/search?q=%22x%22' },
    ]);
    expect(notes).toEqual([
      'POST requests, because a log does not have their bodies',
      'requests answered with 404',
      'static files (scripts, styles, images, fonts)',
      'lines that are not requests in a known format',
    ]);
    expect(yaml).not.toContain('10.1.2.3');
  });

  test.each([
    ['Traefik', { RequestMethod: 'GET', RequestPath: '/a', DownstreamStatus: 200, RequestHost: 'a.localhost:80' }],
    ['Caddy', { request: { method: 'GET', uri: '/a', host: 'a.localhost' }, status: 200 }],
    ['Envoy', { method: 'GET', path: '/a', response_code: '200', authority: 'a.localhost' }],
  ])('of %s is JSON', (_, line) => {
    expect(imported(readAccessLog(JSON.stringify(line))).requests).toEqual([
      { name: 'GET a.localhost/a', host: 'a.localhost', path: '/a' },
    ]);
  });

  test('without any request is none', () => {
    expect(() => readAccessLog('hello\nworld')).toThrow('it has no line with a request');
    expect(readAccessLog('').requests).toEqual([]);
  });
});

const OPENAPI = `openapi: 3.1.0
servers: [{url: https://api.example.org/v1/}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {in: query, name: limit, required: true, schema: {type: integer, minimum: 5}}
        - {in: query, name: cursor, schema: {type: string}}
      responses: {"200": {description: ok}}
    post:
      security: [{key: []}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"201": {description: made}}
    head: {responses: {"200": {description: ok}}}
  /pets/{petId}:
    parameters: [{in: path, name: petId, required: true, schema: {type: string}, example: rex}]
    get: {responses: {"200": {description: ok}, default: {description: fault}}}
    delete: {deprecated: true, responses: {}}
  /upload:
    put: {requestBody: {content: {multipart/form-data: {}}}, responses: {}}
components:
  schemas:
    Pet:
      type: object
      required: [name, kind, owner]
      properties:
        name: {type: string}
        kind: {enum: [dog, cat]}
        owner: {type: object, properties: {email: {type: string, example: ann@example.org}, parent: {$ref: "#/components/schemas/Pet"}}}
`;

describe('an OpenAPI description', () => {
  test('becomes a request for each operation, with what it needs', () => {
    const { requests, notes } = imported(readOpenApi(OPENAPI));
    expect(requests.map(({ name, method, path }) => [name, method, path])).toEqual([
      ['listPets', undefined, '/v1/pets?limit=5'],
      ['POST /v1/pets', 'POST', '/v1/pets'],
      ['GET /v1/pets/rex', undefined, '/v1/pets/rex'],
      ['PUT /v1/upload', 'PUT', '/v1/upload'],
    ]);
    const body = JSON.parse(String(requests[1]?.['body'])) as Readonly<Record<string, unknown>>;
    expect(body).toMatchObject({ name: 'text', kind: 'dog', owner: { email: 'REDACTED' } });
    expect(notes).toEqual([
      'POST /pets: it asks for a login; add a header, or make it a step of a journey',
      'HEAD /pets: its method is not supported',
      'DELETE /pets/{petId}: it is deprecated',
      "PUT /upload: its body is multipart/form-data, which can't be generated",
    ]);
  });

  test('may be Swagger, as JSON', () => {
    const swagger = {
      swagger: '2.0',
      basePath: '/api',
      paths: {
        '/a': {
          post: { parameters: [{ in: 'body', schema: { type: 'array', items: { type: 'boolean' } } }], responses: {} },
        },
      },
    };
    expect(imported(readOpenApi(JSON.stringify(swagger))).requests).toMatchObject([{ path: '/api/a', body: '[true]' }]);
  });

  test.each(['[', '{}', 'a: &a [*a]'])('is not %j', (text) => {
    expect(() => readOpenApi(text)).toThrow(/^it /);
  });
});

describe('any text', () => {
  const value = fc.jsonValue();
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .array(
        fc.record({
          request: fc.record({
            method: fc.constantFrom('GET', 'POST', 'PROPFIND'),
            url: fc.oneof(fc.webUrl(), fc.string()),
            headers: value,
            postData: value,
          }),
          response: value,
        }),
      )
      .map((entries) => har(...entries)),
    fc
      .dictionary(
        fc.string().map((path) => `/${path}`),
        value,
      )
      .map((paths) => JSON.stringify({ openapi: '3.0.0', paths })),
    fc
      .array(fc.string({ unit: 'binary' }))
      .map((paths) => paths.map((path) => `h - - [d] "GET /${path} HTTP/1.1" 200 1`).join('\n')),
  );
  test.each([
    ['har', readHar],
    ['openapi', readOpenApi],
    ['access-log', readAccessLog],
  ])('as %s is a good scenario, nothing, or refused', (_, read) => {
    fc.assert(
      fc.property(text, (given) => {
        let found: Found;
        try {
          found = read(given);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          return;
        }
        const { yaml, requests } = scenarioFrom(found, 'x');
        if (requests > 0) expect(parseScenario(yaml).faults).toEqual([]);
      }),
    );
  });
});
