"""conda in the same shell: it writes its name into the prompt by itself, and counts what is active in levels.

conda is not here: its shell functions are played by `conda_stand_in.py`, which changes what conda's own change.
"""

from __future__ import annotations

import os
import re
import sys

from tests.shells.driver import Shell, World
from tests.shells.manual import _activate, _tool
from tests.shells.scenarios import Start, scenario
from tests.shells.survival import INTEGRATION
from tests.shells.table import Row

_STAND_IN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "conda_stand_in.py")

# Run the stand-in and do what it prints, as the function `conda` does in each shell. In fish and PowerShell conda's
# own hook draws the name; in bash and zsh it stands in PS1.
_POSIX = r"""
conda() {{ \eval "$(PS1="$PS1" {run} "$@")"; }}
export CONDA_SHLVL="${{CONDA_SHLVL-0}}"
"""
_FUNCTIONS = {
    "bash": _POSIX,
    "zsh": _POSIX,
    "fish": r"""
function conda; {run} $argv | source; end
function __conda_add_prompt; if set -q CONDA_PROMPT_MODIFIER; echo -n $CONDA_PROMPT_MODIFIER; end; end
functions -c fish_prompt __fish_prompt_orig
function fish_prompt; __conda_add_prompt; __fish_prompt_orig; end
set -q CONDA_SHLVL; or set -gx CONDA_SHLVL 0
""",
    "pwsh": r"""
function global:conda {{ Invoke-Expression (({run} @args) -join "`n") }}
$function:CondaPromptBackup = $function:prompt
function global:prompt {{
  if ($Env:CONDA_PROMPT_MODIFIER) {{ [Console]::Write($Env:CONDA_PROMPT_MODIFIER) }}
  CondaPromptBackup
}}
if (-not $env:CONDA_SHLVL) {{ $env:CONDA_SHLVL = '0' }}
""",
}
_RETURNS = {".sh": "return 3\n", ".fish": "return 3\n", ".ps1": "return\n"}
_FAILS = {
    ".sh": (
        "break\n",
        ': "${__nothing:?is not set}"\n',
        "set -- a; shift 9\n",
        "readonly CONSTANT=1; CONSTANT=2\n",
        "if then\n",
        "false\n",
        "cd /; cd - >/dev/null\n",
    ),
    ".fish": ("break\n", "no_such_command\n", "end\n", "false\n", "cd /; cd -\n"),
    ".ps1": ("break\n", "continue\n", "throw 'no'\n", "if {\n", "Push-Location /; Pop-Location\n"),
}
_SETS = {".sh": "export {0}={1}\n", ".fish": "set -gx {0} {1}\n", ".ps1": "$env:{0} = '{1}'\n"}


class _Conda:
    """A conda in the HOME of WORLD with environments of its own."""

    def __init__(self, world: World, *names: str) -> None:
        self.world = world
        self.root = world.conda(*names)
        world.file(f"{self.root}/bin/conda", "")
        for name in names:
            world.file(f"{world.directory(name)}/environment.yml", f"name: {name}\n")

    def prefix(self, name: str) -> str:
        """Return the prefix of the environment NAME."""
        return self.root if name == "base" else f"{self.root}/envs/{name}"

    def script(self, name: str, turn: str, file: str, texts: dict[str, str]) -> None:
        """Write a script for each shell into the directory of NAME for TURN."""
        directory = f"{self.prefix(name)}/etc/conda/{turn}.d"
        os.makedirs(directory, exist_ok=True)
        for ending, text in texts.items():
            self.world.file(f"{directory}/{file}{ending}", text)

    def loaded(self, row: Row, *, base: bool = True) -> str:
        """Return the lines that `conda init` puts into a start-up file, with BASE active or not."""
        python, stand_in, root = (row.quote(os.fsencode(path)) for path in (sys.executable, _STAND_IN, self.root))
        call = "& " if row.name == "pwsh" else ""
        run = f"{call}{python} -I -S {stand_in} {row.name} {root}"
        return _FUNCTIONS[row.name].format(run=run) + ("conda activate base\n" if base else "")

    def uses(self, shell: Shell, name: str, *, shown: str = "", alone: bool = True) -> None:
        """Expect the environment NAME, once in PATH and once in the prompt, as SHOWN, and no other of conda's."""
        env = shell.env()
        path = os.fsdecode(env[b"PATH"]).split(":")
        active = [entry for entry in path if entry.startswith(self.root) and not entry.endswith("condabin")]
        assert os.fsdecode(env.get(b"CONDA_PREFIX", b"")) == (self.prefix(name) if name else "")
        if alone:
            assert active == ([f"{self.prefix(name)}/bin"] if name else []), path
        else:
            assert active[0] == f"{self.prefix(name)}/bin"
            assert len(active) == len(set(active)), path
        assert shell.prompt == (shown or (f"({name}) " if name else ""))


def _sorted(prompt: str) -> list[str]:
    """Return the names in PROMPT; conda's stands before ours or behind it, by what draws them."""
    return sorted(prompt.split())


