import { describe, expect, test } from '@jest/globals';
import { parseScenario } from '../../../src/load/requests/scenario.ts';

const faultsOf = (text: string): string[] =>
  parseScenario(text, () => 'user\nann\n').faults.map(({ line, message }) => `${String(line)}: ${message}`);

describe('a file of another program', () => {
  test.each([
    ["import http from 'k6/http';\nexport default function () { http.get('http://a/'); }", 'a script of k6'],
    ['from locust import HttpUser, task\nclass A(HttpUser):\n    pass\n', 'a Locust file'],
    ['class A extends Simulation {\n  setUp(scn.inject(atOnceUsers(1)))\n}', 'a Gatling simulation'],
    ['<?xml version="1.0"?>\n<jmeterTestPlan version="1.2">\n</jmeterTestPlan>', 'a test plan of JMeter'],
    ['config:\n  target: http://a\nscenarios:\n  - flow:\n      - get: {url: /}\n', 'a script of Artillery'],
    ['{"log": {"version": "1.2", "entries": []}}', 'a HAR'],
    ['openapi: 3.1.0\npaths: {}\n', 'an OpenAPI description'],
    ['{"info": {"_postman_id": "1"}, "item": []}', 'a collection of Postman'],
  ])('%j', (text, what) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(`^1: this is ${what}, not a scenario: .`)]);
  });

  test('is none when it is a scenario, whatever stands in it', () => {
    expect(faultsOf(`requests: [{path: /, name: "import http from 'k6/http'"}]\n`)).toEqual([]);
  });
});

describe('words of other programs are told with the right ones and their line', () => {
  const step = (text: string): string => `journeys:\n  - name: buy\n    data: users.csv\n    steps:\n      - ${text}\n`;
  test.each([
    [step('url: /login'), '5: journeys.0.steps.0: there is no field "url"; here it is path'],
    [step('Path: /login'), 'there is no field "Path"; here it is path'],
    [step('json: {a: 1}'), 'here it is body, with JSON as a string'],
    [step('capture: {json: $.a}'), 'here it is save, as in save: {token: {json: $.token}}'],
    [step('sleep: 1'), 'here it is think'],
    [step('method: post'), 'method: it must be GET, POST, PUT, PATCH, DELETE or OPTIONS, in capitals'],
    [step('websocket: ws'), 'websocket: it must be a mapping, as in {send: hello, messages: 10}'],
    [step('zzz: 1'), 'there is no field "zzz". The fields are name, method, '],
    [step('body: {user: ann}'), `body: it must be a string; write JSON as a string, as in '{"user": {{json user}}}'`],
    [step('save: {token: $.token}'), 'save.token: it must be one of {json: $.token}'],
    [step('expect: 200'), 'expect: it must be a mapping, as in expect: {status: 200'],
    [step('expect: {status: 2xx}'), 'expect.status: it must be a number from 200 to 599'],
    [step('expect: {json: $.ok}'), 'expect.json: it must be paths with their values'],
    [step('headers: {x: null}'), 'headers.x: it must be a string, a number or a boolean'],
    [step(`path: '/\${user}'`), 'path: ${user} would be sent literally; write {{user}}'],
    [step(`path: /, headers: {x: '#{user}'}`).replace('path: /, ', ''), '#{user} would be sent literally'],
    ['requests:\n  path: /\n', '2: requests: it must be a list, with a - before each request'],
    ['requests: [{path: /, weight: 60%}]', '1: requests.0.weight: it must be a whole number from 1 to 1000'],
    ['requests: [{path: /, stream: events}]', 'it is a field of a step: make it a journey with one step'],
    ['scenarios: [{path: /}]', 'there is no field "scenarios"; here it is journeys'],
  ])('%j', (text, message) => {
    expect(faultsOf(text)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });
});

test('a pause may be a number of seconds', () => {
  const { journeys, faults } = parseScenario(
    'journeys: [{name: a, think: 2, steps: [{path: /}, {path: /b, think: 0.5}]}]',
  );
  expect(faults).toEqual([]);
  expect(journeys?.[0]?.steps.map(({ thinkMs }) => thinkMs)).toEqual([
    [2000, 2000],
    [500, 500],
  ]);
});
