"""Start-up files as people have them: everything that a day in a shell consists of, with each of them.

They are written for these tests after what the real ones do, but for Debian's, which is read from /etc/skel.
"""

from __future__ import annotations

import os
import re

from tests.shells.driver import Shell, World, is_bash_before
from tests.shells.scenarios import Start, scenario

# The driver's mark ends the prompt, whatever a start-up file makes of it.
_MARK = "@$T${__wend_pending_reply:++}${__wend_late:++}@ "
_ENDS_IN_MARK = {
    "bash": f"T=0; ends_in_mark() {{ [[ $PS1 == *'@$T'* ]] || PS1=$PS1'{_MARK}'; }}\n"
    "if [[ $(declare -p PROMPT_COMMAND 2>&1) == *-a* ]]; then PROMPT_COMMAND+=(ends_in_mark)\n"
    "else PROMPT_COMMAND=\"${PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}ends_in_mark\"; fi; ends_in_mark",
    "zsh": "T=0; setopt prompt_subst; unsetopt prompt_sp\n"
    f"ends_in_mark() {{ [[ $PS1 == *'@$T'* ]] || PS1=$PS1'{_MARK}' }}; precmd_functions+=(ends_in_mark)",
    "fish": "set -g T 0; functions -c fish_prompt themes_prompt\nfunction fish_prompt\n"
    '  test -n "$__wend_pending_reply$__wend_late"; and set -l late +; or set -l late ""\n'
    '  themes_prompt; echo -n "@$T$late@ "\nend',
    "pwsh": "$global:T = 0; $global:themes = $function:prompt\nfunction global:prompt {\n"
    "  $known = $ExecutionContext.SessionState.PSVariable\n"
    "  $late = if ($known.GetValue('__wend_pending_reply') -or $known.GetValue('__wend_late')) { '+' }\n"
    '  "$(& $global:themes)@$global:T$late@ " }',
}


def a_day(w: World, start: Start, text: str) -> None:
    """Live through what people do, with the start-up file TEXT, the hook's block at its end or at its beginning."""
    for where in ("end", "beginning"):
        ends = _ENDS_IN_MARK[start.row.name]
        blocks = ("{before}", ends, "{hook}") if where == "end" else ("{hook}", "{before}", ends)
        rc_text = "\n".join(block if block[0] == "{" and block[-1] == "}" else _escaped(block) for block in blocks)
        try:
            # One string, in which nothing of wend's may be left: until the next cd.
            is_late = where == "beginning" and is_bash_before(start.row, 5, 1)
            _a_day(w, start, text, rc_text + "\n{after}\n", is_late)
        except AssertionError as error:
            raise AssertionError(f"with the block at the {where}: {error}") from error


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _a_day(w: World, start: Start, text: str, rc_text: str, is_late: bool) -> None:
    p, q = w.project("one"), w.project("two")
    row = start.row._replace(rc_text=rc_text)

    def is_right(s: Shell, project: str) -> None:
        env = s.env()
        path = os.fsdecode(env[b"PATH"]).split(":")
        if project:
            assert os.fsdecode(env.get(b"VIRTUAL_ENV", b"")) == f"{project}/.venv"
            assert path[0] == f"{project}/.venv/bin"
        else:
            assert b"VIRTUAL_ENV" not in env
        assert sum(".venv" in entry for entry in path) == bool(project)
        shown = _prompt(s)
        assert shown.count("(.venv) ") == bool(project), shown

    # A terminal that is opened in a project.
    s = start(row=row, before=text, cwd=p)
    assert not re.search("wend|rror|not found|nknown", s.greeting), s.greeting
    s.line("cd ." if is_late else "")
    is_right(s, p)
    s.line(s.row.kept[0][0])
    assert s.line(s.row.kept[0][1], first=True).split("\n")[0] == s.row.kept[0][2]
    # Entered from elsewhere.
    s = start(row=row, before=text, cwd=w.home)
    s.line("cd ." if is_late else "")
    is_right(s, "")
    before, shown = s.snapshot(), _prompt(s)
    for _ in range(3):
        _go(s, p)
        is_right(s, p)
        line = s.row.chain.format(f"cd {s.word(q)}", "python -c 'import sys; print(sys.prefix)'")
        assert f"{q}/.venv" in s.line(line).split("\n")
        is_right(s, q)
        s.line("deactivate")
        is_right(s, "")
        _go(s, w.home)
        is_right(s, "")
        assert _prompt(s) == shown
    _go(s, p)
    s.nested()
    s.line("cd ." if is_late else "")
    is_right(s, p)
    s.line("deactivate")
    is_right(s, "")
    s.leave()
    is_right(s, p)
    _go(s, w.home)
    s.same(before)
    assert _prompt(s) == shown


def _prompt(s: Shell) -> str:
    """Press Enter; return all lines of the prompt."""
    above = s.line()
    return f"{above}\n{s.prompt}" if above else s.prompt


def _go(s: Shell, place: str) -> None:
    """Change directory; a start-up file may make that print the stack of directories."""
    output = s.line(s.row.cd.format(path=s.word(place)))
    assert "wend" not in output, output


