#!/usr/bin/env bash
# Makes a Debian, Ubuntu or macOS machine ready for pointwire: Deno, ffmpeg, dependencies. It can be run again at any time.
#
#   tools/setup.sh              sets up, and says what it did and what it found
#   tools/setup.sh TASK [ARG…]  sets up, then runs `deno task TASK ARG…`
set -euo pipefail
cd "$(dirname "$0")/.."

# The newest release pointwire was tested with; any 2.x from 2.9 on will do.
deno_release=2.9.6

HOME=${HOME:-$(unset HOME && echo ~)}
export HOME

report() { printf '%-7s %s\n' "$1" "$2" >&2; }

die() {
  printf 'setup: %s\n' "$1" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- privileges and packages -------------------------------------------------------------------------------------------------

can_be_root() {
  [ "$(id -u)" -eq 0 ] && return
  has sudo || return
  sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ] && sudo -v; }
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null >/dev/null; }

# install_package NAME: with brew or apt-get; the package lists are fetched only if they turn out to be missing or too old.
install_package() {
  if has brew; then
    brew install --quiet "$1" >&2 || die "brew could not install $1."
  elif ! has apt-get; then
    die "$1 is missing, and neither apt-get nor brew is there to install it: install $1, then run this again."
  elif ! can_be_root; then
    die "$1 is missing, and this user may not install it: run 'sudo apt-get install $1', then run this again."
  else
    apt_get install -y --no-install-recommends "$1" 2>/dev/null ||
      { apt_get update && apt_get install -y --no-install-recommends "$1"; } ||
      die "apt-get could not install $1."
  fi
}

# --- Deno --------------------------------------------------------------------------------------------------------------------

# works DENO: whether it runs here and is 2.9 or a later 2.x.
works() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n '1s/^deno \([0-9]*\)\.\([0-9]*\).*/\1 \2/p') || return
  # shellcheck disable=SC2086 # two words, on purpose
  set -- $version
  [ "$#" -eq 2 ] && [ "$1" -eq 2 ] && [ "$2" -ge 9 ]
}

version_of() { "$1" --version | sed -n '1s/^deno \([^ ]*\).*/\1/p'; }

is_script() { [ "$(head -c 2 "$1" | tr -d '\0')" = '#!' ]; }

on_path() { case ":$PATH:" in *":$1:"*) ;; *) return 1 ;; esac }

# Prints the folder for a new deno: one on PATH if this user can write to one.
bin_dir() {
  if [ -w /usr/local/bin ] || can_be_root; then
    echo /usr/local/bin
  elif on_path "$HOME/.local/bin"; then
    echo "$HOME/.local/bin"
  else
    echo "$HOME/.deno/bin"
  fi
}

# put COMMAND… DIR: makes DIR, then runs COMMAND… with DIR/deno as its last argument, as root if it must.
put() {
  local dir=${*: -1} run=()
  [ -w "$dir" ] || [ "${dir#"$HOME"/}" != "$dir" ] || run=(as_root)
  ${run[@]+"${run[@]}"} mkdir -p "$dir"
  ${run[@]+"${run[@]}"} "${@:1:$#-1}" "$dir/deno"
}

