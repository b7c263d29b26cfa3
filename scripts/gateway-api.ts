/**
 * Writes the definitions of the Gateway API that manifests/platform/traefik-gateway applies, from the Go module that
 * publishes them: the standard channel without its descriptions, which are nine tenths of it. Needs Go.
 *
 * `npx tsx scripts/gateway-api.ts [--check]`
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { GATEWAY_API } from '../src/cluster/pinned-versions.ts';

const OUTPUT = 'manifests/platform/traefik-gateway/gateway-api.yaml';

const { Dir: folder } = JSON.parse(
  execFileSync('go', ['mod', 'download', '-json', `sigs.k8s.io/gateway-api@${GATEWAY_API}`], { encoding: 'utf8' }),
) as { Dir: string };
const standard = join(folder, 'config', 'crd', 'standard');
const definitions = readdirSync(standard)
  .sort()
  .flatMap((name) =>
    parseAllDocuments(readFileSync(join(standard, name), 'utf8')).map(
      (document) => document.toJS() as { kind?: string } | null,
    ),
  )
  .filter((object) => object?.kind === 'CustomResourceDefinition');

const head = `# The standard channel of the Gateway API ${GATEWAY_API} (Apache-2.0, https://github.com/kubernetes-sigs/gateway-api),
# without descriptions. Made by scripts/gateway-api.ts; do not edit.
`;
const text = head + definitions.map((definition) => stringify(withoutDescriptions(definition))).join('---\n');

if (!process.argv.includes('--check')) {
  writeFileSync(OUTPUT, text);
} else if (readFileSync(OUTPUT, 'utf8') !== text) {
  console.error(`${OUTPUT} is not what scripts/gateway-api.ts makes of ${GATEWAY_API}`);
  process.exitCode = 1;
}

/** A schema describes itself by texts; a property that has this name holds a schema. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== 'description' || typeof inner !== 'string')
      .map(([key, inner]) => [key, withoutDescriptions(inner)]),
  );
}
