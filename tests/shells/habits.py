"""How people set their shells up: options, names, traps, limits. The hook keeps out of their way."""

from __future__ import annotations

import glob
import os
import re
import shutil
import signal
import subprocess
import termios
import time

import psutil
import pytest

from tests.daemon.talk import only_daemon, until
from tests.shells.driver import PATIENCE, Shell, World, is_bash_before
from tests.shells.faults import _own_mailbox, _questions, _until_active
from tests.shells.scenarios import Start, scenario
from tests.shells.table import PROMPT_END


def _others(shell: str, why: str) -> dict[str, str]:
    return {name: why for name in ("bash", "zsh", "fish", "pwsh") if name != shell}


def _enter_and_leave(s: Shell, w: World, *places: str) -> None:
    for place in places:
        s.cd(place)
        s.active(place)
        s.enter()
    s.cd(w.home)
    s.inactive()


# -- names -----------------------------------------------------------------------------------------------------------

_WORDS = (
    "cd", "pushd", "popd", "printf", "echo", "test", "read", "eval", "export", "unset", "local", "declare", "typeset",
    "source", "set", "string", "math", "count", "contains", "status", "functions", "shopt", "emulate", "print",
    "zmodload", "sysread", "autoload", "true", "mkdir", "mkfifo", "sh", "mapfile", "alias", "type",
)  # fmt: skip
_KEYWORDS = {
    "bash": (), "zsh": ("typeset", "export", "local", "declare"),
    "fish": ("read", "eval", "set", "string", "test", "status", "count", "math", "contains", "printf", "echo",
             "functions", "source", "true", "emulate", "export", "unset"),
}  # fmt: skip


@scenario(pwsh="it names .NET types: pwsh_commands_in_the_way")
def aliases_in_the_way(w: World, start: Start) -> None:
    """Aliases on all that the hook uses, there before it is read: it works, and none is run."""
    p, q = w.project("p"), w.project("q")
    row = start.row
    words = [word for word in _WORDS if word not in ("cd", "pushd", "popd") and word not in _KEYWORDS[row.name]]
    if row.name == "fish":
        words = [word for word in words if word not in ("alias",)]
    lines = [f"alias {word}='touch pwned-{word}'" for word in words if word != "alias"]
    expand = {"bash": "shopt -s expand_aliases; "}.get(row.name, "")
    s = start(before=expand + "; ".join(lines))
    for place in (p, q, w.home):
        s.line(row.cd.format(path=s.word(place)))
        s.enter()
    s.line(row.cd.format(path=s.word(p)))
    assert s.prompt == "(.venv) "
    assert s.env().get(b"VIRTUAL_ENV") == os.fsencode(f"{p}/.venv")
    assert _made(w) == []


@scenario(fish="its builtins that a function replaces are the user's wish", pwsh="it names .NET types")
def functions_in_the_way(w: World, start: Start) -> None:
    """Functions with the names of builtins that the hook uses."""
    p, q = w.project("p"), w.project("q")
    words = ("printf", "read", "eval", "test", "true", "mkdir", "mkfifo", "sh", "wend", "command", "local", "declare")
    s = start(before="; ".join(f"{word}() {{ touch pwned-{word}; }}" for word in words))
    _enter_and_leave(s, w, p, q)
    assert _made(w) == []


def _made(w: World) -> list[str]:
    return [name for _, _, names in os.walk(w.home) for name in names if name.startswith("pwned")]


# -- what is said and remembered -------------------------------------------------------------------------------------


@scenario()
def first_prompt_without_a_daemon(w: World, start: Start) -> None:
    """It starts one: no job is told of, `$!` stays, and the shell ends without a warning."""
    p = w.project("p")
    row = start.row
    with _own_mailbox(w):
        s = start(cwd=p)
        assert s.greeting == ""
        jobs = "Get-Job" if row.name == "pwsh" else "jobs"
        assert s.line(jobs) in ("", "jobs: There are no jobs")
        last = {"bash": 'echo "[${!-}]"', "zsh": 'echo "[${!}]"', "fish": 'echo "[$last_pid]"'}
        if row.name in last:
            assert s.line(last[row.name]) in ("[]", "[0]")
        _until_active(s, p)
        began = len(s.child.output)
        s.child.sendline(b"exit")
        deadline = time.monotonic() + PATIENCE
        while s.child.alive() and time.monotonic() < deadline:
            s.child.expect(re.compile(b"\0never"), 0.05)
        assert not s.child.alive()
        assert b"job" not in s.child.output[began:]