def _covers(s: Shell, conda: _Conda, name: str, theirs: str) -> None:
    """Expect the environment NAME of CONDA, and nothing of that of the project THEIRS; at the next prompt, too."""
    for _ in range(2):
        conda.uses(s, name)
        env = s.env()
        assert [n for n in (b"VIRTUAL_ENV", b"VIRTUAL_ENV_PROMPT", b"_OLD_VIRTUAL_PATH") if n in env] == []
        assert theirs not in os.fsdecode(env[b"PATH"])
        s.enter()


# -- entering and leaving ----------------------------------------------------------------------------------------


@scenario()
def conda_asked_again(w: World, start: Start) -> None:
    """After any further question in a conda project, leaving gives back what was shown before."""
    conda = _Conda(w, "alpha", "beta")
    sub = w.directory("alpha/sub")
    for base in ("base", ""):
        s = start(before=conda.loaded(start.row, base=bool(base)))
        conda.uses(s, base)
        before = s.snapshot()
        for _ in range(2):
            s.cd(os.path.dirname(sub))
            conda.uses(s, "alpha")
            s.cd(sub)
            conda.uses(s, "alpha")
            w.file("alpha/environment.yml", "name: alpha\nchannels: []\n")
            s.enter(2)
            conda.uses(s, "alpha")
            s.cd(w.directory("beta"))
            conda.uses(s, "beta")
            s.cd(os.path.dirname(sub))
            conda.uses(s, "alpha")
            s.cd(w.home)
            conda.uses(s, base)
        s.same(before)


@scenario()
def conda_in_a_new_shell(w: World, start: Start) -> None:
    """A terminal opened in the project, and a shell in the shell, whose start-up file activates base again."""
    conda = _Conda(w, "alpha")
    s = start(cwd=w.directory("alpha"), before=conda.loaded(start.row))
    conda.uses(s, "alpha")
    s.nested()
    conda.uses(s, "alpha")
    s.cd(w.home)
    conda.uses(s, "base")
    s.leave()
    conda.uses(s, "alpha")
    s.cd(w.home)
    conda.uses(s, "base")


@scenario()
def conda_and_a_virtual_environment(w: World, start: Start) -> None:
    """What is beneath in the prompt comes back when a project without conda is entered directly."""
    conda = _Conda(w, "alpha")
    p = w.project("p")
    s = start(before=conda.loaded(start.row))
    before = s.snapshot()
    for _ in range(2):
        s.cd(p)
        assert _sorted(s.prompt) == ["(.venv)", "(base)"]
        s.cd(w.directory("alpha"))
        conda.uses(s, "alpha")
        s.cd(p)
        assert _sorted(s.prompt) == ["(.venv)", "(base)"]
        s.enter()
        assert _sorted(s.prompt) == ["(.venv)", "(base)"]
        s.cd(w.home)
        conda.uses(s, "base")
    s.same(before)


@scenario()
def conda_names_its_environments(w: World, start: Start) -> None:
    """By env_prompt, and not at all with changeps1 off."""
    conda = _Conda(w, "alpha")
    w.file(f"{w.home}/.condarc", "env_prompt: '<{default_env}> '\n")
    s = start(before=conda.loaded(start.row))
    conda.uses(s, "base", shown="<base> ")
    s.cd(w.directory("alpha"))
    conda.uses(s, "alpha", shown="<alpha> ")
    s.line("conda install x")
    conda.uses(s, "alpha", shown="<alpha> ")
    s.cd(w.home)
    conda.uses(s, "base", shown="<base> ")
    w.file(f"{w.home}/.condarc", "changeps1: false\n")
    s = start(before=conda.loaded(start.row))
    for place, shown in ((w.directory("alpha"), ""), (w.home, "")):
        s.cd(place)
        assert s.prompt == shown


@scenario()
def conda_names_change_meanwhile(w: World, start: Start) -> None:
    """`env_prompt` is edited in a project, and conda rewrites its name: one name, and all back after leaving."""
    conda = _Conda(w, "alpha")
    s = start(before=conda.loaded(start.row))
    before = s.snapshot()
    for _ in range(2):
        s.cd(w.directory("alpha"))
        conda.uses(s, "alpha")
        w.file(f"{w.home}/.condarc", "env_prompt: '<{default_env}> '\n")
        s.line("conda install x")
        assert s.prompt in ("(alpha) ", "<alpha> ")
        s.cd(w.directory("alpha/sub"))
        conda.uses(s, "alpha", shown="<alpha> ")
        w.file(f"{w.home}/.condarc", "")
        s.cd(w.home)
        conda.uses(s, "base")
        s.enter()
        conda.uses(s, "base")
    s.same(before)


