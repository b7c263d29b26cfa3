/**
 * Leaves of a CycloneDX list of all packages those that are in a bundle of dist/, as their licences name them. Plain
 * JavaScript, so that a job that installs nothing can run it:
 *
 *   npm sbom --package-lock-only --sbom-format cyclonedx | node scripts/bundled-sbom.js > sbom.cdx.json
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** `name version` of each package in a licenses.txt: the first line of each part of it. */
const headings = (licenses) => licenses.split(`\n${'-'.repeat(80)}\n\n`).map((part) => part.split('\n', 1)[0]);

const bundled = new Set(
  readdirSync('dist').flatMap((bundle) => headings(readFileSync(join('dist', bundle, 'licenses.txt'), 'utf8'))),
);
const whole = JSON.parse(await text(process.stdin));
const nameOf = ({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name} ${version}`;
/** To npm all of them are for development, as whoever installs the package needs none of them. */
const isRight = ({ name }) => name !== 'cdx:npm:package:development';
const components = whole.components
  .filter((component) => bundled.has(nameOf(component)))
  .map(({ properties = [], ...component }) => ({ ...component, properties: properties.filter(isRight) }));
const listed = new Set(components.map(nameOf));
const missing = [...bundled].filter((name) => !listed.has(name));
if (missing.length > 0) throw new Error(`package-lock.json has no ${missing.join(', ')}`);

const references = new Set([
  whole.metadata.component['bom-ref'],
  ...components.map((component) => component['bom-ref']),
]);
const kept = (list) => list.filter((reference) => references.has(reference));
const dependencies = whole.dependencies
  .filter(({ ref }) => references.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: kept(dependsOn) }));
console.log(JSON.stringify({ ...whole, components, dependencies }, null, 2));