@scenario(pwsh="its history holds what was typed, by the line editor")
def history(w: World, start: Start) -> None:
    """It holds what was typed, and nothing of the hook's."""
    p = w.project("p")
    s = start()
    for place in (p, w.home):
        s.line(f" {s.row.cd.format(path=s.word(place))}")
        s.enter(3)
    listed = s.line({"bash": "history", "zsh": "fc -l -500", "fish": "history search --max 500 | /bin/cat"}[s.row.name])
    assert "__wend" not in listed
    assert "builtin" not in listed


_TRACE = {"bash": "set -x", "zsh": "setopt xtrace", "fish": "set -g fish_trace 1"}
_UNTRACE = {"bash": "set +x", "zsh": "unsetopt xtrace", "fish": "set -e fish_trace"}
_LINES = {"bash": 4, "zsh": 3, "fish": 0}  # at an unchanged prompt, and at Enter


@scenario(pwsh="its tracing shows each line by design, and only the user may end it")
def traced(w: World, start: Start) -> None:
    """A trace of what is typed shows little of the hook, and goes on behind it."""
    p = w.project("p")
    name = start.row.name
    s = start()
    before = s.snapshot()
    s.line(_TRACE[name])
    for place in (p, w.home, p):
        shown = s.line(s.row.cd.format(path=s.word(place)))
        if not is_bash_before(s.row, 4, 4):  # it has no option that a function gives back
            assert shown.count("__wend") <= 20, shown
        for _ in range(2):
            shown = s.line("true")
            assert "true" in shown
            if not is_bash_before(s.row, 4, 4):
                assert len(re.findall(r"^.*__wend.*$", shown, re.MULTILINE)) <= _LINES[name], shown
    s.line(_UNTRACE[name])
    s.active(p)
    s.line("deactivate")
    s.inactive()
    s.cd(w.home)
    s.same(before)


# Set before the hook is loaded, and after.
_OPTIONS = {
    "bash": (
        "set -euo pipefail; IFS=_",
        "set -fCaP +hB",
        "set -o posix; POSIXLY_CORRECT=1",
        "shopt -s globstar 2>/dev/null; shopt -s failglob nullglob extglob nocasematch dotglob; IFS=",
        "shopt -u expand_aliases; trap 'x=$((x+1))' DEBUG RETURN; set -TE; x=0",
        "export PROMPT_COMMAND='cd . >/dev/null'",
        "IFS=:; readonly IFS",
        "set -k",
        "IFS=-0123456789",
    ),
    "zsh": (
        "setopt ksh_arrays sh_word_split no_unset no_clobber glob_subst",
        "setopt warn_create_global warn_nested_var err_return null_glob ksh_glob",
        "setopt ignore_braces no_multios no_short_loops pipe_fail",
        "setopt posix_builtins posix_identifiers posix_strings no_case_match no_nomatch; IFS=_/",
        "IFS=:; readonly IFS",
        "emulate sh; setopt prompt_subst prompt_percent",
    ),
}


@scenario(fish="its options change nothing of how a function is read", pwsh="it has no such options: `strict`")
def options_of_the_language(w: World, start: Start) -> None:
    """Before the hook and behind it: nothing is said, and each of them is as it was."""
    p, q = w.project("p"), w.project("q")
    for options in _OPTIONS[start.row.name]:
        if options == "set -k" and is_bash_before(start.row, 4, 4):
            continue  # as in `traced`
        for before, after in ((options, ""), ("", options)):
            s = start(before=before, after=after)
            assert s.greeting == "", options
            listed = s.line("set -o")
            _enter_and_leave(s, w, p, q)
            s.cd(p)
            assert s.line("deactivate") == "", options
            s.inactive()
            assert s.line("set -o") == listed, options
            s.close()


@scenario(zsh="a readonly PS1 is not changed", fish="it has no PS1", pwsh="it has no PS1")
def ps1_readonly(w: World, start: Start) -> None:
    """Before the hook is loaded: it says nothing of it."""
    s = start(before="readonly PS1")
    assert s.greeting == ""
    s.enter()


# -- locale, limits, descriptors --------------------------------------------------------------------------------------


@scenario()
def locales(w: World, start: Start) -> None:
    """Bytes and digits are the same in all of them, also in one that is not there."""
    p = w.project("dé漢")
    there = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    names = {"C", "C.UTF-8", "nowhere.UTF-8", *(n for n in there if n.startswith(("de_DE", "tr_TR", "ja_JP")))}
    for name in sorted(names):
        if name == "C" and start.row.name == "pwsh":
            continue  # its terminal writes question marks
        s = start(env={"LC_ALL": name, "LANG": name})
        s.line(s.row.cd.format(path=s.word(p)))
        s.enter()
        env = s.env()
        assert env.get(b"VIRTUAL_ENV") == os.fsencode(f"{p}/.venv"), name
        s.line(s.row.cd.format(path=s.word(w.home)))
        assert b"VIRTUAL_ENV" not in s.env(), name
        s.close()


