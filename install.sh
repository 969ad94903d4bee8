#!/bin/sh
# Installs wend for the user who runs it: ./install.sh [--uninstall] [--no-rc] [--shell NAME]...
# Everything goes below HOME (or XDG_DATA_HOME); running it again upgrades; --uninstall takes all of it away.
set -eu

usage='usage: ./install.sh [--uninstall] [--no-rc] [--shell bash|zsh|fish|pwsh]...'

say() { printf '%s\n' "$*"; }
fail() {
  printf 'wend: %s\n' "$*" >&2
  exit 1
}
wrong() {
  printf 'wend: %s: %s\n' "$1" "$usage" >&2
  exit 2
}

uninstall='' no_rc=''
set -- "$@" --end--
while [ "$1" != --end-- ]; do # the --shell options, for wend itself, gather behind the mark
  case $1 in
    --uninstall) uninstall=1 ;;
    --no-rc) no_rc=1 ;;
    --shell)
      shift
      case $1 in bash | zsh | fish | pwsh | powershell) set -- "$@" --shell "$1" ;; *) wrong 'no such shell' ;; esac
      ;;
    --shell=*)
      name=${1#--shell=}
      shift
      set -- --shell "$name" "$@"
      continue
      ;;
    -h | --help)
      say "$usage"
      exit 0
      ;;
    *) wrong "no such option $1" ;;
  esac
  shift
done
shift

case ${HOME-} in /*) ;; *) fail 'HOME is not set: set HOME to your home directory' ;; esac
[ -d "$HOME" ] || fail "$HOME is not a directory: set HOME to your home directory"
if [ "$(id -u)" = 0 ] && [ -z "$(find "$HOME" -prune -user 0)" ]; then
  fail "$HOME is not root's: run this as its owner, without sudo"
fi
case ${XDG_DATA_HOME-} in /*) data=$XDG_DATA_HOME/wend ;; *) data=$HOME/.local/share/wend ;; esac
case ${XDG_STATE_HOME-} in /*) state=$XDG_STATE_HOME/wend ;; *) state=$HOME/.local/state/wend ;; esac
case ${XDG_CONFIG_HOME-} in /*) config=$XDG_CONFIG_HOME/wend ;; *) config=$HOME/.config/wend ;; esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
venv=$data/venv
launcher=$data/bin/wend
link=$HOME/.local/bin/wend

# wend as it lies in its own environment: works before there is a launcher, and after it has gone.
installed() { "$venv/bin/python" -I -X utf8 -m wend "$@"; }

ours() { [ -L "$link" ] && [ "$(readlink "$link")" = "$launcher" ]; }

# A Python that can make environments: 3.9 or later, with venv and ensurepip. Says where it really is, so that
# neither a pyenv shim nor an activated environment, which may go away, becomes the ground that wend stands on.
probe='
import sys
assert sys.version_info >= (3, 9)
import ensurepip, venv
print(getattr(sys, "_base_executable", "") or sys.executable)'

try() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  # Without the developer tools, macOS has a stub there that opens a window.
  if [ "$1" = /usr/bin/python3 ] && [ "$(uname)" = Darwin ] && ! xcode-select -p >/dev/null 2>&1; then return 1; fi
  found=$(cd / && "$1" -I -c "$probe" 2>/dev/null) && [ -x "$found" ]
}

try_directory() {
  for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python; do
    if try "$1/$name"; then return 0; fi
  done
  return 1
}

# Real interpreters on PATH, the usual places, pyenv's versions; shims, which are slow, last of all.
find_python() {
  shims=''
  rest=$PATH:/usr/local/bin:/opt/homebrew/bin:/usr/bin:
  while [ -n "$rest" ]; do
    directory=${rest%%:*} rest=${rest#*:}
    case $directory in
      "${VIRTUAL_ENV:-/-}"/* | "${CONDA_PREFIX:-/-}"/*) ;;
      */shims | */shims/) shims=$directory ;;
      /*) if try_directory "$directory"; then return 0; fi ;;
    esac
  done
  for directory in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin; do
    if try_directory "$directory"; then return 0; fi
  done
  [ -n "$shims" ] && try_directory "$shims"
}

if [ -n "$uninstall" ]; then
  if installed --version >/dev/null 2>&1; then
    installed setup --remove ${no_rc:+--no-rc} "$@" || fail 'not all could be restored, see above: fix that and run this again'
  elif [ -z "$no_rc" ] && find_python; then # its environment is broken or gone: restore the start-up files anyway
    "$found" -I -X utf8 -c 'import os, sys
sys.path.insert(0, sys.argv[1])
from wend import errors, setup, shells
try:
    for change in setup.removal(os.environ, tuple(shells.ALIASES.get(name, name) for name in sys.argv[3::2])):
        setup.make(change)
except errors.WendError as error:
    sys.exit(error.line())' "$here/src" "$@" || exit 1
  fi
  [ $# -eq 0 ] || exit 0 # only these shells were to be let go
  if ours; then
    rm -f -- "$link"
    say "removed   $link"
  fi
  if [ -d "$data" ]; then
    rm -rf -- "$data"
    say "removed   $data"
  fi
  rm -f -- "$state/daemon.log" "$state/daemon.log.1"
  rmdir -- "$state" 2>/dev/null || :
  for kept in "$state" "$config"; do
    if [ -d "$kept" ]; then say "kept      $kept (what you decided)"; fi
  done
  say 'wend is uninstalled. Shells that are open still have its hook: open new ones.'
  exit 0
fi

make_venv() {
  find_python || fail 'no Python 3.9 or later with venv and ensurepip: install python3 and python3-venv, then run this again'
  rm -rf -- "$venv"
  mkdir -p -- "$data"
  "$found" -I -m venv "$venv" || fail "$found cannot make an environment: install python3-venv, then run this again"
}

if ! try "$venv/bin/python" || ! "$venv/bin/python" -I -c 'import pip' 2>/dev/null; then make_venv; fi
say "python    $found"

unset PIP_TARGET PIP_PREFIX PIP_ROOT
# Up to 0.1 the distribution was called wend: with both of them there, removing one would break the other.
for earlier in "$venv"/lib/python*/site-packages/wend-*.dist-info; do
  if [ -d "$earlier" ]; then (cd / && "$venv/bin/python" -I -m pip uninstall --quiet --yes wend) >/dev/null 2>&1 || make_venv; fi
