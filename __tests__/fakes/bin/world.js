/**
 * The world of the fake docker, kind and kubectl. Everything is a file in one folder, so that commands may
 * run side by side, in processes of their own or in that of the test, and a test can look at all of it:
 *
 *   scenario.json         rules and settings, written by the test
 *   calls.jsonl           one line for each command: tool, argv, pid, names in its environment
 *   stdout-PID stderr-PID what a command that is answered in the process of the test prints
 *   containers/ networks/ one file for each of them
 *   applied/              one file for each Kubernetes object
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function openWorld(folder) {
  const pathOf = (kind, name = '') => join(folder, kind, name === '' ? '' : encodeURIComponent(name));
  return {
    scenario: JSON.parse(readFileSync(join(folder, 'scenario.json'), 'utf8')),
    things: (kind) => things((name) => pathOf(kind, name)),
    note: (tool, args, { pid, variables } = { pid: process.pid, variables: Object.keys(process.env) }) => {
      const call = { tool, args, pid, variables };
      appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify(call)}\n`);
    },
    take: (index, times) => take(folder, index, times),
    /** Starts a process that adds a thing after a time. */
    addLater: (kind, name, value, afterMs, options) => {
      const code = `setTimeout(() => { const fs = require('node:fs'); fs.mkdirSync(${JSON.stringify(pathOf(kind))}, { recursive: true });
        fs.writeFileSync(${JSON.stringify(pathOf(kind, name))}, ${JSON.stringify(JSON.stringify(value))}); }, ${String(afterMs)})`;
      return spawn(process.execPath, ['-e', code], options);
    },
  };
}

/** A set of named things on disk. */
const things = (pathOf) => ({
  all: () =>
    existsSync(pathOf())
      ? readdirSync(pathOf())
          .sort()
          .map((name) => ({ name: decodeURIComponent(name), ...read(join(pathOf(), name)) }))
      : [],
  add: (name, value = {}) => {
    mkdirSync(pathOf(), { recursive: true });
    writeFileSync(pathOf(name), JSON.stringify(value));
  },
  has: (name) => existsSync(pathOf(name)),
  remove: (name) => {
    rmSync(pathOf(name), { force: true });
  },
});

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Removed by another command just now.
    return {};
  }
}

/** How often a rule has held is counted in files, as commands run side by side. */
function take(folder, index, times = Infinity) {
  for (let hit = 0; hit < times; hit += 1) {
    if (times === Infinity) return true;
    try {
      writeFileSync(join(folder, `rule-${String(index)}-${String(hit)}`), '', { flag: 'wx' });
      return true;
    } catch {
      // Another command had this one.
    }
  }
  return false;
}

export class Failure extends Error {
  constructor(message, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

/** The value after an option. */
export const option = (args, name) => {
  const index = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (index < 0) return undefined;
  return args[index] === name ? args[index + 1] : args[index].slice(name.length + 1);
};
