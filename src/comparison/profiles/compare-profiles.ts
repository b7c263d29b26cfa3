/**
 * profiles/ reads CPU profiles of two versions and says which functions cost more in one. Profiles are taken in
 * stages/profile-versions.ts, and only of a regression that is confirmed: they explain a verdict and never make one.
 */
import { StageError } from '../../errors.ts';
import type { Flame, ProfiledSide, ProfiledWorkload } from '../../model/profiles.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import type { CpuProfile } from './read-profile.ts';

/** A profile of one version, and what it was taken from. */
export interface TakenProfile extends ProfiledSide {
  readonly profile: CpuProfile;
}

/** How many functions are named. */
const MOST_FUNCTIONS = 10;
/** A part of the tree that is smaller than this share of the larger whole is too narrow to see. */
const NARROWEST = 0.003;
const MOST_NODES = 3000;
/** A function with this share of head's extra time has caused it, or has called what did. */
const MOST_OF_THE_CHANGE = 0.7;
const PER_REQUESTS = 1000;

type OfBoth = Record<Side, number>;

/**
 * Puts the profiles of both versions of a workload beside each other: which functions changed, and where in the stacks.
 *
 * Both are brought to 1,000 answered requests, so that a version that answered less is not taken for a cheaper one, and
 * to all ready pods, of which one was profiled.
 *
 * @throws StageError `unexpected-answer` when one has times and the other only samples, or when a version answered
 * nothing meanwhile.
 */
export function compareProfiles(workload: string, taken: Readonly<Record<Side, TakenProfile>>): ProfiledWorkload {
  const { base, head } = taken;
  const { unit } = base.profile;
  if (unit !== head.profile.unit)
    throw new StageError(
      'unexpected-answer',
      `The profiles of ${workload} can't be compared: base is in ${base.profile.unit}, head in ${head.profile.unit}.`,
    );
  for (const side of SIDES)
    if (taken[side].requests === 0)
      throw new StageError(
        'unexpected-answer',
        `The profiles of ${workload} can't be compared: ${side} answered no request while it was profiled.`,
      );
  const tree = treeOf(taken);
  const functions = functionsOf(taken);
  return {
    workload,
    unit,
    base: factsOf(base),
    head: factsOf(head),
    total: { base: tree.base, head: tree.head },
    functions: functions.slice(0, MOST_FUNCTIONS),
    path: pathOf(tree),
    flame: flameOf(tree),
  };
}

const factsOf = ({ pod, pods, file, seconds, requests, samples }: TakenProfile): ProfiledSide => ({
  pod,
  pods,
  file,
  seconds,
  requests,
  samples,
});

const scaleOf = ({ pods, requests }: TakenProfile): number => (pods * PER_REQUESTS) / requests;

/** Those whose own time changed most first; ties by name. */
function functionsOf(taken: Readonly<Record<Side, TakenProfile>>): ProfiledWorkload['functions'] {
  const functions = new Map<string, { name: string; self: OfBoth; whole: OfBoth }>();
  for (const side of SIDES) {
    const scale = scaleOf(taken[side]);
    for (const { frames, value } of taken[side].profile.stacks) {
      // A recursive function appears several times, but took its time once.
      for (const name of new Set(frames)) {
        const found = functions.get(name) ?? { name, self: { base: 0, head: 0 }, whole: { base: 0, head: 0 } };
        found.whole[side] += value * scale;
        if (name === frames.at(-1)) found.self[side] += value * scale;
        functions.set(name, found);
      }
    }
  }
  const changeOf = ({ self }: { readonly self: OfBoth }): number => Math.abs(self.head - self.base);
  return [...functions.values()]
    .filter((each) => changeOf(each) > 0)
    .sort((a, b) => changeOf(b) - changeOf(a) || (a.name < b.name ? -1 : 1));
}

interface Node extends OfBoth {
  readonly name: string;
  readonly children: Map<string, Node>;
}

const newNode = (name: string): Node => ({ name, base: 0, head: 0, children: new Map() });

/** Everything below one node, which stands for the process. */
function treeOf(taken: Readonly<Record<Side, TakenProfile>>): Node {
  const root = newNode('');
  for (const side of SIDES) {
    const scale = scaleOf(taken[side]);
    for (const { frames, value } of taken[side].profile.stacks) {
      let node = root;
      node[side] += value * scale;
      for (const name of frames) {
        const child = node.children.get(name) ?? newNode(name);
        node.children.set(name, child);
        child[side] += value * scale;
        node = child;
      }
    }
  }
  return root;
}

const changeOf = ({ base, head }: OfBoth): number => head - base;

function pathOf(root: Node): string[] {
  const all = changeOf(root);
  const path: string[] = [];
  if (all <= 0) return path;
  for (let node: Node | undefined = root; node !== undefined;) {
    const worst: Node | undefined = [...node.children.values()].sort((a, b) => changeOf(b) - changeOf(a))[0];
    node = worst !== undefined && changeOf(worst) >= MOST_OF_THE_CHANGE * all ? worst : undefined;
    if (node !== undefined) path.push(node.name);
  }
  return path;
}

function flameOf(root: Node): Flame {
  const names = new Map<string, number>();
  const nodes: Flame['nodes'] = [];
  const least = NARROWEST * Math.max(root.base, root.head);
  const add = (node: Node, depth: number): void => {
    for (const child of [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (Math.max(child.base, child.head) < least || nodes.length >= MOST_NODES) continue;
      const name = names.get(child.name) ?? names.size;
      names.set(child.name, name);
      nodes.push({ depth, name, base: child.base, head: child.head });
      add(child, depth + 1);
    }
  };
  add(root, 0);
  return { names: [...names.keys()], nodes };
}