done
if ! output=$(cd / && PIP_USER=0 PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-input \
  --upgrade "$here" 2>&1); then
  printf '%s\n' "$output" | tail -n 3 >&2
  fail 'pip could not install wend and the packages it needs, see above: run this again where the package index can be reached'
fi
say "package   $venv"

installed setup ${no_rc:+--no-rc} "$@" || fail 'the shells are not wired up, see above: fix that and run this again'

mkdir -p -- "$HOME/.local/bin"
if ours; then
  :
elif [ -e "$link" ] || [ -L "$link" ]; then
  say "kept      $link, which is not this wend: move it away and run this again"
else
  ln -s -- "$launcher" "$link"
  say "linked    $link"
fi
if "$launcher" daemon status >/dev/null 2>&1; then "$launcher" daemon restart; fi

say
"$launcher" selftest ${no_rc:+--no-rc} "$@" || fail 'the self-test failed, see above: wend selftest --json'
say
say 'wend is installed. cd into a project in a new terminal.'
case :$PATH: in
  *:"$HOME/.local/bin":*) ;;
  *)
    # shellcheck disable=SC2016  # the line is for a start-up file
    case ${SHELL-} in
      */fish) line='fish_add_path ~/.local/bin' ;;
      *) line='export PATH="$HOME/.local/bin:$PATH"' ;;
    esac
    say "$HOME/.local/bin is not on your PATH. To type wend, add this line to your shell's start-up file:"
    say "  $line"
    ;;
esac
