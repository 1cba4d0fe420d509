/** Reading vm-sync's state file, which belongs to another program and often to another user. */
import { dirname, isAbsolute } from "node:path";
import { reason } from "../files/set_aside.ts";
import type { ReadNeighbour } from "../model/neighbour.ts";
import { parseNeighbour } from "./parse_neighbour.ts";

/** Bytes of a state that is read: many times what ten thousand tables take. */
const LONGEST = 4 * 1024 * 1024;

/** Permission of others to write. */
const OTHERS_WRITE = 0o002;

/**
 * Never throws.
 *
 * @param redact takes secrets out of a text
 */
export async function readNeighbour(path: string, redact: (text: string) => string): Promise<ReadNeighbour> {
  const problem = (problem: string): ReadNeighbour => ({ kind: "problem", problem });
  try {
    // It may be given as a link: whoever may write where it lies, or where it leads, by however many, could forge the verdict.
    const real = await Deno.realPath(path);
    const found = await Deno.stat(real);
    // Opening a pipe would wait for somebody to write into it.
    if (!found.isFile) return problem("it is no file");
    if (found.size > LONGEST) return problem("it is too large");
    const steps = [...await linksTo(path), real];
    const directories = await Promise.all(steps.map((each) => Deno.stat(dirname(each))));
    if ([found, ...directories].some(({ mode }) => ((mode ?? 0) & OTHERS_WRITE) !== 0)) {
      return problem("other users may write to it or to its directory, and could forge the verdict");
    }
    using file = await Deno.open(real);
    const content = new Uint8Array(found.size);
    let size = 0;
    for (let read = 1; size < content.length && read > 0; size += read) {
      read = await file.read(content.subarray(size)) ?? 0;
    }
    return parseNeighbour(content.subarray(0, size), redact);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return problem("there is no such file");
    if (error instanceof Deno.errors.PermissionDenied) return problem("ch-sync may not read it");
    return problem(reason(error));
  }
}

/** A path, what it leads to as a link, and so on to what is none. For one that `realPath()` takes: it does not go round. */
async function linksTo(path: string): Promise<string[]> {
  if (!(await Deno.lstat(path)).isSymlink) return [path];
  // From the directory as it is, which `..` of a link that lies in it starts from.
  const from = await Deno.realPath(dirname(path));
  const to = await Deno.readLink(path);
  return [path, ...await linksTo(isAbsolute(to) ? to : `${from}/${to}`)];
}
