"""What only zsh has: arrays of hook functions, prompt themes, options that change what a prompt expands."""

from __future__ import annotations

import os
import re

from tests.shells.driver import World
from tests.shells.scenarios import Start, scenario

_OTHERS = dict.fromkeys(("bash", "fish", "pwsh"), "about hooks, themes and options that only zsh has")
_MARK = "@$T${__wend_pending_reply:++}${__wend_late:++}@ "
_SETP = f"setp() {{ PS1='{_MARK}' }}"


@scenario(**_OTHERS)
def zsh_prompt_set_by_what_comes_after(w: World, start: Start) -> None:
    """A terminal opened in a project: the very first prompt has the name, whatever draws it."""
    p = w.project("p")
    for text in (
        f"{_SETP}; precmd() {{ setp }}",
        f"{_SETP}; precmd_functions+=(setp)",
        f"{_SETP}; precmd_functions=(setp)",
        f"{_SETP}; autoload -Uz add-zsh-hook; add-zsh-hook precmd setp",
    ):
        s = start(cwd=p, after=text)
        assert s.greeting == "", text
        assert s.prompt == "(.venv) ", (text, s.prompt)
        for _ in range(2):
            s.active(p)
            s.cd(w.home)
            s.inactive()
            s.cd(p)
            s.active(p)


@scenario(**_OTHERS)
def zsh_prompt_hook_added_later(w: World, start: Start) -> None:
    """By a plugin manager that loads at the first prompt, or typed: the name is there again at the next prompt."""
    p = w.project("p")
    adds = f"{_SETP}; autoload -Uz add-zsh-hook; add-zsh-hook precmd setp"
    s = start(cwd=p, after=f"late() {{ {adds} }}; precmd_functions+=(late)")
    for _ in range(2):
        s.enter()
        s.active(p)
    s = start(cwd=p)
    s.line(adds)
    for _ in range(2):
        s.enter()
        s.active(p)
    s.cd(w.home)
    s.inactive()


@scenario(**_OTHERS)
def zsh_theme_of_promptinit(w: World, start: Start) -> None:
    """adam1 sets PS1 in its own precmd: its prompt ends in the directory, with the name in front of all."""
    p = w.project("p")
    s = start(cwd=p, after=f"autoload -Uz promptinit; promptinit; prompt adam1; keep() {{ PS1=$PS1'{_MARK}' }}\n"
              "precmd_functions+=(keep)")  # fmt: skip
    for _ in range(3):
        assert s.prompt.startswith("(.venv) "), s.prompt
        assert s.prompt.count("(.venv)") == 1
        s.enter()
    s.cd(w.home)
    assert "(.venv)" not in s.prompt


@scenario(**_OTHERS)
def zsh_users_own_precmd(w: World, start: Start) -> None:
    """`precmd` runs once at each prompt, and is the user's afterwards, whether it stands before the block or behind."""
    p = w.project("p")
    for where in ("before", "after"):
        text = "n=0; precmd() { (( ++n )) }"
        s = start(before=text if where == "before" else "", after=text if where == "after" else "")
        first = int(s.line("echo $n"))
        assert int(s.line("echo $n")) == first + 1
        assert "wend" not in s.line("functions precmd")
        s.cd(p)
        s.active(p)
    s = start()
    assert s.line("echo $+functions[precmd]") == "0"


@scenario(**_OTHERS)
def zsh_arrays_unset(w: World, start: Start) -> None:
    """Unset, made local, or a scalar of the user's: the other half puts us back; said when it goes on."""
    p, q = w.project("p"), w.project("q")
    for text in ("unset precmd_functions", "precmd_functions=()", "unset chpwd_functions", "chpwd_functions=(nothing)"):
        s = start()
        s.line(text)
        s.cd(p)
        s.active(p)
        line = s.row.chain.format(f"cd {s.word(q)}", "python -c 'import sys; print(sys.prefix)'")
        assert s.line(line) == f"{q}/.venv"
        s.cd(w.home)
        s.inactive()


@scenario(**_OTHERS)
def zsh_all_places_replaced(w: World, start: Start) -> None:
    """Both arrays and `precmd` at once, behind the block or typed: the next line that is typed puts us back."""
    p, q = w.project("p"), w.project("q")
    takes = "precmd() { : }; precmd_functions=(nothing); chpwd_functions=(nothing); nothing() { (( ++n )) }"
    s = start(cwd=p, after=f"n=0; zshaddhistory() {{ return 0 }}; {takes}")
    s.enter()
    s.active(p)
    s.line(takes)
    line = s.row.chain.format(f"cd {s.word(q)}", "python -c 'import sys; print(sys.prefix)'")
    assert s.line(line).splitlines()[-1] == f"{q}/.venv"
    s.active(q)
    s.cd(w.home)
    s.inactive()
    first = int(s.line("echo $n"))
    assert int(s.line("echo $n")) == first + 1


@scenario(**_OTHERS)
def zsh_lines_are_kept_in_the_history(w: World, start: Start) -> None:
    """What is called at Enter leaves to the user's own what is kept there."""
    s = start(before="zshaddhistory_functions=(mine); mine() { [[ $1 != *secret* ]] }; HISTSIZE=100")
    s.line("echo one")
    s.line("echo secret")
    kept = s.line("fc -l -n -3 -1")
    assert "echo one" in kept
    assert "secret" not in kept


