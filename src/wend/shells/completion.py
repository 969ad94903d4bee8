"""Completions: small scripts that ask `wend` itself, as click's own do, so that they never fall behind."""

from __future__ import annotations

_BASH = """\
_wend_completion() {
  local IFS=$'\\n' reply line
  reply=$(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _WEND_COMPLETE=bash_complete wend 2>/dev/null)
  COMPREPLY=()
  for line in $reply; do
    case ${line%%,*} in
      dir) compopt -o dirnames 2>/dev/null ;;
      file) compopt -o default 2>/dev/null ;;
      *) COMPREPLY+=("${line#*,}") ;;
    esac
  done
}
complete -o nosort -F _wend_completion wend 2>/dev/null || complete -F _wend_completion wend
"""
_ZSH = """\
#compdef wend
_wend() {
  local -a replies described plain
  local kind value help
  local -x COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) _WEND_COMPLETE=zsh_complete
  replies=("${(@f)$(wend 2>/dev/null)}")
  for kind value help in $replies; do
    case $kind in
      plain)
        if [[ $help == _ ]]; then
          plain+=($value)
        else
          described+=("${value//:/\\\\:}:$help")
        fi
        ;;
      dir) _path_files -/ ;;
      file) _path_files -f ;;
    esac
  done
  if (( $#described )); then _describe -V unsorted described -U; fi
  if (( $#plain )); then compadd -U -V unsorted -a plain; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _wend "$@"
else
  compdef _wend wend
fi
"""
_FISH = """\
function __wend_complete
    set -l reply (env _WEND_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) \\
        wend 2>/dev/null)
    for line in $reply
        set -l parts (string split -m 1 ',' -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command wend --arguments '(__wend_complete)'
"""
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName wend -ScriptBlock {
  param($word, $line, $position)
  $words = @($line.CommandElements | ForEach-Object { "$_" })
  $index = if ($word) { $words.Count - 1 } else { $words.Count }
  $env:COMP_WORDS = ($words -join ' ')
  $env:COMP_CWORD = "$index"
  $env:_WEND_COMPLETE = 'bash_complete'
  try {
    foreach ($entry in @(wend 2>$null)) {
      $kind, $value = "$entry".Split(',', 2)
      if ($kind -eq 'plain') {
        [Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $value)
      }
    }
  } finally {
    $env:COMP_WORDS = $env:COMP_CWORD = $env:_WEND_COMPLETE = $null
  }
}
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "pwsh": _POWERSHELL}


def script(shell: str) -> str:
    """Return the completions for SHELL."""
    return _SCRIPTS[shell]