def _file_of_the_system(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:  # not Debian
        return ""


_FILES = {
    "bash": {
        "Debian's": _file_of_the_system("/etc/skel/.bashrc"),
        "Fedora's": r"""
if [ "$PS1" ]; then
  if [ -z "$PROMPT_COMMAND" ]; then
    declare -a PROMPT_COMMAND
    PROMPT_COMMAND='printf "\033]0;%s@%s:%s\007" "${USER}" "${HOSTNAME%%.*}" "${PWD/#$HOME/\~}"'
  fi
  shopt -s histappend
  history -a
  shopt -s checkwinsize
  PS1='[\u@\h \W]\$ '
fi
if ! [[ "$PATH" =~ "$HOME/.local/bin:$HOME/bin:" ]]; then PATH="$HOME/.local/bin:$HOME/bin:$PATH"; fi
export PATH
unset rc
""",
        "the history of all terminals": "shopt -s histappend; HISTCONTROL=ignoreboth\n"
        'PROMPT_COMMAND="history -a; history -n; ${PROMPT_COMMAND:-}"',
        "macOS's": 'update_cwd() { printf \'\\e]7;file://%s%s\\a\' "$HOSTNAME" "$PWD"; }\n'
        'PS1="\\h:\\W \\u\\$ "; PROMPT_COMMAND="update_cwd${PROMPT_COMMAND:+; $PROMPT_COMMAND}"',
        "a prompt that is set at each prompt": r"""
set_prompt() {
  local status=$?
  PS1='\[\e[1;34m\]\w\[\e[0m\]'
  if [[ $status != 0 ]]; then PS1+=" [$status]"; fi
  PS1+=$'\n\\$ '
}
PROMPT_COMMAND='set_prompt'
""",
        "strangers' cd and strict options": "set -o noclobber; shopt -s autocd cdspell globstar; CDPATH=.:~\n"
        'cd() { builtin cd "$@" && ls >/dev/null; }\nalias ..="cd .."',
    },
    "zsh": {
        "Debian's": _file_of_the_system("/etc/zsh/newuser.zshrc.recommended"),
        "a framework's": r"""
autoload -U add-zsh-hook compinit colors; compinit -u -D; colors
setopt auto_cd auto_pushd pushd_ignore_dups pushdminus prompt_subst interactive_comments long_list_jobs
alias -- -='cd -'; alias ..='cd ..'; alias _='sudo '
branch() { [[ -d .git ]] && print -n ' git' }
PROMPT='%(?:%{$fg_bold[green]%}%1{>%}:%{$fg_bold[red]%}%1{>%}) %{$fg[cyan]%}%c%{$reset_color%}$(branch) '
title() { print -Pn '\e]2;%~\a' }
add-zsh-hook precmd title; add-zsh-hook preexec title
""",
        "a framework's with a theme": r"""
setopt auto_cd auto_pushd pushd_silent pushd_to_home cdable_vars extended_glob correct
unsetopt clobber
alias cd='nocorrect cd'
autoload -Uz add-zsh-hook
prompt_mine_precmd() { setopt local_options; unsetopt xtrace ksh_arrays; RPROMPT='%T'; PS1="%F{4}%~%f ${(l:1::>:)} " }
setopt prompt_cr prompt_percent prompt_subst
add-zsh-hook precmd prompt_mine_precmd
""",
        "one's own arrays": "mine() { true }; precmd_functions=(mine); chpwd_functions=(mine); chpwd() { true }\n"
        "bindkey -v; PS1='%~ %# '; RPS1='%(?..%?)'; zle-line-init() { zle -K viins }; zle -N zle-line-init",
        "strict options": "setopt no_unset warn_create_global no_clobber hist_verify ksh_glob rc_quotes; PS1='%m%# '",
    },
    "fish": {
        "fish's": "if status is-interactive\n    # Commands to run in interactive sessions can go here\nend",
        "vi, a right prompt and a mode": "set -g fish_key_bindings fish_vi_key_bindings\n"
        "function fish_right_prompt; date +(string join '' x); end\nabbr -a gs git status\n"
        "function fish_mode_prompt; echo -n '[I] '; end\nfish_add_path -g ~/bin",
        "a theme": "function fish_prompt\n  set -l last $status\n  set_color cyan; echo -n (prompt_pwd)\n"
        "  test $last -ne 0; and echo -n \" [$last]\"\n  set_color normal; echo -n '> '\nend",
        "a cd of one's own": "function cd; builtin cd $argv; and status is-interactive; end\nset -g CDPATH . ~",
    },
    "pwsh": {
        "a prompt": 'function prompt { "PS $($ExecutionContext.SessionState.Path.CurrentLocation)> " }\n'
        "Set-Alias ll Get-ChildItem\nfunction .. { Set-Location .. }",
        "a prompt with colours on two lines": "function global:prompt {\n"
        '  $ok = $?; "`e[36m$(Split-Path -Leaf $PWD)`e[0m$(if (-not $ok) { " !" })`n> "\n}\n'
        "$global:ErrorActionPreference = 'Stop'",
        "a prompt around the one before": "$global:before = $function:prompt\n"
        'function global:prompt { "[$((Get-Process -Id $PID).Id -gt 0)] $(& $global:before)" }\n'
        "Set-StrictMode -Version Latest",
    },
}


@scenario()
def start_up_files(w: World, start: Start) -> None:
    """A day with each of them."""
    for name, text in _FILES[start.row.name].items():
        if name == "Debian's" and is_bash_before(start.row, 4, 2):
            continue  # it sources Debian's bash-completion, which is not for older ones
        try:
            a_day(w, start, text)
        except AssertionError as error:
            raise AssertionError(f"{name}, {error}") from error
