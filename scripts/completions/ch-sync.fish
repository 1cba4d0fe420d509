# Completion of ch-sync's flags, made by `deno task generate`.
complete -c ch-sync -f
complete -c ch-sync -l once -d 'one check with repairs, then exit (cron)'
complete -c ch-sync -l dry-run -d 'one check without repairs: print the plan, change nothing'
complete -c ch-sync -l status -d 'print the last recorded state; asks no ClickHouse'
complete -c ch-sync -l doctor -d 'preflight: what must hold, and how to mend what does not'
complete -c ch-sync -l accept -x -d 'with --once: repair what a guard refused, now and once (repeatable)'
complete -c ch-sync -l evidence -x -d 'check, change nothing, and write down why it is safe to fail back'
complete -c ch-sync -l table -x -d 'check only this table (repeatable)'
complete -c ch-sync -l env-file -rF -d 'configuration file; default: .env, if there is one'
complete -c ch-sync -l json -d 'print the report, or the state, as JSON'
complete -c ch-sync -l log-level -x -a 'debug info warning error' -d 'one of debug, info, warning, error'
complete -c ch-sync -l version -d 'print the version'
complete -c ch-sync -l help -d 'print this text'
