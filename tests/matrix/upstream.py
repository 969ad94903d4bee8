"""Tools that no package index has: rows for a directory of their sources, WEND_TEST_UPSTREAM, if that is set.

    WEND_TEST_UPSTREAM=DIR .test-venv/bin/python -m pytest tests/matrix -k upstream

DIR has a checkout of each under the name of its repository; a tool whose checkout is missing is skipped. `vscode` has
the scripts of its shell integration alone, and `zoxide` what `zoxide init --cmd cd` prints: `cd.bash` and so on.
"""

from __future__ import annotations

import os

from tests.matrix.table import POSIX, Tool
from tests.tools.install import TOOLS

_DIR = os.environ.get("WEND_TEST_UPSTREAM", "")
_OMZ = f"ZSH={_DIR}/ohmyzsh; zstyle ':omz:update' mode disabled; ZSH_COMPDUMP=~/.dump; DISABLE_AUTO_TITLE=true"
_JETBRAINS = f"{_DIR}/intellij-community/plugins/terminal/resources/shell-integrations"
_BLOCKS = "INTELLIJ_TERMINAL_COMMAND_BLOCKS_REWORKED=1"
_WRAPPER = f"{TOOLS}/virtualenvwrapper/bin"


def _omz(name: str, plugins: str, theme: str = "robbyrussell", before: str = ":") -> Tool:
    text = f"{_OMZ}; ZSH_THEME={theme}; plugins=({plugins}); {before}\n. $ZSH/oh-my-zsh.sh"
    return Tool(f"upstream-omz-{name}", {"zsh": text}, (f"{_DIR}/ohmyzsh",), own="_?omz|_OMZ_|ZSH_|_?(comp|zsh)")


def _bash_it(theme: str, before: str = "", reacts: str = "") -> Tool:
    """Many of its themes show the environment, and none says so: there a person sets the variable."""
    text = (
        f"{before}export BASH_IT={_DIR}/bash-it BASH_IT_THEME={theme}; . $BASH_IT/bash_it.sh\n"
        "eval \"$(declare -f prompt | sed '1s/prompt/their_prompt/')\"; prompt() { their_prompt; PS1+='@$T@ '; }"
    )
    return Tool(
        f"upstream-bash-it-{theme}", {"bash": text}, (f"{_DIR}/bash-it",), own="COMMAND_DURATION", reacts=reacts
    )


_POSH = f"sed 's#::OMP::#\"{{home}}/posh\"#' {_DIR}/oh-my-posh/src/shell/scripts/omp"
# Stands for the program, which no package index has: its scripts call it so, and it shows the environment.
_POSH_PROGRAM = """#!/bin/sh
name=${VIRTUAL_ENV_PROMPT:+$VIRTUAL_ENV_PROMPT }
case "$*" in
  "print primary "*--eval*) printf "PS1='%s$ '\\nRPROMPT=\\n" "$name" ;;
  "print primary "*) printf '%s$ %s' "$name" "${T:+@$T@ }" ;;
  "print secondary "*--eval*) echo "_omp_secondary_prompt='> '" ;;
  "print secondary "*) printf '> ' ;;
esac
"""

