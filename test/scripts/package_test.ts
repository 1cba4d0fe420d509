/** `deno task package`, with a script in place of the program. What the packages do when they are installed: e2e. */
import assert from "node:assert/strict";
import { control } from "../../scripts/build/packages/deb.ts";
import { placeFiles, withPackagePaths } from "../../scripts/build/packages/layout.ts";
import { readArchiveName } from "../../scripts/build/packages/order.ts";
import { spec } from "../../scripts/build/packages/rpm.ts";
import { ran } from "../support/program/bare_debian.ts";
import { layRelease } from "../support/program/release_folder.ts";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const { version: VERSION } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
const NAME = `ch-sync-${VERSION}-x86_64-unknown-linux-gnu`;

Deno.test("readArchiveName() takes compiled programs for Linux, and writes versions as distributions do", () => {
  assert.deepEqual(readArchiveName("ch-sync-1.2.3-x86_64-unknown-linux-gnu.tar.gz"), {
    version: "1.2.3",
    machine: "x86_64",
  });
  // A version with a tilde comes before the one without it.
  assert.deepEqual(readArchiveName("ch-sync-1.2.3-rc-1-aarch64-unknown-linux-gnu.tar.gz"), {
    version: "1.2.3~rc~1",
    machine: "aarch64",
  });
  for (
    const name of [
      "ch-sync-1.2.3-x86_64-unknown-linux-gnu-self-extracting.tar.gz",
      "ch-sync-1.2.3-aarch64-apple-darwin.tar.gz",
      "ch-sync-1.2.3-x86_64-unknown-linux-gnu.cdx.json",
    ]
  ) assert.equal(readArchiveName(name), null, name);
});

Deno.test("withPackagePaths() knows the paths of units, and those of man pages", () => {
  const text = "EnvironmentFile=/opt/ch-sync/.env\nExecStart=/opt/ch-sync/ch-sync --once\n";
  assert.equal(
    withPackagePaths(text),
    "EnvironmentFile=/etc/ch-sync/ch-sync.env\nExecStart=/usr/bin/ch-sync --once\n",
  );
  assert.equal(withPackagePaths("/opt/ch\\-sync/credentials/"), "/etc/ch\\-sync/credentials/");
});

Deno.test("placeFiles() takes pages, and no source", () => {
  const archive = ["README.md", "docs/install.md", "scripts/grants.sql", "scripts/setup.sh", "src/main.ts"];
  const pages = placeFiles(archive, "/z").map(({ to }) => to).filter((to) => to.includes("/doc/"));
  assert.deepEqual(
    pages,
    ["README.md", "docs/install.md", "scripts/grants.sql"].map((path) => `/usr/share/doc/ch-sync/${path}`),
  );
});

Deno.test("control() and spec() name version, machine and what is edited", () => {
  assert.match(control("1.0.0", "arm64", 7), /^Package: ch-sync\nVersion: 1\.0\.0\nArchitecture: arm64\n/);
  const text = spec(
    "1.0.0",
    ["/usr/bin/ch-sync", "/etc/ch-sync/ch-sync.env", "/usr/share/doc/ch-sync/a"],
    "/r",
  );
  assert.match(text, /^%config\(noreplace\) %attr\(0600, root, root\) \/etc\/ch-sync\/ch-sync\.env$/m);
  assert.doesNotMatch(text, /doc\/ch-sync\/a/);
});

Deno.test("shellcheck finds nothing in the scripts of the packages", async () => {
  await needsPackage("shellcheck", "/usr/bin/shellcheck");
  const folder = `${ROOT}scripts/packages`;
  const of = (kind: string) =>
    [...Deno.readDirSync(`${folder}/${kind}`)].map(({ name }) => `${folder}/${kind}/${name}`);
  const checked = await ran("shellcheck", ["--shell=sh", "--severity=warning", ...of("deb"), ...of("rpm")]);
  assert.deepEqual(checked, { code: 0, said: "" });
});

Deno.test("deno task package", async (t) => {
  await needsPackage("rpm", "/usr/bin/rpmbuild");
  await using folder = await temporaryDirectory();
  const call = (...args: string[]) =>
    ran(Deno.execPath(), ["task", "--quiet", "package", ...args], {
      cwd: ROOT,
      env: { NO_COLOR: "1", DPKG_DEB_COMPRESSOR_TYPE: "gzip" },
    });
  const packages = [`ch-sync-${VERSION}-1.x86_64.rpm`, `ch-sync_${VERSION}_amd64.deb`];
  const made: string[] = [];
  for (const name of ["first", "elsewhere"]) made.push(`${folder.path}/${name}`);
  await layRelease(`${folder.path}/${NAME}`, VERSION, null);
  for (const place of made) {
    await Deno.mkdir(place);
    const args = ["--mtime=@1700000000", "-czf", `${place}/${NAME}.tar.gz`, "-C", folder.path, NAME];
    assert.equal((await ran("tar", args)).code, 0);
  }

  await t.step("puts both beside the archive, and their sums into SHA256SUMS", async () => {
    const { code, said } = await call(`${made[0]}/${NAME}.tar.gz`);
    assert.equal(code, 0, said);
    const there = [...Deno.readDirSync(made[0]!)].map(({ name }) => name).sort();
    assert.deepEqual(there, [...packages, `${NAME}.tar.gz`, "SHA256SUMS"].sort());
    const { said: sums } = await ran("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: made[0]! });
    for (const name of [...packages, `${NAME}.tar.gz`]) assert.ok(sums.includes(`${name}: OK\n`), sums);
  });

  await t.step("makes the same from the same archive, byte by byte", async () => {
    assert.equal((await call(`${made[1]}/${NAME}.tar.gz`)).code, 0);
    for (const name of packages) {
      assert.equal((await ran("cmp", made.map((place) => `${place}/${name}`))).said, "", name);
    }
  });

  await t.step("says what it needs", async () => {
    const other = await call(`${made[0]}/${NAME}-self-extracting.tar.gz`);
    assert.equal(other.code, 1);
    assert.match(other.said, /must be the archive of a compiled program for Linux/);
    assert.match((await call(`${folder.path}/${NAME}.tar.gz`)).said, /^There is no .*: deno task release\n$/);
    assert.match((await call("--rpm")).said, /--rpm[^]*Usage: deno task package/);
  });
});
