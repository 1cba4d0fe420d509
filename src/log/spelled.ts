/** Finding a text in any output, however programs have encoded it. */

/** JSON in JSON in JSON in SQL puts fewer backslashes before one character. */
const MOST_QUOTING = 64;

/** An encoded backslash; its percent sign may be encoded as well: `%255C` is `%5C` is a backslash. */
const ENCODED_BACKSLASH =
  /%(?:25){0,3}5c|&(?:amp;){0,3}(?:#0{0,8}92(?!\d)|#x0{0,8}5c(?![\da-f])|bsol);?|\\(?:u005c|x5c|u\{0{0,8}5c\})/iy;
const ENTITY =
  /&(?:amp;){0,3}(?:#0{0,8}(\d{1,7})|#x0{0,8}([\da-f]{1,6})|(amp|lt|gt|quot|apos|sol|equals|plus|nbsp));?/iy;
const NUMBER = /u([\da-f]{4})|u\{0{0,8}([\da-f]{1,6})\}|x([\da-f]{2})/iy;
const PERCENT = /%(?:25){0,3}([\da-f]{2})/iy;

/** Named entities, for the characters that programs write that way. */
const NAMES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  sol: "/",
  equals: "=",
  plus: "+",
  nbsp: "\u00a0",
};

/** Characters that are written as a letter after a backslash. */
const LETTERS: Readonly<Record<string, string>> = {
  "\0": "0",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
};

/** One character of the text to find. */
interface SoughtChar {
  readonly char: string;
  /** Its UTF-8; none: half of a surrogate pair has no encoding. */
  readonly bytes: Uint8Array;
}

/**
 * The characters to find in a text: without backslashes, and with each quote once. Quoting adds both, so their number
 * does not matter.
 */
export function sought(text: string): SoughtChar[] {
  const encoder = new TextEncoder();
  return [...text.replaceAll("\\", "").replace(/'+/g, "'")].map((char) => ({
    char,
    bytes: char.isWellFormed() ? encoder.encode(char) : new Uint8Array(),
  }));
}

/**
 * A function that replaces `wanted` wherever it occurs: as it is, quoted as in SQL and JSON to any depth, as numbers as in
 * JSON and Python, percent-encoded as in URLs and forms, or as HTML entities, each character possibly in another form.
 * Each place is tried by itself, so nothing in front can hide it. Linear in the length of the text.
 *
 * @param wanted from `sought()`, at least two characters
 * @param trailing whether backslashes after it are part of it
 */
export function spelledMask(
  wanted: readonly SoughtChar[],
  mask: string,
  trailing = false,
): (text: string) => string {
  const [first, second] = wanted.map(({ char }) => plain(char));
  // Most places can be skipped because of what follows them.
  const starts = new RegExp(`${first}(?=${second}|[\\\\%&'])|\\\\|%(?=[\\da-f]{2})|&(?=[#a-z])`, "gi");
  return (text) => {
    let [clean, from, tried] = ["", 0, 0];
    starts.lastIndex = 0;
    for (let start = starts.exec(text); start !== null; start = starts.exec(text)) {
      const { index } = start;
      // Nothing else begins within a run of backslashes that led nowhere.
      if (index < tried && wanted[0]?.char !== text[index]) continue;
      const end = endOf(text, index, wanted);
      if (end === null) {
        tried = Math.max(tried, afterBackslashes(text, index));
        continue;
      }
      clean += text.slice(from, index) + mask;
      from = starts.lastIndex = tried = trailing ? afterBackslashes(text, end) : end;
    }
    return clean + text.slice(from);
  };
}

/** A character as a pattern; in forms, a space is a plus. */
function plain(char: string): string {
  const units = [...Array(char.length).keys()].map((at) => char.charCodeAt(at).toString(16).padStart(4, "0"));
  return char === " " ? "[ +]" : units.map((unit) => `\\u${unit}`).join("");
}

/** Where the longest occurrence that begins here ends; null: there is none. */
function endOf(text: string, start: number, wanted: readonly SoughtChar[]): number | null {
  let places = [start];
  for (const one of wanted) {
    const ends = places.flatMap((place) => endsOf(text, place, one));
    if (ends.length === 0) return null;
    places = ends.length === 1 ? ends : [...new Set(ends)];
  }
  return Math.max(...places);
}

