import assert from "node:assert/strict";
import { GROUPS } from "../../src/status/tones.ts";
import { STYLE } from "../../src/status/style.ts";

/** The colours of a `:root{…}` by name. */
function colours(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([\w-]+):(#[0-9a-f]{3,6})\b/g)].map(([, name, colour]) => [name!, colour!]),
  );
}

const [light, dark] = STYLE.split("@media(prefers-color-scheme:dark)").map(colours);

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const digits = colour.length === 4
    ? [...colour.slice(1)].map((one) => one + one).join("")
    : colour.slice(1);
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16) / 255)
    .map((share) => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

Deno.test("every text of the page stands out from what it is on, light and dark, by WCAG's 4.5 to 1", () => {
  for (const scheme of [light!, new Map([...light!, ...dark!])]) {
    const pairs: [string, string][] = [
      ...Object.keys(GROUPS).map((group): [string, string] => [group, `${group}-fg`]),
      ["bg", "fg"],
      ["card", "fg"],
      ["bg", "soft"],
      ["card", "soft"],
      ["card", "good-fg"],
      ["card", "bad"],
    ];
    const low = pairs.map(([ground, text]) =>
      `${ground} ${text} ${contrast(scheme.get(ground)!, scheme.get(text)!)}`
    );
    const white = ["ready", "wait", "idle"].map((ground) =>
      `${ground} white ${contrast(scheme.get(ground)!, "#fff")}`
    );
    assert.deepEqual([...low, ...white].filter((line) => !(Number(line.split(" ")[2]) >= 4.5)), []);
  }
});

Deno.test("every colour of a map has a place in the style, and every variable is defined", () => {
  for (const group of Object.keys(GROUPS)) assert.ok(STYLE.includes(`.g-${group}{background:`), group);
  const used = new Set([...STYLE.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name!));
  assert.deepEqual([...used].filter((name) => !light!.has(name)), []);
});
