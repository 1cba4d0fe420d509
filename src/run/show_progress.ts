/** Live progress of a check for somebody who is watching a terminal; nothing anywhere else. */
import type { Observer } from "../check/ports/observer.ts";
import { CheckProgress } from "./check_progress.ts";
import type { StatusLine } from "../log/status_line.ts";
import { renderProgress } from "../report/render_progress.ts";

/** Milliseconds between two states of the line. */
const REDRAW_MS = 250;
/** Columns of a terminal that does not tell its width. */
const COLUMNS = 80;

/** @param line null: stderr is no terminal */
export function showProgress(
  line: StatusLine | null,
): Disposable & { readonly watchers: Partial<Observer>[] } {
  if (line === null) return { watchers: [], [Symbol.dispose]() {} };
  const progress = new CheckProgress();
  progress.begins(new Date());
  const timer = setInterval(() => {
    if (progress.check) line.show(renderProgress(progress.check, new Date(), columns()));
  }, REDRAW_MS);
  return {
    watchers: [progress.observer],
    [Symbol.dispose]() {
      clearInterval(timer);
      line.clear();
    },
  };
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || COLUMNS;
  } catch {
    return COLUMNS;
  }
}
