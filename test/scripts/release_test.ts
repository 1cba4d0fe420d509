/** A whole release, made twice from the same commit, in folders of different names. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { THIS_TARGET } from "../../scripts/build/runtime.ts";
import { linksOf } from "../support/page_links.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const { version: VERSION } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
const NAME = `ch-sync-${VERSION}-${THIS_TARGET}-self-extracting`;
/** Stands in an .env and in a leftover of the checkout, and must not get into the release. */
const SECRET = "hunter2-in-the-checkout";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program, { ...options, args: [...args] }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

async function mustRun(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout;
}

/** Git without the settings of whoever runs the tests. */
function git(checkout: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid"];
  return mustRun("git", [...identity, ...args], { cwd: checkout, env: { GIT_CONFIG_GLOBAL: "/dev/null" } });
}

/** A checkout of its own with one commit: others may edit the real one during the test, and it may be dirty. */
async function makeCheckout(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  const pages = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".md"));
  const parts = [
    "src",
    "scripts",
    "docs",
    ".gitignore",
    "deno.json",
    "deno.lock",
    "ch-sync.service",
    "LICENSE",
    ".dockerignore",
    "Dockerfile",
    "docker-compose.yml",
  ];
  parts.push(".env.primary", ".env.dr", ...pages);
  await mustRun("cp", ["-R", ...parts.map((part) => ROOT + part), path]);
  await git(path, "init", "--quiet");
  await git(path, "add", "--all");
  await git(path, "commit", "--quiet", "--message=x");
}

function release(checkout: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const command = ["task", "--quiet", "release", "--self-extracting", ...args];
  return run(Deno.execPath(), command, { cwd: checkout, env: { NO_COLOR: "1", ...env } });
}

