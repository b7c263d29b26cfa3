import { fuzz, type FuzzTarget } from './fuzz.ts';

/** `fuzz-child.ts TARGET SECONDS SEED`: a process of its own for each, so that they use all cores. Prints how many values it tried. */
const [target = '', seconds = '', seed = ''] = process.argv.slice(2);
process.stdout.write(String(await fuzz(target as FuzzTarget, Number(seconds), Number(seed))));