@scenario(fish="it has no way to close its own descriptors", pwsh="it has no way to close its own descriptors")
def closed_descriptors(w: World, start: Start) -> None:
    """Few of them, none of the first, and any umask."""
    p, q = w.project("p"), w.project("q")
    for line in ("umask 077", "umask 000", "ulimit -n 20", "exec 3>&1 4>&1 5>&1"):
        s = start()
        s.line(line)
        for place in (p, q):
            s.line(s.row.cd.format(path=s.word(place)))
            assert s.env().get(b"VIRTUAL_ENV") == os.fsencode(f"{place}/.venv"), line
        s.line(s.row.cd.format(path=s.word(w.home)))
        assert b"VIRTUAL_ENV" not in s.env(), line
        s.close()


@scenario(fish="it has no way to close its own descriptors", pwsh="it has no way to close its own descriptors")
def without_the_first_descriptors(w: World, start: Start) -> None:
    """A cd while standard input, output or error is closed is answered at once; a prompt would need them."""
    p = w.project("p")
    s = start()
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        back = "exec 7<&0 8>&1 9>&2", "exec 0<&7 1>&8 2>&9 7<&- 8>&- 9>&-"
        line = f'{back[0]}; exec {closed}; cd {s.word(p)}; {back[1]}; echo "$VIRTUAL_ENV"'
        assert s.line(line) == f"{p}/.venv", closed
        s.active(p)
        s.cd(w.home)
        s.inactive()


@scenario(**_others("bash", "about its POSIX mode"))
def posix_without_a_runtime_directory(w: World, start: Start) -> None:
    """A redirection that fails ends a script in this mode; it ends no shell here, and nothing is said."""
    p = w.project("p")
    with _own_mailbox(w) as box:
        s = start()
        s.line("set -o posix")
        s.cd(p)
        _until_active(s, p)
        gone = only_daemon(box)
        shutil.rmtree(os.path.dirname(box))
        os.kill(gone, signal.SIGKILL)
        assert s.line(s.row.cd.format(path=s.word(w.home))) == ""
        s.enter(3)
        assert s.line("echo alive") == "alive"
        os.mkdir(os.path.dirname(box), 0o700)
        s.cd(p)
        _until_active(s, p)


@scenario()
def nothing_is_inherited(w: World, start: Start) -> None:
    """A child, and a shell that replaces this one, get no descriptor of wend's; what is open stays the user's."""
    p = w.project("p")
    s = start()
    list_ = "/bin/ls -l /proc/self/fd"
    before = _descriptors(s.line(list_))
    s.cd(p)
    s.enter()
    assert _descriptors(s.line(list_)) == before
    if s.row.name in ("bash", "zsh"):
        out = f"{w.files}/theirs"
        s.line(f"exec 3>{out} 4>{out} 9>{out} 10>{out}" if s.row.name == "bash" else f"exec 3>{out} 4>{out} 9>{out}")
        s.cd(w.home)
        s.cd(p)
        assert os.path.getsize(out) == 0


def _descriptors(listed: str) -> list[str]:
    return [line.partition(" -> ")[2] for line in listed.split("\n") if "->" in line and "/proc/" not in line]


@scenario(pwsh="exec ends it: it has no such command", fish="exec of a shell takes the terminal with it")
def replaced_by_itself(w: World, start: Start) -> None:
    """`exec SHELL` again and again: PATH, descriptors and the name in the prompt stay, and it is one shell."""
    p, q = w.project("p"), w.directory("q")
    w.file("q/requirements.txt", "")
    s = start(cwd=p)
    s.cd(q, prints="wend: .* wend create")
    s.cd(p)
    s.active(p)
    path, before = s.env()[b"PATH"], _descriptors(s.line("/bin/ls -l /proc/self/fd"))
    for _ in range(5):
        s.child.sendline(f"exec {s.program} {' '.join(s.row.arguments)}".encode())
        s._k = 0
        s._until(0)
    s.enter(2)
    s.active(p)
    s.cd(q)  # the hint was shown
    s.cd(p)
    box = glob.glob(f"{w.env['WEND_RUNTIME_DIR']}/wend-*/{s.child.pid}-*.bell")
    assert len(box) == 1, box
    assert s.env()[b"PATH"] == path
    assert _descriptors(s.line("/bin/ls -l /proc/self/fd")) == before