@scenario()
def conda_loaded_after_the_hook(w: World, start: Start) -> None:
    """`conda init` writes its block at the end of the start-up file, behind ours."""
    conda = _Conda(w, "alpha", "hand")
    alpha, p = w.directory("alpha"), w.project("p")
    s = start(after=conda.loaded(start.row))
    conda.uses(s, "base")
    before = s.snapshot()
    for _ in range(2):
        s.cd(alpha)
        conda.uses(s, "alpha")
        s.line("conda install x")
        conda.uses(s, "alpha")
        s.cd(p)
        assert _sorted(s.prompt) == ["(.venv)", "(base)"]
        s.cd(alpha)
        s.line("conda activate hand")
        conda.uses(s, "hand")
        s.line("conda deactivate")
        conda.uses(s, "alpha")
        s.cd(w.home)
        conda.uses(s, "base")
    now = s.snapshot()
    left = {name for name in {*now.env, *before.env} if now.env.get(name) != before.env.get(name)}
    assert left <= {b"OLDPWD", b"CONDA_PREFIX_2"}  # conda leaves that, empty
    inside = start(cwd=alpha, after=conda.loaded(start.row))
    conda.uses(inside, "alpha")
    inside.cd(w.home)
    conda.uses(inside, "base")


# -- conda typed in a project ------------------------------------------------------------------------------------


@scenario()
def conda_installs(w: World, start: Start) -> None:
    """conda writes the prompt after each installation: one name, during and after."""
    conda = _Conda(w, "alpha")
    for base in ("base", ""):
        s = start(before=conda.loaded(start.row, base=bool(base)))
        s.line(f"cd {s.word(w.directory('alpha'))}")
        for _ in range(3):
            s.line("conda install x")
            conda.uses(s, "alpha")
            s.enter()
            conda.uses(s, "alpha")
        s.line("conda activate alpha")
        conda.uses(s, "alpha")
        s.cd(w.home)
        conda.uses(s, base)
        s.enter()
        conda.uses(s, base)
        s.cd(w.directory("alpha"))
        conda.uses(s, "alpha")


@scenario()
def conda_beyond_ascii(w: World, start: Start) -> None:
    """A place that the record spells with escapes is recognised when conda has just written the name."""
    conda = _Conda(w, "älpha", "bêta")
    s = start(before=conda.loaded(start.row))
    for _ in range(2):
        s.cd(w.directory("älpha"))
        s.line(f"conda install; cd {w.directory('bêta')}")
        conda.uses(s, "bêta")
        s.line(f"conda install; cd {w.home}")
        conda.uses(s, "base")


@scenario()
def conda_activates_another(w: World, start: Start) -> None:
    """On top of the project's, stacked or not, and back down."""
    conda = _Conda(w, "alpha", "hand")
    s = start(before=conda.loaded(start.row))
    for option in ("", "--stack "):
        s.cd(w.directory("alpha"))
        conda.uses(s, "alpha")
        s.line(f"conda activate {option}hand")
        conda.uses(s, "hand", alone=not option)
        s.enter()
        conda.uses(s, "hand", alone=not option)
        s.line("conda deactivate")
        conda.uses(s, "alpha")
        s.enter()
        conda.uses(s, "alpha")
        s.cd(w.home)
        conda.uses(s, "base")
        s.enter()
        conda.uses(s, "base")


@scenario()
def conda_activates_base(w: World, start: Start) -> None:
    """On top of the project's: that keeps the project's off until it is left, or until base is deactivated."""
    conda = _Conda(w, "alpha")
    s = start(before=conda.loaded(start.row))
    before = s.snapshot()
    for _ in range(2):
        s.cd(w.directory("alpha"))
        s.line("conda activate base")
        conda.uses(s, "base")
        s.enter()
        conda.uses(s, "base")
        s.line("conda deactivate")
        conda.uses(s, "alpha")
        s.enter()
        conda.uses(s, "alpha")
        s.cd(w.home)
        conda.uses(s, "base")
    now = s.snapshot()
    left = {name for name in {*now.env, *before.env} if now.env.get(name) != before.env.get(name)}
    assert left <= {b"OLDPWD", b"CONDA_PREFIX_2"}  # conda leaves that, empty


@scenario()
def conda_activates_another_and_leaves(w: World, start: Start) -> None:
    """Leaving with another one on top is conda's business: its own steps lead down."""
    conda = _Conda(w, "alpha", "hand")
    s = start(before=conda.loaded(start.row))
    s.cd(w.directory("alpha"))
    s.line("conda activate hand")
    s.cd(w.home)
    conda.uses(s, "hand")
    s.enter()
    conda.uses(s, "hand")
    s.line("conda deactivate")
    conda.uses(s, "alpha")
    s.line("conda deactivate")
    conda.uses(s, "base")
    s.line("conda deactivate")
    conda.uses(s, "")
    s.enter()
    conda.uses(s, "")


@scenario()
def conda_deactivates(w: World, start: Start) -> None:
    """`conda deactivate` keeps the project's environment off until the project is left."""
    conda = _Conda(w, "alpha")
    for base in ("base", ""):
        s = start(before=conda.loaded(start.row, base=bool(base)))
        alpha = w.directory("alpha")
        for _ in range(2):
            s.cd(alpha)
            conda.uses(s, "alpha")
            s.line("conda deactivate")
            conda.uses(s, base)
            s.enter(2)
            conda.uses(s, base)
            s.cd(w.home)
            conda.uses(s, base)
        s.cd(alpha)
        conda.uses(s, "alpha")
        s.line("deactivate")
        conda.uses(s, base)
        s.enter()
        conda.uses(s, base)
        s.cd(w.home)
        conda.uses(s, base)


