#!/bin/sh
# Installs ch-sync on this machine, upgrades it, or takes it away. Run it again as often as you like.
set -eu
umask 022
unset CDPATH

usage() {
  cat <<'TEXT'
Usage: setup.sh primary|dr [--timer]
       setup.sh --uninstall

  primary, dr   which site this machine belongs to
  --timer       one check every 5 minutes by a systemd timer, instead of the daemon
  --uninstall   removes program and units; keeps .env, passwords and state

PREFIX    where to install; default: where it is installed, else /opt/ch-sync
DESTDIR   a folder that stands for / (packagers, tests): nothing outside of it is touched
TEXT
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'setup.sh: %s\n' "$*" >&2
  exit 1
}

site='' timer=no action=install
for argument in "$@"; do
  case $argument in
    primary | dr)
      [ -z "$site" ] || fail "name one site: primary or dr"
      site=$argument
      ;;
    --timer) timer=yes ;;
    --uninstall) action=uninstall ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "$argument is not an option"
      ;;
  esac
done
if [ "$action" = install ] && [ -z "$site" ]; then
  usage >&2
  fail "name the site: primary or dr"
fi

root=${DESTDIR:-}
here=$(cd -- "$(dirname -- "$0")" && pwd)
source=$(dirname -- "$here")
units=$root/etc/systemd/system
share=$root/usr/local/share
link=$root/usr/local/bin/ch-sync