@scenario()
def a_huge_environment(w: World, start: Start) -> None:
    """A PATH of 100 KiB: nothing that we export makes another program too large to be run."""
    p = w.project("p")
    s = start(env={"PATH": "/usr/bin:/bin:" + ":".join(f"/none/{number:0200}" for number in range(480))})
    before = s.env()
    for _ in range(10):
        s.cd(p)
        s.cd(w.home)
    s.cd(p)
    assert s.line("/bin/echo runs") == "runs"
    assert len(s.env()[b"PATH"]) < len(before[b"PATH"]) + 200
    s.cd(w.home)
    assert s.env()[b"PATH"] == before[b"PATH"]


_NOT_EXPORTED = {"fish": "set -g {}; set -U VIRTUAL_ENV_PROMPT one", "zsh": "{}; VIRTUAL_ENV_PROMPT=one"}
_NOT_EXPORTED["bash"] = _NOT_EXPORTED["zsh"]


@scenario(pwsh="its variables of the environment are all exported")
def not_exported(w: World, start: Start) -> None:
    """Variables that were set and not exported are so again, with the value that they had."""
    p, q = w.project("p"), w.project("q")
    s = start()
    form = _NOT_EXPORTED[s.row.name]
    for setting in ("VIRTUAL_ENV=x", "PYTHONHOME=/x"):
        s.line(form.format(setting.replace("=", " ") if s.row.name == "fish" else setting))
    before = s.snapshot()
    for _ in range(2):
        s.cd(p)
        s.active(p)
        s.cd(q)
        s.active(q)
        assert b"PYTHONHOME" not in s.env()
        s.cd(w.home)
        s.same(before)
    s.set("PYTHONHOME", "/y")  # exported by now
    s.unset("VIRTUAL_ENV")
    before = s.snapshot()
    s.cd(p)
    s.active(p)
    s.line("deactivate")
    s.cd(w.home)
    s.same(before)


_PATH_NOT_EXPORTED = {"bash": "export -n PATH", "zsh": "typeset +x PATH", "fish": "set -gu PATH $PATH"}


@scenario(pwsh="its variables of the environment are all exported")
def path_not_exported(w: World, start: Start) -> None:
    """A shell that was started without a PATH has one that it does not export: it is exported in a project only."""
    p, q = w.project("p"), w.project("q")
    s = start()
    if is_bash_before(s.row, 4, 4):
        return  # CONTRIBUTING.md says so: only an attribute tells without a process
    s.line(_PATH_NOT_EXPORTED[s.row.name])
    before = s.snapshot()
    assert b"PATH" not in before.env
    for _ in range(2):
        s.cd(p)
        s.active(p)
        s.cd(q)
        s.active(q)
        s.cd(w.home)
        s.same(before)
    s.cd(p)
    s.line("deactivate")
    assert b"PATH" not in s.env()
    s.cd(w.home)
    s.same(before)
    s.set("PATH", w.env["PATH"] + ":/opt")
    s.cd(q)
    s.cd(w.home)
    assert s.env()[b"PATH"] == f"{w.env['PATH']}:/opt".encode()


_FILLED = {
    "bash": "printf -v WORKON_HOME %1200000s x",
    "zsh": "printf -v WORKON_HOME %1200000s x",
    "fish": "set -g WORKON_HOME (string repeat -n 1200000 x)",
    "pwsh": "$env:WORKON_HOME = 'x' * 1200000",
}


@scenario()
def a_variable_of_more_than_a_mebibyte(w: World, start: Start) -> None:
    """The shell is told once, and goes on when it is shorter."""
    p, q = w.project("p"), w.project("q")
    s = start()
    s.cd(p)
    for place in (q, p):
        s.line(_FILLED[s.row.name])
        s.cd(w.home, prints="wend: this shell is left as it is: WORKON_HOME is too long: make it shorter")
        s.cd(place)
        s.enter()
        s.unset("WORKON_HOME")
        s.cd(w.home)
        s.inactive()
        s.cd(place)
        s.active(place)


_NO_PLAIN_TEXT = {
    "bash": (
        "readonly {}", "declare -i {}", "declare -ir {}", "declare -u {}", "declare -a {}", "declare -A {}",
        "declare -ax {}=(1 2)", "declare -n {}=other",
    ),
    "zsh": (
        "typeset -r {}", "typeset -i {}", "typeset -F {}", "typeset -u {}", "typeset -a {}", "typeset -A {}",
        "typeset -Z3 {}",
    ),
    "fish": ("set -gx {} x y", "set -g --path {} x:y"),
}  # fmt: skip


