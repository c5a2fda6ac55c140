// How text of a terminal looks, and the classes that say so. Pure.

/** A colour: one of the terminal's sixteen, or `#rrggbb`. */
type Colour = number | string;

export interface Style {
  readonly fg: Colour | null;
  readonly bg: Colour | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  readonly inverse: boolean;
}

export const PLAIN: Style = {
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
};

const SWITCHES: Readonly<Record<number, Partial<Style>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { fg: null },
  49: { bg: null },
};

/** Gives a style after the parameters of an SGR sequence (ECMA-48, 8.3.117); what is not known changes nothing. */
export function restyled(before: Style, parameters: string): Style {
  const numbers = parameters.split(";").map(read);
  let style = before;
  for (let i = 0; i < numbers.length; i++) {
    const [code = 0, ...sub] = numbers[i] ?? [0];
    if (code === 0) style = PLAIN;
    else if (code === 38 || code === 48) {
      const rest = sub.length > 0 ? sub : numbers.slice(i + 1).map(([n = 0]) => n);
      const [colour, used] = extended(rest, sub.length > 0);
      if (sub.length === 0) i += used;
      if (colour !== null) style = { ...style, [code === 38 ? "fg" : "bg"]: colour };
    } else style = { ...style, ...SWITCHES[code], ...basic(code) };
    if (code === 4 && sub[0] === 0) style = { ...style, underline: false };
  }
  return style;
}

function read(text: string): number[] {
  return text.split(":").map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : 0));
}

function basic(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 90 && code <= 97) return { fg: code - 90 + 8 };
  if (code >= 100 && code <= 107) return { bg: code - 100 + 8 };
  return {};
}

/** Reads what follows 38 or 48; gives the colour and how many parameters were used. */
function extended(rest: readonly number[], colons: boolean): [Colour | null, number] {
  if (rest[0] === 5) return [indexed(rest[1] ?? 0), 2];
  if (rest[0] !== 2) return [null, rest.length === 0 ? 0 : 1];
  // 38:2::r:g:b has a place for a colour space, 38;2;r;g;b has not
  const from = colons && rest.length >= 5 ? 2 : 1;
  const [r = 0, g = 0, b = 0] = rest.slice(from, from + 3);
  return [hex(r, g, b), 4];
}

const LEVELS = [0, 95, 135, 175, 215, 255];

function indexed(index: number): Colour | null {
  if (index > 255) return null;
  if (index < 16) return index;
  if (index >= 232) return hex(...grey(8 + (index - 232) * 10));
  const cube = index - 16;
  const level = (n: number): number => LEVELS[n % 6] ?? 0;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6)), level(cube));
}

const grey = (level: number): [number, number, number] => [level, level, level];

function hex(...rgb: number[]): string {
  return `#${rgb.map((part) => Math.min(255, part).toString(16).padStart(2, "0")).join("")}`;
}

const FLAGS = ["bold", "dim", "italic", "underline", "strike"] as const;

/** Gives a style's classes, and the colours that no class names. */
export function classOf(style: Style): { class: string; own: Readonly<Record<string, string>> | null } {
  if (style === PLAIN) return { class: "", own: null };
  const classes: string[] = FLAGS.filter((flag) => style[flag]).map((flag) => `t-${flag}`);
  const own: Record<string, string> = {};
  const colour = (what: "fg" | "bg", value: Colour | null, inverse: string): void => {
    if (value === null) {
      if (style.inverse) classes.push(inverse);
    } else if (typeof value === "number") classes.push(`t-${what}${value}`);
    else {
      classes.push(`t-${what}-own`);
      own[`--${what}`] = value;
    }
  };
  colour("fg", style.inverse ? style.bg : style.fg, "t-fg-paper");
  colour("bg", style.inverse ? style.fg : style.bg, "t-bg-ink");
  return { class: classes.join(" "), own: Object.keys(own).length > 0 ? own : null };
}
