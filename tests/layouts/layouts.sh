#!/usr/bin/env bash
# Project layouts made by the tools that own them, each with that tool's own answer to "which environment is used here?"
#
#   layouts.sh list             the names of all rows
#   layouts.sh row NAME DIR     build row NAME in the empty directory DIR, print one JSON line
#
# The line has these keys:
#   row, tool, what   the row's name, the tool that answers, what is special about the row
#   dir               the directory to cd into
#   home, path, env   HOME, PATH and the further variables to do it with
#   prefix            the prefix of the environment that the tool names; null: none
#   also              {NAME: prefix}: other answers, to read; "expect" is the prefix where wend decides otherwise than the tool
#   missing           the tools that are not installed, without which the row could not be built
#   problem           why the row could not be built; null: it was
#
# Needs the tools in LAYOUTS_TOOLS/TOOL/bin (tests/tools/install.py), a Python in LAYOUTS_PYTHON, and pyenv with three
# Pythons in LAYOUTS_PYENV. Downloads nothing, writes only below DIR. What the tools say is in DIR/log.
set -u
self=$(readlink -f "$0")
tools=${LAYOUTS_TOOLS:-$(dirname "$self")/../../.test-tools}
pyenv_root=${LAYOUTS_PYENV:-$HOME/.pyenv}
python=${LAYOUTS_PYTHON:-python3}
v11=3.11.7 v12=3.12.1 v13=3.13.0
py11=$pyenv_root/versions/$v11/bin/python3.11
py12=$pyenv_root/versions/$v12/bin/python3.12
py13=$pyenv_root/versions/$v13/bin/python3.13

# -- what the rows are written in ------------------------------------------------------------------------------------

say() { tool=$1 what=$2; }                                            # the first line of each row
at() { mkdir -p "$1" && cd "$1" && here=$PWD; }                       # make a directory and stand in it
with() { export "$1=$2"; variables+=("$1"); }                         # a variable that belongs to the layout
quiet() { "$@" >/dev/null 2>>"$top/log" </dev/null; }
answer() { "$@" 2>>"$top/log" </dev/null | tail -n 1; }               # a tool's last line
oracle() { # TOOL'S ANSWER...: an environment of this row
  prefix=$(answer "$@")
  case $prefix in
    "$top" | "$top"/*) ;;
    *) problem="$1 named ${prefix:-no environment}" ;;
  esac
}
oracle_none() { prefix=$(answer "$@"); [ -z "$prefix" ] || problem="$1 named $prefix"; }
also() { local name=$1; shift; other+=("$name=$(answer "$@")"); }
expect() { other+=("expect=$1"); }                                    # where no tool can be asked, or wend decides otherwise
venv() { quiet "$1" -m venv --without-pip "${@:2}"; }
prefix_of() { [ -n "$1" ] && dirname "$(dirname "$1")"; }             # of an interpreter, as the tool spells it

project() { # NAME [LINE...]: write a pyproject.toml without a build
  printf '[project]\nname = "%s"\nversion = "0.1"\nrequires-python = ">=3.9"\ndependencies = []\n' "$1" >pyproject.toml
  shift
  [ $# = 0 ] || printf '%s\n' "$@" >>pyproject.toml
}
poetry_project() { project "$1" '[tool.poetry]' 'package-mode = false'; }
hatch_project() { project "$1" '[tool.hatch.envs.default]' 'skip-install = true' "${@:2}"; }
workspace() { # a uv workspace with one member, in packages/web
  project mono '[tool.uv.workspace]' 'members = ["packages/*"]'
  mkdir -p packages/web
  (cd packages/web && project web)
}

# -- the tools -------------------------------------------------------------------------------------------------------

installed() { # PROGRAM TOOL
  [ -x "$1" ] || {
    echo "$2" >>"$top/missing"
    return 127
  }
}
run() { # TOOL [ARGUMENT...]
  local program=$tools/$1/bin/$1
  installed "$program" "$1" && "$program" "${@:2}"
}
poetry() { run poetry -n "$@"; }
pipenv() { PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 run pipenv "$@"; }
pdm() { PDM_CHECK_UPDATE=0 run pdm "$@"; }
hatch() { run hatch "$@"; }
uv() { UV_OFFLINE=1 UV_PYTHON_DOWNLOADS=never run uv "$@"; }
virtualenv() { run virtualenv --no-download "$@"; }
mise() { MISE_OFFLINE=1 MISE_YES=0 run mise "$@"; }
pyenv() { "$pyenv_root/bin/pyenv" "$@"; }
virtualenvwrapper() ( # COMMAND [ARGUMENT...]: in a shell that has virtualenvwrapper's functions
  bin=$tools/virtualenvwrapper/bin
  installed "$bin/virtualenvwrapper.sh" virtualenvwrapper || exit
  export VIRTUALENVWRAPPER_PYTHON=$bin/python VIRTUALENVWRAPPER_VIRTUALENV=$bin/virtualenv PATH=$bin:$PATH
  set +u
  # shellcheck source=/dev/null
  . "$bin/virtualenvwrapper.sh"
  "$@"
)

poetry_env() { poetry env info --path; }
pipenv_env() { pipenv --venv; }
pdm_env() { prefix_of "$(pdm info --python | tail -n 1)"; }
hatch_env() {
  local found
  found=$(hatch env find "$@" | tail -n 1) && [ -e "$found/pyvenv.cfg" ] && echo "$found"
}
uv_run() { uv run --no-sync python -c 'import sys; print(sys.prefix)'; }
uv_find() { prefix_of "$(uv python find "$@")"; }
uv_env() { # an environment, not a bare interpreter
  local found
  found=$(uv_find "$@") && [ -e "$found/pyvenv.cfg" ] && echo "$found"
}
pyenv_env() { pyenv prefix | cut -d: -f1; }
mise_env() { mise env --json | "$python" -c 'import json, sys; print(json.load(sys.stdin).get("VIRTUAL_ENV", ""))'; }
mise_where() { mise where python; }
mise_files() { mise config ls --json | "$python" -c 'import json, sys; print(*(each["path"] for each in json.load(sys.stdin)))'; }
virtualenvwrapper_env() { virtualenvwrapper eval "workon $1 >/dev/null && echo \"\$VIRTUAL_ENV\""; }

# -- stores of interpreters, whose versions run the real ones --------------------------------------------------------

on_path() { # VERSION...: pythonX.Y on PATH
  local version
  for version; do
    ln -s "$pyenv_root/versions/$version/bin/python${version%.*}" "$top/bin/python${version%.*}"
  done
}
in_pyenv() { # NAME...
  local version real bin
  for version; do
    case $version in
      3.11*) real=$py11 ;;
      3.13* | 3.14*) real=$py13 ;;
      *) real=$py12 ;;
    esac
    bin=$HOME/.pyenv/versions/$version/bin
    mkdir -p "$bin"
    ln -s "$real" "$bin/python"
    ln -s "$real" "$bin/python3"
    case $version in [0-9]*) ln -s "$real" "$bin/${real##*/}" ;; esac
  done
  with PYENV_ROOT "$HOME/.pyenv"
}
in_uv() { # X.Y.Z...
  local version minor store=$HOME/.local/share/uv/python
  for version; do
    minor=${version%.*}
    mkdir -p "$store/cpython-$version-linux-x86_64-gnu/bin"
    (
      cd "$store/cpython-$version-linux-x86_64-gnu/bin" || exit
      ln -s "$pyenv_root/versions/$version/bin/python$minor" "python$minor"
      ln -s "python$minor" python3
      ln -s "python$minor" python
    )
    ln -sfn "cpython-$version-linux-x86_64-gnu" "$store/cpython-$minor-linux-x86_64-gnu"
  done
}
in_mise() { # X.Y.Z...
  local version minor name store=$HOME/.local/share/mise/installs/python
  for version; do
    minor=${version%.*}
    mkdir -p "$store/$version/bin"
    for name in python python3 "python$minor"; do
      ln -s "$pyenv_root/versions/$version/bin/python$minor" "$store/$version/bin/$name"
    done
    ln -sfn "./$version" "$store/$minor"
    ln -sfn "./$version" "$store/3"
  done
}

