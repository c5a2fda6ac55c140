// Numbers, times and sizes in words. Pure.

/** Gives a duration as the list shows it: `4 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return two(s, 60, "min", "s", 1);
  if (s < 86400) return two(s, 3600, "h", "min", 60);
  return two(s, 86400, "d", "h", 3600);
}

function two(s: number, large: number, largeUnit: string, smallUnit: string, small: number): string {
  const rest = Math.floor((s % large) / small);
  const head = `${Math.floor(s / large)} ${largeUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${smallUnit}`;
}

/** Gives a part of one as a whole percentage; 100 % only when all is done. */
export function percent(fraction: number): string {
  const whole = fraction >= 1 ? 100 : Math.min(99, Math.floor(fraction * 100));
  return `${whole} %`;
}

const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Gives a whole number with separators. */
export function count(value: number): string {
  return COUNT.format(value);
}

const RATE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Gives a rate: `12.3/s`, `4.2/min`, `1.5/h`. */
export function rate(perSecond: number): string {
  if (perSecond >= 1 || perSecond <= 0) return `${RATE.format(perSecond)}/s`;
  if (perSecond * 60 >= 1) return `${RATE.format(perSecond * 60)}/min`;
  return `${RATE.format(perSecond * 3600)}/h`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Gives a size in decimal units: `3.1 GB`. */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${RATE.format(size)} ${UNITS[unit]}`;
}

/** Gives a time as the viewer's clock has it; the date only when it is not today. */
export function clock(time: string, now: Date): string {
  const at = new Date(time);
  const hours = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return at.toDateString() === now.toDateString() ? hours : `${isoDate(at)} ${hours}`;
}

/** Gives a time in UTC to the second, for titles. */
export function utc(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function isoDate(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Takes out what would change how the text around it is shown: controls and directions. */
export function clean(text: string): string {
  return text.replace(HIDDEN, "\ufffd");
}
