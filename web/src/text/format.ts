// Numbers, times and sizes in words. Pure.

/** Gives a duration as the pictures and the command line do: `0.4 s`, `4 s`, `3 min 02 s`, `2 h 05 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.95) return `${Math.max(0.1, seconds).toFixed(1)} s`;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${twoDigits(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${twoDigits(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

function twoDigits(n: number): string {
  return String(n).padStart(2, "0");
}

/** Gives a part of one as a whole percentage, rounded down: 100 % only when all is done. */
export function percent(fraction: number): string {
  // 0.29 * 100 is 28.999999999999996 in binary.
  const whole = fraction >= 1 ? 100 : Math.min(99, Math.floor(fraction * 100 + 1e-9));
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

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const KIBI = 1024;

/** Gives a size as the command line has it: `512 B`, `3.1 GiB`. */
export function bytes(value: number): string {
  return bytesOf(value, value)[1];
}

/** Gives a part of a size in the unit of the whole: `0.3` of `4.7 GiB`. */
export function bytesOf(part: number, whole: number): [part: string, whole: string] {
  let step = 0;
  while (step < UNITS.length - 1 && whole / KIBI ** step >= KIBI) step += 1;
  const digits = (value: number): string => (value / KIBI ** step).toFixed(step === 0 ? 0 : 1);
  return [digits(part), `${digits(whole)} ${UNITS[step]}`];
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
  return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
}

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Takes out what would change how the text around it is shown: controls and directions. */
export function clean(text: string): string {
  return text.replace(HIDDEN, "\ufffd");
}