# -- poetry ----------------------------------------------------------------------------------------------------------

row_poetry_env_use() {
  say poetry 'in the cache, chosen by "poetry env use 3.12": envs.toml has an entry'
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  oracle poetry_env
}
row_poetry_no_envs_toml() {
  say poetry 'in the cache, made by "poetry install" with the python on PATH: no envs.toml'
  on_path $v12
  ln -s python3.12 "$top/bin/python3"
  ln -s python3.12 "$top/bin/python"
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry install --no-root
  oracle poetry_env
}
row_poetry_two_envs() {
  say poetry 'two environments in the cache, envs.toml says 3.11, which was used last'
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  quiet poetry env use "$py11"
  oracle poetry_env
}
row_poetry_in_project_false() {
  say poetry 'poetry.toml says in-project = false; a stray .venv lies beside it'
  at "$HOME/p/shop"
  poetry_project shop
  printf '[virtualenvs]\nin-project = false\n' >poetry.toml
  quiet poetry env use "$py12"
  venv "$py11" .venv
  oracle poetry_env
}
row_poetry_in_project_unset() {
  say poetry 'in-project is not set: a .venv that was made later wins over the entry in envs.toml'
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  venv "$py11" .venv
  oracle poetry_env
}
row_poetry_path_config() {
  say poetry 'virtualenvs.path is set in config.toml'
  quiet poetry config virtualenvs.path "$HOME/envs"
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  oracle poetry_env
}
row_poetry_in_project_variable() {
  say poetry 'POETRY_VIRTUALENVS_IN_PROJECT=true, poetry.toml says false'
  with POETRY_VIRTUALENVS_IN_PROJECT true
  at "$HOME/p/shop"
  poetry_project shop
  printf '[virtualenvs]\nin-project = false\n' >poetry.toml
  quiet poetry env use "$py12"
  oracle poetry_env
}
row_poetry_in_project_not_ascii() {
  say poetry 'virtualenvs.in-project = true, in a directory whose name is not ASCII'
  quiet poetry config virtualenvs.in-project true
  at "$HOME/p/Bücher"
  poetry_project shop
  quiet poetry env use "$py12"
  oracle poetry_env
}
row_poetry_both_names() {
  say poetry 'the name in [project] is not the one in [tool.poetry]'
  at "$HOME/p/shop"
  project new-shop '[tool.poetry]' 'name = "old-shop"' 'package-mode = false'
  quiet poetry env use "$py12"
  oracle poetry_env
}
row_poetry_nested() {
  say poetry 'three directories below the project'
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  at src/shop/web
  oracle poetry_env
}
row_poetry_symlink() {
  say poetry 'entered through a symbolic link: the hash is of the real path'
  at "$HOME/real/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  mkdir -p "$HOME/p"
  ln -s "$HOME/real/shop" "$HOME/p/shop"
  at "$HOME/p/shop"
  oracle poetry_env
}
row_poetry_and_pipenv_lock() {
  say poetry 'a Pipfile left over from before, with its environment'
  at "$HOME/p/shop"
  quiet pipenv --python "$py11"
  poetry_project shop
  quiet poetry env use "$py12"
  oracle poetry_env
  also pipenv pipenv_env
}
row_poetry_monorepo_child_bare() {
  say poetry 'a project without an environment inside one with .venv: only the nearest pyproject.toml counts'
  at "$HOME/p/mono"
  poetry_project mono
  venv "$py12" .venv
  at child
  poetry_project child
  oracle_none poetry_env
}

