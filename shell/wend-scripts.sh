# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # text for eval; replies set and read what looks unused or unset here
# shellcheck disable=SC2250,SC2310,SC2312,SC2317  # braces where needed; failures are looked at, not relied on
#
# wend for scripts: a `cd` in a bash or zsh that is not interactive activates the project's environment.
# Off unless BASH_ENV names this file, or .zshenv sources it. Silent. Safe under `set -euo pipefail`.
#
# It asks a running daemon, and starts none: without one, `wend env` runs once for each directory. Where
# the environment of this directory is inherited, it does nothing. `\builtin`, because anything may be an
# alias or a function. Words that only one of the shells can parse stand in texts for eval.
if [[ $- != *i* && $- != *r* ]]; then

  # Set __wend_pid to the process, which in a subshell is not $$; empty where nothing tells.
  __wend_identify() {
    __wend_pid=${BASHPID-}
    if [[ -z $__wend_pid && ${ZSH_SUBSHELL-}${BASH_SUBSHELL-} == 0 ]]; then # zsh, bash 3.2
      __wend_pid=$$
    elif [[ -n ${ZSH_VERSION-} ]]; then
      \builtin zmodload zsh/system 2>/dev/null && \eval '__wend_pid=$sysparams[pid]'
    fi
    if [[ $__wend_id != "$__wend_pid"-* ]]; then
      __wend_id=''
      \builtin read -r __wend_id </proc/sys/kernel/random/uuid || __wend_id=$RANDOM$RANDOM$RANDOM
      __wend_id=$__wend_pid-$__wend_id
      __wend_number=0
    fi
    [[ -n $__wend_pid ]]
  }

  # Set __wend_dir to the mailbox, chosen by the rule of the commands (`paths.mailbox_dir`).
  # Fails unless it is ours and a daemon of this mount namespace serves it.
  __wend_locate() {
    __wend_dir=/tmp
    if [[ ${WEND_RUNTIME_DIR-} == /* ]]; then
      __wend_dir=$WEND_RUNTIME_DIR
    elif [[ ${XDG_RUNTIME_DIR-} == /* && -d $XDG_RUNTIME_DIR && -O $XDG_RUNTIME_DIR ]]; then
      __wend_dir=$XDG_RUNTIME_DIR
    elif [[ -d /dev/shm && -w /dev/shm ]]; then
      __wend_dir=/dev/shm
    elif [[ ${TMPDIR-} == /* ]]; then
      __wend_dir=$TMPDIR
    fi
    if [[ $__wend_dir != /dev/shm && $__wend_dir != /tmp ]]; then
      __wend_is_safe "$__wend_dir" || return
    fi
    __wend_dir=$__wend_dir/wend-$EUID
    [[ -d $__wend_dir && -O $__wend_dir && ! -L $__wend_dir && -e $__wend_dir/ns ]] &&
      [[ ! -e /proc/self/ns/mnt || /proc/self/ns/mnt -ef $__wend_dir/ns ]]
  }

  # Tell whether no other user can replace what lies in the directory $1, as the hooks do.
  __wend_is_safe() {
    \builtin local __wend_above="$1"
    if [[ $EUID != 0 ]]; then
      [[ -O $1 || (-k $1 && (${1%/} == /tmp || ${1%/} == /var/tmp || ${1%/} == /dev/shm)) ]]
      return
    fi
    while [[ -n $__wend_above ]]; do
      if [[ ! -O $__wend_above || (-L $__wend_above && $__wend_above == /*/*) ]]; then
        return 1
      fi
      __wend_above=${__wend_above%/*}
    done
  }

  # Tell whether this shell may write a file: where `ulimit -f` forbids it, the kernel kills the shell.
  __wend_can_write() {
    \builtin local __wend_max __wend_file __wend_size __wend_soft __wend_rest
    [[ -r /proc/self/limits ]] || return 0
    while IFS=' ' \builtin read -r __wend_max __wend_file __wend_size __wend_soft __wend_rest; do
      if [[ "$__wend_max $__wend_file $__wend_size" == 'Max file size' ]]; then
        [[ $__wend_soft == unlimited ]]
        return
      fi
    done </proc/self/limits
  }

  # Tell whether PATH, or another variable that a reply changes, is readonly, or is local to a function.
  __wend_cannot_change() {
    \builtin local __wend_kinds=''
    if [[ -n ${ZSH_VERSION-} ]]; then
      \eval '__wend_kinds="${(t)PATH} ${(t)path} ${(t)VIRTUAL_ENV} ${(t)VIRTUAL_ENV_PROMPT}
        ${(t)PYTHONHOME} ${(t)CONDA_PREFIX} ${(t)WEND_ENV} ${(t)WEND_UNDO}"'
      [[ $__wend_kinds == *readonly* || $__wend_kinds == *local* ]]
    elif [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]}.${BASH_VERSINFO[1]} == 4.4 ]]; then
      # Only an attribute tells a local variable from the global one.
      \eval '__wend_kinds="${PATH+${PATH@a}}${VIRTUAL_ENV+${VIRTUAL_ENV@a}}${WEND_UNDO+${WEND_UNDO@a}}
        ${VIRTUAL_ENV_PROMPT+${VIRTUAL_ENV_PROMPT@a}}${PYTHONHOME+${PYTHONHOME@a}}
        ${CONDA_PREFIX+${CONDA_PREFIX@a}}${WEND_ENV+${WEND_ENV@a}}"'
      if [[ $__wend_kinds == *r* ]]; then
        return 0
      fi
      if [[ -z ${PATH+x} ]]; then
        return 1
      fi
      \builtin declare -gt PATH
      \eval '__wend_kinds=${PATH@a}'
      \builtin declare -g +t PATH
      [[ $__wend_kinds != *t* ]]
    else # what is readonly cannot be made a local
      ! \builtin local PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME CONDA_PREFIX WEND_ENV WEND_UNDO 2>/dev/null
    fi
  }

  # Ask the daemon and read its answer, code that ends with a mark, into __wend_text. 250 ms at most.
  __wend_ask() {
    \builtin local -a __wend_fields
    \builtin local __wend_name IFS=' ' __wend_file
    __wend_number=$((__wend_number + 1))
    __wend_file=$__wend_dir/$__wend_id.$__wend_number
    __wend_fields=(2 @SHELL@ "$__wend_pid" "$__wend_id" "$__wend_number" "$PWD" "${WEND_UNDO-}" cd '' first "$__wend_names")
    for __wend_name in @CORE_NAMES@ $__wend_names; do
      if \eval "[[ -n \${$__wend_name+x} ]]"; then
        \eval "__wend_fields+=(\"$__wend_name=\$$__wend_name\")"
      fi
    done
    \builtin printf '%s\0' "${__wend_fields[@]}" . >|"$__wend_file.req" || return
    __wend_wait "$__wend_file.rep" || return
    if [[ -n ${ZSH_VERSION-} ]]; then # it would read byte by byte
      \eval '__wend_text=$(<"$__wend_file.rep")'
    else
      IFS='' \builtin read -r -d '' __wend_text <"$__wend_file.rep" || :
    fi
    [[ $__wend_text == *': wend-end' ]]
  }

  # Wait for the file $1 by looking for it; no longer than 250 ms, or 20000 looks where there is no clock.
  __wend_wait() {
    \builtin local __wend_turn=0 __wend_now __wend_rest __wend_end=''
    while [[ ! -e $1 ]]; do
      __wend_turn=$((__wend_turn + 1))
      if [[ $((__wend_turn % 32)) == 0 ]] && \builtin read -r __wend_now __wend_rest </proc/uptime; then
        __wend_now=${__wend_now%.*}${__wend_now#*.} # hundredths of a second
        __wend_end=${__wend_end:-$((__wend_now + 25))}
        [[ $__wend_now -lt $__wend_end ]] || return
      elif [[ $__wend_turn == 20000 && -z $__wend_end ]]; then
        return 1
      fi
    done
    [[ -O $1 ]]
  }

  # Bring the environment of this directory about, unless it is there already.
  # What is inherited or was left by the last cd is recognised by __wend_seen, which is exported.
  __wend_look() {
    if [[ ${WEND_DISABLE:-0} != 0 || -n ${__wend_sourcing-} ]]; then
      return 0
    fi
    if [[ "$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}" == "${__wend_seen-}" && (-n ${VIRTUAL_ENV-} || ! -e .venv) ]]; then
      return 0
    fi
    if [[ -n ${ZSH_VERSION-} ]]; then
      \builtin emulate -L zsh -o no_aliases -o sh_word_split -o no_xtrace -o no_err_exit -o no_err_return
    fi
    if __wend_cannot_change; then
      return 0
    fi
    # What a reply sets for an interactive shell stays here.
    \builtin local __wend_text='' __wend_again='' __wend_dir='' __wend_try
    \builtin local __wend_present_1 __wend_present_2 __wend_absent_1 __wend_absent_2 __wend_absent_3
    \builtin local __wend_watch_1 __wend_watch_2
    for __wend_try in 1 2 3 4 5; do
      __wend_again=''
      __wend_text=''
      if [[ -z $__wend_silent ]] && __wend_identify && __wend_locate && __wend_can_write; then
        __wend_ask || __wend_silent=1 # of a daemon that does not answer: not asked again
      fi
      if [[ $__wend_text != *': wend-end' && -x $__wend_program ]]; then
        __wend_text=$("$__wend_program" env --script @SHELL@) || :
      fi
      if [[ $__wend_text == *': wend-end' ]]; then
        \eval "$__wend_text" || :
      fi
      [[ -n $__wend_again ]] || break
    done
    if [[ -z $__wend_again ]]; then # else there is more to ask for: the next cd goes on
      \builtin export __wend_seen="$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}"
    fi
  }

  # Answer a change of directory; the status stays 0, and nothing is shown, not even a trace.
  __wend_on_cd() {
    { __wend_look; } </dev/null >/dev/null 2>&1 || :
  }

  # Source the script $1, one of an environment's own, which was not written for `set -u`.
  # In a frame of its own, so that a `break` or an error in it ends nothing else; a cd asks nothing.
  __wend_source() {
    \builtin local __wend_script="$1" __wend_sourcing=1 __wend_strict=''
    \builtin shift
    if [[ -n ${ZSH_VERSION-} ]]; then # where __wend_look has reset the options
      \eval '{ \. "$__wend_script" || : } always { TRY_BLOCK_ERROR=0 }'
      return 0
    fi
    if [[ $- == *u* ]]; then
      __wend_strict=1
      \builtin set +u
    fi
    # shellcheck disable=SC1090  # of an environment
    \. "$__wend_script" || :
    if [[ -n $__wend_strict ]]; then
      \builtin set -u
    fi
  }

  # What replies call in an interactive shell, for its prompt, its `deactivate` and its messages.
  __wend_adopt() { \builtin :; }
  __wend_show() { \builtin :; }
  __wend_define_deactivate() { \builtin :; }
  __wend_remove_deactivate() { \builtin :; }
  __wend_unwrap_cd() { \builtin :; }
  __wend_tell() { \builtin :; }
  __wend_rarely() { \builtin :; }
  __wend_note_unexported() { \builtin :; }
  __wend_unexport() { \builtin :; }

  # Have bash answer inside cd, pushd and popd. A function that stands there is kept inside.
  __wend_wrap() {
    \builtin local __wend_verb __wend_inner
    for __wend_verb in cd pushd popd; do
      __wend_inner="\\builtin $__wend_verb"
      if \builtin declare -F "$__wend_verb" >/dev/null; then
        __wend_inner=$(\builtin declare -f "$__wend_verb")
        if [[ $__wend_inner == *__wend_on_cd* ]]; then
          continue
        fi
        \eval "__wend_their_$__wend_verb ${__wend_inner#"$__wend_verb"}"
        __wend_inner=__wend_their_$__wend_verb
      fi
      \eval "$__wend_verb() { $__wend_inner \${1+\"\$@\"} || return; __wend_on_cd; }"
    done
  }

  __wend_program=@WEND@
  __wend_id=''
  __wend_names=''
  __wend_silent=''
  if [[ -n ${ZSH_VERSION-} ]]; then
    \builtin typeset -ga chpwd_functions
    if [[ " ${chpwd_functions[*]-} " != *' __wend_on_cd '* ]]; then
      chpwd_functions+=(__wend_on_cd)
    fi
  else
    # Another file that BASH_ENV named, before us: what it defines is kept.
    if [[ -r ${WEND_BASH_ENV-} && ! ${WEND_BASH_ENV-} -ef ${BASH_SOURCE[0]} ]]; then
      # shellcheck disable=SC1090  # the user's
      \. "$WEND_BASH_ENV"
    fi
    __wend_wrap
  fi
  __wend_on_cd
fi
