/** A line plot as SVG, both axes logarithmic: what scales evenly is a straight line, what does not grow a level one. */

export interface Line {
  readonly name: string;
  /** Positive numbers; where nothing can be shown of one, it is left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 300, 60, 170, 34, 44];
const COLOURS = ["#1f6feb", "#bc4c00", "#1a7f37", "#8250df", "#9a6700"];

/** @param unit of the numbers on the horizontal axis, in words */
export function plot(title: string, unit: string, lines: readonly Line[]): string {
  const shown = lines.map(({ name, points }) => ({ name, points: points.filter(([, y]) => y > 0) }));
  const all = shown.flatMap(({ points }) => points);
  const across = scale(all.map(([x]) => x), LEFT, WIDTH - RIGHT);
  const up = scale(all.map(([, y]) => y), HEIGHT - BOTTOM, TOP);
  const grid = [
    ...across.ticks.map((value) => {
      const x = round(across.at(value));
      return `<path class="grid" d="M${x} ${TOP}V${HEIGHT - BOTTOM}"/>` +
        text(x, HEIGHT - BOTTOM + 16, short(value), "middle");
    }),
    ...up.ticks.map((value) => {
      const y = round(up.at(value));
      return `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/>` +
        text(LEFT - 6, y + 4, short(value), "end");
    }),
  ];
  const drawn = shown.map(({ name, points }, at) => {
    const colour = COLOURS[at % COLOURS.length]!;
    const places = points.map(([x, y]) => `${round(across.at(x))} ${round(up.at(y))}`);
    const dots = places.map((place) => {
      const [x, y] = place.split(" ");
      return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
    });
    return `<path d="M${places.join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>${
      dots.join("")
    }` +
      `<path d="M${WIDTH - RIGHT + 12} ${TOP + 14 + 20 * at}h18" stroke="${colour}" stroke-width="2"/>` +
      text(WIDTH - RIGHT + 36, TOP + 18 + 20 * at, name, "start");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${
      escaped(title)
    }">`,
    "<style>text{font:12px sans-serif;fill:#57606a}.grid{stroke:#8c959f;stroke-opacity:.3}</style>",
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" style="font-size:14px;fill:#1f2328">${escaped(title)}</text>`,
    ...grid,
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, unit, "middle"),
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

/** Powers of ten around the values, and where a value lies between the two ends. */
function scale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at)),
    at: (value: number) => from + (to - from) * (Math.log10(value) - low) / (high - low),
  };
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(Number(value.toPrecision(1)));
}

const round = (value: number) => Math.round(value * 10) / 10;
const escaped = (words: string) =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