in_project() { # VALUE: poetry.toml
  printf '[virtualenvs]\nin-project = %s\n' "$1" >poetry.toml
}
row_poetry_yes_is_no() {
  say poetry 'POETRY_VIRTUALENVS_IN_PROJECT=yes is not true'
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  venv "$py11" .venv
  with POETRY_VIRTUALENVS_IN_PROJECT yes
  oracle poetry_env
}
row_poetry_empty_is_no() {
  say poetry 'POETRY_VIRTUALENVS_IN_PROJECT is set and empty, poetry.toml says true'
  with POETRY_VIRTUALENVS_IN_PROJECT ''
  at "$HOME/p/shop"
  poetry_project shop
  in_project true
  quiet poetry env use "$py12"
  venv "$py11" .venv
  oracle poetry_env
}
row_poetry_text_is_yes() {
  say poetry 'in-project = "false", text, in poetry.toml'
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  venv "$py11" .venv
  in_project '"false"'
  oracle poetry_env
}
row_poetry_in_project_later() {
  say poetry 'in-project = true since the environment in the cache was made'
  at "$HOME/p/shop"
  poetry_project shop
  quiet poetry env use "$py12"
  in_project true
  oracle poetry_env
}
row_poetry_cache_of_project() {
  say poetry 'cache-dir in poetry.toml'
  at "$HOME/p/shop"
  poetry_project shop
  printf 'cache-dir = "%s/c"\n' "$HOME" >poetry.toml
  quiet poetry env use "$py12"
  oracle poetry_env
}

# -- pipenv ----------------------------------------------------------------------------------------------------------

row_pipenv_default() {
  say pipenv 'in ~/.local/share/virtualenvs'
  at "$HOME/p/shop"
  quiet pipenv --python "$py12"
  oracle pipenv_env
}
row_pipenv_file_name() {
  say pipenv 'a .venv file with a name in WORKON_HOME'
  at "$HOME/p/shop"
  printf '[packages]\n' >Pipfile
  echo blue >.venv
  quiet pipenv --python "$py12"
  oracle pipenv_env
}
row_pipenv_file_absolute() {
  say pipenv 'a .venv file with an absolute path'
  at "$HOME/p/shop"
  printf '[packages]\n' >Pipfile
  echo "$HOME/elsewhere/blue" >.venv
  quiet pipenv --python "$py12"
  oracle pipenv_env
}
row_pipenv_file_relative() {
  say pipenv 'a .venv file with a relative path of two parts'
  at "$HOME/p/shop"
  printf '[packages]\n' >Pipfile
  echo envs/blue >.venv
  quiet pipenv --python "$py12"
  oracle pipenv_env
}
row_pipenv_custom_name_pipfile() {
  say pipenv 'custom_venv_name in the [pipenv] table, which pipenv does not read there: the usual name'
  at "$HOME/p/shop"
  printf '[packages]\n[pipenv]\ncustom_venv_name = "blue"\n' >Pipfile
  quiet pipenv --python "$py12"
  oracle pipenv_env
}
row_pipenv_nested() {
  say pipenv 'three directories below the Pipfile'
  at "$HOME/p/shop"
  quiet pipenv --python "$py12"
  at a/b/c
  oracle pipenv_env
}
row_pipenv_monorepo_child_bare() {
  say pipenv 'a Pipfile without an environment below a .venv'
  at "$HOME/p/mono"
  venv "$py12" .venv
  at child
  printf '[packages]\n' >Pipfile
  oracle_none pipenv_env
}

row_pipenv_pipfile_variable() {
  say pipenv 'PIPENV_PIPFILE names another file of the directory'
  at "$HOME/p/shop"
  echo '[packages]' >Pipfile
  quiet pipenv --python "$py12"
  cp Pipfile Pipfile.dev
  with PIPENV_PIPFILE "$HOME/p/shop/Pipfile.dev"
  quiet pipenv --python "$py11"
  oracle pipenv_env
}
row_pipenv_deepest() {
  say pipenv 'nine directories below the Pipfile'
  at "$HOME/p/shop"
  quiet pipenv --python "$py12"
  at 1/2/3/4/5/6/7/8/9
  oracle pipenv_env
}
row_pipenv_too_deep() {
  say pipenv 'ten directories below the Pipfile'
  at "$HOME/p/shop"
  quiet pipenv --python "$py12"
  at 1/2/3/4/5/6/7/8/9/10
  oracle_none pipenv_env
}
row_pipenv_no_inherit() {
  say pipenv 'PIPENV_NO_INHERIT, one directory below the Pipfile'
  at "$HOME/p/shop"
  quiet pipenv --python "$py12"
  with PIPENV_NO_INHERIT 1
  at src
  oracle_none pipenv_env
}
row_pipenv_neither_yes_nor_no() {
  say pipenv 'PIPENV_VENV_IN_PROJECT=maybe, .venv and an environment in the store'
  at "$HOME/p/shop"
  echo '[packages]' >Pipfile
  quiet pipenv --python "$py12"
  venv "$py11" .venv
  with PIPENV_VENV_IN_PROJECT maybe
  oracle pipenv_env
}
row_pipenv_dotenv() {
  say pipenv '.env in the project names the environment and overrides the variable'
  with PIPENV_CUSTOM_VENV_NAME red
  at "$HOME/p/shop"
  echo '[packages]' >Pipfile
  quiet pipenv --python "$py12"
  # shellcheck disable=SC2016  # pipenv expands it
  printf 'export PIPENV_CUSTOM_VENV_NAME="blue" # mine\nWORKON_HOME=${HOME}/far\n' >.env
  quiet pipenv --python "$py11"
  at src
  oracle pipenv_env
}
row_pipenv_pipfile_alone() {
  say pipenv 'PIPENV_PIPFILE names a file that has no Pipfile beside it'
  at "$HOME/p/shop"
  echo '[packages]' >Pipfile.dev
  with PIPENV_PIPFILE "$HOME/p/shop/Pipfile.dev"
  quiet pipenv --python "$py12"
  at src
  oracle pipenv_env
}
row_pipenv_store_relative() {
  say pipenv 'WORKON_HOME is relative: to the project, also from below'
  with WORKON_HOME envs
  at "$HOME/p/shop"
  echo '[packages]' >Pipfile
  quiet pipenv --python "$py12"
  at src
  oracle pipenv_env
}

# -- pdm -------------------------------------------------------------------------------------------------------------

row_pdm_central() {
  say pdm 'venv.in_project is false: in the store, named by .pdm-python'
  quiet pdm config venv.in_project false
  at "$HOME/p/shop"
  project shop
  quiet pdm venv create "$py12"
  quiet pdm use -f --first --venv 3.12
  oracle pdm_env
}
row_pdm_other_env() {
  say pdm '.pdm-python names an environment elsewhere and wins over .venv'
  at "$HOME/p/shop"
  project shop
  venv "$py12" .venv
  venv "$py11" "$HOME/other"
  printf '%s' "$HOME/other/bin/python" >.pdm-python
  oracle pdm_env
}

