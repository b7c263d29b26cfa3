/** Numbers as the reports show them. `–` means not measured. */
export const NOT_MEASURED = '–';

const shown = (format: (value: number) => string) => (value: number | null) =>
  value === null ? NOT_MEASURED : format(value);

/** A whole number, with thousands separators from 10,000 on. */
export const grouped = (value: number): string =>
  value < 9999.5 ? value.toFixed(0) : value.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** Of a small value more places are shown than these. */
const MOST_PLACES = 12;

/** As many places that the first `significant` digits of a small value are seen, at least `least`. */
const withPlaces = (value: number, significant: number, least: number): string =>
  value.toFixed(
    value > 0 ? Math.min(MOST_PLACES, Math.max(least, significant - 1 - Math.floor(Math.log10(value)))) : least,
  );

/** Three significant digits, and no fraction above 100; two of what would look like 0. */
const digits = (value: number): string =>
  value >= 100
    ? grouped(value)
    : value >= 10
      ? value.toFixed(1)
      : value >= 0.01
        ? value.toFixed(2)
        : withPlaces(value, 2, 2);

/** 12.34 → `12.3 ms` */
export const milliseconds = shown((value) => `${digits(value)} ms`);

/** 61234 → `61.2 s` */
export const seconds = shown((ms) => `${(ms / 1000).toFixed(1)} s`);

/** The length of a load in seconds, the same in every text: 0.487 → `0.49`, 60.02 → `60.0`. */
export const windowDigits = (value: number): string => (value < 9.995 ? value.toFixed(2) : value.toFixed(1));

/** A moment within such a window, with the same rounding as its length: `0.5 s`. */
export const momentText = (value: number): string => `${String(Number(windowDigits(value)))} s`;

/** The length with its unit. */
export const windowLength = (value: number): string => `${windowDigits(value)} s`;

/** 0.995 → `99.5 %`. A share that is not whole never looks whole, and one that is not 0 never looks like it. */
export const percent = shown((ratio) => {
  const isNearEnd = (ratio > 0.999 && ratio < 1) || (ratio > 0 && ratio < 0.001);
  const rounded = (ratio * 100).toFixed(isNearEnd ? 3 : 1).replace(/\.?0+$/, '');
  if (isNearEnd && rounded === '100') return '99.999 %';
  return `${isNearEnd && rounded === '0' ? '0.001' : rounded} %`;
});

/** 123.4 → `123 /s` */
export const perSecond = shown((value) => `${digits(value)} /s`);

/** 0.253 → `0.253`, 0.0004 → `0.0004` */
export const cores = shown((value) => (value >= 0.0005 ? value.toFixed(3) : withPlaces(value, 1, 3)));

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 15728640 → `15.0 MiB` */
export const bytes = shown((value) => {
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10));
  const scaled = value / 2 ** (10 * power);
  return `${power === 0 ? scaled.toFixed(0) : digits(scaled)} ${UNITS[power] ?? ''}`;
});

/** Per second. */
export const bytesPerSecond = shown((value) => `${bytes(value)}/s`);

/** Both ends of a range, with one unit after the second: `10.1 – 12.3 ms`. Empty when there is none. */
export function range(
  ends: { readonly low: number; readonly high: number } | null | undefined,
  format: (value: number) => string,
): string {
  if (ends === null || ends === undefined) return '';
  const [low, high] = [format(ends.low), format(ends.high)];
  const unit = / \S+$/.exec(high)?.[0] ?? '';
  return `${low.endsWith(unit) ? low.slice(0, low.length - unit.length) : low} – ${high}`;
}

/** Marks a figure that is only a rough estimate. */
export const approximate = (text: string, weak: boolean): string =>
  weak && text !== NOT_MEASURED ? `≈ ${text}` : text;

/** A change as a percentage without its sign: at most three digits, and never 0 for an actual change. */
export function changeDigits(share: number): string {
  const value = Math.abs(share) * 100;
  return value >= 100
    ? value.toFixed(0)
    : value >= 0.95 || value === 0
      ? value.toFixed(1)
      : String(Number(value.toPrecision(1)));
}

/** 0.0612 → `+6.1` */
export const signedDigits = (share: number): string =>
  `${share < 0 ? '−' : share > 0 ? '+' : '±'}${changeDigits(share)}`;

/** 0.0612 → `+6.1 %` */
export const signed = (share: number): string => `${signedDigits(share)} %`;