@scenario()
def conda_base_by_name(w: World, start: Start) -> None:
    """`name: base` with base active: nothing to do, and `conda deactivate` really takes it off."""
    conda = _Conda(w)
    base = w.directory("base")
    w.file("base/environment.yml", "name: base\n")
    s = start(before=conda.loaded(start.row))
    for _ in range(2):
        s.cd(base)
        conda.uses(s, "base")
        s.cd(w.home)
        conda.uses(s, "base")
    s.cd(base)
    s.line("conda deactivate")
    conda.uses(s, "")
    s.enter()
    conda.uses(s, "")
    s.cd(w.home)
    conda.uses(s, "")
    s.cd(base)
    conda.uses(s, "base")
    s.cd(w.home)
    conda.uses(s, "")
    s.line("conda activate base")
    conda.uses(s, "base")
    s.enter()
    conda.uses(s, "base")


@scenario()
def conda_activated_in_another_project(w: World, start: Start) -> None:
    """Covered in the next project, by a virtual environment or one of conda's, and shown again on leaving."""
    conda = _Conda(w, "alpha", "hand")
    p, q = w.project("p"), w.project("q")
    s = start(before=conda.loaded(start.row))
    s.cd(p)
    s.line("conda activate hand")
    assert "(hand)" in s.prompt.split()
    assert s.prompt.count("(hand)") == 1
    for place, name in ((q, ".venv"), (w.directory("alpha"), "alpha"), (q, ".venv")):
        s.cd(place)
        assert _sorted(s.prompt) == [f"({name})"]
        s.enter()
        assert _sorted(s.prompt) == [f"({name})"]
    s.cd(w.home)
    conda.uses(s, "hand")
    s.line("conda deactivate")
    conda.uses(s, "base")
    s.enter()
    conda.uses(s, "base")


@scenario()
def conda_activated_outside(w: World, start: Start) -> None:
    """Outside every project: the user's, everywhere."""
    conda = _Conda(w, "alpha", "hand")
    s = start(before=conda.loaded(start.row))
    s.line("conda activate hand")
    conda.uses(s, "hand")
    for place in (w.project("p"), w.directory("alpha"), w.home):
        s.cd(place)
        conda.uses(s, "hand")
    s.line("conda deactivate")
    conda.uses(s, "base")
    s.cd(w.directory("alpha"))
    conda.uses(s, "alpha")
    s.cd(w.home)
    conda.uses(s, "base")


@scenario()
def conda_beneath_a_virtual_environment(w: World, start: Start) -> None:
    """Activated in a conda project, and respected when that is left: base is behind it, and there when it goes."""
    conda = _Conda(w, "alpha")
    theirs = w.project("theirs", prompt="theirs")
    s = start(before=conda.loaded(start.row))
    _activate(s, theirs)
    s.line("deactivate")
    path, nothing = s.env()[b"PATH"], s.prompt
    for _ in range(2):
        s.cd(w.directory("alpha"))
        _activate(s, theirs)
        s.cd(w.home)
        assert s.python() == f"{theirs}/.venv"
        s.line("deactivate")
        s.enter()
        assert (s.env()[b"PATH"], s.prompt) == (path, nothing)


@scenario()
def conda_covers_a_virtual_environment(w: World, start: Start) -> None:
    """Activated in one project, covered in a conda project: no name, program or variable of it; all back afterwards."""
    conda = _Conda(w, "alpha", "beta")
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    tool = _tool(w, theirs)
    for base in ("base", ""):
        s = start(before=conda.loaded(start.row, base=bool(base)))
        _activate(s, theirs)
        s.line("deactivate")  # its script leaves functions and variables of its own behind
        before = s.snapshot()
        beneath = [f"({base})"] if base else []
        s.cd(p)
        _activate(s, theirs)
        s.cd(w.home)
        outside, shown = s.env(), s.prompt
        assert _sorted(shown) == sorted(["(theirs)", *beneath])
        for _ in range(2):
            s.cd(w.directory("alpha"))
            _covers(s, conda, "alpha", theirs)
            s.line("conda install x")
            _covers(s, conda, "alpha", theirs)
            s.cd(w.directory("beta"))
            _covers(s, conda, "beta", theirs)
            s.cd(q)
            for _ in range(2):
                assert _sorted(s.prompt) == sorted(["(.venv)", *beneath])
                s.enter()
            s.cd(w.directory("alpha"))
            _covers(s, conda, "alpha", theirs)
            s.cd(w.home)
            for _ in range(2):
                assert s.prompt == shown
                s.enter()
            now = s.env()
            differ = {name for name in {*now, *outside} if now.get(name) != outside.get(name)}
            assert differ <= {b"OLDPWD", b"PS1"}, differ  # an activate script exports PS1, where ours has another place
            assert s.line(tool) == "ran"
        s.line("deactivate")
        conda.uses(s, base)
        s.same(before)