row_pdm_does_not_fit() {
  say pdm '.pdm-python names an interpreter that does not fit requires-python: .venv, which fits'
  at "$HOME/p/shop"
  project shop
  sed -i 's/>=3.9/>=3.12/' pyproject.toml
  venv "$py12" .venv
  venv "$py11" "$HOME/other"
  printf '%s' "$HOME/other/bin/python" >.pdm-python
  oracle pdm_env
  printf '%s' "$HOME/other/bin/python" >.pdm-python # pdm has written its answer into it
}
row_pdm_location_of_project() {
  say pdm 'venv.location in pdm.toml'
  quiet pdm config venv.in_project false
  at "$HOME/p/shop"
  project shop '[tool.pdm]' 'distribution = false'
  printf '[venv]\nlocation = "%s/envs"\n' "$HOME" >pdm.toml
  quiet pdm venv create "$py12"
  rm -f .pdm-python
  oracle pdm_env
  rm -f .pdm-python
}
row_pdm_config_file() {
  say pdm 'PDM_CONFIG_FILE'
  with PDM_CONFIG_FILE "$HOME/pdm.toml"
  quiet pdm config venv.in_project false
  quiet pdm config venv.location "$HOME/envs"
  at "$HOME/p/shop"
  project shop '[tool.pdm]' 'distribution = false'
  quiet pdm venv create "$py12"
  rm -f .pdm-python
  oracle pdm_env
  rm -f .pdm-python
}
row_pdm_ignores_saved() {
  say pdm 'PDM_IGNORE_SAVED_PYTHON'
  at "$HOME/p/shop"
  project shop
  venv "$py12" .venv
  venv "$py11" "$HOME/other"
  printf '%s' "$HOME/other/bin/python" >.pdm-python
  with PDM_IGNORE_SAVED_PYTHON 1
  oracle pdm_env
  printf '%s' "$HOME/other/bin/python" >.pdm-python # pdm has written its answer into it
}
row_pdm_conda() {
  say pdm 'an environment in the project that conda made (venv.backend), without .pdm-python'
  on_path $v12
  at "$HOME/p/shop"
  project shop '[tool.pdm]'
  mkdir -p .venv/bin .venv/conda-meta
  ln -s "$py12" .venv/bin/python
  printf '==> 2026-01-01 10:00:00 <==\n# cmd: conda create --yes --prefix %s python=3.12\n' "$here/.venv" >.venv/conda-meta/history
  oracle pdm_env
}

# -- hatch -----------------------------------------------------------------------------------------------------------

row_hatch_default() {
  say hatch 'the default environment, in the data directory'
  at "$HOME/p/shop"
  hatch_project My_Cool.Shop
  quiet hatch env create
  oracle hatch_env
}
row_hatch_dirs_in_project() {
  say hatch '[dirs.env] virtual = ".hatch": inside the project, flat'
  mkdir -p "$HOME/.config/hatch"
  printf '[dirs.env]\nvirtual = ".hatch"\n' >"$HOME/.config/hatch/config.toml"
  at "$HOME/p/shop"
  hatch_project shop
  quiet hatch env create
  oracle hatch_env
}
row_hatch_several() {
  say hatch 'default and test are both made: entering means default'
  at "$HOME/p/shop"
  hatch_project shop '[tool.hatch.envs.test]' 'skip-install = true'
  quiet hatch env create
  quiet hatch env create test
  oracle hatch_env
  also test hatch_env test
}
row_hatch_toml() {
  say hatch 'hatch.toml beside pyproject.toml, with a path in it'
  at "$HOME/p/shop"
  project shop
  printf '[envs.default]\nskip-install = true\npath = "inner"\n' >hatch.toml
  quiet hatch env create
  oracle hatch_env
}

row_hatch_without_project() {
  say hatch 'hatch.toml alone'
  at "$HOME/p/My_Shop"
  printf '[envs.default]\nskip-install = true\n' >hatch.toml
  quiet hatch env create
  oracle hatch_env
}
row_hatch_dirs_data() {
  say hatch '[dirs] data in its settings'
  mkdir -p "$HOME/.config/hatch"
  printf '[dirs]\ndata = "~/data"\n' >"$HOME/.config/hatch/config.toml"
  at "$HOME/p/shop"
  hatch_project shop
  quiet hatch env create
  oracle hatch_env
}
row_hatch_both_files() {
  say hatch 'envs.test in hatch.toml, the path of envs.default in pyproject.toml'
  at "$HOME/p/shop"
  hatch_project shop 'path = "inner"'
  printf '[envs.test]\nskip-install = true\n' >hatch.toml
  quiet hatch env create
  oracle hatch_env
}
row_hatch_tilde() {
  say hatch 'path = "~/inner": a directory that is called ~'
  at "$HOME/p/shop"
  hatch_project shop 'path = "~/inner"'
  quiet hatch env create
  oracle hatch_env
}
row_hatch_matrix() {
  say hatch 'a matrix of two, and HATCH_ENV names the second'
  on_path $v11 $v12
  at "$HOME/p/shop"
  hatch_project shop '[[tool.hatch.envs.default.matrix]]' 'python = ["3.11", "3.12"]' 'extra = ["a"]'
  quiet hatch env create
  with HATCH_ENV py3.12-a
  oracle hatch_env py3.12-a
}
row_hatch_shell() {
  say hatch 'what runs in the shell of another environment than default'
  at "$HOME/p/shop"
  hatch_project shop '[tool.hatch.envs.test]'
  quiet hatch env create
  quiet hatch env create test
  with HATCH_ENV_ACTIVE test
  oracle hatch run python -c 'import sys; print(sys.prefix)'
}
row_hatch_matrix_of_one() {
  say hatch 'a matrix of one needs no choice'
  on_path $v12
  at "$HOME/p/shop"
  hatch_project shop '[[tool.hatch.envs.default.matrix]]' 'python = ["3.12"]'
  quiet hatch env create
  oracle hatch_env
}
row_hatch_matrix_name() {
  say hatch 'matrix-name-format, in an environment with a template that has a path for another value'
  at "$HOME/p/shop"
  hatch_project shop '[tool.hatch.envs.base]' 'template = "base"' 'skip-install = true' \
    '[tool.hatch.envs.test]' 'template = "base"' 'matrix-name-format = "{variable}{value}"' \
    '[[tool.hatch.envs.test.matrix]]' 'v = ["1", "2"]' \
    '[tool.hatch.envs.test.overrides]' 'matrix.v.path = { value = "in-two", if = ["2"] }'
  quiet hatch env create test
  with HATCH_ENV test.v2
  oracle hatch_env test.v2
  also one hatch_env test.v1
}
row_hatch_inherited_path() {
  say hatch 'HATCH_ENV names an environment that inherits the path of default'
  at "$HOME/p/shop"
  hatch_project shop 'path = "inner"' '[tool.hatch.envs.test]'
  quiet hatch env create
  with HATCH_ENV test
  oracle hatch_env test
}
row_hatch_overridden_by_variable() {
  say hatch 'an override by a variable, and one with a variable as a further condition'
  with STAGE ci
  at "$HOME/p/shop"
  hatch_project shop '[tool.hatch.envs.default.overrides]' \
    'env.STAGE.path = [{ value = "no", if = ["dev"] }, { value = "inner", if = ["ci"], env = ["STAGE=ci"] }]'
  quiet hatch env create
  oracle hatch_env
}
row_hatch_dirs_variable() {
  say hatch 'dirs.env.virtual refers to a variable'
  with STAGE ci
  mkdir -p "$HOME/.config/hatch"
  printf '[dirs.env]\nvirtual = "~/%sSTAGE/envs"\n' '$' >"$HOME/.config/hatch/config.toml"
  at "$HOME/p/shop"
  hatch_project shop
  quiet hatch env create
  oracle hatch_env
}