/** All files of a folder, as paths in it, sorted. */
async function filesIn(folder: string, path = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${path}`)) {
    if (isDirectory) found.push(...await filesIn(folder, `${path}${name}/`));
    else found.push(path + name);
  }
  return found.sort();
}

Deno.test("a release", async (test) => {
  await using folder = await temporaryDirectory();
  const first = `${folder.path}/first`;
  const second = `${folder.path}/elsewhere/the-second`;
  await makeCheckout(first);
  await Deno.mkdir(`${folder.path}/elsewhere`);
  await mustRun("cp", ["-Rp", first, second]);
  const commit = (await git(first, "rev-parse", "--short=12", "HEAD")).trim();
  // None of this is the commit's: ignored by git, another umask, other times and modes of files.
  await Deno.writeTextFile(`${second}/.env`, `REMOTE_CH_PASSWORD=${SECRET}\n`);
  await Deno.writeTextFile(`${second}/.git/info/exclude`, "*~\n");
  await Deno.writeTextFile(`${second}/docs/verify.md~`, SECRET);
  await Deno.chmod(`${second}/README.md`, 0o600);
  await Deno.utime(`${second}/LICENSE`, 1, 1);

  const made = await Promise.all([
    release(first, []),
    release(second, ["--output", `${folder.path}/out`], {
      TZ: "Asia/Tokyo",
      TAR_OPTIONS: "--verbose",
      LC_ALL: "C.UTF-8",
    }),
  ]);
  const [here, there] = [`${first}/dist`, `${folder.path}/out`];
  const unpacked = `${folder.path}/unpacked/${NAME}`;

  await test.step("is made from a committed tree, and says which files", () => {
    for (const { code, stdout, stderr } of made) {
      assert.equal(code, 0, stderr);
      assert.equal(stderr, "");
      assert.deepEqual(stdout.trim().split("\n").map((line) => basename(line.replace(/: [\d.]+ MB$/, ""))), [
        `${NAME}.tar.gz`,
        `${NAME}.cdx.json`,
        "SHA256SUMS",
      ]);
    }
  });

  await test.step("is the same, byte by byte, from another folder", async () => {
    const names = [`${NAME}.cdx.json`, `${NAME}.tar.gz`, "SHA256SUMS"].sort();
    assert.deepEqual(await filesIn(here), names);
    assert.deepEqual(await filesIn(there), names);
    for (const name of names) await mustRun("cmp", [`${here}/${name}`, `${there}/${name}`]);
  });

  await test.step("has checksums that sha256sum accepts, and that notice a change", async () => {
    const checked = await mustRun("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: there });
    assert.equal(checked, `${NAME}.cdx.json: OK\n${NAME}.tar.gz: OK\n`);
    await Deno.writeTextFile(`${there}/${NAME}.cdx.json`, " ", { append: true });
    assert.equal((await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: there })).code, 1);
  });

  await test.step("unpacks into one folder with exactly the files of the list", async () => {
    await Deno.mkdir(`${folder.path}/unpacked`);
    await mustRun("tar", ["-xzf", `${here}/${NAME}.tar.gz`, "-C", `${folder.path}/unpacked`]);
    assert.deepEqual([...Deno.readDirSync(`${folder.path}/unpacked`)].map(({ name }) => name), [NAME]);
    const expected = [
      ".dockerignore",
      ".env.dr",
      ".env.primary",
      "Dockerfile",
      "LICENSE",
      "THIRD_PARTY_LICENSES",
    ];
    expected.push("ch-sync", "ch-sync.cdx.json", "ch-sync.service", "docker-compose.yml");
    const committed = await git(first, "ls-files");
    const ours = /^[^/]+\.md$|^docs\/|^scripts\/(ch-sync\.1$|[^/]+\.sql$|setup\.sh$|completions\/|systemd\/)/;
    expected.push(...committed.trim().split("\n").filter((path) => ours.test(path)));
    assert.deepEqual(await filesIn(unpacked), expected.sort());
    for (
      const path of [
        "scripts/completions/ch-sync.bash",
        "scripts/ch-sync.1",
        "docs/verify.md",
        "CHANGELOG.md",
      ]
    ) {
      assert.ok(expected.includes(path), path);
    }
  });

  await test.step("holds every file that its pages link to or show as a command's", async () => {
    const files = new Set(await filesIn(unpacked));
    const pages = [...files].filter((name) => name.endsWith(".md"));
    const targets = pages.flatMap((page) => linksOf(unpacked, page).map((target) => [page, target] as const));
    assert.deepEqual(targets.filter(([, target]) => !files.has(target)), []);
    const linked = new Set(targets.map(([, target]) => target));
    for (const path of ["scripts/grants.sql", "scripts/grants-drill.sql", "docs/install.md"]) {
      assert.ok(linked.has(path), `no link to ${path} was found`);
    }
    // Pages that tell of the source name its files; those for operators name what they have.
    const ofSource = ["CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"];
    const named = pages.filter((page) => !ofSource.includes(page)).flatMap((page) =>
      [
        ...Deno.readTextFileSync(`${unpacked}/${page}`).matchAll(
          /(?<![\w/.-])(?:scripts|docs)\/[\w/.-]*\.\w+/g,
        ),
      ]
        .map(([path]) => [page, path] as const)
    );
    assert.ok(named.length > 10, `only ${named.length} were found`);
    assert.deepEqual(named.filter(([, path]) => !files.has(path)), []);
  });

  await test.step("gives every entry to root, with the commit's time and one of two modes", async () => {
    const listed = await mustRun("tar", [
      "--numeric-owner",
      "--full-time",
      "--utc",
      "-tvzf",
      `${here}/${NAME}.tar.gz`,
    ]);
    const seconds = Number(await git(first, "log", "-1", "--format=%ct"));
    const time = new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
    for (const line of listed.trim().split("\n")) {
      const [, mode, path] = new RegExp(`^(\\S+) 0/0 +\\d+ ${time} (\\S+)$`).exec(line) ?? [];
      assert.ok(mode && path, line);
      const executable = path.endsWith("/") || /\/ch-sync$|\.sh$/.test(path);
      assert.equal(mode.slice(1), executable ? "rwxr-xr-x" : "rw-r--r--", path);
    }
  });

  await test.step("holds a program that starts with nothing in its environment, and knows its commit", async () => {
    const environment = { XDG_CACHE_HOME: `${folder.path}/cache` };
    const said = await mustRun("./ch-sync", ["--version"], {
      cwd: unpacked,
      clearEnv: true,
      env: environment,
    });
    assert.match(
      said,
      new RegExp(
        `^ch-sync ${VERSION.replaceAll(".", "\\.")} \\(commit ${commit}, \\d{4}-\\d\\d-\\d\\d\\)\n$`,
      ),
    );
  });

  await test.step("holds no path of the machine that made it, and no secret", async () => {
    const cache = `${folder.path}/cache/ch-sync-unpacked`;
    const program = (await filesIn(cache)).find((name) => /^ch-sync-.*\.js$/.test(name));
    assert.ok(program);
    const texts = (await filesIn(unpacked)).filter((name) => name !== "ch-sync").map((name) =>
      `${unpacked}/${name}`
    );
    const places = [folder.path, ROOT, ...["DENO_DIR", "HOME"].flatMap((name) => Deno.env.get(name) ?? [])];
    const forbidden = [SECRET, ...places.map((place) => place.replace(/\/?$/, "/"))];
    for (const file of [`${cache}/${program}`, ...texts]) {
      const text = await Deno.readTextFile(file);
      for (const part of forbidden) assert.ok(!text.includes(part), `${file} holds ${part}`);
      assert.doesNotMatch(text, /\/(root|work|home)\/[\w.]/, file);
      assert.doesNotMatch(text, /^[A-Z_]*PASSWORD=./m, file);
    }
    assert.doesNotMatch(await Deno.readTextFile(`${cache}/${program}`), /\/tmp\b/);
  });

  await test.step("comes with the bill of materials inside and beside it", async () => {
    await mustRun("cmp", [`${unpacked}/ch-sync.cdx.json`, `${here}/${NAME}.cdx.json`]);
  });

  await test.step("is refused from files that are not committed, without a stack trace", async () => {
    await Deno.writeTextFile(`${second}/src/new.ts`, "");
    const { code, stdout, stderr } = await release(second, []);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^A release is made from committed files alone, .*\n\?\? src\/new\.ts\nCommit them first/,
    );
    assert.doesNotMatch(stderr, /^ +at /m);
  });

  await test.step("takes changes, but no new file, where that is allowed, and says so", async () => {
    await Deno.writeTextFile(`${second}/docs/new.md`, "");
    await Deno.writeTextFile(`${second}/LICENSE`, "changed");
    const output = `${folder.path}/dirty`;
    const { code, stderr } = await release(second, ["--allow-dirty", "--output", output]);
    assert.equal(code, 0, stderr);
    await mustRun("tar", ["-xzf", `${output}/${NAME}.tar.gz`, "-C", output]);
    assert.equal(await Deno.readTextFile(`${output}/${NAME}/LICENSE`), "changed");
    assert.ok(!(await filesIn(`${output}/${NAME}`)).includes("docs/new.md"));
    assert.match(await Deno.readTextFile(`${output}/${NAME}.cdx.json`), new RegExp(`"${commit}-dirty"`));
  });

  await test.step("is refused for a version of which the changelog says nothing", async () => {
    const settings = await Deno.readTextFile(`${second}/deno.json`);
    await Deno.writeTextFile(`${second}/deno.json`, settings.replace(`"${VERSION}"`, '"9.9.9"'));
    const { code, stderr } = await release(second, ["--allow-dirty"]);
    assert.equal(code, 1);
    assert.match(stderr, /^CHANGELOG\.md has no heading "## \[9\.9\.9\]"/);
  });
});
