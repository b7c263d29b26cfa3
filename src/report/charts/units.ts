import { bytes, grouped, NOT_MEASURED, percent, signed } from '../../text/numbers.ts';
import type { Unit } from './chart.ts';

/** A chart's value as text, for its legend, cursor and table. */
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

/** Three significant digits without trailing zeros, and no fraction above 100. */
const plain = (value: number): string => (value >= 100 ? grouped(value) : String(Number(value.toPrecision(3))));

/** An axis tick with every digit of its value; the title of the chart names the unit. */
export function tickText(unit: Unit, value: number): string {
  switch (unit) {
    case 'seconds':
    case 'ms':
      return `${exact(value)} ${unit === 'ms' ? 'ms' : 's'}`;
    case 'per second':
    case 'cores':
    case 'pods':
    case 'round':
      return exact(value);
    case 'bytes': {
      const power = value < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(value) / 10));
      return `${exact(value / 2 ** (10 * power))} ${BYTES[power] ?? ''}`;
    }
    case 'share':
      return `${exact(value * 100)} %`;
    case 'change':
      return `${value < 0 ? '−' : value > 0 ? '+' : ''}${exact(Math.abs(value) * 100)} %`;
    case 'tail':
      return shownIn(unit, value);
  }
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** All digits except those from binary rounding. */
function exact(value: number): string {
  const text = String(Number(value.toPrecision(12)));
  return value >= 10_000 && Number.isInteger(Number(text)) ? grouped(value) : text;
}
