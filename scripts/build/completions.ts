/** Completions of shells, from the tables of flags and verbs. */
import { type Flag, FLAGS } from "../../src/flags.ts";
import { VERBS } from "../../src/verbs.ts";

const HEAD = "# Completion of ch-sync's flags, made by `deno task generate`.";

const isPath = ({ value }: Flag) => value === "PATH";

/** For bash: `/usr/share/bash-completion/completions/ch-sync`. */
export function bashCompletion(): string {
  const cases = FLAGS.filter(({ value }) => value).map((flag) => {
    const words = isPath(flag)
      ? `mapfile -t COMPREPLY < <(compgen -f -- "$word")`
      : flag.choices
      ? `mapfile -t COMPREPLY < <(compgen -W "${flag.choices.join(" ")}" -- "$word")`
      : ":";
    return `    --${flag.name}) ${words} ;;`;
  });
  const words = [...VERBS.map(({ name }) => name), ...FLAGS.map(({ name }) => `--${name}`)];
  return `${HEAD}
# shellcheck shell=bash
_ch_sync() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  case $before in
${cases.join("\n")}
    *) mapfile -t COMPREPLY < <(compgen -W "${words.join(" ")}" -- "$word") ;;
  esac
}
complete -o filenames -F _ch_sync ch-sync
`;
}

/** For zsh: `/usr/share/zsh/vendor-completions/_ch-sync`. */
export function zshCompletion(): string {
  const modes = FLAGS.filter(({ group }) => group === "mode").map(({ name }) => `--${name}`);
  // Each specification stands between apostrophes.
  const escape = (text: string) => text.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
  const specifications = FLAGS.map((flag) => {
    const { name, group, multiple, value, optional, choices, help } = flag;
    const excluded = group === "mode" ? `(${modes.join(" ")})` : "";
    const action = isPath(flag) ? "_files" : choices ? `(${choices.join(" ")})` : " ";
    const argument = value ? `${optional ? "::" : ":"}${escape(value)}:${action}` : "";
    return `  '${excluded}${multiple ? "*" : ""}--${name}[${escape(help)}]${argument}'`;
  });
  return `#compdef ch-sync
${HEAD}
_arguments -s \\
  '1:verb:((${VERBS.map(({ name, help }) => `${name}\\:"${escape(help)}"`).join(" ")}))' \\
  '*: : ' \\
${specifications.join(" \\\n")}
`;
}

/** For fish: `/usr/share/fish/vendor_completions.d/ch-sync.fish`. */
export function fishCompletion(): string {
  const lines = FLAGS.map((flag) => {
    const { name, short, value, optional, choices, help } = flag;
    const letter = short ? ` -s ${short}` : "";
    const argument = optional
      ? ""
      : isPath(flag)
      ? " -rF"
      : choices
      ? ` -x -a '${choices.join(" ")}'`
      : value
      ? " -x"
      : "";
    return `complete -c ch-sync -l ${name}${letter}${argument} -d '${help.replace(/['\\]/g, "\\$&")}'`;
  });
  const verbs = VERBS.map(({ name, help }) =>
    `complete -c ch-sync -n __fish_use_subcommand -a ${name} -d '${help}'`
  );
  return `${HEAD}
complete -c ch-sync -f
${verbs.join("\n")}
${lines.join("\n")}
`;
}
