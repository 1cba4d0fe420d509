/** `BLACKOUT`: times of day without repairs. */
import type { Blackout } from "../model/settings.ts";
import type { ValueReader } from "./read_values.ts";

const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)$/;

/** `22:00-06:00`, several separated by commas. One that begins when it ends could mean never or always: a mistake. */
export function readBlackouts(values: ValueReader): Blackout[] {
  const texts = (values.raw("BLACKOUT") ?? "").split(",").map((text) => text.trim()).filter(Boolean);
  const windows = texts.map(window);
  if (windows.every((found) => found !== null)) return windows;
  values.reject("BLACKOUT");
  return [];
}

function window(text: string): Blackout | null {
  const [, ...parts] = WINDOW.exec(text) ?? [];
  if (parts.length === 0) return null;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts.map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from % 1440 === to % 1440 ? null : { from, to };
}
