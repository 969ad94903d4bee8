"""A hook survives what loads after it: themes, other tools, an editor's integration, and what a person types.

A shell is right at its first prompt, and goes on being so; what is the user's own runs as often as without wend.
"""

from __future__ import annotations

import os
import re
import shutil

import pytest

from tests.shells.driver import Shell, World, is_bash_before
from tests.shells.scenarios import Start, scenario

# The user's own code at each prompt: it counts in `n`. In the middle, as its own start-up file would set it.
_COUNTS = {
    "bash": "PROMPT_COMMAND='n=$((n+1))'",
    "zsh": "mine() { (( ++n )); }; precmd_functions=(mine)",
    "fish": "function mine --on-event fish_prompt; set -g n (math $n + 1); end",
    "pwsh": "function global:prompt { $global:n++; $late = if ($global:__wend_pending_reply) { '+' } else { '' }\n"
    '  "@$global:T$late@ " }',
}
_ZERO = {"bash": "n=0", "zsh": "n=0", "fish": "set -g n 0", "pwsh": "$global:n = 0"}
_SHOW = {"bash": "echo $n", "zsh": "echo $n", "fish": "echo $n", "pwsh": "[Console]::WriteLine($n)"}

# A prompt of the user's own, with the driver's mark in it.
_PROMPT = {
    "bash": "PS1='@$T${__wend_pending_reply:++}@ '",
    "zsh": "PS1='@$T${__wend_pending_reply:++}@ '",
    "fish": "function fish_prompt\n"
    '  set -q __wend_pending_reply; and test -n "$__wend_pending_reply"; and set -l late +; or set -l late ""\n'
    '  echo -n "@$T$late@ "\nend',
    "pwsh": "function global:prompt { $late = if ($global:__wend_pending_reply) { '+' } else { '' }\n"
    '  "@$global:T$late@ " }',
}
_ONLY_BASH = dict.fromkeys(("zsh", "fish", "pwsh"), "bash has no hook for a change of directory, these have")


def _one(text: str) -> str:
    """Return TEXT as one line, as it is typed."""
    return text.replace("\n", "; ")


# -- the prompt and the lists of hooks ---------------------------------------------------------------------------


@scenario()
def own_prompt_after(w: World, start: Start) -> None:
    """A terminal opened in a project: the prompt that the start-up file sets behind the block has the name."""
    p, q = w.project("p"), w.directory("q")
    s = start(cwd=p, after=_PROMPT[start.row.name])
    assert s.greeting == ""
    s.active(p)
    s.cd(q)
    s.inactive()
    w.project("q")
    s.enter()
    s.active(q)
    s.line("deactivate")
    s.inactive()


@scenario()
def own_prompt_typed(w: World, start: Start) -> None:
    """The name is back at the next prompt but one, and `deactivate` goes on working."""
    p = w.project("p")
    s = start()
    s.cd(p)
    s.line(_one(_PROMPT[start.row.name]))
    s.enter()
    s.active(p)
    s.cd(w.home)
    s.inactive()
    s.cd(p)
    s.active(p)


@scenario()
def own_hooks_after(w: World, start: Start) -> None:
    """What replaces the hooks of the prompt behind the block runs once at each prompt, and so does ours."""
    p, q = w.project("p"), w.directory("q")
    name = start.row.name
    s = start(cwd=p, before=_ZERO[name], after=_COUNTS[name])
    if is_bash_before(s.row, 5, 1):  # one string, in which nothing of wend's is left: until the next cd
        s.cd(p)
    s.active(p)
    _runs_once(s)
    s.cd(q)
    s.inactive()
    w.project("q")
    s.enter()
    s.active(q)
    _runs_once(s)
    s.cd(w.home)
    s.inactive()


# A theme that shows the environment by itself, says so, and sets PS1 each time.
_THEME = (
    'theme() { n=$((n+1)); PS1="${VIRTUAL_ENV:+[${VIRTUAL_ENV##*/}] }@\\$T\\${__wend_pending_reply:++}@ "; }\nn=0\n'
    "export VIRTUAL_ENV_DISABLE_PROMPT=1\n"
)
_DRAWN_LATER = "what draws the prompt is called when the hook has answered"


