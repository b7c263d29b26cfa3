/** How to recognise files of other programs, and what to do with them. The first match counts. */
const FOREIGN: readonly { readonly what: string; readonly is: RegExp; readonly then: string }[] = [
  {
    what: 'a script of k6',
    is: /^[ \t]*(?:import\b[^\n]*['"]k6(?:\/[^'"]*)?['"]|export\s+(?:default\b|const\s+options\b))/m,
    then: 'use it as k6-script, with engine: k6',
  },
  {
    what: 'a Locust file',
    is: /^[ \t]*(?:from[ \t]+locust\b|import[ \t]+locust\b)/m,
    then: 'write each task as a request with its weight, or what depends on an earlier answer as the steps of a journey',
  },
  {
    what: 'a Gatling simulation',
    is: /\bextends\s+Simulation\b|\bio\.gatling\b/,
    then: 'write each exec as a step of a journey: check(jsonPath("$.token").saveAs("token")) is save: {token: {json: $.token}}, #{token} is {{token}}, pause is think, and inject is the input stages or rate',
  },
  {
    what: 'a test plan of JMeter',
    is: /<jmeterTestPlan\b/,
    then: 'write each HTTP Sampler as a step of a journey, or record the same as a HAR and import it with the command import har',
  },
  {
    what: 'a script of Artillery',
    is: /(?<![^])(?=[^]*^[ \t]*["']?config["']?[ \t]*:)(?=[^]*^[ \t]*["']?scenarios["']?[ \t]*:)/m,
    then: 'write each of its scenarios as a journey and its flow as steps: capture is save: {token: {json: $.token}}, json is a body, think: 2 is the same, and phases are the input stages (60s@20)',
  },
  {
    what: 'a HAR',
    is: /^\s*\{\s*"log"\s*:\s*\{/,
    then: 'make a scenario of it with the command import har FILE',
  },
  {
    what: 'an OpenAPI description',
    is: /^[ \t]*["']?(?:openapi|swagger)["']?[ \t]*:[ \t]*["']?[23]/m,
    then: 'make a scenario of it with the command import openapi FILE',
  },
  {
    what: 'a collection of Postman',
    is: /"_postman_id"|schema\.getpostman\.com/,
    then: 'write its requests under requests, or send them once, record a HAR, and import it with the command import har',
  },
];

/** A sentence about a file that is not a scenario and what to do with it; null when it is not recognised. */
export function foreignScenario(text: string): string | null {
  const found = FOREIGN.find(({ is }) => is.test(text));
  return found === undefined ? null : `this is ${found.what}, not a scenario: ${found.then}`;
}