# download DIR: leaves a real deno binary in DIR and prints its path, or fails.
download() {
  local binary
  if has npm; then
    # Without install scripts: npm may block them, and the binary is there without them, in the package for this platform.
    report deno "fetching it with npm"
    if npm install --prefix "$1" --ignore-scripts --no-save --no-audit --no-fund --no-update-notifier --loglevel error \
      "deno@^${deno_release%.*}" >/dev/null </dev/null; then
      for binary in "$1"/node_modules/@deno/*/deno; do
        chmod +x "$binary" && works "$binary" && echo "$binary" && return
      done
    fi
    report deno "npm has none that runs here, so the official installer is next"
  fi
  has curl || install_package curl
  has unzip || install_package unzip
  report deno "fetching it with the official installer"
  curl -fsSL https://deno.land/install.sh |
    DENO_INSTALL=$1/official sh -s -- --yes --no-modify-path "v$deno_release" >/dev/null || true
  works "$1/official/bin/deno" && echo "$1/official/bin/deno"
}

# Sets `deno` to the path of a real binary, finding one or installing one.
find_deno() {
  local candidate
  for candidate in "$(command -v deno || true)" "$HOME/.deno/bin/deno" "$HOME/.local/bin/deno" \
    /usr/local/bin/deno /opt/homebrew/bin/deno; do
    if [ ! -x "$candidate" ] || ! works "$candidate"; then continue; fi
    if is_script "$candidate"; then
      link_behind "$candidate"
    else
      deno=$candidate
      report deno "found $(version_of "$deno") at $deno"
    fi
    return
  done
  local dir scratch
  dir=$(bin_dir)
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064 # its value now
  trap "rm -rf $(printf %q "$scratch")" EXIT
  candidate=$(download "$scratch") ||
    die "Deno could not be installed: install Deno ${deno_release%.*} or later (https://docs.deno.com/runtime/), then run this again."
  put install -m 755 "$candidate" "$dir"
  rm -rf "$scratch" # now, as the trap does not survive the exec below
  deno=$dir/deno
  report deno "installed $(version_of "$deno") at $deno"
}

# link_behind WRAPPER: npm's `deno` is a script that starts the real binary as a child, and a signal sent to it never arrives there.
link_behind() {
  local real dir
  real=$("$1" eval --no-config --no-lock 'console.log(Deno.execPath())')
  dir=$(bin_dir)
  # The wrapper may stand in that very folder, and is npm's: it stays.
  [ ! -e "$dir/deno" ] || [ "$dir/deno" -ef "$real" ] || dir=$HOME/.deno/bin
  if [ "$dir/deno" -ef "$real" ]; then
    report deno "found $(version_of "$real") at $dir/deno"
  else
    put ln -sf "$real" "$dir"
    report deno "linked $dir/deno to the $(version_of "$real") behind npm's script $1"
  fi
  deno=$dir/deno
}

# Says the one line to add where `deno` on PATH is not the one found.
check_path() {
  local dir=${deno%/*}
  hash -r
  if [ "$(command -v deno || true)" != "$deno" ]; then
    report deno "to have it on PATH, add to your shell's profile: export PATH=\"$dir:\$PATH\""
    export PATH="$dir:$PATH"
  fi
}

# --- the rest ----------------------------------------------------------------------------------------------------------------

find_ffmpeg() {
  local how=found
  if ! has ffmpeg; then
    install_package ffmpeg
    how=installed
  fi
  report ffmpeg "$how $(ffmpeg -version | sed -n '1s/^ffmpeg version \([^ ]*\).*/\1/p') at $(command -v ffmpeg)"
}

jsr_answers() {
  "$deno" eval --no-config --no-lock '
    try {
      const response = await fetch("https://jsr.io/@std/assert/meta.json", { signal: AbortSignal.timeout(5000) });
      Deno.exit((await response.json()).name === "assert" ? 0 : 1);
    } catch {
      Deno.exit(1);
    }' 2>/dev/null
}

clean_lock=(run --no-config --no-lock --quiet tools/clean_lock.ts)

# Forgets the checksums in the working tree's deno.lock of stand-ins that are gone or were written anew.
forget_checksums() {
  [ -e deno.lock ] || return 0
  "$deno" "${clean_lock[@]}" <deno.lock >"deno.lock.$$"
  mv "deno.lock.$$" deno.lock
}

# JSR can't be reached from every network. There, and only there, stand-ins for it are written.
find_std() {
  if jsr_answers; then
    if [ -e vendor/STAND-INS ]; then
      rm -rf vendor/jsr.io/@std vendor/STAND-INS
      forget_checksums
      report jsr "reached, so the stand-ins in vendor/ are removed"
    else
      report jsr "reached"
    fi
  elif [ -e vendor/jsr.io/@std ] && [ ! -e vendor/STAND-INS ]; then
    report jsr "not reached; found its packages in vendor/"
  else
    "$deno" run --no-config --no-lock --quiet --allow-read=. --allow-write=vendor tools/vendor_std.ts ||
      die "the stand-ins for JSR's packages could not be written to vendor/."
    forget_checksums
    report jsr "not reached, so stand-ins for its packages are in vendor/"
  fi
}

cache_dependencies() {
  find tests tools lib/viewer -name '*.ts' -exec "$deno" cache --quiet server.ts client.ts lib/mod.ts {} + ||
    die "the dependencies could not be fetched."
  report cache "dependencies are in $("$deno" info --json | sed -n 's/.*"denoDir": "\(.*\)".*/\1/p')"
}

build_page() {
  "$deno" task --quiet build || die "the page that shows points could not be built."
  report page "built in lib/serving/page/"
}

# Has git leave out of deno.lock what Deno writes there about JSR, which differs between machines; .gitattributes names the filter.
set_git_filter() {
  [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ] || return 0
  # A percent sign begins a placeholder of git's.
  local clean="'${deno//%/%%}' ${clean_lock[*]}"
  if [ "$(git config --local filter.pointwire-lock.clean)" != "$clean" ]; then
    git config --local filter.pointwire-lock.clean "$clean"
    report git "set this checkout's filter for deno.lock, which keeps JSR's part out of commits"
  fi
  # Git takes a file of another size for modified, without asking the filter, until it is added.
  if [ "$(git hash-object --path deno.lock deno.lock)" = "$(git rev-parse --quiet --verify :deno.lock)" ]; then
    git add deno.lock
  fi
}

find_deno
check_path
find_std
cache_dependencies
build_page
set_git_filter
find_ffmpeg

if [ "$#" -gt 0 ]; then
  exec "$deno" task "$@"
fi