@scenario(zsh=_DRAWN_LATER, fish=_DRAWN_LATER, pwsh=_DRAWN_LATER)
def theme_before_what_calls_wend(w: World, start: Start) -> None:
    """The first prompt of a terminal has the name, and that of an environment that appears; one redrawing each."""
    p = w.project("p")
    lines = ['PROMPT_COMMAND="theme; $PROMPT_COMMAND"', "PROMPT_COMMAND=$'theme\n'\"$PROMPT_COMMAND\""]
    if not is_bash_before(start.row, 5, 1):
        lines += ["PROMPT_COMMAND=theme", 'PROMPT_COMMAND=(theme "${PROMPT_COMMAND[@]}")']
    for number, line in enumerate(lines):
        q = w.directory(f"q{number}")
        s = start(cwd=p, before=_THEME, after=line)
        assert s.greeting == ""
        assert s.prompt == "[.venv] "
        for _ in range(2):
            s.enter()
            assert s.prompt == "[.venv] "
        assert s.line("echo $n") == "4"
        s.cd(q)
        assert s.prompt == ""
        w.project(f"q{number}")
        s.enter()
        assert s.prompt == "[.venv] "
        shutil.rmtree(f"{q}/.venv")
        s.enter()
        assert s.prompt == ""
        s.cd(w.home)
        assert s.prompt == ""
        s.cd(p)
        assert s.prompt == "[.venv] "


@scenario(zsh=_DRAWN_LATER, fish=_DRAWN_LATER, pwsh=_DRAWN_LATER)
def theme_that_prints_and_shows_the_status(w: World, start: Start) -> None:
    """Where it draws once more, what it prints is seen once, and the status is that of the user's command."""
    theme = (
        'theme() { local status=$?; echo drawn; PS1="$status${VIRTUAL_ENV:+[${VIRTUAL_ENV##*/}] }'
        '@\\$T\\${__wend_pending_reply:++}@ "; }\nexport VIRTUAL_ENV_DISABLE_PROMPT=1\n'
    )
    old = is_bash_before(start.row, 5, 1)  # it keeps no status from one command of PROMPT_COMMAND to the next
    lines = ['PROMPT_COMMAND="theme; $PROMPT_COMMAND"']
    if not old:
        lines += ["PROMPT_COMMAND=theme", 'PROMPT_COMMAND=(theme "${PROMPT_COMMAND[@]}")']
    for number, line in enumerate(lines):
        q = w.directory(f"q{number}")
        s = start(cwd=q, before=theme, after=line)
        assert s.greeting == "drawn"
        w.project(f"q{number}")
        for name in ("[.venv] ", ""):
            assert s.line("sh -c 'exit 7'") == "drawn"
            assert s.prompt == f"{0 if old else 7}{name}"
            shutil.rmtree(f"{q}/.venv", ignore_errors=True)
        s.close()


# As the README of powerline-shell says, and powerline-go's.
_POWERLINE = {
    "bash": '_update_ps1() { PS1="$({program} $?)@\\$T\\${__wend_pending_reply:++}@ "; }\n'
    'PROMPT_COMMAND="_update_ps1; $PROMPT_COMMAND"',
    "zsh": "powerline_precmd() { PS1=\"$({program} --shell zsh $?)\"'@$T${__wend_pending_reply:++}@ ' }\n"
    "precmd_functions+=(powerline_precmd)",
    # In a variable: fish may put the output of a program behind that of a builtin which runs after it.
    "fish": 'function fish_prompt\n  set -l shown ({program} --shell bare $status)\n  set -l late ""\n'
    '  test -n "$__wend_pending_reply"; and set late +\n  echo -n "$shown@$T$late@ "\nend',
}


