# shellcheck shell=bash disable=SC2034,SC2119,SC2120  # replies use and call what looks unused here
# wend for bash 3.2 and later: the right Python environment follows you from directory to directory.
# The four hooks have the same sections in the same order. No trap, nothing on stdout, no process at a prompt or a cd.
# Our names begin with __wend_; `\builtin` because anything may be an alias or a function by now.
if [[ $- == *i* && $- != *r* ]]; then

## Where: the mailbox, and who we are
__wend_bin=@WEND@
if [[ ${WEND_RUNTIME_DIR-} == /* ]]; then __wend_dir=$WEND_RUNTIME_DIR
elif [[ ${XDG_RUNTIME_DIR-} == /* && -d $XDG_RUNTIME_DIR && -O $XDG_RUNTIME_DIR ]]; then __wend_dir=$XDG_RUNTIME_DIR
elif [[ -d /dev/shm && -w /dev/shm ]]; then __wend_dir=/dev/shm
elif [[ ${TMPDIR-} == /* ]]; then __wend_dir=$TMPDIR
else __wend_dir=/tmp; fi
__wend_dir=$__wend_dir/wend-$EUID
__wend_id=''
{ IFS='' \builtin read -r __wend_id < /proc/sys/kernel/random/uuid; } 2>/dev/null || :
__wend_id=$$-${__wend_id:-${SRANDOM-}$RANDOM$RANDOM$RANDOM$RANDOM}
\builtin export WEND_SHELL=$__wend_id
__wend_pid=$$ __wend_base=$__wend_dir/$__wend_id __wend_flag=$__wend_dir/$__wend_id.flag __wend_bell=''
if [[ ${BASH_VERSINFO[0]} -gt 3 ]]; then __wend_bell=$__wend_base.bell; fi  # 3.2 waits in whole seconds only
__wend_n=0 __wend_seen='' __wend_late='' __wend_words='' __wend_more=WEND_FIRST __wend_off='' __wend_wrong='' __wend_started='' __wend_held=''
__wend_y1=/ __wend_y2=/ __wend_n1='' __wend_n2='' __wend_n3=''
__wend_name=${__wend_name-} __wend_swap=${__wend_swap-} __wend_active=${__wend_active-} __wend_shown=''

## Ask: one request, one reply
__wend_ask() {
  if [[ $BASH_SUBSHELL != 0 || $$ != "$__wend_pid" || -n $__wend_off ]]; then return 0; fi
  if [[ $# != 0 ]]; then __wend_words=$*; fi
  # Quiet until there is an answer, or the daemon that kept silent is gone: then another one is started, once.
  if [[ -n $__wend_late && ! -e $__wend_late ]] && [[ -z $__wend_held || -e $__wend_dir/ns ]]; then return 0; fi
  if [[ ${WEND_DISABLE:-0} != 0 && -z ${WEND_UNDO-} ]]; then __wend_saw; return 0; fi
  local __wend_again __wend_text __wend_rep __wend_try
  for __wend_try in 1 2 3; do
    __wend_again='' __wend_text='' __wend_late='' __wend_n=$((__wend_n + 1))
    __wend_rep=$__wend_base.$__wend_n.rep
    { __wend_ready && __wend_exchange; } 2>/dev/null || :
    if [[ -n $__wend_wrong ]]; then
      if [[ $__wend_wrong != - ]]; then \builtin printf 'wend: %s\n' "$__wend_wrong" >&2; fi
      __wend_wrong=''; __wend_saw; return 0
    fi
    if [[ $__wend_text != *': wend-end' ]]; then
      __wend_late=$__wend_rep __wend_held=''
      if [[ -e $__wend_dir/ns ]]; then __wend_held=1; fi
      if [[ -n $__wend_words ]]; then \builtin printf 'wend: no answer: it is done when the daemon is back\n' >&2; fi
      if [[ -z $__wend_started ]]; then __wend_start; fi
      return 0
    fi
    \builtin eval "$__wend_text"
    if [[ -z $__wend_again ]]; then break; fi
  done
  __wend_words='' __wend_started=''
  __wend_saw
}
__wend_exchange() {
  if [[ -p $__wend_bell && -O $__wend_bell ]]; then
    { __wend_send && __wend_wait; } <> "$__wend_bell"
  else
    __wend_send && __wend_look
  fi
  if [[ ! -e $__wend_rep ]]; then return 0
  elif [[ -n $__wend_new ]]; then \builtin mapfile -d '' -t __wend_text < "$__wend_rep"
  else IFS='' \builtin read -r -d '' __wend_text < "$__wend_rep" || :; fi
}
__wend_saw() { __wend_seen="$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}|${PYENV_VERSION-}|${WEND_DISABLE-}|${_OLD_VIRTUAL_PATH+1}"; }
__wend_send() {
  local -a __wend_x
  local __wend_w=$__wend_words
  __wend_x=()
  # Each name costs a microsecond: what is set in few shells is looked at as a whole first.
  if [[ -n $__wend_more${VIRTUAL_ENV_DISABLE_PROMPT+x}${CONDA_PREFIX+x}${CONDA_DEFAULT_ENV+x}${CONDA_PROMPT_MODIFIER+x}\
${CONDA_SHLVL+x}${CONDA_EXE+x}${_CONDA_EXE+x}${_CONDA_ROOT+x}${CONDA_PYTHON_EXE+x}${_CE_M+x}${_CE_CONDA+x}\
${CONDA_ENVS_DIRS+x}${CONDA_ENVS_PATH+x}${CONDARC+x}${MAMBA_ROOT_PREFIX+x}${PYENV_DIR+x}${XDG_CONFIG_HOME+x}\
${XDG_DATA_HOME+x}${XDG_STATE_HOME+x}${STARSHIP_SHELL+x}${POSH_SHELL+x}${P9K_VERSION+x}${WEND_DISABLE+x}\
${WEND_QUIET+x}${WEND_CONFIG+x} ]]; then __wend_rest; fi
  if [[ -n $__wend_new && ${PATH+${PATH@a}}${VIRTUAL_ENV+${VIRTUAL_ENV@a}}${WEND_UNDO+${WEND_UNDO@a}}${PS1+${PS1@a}}\
${VIRTUAL_ENV_PROMPT+${VIRTUAL_ENV_PROMPT@a}}${PYTHONHOME+${PYTHONHOME@a}}${CONDA_PREFIX+${CONDA_PREFIX@a}} == *r* ]]; then
    __wend_w+=' locked'
  fi
  \builtin printf '%s\0' 1 bash "$$" "$__wend_id" "$__wend_n" "$PWD" "${WEND_UNDO-}" "$__wend_w" "$__wend_more" \
    ${PATH+"PATH=$PATH"} ${HOME+"HOME=$HOME"} ${VIRTUAL_ENV+"VIRTUAL_ENV=$VIRTUAL_ENV"} \
    ${VIRTUAL_ENV_PROMPT+"VIRTUAL_ENV_PROMPT=$VIRTUAL_ENV_PROMPT"} ${PYTHONHOME+"PYTHONHOME=$PYTHONHOME"} \
    ${_OLD_VIRTUAL_PATH+"_OLD_VIRTUAL_PATH=$_OLD_VIRTUAL_PATH"} ${DIRENV_DIFF+"DIRENV_DIFF=$DIRENV_DIFF"} \
    ${PYENV_VERSION+"PYENV_VERSION=$PYENV_VERSION"} ${PYENV_ROOT+"PYENV_ROOT=$PYENV_ROOT"} \
    ${WEND_ENV+"WEND_ENV=$WEND_ENV"} \
    ${__wend_x[@]+"${__wend_x[@]}"} . >| "$__wend_base.$__wend_n.req"
}
__wend_rest() {
  local __wend_v IFS=$' \t\n'
  for __wend_v in VIRTUAL_ENV_DISABLE_PROMPT CONDA_PREFIX CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER CONDA_SHLVL CONDA_EXE \
    _CONDA_EXE _CONDA_ROOT CONDA_PYTHON_EXE _CE_M _CE_CONDA CONDA_ENVS_DIRS CONDA_ENVS_PATH CONDARC \
    MAMBA_ROOT_PREFIX PYENV_DIR XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME STARSHIP_SHELL POSH_SHELL \
    P9K_VERSION WEND_DISABLE WEND_QUIET WEND_CONFIG $__wend_more; do
    if [[ -n ${!__wend_v+x} ]]; then __wend_x+=("$__wend_v=${!__wend_v}"); fi
  done
}

## Wait: at most 250 ms; the daemon rings a bell where there is one
__wend_past() { local t=${EPOCHREALTIME//[!0-9]/}; __wend_left=$((250000 - (t - ${__wend_t0//[!0-9]/}))); }
__wend_wait() {
  local __wend_c __wend_left='' __wend_t0=${EPOCHREALTIME-}
  \builtin read -r -t 0.25 -n 1 __wend_c || :
  # A bell for an older question or a trapped signal may end that early: wait for what is left of the time.
  while [[ ! -e $__wend_rep && -n $__wend_t0 ]]; do
    __wend_past
    if [[ $__wend_left -le 1000 ]]; then return 0; fi
    \builtin printf -v __wend_left '0.%06d' "$__wend_left"
    \builtin read -r -t "$__wend_left" -n 1 __wend_c || :
  done
}
__wend_look() {
  local __wend_i=0 __wend_left=1 __wend_t0=${EPOCHREALTIME-}
  while [[ ! -e $__wend_rep && $__wend_left -gt 0 && $__wend_i != 4000 ]]; do
    if [[ -n $__wend_t0 ]]; then __wend_past; else __wend_i=$((__wend_i + 1)); fi  # no clock: about 60 ms
  done
}

## Start: is there somebody to ask; the one process that a prompt may ever cost
__wend_ready() {  # else __wend_wrong says why not, "-" for nothing to be said
  if [[ ! -d $__wend_dir || ! -O $__wend_dir || -L $__wend_dir || ! /proc/self/ns/mnt -ef $__wend_dir/ns ]]; then
    local __wend_s=''
    if [[ ! -e $__wend_dir && ! -L $__wend_dir ]]; then __wend_start; __wend_s=1; fi  # then look whose it is
    if [[ ! -d $__wend_dir || ! -O $__wend_dir || -L $__wend_dir ]]; then
      __wend_off=1 __wend_wrong="$__wend_dir is not a directory of yours: remove it, or set WEND_RUNTIME_DIR"
    elif [[ -n $__wend_s ]]; then :
    elif [[ ! -e $__wend_dir/ns ]]; then __wend_start
    elif [[ -e /proc/self/ns/mnt && ! /proc/self/ns/mnt -ef $__wend_dir/ns ]]; then __wend_off=1 __wend_wrong=-; fi  # another namespace's
  fi
  if [[ -r /proc/self/limits ]]; then  # where `ulimit -f` forbids it, writing a file kills the shell
    local __wend_l=''
    \builtin read -r -N 190 __wend_l < /proc/self/limits || :
    if [[ ${__wend_l:184} == *' '* ]]; then __wend_wrong=-; fi  # the soft limit, where the kernel always writes it
  fi
  [[ -z $__wend_wrong ]]
}
__wend_start() {
  __wend_started=1
  # shellcheck disable=SC2016
  ( /bin/sh -c 'PATH=/usr/bin:/bin:$PATH; umask 077; mkdir "$1"; mkfifo "$2"; "$0" daemon run "$1" &' \
    "$__wend_bin" "$__wend_dir" "$__wend_base.bell" </dev/null >/dev/null 2>&1 ) || :
}

## Prompt: nothing changed, or ask; the name in front, by reference, so that nothing in it is expanded
__wend_prompt() {
  if [[ "$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}|${PYENV_VERSION-}|${WEND_DISABLE-}|${_OLD_VIRTUAL_PATH+1}" == "$__wend_seen" &&
    ! -e $__wend_flag && -z $__wend_late && -e $__wend_y1 && -e $__wend_y2 &&
    ! -e $__wend_n1 && ! -e $__wend_n2 && ! -e $__wend_n3 ]]; then return 0; fi
  __wend_ask
  return 0
}
# shellcheck disable=SC2016
__wend_show() {
  if [[ ${PS1-}$__wend_name == "$__wend_shown" || -z ${PS1+x} ]]; then return 0; fi
  if [[ -n $__wend_name ]]; then
    if [[ $PS1 == *'${__wend_name-}'* ]]; then :
    elif [[ -n $__wend_swap && $PS1 == *"$__wend_swap"* ]]; then PS1=${PS1/"$__wend_swap"/'${__wend_name-}'}
    else __wend_swap=''; PS1='${__wend_name-}'$PS1; fi
  elif [[ $PS1 == *'${__wend_name-}'* ]]; then
    PS1=${PS1%%'${__wend_name-}'*}$__wend_swap${PS1#*'${__wend_name-}'}
  fi
  __wend_shown=$PS1$__wend_name
}

## Move: bash tells nobody of a cd, so that is asked where nothing else stands
for __wend_v in cd pushd popd; do
  if ! \builtin declare -F "$__wend_v" >/dev/null && ! \builtin alias "$__wend_v" >/dev/null 2>&1; then
    \builtin eval "$__wend_v() { \\builtin $__wend_v \"\$@\" || return; __wend_prompt; }"
  fi
done

## Hook up: first in the chain, so that whoever draws the prompt sees the new environment
__wend_new=''
if [[ ${BASH_VERSINFO[0]} -gt 5 || ( ${BASH_VERSINFO[0]} == 5 && ${BASH_VERSINFO[1]} -gt 0 ) ]]; then
  __wend_new=1
  if [[ ${PROMPT_COMMAND+${PROMPT_COMMAND@a}} == *r* ]]; then
    if [[ " ${PROMPT_COMMAND[*]} " != *__wend_prompt* ]]; then \builtin printf 'wend: PROMPT_COMMAND is readonly: load the hook before that\n' >&2; fi
  elif [[ " ${PROMPT_COMMAND[*]-} " != *__wend_prompt* ]]; then
    PROMPT_COMMAND=(__wend_prompt ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"} __wend_show)
  fi
elif [[ ${PROMPT_COMMAND-} != *__wend_prompt* ]]; then
  # Last, because these versions hand our status to what follows; nothing where a child inherits the string.
  # shellcheck disable=SC2016,SC2128,SC2178
  PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}'${__wend_pid:+__wend_prompt}; ${__wend_pid:+__wend_show}'
fi
fi
