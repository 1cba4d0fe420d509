#!/bin/sh
# Installs ch-sync on this machine, upgrades it, or takes it away. Run it again as often as you like.
set -eu

usage() {
  cat <<'TEXT'
Usage: setup.sh primary|dr [--timer]
       setup.sh --uninstall

  primary, dr   which site this machine belongs to
  --timer       one check every 5 minutes by a systemd timer, instead of the daemon
  --uninstall   removes program and units; keeps .env, passwords and state

PREFIX    where to install; default: /opt/ch-sync
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
      fail "$argument is not understood"
      ;;
  esac
done

prefix=${PREFIX:-/opt/ch-sync}
root=${DESTDIR:-}
case $prefix in
  *[!A-Za-z0-9/._-]*) fail "PREFIX=$prefix must have letters, digits and / . _ - only" ;;
  /?*) ;;
  *) fail "PREFIX=$prefix must be an absolute path" ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
units=$root/etc/systemd/system
share=$root/usr/local/share
link=$root/usr/local/bin/ch-sync

[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail "must be run as root: sudo $0 $*"

# Whether systemd runs here and speaks of this installation.
systemd_runs() { [ -z "$root" ] && [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

# put MODE FROM TO: complete under its name, or not there; what runs from an old file goes on.
put() {
  mkdir -p "$(dirname "$3")"
  cp "$2" "$3.new"
  chmod "$1" "$3.new"
  mv -f "$3.new" "$3"
}

# put_unit FROM NAME: with the paths of this installation
put_unit() {
  mkdir -p "$units"
  sed "s#/opt/ch-sync#$prefix#g" "$1" >"$units/$2.new"
  chmod 644 "$units/$2.new"
  mv -f "$units/$2.new" "$units/$2"
}

uninstall() {
  if systemd_runs; then
    systemctl disable --now ch-sync.service ch-sync-once.timer ch-sync-once.service 2>/dev/null || true
  fi
  rm -f "$units/ch-sync.service" "$units/ch-sync-once.service" "$units/ch-sync-once.timer" \
    "$units/ch-sync.service.d/restart-backoff.conf" "$root$prefix/ch-sync" "$root$prefix/.env.template" \
    "$share/man/man1/ch-sync.1" "$share/bash-completion/completions/ch-sync" \
    "$share/zsh/site-functions/_ch-sync" "$share/fish/vendor_completions.d/ch-sync.fish"
  rmdir "$units/ch-sync.service.d" 2>/dev/null || true
  if [ "$(readlink "$link" 2>/dev/null)" = "$prefix/ch-sync" ]; then rm -f "$link"; fi
  if systemd_runs; then systemctl daemon-reload; fi
  say "ch-sync is removed. Kept, for you to delete:"
  say "  $prefix/.env and $prefix/credentials   configuration and passwords"
  say "  /var/lib/ch-sync                       state, and the record of repairs"
}

if [ "$action" = uninstall ]; then
  uninstall
  exit 0
fi
if [ -z "$site" ]; then
  usage >&2
  fail "name the site: primary or dr"
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
version=$("$binary" --version) || fail "$binary does not run on this machine ($(uname -sm)): take the archive for it"

env=$root$prefix/.env
if [ -f "$env" ]; then
  role=$(sed -n 's/^ROLE=//p' "$env" | tail -n 1 | tr -d "\"' ")
  if [ -n "$role" ] && [ "$role" != "$site" ]; then
    fail "$prefix/.env says ROLE=$role, and you said $site. Change or remove that file first, or set PREFIX"
  fi
fi

mkdir -p "$root$prefix"
chmod 755 "$root$prefix"
mkdir -p "$root$prefix/credentials"
chmod 700 "$root$prefix/credentials"
put 755 "$binary" "$root$prefix/ch-sync"

# An edited .env is never touched. One that is still the template of an older version becomes that of this one.
template=$root$prefix/.env.template
if [ ! -f "$env" ] || { [ -f "$template" ] && cmp -s "$env" "$template"; }; then
  put 600 "$source/.env.$site" "$env"
elif [ -f "$template" ] && ! cmp -s "$source/.env.$site" "$template"; then
  put 600 "$source/.env.$site" "$env.new"
  news="This version has other settings in its template. Yours were kept; compare:
  diff $prefix/.env $prefix/.env.new"
fi
put 600 "$source/.env.$site" "$template"

put_unit "$source/ch-sync.service" ch-sync.service
for unit in ch-sync-once.service ch-sync-once.timer; do
  if [ -f "$here/systemd/$unit" ]; then put_unit "$here/systemd/$unit" "$unit"; fi
done
# Older ones warn of what they do not know.
systemd_version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
if [ "${systemd_version:-0}" -ge 254 ] && [ -f "$here/systemd/restart-backoff.conf" ]; then
  put 644 "$here/systemd/restart-backoff.conf" "$units/ch-sync.service.d/restart-backoff.conf"
fi
if [ -f "$here/ch-sync.1" ]; then put 644 "$here/ch-sync.1" "$share/man/man1/ch-sync.1"; fi
if [ -d "$here/completions" ]; then
  put 644 "$here/completions/ch-sync.bash" "$share/bash-completion/completions/ch-sync"
  put 644 "$here/completions/_ch-sync" "$share/zsh/site-functions/_ch-sync"
  put 644 "$here/completions/ch-sync.fish" "$share/fish/vendor_completions.d/ch-sync.fish"
fi
mkdir -p "$(dirname "$link")"
if [ ! -e "$link" ] || [ -L "$link" ]; then ln -sfn "$prefix/ch-sync" "$link"; fi

say "$version is installed in $prefix."
if [ -n "${news:-}" ]; then say "$news"; fi
unit=ch-sync.service
if [ "$timer" = yes ]; then unit=ch-sync-once.timer; fi
if systemd_runs; then
  systemctl daemon-reload
  if systemctl is-active --quiet ch-sync.service; then
    systemctl restart ch-sync.service
    say "The service was running and has been restarted: journalctl -fu ch-sync"
    exit 0
  fi
else
  say "systemd does not run here, so nothing was loaded or started."
fi
say "
Next:
  1. Make the users that the README tells (users and grants) on both servers.
  2. Fill in addresses and passwords:   \${EDITOR:-vi} $prefix/.env
     Passwords may stand in files instead, mode 0600: $prefix/credentials/local-password and remote-password
  3. Look at the plan, which changes nothing:
       ch-sync --dry-run --env-file $prefix/.env
  4. Start it:   systemctl enable --now $unit
  5. Watch it:   journalctl -fu ${unit%.*}"