@scenario(pwsh="its environment holds texts alone")
def variables_that_hold_no_plain_text(w: World, start: Start) -> None:
    """Declared as a number, a list or in another case, also without a value: nothing is changed, nothing is said."""
    if is_bash_before(start.row, 5, 0):
        pytest.skip("an unset variable shows no attribute")
    p = w.project("p")
    for declare in _NO_PLAIN_TEXT[start.row.name]:
        for name in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "CONDA_PREFIX", "WEND_UNDO", "WEND_ENV"):
            for strict in ("", "set -u") if start.row.name == "bash" else ("",):
                s = start(after=declare.format(name))
                s.line(strict)
                before = s.snapshot()
                for place in (p, w.home, p):
                    s.cd(place)
                    s.enter()
                    assert s.prompt == "", (declare, name)
                now = s.env()
                assert {**now, b"OLDPWD": b"", b"PWD": b""} == {**before.env, b"OLDPWD": b"", b"PWD": b""}, (
                    declare,
                    name,
                )
                s.cd(w.home)
                s.same(before)
                if start.row.name == "fish":
                    s.line(f"set -e {name}")
                s.close()


@scenario(bash="it has no such lists", zsh="it has no such lists", pwsh="it has no such lists")
def exported_lists_without_a_word(w: World, start: Start) -> None:
    """To a child it is an empty text, which is there again after leaving."""
    p = w.project("p")
    for name in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "CONDA_PREFIX"):
        s = start(after=f"set -gx {name}")
        before = s.env()
        assert before[name.encode()] == b""
        s.cd(p)
        s.active(p)
        s.cd(w.home)
        now = s.env()
        assert {**now, b"OLDPWD": b""} == {**before, b"OLDPWD": b""}, name
        s.close()


