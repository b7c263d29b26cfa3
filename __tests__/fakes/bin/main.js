/** The process of a fake tool: `node main.js docker info`, with the folder of its world in FAKE_TOOLS_DIR. */
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './answer.js';

const [tool, ...given] = process.argv.slice(2);

const { stdout, stderr, exit } = await answer(process.env['FAKE_TOOLS_DIR'] ?? '', tool, given, {
  stdin: () => text(process.stdin),
  stderr: (said) => process.stderr.write(said),
  last: async (world, args, rule) => {
    if (rule?.orphanMs !== undefined) leaveOrphan(world, args, rule.orphanMs);
    if (rule?.hang === true) await hang(rule);
    if (rule?.delayMs !== undefined) await sleep(rule.delayMs);
  },
});
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exit;

/** Never ends by itself after what it prints; with `deaf`, not on SIGINT either. */
async function hang({ deaf = false, stdout: said = '' }) {
  process.stdout.write(said);
  if (deaf) for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => undefined);
  await new Promise(() => setInterval(() => undefined, 1000));
}

/** Leaves a child that adds a container of the cluster later, as requests to Docker do that were on their way. */
function leaveOrphan(world, args, afterMs) {
  const cluster = args[args.indexOf('--name') + 1];
  world
    .addLater('containers', `${cluster}-late`, { cluster }, afterMs, {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, FAKE_ENGINE: '1' },
    })
    .unref();
}