@scenario()
def conda_covers_until_something_is_typed(w: World, start: Start) -> None:
    """`deactivate`, `conda deactivate` and another activate script in the conda project: each finds what it must."""
    conda = _Conda(w, "alpha")
    p, theirs, third = w.project("p"), w.project("theirs", prompt="theirs"), w.project("third", prompt="third")
    alpha = w.directory("alpha")
    s = start(before=conda.loaded(start.row))
    path = s.env()[b"PATH"]
    for typed in ("deactivate", "conda deactivate"):
        s.cd(p)
        _activate(s, theirs)
        s.cd(alpha)
        conda.uses(s, "alpha")
        s.line(typed)
        for _ in range(2):
            assert _sorted(s.prompt) == ["(base)", "(theirs)"]
            assert s.python() == f"{theirs}/.venv"
            s.enter()
        s.line("deactivate")
        conda.uses(s, "base")
        s.cd(w.home)
        assert s.env()[b"PATH"] == path
    s.cd(p)
    _activate(s, theirs)
    s.cd(alpha)
    _activate(s, third)
    for place in (alpha, w.home):
        s.cd(place)
        assert _sorted(s.prompt)[-1] == "(third)"
        assert "(theirs)" not in s.prompt
        assert theirs not in os.fsdecode(s.env()[b"PATH"])
        assert s.python() == f"{third}/.venv"
    s.line("deactivate")
    conda.uses(s, "base")
    assert s.env()[b"PATH"] == path


@scenario()
def conda_covers_until_it_is_activated_again(w: World, start: Start) -> None:
    """Typed once more where it is covered, it stays there, and is covered in yet another project."""
    conda = _Conda(w, "alpha")
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    alpha = w.directory("alpha")
    s = start(before=conda.loaded(start.row))
    path = s.env()[b"PATH"]
    for place, other in ((alpha, q), (q, alpha)):
        s.cd(p)
        _activate(s, theirs)
        s.cd(place)
        assert "(theirs)" not in s.prompt
        _activate(s, theirs)
        for there in (place, w.home, place):
            assert "(theirs)" in s.prompt.split()
            assert s.prompt.count("(theirs)") == 1
            assert s.python() == f"{theirs}/.venv"
            s.cd(there)
        s.cd(other)
        assert "(theirs)" not in s.prompt
        assert theirs not in os.fsdecode(s.env()[b"PATH"])
        s.cd(w.home)
        assert _sorted(s.prompt) == ["(base)", "(theirs)"]
        s.line("deactivate")
        conda.uses(s, "base")
        assert s.env()[b"PATH"] == path


@scenario()
def conda_covers_and_shows_no_name(w: World, start: Start) -> None:
    """With changeps1 off, what is covered is not seen either; where the prompt is to be left alone, it is."""
    conda = _Conda(w, "alpha")
    w.file(f"{w.home}/.condarc", "changeps1: false\n")
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    s = start(before=conda.loaded(start.row))
    s.cd(p)
    _activate(s, theirs)
    for _ in range(2):
        s.cd(w.directory("alpha"))
        assert s.prompt == ""
        s.cd(q)
        assert s.prompt == "(.venv) "
        s.cd(w.home)
        assert s.prompt == "(theirs) "
    s.cd(q)
    s.line(f"{w.wend} config set prompt.mode never")
    for place in (w.directory("alpha"), q, w.home):
        s.cd(place)
        assert s.prompt == "(theirs) "
    s.line("deactivate")
    assert s.prompt == ""


@scenario()
def conda_covers_in_a_nested_shell(w: World, start: Start) -> None:
    """The record is inherited: that shell gives back what is covered, also where its start-up file activates base."""
    conda = _Conda(w, "alpha")
    p, theirs = w.project("p"), w.project("theirs", prompt="theirs")
    s = start(before=conda.loaded(start.row))
    s.cd(p)
    _activate(s, theirs)
    s.cd(w.directory("alpha"))
    conda.uses(s, "alpha")
    s.nested()
    conda.uses(s, "alpha")
    assert b"VIRTUAL_ENV" not in s.env()
    s.cd(w.home)
    env = s.env()
    assert os.fsdecode(env[b"VIRTUAL_ENV"]) == f"{theirs}/.venv"
    assert s.python() == f"{theirs}/.venv"
    s.leave()
    conda.uses(s, "alpha")
    s.cd(w.home)
    assert _sorted(s.prompt) == ["(base)", "(theirs)"]
    assert s.python() == f"{theirs}/.venv"
    s.line("deactivate")
    conda.uses(s, "base")


@scenario()
def conda_covered_with_a_virtual_environment(w: World, start: Start) -> None:
    """One of conda's and a virtual environment, both activated in one project: in the next, neither is there."""
    conda = _Conda(w, "alpha", "hand")
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    s = start(before=conda.loaded(start.row))
    s.cd(p)
    s.line("conda activate hand")
    _activate(s, theirs)
    shown = s.prompt
    s.cd(w.home)
    for _ in range(2):
        assert _sorted(s.prompt) == ["(hand)", "(theirs)"]
        for place, name in ((q, "(.venv)"), (w.directory("alpha"), "(alpha)"), (q, "(.venv)")):
            s.cd(place)
            assert s.prompt.split() == [name]
            path = os.fsdecode(s.env()[b"PATH"])
            assert theirs not in path
            assert "/hand/" not in path
        s.cd(w.home)
        assert s.python() == f"{theirs}/.venv"
    assert _sorted(shown) == _sorted(s.prompt)
    s.line("deactivate")
    conda.uses(s, "hand")
    s.line("conda deactivate")
    conda.uses(s, "base")