# -- uv --------------------------------------------------------------------------------------------------------------

row_uv_relocatable() {
  say uv '"uv venv --relocatable": no file in it names the place, so that wend asks first'
  at "$HOME/p/shop"
  project shop
  quiet uv venv --relocatable -p "$py12"
  oracle uv_run
  expect ''
}
row_uv_prompt() {
  say uv 'uv venv --prompt "my shop"'
  at "$HOME/p/shop"
  project shop
  quiet uv venv --prompt 'my shop' -p "$py12"
  oracle uv_run
}
row_uv_environment_relative() {
  say uv 'UV_PROJECT_ENVIRONMENT=.uvenv, relative to the workspace, asked from below'
  with UV_PROJECT_ENVIRONMENT .uvenv
  at "$HOME/p/shop"
  project shop
  quiet uv sync -p "$py12"
  at src/shop
  oracle uv_run
}
row_uv_environment_absolute() {
  say uv 'UV_PROJECT_ENVIRONMENT, absolute, and a .venv that uv does not use'
  with UV_PROJECT_ENVIRONMENT "$HOME/envs/shop"
  at "$HOME/p/shop"
  project shop
  quiet uv sync -p "$py12"
  venv "$py11" .venv
  oracle uv_run
  also find uv_find
}
row_uv_init_member() {
  say uv '"uv init", "uv init packages/web", "uv sync": the member may have a .python-version of its own'
  in_uv $v12 $v11
  at "$HOME/p/mono"
  quiet uv init --no-workspace -p 3.12 .
  quiet uv init -p 3.12 packages/web
  quiet uv sync
  at packages/web
  oracle uv_run
  also find uv_find
}
row_uv_member_pin() {
  say uv 'a member of a workspace with a .python-version that the .venv of the root satisfies'
  in_uv $v12 $v11
  at "$HOME/p/mono"
  workspace
  quiet uv sync -p 3.12
  at packages/web
  echo 3.12 >.python-version
  oracle uv_run
  also find uv_find
}
row_uv_workspace_member_stale() {
  say uv 'a member of a workspace with a .venv of its own: used by "uv python find", not by "uv run"'
  at "$HOME/p/mono"
  workspace
  quiet uv sync -p "$py12"
  at packages/web
  venv "$py11" .venv
  oracle uv_run
  also find uv_find
  expect "$here/.venv"
}
row_uv_symlinked_venv() {
  say uv '.venv is a link to an environment elsewhere'
  at "$HOME/p/shop"
  project shop
  quiet uv venv -p "$py12" "$HOME/envs/shop"
  ln -s "$HOME/envs/shop" .venv
  oracle uv_run
}
row_uv_redirect_file() {
  say uv 'a .venv file with a relative path (PEP 832)'
  at "$HOME/p/shop"
  project shop
  quiet uv venv -p "$py12" envs/blue
  echo envs/blue >.venv
  oracle uv_find
  also run uv_run
}
row_virtualenv_redirect() {
  say virtualenv '"virtualenv blue" beside a pyproject.toml writes a .venv file itself'
  at "$HOME/p/shop"
  project shop
  quiet virtualenv -p "$py12" blue
  oracle uv_find
}
row_uv_script_only() {
  say uv 'only a script with PEP 723 metadata: no environment of the directory'
  at "$HOME/p/scripts"
  printf '# /// script\n# requires-python = ">=3.11"\n# dependencies = []\n# ///\nprint(1)\n' >job.py
  oracle_none uv_env
}

# -- virtualenvwrapper, zsh-autoswitch-virtualenv --------------------------------------------------------------------

row_vwrapper_project_file() {
  say virtualenvwrapper '"mkvirtualenv -a PROJECT": ~/.virtualenvs/blue/.project names the project'
  at "$HOME/p/shop"
  quiet virtualenvwrapper mkvirtualenv -p "$py12" -a "$here" blue
  oracle virtualenvwrapper_env blue
}
row_autoswitch_open_file() {
  # The tool is in no package index; its documentation says that it refuses such a file.
  say autoswitch 'a .venv file that the group can write: refused'
  venv "$py12" "$HOME/.virtualenvs/blue"
  at "$HOME/p/shop"
  echo blue >.venv
  chmod 664 .venv
  expect ''
}