@scenario(pwsh="powerline-shell does not know PowerShell")
def powerline_shell_shows_the_name(w: World, start: Start) -> None:
    """It does not say so; where its configuration has no such segment, the name is wend's."""
    p, q = w.project("p"), w.directory("q")
    segments = w.file(f"{w.home}/.powerline-shell.json", '{"segments": ["virtual_env"]}')
    program = w.file(
        f"{w.home}/powerline-shell",
        f'#!/bin/sh\ngrep -q virtual_env {segments} || exit 0\nprintf %s "${{VIRTUAL_ENV:+[${{VIRTUAL_ENV##*/}}] }}"\n',
    )
    os.chmod(program, 0o755)
    text = _POWERLINE[start.row.name].replace("{program}", program)
    for before, after in ((text, ""), ("", text)):
        w.file(segments, '{"segments": ["virtual_env"]}')
        s = start(cwd=p, before=before, after=after)
        assert s.prompt == "[.venv] "
        s.enter()
        assert s.prompt == "[.venv] "
        s.cd(q)
        assert s.prompt == ""
        w.file(segments, '{"segments": ["cwd"]}')
        s.cd(p)
        assert s.prompt == "(.venv) "
        s.enter()
        assert s.prompt == "(.venv) "


@scenario(zsh=_DRAWN_LATER, fish=_DRAWN_LATER, pwsh=_DRAWN_LATER)
def nothing_else_runs_twice(w: World, start: Start) -> None:
    """What stands before us runs once at each prompt where wend shows the name, or it draws nothing."""
    p, q = w.project("p"), w.directory("q")
    line = "n=0; PROMPT_COMMAND='n=$((n+1)); '\"$PROMPT_COMMAND\""
    for env in ({}, {"VIRTUAL_ENV_DISABLE_PROMPT": "1"}):
        s = start(cwd=p, after=line, env=env)
        assert s.line("echo $n") == "1"
        s.cd(q)
        w.project("q")
        s.enter()
        shutil.rmtree(f"{q}/.venv")
        assert s.line("echo $n") == "4"
        assert s.line("echo $n") == "5"


@scenario(fish="there is no list to replace: own_prompt_typed is the same there")
def own_hooks_typed(w: World, start: Start) -> None:
    """Typed: after one cd everything is as before, also for what appears in the directory."""
    p, q = w.project("p"), w.directory("q")
    name = start.row.name
    s = start(before=_ZERO[name])
    s.line(_one(_COUNTS[name]))
    s.cd(p)
    s.active(p)
    s.cd(q)
    s.inactive()
    w.project("q")
    s.enter()
    s.active(q)
    _runs_once(s)