@scenario()
def conda_covered_and_used(w: World, start: Start) -> None:
    """`conda install` writes the name of what is covered into the prompt and the variables: it is not seen."""
    conda = _Conda(w, "hand")
    p, q = w.project("p"), w.project("q")
    s = start(before=conda.loaded(start.row))
    s.cd(p)
    s.line("conda activate hand")
    s.cd(q)
    for _ in range(2):
        assert s.prompt == "(.venv) "
        s.line("conda install x")
        assert s.prompt == "(.venv) "
        assert s.python() == f"{q}/.venv"
        assert conda.prefix("hand") not in os.fsdecode(s.env()[b"PATH"])
    s.cd(w.home)
    conda.uses(s, "hand")
    s.line("conda deactivate")
    s.enter()
    conda.uses(s, "base")


@scenario()
def conda_covered_and_used_without_a_name(w: World, start: Start) -> None:
    """The same with changeps1 off: of what conda sets again, only PATH differs."""
    conda = _Conda(w, "hand")
    p, q = w.project("p"), w.project("q")
    w.file(f"{w.home}/.condarc", "changeps1: false\n")
    s = start(before=conda.loaded(start.row))
    s.cd(p)
    s.line("conda activate hand")
    s.cd(q)
    for _ in range(2):
        s.line("conda install x")
        s.active(q)
        assert conda.prefix("hand") not in os.fsdecode(s.env()[b"PATH"])
    s.cd(w.home)
    assert os.fsdecode(s.env()[b"PATH"]).split(":")[0] == f"{conda.prefix('hand')}/bin"
    assert s.prompt == ""


def _alone(s: Shell, conda: _Conda, theirs: str, *names: str) -> None:
    """Expect of hand and theirs those that are NAMES: shown, told by their variables and in PATH; of the others none.

    At the next prompt, too.
    """
    for _ in range(2):
        env = s.env()
        path = os.fsdecode(env[b"PATH"]).split(":")
        told = {b"hand": env.get(b"CONDA_DEFAULT_ENV"), b"theirs": env.get(b"VIRTUAL_ENV_PROMPT", b"").strip(b"() ")}
        for name, prefix in (("hand", conda.prefix("hand")), ("theirs", f"{theirs}/.venv")):
            expected = int(name in names)
            assert s.prompt.count(f"({name})") == expected, (name, s.prompt)
            assert path.count(f"{prefix}/bin") == expected, (name, path)
            assert (told[name.encode()] == name.encode()) == bool(expected), (name, told)
        s.enter()


@scenario()
def conda_on_top_of_what_covers(w: World, start: Start) -> None:
    """Another of conda's is activated in the next project: what is covered there comes back after leaving, not then."""
    conda = _Conda(w, "alpha", "beta", "hand")
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    for first in (w.directory("alpha"), p):
        for second in (w.directory("beta"), q):
            s = start(before=conda.loaded(start.row))
            s.cd(first)
            _activate(s, theirs)
            _alone(s, conda, theirs, "theirs")
            s.cd(second)
            _alone(s, conda, theirs)
            s.line("conda activate hand")
            _alone(s, conda, theirs, "hand")
            s.cd(w.directory(f"{os.path.basename(second)}/sub"))
            _alone(s, conda, theirs, "hand")
            s.line("conda install x")
            _alone(s, conda, theirs, "hand")
            s.cd(w.home)
            _alone(s, conda, theirs, "hand", "theirs")
            s.close()


@scenario()
def virtual_environment_on_top_of_what_covers(w: World, start: Start) -> None:
    """The same with one of conda's covered and an activate script on top: ours is back after its `deactivate`."""
    conda = _Conda(w, "alpha", "beta", "hand")
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    for first in (w.directory("alpha"), p):
        for second, name in ((w.directory("beta"), "(beta)"), (q, "(.venv)")):
            for leaves in (False, True):
                s = start(before=conda.loaded(start.row))
                s.cd(first)
                s.line("conda activate hand")
                _alone(s, conda, theirs, "hand")
                s.cd(second)
                _alone(s, conda, theirs)
                _activate(s, theirs)
                _alone(s, conda, theirs, "theirs")
                if leaves:
                    s.cd(w.home)
                    _alone(s, conda, theirs, "hand", "theirs")
                    s.line("deactivate")
                else:
                    s.line("deactivate")
                    _alone(s, conda, theirs)
                    assert s.prompt.split() == [name]
                    s.cd(w.home)
                _alone(s, conda, theirs, "hand")
                s.close()


@scenario()
def conda_beneath_an_activate_script_installs(w: World, start: Start) -> None:
    """The name of ours, which conda writes into the prompt there, does not stay in the next project."""
    conda = _Conda(w, "alpha", "beta")
    theirs = w.project("theirs", prompt="theirs")
    s = start(before=conda.loaded(start.row))
    s.cd(w.directory("beta"))
    _activate(s, theirs)
    s.line("conda install x")
    assert _sorted(s.prompt) == ["(beta)", "(theirs)"]
    s.cd(w.directory("alpha"))
    assert s.prompt == "(alpha) "
    s.cd(w.home)
    assert _sorted(s.prompt) == ["(base)", "(theirs)"]