UPSTREAM = (
    _omz("plain", "git"),
    _omz("virtualenv", "virtualenv", "agnoster", "DEFAULT_USER=$USER"),
    _omz(
        "virtualenvwrapper",
        "virtualenvwrapper",
        before=f"export WORKON_HOME=~/.virtualenvs VIRTUALENVWRAPPER_PYTHON={_WRAPPER}/python; mkdir -p $WORKON_HOME; "
        f"VIRTUALENVWRAPPER_VIRTUALENV={_WRAPPER}/virtualenv; path+=({_WRAPPER})",
    ),
    _omz("python", "python", before="PYTHON_AUTO_VRUN=true PYTHON_VENV_NAMES=(.venv)"),
    Tool(
        "upstream-prezto",
        {
            "zsh": "zstyle ':prezto:load' pmodule environment terminal editor history directory utility prompt python\n"
            f"zstyle ':prezto:module:prompt' theme skwp\n. {_DIR}/prezto/init.zsh"
        },
        (f"{_DIR}/prezto",),
    ),
    Tool(
        "upstream-powerlevel10k",
        {
            "zsh": f"POWERLEVEL9K_DISABLE_GITSTATUS=true\n. {_DIR}/powerlevel10k/powerlevel10k.zsh-theme\n"
            f". {_DIR}/powerlevel10k/config/p10k-lean.zsh\nPOWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(virtualenv prompt_char)\n"
            "POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS=()\nPOWERLEVEL9K_VIRTUALENV_GENERIC_NAMES=()\n"
            "(( ! $+functions[p10k] )) || p10k reload"
        },
        (f"{_DIR}/powerlevel10k",),
        own="_?_?p9k|POWERLEVEL9K|P9K|_p10k|_POWERLEVEL",
        reacts="it draws with a worker of its own",
    ),
    Tool(
        "upstream-zsh-defer",
        {"zsh": f". {_DIR}/zsh-defer/zsh-defer.plugin.zsh; zsh-defer -c 'deferred=1'"},
        (f"{_DIR}/zsh-defer",),
    ),
    Tool(
        "upstream-bash-preexec",
        {"bash": f". {_DIR}/bash-preexec/bash-preexec.sh"},
        (f"{_DIR}/bash-preexec",),
        own="__?bp_|BP_",
    ),
    Tool(
        "upstream-oh-my-bash",
        {
            "bash": f"OSH={_DIR}/oh-my-bash OSH_THEME=font plugins=() aliases=() completions=()\n"
            "DISABLE_AUTO_UPDATE=true THEME_SHOW_CLOCK=false\n"
            ". $OSH/oh-my-bash.sh\n"
            'eval "$(declare -f _omb_theme_PROMPT_COMMAND | sed 1s/.*/their_prompt\\(\\)/)"\n'
            "_omb_theme_PROMPT_COMMAND() { their_prompt; PS1+='@$T@ '; }"
        },
        (f"{_DIR}/oh-my-bash",),
        own="_omb|OMB|OSH",
    ),
    _bash_it("minimal"),
    _bash_it("zork", "VIRTUAL_ENV_DISABLE_PROMPT=1; ", "its themes call programs where VIRTUAL_ENV is set"),
    Tool(
        "upstream-ble.sh",
        {"bash": f". {_DIR}/ble.sh/out/ble.sh --attach=prompt --rcfile /dev/null"},
        (f"{_DIR}/ble.sh/out/ble.sh",),
        own="_?ble|_ble|BLE",
        reacts="",
    ),
    Tool(
        "upstream-vscode",
        {
            "bash": f". {_DIR}/vscode/shellIntegration-bash.sh",
            "zsh": f". {_DIR}/vscode/shellIntegration-rc.zsh",
            "fish": f". {_DIR}/vscode/shellIntegration.fish",
            "pwsh": f". {_DIR}/vscode/shellIntegration.ps1",
        },
        (f"{_DIR}/vscode",),
        {"TERM_PROGRAM": "vscode", "VSCODE_NONCE": "n"},
        own="__vsc|_?vsc|VSCODE|__VSC",
    ),
    Tool(
        "upstream-oh-my-posh",
        {
            "bash": f'export T; chmod +x ~/posh; eval "$({_POSH}.bash)"',
            "zsh": f'chmod +x ~/posh; eval "$({_POSH}.zsh)"',
            "fish": f"chmod +x ~/posh; {_POSH}.fish | source",
            # It asks PSReadLine, which not every console has, and tells it the lines of the prompt.
            "pwsh": "function global:Get-PSReadLineOption {}; function global:Set-PSReadLineOption {}\n"
            "function global:Get-PSReadLineKeyHandler {}; function global:Set-PSReadLineKeyHandler {}\n"
            "chmod +x ~/posh; Invoke-Expression (bash -c @'\n"
            f"{_POSH}.ps1 | grep -vE 'CursorPosition|ExtraPromptLineCount'\n'@ | Out-String)",
        },
        (f"{_DIR}/oh-my-posh",),
        files={"posh": _POSH_PROGRAM},
        own="_omp|POSH_|_?T$",
        reacts="it calls its program at each prompt",
    ),
    Tool(
        "upstream-jetbrains",
        {shell: f"{_BLOCKS}; . {_JETBRAINS}/{shell}/command-block-support-reworked.{shell}" for shell in POSIX},
        (_JETBRAINS,),
        own="__jetbrains",
        reacts="in bash, its DEBUG trap starts processes for each command of PROMPT_COMMAND",
    ),
    Tool(
        "upstream-zoxide-cd",
        {
            # Debian's zoxide is too old to print these, and new enough to be called.
            **{shell: f". {_DIR}/zoxide/cd.{shell}" for shell in ("bash", "zsh", "fish")},
            "pwsh": f". {_DIR}/zoxide/cd.ps1",
        },
        (f"{_DIR}/zoxide", "/usr/bin/zoxide"),
        own="__zoxide|_ZO_",
    ),
    Tool(
        "upstream-tide",
        {
            # As the event _tide_init_install does, but for its question, and for the search of what draws the prompt:
            # in a start-up file that defines one, it would read that file again. tide draws in a `fish -c`, which reads
            # this file, too, and which its fish_prompt.fish would end.
            "fish": f"set -p fish_function_path {_DIR}/tide/functions\nif status is-interactive\n"
            f". {_DIR}/tide/conf.d/_tide_init.fish\n"
            f"set -U VIRTUAL_ENV_DISABLE_PROMPT true; . {_DIR}/tide/functions/_tide_sub_configure.fish\n"
            "_load_config lean; function tide; end; _tide_finish; functions -e tide\n"
            "set -U tide_left_prompt_items python character; set -U tide_right_prompt_items\n"
            f". {_DIR}/tide/functions/fish_prompt.fish\n"
            # In the foreground, so that the first drawing is the last: as it comes, each prompt is drawn twice.
            "functions fish_prompt | string replace -r '&$' '' | string match -vr 'builtin disown|_tide_last_pid' "
            "| source\nend"
        },
        (f"{_DIR}/tide",),
        reacts="it draws in a process of its own, which looks for Python's version in an environment",
        shows=r"\([pq]\)",
    ),
    Tool(
        "upstream-bobthefish",
        {
            "fish": f"set -p fish_function_path {_DIR}/theme-bobthefish/functions; "
            f". {_DIR}/theme-bobthefish/functions/fish_prompt.fish; set -g theme_display_user no; "
            "set -g theme_display_hostname no; set -g theme_powerline_fonts no; function fish_greeting; end"
        },
        (f"{_DIR}/theme-bobthefish",),
        reacts="it asks python for its version where VIRTUAL_ENV is set",
    ),
    Tool("upstream-fisher", {"fish": f". {_DIR}/fisher/functions/fisher.fish"}, (f"{_DIR}/fisher",)),
    Tool(
        "upstream-z",
        {"fish": f"set -p fish_function_path {_DIR}/z/functions; . {_DIR}/z/conf.d/z.fish"},
        (f"{_DIR}/z",),
        own="Z_|ZO_",
    ),
)
