import { bytes, grouped, NOT_MEASURED, percent, signed } from '../../text/numbers.ts';
import type { Unit } from './chart.ts';

/** A value of a chart as text, on its axes and under its cursor. */
export function shownIn(unit: Unit, value: number | null): string {
  if (value === null) return NOT_MEASURED;
  switch (unit) {
    case 'seconds':
      return `${String(Number(value.toFixed(2)))} s`;
    case 'per second':
      return `${plain(value)} /s`;
    case 'ms':
      return `${plain(value)} ms`;
    case 'cores':
      return plain(value);
    case 'bytes':
      return bytes(value);
    case 'share':
      return percent(value);
    case 'change':
      return signed(value);
    case 'pods':
    case 'round':
      return String(Math.round(value));
    case 'tail':
      return `p${String(Number((100 * (1 - 1 / value)).toFixed(Math.max(1, Math.ceil(Math.log10(value)) - 1))))}`;
  }
}

/** Three significant digits without zeros at the end, and no fraction above 100. */
const plain = (value: number): string => (value >= 100 ? grouped(value) : String(Number(value.toPrecision(3))));