# -- the environment itself ------------------------------------------------------------------------------------------

row_venv_dot() {
  say venv 'python -m venv .venv'
  at "$HOME/p/shop"
  venv "$py12" .venv
  oracle uv_env
}
row_venv_env_is_code() {
  say venv 'env and venv are directories of other things'
  at "$HOME/p/shop"
  mkdir env venv
  touch env/settings.py venv/readme
  oracle_none uv_env
}
row_venv_empty() {
  say venv 'an empty .venv, a good one in the parent'
  at "$HOME/p/shop"
  venv "$py12" .venv
  at sub
  mkdir .venv
  prefix=$(answer uv_env)
  expect "$HOME/p/shop/.venv"
}
row_venv_foreign_binary() {
  say venv 'bin/python is of another architecture: made in a container'
  on_path $v12
  at "$HOME/p/shop"
  venv "$py12" .venv
  rm .venv/bin/python*
  printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\267\0\1\0\0\0' >.venv/bin/python
  chmod +x .venv/bin/python
  ln -s python .venv/bin/python3
  oracle_none uv_env 3.12
}
row_venv_not_executable() {
  say venv 'bin/python has lost its x bit: a FAT disk, an archive'
  on_path $v12
  at "$HOME/p/shop"
  venv "$py12" --copies .venv
  chmod -x .venv/bin/python*
  oracle_none uv_env 3.12
}
row_venv_dir_is_venv() {
  say venv 'the directory is itself an environment: wend does not take it for a project'
  at "$HOME/p/tools"
  venv "$py12" "$here"
  oracle uv_env
  expect ''
}
row_venv_older_than_lock() {
  say venv '.venv is older than uv.lock and pyproject.toml'
  at "$HOME/p/shop"
  project shop
  quiet uv sync -p "$py12"
  touch -d '2001-01-01' .venv .venv/pyvenv.cfg
  touch uv.lock
  oracle uv_run
}
row_venv_committed() {
  say venv '.venv is in git: wend asks first'
  at "$HOME/p/shop"
  quiet git init -q
  venv "$py12" .venv
  rm -f .venv/.gitignore
  quiet git add -f .venv
  oracle uv_env
  expect ''
}
row_wend_setting_name() {
  say wend '[tool.wend] env = "blue": a name in ~/.virtualenvs'
  venv "$py12" "$HOME/.virtualenvs/blue"
  at "$HOME/p/shop"
  project shop '[tool.wend]' 'env = "blue"'
  expect "$HOME/.virtualenvs/blue"
}
row_pixi() {
  say pixi 'pixi.toml and .pixi/envs/default, as pixi makes them'
  at "$HOME/p/shop"
  printf '[workspace]\nname = "shop"\nchannels = []\nplatforms = ["linux-64"]\n' >pixi.toml
  local env=.pixi/envs/default
  mkdir -p $env/bin $env/conda-meta
  ln -s "$py12" $env/bin/python
  printf '{"manifest_path": "%s/pixi.toml", "environment_name": "default"}\n' "$here" >$env/conda-meta/pixi
  echo "$here/$env" >$env/conda-meta/pixi_env_prefix
  touch $env/conda-meta/history
  expect "$here/$env"
}

# -- .python-version -------------------------------------------------------------------------------------------------

pyenv_pin() { # PIN
  in_pyenv 3.11.7 3.12.1 3.13.0 3.14.0a1 pypy3.10-7.3.15
  at "$HOME/p/shop"
  echo "$1" >.python-version
  oracle pyenv_env
}
uv_pin() { # PIN
  in_uv $v11 $v12 $v13
  at "$HOME/p/shop"
  echo "$1" >.python-version
  oracle uv_find
}
row_pin_pypy() { say pyenv 'pypy3.10' && pyenv_pin 'pypy3.10'; }
row_pin_uv_minor() { say uv '3.12, which only uv has' && uv_pin '3.12'; }
row_pin_uv_range() { say uv '>=3.11,<3.13' && uv_pin '>=3.11,<3.13'; }
row_pin_uv_compatible() { say uv '~=3.12.0' && uv_pin '~=3.12.0'; }
row_pin_uv_key() { say uv 'cpython-3.12.1-linux-x86_64-gnu' && uv_pin 'cpython-3.12.1-linux-x86_64-gnu'; }
row_pin_uv_312() { say uv '312' && uv_pin '312'; }
row_pin_uv_star_eq() { say uv '==3.12.*' && uv_pin '==3.12.*'; }
row_pin_uv_threaded() {
  say uv '3.13t, which is not installed'
  in_uv $v11 $v12 $v13
  at "$HOME/p/shop"
  echo 3.13t >.python-version
  oracle_none uv_find
}
row_pin_uv_resolved() {
  say uv '"uv python pin --resolved" wrote the path of the interpreter'
  in_uv $v12
  at "$HOME/p/shop"
  quiet uv python pin --resolved 3.12
  oracle uv_find
}
row_pin_uv_global() {
  say uv '"uv python pin --global" wrote ~/.config/uv/.python-version: of no project'
  in_uv $v11 $v12
  mkdir -p "$HOME/.config/uv"
  echo 3.11 >"$HOME/.config/uv/.python-version"
  at "$HOME/p/shop"
  oracle uv_find
  expect ''
}
row_pin_linked_version() {
  say pyenv 'the version is a link to an interpreter elsewhere (Homebrew, uv)'
  in_pyenv 3.12.1
  mv "$HOME/.pyenv/versions/3.12.1" "$HOME/brew-python"
  ln -s "$HOME/brew-python" "$HOME/.pyenv/versions/3.12.1"
  at "$HOME/p/shop"
  echo 3.12 >.python-version
  oracle pyenv_env
  also which pyenv which python
}
row_pin_path_only() {
  say uv 'python3.12 is only on PATH, and python3 is another'
  on_path $v12
  at "$HOME/p/shop"
  echo 3.12 >.python-version
  oracle uv_find
}
row_pin_requires_conflict() {
  say uv '.python-version says 3.11, requires-python >=3.12'
  in_uv $v11 $v12
  at "$HOME/p/shop"
  project shop
  sed -i 's/>=3.9/>=3.12/' pyproject.toml
  echo 3.11 >.python-version
  oracle uv_find
}