@scenario(
    fish="its prompt is a function: nothing draws around a text",
    pwsh="conda's prompt is a function there",
)
def conda_covers_what_something_draws_around(w: World, start: Start) -> None:
    """An editor's integration draws around each text: what is covered comes back once, and nothing grows."""
    conda = _Conda(w, "alpha")
    p, q, theirs = w.project("p"), w.project("q"), w.project("theirs", prompt="theirs")
    s = start(before=conda.loaded(start.row), after=INTEGRATION[start.row.name])
    s.cd(p)
    _activate(s, theirs)
    s.enter()
    names = {w.directory("alpha"): ["alpha"], q: [".venv", "base"], w.home: ["theirs", "base"]}
    drawn = []
    for _ in range(4):
        for place in (w.directory("alpha"), q, w.home, q, w.directory("alpha"), w.home):
            s.cd(place)
            text = s.drawn().decode()
            assert re.findall(r"\(([a-z.]+)\) ", text) == names[place], text
        drawn.append(text.count("\x1b]7;<"))
    assert len(set(drawn)) == 1, drawn
    s.line("deactivate")
    s.enter()
    assert re.findall(r"\(([a-z.]+)\) ", s.drawn().decode()) == ["base"]


@scenario()
def conda_has_variables(w: World, start: Start) -> None:
    """The variables of an environment, what they replace, and all back after leaving: at once, in `cd`."""
    conda = _Conda(w, "alpha", "beta")
    w.file(f"{conda.prefix('alpha')}/conda-meta/state", '{"env_vars": {"FOO": "mine", "bar": "low", "NEW": "1"}}')
    w.file(f"{conda.prefix('beta')}/conda-meta/state", '{"env_vars": {"FOO": "***unset***"}}')
    w.file(f"{w.home}/.condarc", "envs_dirs: ['$WEND_TEST_NOWHERE/envs']\n")
    s = start(before=conda.loaded(start.row), env={"FOO": "before", "BAR": "up"})
    before = s.snapshot()

    def has(*expected: str) -> None:
        env = s.env()
        assert tuple(os.fsdecode(env.get(name, b"")) for name in (b"FOO", b"BAR", b"NEW")) == expected

    for _ in range(2):
        s.cd(w.directory("alpha"))
        has("mine", "low", "1")
        s.cd(w.directory("beta"))
        has("before", "up", "")
        s.cd(w.directory("alpha"))
        has("mine", "low", "1")
        s.cd(w.home)
        has("before", "up", "")
    s.same(before)


# -- scripts of an environment -----------------------------------------------------------------------------------


@scenario()
def conda_scripts_that_return(w: World, start: Start) -> None:
    """A `return` in a script ends that script, not the answer."""
    conda = _Conda(w, "alpha")
    for turn, value in (("activate", "on"), ("deactivate", "off")):
        conda.script("alpha", turn, "1", _RETURNS)
        conda.script("alpha", turn, "2", {end: text.format("SCI", value) for end, text in _SETS.items()})
        conda.script("alpha", turn, "3", _RETURNS)
    s = start(before=conda.loaded(start.row))
    for _ in range(2):
        s.cd(w.directory("alpha"))
        conda.uses(s, "alpha")
        assert s.env()[b"SCI"] == b"on"
        s.cd(w.home)
        conda.uses(s, "base")
        assert s.env()[b"SCI"] == b"off"


@scenario()
def conda_scripts_that_fail(w: World, start: Start) -> None:
    """What goes wrong in a script, or leaves a loop, ends that script alone: the shell is not left half-changed."""
    conda = _Conda(w, "alpha")
    for turn, value in (("activate", "on"), ("deactivate", "off")):
        conda.script("alpha", turn, "1", {end: text.format("FIRST", value) for end, text in _SETS.items()})
        for ending, texts in _FAILS.items():
            for number, text in enumerate(texts):
                conda.script("alpha", turn, f"2{number}", {ending: text})
        conda.script("alpha", turn, "3", {end: text.format("LAST", value) for end, text in _SETS.items()})
    s = start(before=conda.loaded(start.row))
    for _ in range(2):
        for place, name, wanted in ((w.directory("alpha"), "alpha", b"on"), (w.home, "base", b"off")):
            s.line(start.row.cd.format(path=s.word(place)))
            conda.uses(s, name)
            env = s.env()
            assert (env[b"FIRST"], env[b"LAST"]) == (wanted, wanted)
            s.enter()
            conda.uses(s, name)


# -- environments of pixi, which are conda's -----------------------------------------------------------------------


