/**
 * Cuts the endpoints that we use out of GitHub's OpenAPI description, for the fake GitHub of the
 * tests. The description is too large to depend on (385 MB installed), so take it once:
 *
 *   (cd "$(mktemp -d)" && npm install --no-save @octokit/openapi && pwd)
 *   npx tsx scripts/github-openapi.ts <that folder>/node_modules/@octokit/openapi/generated/api.github.com.json
 */
import { readFileSync, writeFileSync } from 'node:fs';

const OUTPUT = new URL('../__tests__/fakes/github/openapi-subset.json', import.meta.url);

const ENDPOINTS: Readonly<Record<string, readonly string[]>> = {
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['patch', 'delete'],
  '/repos/{owner}/{repo}/pulls': ['get'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get'],
  '/repos/{owner}/{repo}/commits/{commit_sha}/pulls': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs': ['get'],
  '/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}': ['get'],
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = Record<string, Json>;

function main(): void {
  const source = process.argv[2];
  if (source === undefined) throw new Error('Usage: npx tsx scripts/github-openapi.ts <path of api.github.com.json>');
  const description = object(JSON.parse(readFileSync(source, 'utf8')) as Json, source);
  const subset = cut(description);
  writeFileSync(OUTPUT, `${JSON.stringify(subset, null, 1)}\n`);
  console.log(`${OUTPUT.pathname} written`);
}

function cut(description: JsonObject): JsonObject {
  const allPaths = object(description['paths'], 'paths');
  const paths: JsonObject = {};
  for (const [path, methods] of Object.entries(ENDPOINTS)) {
    const all = object(allPaths[path], path);
    paths[path] = Object.fromEntries(
      methods.map((method) => [method, withoutProse(object(all[method], `${method} ${path}`))]),
    );
  }

  const subset: JsonObject = {
    openapi: description['openapi'] ?? null,
    info: {
      ...object(description['info'], 'info'),
      'x-source': 'npm package @octokit/openapi, generated/api.github.com.json, cut by scripts/github-openapi.ts',
    },
    paths,
    components: {},
  };
  addReferenced(subset, description);
  return subset;
}

/** Adds everything that is referred to, until nothing new is. */
function addReferenced(subset: JsonObject, description: JsonObject): void {
  const done = new Set<string>();
  const open = references(subset);
  for (let reference = open.pop(); reference !== undefined; reference = open.pop()) {
    if (done.has(reference)) continue;
    done.add(reference);
    const [, components, kind, name] = reference.split('/');
    if (components !== 'components' || kind === undefined || name === undefined)
      throw new Error(`Unknown: ${reference}`);
    const component = object(object(object(description['components'], 'components')[kind], kind)[name], reference);
    const kept = kind === 'examples' ? component : withoutProse(component);
    const all = object(subset['components'], 'components');
    all[kind] = { ...object(all[kind] ?? {}, kind), [name]: kept };
    open.push(...references(kept));
  }
  subset['components'] = sorted(object(subset['components'], 'components'));
}

function references(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  const own = typeof value['$ref'] === 'string' ? [value['$ref']] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

const PROSE = new Set(['description', 'example', 'externalDocs', 'summary', 'tags']);

/** Leaves out texts, but not a property of a schema that has the name of one. */
function withoutProse(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !PROSE.has(key) && !key.startsWith('x-'))
      .map(([key, inner]) => [key, key === 'properties' ? mapValues(inner) : strip(inner)]),
  );
}

function mapValues(properties: Json): Json {
  return Object.fromEntries(
    Object.entries(object(properties, 'properties')).map(([name, schema]) => [name, strip(schema)]),
  );
}

function strip(value: Json): Json {
  if (Array.isArray(value)) return value.map(strip);
  return typeof value === 'object' && value !== null ? withoutProse(value) : value;
}

const sorted = (components: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(components)
      .sort(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([kind, all]) => [
        kind,
        Object.fromEntries(Object.entries(object(all, kind)).sort(([a], [b]) => a.localeCompare(b, 'en'))),
      ]),
  );

function object(value: Json | undefined, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is not an object`);
  return value;
}

main();
