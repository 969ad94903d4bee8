#!/usr/bin/env bash
# From a fresh clone to passing tests: ./tests/run.sh [pytest arguments]
# Makes .test-venv with this tree's wend in it; as root on Debian and Ubuntu installs the shells that are missing.
# The versions of libraries and tools are those of tests/constraints.txt. WEND_TEST_NEWEST=1 takes the newest of each,
# in .test-newest. WEND_TEST_PYTHON is the interpreter to take instead of the first that is found; the environment is
# then .test-python-3.9 or the like.
set -eu
cd "$(dirname "$0")/.."

# Shells and tools; one that stays missing costs its own tests, named in the summary (under CI they fail).
missing=''
for tool in zsh fish tmux git strace direnv; do
  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done

python=''
names=(python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python)
if [ -n "${WEND_TEST_PYTHON-}" ]; then names=("$WEND_TEST_PYTHON"); fi
for name in "${names[@]}"; do
  if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1; then
    python=$name
    break
  fi
done
[ -n "$python" ] || missing="$missing python3 python3-venv"

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "tests/run.sh: installing$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # a list of names
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing; } >/dev/null ||
      echo "tests/run.sh: apt-get could not install all of:$missing" >&2
  else
    echo "tests/run.sh: not installed, so their tests are skipped:$missing" >&2
  fi
fi
if [ -z "$python" ]; then
  python=python3
  "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' || {
    echo 'tests/run.sh: needs Python 3.9 or later with its venv module' >&2
    exit 1
  }
fi

# Editable, so that the tests run this tree; made again when what it is made from has changed.
constraints="$PWD/tests/constraints.txt"
if [ -n "${WEND_TEST_NEWEST-}" ]; then
  venv=$PWD/.test-newest
  stamp="$(date +%Y-%m-%d)"
elif [ -n "${WEND_TEST_PYTHON-}" ]; then
  venv=$PWD/.test-python-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  stamp=''
else
  venv=$PWD/.test-venv
  stamp=''
fi
stamp="$stamp$PWD $("$python" -c 'import sys; print(sys.version, sys.executable)') $(cat pyproject.toml "$constraints" | cksum)"
if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  options=(--quiet --disable-pip-version-check --editable '.[test]')
  [ -n "${WEND_TEST_NEWEST-}" ] || options+=(--constraint "$constraints")
  "$venv/bin/python" -m pip install "${options[@]}" >&2
  printf '%s\n' "$stamp" >"$venv/stamp"
fi
exec "$venv/bin/python" -m pytest "$@"
