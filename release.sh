#!/bin/sh
# Builds and checks a release: ./release.sh VERSION. Prints what publishes it; publishes nothing.
# WEND_REPOSITORY is the address of the repository, for the links on the package index.
set -eu

fail() {
  printf 'release.sh: %s\n' "$1" >&2
  exit 1
}

[ $# -eq 1 ] || fail 'usage: ./release.sh VERSION'
version=$1
cd "$(dirname "$0")"

[ -z "$(git status --porcelain)" ] || fail 'the tree has changes: commit them first'
grep -q "^__version__ = \"$version\"\$" src/wend/__init__.py || fail "src/wend/__init__.py has another version: change it to $version"
grep -q "^## \[$version\] - " CHANGELOG.md || fail "CHANGELOG.md has no section $version: add it"
if git rev-parse -q --verify "refs/tags/v$version" >/dev/null; then fail "the tag v$version exists"; fi
[ -n "${WEND_REPOSITORY-}" ] || fail 'set WEND_REPOSITORY to the address of the repository'

.ci/run
rm -rf dist
.test-venv/bin/python -m build --outdir dist . # the wheel is built from the sdist

# The package index accepts them, and the wheel works in an environment of its own.
check=$(mktemp -d)
trap 'rm -rf "$check"' EXIT
python3 -m venv "$check/twine"
"$check/twine/bin/pip" install --quiet --constraint tests/constraints.txt twine
"$check/twine/bin/twine" check --strict dist/*
python3 -m venv "$check/venv"
"$check/venv/bin/pip" install --quiet dist/*.whl
[ "$("$check/venv/bin/wend" --version)" = "wend $version" ] || fail 'the wheel says another version'

cat <<TEXT
dist/ holds version $version. To publish it:

    git tag -a v$version -m "wend $version"
    git push origin v$version
    python3 -m twine upload dist/*
TEXT