[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail "must be run as root: sudo ${PREFIX:+PREFIX=$PREFIX }$0 $*"

# An upgrade finds the installation by its unit. One machine has one: two would share units and state.
installed=''
if [ -f "$units/ch-sync.service" ]; then
  installed=$(sed -n 's#^ExecStart=\(/[^ ]*\)/ch-sync\( .*\)\{0,1\}$#\1#p' "$units/ch-sync.service" | head -n 1)
fi
prefix=${PREFIX:-${installed:-/opt/ch-sync}}
prefix=${prefix%/}
case $prefix/ in
  *[!A-Za-z0-9/._-]*) fail "PREFIX=$prefix must have letters, digits and / . _ - only" ;;
  */../* | */./* | *//*) fail "PREFIX=$prefix must be a path without . and .. and empty parts" ;;
  /?*) ;;
  *) fail "PREFIX=$prefix must be an absolute path" ;;
esac
case ${prefix#/}/ in
  home/* | root/* | run/* | tmp/* | var/tmp/* | dev/* | proc/* | sys/*)
    fail "PREFIX=$prefix is where the hardened service cannot see it: take a folder below /opt, /srv or /usr/local"
    ;;
esac
if [ -n "$installed" ] && [ "$installed" != "$prefix" ]; then
  fail "ch-sync is installed in $installed already. To upgrade it, leave PREFIX out; to move it, first: $0 --uninstall"
fi
env=$root$prefix/.env
if [ "$action" = install ] && [ -z "$installed" ] && [ -f "$root/usr/lib/systemd/system/ch-sync.service" ]; then
  fail "ch-sync is installed here as a package: upgrade it so, or remove the package first"
fi

# Whether systemd runs here and speaks of this installation.
systemd_runs() { [ -z "$root" ] && [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }
active() {
  systemd_runs || return 1
  case $(systemctl show --property=ActiveState "$1") in
    ActiveState=active | ActiveState=activating | ActiveState=reloading) ;;
    *) return 1 ;;
  esac
}

# Half a file never has the name of a whole one.
part=''
trap '[ -z "$part" ] || rm -f "$part"' EXIT
trap 'fail "stopped before it was done; what was there still works. Run it again"' HUP INT TERM

# stage MODE FROM TO: a complete copy beside TO, in $part
stage() {
  mkdir -p "$(dirname "$3")"
  part=$3.part
  rm -f "$part"
  cp "$2" "$part"
  chmod "$1" "$part"
}

# finish TO: in one step; what runs from the old file goes on.
finish() {
  mv -f "$part" "$1"
  part=''
}

put() {
  stage "$1" "$2" "$3"
  finish "$3"
}

# put_unit FROM NAME: with the paths of this installation; somebody's edits are set aside, not lost.
put_unit() {
  unit=$units/$2 ours=$root$prefix/.units/$2
  stage 644 "$1" "$unit"
  sed "s#/opt/ch-sync#$prefix#g" "$1" >"$part"
  if [ -f "$unit" ] && ! cmp -s "$unit" "$part" && [ -f "$ours" ] && ! cmp -s "$unit" "$ours"; then
    cp -p "$unit" "$unit.edited"
    say "$2 had been edited, and is replaced. Yours is kept as /etc/systemd/system/$2.edited."
    say "  Put changes where upgrades leave them alone: systemctl edit $2"
  fi
  finish "$unit"
  put 644 "$unit" "$ours"
}

# A binary, not the self-extracting script.
is_elf() { [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; }

uninstall() {
  if systemd_runs; then
    for unit in ch-sync-once.timer ch-sync-once.service ch-sync.service; do
      systemctl stop "$unit" 2>/dev/null || true
      if active "$unit"; then fail "$unit could not be stopped, so nothing was removed: systemctl status $unit"; fi
      systemctl disable "$unit" >/dev/null 2>&1 || true
    done
  fi
  rm -f "$units/multi-user.target.wants/ch-sync.service" "$units/timers.target.wants/ch-sync-once.timer" \
    "$units/ch-sync.service" "$units/ch-sync-once.service" "$units/ch-sync-once.timer" \
    "$units/ch-sync.service.d/restart-backoff.conf" \
    "$units/ch-sync.service.d/no-programs.conf" "$units/ch-sync-once.service.d/no-programs.conf" \
    "$share/man/man1/ch-sync.1" "$share/bash-completion/completions/ch-sync" \
    "$share/zsh/site-functions/_ch-sync" "$share/fish/vendor_completions.d/ch-sync.fish" \
    "$root$prefix/ch-sync" "$root$prefix/ch-sync.part" "$root$prefix/.env.template"
  # What the self-extracting file unpacked, and records of this script.
  rm -rf "$root/var/cache/private/ch-sync" "$root/var/cache/ch-sync" "$root$prefix/.units"
  rmdir "$units/ch-sync.service.d" "$units/ch-sync-once.service.d" "$root$prefix/credentials" 2>/dev/null || true
  if [ "$(readlink "$link" 2>/dev/null)" = "$prefix/ch-sync" ]; then rm -f "$link"; fi
  if systemd_runs; then
    systemctl daemon-reload
    systemctl reset-failed ch-sync.service ch-sync-once.service 2>/dev/null || true
  fi
  say "ch-sync is removed."
  kept "$prefix/.env" "configuration"
  kept "$prefix/.env.new" "a newer template"
  kept "$prefix/credentials" "passwords"
  kept "$prefix/data" "state of checks by hand or by cron"
  kept /var/lib/private/ch-sync "state, and the record of repairs"
  [ -d "$root/var/lib/private/ch-sync" ] || kept /var/lib/ch-sync "state, and the record of repairs"
  for name in ch-sync.service ch-sync-once.service ch-sync-once.timer; do
    kept "/etc/systemd/system/$name.d" "your changes to the unit"
    kept "/etc/systemd/system/$name.edited" "your changes to the unit"
  done
}
kept() {
  if [ -e "$root$1" ]; then say "  kept, for you to delete: $1 ($2)"; fi
}

if [ "$action" = uninstall ]; then
  uninstall
  exit 0
fi

# The binary lies beside scripts/ in an archive, and in dist/ of the repository.
binary=''
for candidate in "$source/ch-sync" "$source/dist/ch-sync"; do
  if [ -f "$candidate" ]; then
    binary=$candidate
    break
  fi
done
[ -n "$binary" ] || fail "there is no ch-sync beside this folder: unpack a release archive, or run: deno task compile"
for needed in ch-sync.service ".env.$site"; do
  [ -f "$source/$needed" ] || fail "$source/$needed is missing: unpack the archive again"
done

if [ -f "$env" ]; then
  role=$(sed -n 's/^ROLE=//p' "$env" | tail -n 1 | tr -d "\"' \t\r")
  if [ -n "$role" ] && [ "$role" != "$site" ]; then
    fail "$prefix/.env says ROLE=$role, and you said $site. If it is wrong, move it away and run this again"
  fi
fi

# It must run where it will lie, before anything of what is there is replaced.
before=$("$root$prefix/ch-sync" --version 2>/dev/null) || before=''
stage 755 "$binary" "$root$prefix/ch-sync"
version=$("$part" --version) || fail "$binary does not run on this machine ($(uname -sm)), so nothing was replaced.
  Take the archive for this machine. If $prefix is mounted noexec, take another PREFIX"
chmod 755 "$root$prefix"
mkdir -p "$root$prefix/credentials"
chmod 700 "$root$prefix/credentials"
sync "$part" 2>/dev/null || true
finish "$root$prefix/ch-sync"
say "$version is installed in $prefix."
if [ -n "$before" ] && [ "$before" != "$version" ]; then say "It replaces $before."; fi

# An edited .env is never touched. One that is still the template of an older version becomes that of this one.
template=$root$prefix/.env.template
if [ ! -e "$env" ] || { [ -f "$template" ] && cmp -s "$env" "$template"; }; then
  put 600 "$source/.env.$site" "$env"
elif [ -f "$template" ] && ! cmp -s "$source/.env.$site" "$template" && ! cmp -s "$source/.env.$site" "$env"; then
  put 600 "$source/.env.$site" "$env.new"
  say "The template of this version is another one. Your .env was kept; compare:"
  say "  diff $prefix/.env $prefix/.env.new"
fi
put 600 "$source/.env.$site" "$template"
case $(ls -lL "$env") in
  -???------*) ;;
  *) say "$prefix/.env can be read by others than root. It holds passwords: chmod 600 $prefix/.env" ;;
esac

put_unit "$source/ch-sync.service" ch-sync.service
for name in ch-sync-once.service ch-sync-once.timer; do
  if [ -f "$here/systemd/$name" ]; then put_unit "$here/systemd/$name" "$name"; fi
done
# Older ones warn of what they do not know.
systemd_version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
if [ "${systemd_version:-0}" -ge 254 ] && [ -f "$here/systemd/restart-backoff.conf" ]; then
  put 644 "$here/systemd/restart-backoff.conf" "$units/ch-sync.service.d/restart-backoff.conf"
fi
for service in ch-sync ch-sync-once; do
  confined=$units/$service.service.d/no-programs.conf
  if [ "${systemd_version:-0}" -ge 248 ] && [ -f "$here/systemd/no-programs.conf" ] && is_elf "$root$prefix/ch-sync"; then
    stage 644 "$here/systemd/no-programs.conf" "$confined"
    sed "s#/opt/ch-sync#$prefix#g" "$here/systemd/no-programs.conf" >"$part"
    finish "$confined"
  else
    rm -f "$confined"
  fi
done
if [ -f "$here/ch-sync.1" ]; then put 644 "$here/ch-sync.1" "$share/man/man1/ch-sync.1"; fi
if [ -d "$here/completions" ]; then
  put 644 "$here/completions/ch-sync.bash" "$share/bash-completion/completions/ch-sync"
  put 644 "$here/completions/_ch-sync" "$share/zsh/site-functions/_ch-sync"
  put 644 "$here/completions/ch-sync.fish" "$share/fish/vendor_completions.d/ch-sync.fish"
fi
mkdir -p "$(dirname "$link")"
if [ ! -e "$link" ] || [ -L "$link" ]; then
  ln -sfn "$prefix/ch-sync" "$link"
else
  say "/usr/local/bin/ch-sync is a file of somebody else's, and was left. This one is $prefix/ch-sync."
fi

if systemd_runs; then systemctl daemon-reload; fi
if active ch-sync.service; then
  systemctl restart ch-sync.service || fail "the service did not start again. See why: journalctl -u ch-sync -n 20
  To have the version before back, run setup.sh of its archive"
  say "The service was running, and has been restarted: journalctl -fu ch-sync"
  if [ "$timer" = yes ]; then
    say "To have the timer instead, which stops the daemon:"
    say "  systemctl disable ch-sync.service && systemctl enable --now ch-sync-once.timer"
  fi
  exit 0
fi
if active ch-sync-once.timer; then
  say "The timer is running; its next check takes this version: journalctl -fu ch-sync-once"
  exit 0
fi

unit=ch-sync.service
if [ "$timer" = yes ]; then unit=ch-sync-once.timer; fi
as=''
if [ -n "${SUDO_USER:-}" ]; then as='sudo '; fi
say "
Next:
  1. Make the users on both servers: docs/users-and-grants.md.
  2. Fill in addresses and passwords:
       $as${EDITOR:-vi} $prefix/.env
     Passwords may stand in files instead, mode 0600: $prefix/credentials/local-password and remote-password
  3. Examine what must hold, and then look at the plan; neither changes anything:
       $as$prefix/ch-sync --doctor --env-file $prefix/.env
       $as$prefix/ch-sync --dry-run --env-file $prefix/.env
     Where passwords are in files, name them too:
       ${as}LOCAL_CH_PASSWORD_FILE=$prefix/credentials/local-password \\
         REMOTE_CH_PASSWORD_FILE=$prefix/credentials/remote-password \\
         $prefix/ch-sync --dry-run --env-file $prefix/.env
  4. Start it, and watch it:
       ${as}systemctl enable --now $unit
       ${as}journalctl -fu $(basename "$unit" ."${unit##*.}")
  Your own changes to the unit, which upgrades leave alone: ${as}systemctl edit ${unit%.*}"
if ! systemd_runs; then
  say "
systemd does not run here, so nothing was loaded or started. Where it never will, start ch-sync by other means:
       cd $prefix && ./ch-sync"
fi