row_pin_uv_name_in_any_case() { say uv 'CPython@3.12' && uv_pin 'CPython@3.12'; }
row_pin_uv_key_cut() { say uv 'cpython-3.12-linux' && uv_pin 'cpython-3.12-linux'; }
row_pin_uv_exact_minor() { say uv '==3.12' && uv_pin '==3.12'; }
row_pin_uv_range_of() { say uv 'cpython>=3.11,<3.13' && uv_pin 'cpython>=3.11,<3.13'; }
row_pin_uv_not_threaded() { say uv '3.13+gil' && uv_pin '3.13+gil'; }
row_pin_uv_other_machine() {
  say uv 'a key of another machine'
  in_uv $v12
  at "$HOME/p/shop"
  echo cpython-3.12.1-macos-aarch64-none >.python-version
  oracle_none uv_find
}

# -- mise ------------------------------------------------------------------------------------------------------------

row_mise_toml() {
  say mise 'mise.toml: [tools] python = "3.12"'
  in_mise $v12
  at "$HOME/p/shop"
  printf '[tools]\npython = "3.12"\n' >mise.toml
  quiet mise trust
  oracle mise_where
}
row_mise_venv_elsewhere() {
  say mise '[env] _.python.venv = { path = "~/envs/blue" }'
  in_mise $v12
  venv "$py12" "$HOME/envs/blue"
  at "$HOME/p/shop"
  printf '[tools]\npython = "3.12"\n[env]\n_.python.venv = { path = "~/envs/blue" }\n' >mise.toml
  quiet mise trust
  oracle mise_env
}
row_mise_pin_precedence() {
  say mise 'mise.toml says 3.12, .python-version says 3.11, which mise reads only when told'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  printf '[tools]\npython = "3.12"\n' >mise.toml
  echo 3.11 >.python-version
  quiet mise trust
  oracle mise_where
}
row_mise_link() {
  say mise '"mise link python@3.12.1 ~/opt/py", .python-version says 3.12'
  in_mise $v12
  mkdir -p "$HOME/opt"
  mv "$HOME/.local/share/mise/installs/python/$v12" "$HOME/opt/py"
  rm -r "$HOME/.local/share/mise"
  quiet mise link python@$v12 "$HOME/opt/py"
  with MISE_IDIOMATIC_VERSION_FILE_ENABLE_TOOLS python
  at "$HOME/p/shop"
  echo 3.12 >.python-version
  oracle mise_where
}
row_mise_sync_pyenv() {
  say mise '"mise sync python --pyenv": links into a PYENV_ROOT that mise was told only at that time'
  in_pyenv 3.12.1
  mv "$HOME/.pyenv" "$HOME/pyenv-moved"
  PYENV_ROOT=$HOME/pyenv-moved quiet mise sync python --pyenv
  unset PYENV_ROOT
  variables=()
  with MISE_IDIOMATIC_VERSION_FILE_ENABLE_TOOLS python
  at "$HOME/p/shop"
  echo 3.12 >.python-version
  oracle mise_where
}

mise_tools() { # FILE VALUE
  mkdir -p "$(dirname "$1")"
  printf '[tools]\npython = %s\n' "$2" >"$1"
  quiet mise trust "$1"
}
row_mise_local() {
  say mise 'mise.local.toml and mise.toml'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools mise.toml '"3.12"'
  mise_tools mise.local.toml '"3.11"'
  oracle mise_where
}
row_mise_hidden_local() {
  say mise '.mise.local.toml and mise.local.toml'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools mise.local.toml '"3.12"'
  mise_tools .mise.local.toml '"3.11"'
  oracle mise_where
}
row_mise_hidden() {
  say mise '.mise.toml and mise.toml'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools mise.toml '"3.12"'
  mise_tools .mise.toml '"3.11"'
  oracle mise_where
}
row_mise_config_directory() {
  say mise '.config/mise/config.toml, from below'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools .config/mise/config.toml '"3.11"'
  at src
  oracle mise_where
}
row_mise_tables() {
  say mise 'a list of tables'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools mise.toml '[{ version = "3.11" }, { version = "3.12" }]'
  oracle mise_where
}
row_mise_latest() {
  say mise 'latest'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools mise.toml '"latest"'
  oracle mise_where
}
row_mise_prefix() {
  say mise '.tool-versions: prefix:3.12'
  in_mise $v11 $v12 $v13
  at "$HOME/p/shop"
  echo 'python prefix:3.12 3.11' >.tool-versions
  oracle mise_where
}
row_mise_two_lines() {
  say mise '.tool-versions: two lines for Python'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  printf 'python %s\npython %s\n' $v11 $v12 >.tool-versions
  oracle mise_where
}
row_mise_core_name() {
  say mise '.tool-versions: core:python and a colon'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  echo "core:python: $v11" >.tool-versions
  oracle mise_where
}
row_mise_ref() {
  say mise '.tool-versions: ref:v3.12.1'
  in_mise $v12
  mv "$HOME/.local/share/mise/installs/python/$v12" "$HOME/.local/share/mise/installs/python/ref-v$v12"
  at "$HOME/p/shop"
  echo "python ref:v$v12" >.tool-versions
  oracle mise_where
}
row_mise_path() {
  say mise '.tool-versions: path: names a directory that the user has not allowed'
  in_mise $v12
  mv "$HOME/.local/share/mise/installs/python/$v12" "$HOME/opt"
  at "$HOME/p/shop"
  echo "python path:$HOME/opt" >.tool-versions
  oracle mise_where
  expect ''
}
row_mise_template() {
  say mise '_.python.venv with a template and a variable, in the second of two tables'
  in_mise $v12
  at "$HOME/p/shop"
  venv "$py12" envs/blue
  printf '[[env]]\nX = "1"\n[[env]]\n_.python.venv = "{{ config_root }}/envs/blue"\n[tools]\npython = "3.12"\n' >mise.toml
  quiet mise trust
  oracle mise_env
}

