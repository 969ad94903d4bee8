"""conda rewrites PS1 by itself in bash and zsh: exactly one right name stands there, during and after.

A stand-in for conda's shell function: it keeps CONDA_SHLVL and its stack, and does to PS1 what conda does. It removes
the text of its last modifier wherever that stands, and puts the new one in front.
"""

from __future__ import annotations

import os

from tests.shells.driver import Shell, World
from tests.shells.scenarios import Start, scenario

_CONDA = r"""
conda() {
  local rewritten=${PS1-} before=${CONDA_PROMPT_MODIFIER-} level=${CONDA_SHLVL:-0} name=$2 prefix stacked
  case $1 in
    activate)
      prefix=$conda_root/envs/$name
      if [ "$name" = base ]; then prefix=$conda_root; fi
      if [ "$3" = --stack ] || [ "$level" = 0 ]; then PATH=$prefix/bin:$PATH
      else PATH=${PATH/$CONDA_PREFIX\/bin/$prefix/bin}; fi
      if [ "$level" != 0 ]; then export "CONDA_PREFIX_$level=$CONDA_PREFIX"; fi
      level=$((level + 1))
      if [ "$3" = --stack ]; then export "CONDA_STACKED_$level=true"; fi ;;
    deactivate)
      eval "stacked=\${CONDA_STACKED_$level-}"
      unset "CONDA_STACKED_$level"
      level=$((level - 1))
      eval "prefix=\${CONDA_PREFIX_$level-}"
      unset "CONDA_PREFIX_$level"
      name=${prefix##*/}
      if [ "$prefix" = "$conda_root" ]; then name=base; fi
      if [ -n "$prefix" ] && [ -z "$stacked" ]; then PATH=${PATH/$CONDA_PREFIX\/bin/$prefix/bin}
      else PATH=${PATH/$CONDA_PREFIX\/bin:/}; fi ;;
    install)
      name=$CONDA_DEFAULT_ENV prefix=$CONDA_PREFIX ;;
  esac
  if [ "$level" = 0 ]; then
    unset CONDA_PREFIX CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER; export CONDA_SHLVL=0
  else
    export CONDA_PREFIX=$prefix CONDA_DEFAULT_ENV=$name CONDA_SHLVL=$level
    export CONDA_PROMPT_MODIFIER=$(printf "$conda_format" "$name")
  fi
  if [ -n "$before" ]; then rewritten=${rewritten//"$before"/}; fi
  PS1=${CONDA_PROMPT_MODIFIER-}$rewritten
}
"""
_ONLY = dict.fromkeys(("fish", "pwsh"), "conda wraps the prompt's function there and leaves the name to ours")


class _Place:
    """A conda root with environments, and projects that name them."""

    def __init__(self, w: World, text: str = "({}) ") -> None:
        self.world, self.root = w, w.conda("alpha", "beta", "gamma")
        self.text = text
        self.alpha, self.beta = self._project("alpha"), self._project("beta")
        self.sub = w.directory("alpha/sub")
        self.venv = w.project("venv", prompt="mine")

    def _project(self, name: str) -> str:
        path = self.world.directory(name)
        self.world.file(f"{path}/environment.yml", f"name: {name}\ndependencies: [python]\n")
        return path

    def lines(self, *, base: bool) -> str:
        """Return what `conda init` has put into the start-up file."""
        printed = self.text.replace("{}", "%s")
        begin = "conda activate base" if base else "export CONDA_SHLVL=0"
        return f"conda_root={self.root}; conda_format='{printed}'\n{_CONDA}\n{begin}\n"

    def shown(self, *names: str) -> str:
        """Return the prompt with these names in front."""
        return "".join(self.text.format(name) for name in names)


def _start(start: Start, place: _Place, *, where: str, base: bool = True, cwd: str = "") -> Shell:
    lines = place.lines(base=base)
    return start(cwd=cwd, before=lines if where == "before" else "", after=lines if where == "after" else "")


def _shows(s: Shell, expected: str) -> None:
    """Expect the prompt now, and after another Enter."""
    assert s.prompt == expected, (s.prompt, expected)
    s.enter()
    assert s.prompt == expected, (s.prompt, expected)


def _rounds(w: World, start: Start, text: str, *, base: bool) -> None:
    place = _Place(w, text)
    one, nothing = place.shown, place.shown("base") if base else ""
    for where in ("before", "after"):
        s = _start(start, place, where=where, base=base)
        _shows(s, nothing)
        for _ in range(2):
            s.cd(place.alpha)
            _shows(s, one("alpha"))
            s.cd(place.sub)
            _shows(s, one("alpha"))
            os.utime(f"{place.alpha}/environment.yml")
            _shows(s, one("alpha"))
            s.cd(place.beta)
            _shows(s, one("beta"))
            s.cd(w.home)
            _shows(s, nothing)
            path = s.env()[b"PATH"]
            s.cd(place.alpha)
            s.line("conda install")
            _shows(s, one("alpha"))
            s.cd(place.beta)
            _shows(s, one("beta"))
            s.line("conda install")
            _shows(s, one("beta"))
            s.cd(w.home)
            _shows(s, nothing)
            s.line("conda install" if base else "")
            _shows(s, nothing)
            for flag in ("", " --stack"):
                s.cd(place.alpha)
                s.line(f"conda activate gamma{flag}")
                _shows(s, one("gamma"))
                s.line("conda deactivate")
                _shows(s, one("alpha"))
                s.cd(w.home)
                _shows(s, nothing)
            now = s.env()[b"PATH"]
            assert now == path, (now, path)
            s.cd(place.alpha)
            s.line("conda deactivate")
            _shows(s, nothing)
            s.cd(w.home)
            _shows(s, nothing)
            now = s.env()[b"PATH"]
            assert now == path, (now, path)