@scenario(fish="it has no such variables", pwsh="its environment cannot be made readonly")
def readonly_variables(w: World, start: Start) -> None:
    """Each of those that an answer changes: hands off, and nothing is said twice."""
    p = w.project("p")
    for name in ("PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "WEND_UNDO", "WEND_ENV", "PS1"):
        s = start()
        s.line(f"readonly {name}" if name in ("PATH", "PS1") else f"readonly {name}=x")
        before = s.env()
        said = [s.line(line) for line in (s.row.cd.format(path=s.word(p)), "", "", "")]
        assert sum("wend" in text for text in said) <= 1, (name, said)
        assert not any("readonly" in text and "wend:" not in text for text in said), (name, said)
        now = s.env()
        assert now[b"PATH"] == before[b"PATH"], name
        assert now.get(b"VIRTUAL_ENV") == before.get(b"VIRTUAL_ENV"), name
        s.line(s.row.cd.format(path=s.word(w.home)))
        assert s.line("echo alive") == "alive"
        s.close()


@scenario()
def found_before(w: World, start: Start) -> None:
    """Where a program was, is not remembered: it is looked up again once the environment is there."""
    p = w.project("p")
    s = start()
    s.line("python3 -c 1")
    s.cd(p)
    assert s.line("python3 -c 'import sys; print(sys.prefix)'") == f"{p}/.venv"


# -- signals -----------------------------------------------------------------------------------------------------------


@scenario(pwsh="its line editor takes Ctrl-C")
def interrupted(w: World, start: Start) -> None:
    """Ctrl-C while the answer is waited for: the shell lives, its own trap stays, and it is right afterwards."""
    p = w.project("p")
    with _own_mailbox(w) as box:
        s = start()
        s.cd(p)
        _until_active(s, p)
        trap = {"bash": "trap 'echo hi' INT", "zsh": "trap 'echo hi' INT"}.get(s.row.name, "")
        s.line(trap)
        silent = only_daemon(box)
        for place in (w.home, p, w.home):
            os.kill(silent, signal.SIGSTOP)
            s._k += 1
            s.child.sendline(s.row.cd.format(path=s.word(place)).encode())
            until(lambda: _questions(box), "it asks")
            s.child.send(b"\x03")
            assert s.child.expect(PROMPT_END, PATIENCE)
            os.kill(silent, signal.SIGCONT)
            s.line()
            s.line()
        s.line(s.row.cd.format(path=s.word(w.home)))
        s.inactive()
        if trap:
            assert "echo hi" in s.line("trap")
        s.line("trap - INT" if trap else "")


@scenario(**_others("bash", "about traps of bash"))
def ctrl_c_at_a_command(w: World, start: Start) -> None:
    """At `read` and at a command substitution, after prompts and a cd: older versions ended there."""
    p = w.project("p")
    s = start()
    s.cd(p)
    for line in ("read answer", "echo $(cat)"):
        s.child.sendline(line.encode())
        until(lambda: _waits_for_input(s), "it reads")
        s.child.send(b"\x03")
        assert s.child.expect(PROMPT_END, PATIENCE)
        assert s.line("echo alive") == "alive"
    s.active(p)


def _waits_for_input(s: Shell) -> bool:
    """Return whether a command that S runs waits for a line: the editor has let go of the terminal, and all sleep."""
    shell = psutil.Process(s.child.pid)
    asleep = {process.status() for process in (shell, *shell.children())} == {psutil.STATUS_SLEEPING}
    return asleep and bool(termios.tcgetattr(s.child._fd)[3] & termios.ICANON)


@scenario(**_others("bash", "about traps of bash"))
def debug_trap(w: World, start: Start) -> None:
    """The user's own runs at each of our commands, too: few at an unchanged prompt, and extdebug skips none."""
    p = w.project("p")
    log = f"{w.files}/log"
    for options in ("set -T", "shopt -s extdebug"):
        s = start()
        s.line(f"{options}; trap 'echo x >> {log}' DEBUG")
        s.line(s.row.cd.format(path=s.word(p)))
        s.enter(2)
        assert b"VIRTUAL_ENV" in s.env()
        before = os.path.getsize(log)
        s.enter()
        assert os.path.getsize(log) - before < 40
        s.line("trap - DEBUG")
        s.cd(w.home)
        s.inactive()
        s.close()


@scenario(**_others("bash", "bash's own options"))
def bash_options(w: World, start: Start) -> None:
    """Each option of `shopt` and of `set -o` turned the other way, and the variables that change what builtins do."""
    p = w.project("p")
    q = w.project("q" if os.path.exists(f"{w.tree}/P") else "P")  # which `nocasematch` takes for the same
    s = start()
    options = [line.split()[:2] for line in s.line("shopt").split("\n")]
    sets = [line.split()[:2] for line in s.line("set -o").split("\n")]
    never = {"restricted_shell", "login_shell", "interactive", "noexec", "onecmd", "extdebug", "privileged", "xtrace",
             "verbose", "monitor", "emacs", "vi", "expand_aliases", "history", "compat31", "compat32", "promptvars",
             "keyword"}  # fmt: skip
    lines = [f"shopt -{'u' if on == 'on' else 's'} {name}" for name, on in options if name not in never]
    lines += [f"set {'+' if on == 'on' else '-'}o {name}" for name, on in sets if name not in never]
    lines += ["IFS=/", "TMOUT=900", f"CDPATH=.:{w.tree}", "GLOBIGNORE=*", "LC_ALL=C", "FIGNORE=.v"]
    back = {"s": "u", "u": "s", "-": "+", "+": "-"}
    for line in lines:
        s.line(line)
        try:
            for place in (p, q):
                s.line(s.row.cd.format(path=s.word(place)))
                assert s.env().get(b"VIRTUAL_ENV") == os.fsencode(f"{place}/.venv")
            s.line(s.row.cd.format(path=s.word(w.home)))
            s.inactive()
        except AssertionError as error:
            raise AssertionError(f"with {line}: {error}") from error
        if line.startswith("shopt"):
            s.line(f"shopt -{back[line[7]]} {line[9:]}")
        elif line.startswith("set"):
            s.line(f"set {back[line[4]]}o {line[7:]}")
        else:
            name = line.partition("=")[0]
            s.line(f"unset {name}" if name != "LC_ALL" else "LC_ALL=C.UTF-8")


@scenario()
def captured_output(w: World, start: Start) -> None:
    """`x=$(bash -ic ...)`, ssh and CI read until the pipe is closed: a daemon that was started holds none."""
    p = w.project("p")
    row = start.row
    start().close()  # its start-up file
    with _own_mailbox(w):
        text = row.cd.format(path=row.quote(os.fsencode(p)))
        command = [shutil.which(row.name) or row.name, *row.arguments, *row.script, text]
        done = subprocess.run(command, env={**w.env, **row.env}, cwd=p, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0
        assert done.stdout == b""


@scenario(fish="its handlers run before a prompt", pwsh="it has one prompt function")
def another_tool_at_each_prompt(w: World, start: Start) -> None:
    """It sets VIRTUAL_ENV again and again: no line is said at each prompt, and PATH does not grow."""
    p, q = w.project("p"), w.project("q")
    again = f"export VIRTUAL_ENV={q}/.venv"
    before = {"bash": f"PROMPT_COMMAND='{again}'", "zsh": f"again() {{ {again}; }}; precmd_functions=(again)"}
    s = start(before=before[start.row.name])
    s.line(s.row.cd.format(path=s.word(p)))
    s.enter(2)
    first = s.env()[b"PATH"]
    for _ in range(5):
        s.enter(3)
        assert s.env()[b"PATH"] == first
    s.line(s.row.cd.format(path=s.word(w.home)))
    s.enter()
    assert f"{p}/.venv".encode() not in s.env()[b"PATH"]


@scenario(fish="its PWD cannot be set", pwsh="its PWD cannot be set")
def a_directory_that_lies(w: World, start: Start) -> None:
    """Something has set or unset PWD: nothing is said, and the next cd is right.

    A project that it names is taken for the current one, as `cd ..` takes it.
    """
    p, q = w.project("p"), w.project("q")
    s = start()
    for line in ("PWD=/nowhere", "unset PWD", "PWD=relative", "PWD=", f"PWD={s.word(q)}"):
        there = q if q in line else p
        s.cd(p)
        s.line(line)
        s.enter(2)
        assert s.env().get(b"VIRTUAL_ENV") == os.fsencode(f"{there}/.venv"), line
        s.cd(w.home)
        s.inactive()
        s.cd(p)
        s.active(p)


# -- zsh ---------------------------------------------------------------------------------------------------------------

_ZSH = _others("zsh", "about what only zsh has")


@scenario(**_ZSH)
def zsh_unique_path(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    s = start(before="typeset -U path PATH; path=(/usr/bin $path /bin)")
    before = s.snapshot()
    for _ in range(3):
        _enter_and_leave(s, w, p, q)
    s.same(before)
    s.line("f() { local path; path=(/bin); cd $1; }")
    s.line(f"f {s.word(p)}")
    s.enter()
    s.active(p)


@scenario(**_ZSH)
def zsh_loaded_in_a_function(w: World, start: Start) -> None:
    p = w.project("p")
    s = start()
    s.close()
    s = start(before=f"load() {{ local IFS=:; setopt local_options ksh_arrays; source {w.hook(start.row)} }}; load")
    s.cd(p)
    s.active(p)
    s.cd(w.home)
    s.inactive()


@scenario(**_ZSH)
def zsh_traps(w: World, start: Start) -> None:
    """Functions for signals and errors survive, and our commands set none of them off."""
    p = w.project("p")
    log = f"{w.files}/log"
    s = start(
        before=f"TRAPZERR() {{ echo err >>{log} }}; TRAPINT() {{ return 130 }}; trap 'echo debug >/dev/null' DEBUG"
    )
    s.cd(p)
    s.active(p)
    s.enter(2)
    s.cd(w.home)
    s.inactive()
    assert not os.path.exists(log)
    assert "TRAPZERR" in s.line("print -l ${(k)functions[(R)*]} | /bin/grep TRAPZERR")


@scenario(**_ZSH)
def zsh_without_modules(w: World, start: Start) -> None:
    """zmodload fails, as in a static zsh: everything still works."""
    p, q = w.project("p"), w.project("q")
    s = start(before="module_path=(/nowhere)")
    _enter_and_leave(s, w, p, q)


@scenario(**_ZSH)
def zsh_widget_that_moves(w: World, start: Start) -> None:
    """A cd in a widget of the line editor (fzf's Alt-C, say): right at the next prompt, however it is drawn."""
    p = w.project("p")
    s = start(after=f"go() {{ cd {p}; zle reset-prompt }}; zle -N go; bindkey '^G' go")
    s.child.send(b"\x07")
    assert s.child.expect(PROMPT_END, PATIENCE)  # it is drawn again
    s.enter()
    s.active(p)


@scenario(**_ZSH)
def zsh_directory_stack(w: World, start: Start) -> None:
    p, q = w.project("p"), w.project("q")
    s = start(before="setopt auto_pushd pushd_silent auto_cd")
    s.cd(p)
    s.cd(q)
    s.line("pushd +1")
    s.active(p)
    s.line("cd -0")
    s.active(q)


# -- fish --------------------------------------------------------------------------------------------------------------

_FISH = _others("fish", "about what only fish has")


@scenario(**_FISH)
def fish_moves_once(w: World, start: Start) -> None:
    """One question for each cd, also where a handler of the user's moves on; prevd and nextd are changes, too."""
    p, q = w.project("p"), w.project("q")
    s = start()
    s.cd(p)
    before = s.line("echo $__wend_number")
    s.cd(q)
    assert int(s.line("echo $__wend_number")) == int(before) + 1
    s.line("prevd")
    s.active(p)
    s.line("nextd")
    s.active(q)
    s.line(f"function again --on-variable PWD; test $PWD = {p}; and cd {q}; end")
    s.line(f"cd {p}")
    s.enter()
    s.active(q)
    s.line("functions -e again")


@scenario(**_FISH)
def fish_separators(w: World, start: Start) -> None:
    """IFS says how `read` splits, also that of the clock while the answer is waited for."""
    p = w.project("p")
    for line in ("set -g IFS ,", "set -g IFS ''", "set -e IFS"):
        with _own_mailbox(w):
            s = start(cwd=p, before=line)
            assert s.greeting == ""
            _until_active(s, p)
            s.cd(w.home)
            s.inactive()
            s.close()


@scenario(**_FISH)
def fish_universal_variables(w: World, start: Start) -> None:
    """None is made or changed, and one that the user has comes back into sight."""
    p = w.project("p")
    s = start()
    s.line("set -U VIRTUAL_ENV_PROMPT mine; set -Ux PYTHONHOME /theirs; set -U fish_user_paths /theirs/bin")
    before = s.line("set -U")
    s.cd(p)
    env = s.env()
    assert env[b"VIRTUAL_ENV"] == os.fsencode(f"{p}/.venv")
    assert s.line("set -U") == before
    s.cd(w.home)
    assert s.line("set -U") == before
    assert s.line("echo $VIRTUAL_ENV_PROMPT") == "mine"


@scenario(**_FISH)
def fish_loaded_again(w: World, start: Start) -> None:
    s = start()
    handlers = s.line("functions --handlers | string match -r '__wend.*'")
    for _ in range(3):
        s.line(s.row.load.format(file=s.word(w.hook(s.row))))
    assert s.line("functions --handlers | string match -r '__wend.*'") == handlers
    assert handlers != ""


@scenario(**_FISH)
def fish_private(w: World, start: Start) -> None:
    p = w.project("p")
    s = start(env={"fish_private_mode": "1", "fish_history": ""})
    _enter_and_leave(s, w, p)


# -- PowerShell --------------------------------------------------------------------------------------------------------

_PWSH = _others("pwsh", "about what only PowerShell has")


@scenario(**_PWSH)
def pwsh_commands_in_the_way(w: World, start: Start) -> None:
    """Functions and aliases with the names of cmdlets."""
    p, q = w.project("p"), w.project("q")
    words = ("Get-Location", "Test-Path", "Get-Content", "Write-Host", "Write-Error", "Set-Variable", "Get-Variable",
             "Join-Path", "ForEach-Object", "Where-Object", "Out-Null", "Invoke-Expression", "Get-Item")  # fmt: skip
    s = start(before="\n".join(f"function global:{word} {{ [IO.File]::WriteAllText('pwned', '') }}" for word in words))
    _enter_and_leave(s, w, p, q)
    assert _made(w) == []
    aliases = "\n".join(f"Set-Alias -Scope Global -Name {word} -Value pwned" for word in words)
    s = start(before="function global:pwned { [IO.File]::WriteAllText('pwned', '') }\n" + aliases)
    _enter_and_leave(s, w, p, q)
    assert _made(w) == []


@scenario(**_PWSH)
def pwsh_moves_in_a_module(w: World, start: Start) -> None:
    """A function of a module changes the directory, or one of the profile loads the hook: the names are the shell's."""
    p, q = w.project("p"), w.project("q")
    go = "$null = New-Module { function go { param($to) Set-Location $to } }"
    s = start(before=go)
    for place in (p, q):
        s.line(f"go {s.word(place)}")
        s.active(place)
    s.line(f"go {s.word(w.home)}")
    s.inactive()
    s.close()
    s = start(row=start.row._replace(rc_text=start.row.rc_text.replace("{hook}", "& {{ {hook} }}")))
    _enter_and_leave(s, w, p, q)


@scenario(**_PWSH)
def pwsh_drives(w: World, start: Start) -> None:
    """Other providers: the environment stays, and no error is made."""
    p = w.project("p")
    s = start()
    s.cd(p)
    s.line("$Error.Clear()")
    for place in ("Env:", "Variable:", "Function:", "Alias:"):
        s.line(f"cd {place}")
        s.enter(2)
    assert s.env().get(b"VIRTUAL_ENV") == os.fsencode(f"{p}/.venv")
    assert s.line("[Console]::WriteLine($Error.Count)") == "0"
    s.cd(w.home)
    s.inactive()


@scenario(**_PWSH)
def pwsh_restricted_language(w: World, start: Start) -> None:
    """Turned on later, as by a policy: the prompt stays, and the shell goes on."""
    p = w.project("p")
    s = start()
    s.cd(p)
    s.active(p)
    s.line("$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'")
    for _ in range(3):
        s.line()
        assert s.line("echo alive") == "alive"
