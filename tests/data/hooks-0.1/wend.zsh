# wend for zsh 5.8 and later: the right Python environment follows you from directory to directory.
# The four hooks have the same sections in the same order. No trap, nothing on stdout, no process at a prompt or a cd.
# Our names begin with __wend_; `\builtin` because anything may be an alias or a function by now. Options: all but the
# two functions of the fast path begin with `emulate -L zsh`. (psvar is absent where zsh plays sh or ksh.)
if [[ -o interactive && ! -o restricted && -n "${(t)psvar}" ]]; then

## Where: the mailbox, and who we are
() {
  \builtin emulate -L zsh -o no_aliases
  \builtin typeset -g __wend_bin=@WEND@ __wend_dir __wend_id='' __wend_pid=$$ __wend_base __wend_flag
  if [[ ${WEND_RUNTIME_DIR-} == /* ]]; then __wend_dir=$WEND_RUNTIME_DIR
  elif [[ ${XDG_RUNTIME_DIR-} == /* && -d $XDG_RUNTIME_DIR && -O $XDG_RUNTIME_DIR ]]; then __wend_dir=$XDG_RUNTIME_DIR
  elif [[ -d /dev/shm && -w /dev/shm ]]; then __wend_dir=/dev/shm
  elif [[ ${TMPDIR-} == /* ]]; then __wend_dir=$TMPDIR
  else __wend_dir=/tmp; fi
  __wend_dir=$__wend_dir/wend-$EUID
  \builtin zmodload -F zsh/system b:sysread 2>/dev/null
  { __wend_id=$(</proc/sys/kernel/random/uuid); } 2>/dev/null
  __wend_id=$$-${__wend_id:-$RANDOM$RANDOM$RANDOM$RANDOM$RANDOM}
  \builtin typeset -gx WEND_SHELL=$__wend_id
  __wend_base=$__wend_dir/$__wend_id __wend_flag=$__wend_dir/$__wend_id.flag
  \builtin typeset -g __wend_n=0 __wend_seen='' __wend_late='' __wend_words='' __wend_more=WEND_FIRST __wend_off='' __wend_started='' __wend_held=''
  \builtin typeset -g __wend_y1=/ __wend_y2=/ __wend_n1='' __wend_n2='' __wend_n3='' __wend_again='' __wend_notice=''
  \builtin typeset -g __wend_name=${__wend_name-} __wend_swap=${__wend_swap-} __wend_active=${__wend_active-}
  \builtin typeset -g __wend_mark=${__wend_mark-} __wend_drawn=$PS1 __wend_redraw='' __wend_slot=${__wend_slot-}
  \builtin typeset -g __wend_length=${(M)${__wend_length-}:#<0-999>}
}

## Ask: one request, one reply
__wend_ask() {
  if [[ $ZSH_SUBSHELL != 0 || $$ != "$__wend_pid" || -n $__wend_off ]]; then return 0; fi
  \builtin local __wend_w=''
  if [[ ! -o prompt_percent ]]; then __wend_w=' prompt'; fi  # it would show our mark itself
  \builtin emulate -L zsh -o no_aliases -o no_bg_nice -o no_xtrace -o no_force_float
  \builtin local __wend_t="${(t)VIRTUAL_ENV}${(t)VIRTUAL_ENV_PROMPT}${(t)PYTHONHOME}${(t)CONDA_PREFIX}${(t)WEND_ENV}"
  case "$__wend_t${(t)PATH}${(t)path}${(t)PS1}${(t)psvar}${(t)WEND_UNDO}" in
    *readonly*) __wend_w+=' locked' ;;
    *local*) return 0 ;;  # a function's own, gone when it ends: at the prompt
  esac
  \builtin local IFS=$' \t\n'
  if [[ $# != 0 ]]; then __wend_words="$*"; fi
  # Quiet until there is an answer, or the daemon that kept silent is gone: then another one is started, once.
  if [[ -n $__wend_late && ! -e $__wend_late ]] && [[ -z $__wend_held || -e $__wend_dir/ns ]]; then return 0; fi
  if [[ ${WEND_DISABLE:-0} != 0 && -z ${WEND_UNDO-} ]]; then __wend_saw; return 0; fi
  \builtin local __wend_text __wend_rep __wend_try
  __wend_drawn=$PS1
  for __wend_try in 1 2 3; do
    __wend_again='' __wend_text='' __wend_late='' __wend_n=$((__wend_n + 1))
    __wend_rep=$__wend_base.$__wend_n.rep
    if ! __wend_ready; then __wend_saw; return 0; fi
    if [[ -p $__wend_base.bell && -O $__wend_base.bell ]]; then
      { __wend_send && __wend_wait; } <>"$__wend_base.bell" 2>/dev/null
    else
      __wend_send 2>/dev/null && __wend_look
    fi
    if [[ -e $__wend_rep ]]; then { __wend_text=$(<"$__wend_rep"); } 2>/dev/null; fi
    if [[ $__wend_text != *': wend-end' ]]; then
      __wend_late=$__wend_rep __wend_held=''
      if [[ -e $__wend_dir/ns ]]; then __wend_held=1; fi
      if [[ -n $__wend_words ]]; then \builtin printf 'wend: no answer: it is done when the daemon is back\n' >&2; fi
      if [[ -z $__wend_started ]]; then __wend_start; fi
      return 0
    fi
    { \builtin eval "$__wend_text"; } always { TRY_BLOCK_ERROR=0; }  # a readonly variable would end it all
    if [[ -z $__wend_again ]]; then break; fi
  done
  __wend_words='' __wend_started=''
  __wend_saw
  # Powerlevel10k complains of whatever is shown before its first prompt: then that waits for the second.
  if [[ -n $__wend_notice && -n ${__p9k_instant_prompt_active-} ]]; then __wend_seen=''
  elif [[ -n $__wend_notice ]]; then \builtin printf '%s\n' "$__wend_notice" >&2; __wend_notice=''; fi
}
__wend_saw() { __wend_seen="$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}|${PYENV_VERSION-}|${WEND_DISABLE-}|${_OLD_VIRTUAL_PATH+1}"; }
__wend_send() {
  \builtin local -a __wend_x
  \builtin local __wend_v
  for __wend_v in ${=__wend_more}; do if [[ -n ${(P)__wend_v+x} ]]; then __wend_x+=("$__wend_v=${(P)__wend_v}"); fi; done
  \builtin printf '%s\0' 1 'zsh' "$$" "$__wend_id" "$__wend_n" "$PWD" "${WEND_UNDO-}" "$__wend_words$__wend_w" "$__wend_more" \
    ${PATH+"PATH=$PATH"} ${HOME+"HOME=$HOME"} ${VIRTUAL_ENV+"VIRTUAL_ENV=$VIRTUAL_ENV"} \
    ${VIRTUAL_ENV_PROMPT+"VIRTUAL_ENV_PROMPT=$VIRTUAL_ENV_PROMPT"} ${PYTHONHOME+"PYTHONHOME=$PYTHONHOME"} \
    ${_OLD_VIRTUAL_PATH+"_OLD_VIRTUAL_PATH=$_OLD_VIRTUAL_PATH"} ${DIRENV_DIFF+"DIRENV_DIFF=$DIRENV_DIFF"} \
    ${VIRTUAL_ENV_DISABLE_PROMPT+"VIRTUAL_ENV_DISABLE_PROMPT=$VIRTUAL_ENV_DISABLE_PROMPT"} \
    ${CONDA_PREFIX+"CONDA_PREFIX=$CONDA_PREFIX"} ${CONDA_DEFAULT_ENV+"CONDA_DEFAULT_ENV=$CONDA_DEFAULT_ENV"} \
    ${CONDA_PROMPT_MODIFIER+"CONDA_PROMPT_MODIFIER=$CONDA_PROMPT_MODIFIER"} ${CONDA_SHLVL+"CONDA_SHLVL=$CONDA_SHLVL"} \
    ${CONDA_EXE+"CONDA_EXE=$CONDA_EXE"} ${_CONDA_EXE+"_CONDA_EXE=$_CONDA_EXE"} ${_CONDA_ROOT+"_CONDA_ROOT=$_CONDA_ROOT"} \
    ${CONDA_PYTHON_EXE+"CONDA_PYTHON_EXE=$CONDA_PYTHON_EXE"} ${_CE_M+"_CE_M=$_CE_M"} ${_CE_CONDA+"_CE_CONDA=$_CE_CONDA"} \
    ${CONDA_ENVS_DIRS+"CONDA_ENVS_DIRS=$CONDA_ENVS_DIRS"} ${CONDA_ENVS_PATH+"CONDA_ENVS_PATH=$CONDA_ENVS_PATH"} \
    ${CONDARC+"CONDARC=$CONDARC"} ${MAMBA_ROOT_PREFIX+"MAMBA_ROOT_PREFIX=$MAMBA_ROOT_PREFIX"} \
    ${PYENV_VERSION+"PYENV_VERSION=$PYENV_VERSION"} ${PYENV_ROOT+"PYENV_ROOT=$PYENV_ROOT"} ${PYENV_DIR+"PYENV_DIR=$PYENV_DIR"} \
    ${XDG_CONFIG_HOME+"XDG_CONFIG_HOME=$XDG_CONFIG_HOME"} ${XDG_DATA_HOME+"XDG_DATA_HOME=$XDG_DATA_HOME"} \
    ${XDG_STATE_HOME+"XDG_STATE_HOME=$XDG_STATE_HOME"} ${STARSHIP_SHELL+"STARSHIP_SHELL=$STARSHIP_SHELL"} \
    ${POSH_SHELL+"POSH_SHELL=$POSH_SHELL"} ${P9K_VERSION+"P9K_VERSION=$P9K_VERSION"} ${WEND_ENV+"WEND_ENV=$WEND_ENV"} \
    ${WEND_DISABLE+"WEND_DISABLE=$WEND_DISABLE"} ${WEND_QUIET+"WEND_QUIET=$WEND_QUIET"} ${WEND_CONFIG+"WEND_CONFIG=$WEND_CONFIG"} \
    "${__wend_x[@]}" '.' >| "$__wend_base.$__wend_n.req"
}

## Wait: at most 250 ms; the daemon rings a bell where there is one
__wend_wait() {
  # Slices, so that whatever ends a `read` early (a trapped signal) can only make it shorter, without a clock.
  for __wend_try in 1 2 3 4 5 6 7 8 9 10; do
    if [[ -e $__wend_rep ]]; then return 0; fi
    \builtin read -t 0.025 -u 0 -k 1 __wend_text || :
  done
}
__wend_look() {
  \builtin local __wend_t=${(%):-%D{%s%6.}} __wend_t0
  __wend_t0=$__wend_t
  while [[ ! -e $__wend_rep && $((__wend_t - __wend_t0)) == <0-249999> ]]; do __wend_t=${(%):-%D{%s%6.}}; done
}

## Start: is there somebody to ask; the one process that a prompt may ever cost
__wend_ready() {
  if [[ ! -d $__wend_dir || ! -O $__wend_dir || -L $__wend_dir || ! /proc/self/ns/mnt -ef $__wend_dir/ns ]]; then
    \builtin local __wend_s=''
    if [[ ! -e $__wend_dir && ! -L $__wend_dir ]]; then __wend_start; __wend_s=1; fi  # then look whose it is
    if [[ ! -d $__wend_dir || ! -O $__wend_dir || -L $__wend_dir ]]; then
      __wend_off=1
      \builtin printf 'wend: %s is not a directory of yours: remove it, or set WEND_RUNTIME_DIR\n' "$__wend_dir" >&2
    elif [[ -n $__wend_s ]]; then :
    elif [[ ! -e $__wend_dir/ns ]]; then __wend_start
    elif [[ -e /proc/self/ns/mnt && ! /proc/self/ns/mnt -ef $__wend_dir/ns ]]; then __wend_off=1; fi  # not our namespace
  fi
  \builtin local __wend_l='unlimited'
  if [[ -r /proc/self/limits ]]; then  # where `ulimit -f` forbids it, writing a file kills the shell
    \builtin sysread -s 193 __wend_l </proc/self/limits 2>/dev/null || __wend_l=$(</proc/self/limits)
    if [[ "$__wend_l[185,190]" == *' '* ]]; then return 1; fi  # the soft limit, where the kernel always writes it
  fi
  [[ -z $__wend_off ]]
}
__wend_start() {
  __wend_started=1
  ( /bin/sh -c 'PATH=/usr/bin:/bin:$PATH; umask 077; mkdir "$1"; mkfifo "$2"; "$0" daemon run "$1" &' \
    "$__wend_bin" "$__wend_dir" "$__wend_base.bell" </dev/null >/dev/null 2>&1 ) || :
}

## Prompt: nothing changed, or ask; the name in front, from psvar, so that nothing in it is expanded
__wend_prompt() {
  [[ "$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}|${PYENV_VERSION-}|${WEND_DISABLE-}|${_OLD_VIRTUAL_PATH+1}" == "$__wend_seen" &&
    ! -e "$__wend_flag" && -z "$__wend_late" && -e "$__wend_y1" && -e "$__wend_y2" &&
    ! -e "$__wend_n1" && ! -e "$__wend_n2" && ! -e "$__wend_n3" && "${PS1-}" == *"$__wend_mark"* ]] || __wend_ask
}
__wend_show() {
  \builtin emulate -L zsh -o no_aliases -o no_xtrace
  \builtin local __wend_m='%(20V.%20v.)'
  if [[ -z ${PS1+x} ]]; then return 0; fi
  if [[ $# == 0 ]]; then :
  elif [[ $PS1 != "$__wend_drawn" || ( -n $__wend_mark && $psvar[20] != "$__wend_name" ) ]]; then __wend_redraw=1
  elif [[ -z $__wend_redraw ]]; then precmd_functions=(${precmd_functions:#__wend_after}); return 0; fi
  if [[ -n $__wend_name ]]; then
    if [[ -z $__wend_mark ]]; then __wend_length=$#psvar __wend_slot=${psvar[20]-}; fi
    __wend_mark=$__wend_m psvar[20]=$__wend_name
    if [[ $PS1 == *"$__wend_m"* ]]; then :
    elif [[ -n $__wend_swap && $PS1 == *"$__wend_swap"* ]]; then PS1=${PS1/"$__wend_swap"/$__wend_m}
    else __wend_swap='' PS1=$__wend_m$PS1; fi
    precmd_functions=(${precmd_functions:#__wend_after} __wend_after)
  elif [[ -n $__wend_mark ]]; then
    PS1=${PS1/"$__wend_m"/$__wend_swap} __wend_mark='' psvar[20]=$__wend_slot
    while [[ $#psvar -gt ${__wend_length:-0} && -z $psvar[-1] ]]; do psvar[-1]=(); done
  fi
  __wend_drawn=$PS1
}
__wend_after() {  # last in the chain, there only as long as a theme draws the prompt anew
  [[ -n "$__wend_redraw" && "${PS1-}" == "$__wend_drawn" && "${psvar[20]-}" == "$__wend_name" ]] || __wend_show after
}

## Move: zsh tells us of every cd, in the cd itself
() {
  \builtin emulate -L zsh -o no_aliases
  if [[ ${(t)chpwd_functions}${(t)precmd_functions} == *readonly* ]]; then
    \builtin printf 'wend: precmd_functions or chpwd_functions is readonly: load the hook before that\n' >&2
    return
  fi
  \builtin typeset -ga chpwd_functions precmd_functions
  chpwd_functions=(__wend_prompt ${chpwd_functions:#__wend_prompt})

## Hook up: first in the chain, so that whoever draws the prompt sees the new environment
  precmd_functions=(__wend_prompt ${${precmd_functions:#__wend_prompt}:#__wend_after} __wend_after)
}
fi