@scenario(**_ONLY)
def conda_with_base(w: World, start: Start) -> None:
    """Base is active: its name gives its place to ours, and is back after leaving."""
    _rounds(w, start, "({}) ", base=True)


@scenario(**_ONLY)
def conda_without_base(w: World, start: Start) -> None:
    """Nothing is active: nothing stays."""
    _rounds(w, start, "({}) ", base=False)


@scenario(**_ONLY)
def conda_with_a_format_of_the_users(w: World, start: Start) -> None:
    """`env_prompt` in ~/.condarc: the name is shown as conda would."""
    with open(f"{w.home}/.condarc", "w", encoding="utf-8") as file:
        file.write("env_prompt: '[{default_env}] '\n")
    _rounds(w, start, "[{}] ", base=True)


@scenario(**_ONLY)
def conda_and_venv(w: World, start: Start) -> None:
    """A venv's name stands in front of base's, also on the way from a conda project, and back."""
    place = _Place(w)
    one = place.shown
    for where in ("before", "after"):
        s = _start(start, place, where=where)
        for _ in range(2):
            s.cd(place.venv)
            _shows(s, one("mine", "base"))
            s.line("conda install")
            _shows(s, one("mine", "base"))
            s.cd(place.alpha)
            _shows(s, one("alpha"))
            s.cd(place.venv)
            _shows(s, one("mine", "base"))
            s.cd(place.alpha)
            s.line("conda install")
            s.cd(place.venv)
            _shows(s, one("mine", "base"))
            s.cd(w.home)
            _shows(s, one("base"))


@scenario(**_ONLY)
def conda_activated_outside_is_shown(w: World, start: Start) -> None:
    """Another environment of conda is respected in a project; a terminal opened there shows the project's."""
    place = _Place(w)
    one = place.shown
    s = _start(start, place, where="after", cwd=place.alpha)
    _shows(s, one("alpha"))
    s.cd(w.home)
    _shows(s, one("base"))
    s.line("conda activate gamma")
    _shows(s, one("gamma"))
    s.cd(place.venv)
    _shows(s, one("gamma"))
    s.cd(w.home)
    s.line("conda deactivate")
    _shows(s, one("base"))


@scenario(**_ONLY)
def conda_covered(w: World, start: Start) -> None:
    """Activated in one project, covered in the next, back afterwards."""
    place = _Place(w)
    one = place.shown
    s = _start(start, place, where="before")
    for there, name in ((place.venv, ("mine",)), (place.beta, ("beta",))):
        s.cd(place.alpha)
        s.line("conda activate gamma")
        _shows(s, one("gamma"))
        s.cd(there)
        _shows(s, one(*name))
        s.cd(w.home)
        _shows(s, one("gamma"))
        s.line("conda deactivate")
        _shows(s, one("alpha"))  # conda's stack is whole
        s.line("conda deactivate")
        _shows(s, one("base"))


@scenario(**_ONLY)
def conda_beneath_an_activate_script(w: World, start: Start) -> None:
    """A venv is activated on top in a conda project: conda's name is that of what is active, during and after."""
    place = _Place(w)
    for where in ("before", "after"):
        s = _start(start, place, where=where)
        for _ in range(2):
            s.cd(place.beta)
            s.line(f". {place.venv}/.venv/bin/activate")
            _shows(s, place.shown("mine", "beta"))
            s.line("deactivate")
            _shows(s, place.shown("beta"))
            s.cd(w.home)
            _shows(s, place.shown("base"))
            s.cd(place.beta)
            s.line(f". {place.venv}/.venv/bin/activate")
            s.cd(w.home)
            _shows(s, place.shown("mine", "base"))
            s.cd(place.alpha)
            _shows(s, place.shown("alpha"))
            s.cd(w.home)
            _shows(s, place.shown("mine", "base"))
            s.line("deactivate")
            _shows(s, place.shown("base"))


@scenario(**_ONLY)
def conda_and_a_venv_of_one_name(w: World, start: Start) -> None:
    """Both are active, and each shows it: neither is seen beside the project's, and both come back."""
    place = _Place(w)
    other = w.project("other", prompt="alpha")
    s = _start(start, place, where="before")
    s.line("conda activate alpha")
    s.cd(place.venv)
    s.line(f". {other}/.venv/bin/activate")
    for _ in range(2):
        s.cd(place.beta)
        _shows(s, place.shown("beta"))
        s.cd(w.home)
        _shows(s, place.shown("alpha", "alpha"))


@scenario(**_ONLY)
def conda_and_a_readonly_prompt(w: World, start: Start) -> None:
    """PS1 is readonly with conda's name in front: no prompt complains."""
    place = _Place(w)
    s = start(after=place.lines(base=True) + "readonly PS1\n")
    for _ in range(3):
        assert s.line("") == ""
    s.cd(place.venv)
    for _ in range(3):
        assert s.line("") == ""