/** Where one character that begins here may end. SQL doubles quotes, and quoting twice doubles them again. */
function endsOf(text: string, start: number, wanted: SoughtChar): number[] {
  const ends = onceFrom(text, start, wanted);
  for (let last = ends.at(-1); wanted.char === "'" && last !== undefined && ends.length < MOST_QUOTING;) {
    last = onceFrom(text, last, wanted).at(-1);
    if (last !== undefined) ends.push(last);
  }
  return ends;
}

/** After backslashes or not. */
function onceFrom(text: string, start: number, wanted: SoughtChar): number[] {
  const bare = afterBackslashes(text, start);
  const ends = oneOf(text, start, wanted);
  if (bare === start) return ends;
  ends.push(...oneOf(text, bare, wanted));
  const end = numbered(text, bare, wanted);
  if (end !== null) ends.push(end);
  const letter = LETTERS[wanted.char];
  if (letter !== undefined && text[bare] === letter) ends.push(bare + 1);
  return ends;
}

function oneOf(text: string, at: number, { char, bytes }: SoughtChar): number[] {
  const ends = text.startsWith(char, at) ? [at + char.length] : [];
  if (text[at] === "+" && char === " ") ends.push(at + 1);
  if (text[at] === "&") {
    const [all = "", decimal, hexadecimal, name] = sticky(ENTITY, text, at) ?? [];
    const code = decimal !== undefined ? Number(decimal) : parseInt(hexadecimal ?? "", 16);
    // `&amp;lt` is that, or `<` written twice.
    if (char === "&" && text.startsWith("&amp;", at)) ends.push(at + 5);
    if (name ? NAMES[name.toLowerCase()] === char : code === char.codePointAt(0)) ends.push(at + all.length);
  }
  if (text[at] === "%") {
    // `%2500` is `%00`, or its first character written twice.
    for (const form of char === "%" ? ["%25", "%2525", "%252525"] : []) {
      if (text.startsWith(form, at)) ends.push(at + form.length);
    }
    const end = percentEncoded(text, at, bytes);
    if (end !== null) ends.push(end);
  }
  return ends;
}

function percentEncoded(text: string, start: number, bytes: Uint8Array): number | null {
  let at = start;
  for (const byte of bytes) {
    const [all = "", hexadecimal = ""] = sticky(PERCENT, text, at) ?? [];
    if (parseInt(hexadecimal, 16) !== byte) return null;
    at += all.length;
  }
  return bytes.length > 0 ? at : null;
}

/** `u0041` and the like, after backslashes; if it takes several numbers, each has backslashes before it. */
function numbered(text: string, start: number, { char, bytes }: SoughtChar): number | null {
  let at = start;
  for (let [units, octets] = [0, 0]; units < char.length && (octets === 0 || octets < bytes.length);) {
    const [all = "", unit, point, byte] =
      sticky(NUMBER, text, units + octets > 0 ? afterBackslashes(text, at) : at) ?? [];
    if (unit !== undefined && parseInt(unit, 16) === char.charCodeAt(units)) units++;
    else if (parseInt(point ?? "", 16) === char.codePointAt(0)) units = char.length;
    else if (byte !== undefined && parseInt(byte, 16) === bytes[octets]) octets++;
    else return null;
    at = NUMBER.lastIndex;
    if (all === "") return null;
  }
  return at;
}

function afterBackslashes(text: string, start: number): number {
  let at = start;
  for (let count = 0; count < MOST_QUOTING; count++) {
    if (text[at] === "\\") {
      const all = /[ux]/i.test(text[at + 1] ?? "") ? sticky(ENCODED_BACKSLASH, text, at) : null;
      at += all ? all[0].length : 1;
    } else if (text[at] === "%" || text[at] === "&") {
      const all = sticky(ENCODED_BACKSLASH, text, at);
      if (!all) break;
      at += all[0].length;
    } else break;
  }
  return at;
}

function sticky(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
