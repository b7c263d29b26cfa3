/**
 * Prints the floors of `src/` from the ground up, and every import that runs up. Exits with 1 when there is one.
 *
 * `npm run floors -- DIRECTORY` looks at another checkout.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { FLOORS, floorOf } from './floor-plan.js';

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Imports and re-exports with their specifier, types included. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

const root = process.argv[2] ?? '.';
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.ts'))
  .sort();

const imports = files.flatMap((from): Import[] =>
  [...readFileSync(join(root, from), 'utf8').matchAll(SPECIFIER)].map(([, specifier = '']) => ({
    from,
    to: posix.join(dirname(from), specifier),
  })),
);

const unknown = files.filter((file) => floorOf(file) === -1);
const upward = imports.filter(({ from, to }) => floorOf(to) > floorOf(from));

for (const [index, floor] of [...FLOORS.entries()].reverse()) {
  const own = files.filter((file) => floorOf(file) === index);
  const below = new Set(imports.filter(({ from }) => floorOf(from) === index).map(({ to }) => floorOf(to)));
  below.delete(index);
  const uses = [...below].sort((a, b) => b - a).map((other) => FLOORS[other]?.name ?? 'nothing known');
  console.log(
    `${String(index).padStart(2)}  ${floor.name.padEnd(28)} ${String(own.length).padStart(3)} files  uses ${uses.join(', ') || 'nothing'}`,
  );
}
for (const file of unknown) console.log(`${file} is on no floor: add it to scripts/floor-plan.js`);
for (const { from, to } of upward) console.log(`${from} imports ${to}, which is on a higher floor`);
console.log(`${String(imports.length)} imports, ${String(upward.length)} of them run up`);
if (unknown.length > 0 || upward.length > 0) process.exitCode = 1;
