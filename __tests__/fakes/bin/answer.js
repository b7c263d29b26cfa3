import { docker } from './docker.js';
import { kind } from './kind.js';
import { kubectl } from './kubectl.js';
import { openWorld } from './world.js';

const TOOLS = { docker, kind, kubectl };

/**
 * Runs a command of a fake tool: a rule of the test stands in for it, or it does what the tool itself would do.
 * `match` of a rule is a regular expression on the arguments, `times` how often it holds; tools.ts has its fields.
 *
 * @param io what the command has of its process: `stdin()` gives what it reads, `stderr(text)` takes what it says on
 * its way, and `last(world, args, rule)` does what takes time. Without `last` the command is in the process of the test;
 * then `cwd` is the folder that it was called in, if that is another one, and `caller` has the pid of the process that
 * stands for it, if there is one, and the names in its environment.
 * @returns what it prints and its exit code; null, with nothing done, when it needs a process of its own and has none.
 */
export async function answer(folder, tool, args, io) {
  const world = openWorld(folder);
  const line = args.join(' ');
  const rules = (world.scenario.rules ?? [])
    .map((rule, index) => ({ rule, index }))
    .filter(({ rule }) => rule.tool === tool && new RegExp(rule.match).test(line));
  if (io.last === undefined && (rules.some(({ rule }) => lasts(rule)) || waits(world, tool, args))) return null;
  world.note(tool, args, io.caller);
  const rule = rules.find(({ rule: { times }, index }) => world.take(index, times))?.rule;
  try {
    await io.last?.(world, args, rule);
    const isAnswered = rule !== undefined && (rule.exit ?? rule.stdout ?? rule.stderr) !== undefined;
    const doesItsOwn = !isAnswered || rule.containers !== undefined || rule.childrenMs !== undefined;
    const own = doesItsOwn ? await TOOLS[tool](world, args, io, rule) : '';
    if (!isAnswered) return { stdout: own, stderr: '', exit: 0 };
    const more = 'x'.repeat(1_000_000 * (rule.repeatMegabytes ?? 0));
    return {
      stdout: `${inItsWindow(rule.stdout ?? '', line)}${more}`,
      stderr: rule.stderr ?? '',
      exit: rule.exit ?? 0,
    };
  } catch (error) {
    return { stdout: '', stderr: `${error.message}\n`, exit: error.exit ?? 99 };
  }
}

/** A time of a sample that a rule gives as "@end-3" is three seconds before the end of the window that was asked for. */
function inItsWindow(text, line) {
  const end = /[?&]time=([\d.]+)/.exec(line)?.[1];
  return end === undefined ? text : text.replaceAll(/"@end-(\d+)"/g, (_, ago) => String(Number(end) - Number(ago)));
}

/** Whether a rule is about what only a process does: to last, and to leave others behind. */
const lasts = ({ hang, delayMs, orphanMs, childrenMs }) =>
  hang === true || (delayMs ?? orphanMs ?? childrenMs) !== undefined;

/** Whether a command waits for others, or has a real program do the work. */
const waits = ({ scenario }, tool, args) =>
  (tool === 'kind' && args[0] === 'create' && scenario.joinsAfter !== undefined) ||
  (tool === 'kubectl' && args.includes('kustomize') && scenario.kustomize !== undefined);
