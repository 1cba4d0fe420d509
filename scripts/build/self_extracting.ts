/**
 * One file from the running Deno and the bundled program, for places where `deno compile` cannot get its runtime base:
 * a shell script with both behind it.
 */
import { BuildError } from "./commands.ts";
import { RUNTIME_FLAGS } from "./runtime.ts";

/** One file inside of the file. */
interface Packed {
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the unpacked content, hexadecimal. */
  readonly digest: string;
}

/**
 * Writes the file, executable.
 *
 * @param program the text of the bundled program
 * @throws BuildError if the running Deno is no program that could be packed
 */
export async function makeSelfExtracting(program: string, output: string): Promise<void> {
  const elf = await Deno.readFile(Deno.execPath());
  if (elf[0] === 0x23) throw new BuildError(`${Deno.execPath()} is a script, not Deno itself`);
  const runtime = await pack(elf);
  const bundled = await pack(new TextEncoder().encode(program));
  const header = new TextEncoder().encode(launcher(runtime, bundled));
  const temporary = `${output}.new`;
  await Deno.writeFile(temporary, new Blob([header, runtime.gzip, bundled.gzip]).stream(), { mode: 0o755 });
  await Deno.chmod(temporary, 0o755);
  await Deno.rename(temporary, output);
}

async function pack(content: Uint8Array<ArrayBuffer>): Promise<Packed> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  const gzip = new Uint8Array(await new Response(stream).arrayBuffer());
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return { gzip, digest: hash.toHex() };
}

/** The script in front. POSIX shell, and no more than coreutils and gzip: every Linux and macOS has them. */
function launcher(runtime: Packed, program: Packed): string {
  const behind = runtime.gzip.length + program.gzip.length;
  return `#!/bin/sh
# ch-sync in one file: this script, then Deno and the program, compressed. The first start unpacks both into a private
# cache folder; each start checks them by digest, and unpacks again what is not as it should be.
set -eu
umask 077

fail() {
  echo "ch-sync: $*" >&2
  exit 1
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -c 1-64
}

# intact FILE DIGEST
intact() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ "$(digest "$1")" = "$2" ]
}

# packed runtime|program: prints what stands behind this script
packed() {
  case $1 in
    runtime) tail -c ${behind} "$self" | head -c ${runtime.gzip.length} ;;
    program) tail -c ${program.gzip.length} "$self" ;;
  esac | gzip -dc 2>/dev/null
}

# unpack runtime|program FILE DIGEST: complete under its name, or not there; two starts at once do not disturb each other
unpack() {
  if intact "$2" "$3"; then return 0; fi
  unpacking=$(mktemp "$2.XXXXXX") || return 1
  if ! packed "$1" >"$unpacking" || ! intact "$unpacking" "$3"; then
    rm -f "$unpacking"
    return 1
  fi
  chmod 700 "$unpacking"
  mv -f "$unpacking" "$2"
}

# sound FOLDER: a folder of ours or of root, in which nobody else can put something in another's place; so are all above
# it. FOLDER has no link in it: one that is put there later is seen as one.
sound() {
  if [ -n "$1" ]; then sound "\${1%/*}" || return 1; fi
  # The group, or others, may write only where each can move away no more than their own, as in /tmp.
  # shellcheck disable=SC2012 # of the name, in which anything may stand, nothing is read
  ls -ldn "\${1:-/}" 2>/dev/null | {
    read -r mode _ owner _ || exit 1
    case $owner in 0 | "$me") ;; *) exit 1 ;; esac
    case $mode in d????-??-* | d????????[tT]*) ;; *) exit 1 ;; esac
  }
}

# Takes the folder if it is ours alone, and nobody else can move it or what is above it: what lies there will be run.
take() {
  case $1 in /*) ;; *) return 1 ;; esac
  above=\${1%/*}
  while [ -n "$above" ] && [ ! -d "$above" ]; do above=\${above%/*}; done
  # Whoever may change a folder on the way chooses where a link in it leads.
  way=\${above%/*}
  while [ -n "$way" ]; do
    real=$(cd -P "$way" 2>/dev/null && pwd -P) || return 1
    sound "\${real%/}" || return 1
    way=\${way%/*}
  done
  real=$(cd -P "\${above:-/}" 2>/dev/null && pwd -P) || return 1
  real=\${real%/}
  sound "$real" || return 1
  folder=$real\${1#"$above"}
  (umask 022 && mkdir -p "\${folder%/*}") 2>/dev/null || return 1
  mkdir "$folder" 2>/dev/null || true
  sound "$folder" && [ -O "$folder" ] && [ -w "$folder" ] || return 1
  case $(ls -ldn "$folder") in d????-??-*) ;; *) return 1 ;; esac
  chmod 700 "$folder" 2>/dev/null || return 1
  find "$folder" -name '*.??????' -mmin +60 -exec rm -f {} + 2>/dev/null || true
  runtime=$folder/deno-${runtime.digest.slice(0, 16)}
  program=$folder/ch-sync-${program.digest.slice(0, 16)}.js
  unpack runtime "$runtime" ${runtime.digest} || return 1
  unpack program "$program" ${program.digest} || return 1
  # A folder mounted noexec holds files and runs none.
  [ -x "$runtime" ]
}

me=$(id -u)
self=$0
trap 'rm -f "\${unpacking:-}"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
own=ch-sync-unpacked
systemd_cache=\${CACHE_DIRECTORY:-}
systemd_cache=\${systemd_cache%%:*}
# Last, and directly in the temporary folder: there, nobody else can move it away.
for folder in \\
  "\${systemd_cache:+$systemd_cache/$own}" "\${XDG_CACHE_HOME:+$XDG_CACHE_HOME/$own}" "\${HOME:+$HOME/.cache/$own}" \\
  "\${TMPDIR:-/tmp}/$own-$me"; do
  if [ -n "$folder" ] && take "$folder"; then
    DENO_DIR=$folder/deno DENO_NO_UPDATE_CHECK=1
    export DENO_DIR DENO_NO_UPDATE_CHECK
    trap - EXIT TERM INT
    exec "$runtime" run ${RUNTIME_FLAGS.join(" ")} \\
      --no-config --no-lock --no-remote --no-npm --no-code-cache "$program" "$@"
  fi
done
if [ "$(packed program | wc -c)" -eq 0 ]; then fail "$self is damaged: copy it again, and compare its SHA-256"; fi
fail "found no folder to unpack into: set XDG_CACHE_HOME to one that this user can write, with 120 MB free, not mounted noexec, below folders that only this user and root can write"
`;
}
