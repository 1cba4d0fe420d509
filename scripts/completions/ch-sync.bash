# Completion of ch-sync's flags, made by `deno task generate`.
# shellcheck shell=bash
_ch_sync() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  case $before in
    --history) : ;;
    --evidence) : ;;
    --sample) : ;;
    --for) : ;;
    --reason) : ;;
    --table) : ;;
    --partition) : ;;
    --from) : ;;
    --to) : ;;
    --accept) : ;;
    --env-file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    --log-level) mapfile -t COMPREPLY < <(compgen -W "debug info warning error" -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "pause resume check accept reload --once --dry-run --status --history --doctor --drill --evidence --sample --for --reason --table --partition --from --to --recheck --verify --accept --sql --env-file --json --log-level --version --help" -- "$word") ;;
  esac
}
complete -o filenames -F _ch_sync ch-sync
