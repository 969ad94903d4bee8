# Completions for bash. They ask wend itself when Tab is pressed, so they never fall behind.
__wend_complete() {
  local kind text offset=0
  COMPREPLY=()
  # A line is: kind, text as it is to stand in the line, value, what it is for.
  while IFS=$'\t' read -r kind text _; do
    case $kind in
      plain) COMPREPLY+=("$text") ;;
      dir) compopt -o filenames -o plusdirs 2>/dev/null ;;
      file) compopt -o filenames -o default 2>/dev/null ;;
      command)
        while [[ ${COMP_WORDS[offset]} != -- ]]; do offset=$((offset + 1)); done
        offset=$((offset + 1))
        if declare -F _command_offset >/dev/null; then
          _command_offset "$offset"
        elif [[ $COMP_CWORD -eq $offset ]]; then
          while IFS= read -r text; do COMPREPLY+=("$text"); done < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
        else
          compopt -o filenames -o default 2>/dev/null
        fi
        ;;
    esac
  done < <(_WEND_COMPLETE=bash _WEND_WORDS="${COMP_LINE:0:COMP_POINT}" _WEND_BREAKS=$COMP_WORDBREAKS @WEND@ 2>/dev/null)
}
# Before 4.4 there is no nosort, and before 4.0 no compopt.
complete -o nosort -F __wend_complete wend 2>/dev/null || complete -o dirnames -F __wend_complete wend