@scenario()
def conda_in_the_project(w: World, start: Start) -> None:
    """`.conda`, as VS Code makes it, and a `.venv` that conda made; `~/.conda` is conda's own."""
    w.conda()
    w.file(f"{w.home}/.condarc", "env_prompt: '({name}) '\n")
    places = []
    for name in (".conda", ".venv"):
        prefix = f"{w.directory('of' + name)}/{name}"
        os.makedirs(f"{prefix}/conda-meta")
        os.makedirs(f"{prefix}/bin")
        w.file(f"{prefix}/conda-meta/history", f"# cmd: conda create -p {prefix} python\n")
        os.symlink(sys.executable, f"{prefix}/bin/python")
        places.append((os.path.dirname(prefix), prefix, name))
    s = start()
    for project, prefix, name in places:
        s.cd(project)
        env = s.env()
        path = os.fsdecode(env[b"PATH"]).split(":")
        assert (path.index(f"{prefix}/bin"), path.count(f"{prefix}/bin")) == (0, 1)
        assert os.fsdecode(env[b"CONDA_PREFIX"]) == os.fsdecode(env[b"WEND_ENV"]) == prefix
        assert b"VIRTUAL_ENV" not in env
        assert s.prompt == f"({name}) "
    s.cd(w.home)
    s.inactive()
    assert b"CONDA_PREFIX" not in s.env()


@scenario()
def pixi_beside_conda(w: World, start: Start) -> None:
    """pixi's environment stands on conda's stack as conda's own do, with its scripts, under the project's name."""
    conda = _Conda(w, "alpha", "hand")
    shop, prefix = w.directory("shop"), f"{w.directory('shop')}/.pixi/envs/default"
    w.file("shop/pixi.toml", '[workspace]\nname = "store"\n')
    for directory in ("bin", "conda-meta"):
        os.makedirs(f"{prefix}/{directory}")
    os.symlink(sys.executable, f"{prefix}/bin/python")
    w.file(f"{prefix}/conda-meta/pixi_env_prefix", prefix)
    w.file(f"{prefix}/conda-meta/history", "")
    for turn, value in (("activate", "on"), ("deactivate", "off")):
        texts = {end: text.format("SCI", value) for end, text in _SETS.items()}
        os.makedirs(f"{prefix}/etc/conda/{turn}.d")
        for ending, text in texts.items():
            w.file(f"{prefix}/etc/conda/{turn}.d/a{ending}", text)
        conda.script("alpha", turn, "a", {end: text.format("ALPHA", value) for end, text in _SETS.items()})
    s = start(before=conda.loaded(start.row))

    def active() -> None:
        env = s.env()
        assert os.fsdecode(env[b"CONDA_PREFIX"]) == prefix
        path = os.fsdecode(env[b"PATH"]).split(":")
        assert [entry for entry in path if entry.startswith((conda.root, prefix))] == [f"{prefix}/bin"]
        assert s.prompt == "(store) "
        assert env[b"SCI"] == b"on"

    for _ in range(2):
        s.cd(shop)
        active()
        s.enter()
        active()
        s.line("conda activate hand")
        conda.uses(s, "hand")
        s.line("conda deactivate")
        s.enter()
        assert os.fsdecode(s.env()[b"CONDA_PREFIX"]) == prefix
        s.cd(w.directory("alpha"))
        conda.uses(s, "alpha")
        env = s.env()
        assert (env[b"SCI"], env[b"ALPHA"]) == (b"off", b"on")
        s.cd(shop)
        active()
        assert s.env()[b"ALPHA"] == b"off"
        s.line("conda deactivate")
        conda.uses(s, "base")
        s.enter()
        conda.uses(s, "base")
        s.cd(w.home)
        conda.uses(s, "base")
        assert b"PIXI_PROJECT_ROOT" not in s.env()


@scenario()
def conda_beneath_another_venv(w: World, start: Start) -> None:
    """Three on top of one another: what is active is shown, and what was covered comes back with its name."""
    conda = _Conda(w, "alpha", "gamma")
    alpha, other, theirs = (
        w.directory("alpha"),
        w.project("other", prompt="other"),
        w.project("theirs", prompt="theirs"),
    )
    for base in ("base", ""):
        # A conda environment of ours beneath another one, which stays when the project is left.
        s = start(before=conda.loaded(start.row, base=bool(base)))
        s.cd(alpha)
        _activate(s, theirs)
        s.enter()
        assert _sorted(s.prompt) == ["(alpha)", "(theirs)"]
        s.cd(w.home)
        assert _sorted(s.prompt) == [f"({base})", "(theirs)"][not base :]
        s.cd(alpha)
        s.line("deactivate")
        conda.uses(s, "alpha")
        # Of two that were activated in a project, each is covered in the next one, also when the other has gone.
        s.line("conda activate gamma")
        _activate(s, theirs)
        s.enter()
        s.cd(w.home)
        s.line("deactivate")
        conda.uses(s, "gamma")
        s.cd(other)
        s.active(other, name="other")
        # conda writes its name beneath the second, whose own `deactivate` brings a prompt without it back.
        _activate(s, theirs)
        s.enter()
        s.line("conda install")
        s.cd(w.home)
        assert _sorted(s.prompt) == ["(gamma)", "(theirs)"]
        s.line("deactivate")
        conda.uses(s, "gamma")
        s.line("conda deactivate")
        conda.uses(s, "alpha")
        s.line("conda deactivate")
        conda.uses(s, base)
        s.close()