@scenario(**_OTHERS)
def zsh_arrays_replaced_again(w: World, start: Start) -> None:
    """Taken back each time; said once."""
    p = w.project("p")
    s = start()
    said = ""
    for _ in range(4):
        said += s.line("precmd_functions=()")
        said += s.line(f"cd {s.word(p)}")
        s.active(p)
        said += s.line("chpwd_functions=()")
        said += s.line(f"cd {s.word(w.home)}")
        said += s.line()
        s.inactive()
    assert re.fullmatch(r"wend: precmd_functions [^\n]* replaced again[^\n]*: wend doctor", said), said


@scenario(**_OTHERS)
def zsh_arrays_readonly(w: World, start: Start) -> None:
    """Said once; the half that is left works."""
    p = w.project("p")
    s = start(before="typeset -gra precmd_functions=()")
    assert re.fullmatch(r"wend: precmd_functions [^\n]*readonly[^\n]*", s.greeting), s.greeting
    s.line(f"cd {s.word(p)}")
    assert s.line() == ""


@scenario(**_OTHERS)
def zsh_no_prompt_percent(w: World, start: Start) -> None:
    """PS1 would show our mark as it is: it has none, and no name; everything else is as usual."""
    p = w.project("p")
    s = start(before="setopt no_prompt_percent")
    before = s.snapshot()
    s.cd(p)
    s.active(p, shown=False)
    s.cd(w.home)
    s.same(before)


@scenario(**_OTHERS)
def zsh_instant_prompt(w: World, start: Start) -> None:
    """Powerlevel10k's instant prompt complains of what is printed before it is over: a notice waits for that."""
    source, p = w.project("source"), w.directory("p")
    os.rename(f"{source}/.venv", f"{p}/.venv")  # made elsewhere: it needs `wend allow`
    s = start(cwd=p, before="typeset -g __p9k_instant_prompt_active=1", after="T=0")
    assert s.greeting == ""
    assert s.line("unset __p9k_instant_prompt_active").startswith("wend: ")
    s.enter(2)


@scenario(**_OTHERS)
def zsh_options(w: World, start: Start) -> None:
    """Options that change how zsh reads its own language."""
    p, q = w.project("p"), w.project("q")
    for options in (
        "ksh_arrays sh_word_split", "no_unset err_return", "warn_create_global warn_nested_var",
        "glob_subst extended_glob null_glob", "no_match ksh_glob", "rc_quotes csh_junkie_quotes",
        "auto_pushd pushd_silent",
        "prompt_subst prompt_bang", "no_short_loops interactive_comments", "c_bases octal_zeroes force_float",
        "ksh_autoload posix_builtins", "no_bare_glob_qual no_glob", "magic_equal_subst sh_file_expansion",
    ):  # fmt: skip
        s = start(before=f"setopt {options}")
        before = s.snapshot()
        for place in (p, q):
            s.cd(place)
            s.active(place)
        s.line("deactivate")
        s.inactive()
        s.cd(w.home)
        s.same(before)


@scenario(**_OTHERS)
def zsh_theme_that_comes_with_the_environment(w: World, start: Start) -> None:
    """A theme that shows the environment is loaded in the line that leads into the project: no second name."""
    p = w.project("p")
    s = start()
    s.line("prompt_pure_precmd() { : }; precmd_functions+=(prompt_pure_precmd); cd -q " + p)
    s.active(p, shown=False)
    s.enter()
    s.active(p, shown=False)


@scenario(**_OTHERS)
def zsh_psvar_of_the_users(w: World, start: Start) -> None:
    """psvar keeps what the user has in it, also where our name stands."""
    p = w.project("p")
    s = start(before="psvar=(one two); PS1='%1v'$PS1")
    for _ in range(2):
        s.cd(p)
        assert s.prompt == "(.venv) one"
        s.line("psvar[2]=three")
        assert s.prompt == "(.venv) one"
        s.line("psvar=(four five)")
        s.enter()
        assert s.prompt == "(.venv) four"
        s.cd(w.home)
        assert s.prompt == "four"
        assert s.line("print -r -- $#psvar $psvar") == "2 four five"
        s.line("psvar=(one two)")


@scenario(**_OTHERS)
def zsh_prompt_does_not_grow(w: World, start: Start) -> None:
    """PS1 is after many visits what it was after the first."""
    p, q = w.project("p"), w.project("q")
    s = start()
    seen = set()
    for _ in range(4):
        for place in (p, q, w.home):
            s.cd(place)
        seen.add(s.line("print -r -- $PS1"))
    assert len(seen) == 1, seen


@scenario(**_OTHERS)
def zsh_prompt_stays_where_it_began_with_a_name(w: World, start: Start) -> None:
    """PS1 is set once in a shell that begins in a project, too: the names that follow change nothing in it."""
    p, q = w.project("p"), w.project("q")
    s = start(cwd=p)
    s.active(p)
    seen = {s.line("print -r -- $PS1")}
    for place in (w.home, q, p):
        s.cd(place)
        seen.add(s.line("print -r -- $PS1"))
    assert len(seen) == 1, seen
    s.active(p)


@scenario(**_OTHERS)
def zsh_in_an_emulation(w: World, start: Start) -> None:
    """A function of the user's with options of its own changes the directory; `emulate sh` in the shell does too."""
    p = w.project("p")
    s = start(before="into() { emulate -L ksh; cd $1; print -r -- ${VIRTUAL_ENV-none} }")
    assert s.line(f"into {s.word(p)}") == f"{p}/.venv"
    s.active(p)
    s.cd(w.home)
    s.inactive()
    s.line("emulate sh; setopt prompt_percent prompt_subst")
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    s.inactive()
