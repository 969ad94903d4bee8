#compdef wend
# Completions for zsh. They ask wend itself when Tab is pressed, so they never fall behind.
_wend() {
  local kind text shown help
  local -a values typed
  local -i skip
  typed=("${(@Q)words[2,CURRENT]}")
  typed[-1]=${(Q)PREFIX}
  # A line is: kind, text for _describe, value, what it is for.
  while IFS=$'\t' read -r kind text shown help; do
    case $kind in
      plain) values+=("$text:$help") ;;
      dir) _directories ;;
      file) _files ;;
      command)
        skip=${words[(i)--]}
        shift $skip words
        (( CURRENT -= skip ))
        _normal
        return
        ;;
    esac
  done < <(_WEND_COMPLETE=zsh _WEND_WORDS=${(F)typed} @WEND@ 2>/dev/null)
  if (( $#values )); then _describe -V wend values; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _wend "$@"
elif (( $+functions[compdef] )); then
  compdef _wend wend
fi
