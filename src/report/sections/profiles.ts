import { sideHeadings, sideNames } from '../../comparison/sides.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { ProfiledWorkload } from '../../model/profiles.ts';
import type { Report } from '../../model/report.ts';
import { NOT_MEASURED, signed } from '../../text/numbers.ts';
import { profileValue, shortFunction } from '../words/profile-text.ts';
import {
  type Block,
  type Cell,
  figureColumn,
  notes,
  paragraph,
  type Section,
  type Span,
  textColumn,
} from './section.ts';

/** Where a confirmed regression spends its time: the functions that changed most, and the stacks of both versions. */
export function profiles({ profiles: profiled = [], comparison }: Report): Section | null {
  if (profiled.length === 0 || comparison === undefined) return null;
  const names = sideNames(comparison);
  return {
    id: 'profiles',
    title: 'Where the CPU time goes',
    blocks: [
      ...profiled.flatMap((workload) => blocksOf(workload, comparison)),
      ...notes([
        `CPU profiles of one pod each, taken under a separate load after the comparison, per 1,000 answered requests of ${names.base} and ${names.head}. They show where the time goes and do not affect the verdict.`,
      ]),
    ],
  };
}

function blocksOf(profiled: ProfiledWorkload, comparison: Comparison): Block[] {
  const { workload, unit, total, functions, flame } = profiled;
  const figure = (value: number): string => profileValue(value, unit);
  const [names, headings] = [sideNames(comparison), sideHeadings(comparison)];
  const graph = (shows: 'base' | 'head' | 'difference', title: string): Block => ({
    kind: 'flame',
    title: `${workload}: ${title}`,
    flame,
    unit,
    shows,
    names,
  });
  return [
    paragraph([
      { code: workload },
      `: ${figure(total.base)} in ${names.base}, ${figure(total.head)} in ${names.head}. `,
      ...causeOf(profiled, names.head, headings.head),
    ]),
    ...fewSamples(profiled),
    {
      kind: 'table',
      caption: `Functions of ${workload} that changed most`,
      columns: [
        textColumn('Function'),
        ...[`${headings.base}, own time`, `${headings.head}, own time`, 'Change', 'Change with what it calls'].map(
          figureColumn,
        ),
      ],
      rows: functions.map(({ name, self, whole }): Cell[] => [
        { code: shortFunction(name) },
        figure(self.base),
        figure(self.head),
        { strong: difference(self, figure) },
        difference(whole, figure),
      ]),
    },
    graph('difference', `${names.head}, red where it spends more and blue where it spends less than ${names.base}`),
    {
      kind: 'folded',
      summary: `Flame graphs of ${workload}, ${names.base} and ${names.head}`,
      blocks: [graph('base', names.base), graph('head', names.head)],
      only: 'html',
    },
  ];
}

/** With this many samples, a function with a hundredth of the time is in about two of them. */
const FEW_SAMPLES = 200;

function fewSamples({ base, head }: ProfiledWorkload): Block[] {
  const fewest = Math.min(base.samples, head.samples);
  if (fewest >= FEW_SAMPLES) return [];
  return [
    paragraph(
      `The profiles have ${String(base.samples)} and ${String(head.samples)} samples, which is few, so small differences are chance. More load on the workload gives more samples.`,
      'doubt',
    ),
  ];
}

/** Enough to get from a library to the code that uses it; further callers are in the flame graph. */
const MOST_CALLERS = 5;

function causeOf({ path, total }: ProfiledWorkload, head: string, heading: string): (string | Span)[] {
  const last = path.at(-1);
  if (last === undefined)
    return [
      total.head > total.base
        ? `No single call explains most of the extra time of ${head}.`
        : `${heading} spends no more.`,
    ];
  const callers = path.slice(0, -1).slice(-MOST_CALLERS).reverse();
  return [
    `Most of the extra time of ${head} is in `,
    { strong: shortFunction(last) },
    ...callers.flatMap((caller, index) => [index === 0 ? ', called by ' : ' ← ', { code: shortFunction(caller) }]),
    '.',
  ];
}

function difference(
  { base, head }: { readonly base: number; readonly head: number },
  figure: (value: number) => string,
) {
  if (base === head) return NOT_MEASURED;
  const amount = `${head > base ? '+' : '−'}${figure(Math.abs(head - base))}`;
  return base === 0 ? `${amount} (new)` : `${amount} (${signed(head / base - 1)})`;
}
