/** A small npm registry on loopback that serves one package, and whose link a test breaks, holds up or spoils. */

export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
  /** How often the archive was asked for. */
  readonly asked: number;
  /**
   * What the archive's next requests meet: the link breaks in the middle, nothing more comes from there on, or what
   * comes is not what its hash says.
   */
  behaviour: "whole" | "breaks" | "hangs" | "spoilt";
  /** Resolves when the middle of the archive has been sent, and nothing after it. */
  readonly hanging: Promise<void>;
}

/**
 * @param directory in which it may leave what it packs
 * @param files content of the package's files, by name
 */
export async function startNpmRegistry(
  directory: string,
  { name, version, files }: { name: string; version: string; files: Readonly<Record<string, Uint8Array>> },
): Promise<NpmRegistry> {
  await Deno.mkdir(`${directory}/package`, { recursive: true });
  await Deno.writeTextFile(`${directory}/package/package.json`, JSON.stringify({ name, version }));
  for (const [file, content] of Object.entries(files)) {
    await Deno.writeFile(`${directory}/package/${file}`, content);
  }
  const args = ["-czf", `${directory}/package.tgz`, "-C", directory, "package"];
  const { success } = await new Deno.Command("tar", { args }).output();
  if (!success) throw new Error("tar failed");
  const archive = await Deno.readFile(`${directory}/package.tgz`);
  const digest = await sha512(archive);
  const other = await sha512(archive.subarray(1));
  const [reached, closing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  function answer(): Response {
    asked++;
    const headers = { "content-type": "application/octet-stream", "content-length": String(archive.length) };
    if (["whole", "spoilt"].includes(registry.behaviour)) return new Response(archive, { headers });
    const breaks = registry.behaviour === "breaks";
    // It breaks once, and hangs for as long as the test wants.
    if (breaks) registry.behaviour = "whole";
    let sent = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        if (sent) {
          if (!breaks) {
            reached.resolve();
            await closing.promise;
          }
          throw new Error("The link breaks here");
        }
        controller.enqueue(archive.subarray(0, archive.length >> 1));
        sent = true;
      },
    });
    return new Response(body, { headers });
  }
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {}, onError }, (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    if (path.endsWith(".tgz")) return answer();
    if (path !== `/${name}`) return Response.json({ error: "Not found" }, { status: 404 });
    const integrity = `sha512-${registry.behaviour === "spoilt" ? other : digest}`;
    const dist = { tarball: `${registry.url}/${name}/-/package.tgz`, integrity };
    return Response.json({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { name, version, dist } },
    });
  });
  const registry: NpmRegistry = {
    url: `http://127.0.0.1:${server.addr.port}`,
    get asked() {
      return asked;
    },
    behaviour: "whole",
    hanging: reached.promise,
    async [Symbol.asyncDispose]() {
      closing.resolve();
      await server.shutdown();
    },
  };
  return registry;
}

function onError(): Response {
  return new Response(null, { status: 500 });
}

async function sha512(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)).toBase64();
}
