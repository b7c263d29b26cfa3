import type { RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { describe, expect, test } from '@jest/globals';
import { ingressOf, updateOwnCluster } from '../../../src/context.ts';
import { createAuthority, type IssuedCertificate } from '../../../src/adapters/certificates.ts';
import { onLoopback, withHttps } from '../../../src/model/endpoint.ts';
import { checkRoutes } from '../../../src/stages/health/check-routes.ts';
import { targetsOf } from '../../../src/stages/loading/targets.ts';
import type { ComparedVersions } from '../../../src/state.ts';
import { createWorld, render, type World, writeApplication } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { instantClock } from '../../fakes/github/instant-clock.ts';
import { localServers } from '../../fakes/local-servers.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = temporaryFolders();
const servers = localServers();

/** Answers by `host/path`: a text, or a status with its Location. Whatever is not listed is 404. */
type Answers = Readonly<Record<string, string | readonly [status: number, location: string | null]>>;

const answering =
  (answers: Answers): RequestListener =>
  (request, response) => {
    const answer = answers[`${request.headers.host ?? ''}${request.url ?? ''}`] ?? [404, null];
    if (typeof answer === 'string') response.end(answer);
    else response.writeHead(answer[0], answer[1] === null ? {} : { location: answer[1] }).end();
  };

const ingress = (answers: Answers): Promise<number> => servers.serve(answering(answers));

/** The same over HTTPS, with one certificate for every host. */
const secureIngress = ({ certificates, privateKey }: IssuedCertificate, answers: Answers): Promise<number> =>
  servers.listen(createSecureServer({ cert: certificates, key: privateKey }, answering(answers)));

const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - {host: a.localhost}
    - {host: www.a.localhost}
`;

async function world(
  answers: Answers,
  hosts: string,
  more: { inputs?: Record<string, string>; comparedVersions?: ComparedVersions } = {},
): Promise<World> {
  const made = createWorld(folder(), {
    clock: instantClock(),
    inputs: { manifests: writeApplication(folder()), hosts, wait: '20s', ...more.inputs },
    state: more.comparedVersions === undefined ? {} : { comparedVersions: more.comparedVersions },
  });
  updateOwnCluster(made.context, { ingress: onLoopback(await ingress(answers)) });
  render(made, 'application', INGRESS);
  return made;
}

test('a redirect to another path of the same host is followed to its end, and that path is loaded', async () => {
  const { context, logged } = await world(
    {
      'a.localhost/': [302, '/app'],
      'a.localhost/app': [308, 'http://A.localhost/app/'],
      'a.localhost/app/': 'shop',
      'b.localhost/': 'other',
    },
    'a.localhost\nb.localhost',
  );
  await checkRoutes(context);
  expect(context.store.state.redirects).toEqual([{ host: 'a.localhost', from: '/', to: '/app/', status: 302 }]);
  expect(targetsOf(context)).toEqual([
    { host: 'a.localhost', path: '/app/' },
    { host: 'b.localhost', path: '/' },
  ]);
  expect(logged('warning')).toEqual([
    expect.stringContaining(
      'http://a.localhost/ is redirected to /app/ (status 302), so the load goes to /app/ instead',
    ),
  ]);
  // What was followed once is looked at anew each time.
  await checkRoutes(context);
  expect(context.store.state.redirects).toHaveLength(1);
});

test('a redirect to a login page is said to be one', async () => {
  const { context, logged } = await world(
    { 'a.localhost/': [302, '/login?next=/'], 'a.localhost/login?next=/': 'who?' },
    'a.localhost',
  );
  await checkRoutes(context);
  expect(logged('warning')[0]).toMatch(
    /looks like a login page\. The figures describe that page.*headers of a scenario/,
  );
});

const refused: readonly (readonly [name: string, answers: Answers, hosts: string, message: RegExp, hint: RegExp])[] = [
  [
    'to HTTPS of the same host',
    { 'a.localhost/': [308, 'https://a.localhost/'] },
    'a.localhost',
    /^http:\/\/a\.localhost\/ is redirected to HTTPS, https:\/\/a\.localhost\/, .*\(status 308\)$/,
    /ssl-redirect: "false"/,
  ],
  [
    'to another host that has a route',
    { 'a.localhost/x': [301, '//www.a.localhost/x'] },
    'a.localhost=/x',
    /redirected to another host, http:\/\/www\.a\.localhost\/x \(status 301\)$/,
    /the line `www\.a\.localhost=\/x` instead of `a\.localhost=\/x`/,
  ],
  [
    'to another host that has none',
    { 'a.localhost/': [301, 'https://example.com'] },
    'a.localhost',
    /redirected to another host, https:\/\/example\.com\/ \(status 301\)$/,
    /No route in the manifests names example\.com/,
  ],
  [
    'to a port that leads nowhere',
    { 'a.localhost/': [302, 'http://a.localhost:3/x'] },
    'a.localhost',
    /redirected to http:\/\/a\.localhost:3\/x, a port/,
    /the line `a\.localhost=\/x`/,
  ],
  [
    'in a circle',
    { 'a.localhost/': [302, '/b'], 'a.localhost/b': [302, '/'] },
    'a.localhost',
    /redirected in a circle: \/ → \/b → \//,
    /cookie/,
  ],
  ['to itself', { 'a.localhost/': [302, '/'] }, 'a.localhost', /in a circle: \/ → \/ \(status 302\)$/, /cookie/],
  ['without saying where', { 'a.localhost/': [302, null] }, 'a.localhost', /without a Location/, /a\.localhost=\/PATH/],
];

test.each(refused)('a redirect %s is an error', async (_name, answers, hosts, message, hint) => {
  const { context } = await world(answers, hosts);
  await expect(checkRoutes(context)).rejects.toMatchObject({
    code: 'route-not-ready',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
    tryThis: expect.stringContaining("--header 'Host: a.localhost'"),
  });
});

test('a chain without an end is an error', async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`a.localhost/${String(i)}`, [302, `/${String(i + 1)}`]] as const),
  );
  const { context } = await world(chain, 'a.localhost=/0');
  await expect(checkRoutes(context)).rejects.toMatchObject({
    message: expect.stringContaining('again and again: /0 → /1'),
  });
});

test('all hosts that are redirected elsewhere are told at once, and one that never answers is not waited for', async () => {
  const { context } = await world(
    {
      'tls.localhost/': [308, 'https://tls.localhost/'],
      'force.localhost/': [308, 'https://force.localhost/'],
      'approot.localhost/': [302, 'http://approot.localhost/login'],
      'approot.localhost/login': 'hello from web',
      'perm.localhost/': [301, 'https://example.com'],
    },
    'tls.localhost\nforce.localhost\napproot.localhost\nperm.localhost\nsilent.localhost',
    { inputs: { wait: '900s' } },
  );
  await expect(checkRoutes(context)).rejects.toMatchObject({
    code: 'route-not-ready',
    message: expect.stringMatching(
      /^http:\/\/tls\.localhost\/ .*\nhttp:\/\/force\.localhost\/ .*\nhttp:\/\/perm\.localhost\/ .*$/,
    ),
  });
});

test('an answer of one moment decides nothing', async () => {
  let answers = 0;
  const port = await servers.serve((_, response) => {
    answers += 1;
    if (answers === 2) response.writeHead(308, { location: 'https://a.localhost/' }).end();
    else response.end('shop');
  });
  const { context } = await world({}, 'a.localhost');
  updateOwnCluster(context, { ingress: onLoopback(port) });
  await checkRoutes(context);
  expect([answers, context.store.state.redirects]).toEqual([5, []]);
});

const scenario = (text: string): string => {
  const file = join(folder(), 'scenario.yaml');
  writeFileSync(file, text);
  return file;
};

test('a redirect that the scenario expects is an answer, and one that it does not is replaced in it', async () => {
  const { context } = await world(
    { 'a.localhost/out': [302, 'https://a.localhost/'], 'a.localhost/': [301, '/shop/'], 'a.localhost/shop/': 'shop' },
    'a.localhost',
    {
      inputs: {
        scenario: scenario('requests:\n  - {name: out, path: /out, expect: {status: 302}}\n  - {name: front}\n'),
      },
    },
  );
  await checkRoutes(context);
  expect(targetsOf(context)).toMatchObject([
    { name: 'out', path: '/out' },
    { name: 'front', path: '/shop/', content: { path: ['/shop/'] } },
  ]);
});

test('a redirected path with placeholders can not be replaced', async () => {
  const { context } = await world({ 'a.localhost/p/1': [301, '/p/1/'] }, 'a.localhost', {
    inputs: { scenario: scenario('requests:\n  - {path: "/p/{{int 1 1}}"}\n') },
  });
  await expect(checkRoutes(context)).rejects.toMatchObject({
    message: expect.stringContaining('redirected to /p/1/, and the path of the scenario has placeholders'),
  });
});

describe('in a comparison', () => {
  const side = (label: string) => ({ label, manifests: [], images: [], hosts: [] });
  const comparedVersions: ComparedVersions = {
    base: side('base'),
    head: side('head'),
    namespaces: { base: ['base-shop'], head: ['head-shop'] },
    targets: [{ host: 'a.localhost', path: '/' }],
  };

  test('both versions are led to the same path, whatever they call their host', async () => {
    const { context, logged } = await world(
      {
        'a.base.localhost/': [302, 'http://a.base.localhost/login'],
        'a.base.localhost/login': 'who?',
        'a.head.localhost/': [302, 'http://a.localhost/login'],
        'a.head.localhost/login': 'who?',
      },
      '',
      { comparedVersions },
    );
    await checkRoutes(context);
    expect(context.store.state.redirects).toEqual([{ host: 'a.localhost', from: '/', to: '/login', status: 302 }]);
    expect(logged('warning')).toHaveLength(1);
  });

  test('each is asked as the load asks it: by a host of its own, with that of the user in X-Forwarded-Host', async () => {
    const asked = new Set<string>();
    const echo = await servers.serve(({ headers }, response) => {
      const forwarded = String(headers['x-forwarded-host']);
      asked.add(`${String(headers.host)} for ${forwarded}`);
      response.end(`links lead to ${forwarded}`);
    });
    const scenario = join(folder(), 'scenario.yaml');
    writeFileSync(
      scenario,
      'requests: [{host: a.localhost, path: /links, expect: {status: 200, text: links lead to a.localhost}}]\n',
    );
    const { context } = await world({}, '', { comparedVersions, inputs: { scenario } });
    updateOwnCluster(context, { ingress: onLoopback(echo) });
    await checkRoutes(context);
    expect([...asked].sort()).toEqual(['a.base.localhost for a.localhost', 'a.head.localhost for a.localhost']);
  });

  test('two versions that lead to different paths are not compared', async () => {
    const { context } = await world(
      { 'a.base.localhost/': 'shop', 'a.head.localhost/': [302, '/login'], 'a.head.localhost/login': 'who?' },
      '',
      { comparedVersions },
    );
    await expect(checkRoutes(context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message: expect.stringContaining('base answers by itself, head leads to /login'),
    });
  });
});

describe('over HTTPS', () => {
  const secretOf = (certificates: string): string => `---
apiVersion: v1
kind: Secret
metadata: {name: tls}
type: kubernetes.io/tls
data: {tls.crt: ${Buffer.from(certificates).toString('base64')}, tls.key: ${Buffer.from('the key').toString('base64')}}
`;
  const SECURE = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  tls: [{hosts: [a.localhost], secretName: tls}]
  rules: [{host: a.localhost}]
`;

  async function secured(
    answers: { readonly http?: Answers; readonly https: Answers },
    given: { manifests?: string; inputs?: Record<string, string>; hosts?: string; served?: IssuedCertificate },
  ): Promise<World> {
    const served = given.served ?? (await (await createAuthority('test')).issue(['a.localhost']));
    const made = await world(answers.http ?? {}, given.hosts ?? 'https://a.localhost', { inputs: given.inputs ?? {} });
    const port = ingressOf(made.context).port;
    updateOwnCluster(made.context, {
      ingress: withHttps(onLoopback(port), await secureIngress(served, answers.https)),
    });
    render(made, 'application', given.manifests ?? INGRESS);
    return made;
  }

  const issue = async (name = 'a.localhost') => {
    const authority = await createAuthority('test');
    return { authority, issued: await authority.issue([name]) };
  };

  test('a host is asked by its name, and a certificate whose issuer nobody knows is used, which is said', async () => {
    const { context, logged } = await secured({ https: { 'a.localhost/': 'shop' } }, {});
    await checkRoutes(context);
    expect(context.store.state.httpsHosts).toMatchObject([
      {
        host: 'a.localhost',
        certificate: { subject: 'CN=a.localhost', issuer: 'CN=test', fingerprint: expect.stringMatching(/^\w\w:/) },
        verifiedBy: null,
        unverified: 'its CA is not trusted',
      },
    ]);
    expect(logged('warning')).toEqual([
      expect.stringMatching(
        /certificate of https:\/\/a\.localhost was not verified: .*CN=a\.localhost, issued by CN=test/,
      ),
    ]);
    expect(ingressOf(context).tls).toMatchObject({ authorities: [], unverified: ['a.localhost'] });
  });

  test('the certificate in the Secret of the route vouches for it, without that of its issuer', async () => {
    const { issued } = await issue();
    const [leaf = ''] = issued.certificates.split(/(?<=END CERTIFICATE-----\n)/);
    const { context } = await secured(
      { https: { 'a.localhost/': 'shop' } },
      { served: { ...issued, certificates: leaf }, manifests: `${SECURE}${secretOf(leaf)}`, hosts: 'a.localhost' },
    );
    context.store.update({ routeSchemes: [{ host: 'a.localhost', scheme: 'https' }] });
    await checkRoutes(context);
    expect(context.store.state.httpsHosts).toMatchObject([
      { host: 'a.localhost', verifiedBy: { kind: 'secret', name: 'default/tls' }, unverified: null },
    ]);
    expect(context.store.state.warnings).toEqual([]);
    expect(ingressOf(context).tls).toMatchObject({ authorities: [leaf], unverified: [] });
    expect(targetsOf(context)).toMatchObject([{ host: 'a.localhost', scheme: 'https' }]);
  });

  test('what a controller shows in the place of the certificate of the Secret is refused', async () => {
    const [mine, other] = await Promise.all([issue(), issue('ingress.local')]);
    const { context } = await secured(
      { https: { 'a.localhost/': 'shop' } },
      { served: other.issued, manifests: `${SECURE}${secretOf(mine.issued.certificates)}` },
    );
    await expect(checkRoutes(context)).rejects.toMatchObject({
      code: 'tls-untrusted',
      message: expect.stringMatching(/https:\/\/a\.localhost can't be trusted: .*CN=ingress\.local, issued by CN=test/),
      hint: expect.stringContaining('Without the Secret (leave-out: Secret/tls) the run makes its own certificate.'),
      tryThis: expect.stringContaining('--connect-to ::127.0.0.1:'),
    });
  });

  test('a Secret without a certificate in PEM is told where the controller shows its own', async () => {
    const { issued } = await issue('ingress.local');
    const { context } = await secured(
      { https: { 'a.localhost/': 'shop' } },
      { served: issued, manifests: `${SECURE}${secretOf('no PEM')}` },
    );
    await expect(checkRoutes(context)).rejects.toMatchObject({
      code: 'tls-untrusted',
      message: expect.stringContaining('Secret default/tls has no PEM certificate under tls.crt.'),
    });
  });

  test('a certificate that has ended is told as such, also where it vouches for itself', async () => {
    const past = { notBefore: new Date('2026-01-01'), notAfter: new Date('2026-01-02T03:04:05Z') };
    const issued = await (await createAuthority('test', past)).issue(['a.localhost']);
    const { context } = await secured(
      { https: { 'a.localhost/': 'shop' } },
      { served: issued, manifests: `${SECURE}${secretOf(issued.certificates)}` },
    );
    context.store.update({ routeSchemes: [{ host: 'a.localhost', scheme: 'https' }] });
    await expect(checkRoutes(context)).rejects.toMatchObject({
      code: 'tls-untrusted',
      message: expect.stringMatching(/can't be trusted: it expired at 2026-01-02 03:04 UTC\. .*valid until 2026-01-02/),
    });
  });

  test('a certificate for another host is refused where its authority was given', async () => {
    const { authority, issued } = await issue('b.localhost');
    const ca = join(folder(), 'ca.pem');
    writeFileSync(ca, authority.certificate);
    const { context } = await secured({ https: {} }, { served: issued, inputs: { ca } });
    await expect(checkRoutes(context)).rejects.toMatchObject({
      code: 'tls-untrusted',
      message: expect.stringContaining('it is for b.localhost, not for a.localhost'),
    });
  });

  test('with tls-verify: true an unknown issuer is refused, and with false nothing is looked at', async () => {
    const answers = { https: { 'a.localhost/': 'shop' } };
    const strict = await secured(answers, { inputs: { 'tls-verify': 'true' } });
    await expect(checkRoutes(strict.context)).rejects.toMatchObject({
      code: 'tls-untrusted',
      hint: expect.stringMatching(/^Name a Secret for the host in its route .*, or give its CA as input ca\./),
    });
    const none = await secured(answers, { inputs: { 'tls-verify': 'false' } });
    await checkRoutes(none.context);
    expect(none.context.store.state.httpsHosts).toMatchObject([{ unverified: 'tls-verify is false' }]);
  });

  test('a redirect of plain HTTP leads there', async () => {
    const { context, logged } = await secured(
      {
        http: { 'a.localhost/': [308, 'https://a.localhost'] },
        https: { 'a.localhost/': [302, '/shop'], 'a.localhost/shop': 'shop' },
      },
      { hosts: 'a.localhost' },
    );
    await checkRoutes(context);
    expect(context.store.state.redirects).toEqual([
      { host: 'a.localhost', from: '/', to: '/shop', status: 308, toScheme: 'https' },
    ]);
    expect(targetsOf(context)).toMatchObject([{ host: 'a.localhost', scheme: 'https', path: '/shop' }]);
    expect(logged('warning')[0]).toContain(
      'http://a.localhost/ is redirected to https://a.localhost/shop (status 308), so the load goes to https://a.localhost/shop instead',
    );
  });

  test('a redirect back and forth is a circle', async () => {
    const { context } = await secured(
      {
        http: { 'a.localhost/': [308, 'https://a.localhost/'] },
        https: { 'a.localhost/': [302, 'http://a.localhost/'] },
      },
      { hosts: 'a.localhost' },
    );
    await expect(checkRoutes(context)).rejects.toMatchObject({
      message: expect.stringContaining('in a circle: / → https://a.localhost/ → /'),
    });
  });

  test('a port where nobody speaks TLS is told', async () => {
    const made = await world({}, 'https://a.localhost');
    updateOwnCluster(made.context, { ingress: withHttps(onLoopback(1), await ingress({})) });
    await expect(checkRoutes(made.context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message: expect.stringContaining('https://a.localhost to answer a handshake'),
      hint: expect.stringContaining('port 443 of its node'),
    });
  });
});
