/**
 * What the fake docker, kind and kubectl have in common. Everything is a file in FAKE_TOOLS_DIR, so
 * that commands may run side by side and a test can look at all of it:
 *
 *   scenario.json         rules and settings, written by the test
 *   calls.jsonl           one line for each command: tool, argv, pid
 *   containers/ networks/ one file for each of them
 *   applied/              one file for each Kubernetes object
 *
 * A rule stands in for what a command would do (tools.ts has its fields); `match` is a regular
 * expression on the arguments, `times` how often it holds.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env['FAKE_TOOLS_DIR'] ?? '';

export const scenario = JSON.parse(readFileSync(join(FOLDER, 'scenario.json'), 'utf8'));

const pathOf = (kind, name = '') => join(FOLDER, kind, name === '' ? '' : encodeURIComponent(name));

/** A set of named things on disk. */
export const things = (kind) => ({
  all: () =>
    existsSync(pathOf(kind))
      ? readdirSync(pathOf(kind))
          .sort()
          .map((name) => ({ name: decodeURIComponent(name), ...read(kind, name) }))
      : [],
  add: (name, value = {}) => {
    mkdirSync(pathOf(kind), { recursive: true });
    writeFileSync(pathOf(kind, name), JSON.stringify(value));
  },
  has: (name) => existsSync(pathOf(kind, name)),
  remove: (name) => {
    rmSync(pathOf(kind, name), { force: true });
  },
});

function read(kind, file) {
  try {
    return JSON.parse(readFileSync(join(pathOf(kind), file), 'utf8'));
  } catch {
    // Removed by another command just now.
    return {};
  }
}

export class Failure extends Error {
  constructor(message, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a command of a tool: a rule of the test, or what the tool itself would do. */
export async function main(tool, run) {
  const args = process.argv.slice(2);
  const line = args.join(' ');
  appendFileSync(join(FOLDER, 'calls.jsonl'), `${JSON.stringify({ tool, args, pid: process.pid })}\n`);
  const rule = (scenario.rules ?? []).find(
    (candidate, index) =>
      candidate.tool === tool && new RegExp(candidate.match).test(line) && take(index, candidate.times),
  );
  try {
    if (rule?.orphanMs !== undefined) leaveOrphan(args, rule.orphanMs);
    if (rule?.hang === true) await hang(rule);
    if (rule?.delayMs !== undefined) await sleep(rule.delayMs);
    if (rule?.containers !== undefined || rule?.childrenMs !== undefined) await run(args, rule);
    const answered = rule !== undefined && (rule.exit ?? rule.stdout ?? rule.stderr) !== undefined;
    if (answered) {
      process.stdout.write(rule.stdout ?? '');
      for (let count = 0; count < (rule.repeatMegabytes ?? 0); count += 1) process.stdout.write('x'.repeat(1_000_000));
      process.stderr.write(rule.stderr ?? '');
      process.exitCode = rule.exit ?? 0;
    } else if (rule?.childrenMs === undefined) {
      process.stdout.write((await run(args)) ?? '');
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exit ?? 99;
  }
}

/** How often a rule has held is counted in files, as commands run side by side. */
function take(index, times = Infinity) {
  for (let hit = 0; hit < times; hit += 1) {
    if (times === Infinity) return true;
    try {
      writeFileSync(join(FOLDER, `rule-${String(index)}-${String(hit)}`), '', { flag: 'wx' });
      return true;
    } catch {
      // Another command had this one.
    }
  }
  return false;
}

/** Never ends by itself after what it prints; with `deaf`, not on SIGINT either. */
async function hang({ deaf = false, stdout = '' }) {
  process.stdout.write(stdout);
  if (deaf) for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => undefined);
  await new Promise(() => setInterval(() => undefined, 1000));
}

/** Leaves a child that adds a container of the cluster later, as requests to Docker do that were on their way. */
function leaveOrphan(args, afterMs) {
  const cluster = args[args.indexOf('--name') + 1];
  addLater('containers', `${cluster}-late`, { cluster }, afterMs, {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, FAKE_ENGINE: '1' },
  }).unref();
}

/** Starts a process that adds a thing after a time. */
export function addLater(kind, name, value, afterMs, options) {
  const code = `setTimeout(() => { const fs = require('node:fs'); fs.mkdirSync(${JSON.stringify(pathOf(kind))}, { recursive: true });
    fs.writeFileSync(${JSON.stringify(pathOf(kind, name))}, ${JSON.stringify(JSON.stringify(value))}); }, ${String(afterMs)})`;
  return spawn(process.execPath, ['-e', code], options);
}

/** The value after an option. */
export const option = (args, name) => {
  const index = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (index < 0) return undefined;
  return args[index] === name ? args[index + 1] : args[index].slice(name.length + 1);
};