row_mise_env() {
  say mise 'MISE_ENV=dev,prod: the last one wins, in whichever directory its file is'
  in_mise $v11 $v12 $v13
  with MISE_TRUSTED_CONFIG_PATHS /
  at "$HOME/p/shop"
  mise_tools mise.local.toml '"3.13"'
  mise_tools .mise.dev.local.toml '"3.12"'
  mise_tools .config/mise/config.prod.toml '"3.11"'
  with MISE_ENV dev,prod
  oracle mise_where
}
row_mise_miserc() {
  say mise '.miserc.toml chooses mise.dev.toml'
  in_mise $v11 $v12
  with MISE_TRUSTED_CONFIG_PATHS /
  at "$HOME/p/shop"
  mise_tools mise.toml '"3.12"'
  mise_tools mise.dev.toml '"3.11"'
  echo 'env = ["dev"]' >.miserc.toml
  oracle mise_where
}
row_mise_miserc_above() {
  say mise 'a .miserc.toml above the directory chooses mise.dev.toml, in a directory between them'
  in_mise $v11 $v12
  with MISE_TRUSTED_CONFIG_PATHS /
  at "$HOME/p"
  echo 'env = ["dev"]' >.miserc.toml
  at "$HOME/p/shop"
  mise_tools mise.toml '"3.12"'
  mise_tools mise.dev.toml '"3.11"'
  at "$HOME/p/shop/sub"
  oracle mise_where
}
row_mise_ceiling() {
  say mise 'MISE_CEILING_PATHS names a directory below the file'
  in_mise $v12
  with MISE_TRUSTED_CONFIG_PATHS /
  at "$HOME/p/shop"
  mise_tools mise.toml '"3.12"'
  with MISE_CEILING_PATHS "$HOME/p/shop/sub"
  at "$HOME/p/shop/sub/deep"
  oracle_none mise_files
}
row_mise_auto_env() {
  say mise 'auto_env in .miserc.toml chooses mise.unix.toml'
  in_mise $v11 $v12
  with MISE_TRUSTED_CONFIG_PATHS /
  at "$HOME/p/shop"
  echo 'auto_env = true' >.miserc.toml
  mise_tools mise.toml '"3.12"'
  mise_tools mise.unix.toml '"3.11"'
  oracle mise_where
}
row_mise_fragments() {
  say mise 'conf.d: the last file, before .config'
  in_mise $v11 $v12 $v13
  with MISE_TRUSTED_CONFIG_PATHS /
  at "$HOME/p/shop"
  mise_tools .config/mise.toml '"3.13"'
  mise_tools .mise/conf.d/a.toml '"3.12"'
  mise_tools .mise/conf.d/b.toml '"3.11"'
  oracle mise_where
}
row_mise_venv_in_directory() {
  say mise '_.python.venv of .mise/config.toml is relative to the project'
  in_mise $v12
  with MISE_TRUSTED_CONFIG_PATHS /
  at "$HOME/p/shop"
  mkdir .mise
  printf '[env]\n_.python.venv = "inner"\n' >.mise/config.toml
  venv "$py12" inner
  oracle mise_env
}
row_mise_lock() {
  say mise 'mise.lock says which 3.12'
  in_mise $v12
  cp -r "$HOME/.local/share/mise/installs/python/$v12" "$HOME/.local/share/mise/installs/python/3.12.0"
  at "$HOME/p/shop"
  mise_tools mise.toml '"3.12"'
  printf '[[tools.python]]\nversion = "3.12.0"\nbackend = "core:python"\n' >mise.lock
  oracle mise_where
}
row_mise_variable() {
  say mise 'MISE_PYTHON_VERSION overrides the file'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools mise.toml '"3.12"'
  with MISE_PYTHON_VERSION 3.11
  oracle mise_where
}
row_mise_alias() {
  say mise 'a version by an alias, and one of another system'
  in_mise $v11 $v12
  at "$HOME/p/shop"
  mise_tools mise.toml '[{ version = "3.12", os = ["windows"] }, "mine"]'
  printf '[tool_alias.python.versions]\nmine = "sub-0.1:3.12"\n' >>mise.toml
  quiet mise trust
  oracle mise_where
}

# -- running ---------------------------------------------------------------------------------------------------------

rows() { compgen -A function row_ | sed 's/^row_//' | LC_ALL=C sort; }

row() { # NAME DIR: in an environment of its own
  mkdir -p "$2/home" "$2/bin"
  local dir
  dir=$(cd "$2" && pwd)
  env -i HOME="$dir/home" PATH="$dir/bin:/usr/local/bin:/usr/bin:/bin" LANG=C.UTF-8 TMPDIR="${TMPDIR:-/tmp}" \
    VIRTUALENV_NO_PERIODIC_UPDATE=1 LAYOUTS_TOOLS="$tools" LAYOUTS_PYENV="$pyenv_root" LAYOUTS_PYTHON="$python" \
    bash "$self" --inside "$1" "$dir"
}

inside() { # NAME
  local tool='' what='' here=$HOME prefix='' problem=''
  local version variables=() other=()
  for version in $v11 $v12 $v13; do
    installed "$pyenv_root/versions/$version/bin/python${version%.*}" "pyenv $version"
  done
  cd "$HOME" && umask 022 && "row_$1"
  "$python" -c '
import json, os, sys

row, tool, what, here, prefix, problem, top, count, *words = sys.argv[1:]
names, other = words[: int(count)], words[int(count) :]
try:
    with open(f"{top}/missing") as file:
        missing = sorted(set(file.read().splitlines()))
except FileNotFoundError:
    missing = []
also = {name: value or None for name, _, value in (word.partition("=") for word in other)}
document = {"row": row, "tool": tool, "what": what, "dir": here, "home": os.environ["HOME"], "path": os.environ["PATH"]}
document["env"] = {name: os.environ[name] for name in names}
document.update(prefix=prefix or None, also=also, missing=missing, problem=problem or None)
print(json.dumps(document))
' "$1" "$tool" "$what" "$here" "$prefix" "$problem" "$top" "${#variables[@]}" "${variables[@]}" "${other[@]}"
}

case ${1:-} in
  --inside)
    top=$3
    inside "$2"
    ;;
  list) rows ;;
  row) row "$2" "$3" ;;
  *)
    sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$self" >&2
    exit 2
    ;;
esac
