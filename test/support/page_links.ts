/** What a page of Markdown links to. */
import { dirname, join } from "node:path";

/** Paths below the folder, of files and pictures that the page names; not addresses of the web. */
export function linksOf(folder: string, page: string): readonly string[] {
  const text = Deno.readTextFileSync(`${folder}/${page}`).replace(/^```[^]*?^```/gm, "");
  const links = [...text.matchAll(/\]\(\s*([^)\s#]+)|\b(?:src|href)="([^"#]+)/g)];
  return links.map(([, inline, tag]) => inline ?? tag!).filter((link) => !/^\w+:/.test(link))
    .map((link) => join(dirname(page), link));
}
