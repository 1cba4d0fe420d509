// deno-lint-ignore-file no-console
/**
 * Runs a command as on a new machine: an empty home, and a narrow line that may break once.
 *
 *     deno run --allow-all scripts/newcomer.ts 12 [breaks after so many MB] -- npx -y deno@2.9.6 task demo
 *
 * The first number is the line's width in MB/s.
 */
import { startNarrowLine } from "../test/support/links/narrow_line.ts";
import { temporaryDirectory } from "../test/support/temporary_directory.ts";

const divided = Deno.args.indexOf("--");
const [width, breaks] = Deno.args.slice(0, Math.max(divided, 0)).map(Number);
const [command, ...args] = Deno.args.slice(divided + 1);
if (!width || !command) {
  console.error("Usage: deno run --allow-all scripts/newcomer.ts 12 [breaks after MB] -- command");
  Deno.exit(2);
}
await using line = startNarrowLine({
  bytesPerSecond: width * 1e6,
  ...breaks ? { breaksAfter: breaks * 1e6 } : {},
});
await using home = await temporaryDirectory();
const proxies = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];
const without = ["XDG_CACHE_HOME", "DENO_DIR", "npm_config_cache", "npm_config_userconfig"];
const own = Object.entries(Deno.env.toObject()).filter(([name]) => !without.includes(name));
const started = performance.now();
const { code } = await new Deno.Command(command, {
  args,
  clearEnv: true,
  env: {
    ...Object.fromEntries(own),
    ...Object.fromEntries(proxies.map((name) => [name, line.url])),
    no_proxy: "127.0.0.1,localhost",
    NO_PROXY: "127.0.0.1,localhost",
    HOME: home.path,
  },
}).spawn().status;
console.error(
  `${command} ended with ${code} after ${((performance.now() - started) / 1000).toFixed(1)} s; ` +
    `${(line.bytes / 1e6).toFixed(0)} MB came at up to ${width} MB/s`,
);
Deno.exitCode = code;
