/** systemd's own reader of `EnvironmentFile`, called in systemd's own library. */
import { needsPackage } from "../sites/debian_packages.ts";

const FOLDER = "/usr/lib/x86_64-linux-gnu/systemd";

/** Reads a file of variables as systemd does; throws where systemd refuses the file. */
export type ReadAsSystemd = (path: string) => Record<string, string>;

/** `int load_env_file(FILE *f, const char *fname, char ***ret)`; without `f` it opens `fname`. */
export async function openSystemd(): Promise<ReadAsSystemd & Disposable> {
  await needsPackage("systemd", "/usr/bin/systemd-analyze");
  const name = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).find((name) =>
    /^libsystemd-shared-.*\.so$/.test(name)
  );
  const library = Deno.dlopen(`${FOLDER}/${name}`, {
    load_env_file: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  });
  function read(path: string): Record<string, string> {
    const result = new BigUint64Array(1);
    const name = new TextEncoder().encode(`${path}\0`);
    const code = library.symbols.load_env_file(null, name, result);
    if (code < 0) throw new Error(`systemd refuses ${path}: errno ${-code}`);
    const variables: Record<string, string> = {};
    // A list of pointers to NAME=value that ends with null; it is not freed, as the process soon ends.
    for (let list = result[0]!; list !== 0n; list += 8n) {
      const pointer = new Deno.UnsafePointerView(Deno.UnsafePointer.create(list)!).getBigUint64();
      if (pointer === 0n) break;
      const text = new Deno.UnsafePointerView(Deno.UnsafePointer.create(pointer)!).getCString();
      const [variable, ...value] = text.split("=");
      variables[variable!] = value.join("=");
    }
    return variables;
  }
  return Object.assign(read, { [Symbol.dispose]: () => library.close() });
}