@scenario(
    bash="bash has no such list", fish="fish has no such list", pwsh="PowerShell has one slot: see own_hooks_typed"
)
def list_of_directory_hooks_replaced(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    s = start(after="mine() { :; }; chpwd_functions=(mine)")
    for place in (p, q, p):
        line = s.row.chain.format(f"cd {s.word(place)}", "python -c 'import sys; print(sys.prefix)'")
        assert s.line(line) == f"{place}/.venv"
    s.line("chpwd_functions=(mine)")
    s.enter()
    line = s.row.chain.format(f"cd {s.word(q)}", "python -c 'import sys; print(sys.prefix)'")
    assert s.line(line) == f"{q}/.venv"


@scenario()
def start_up_file_sourced_again(w: World, start: Start) -> None:
    """Nothing of the user's is doubled, whether it stands before the block or behind it."""
    p = w.project("p")
    name = start.row.name
    again = _load_again(start, w)
    for where in ("before", "after"):
        before, after = (_COUNTS[name], "") if where == "before" else ("", _COUNTS[name])
        s = start(before=f"{_ZERO[name]}\n{before}", after=after)
        _runs_once(s)
        s.cd(p)
        for _ in range(3):
            assert s.line(again, first=True) == ""
            if where == "after" and is_bash_before(s.row, 5, 1):
                s.cd(p)
            s.active(p)
            _runs_once(s)
        s.cd(w.home)
        s.inactive()
        _runs_once(s)


# As liquidprompt does, which takes its own element out first, and direnv, which puts itself in front once.
_MOVES = """
for i in "${!PROMPT_COMMAND[@]}"; do
  if [[ ${PROMPT_COMMAND[i]} == count ]]; then unset "PROMPT_COMMAND[i]"; fi
done
count() { n=$((n+1)); }
PROMPT_COMMAND+=(count)
"""
_IN_FRONT = """
in_front() { :; }
if [[ ${PROMPT_COMMAND-} != *in_front* ]]; then PROMPT_COMMAND="in_front;$PROMPT_COMMAND"; fi
"""


@scenario(zsh="its hooks are lists of functions", fish="its hooks are events", pwsh="its prompt is one function")
def element_that_moves_when_sourced_again(w: World, start: Start) -> None:
    """Between what calls us in front and us at the end: nothing is taken for what an assignment has replaced."""
    if is_bash_before(start.row, 5, 1):
        return  # there PROMPT_COMMAND is one text
    p = w.project("p")
    again = _load_again(start, w)
    s = start(before=f"n=0\n{_MOVES}", after=_IN_FRONT)
    _runs_once(s)
    s.cd(p)
    for _ in range(3):
        assert s.line(again, first=True) == ""
        s.active(p)
        _runs_once(s)
    s.cd(w.home)
    s.inactive()
    _runs_once(s)


@scenario(
    zsh="precmd_functions and chpwd_functions restore each other",
    fish="events cannot be replaced",
    pwsh="the prompt is taken back when it is looked up",
)
def replaced_again_and_again(w: World, start: Start) -> None:
    """Taken back each time; said once."""
    p = w.project("p")
    s = start()
    said = ""
    for _ in range(4):
        said += s.line("PROMPT_COMMAND=()")
        said += s.line(f"cd {s.word(p)}")
        said += s.line(f"cd {s.word(w.home)}")
    assert re.fullmatch(r"wend: PROMPT_COMMAND [^\n]*: wend doctor", said), said
    s.cd(p)
    s.active(p)


# -- what draws around the prompt --------------------------------------------------------------------------------

# As editors' integrations do it: a prompt that they have not set gets marks around it.
INTEGRATION = {
    "bash": r"""
draw_around() { if [[ ${drawn-} != "$PS1" ]]; then PS1="\[\e]7;<\a\]$PS1\[\e]7;>\a\]"; drawn=$PS1; fi; }
theirs=${PROMPT_COMMAND-}
at_prompt() { eval "$theirs"; draw_around; }
PROMPT_COMMAND=at_prompt
""",
    "zsh": r"""
draw_around() { if [[ ${drawn-} != "$PS1" ]]; then PS1=$'%{\e]7;<\a%}'$PS1$'%{\e]7;>\a%}'; drawn=$PS1; fi; }
precmd_functions+=(draw_around)
""",
    "pwsh": r"""
$global:drawn = $function:prompt
function global:prompt { "`e]7;<`a$(& $global:drawn)`e]7;>`a" }
""",
}


@scenario(fish="its prompt is a function: nothing draws around a text")
def drawn_around(w: World, start: Start) -> None:
    """What is drawn does not grow with each visit."""
    p, q = w.project("p"), w.project("q")
    s = start(after=INTEGRATION[start.row.name])
    for _ in range(4):
        for place in (p, q, w.home):
            s.cd(place)
            s.enter()
        assert s.drawn().count(b"\x1b]7;<") == 1
    s.cd(p)
    s.enter()
    drawn = s.drawn()
    assert drawn.count(b"\x1b]7;<") == 1
    assert b"(.venv) " in drawn


# As bash-preexec does it: at the first prompt its own parts go around what stands in PROMPT_COMMAND then, and a DEBUG
# trap tells of the first command of each line that is typed.
_PREEXEC = r"""
n=0
at_prompt() { typed=; n=$((n+1)); }
behind_prompt() { typed=yes; }
before_command() { if [[ -n $typed && $BASH_COMMAND != at_prompt ]]; then typed=; echo "$BASH_COMMAND" >>{log}; fi; }
arrange() {
  if [[ ${PROMPT_COMMAND[*]} == *at_prompt* ]]; then return; fi
  PROMPT_COMMAND[0]="at_prompt"$'\n'"${PROMPT_COMMAND[0]/arrange/:}"
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    PROMPT_COMMAND+=(behind_prompt)
  else
    PROMPT_COMMAND+=$'\n'behind_prompt
  fi
  trap before_command DEBUG
}
PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}arrange"
"""


@scenario(**dict.fromkeys(("zsh", "fish", "pwsh"), "bash has no hook before a command, these have"))
def debug_trap_that_rewrites(w: World, start: Start) -> None:
    """It hears of what is typed and of nothing of wend's, and both run once at each prompt."""
    p, q = w.project("p"), w.project("q")
    for where in ("before", "after"):
        log = w.file(f"{w.home}/log-{where}", "")
        text = _PREEXEC.replace("{log}", log)
        s = start(cwd=p, before=text if where == "before" else "", after=text if where == "after" else "")
        s.enter()
        s.active(p)
        w.file(log, "")
        _runs_once(s)
        s.cd(q)
        s.active(q)
        s.cd(w.home)
        s.inactive()
        with open(log, encoding="utf-8") as file:
            told = file.read().split("\n")[:-1]
        assert told != []
        assert [line for line in told if not line.startswith("T=")] == [], told
        assert len(s.line("trap -p DEBUG").split("\n")) == 1


# -- bash: cd that others have defined ---------------------------------------------------------------------------

_CD = {
    "function": ('cd() { builtin cd "$@" && echo moved; }', "moved\n"),
    "function with a pattern": (
        'shopt -s extglob\ncd() { shopt -s extglob; case $1 in !(-*)) shopt -u extglob; builtin cd "$@" ;; esac; }\n'
        "shopt -u extglob",
        "",
    ),
    "alias": ("alias cd='cd -P'", ""),
    "alias of a function": ("mycd() { builtin cd \"$@\"; }; alias cd='mycd '", ""),
    "alias of two commands": ("alias cd='n=1; builtin cd'", ""),
    "zoxide": (
        'z_cd() { \\builtin cd -- "$@"; }; '
        'z() { if [ "$#" -eq 0 ]; then z_cd ~; else z_cd "$1"; fi; }; \\builtin unalias cd &>/dev/null || :; '
        'cd() { z "$@"; }',
        "",
    ),
    "chpwd_functions": (
        "export -a chpwd_functions\n"
        '__zsh_like_cd() { local hook; if builtin "$@"; then\n'
        'for hook in chpwd ${chpwd_functions[@]+"${chpwd_functions[@]}"}; do\n'
        'if \\typeset -f "$hook" >/dev/null 2>&1; then "$hook" || break; fi; done; true; else return $?; fi; }\n'
        'function cd() { __zsh_like_cd cd "$@" ; }\nfunction pushd() { __zsh_like_cd pushd "$@" ; }\n'
        'function popd() { __zsh_like_cd popd "$@" ; }\nmine() { echo mine; }; chpwd_functions+=(mine)',
        "mine\n",
    ),
}


@scenario(**_ONLY_BASH)
def cd_of_others_on_one_line(w: World, start: Start) -> None:
    """`cd project && python` is right on one line, whatever stands around cd, before the block or behind it."""
    p, q = w.project("p"), w.project("q")
    for name, (text, printed) in _CD.items():
        for where in ("before", "after"):
            try:
                s = start(before=text if where == "before" else "", after=text if where == "after" else "")
                for place in (p, q, p):
                    line = f"cd {s.word(place)} && python -c 'import sys; print(sys.prefix)'"
                    assert s.line(line) == f"{printed}{place}/.venv"
                assert "nowhere" in s.line(f"cd {s.word(w.tree + '/nowhere')}")
                assert s.line(s.row.status, first=True) == "1"
                s.line(f"cd {s.word(w.home)}")
                s.inactive()
            except AssertionError as error:
                raise AssertionError(f"with {name} {where}: {error}") from error


@scenario(needs="strace", **_ONLY_BASH)
def cd_of_others_without_a_process(w: World, start: Start) -> None:
    """It is taken over at the first prompt by builtins alone."""
    p = w.project("p")
    start().close()  # the daemon is there
    for text in ('cd() { builtin cd "$@" && true; }', "alias cd='cd -P'"):
        trace = f"{w.files}/trace"
        strace = ("strace", "-f", "-qq", "-e", "trace=fork,vfork,clone,clone3", "-e", "signal=none", "-o", trace)
        s = start(after=text, wrapper=strace)
        s.cd(p)
        s.active(p)
        s.close()
        with open(trace, encoding="utf-8", errors="replace") as file:
            made = [line for line in file if "(" in line and "CLONE_THREAD" not in line]
        assert len(made) == 1, made  # that of `active`


@scenario(**_ONLY_BASH)
def cd_of_others_typed(w: World, start: Start) -> None:
    """Seen at the prompt after the first change of directory that no hook told of."""
    p, q = w.project("p"), w.project("q")
    s = start()
    s.line('cd() { builtin cd "$@" && echo moved; }')
    assert s.line(f"cd {s.word(p)}") == "moved"
    s.active(p)
    line = f"cd {s.word(q)} && python -c 'import sys; print(sys.prefix)'"
    assert s.line(line) == f"moved\n{q}/.venv"
    s.line("unset -f cd")
    s.cd(p)
    line = f"cd {s.word(q)} && python -c 'import sys; print(sys.prefix)'"
    assert s.line(line) == f"{q}/.venv"


@scenario(**_ONLY_BASH)
def cd_of_others_given_back(w: World, start: Start) -> None:
    """`bash.wrap_cd = false` gives back what stood there."""
    os.makedirs(f"{w.home}/.config/wend")
    text = 'cd() { builtin cd "$@" && echo moved; }; pushd() { builtin pushd "$@"; }; alias popd=\'builtin popd\''
    plain = start(before=text, after=": >| /dev/null")
    shown = "declare -f cd pushd; alias popd; declare -F popd"
    wrapped = plain.line(shown)
    assert "__wend_on_cd" in wrapped
    plain.line(f"{w.wend} config set bash.wrap_cd false")
    plain.cd("/", prints="moved")
    plain.enter()
    with_nothing = plain.line(shown)
    assert "wend" not in with_nothing
    assert "echo moved" in with_nothing
    assert "alias popd='builtin popd'" in with_nothing


@scenario(**dict.fromkeys(("zsh", "fish", "pwsh"), "only bash's functions see the variables of their caller"))
def local_path(w: World, start: Start) -> None:
    """A function with a PATH of its own keeps it; the shell is right at the next prompt."""
    if is_bash_before(start.row, 4, 4):
        pytest.skip("before 4.4, no attribute tells a function's PATH from the shell's")
    p = w.project("p")
    s = start(before='work() { local PATH=/mine:$PATH; cd "$1"; echo "$PATH"; }')
    before = s.snapshot()
    assert s.line(f"work {s.word(p)}") == f"/mine:{w.env['PATH']}"
    s.active(p)
    s.line(f"PATH=/mine:$PATH cd {s.word(w.home)}")
    s.same(before)


def _goes_by(s: Shell, function: str, p: str, q: str, home: str) -> None:
    """Call FUNCTION, which changes the directory, for both projects and HOME; out of each by a plain cd."""
    for place, after in ((p, home), (q, p), (home, home)):
        s.line(f"{function} {s.word(place)}")
        if place != home:
            s.active(place)
        s.cd(after)


_OWN_VARIABLE = {"fish": "function work; set -lx {} {}; cd $argv[1]; end"}


@scenario(pwsh="all its variables of the environment are the process's")
def local_virtual_env(w: World, start: Start) -> None:
    """A function with a VIRTUAL_ENV of its own; the shell is right at the next prompt, and when the project is left."""
    p, q = w.project("p"), w.project("q")
    form = _OWN_VARIABLE.get(start.row.name, 'work() {{ local {}={}; cd "$1"; }}')
    for value in ("/x", "''"):
        s = start(before=form.format("VIRTUAL_ENV", value))
        before = s.snapshot()
        _goes_by(s, "work", p, q, w.home)
        s.same(before)
        s.close()


@scenario(pwsh="all its variables of the environment are the process's")
def local_python_home(w: World, start: Start) -> None:
    """The same of a PYTHONHOME, which an environment removes; also where the function that has it calls another."""
    p, q = w.project("p"), w.project("q")
    form = _OWN_VARIABLE.get(start.row.name, 'work() {{ local {}={}; cd "$1"; }}')
    calls = {"fish": "function outer; set -lx PYTHONHOME /x; inner $argv; end; function inner; cd $argv[1]; end"}
    nested = calls.get(start.row.name, 'outer() { local PYTHONHOME=/x; inner "$1"; }; inner() { cd "$1"; }')
    for value in ("", "/y"):
        s = start(before=form.format("PYTHONHOME", "/x") + "\n" + nested)
        if value:
            s.set("PYTHONHOME", value)
        s.cd(w.tree)
        s.cd(w.home)
        before = s.snapshot()
        for function in ("work", "outer"):
            _goes_by(s, function, p, q, w.home)
            s.same(before)
        s.close()


# -- `deactivate` of the user's own ------------------------------------------------------------------------------

DEACTIVATE = {
    "bash": "deactivate() { echo my own; }",
    "zsh": "deactivate() { echo my own; }",
    "fish": "function deactivate; echo my own; end",
    "pwsh": "function global:deactivate { [Console]::WriteLine('my own') }",
}


@scenario()
def own_deactivate(w: World, start: Start) -> None:
    """Ours stands in front of it while an environment is active."""
    p, q = w.project("p"), w.project("q")
    s = start(before=DEACTIVATE[start.row.name])
    before = s.snapshot()
    assert s.line("deactivate") == "my own"
    for _ in range(2):
        s.cd(p)
        s.cd(q)
        assert s.line("deactivate") == ""
        s.inactive()
        assert s.line("deactivate") == "my own"
        s.cd(p)
        s.active(p)
        s.cd(w.home)
        s.same(before)
        assert s.line("deactivate") == "my own"


@scenario(
    bash="bash has no functions that are loaded when they are called",
    pwsh="a function of a module stands in no slot",
)
def own_deactivate_not_loaded_yet(w: World, start: Start) -> None:
    """Of the user's functions path: zsh's fpath, fish's functions directory."""
    p = w.project("p")
    if start.row.name == "fish":
        os.makedirs(f"{w.home}/.config/fish/functions")
        with open(f"{w.home}/.config/fish/functions/deactivate.fish", "w", encoding="utf-8") as file:
            file.write("function deactivate; echo my own; end\n")
        before = ""
    else:
        os.makedirs(f"{w.home}/functions")
        with open(f"{w.home}/functions/deactivate", "w", encoding="utf-8") as file:
            file.write("echo my own\n")
        before = "fpath+=(~/functions); autoload -Uz deactivate"
    s = start(before=before)
    s.cd(p)
    assert s.line("deactivate") == ""
    s.inactive()
    s.cd(w.home)
    assert s.line("deactivate") == "my own"


# -- zsh, fish, PowerShell ---------------------------------------------------------------------------------------


@scenario(
    bash="see own_hooks_after",
    fish="see own_prompt_after",
    pwsh="see own_prompt_after",
)
def prompt_hook_after(w: World, start: Start) -> None:
    """A hook that is added behind the block sets the prompt: the first one of a terminal has the name."""
    p = w.project("p")
    sets = "setp() { PS1='@$T${__wend_pending_reply:++}@ ' }; autoload -Uz add-zsh-hook; add-zsh-hook precmd setp"
    s = start(cwd=p, after=sets)
    s.active(p)
    s.enter()
    s.active(p)
    s.cd(w.home)
    s.inactive()


@scenario(bash="see own_prompt_after", zsh="see prompt_hook_after", pwsh="see own_prompt_after")
def no_prompt_function(w: World, start: Start) -> None:
    """fish without a fish_prompt of its own: no error, and the name is shown when there is one again."""
    p = w.project("p")
    s = start()
    output = s.line("functions -e fish_prompt; cd " + s.word(p) + "; " + _one(_PROMPT["fish"]))
    assert output == ""
    s.enter()
    s.active(p)


@scenario(bash="see own_prompt_after", zsh="see prompt_hook_after", pwsh="see own_prompt_after")
def fish_configuration_sourced_again(w: World, start: Start) -> None:
    """`source config.fish` inside a project defines fish_prompt again."""
    p = w.project("p")
    s = start()
    s.cd(p)
    s.line(
        f"source {s.word(w.home + '/.config/fish/config.fish')}", first=True
    )  # it sets the number of the prompt, too
    s.enter()
    s.active(p)
    s.cd(w.home)
    s.inactive()


@scenario(bash="see own_prompt_after", zsh="see own_prompt_after", fish="see own_prompt_after")
def moves_before_its_prompt(w: World, start: Start) -> None:
    """`Set-Location` in a profile, and the prompt function behind that."""
    p = w.project("p")
    s = start(after=f"Set-Location {start.row.quote(os.fsencode(p))}\n" + _PROMPT["pwsh"])
    s.active(p)
    s.cd(w.home)
    s.inactive()


# -- other tools that are here -----------------------------------------------------------------------------------


@scenario(needs="zoxide", fish="zoxide of Debian is too old for it", pwsh="zoxide of Debian is too old for it")
def zoxide(w: World, start: Start) -> None:
    p = w.project("p")
    name = start.row.name
    for where in ("before", "after"):
        text = f'eval "$({shutil.which("zoxide")} init {name})"'
        s = start(before=text if where == "before" else "", after=text if where == "after" else "")
        s.line(f"cd {s.word(p)}")
        s.active(p)
        s.line(f"cd {s.word(w.home)}")
        s.line("z p")
        s.active(p)
        for _ in range(2):
            s.line(_load_again(start, w), first=True)
        s.line(f"cd {s.word(w.home)}")
        s.inactive()


def _load_again(start: Start, w: World) -> str:
    """Return the line that sources the start-up file again."""
    rc = os.path.join(w.home, start.row.rc)
    return start.row.load.format(file=start.row.quote(os.fsencode(rc)))


def _runs_once(s: Shell) -> None:
    """Expect the user's own code once at each prompt."""
    show = _SHOW[s.row.name]
    first, second = int(s.line(show)), int(s.line(show))
    assert second - first == 1, (first, second)


# -- both: an integration that draws around PS1, and conda's base in it ------------------------------------------


@scenario(
    fish="its prompt is a function: nothing draws around a text",
    pwsh="conda's prompt is a function there",
)
def drawn_around_with_conda(w: World, start: Start) -> None:
    """The name of base makes room for ours and comes back, and what is drawn does not grow with each visit."""
    root = w.conda("alpha")
    p, q = w.directory("p"), w.project("q")
    w.file("p/environment.yml", "name: alpha\n")
    env = {
        "CONDA_EXE": f"{root}/bin/conda",
        "CONDA_PREFIX": root,
        "CONDA_DEFAULT_ENV": "base",
        "CONDA_SHLVL": "1",
        "CONDA_PROMPT_MODIFIER": "(base) ",
        "PATH": f"{root}/bin:{w.env['PATH']}",
    }
    s = start(env=env, before='PS1="(base) $PS1"', after=INTEGRATION[start.row.name])
    names = {p: "(alpha) ", q: "(.venv) (base) ", w.home: "(base) "}
    drawn = []
    for _ in range(4):
        for place in (p, q, w.home, p, q):
            s.cd(place)
            text = s.drawn().decode()
            assert names[place] in text, text
            assert len(re.findall(r"\((?:alpha|base|\.venv)\) ", text)) == names[place].count("("), text
        drawn.append(text.count("\x1b]7;<"))
    assert len(set(drawn)) == 1, drawn
    # As after an install: conda removes its text from PS1, finds none, and puts it in front.
    s.cd(w.home)
    s.line('PS1="$CONDA_PROMPT_MODIFIER$PS1"')
    assert s.drawn().count(b"(base) ") == 1
