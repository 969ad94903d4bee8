# wend for zsh 5.8 and later: the right Python environment follows you from directory to directory.
#
# The four hooks have the same functions in the same order. No trap, nothing on stdout, no process
# at a prompt or a cd. Our names begin with __wend_. `\builtin`, because anything may be an alias or
# a function by now. Options: all but the functions of the fast path begin with `emulate -L zsh`, or
# are called by one that does. (psvar is absent where zsh plays sh or ksh.)

# The rest does not stand in one `if`: zsh takes twice as long to read that.
[[ -o interactive && ! -o restricted && -n "${(t)psvar}" ]] || return 0

# As in `emulate sh`: parentheses could not be read.
__wend_sh_glob=''
if [[ -o sh_glob ]]; then
  __wend_sh_glob=1
  \builtin unsetopt sh_glob
fi

# Choose the mailbox by the rule of the commands (`paths.mailbox_dir`).
# Sets __wend_dir and what is derived from it; __wend_refused says why it must not be used, "-"
# for nothing to be said; __wend_away is an XDG_RUNTIME_DIR that is missing and may come back.
__wend_locate() {
  \builtin emulate -L zsh -o no_aliases
  \builtin local __wend_parent=/tmp
  __wend_refused='' __wend_away=''
  if [[ ${WEND_RUNTIME_DIR-} == /* ]]; then
    __wend_parent=$WEND_RUNTIME_DIR
  elif [[ ${XDG_RUNTIME_DIR-} == /* && -d $XDG_RUNTIME_DIR && -O $XDG_RUNTIME_DIR ]]; then
    __wend_parent=$XDG_RUNTIME_DIR
  else
    if [[ ${XDG_RUNTIME_DIR-} == /* ]]; then
      __wend_away=$XDG_RUNTIME_DIR
    fi
    if [[ -d /dev/shm && -w /dev/shm ]]; then
      __wend_parent=/dev/shm
    elif [[ ${TMPDIR-} == /* ]]; then
      __wend_parent=$TMPDIR
    fi
  fi
  if [[ ! -d $__wend_parent ]]; then
    __wend_refused=- # nothing can be made there now; whose it will be is seen when it is there
  elif [[ $__wend_parent != /dev/shm && $__wend_parent != /tmp ]] &&
    ! __wend_is_safe "$__wend_parent"; then
    __wend_refused="others can change $__wend_parent: set WEND_RUNTIME_DIR"
  fi
  __wend_dir=$__wend_parent/wend-$EUID
  __wend_base=$__wend_dir/$__wend_id
  __wend_flag=$__wend_base.flag
  __wend_bell=$__wend_base.bell
}

# Tell whether no other user can exchange what lies in the directory $1.
# Ours will do, or a sticky one of root's, known by name: its owner can rename all that is in it.
# For a shell of root's it is root's, as all above it, and no link leads there but one in `/`.
__wend_is_safe() {
  \builtin local __wend_above=$1
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

# Ask because of the event $1, and do what the answer says.
# A typed event ("deactivate", "activate") is kept until it has been answered.
__wend_ask() {
  if [[ $ZSH_SUBSHELL != 0 || $$ != "$__wend_pid" || -n ${__wend_sourcing-} ]]; then
    return 0
  fi
  if [[ ! -o prompt_percent ]]; then # our mark would be shown itself
    \builtin set -- "$1" theme-shows-env
  fi
  \builtin emulate -L zsh -o no_aliases -o no_bg_nice -o no_xtrace -o no_force_float
  __wend_facts=${2-$__wend_theme}
  case "${(t)VIRTUAL_ENV}${(t)VIRTUAL_ENV_PROMPT}${(t)PYTHONHOME}${(t)CONDA_PREFIX}${(t)WEND_ENV}\
${(t)PATH}${(t)PS1}${(t)WEND_UNDO}|${(t)path}${(t)psvar}" in
    *readonly* | *(array|association|integer|float|left|right|lower|upper)*\|*) # not plain text
      __wend_facts+=' readonly'
      ;;
    *local*) # a function's own, gone when it ends: at the prompt
      return 0
      ;;
  esac
  __wend_modifier=${CONDA_PROMPT_MODIFIER-} __wend_own_modifier=''
  if [[ $1 == *activate ]]; then
    __wend_event=$1
  fi
  if [[ -n $__wend_pending_reply ]]; then
    if __wend_is_quiet; then
      return 0
    fi
    if [[ -n $__wend_daemon_was_alive ]]; then # and has gone or answered since
      __wend_pause=0
    fi
  fi
  if [[ ${WEND_DISABLE:-0} != 0 && -z ${WEND_UNDO-} ]]; then
    __wend_remember
    return 0
  fi
  # A place that the record spells with escapes is told by the name.
  if [[ -n $__wend_modifier && ( ${WEND_UNDO-} == *'"active":["'*",\"${CONDA_PREFIX-}\",\""* ||
    ${WEND_UNDO-} == *'"active":["'*\\* && ${WEND_ENV-} == "${CONDA_DEFAULT_ENV-}" ) ]]; then
    __wend_own_modifier=$__wend_modifier
  fi
  for __wend_try in 1 2 3 4 5; do
    __wend_again='' __wend_text='' __wend_sent='' __wend_pending_reply=''
    __wend_number=$((__wend_number + 1))
    __wend_request=$__wend_base.$__wend_number.req
    __wend_reply=$__wend_base.$__wend_number.rep
    {
      if __wend_ready; then
        __wend_exchange "$1"
      fi
    } 2>/dev/null
    if [[ $__wend_text != *': wend-end' ]]; then
      __wend_unanswered
      return 0
    fi
    # `always`, because a readonly variable would end everything.
    { \builtin eval "$__wend_text"; } always { TRY_BLOCK_ERROR=0; }
    if [[ -z $__wend_again ]]; then
      __wend_first='' __wend_event=''
      break
    fi
  done
  __wend_pause=0 __wend_next_pause=2 __wend_told=''
  __wend_remember
  if [[ -n $__wend_again ]]; then # there is more to ask for: the next prompt goes on
    __wend_fingerprint='' __wend_unchanged=''
  fi
  if [[ -n $__wend_notice ]]; then
    __wend_print_notice
  fi
}

# Tell whether to keep quiet about the question that is out: its file is there, its answer is not.
# Not if the daemon that kept silent is gone since, nor if none has come for too many prompts.
__wend_is_quiet() {
  if [[ -e $__wend_pending_reply || ! -e $__wend_pending_request ]]; then
    return 1
  elif [[ -e $__wend_dir/ns && -e /proc/self/ns/mnt ]]; then # elsewhere it may be of a dead one
    return 0
  elif [[ -n $__wend_daemon_was_alive && ! -e $__wend_dir/ns ]]; then
    return 1
  fi
  __wend_pause=$((__wend_pause > 0 ? __wend_pause - 1 : 0))
  [[ $__wend_pause != 0 ]]
}

# Do what a question without an answer needs.
# What was not sent whole is not waited for: the next prompt tries again.
__wend_unanswered() {
  if [[ -n $__wend_wrong ]]; then
    if [[ $__wend_wrong != - && $__wend_wrong != "$__wend_told" ]]; then
      __wend_told=$__wend_wrong
      \builtin printf 'wend: %s\n' "$__wend_wrong" >&2
    fi
    return 0
  fi
  if [[ -n $__wend_event && $__wend_told != "$__wend_event" ]]; then
    __wend_told=$__wend_event
    \builtin printf 'wend: no answer: your command takes effect when the daemon is back\n' >&2
  fi
  if [[ -z $__wend_sent ]]; then
    return 0
  fi
  __wend_pending_reply=$__wend_reply
  __wend_pending_request=$__wend_request
  __wend_fingerprint='' __wend_unchanged='' # so that each prompt looks whether it is there
  __wend_daemon_was_alive=''
  if [[ -e $__wend_dir/ns ]]; then
    __wend_daemon_was_alive=1
  fi
  if [[ $__wend_pause == 0 ]]; then
    __wend_start
  fi
}

# Send the question and read the answer into __wend_text.
# The bell is open around both, so that a byte rung in between is not lost, and never longer.
__wend_exchange() {
  if [[ -p $__wend_bell && -O $__wend_bell ]]; then
    { __wend_send "$1" && __wend_wait; } 3<>"$__wend_bell"
  else
    __wend_send "$1" && __wend_poll
  fi
  if [[ -e $__wend_reply && -O $__wend_reply ]]; then
    # Reads at once what `$(<file)` reads byte by byte; a zsh without its modules has none.
    \builtin sysread -i 3 -s 8192 __wend_text 3<"$__wend_reply" || :
    if [[ -z $__wend_text || -n ${__wend_text[2000]} ]]; then # there is none, or more to read
      __wend_text=$(<"$__wend_reply")
    fi
  fi
}

# Write the question: NUL-ended fields, "." last.
# The installer writes the table of variables into the blank.
__wend_send() {
  __wend_more=()
  for __wend_variable in ${(s: :)__wend_names}; do # IFS may be anything, and readonly
    if [[ -n ${(P)__wend_variable+x} ]]; then
      __wend_more+=("$__wend_variable=${(P)__wend_variable}")
    fi
  done
  \builtin printf '%s\0' 2 zsh "$$" "$__wend_id" "$__wend_number" "$PWD" "${WEND_UNDO-}" \
    "${__wend_event:-$1}" "$__wend_facts" "$__wend_first" "$__wend_names" \
    @CORE_FIELDS@ \
    "${__wend_more[@]}" . >|"$__wend_request" && __wend_sent=1
}

# Wait at the bell for the answer, 250 ms at most.
# In slices, so that what ends a `read` early (a trapped signal) can only make it shorter.
__wend_wait() {
  for __wend_slice in 1 2 3 4 5 6 7 8 9 10; do
    if [[ -e $__wend_reply ]]; then
      return 0
    fi
    \builtin read -t 0.025 -u 3 -k 1 __wend_byte || :
  done
}

# Look for the answer until it is there, 250 ms at most: for the first question.
# A clock that was set back ends it, too.
__wend_poll() {
  \builtin local __wend_now=${(%):-%D{%s%6.}} __wend_since
  __wend_since=$__wend_now
  while [[ ! -e $__wend_reply && $((__wend_now - __wend_since)) == <0-249999> ]]; do
    __wend_now=${(%):-%D{%s%6.}}
  done
}

# Look whether there is a daemon to ask; else start one.
# Fails with the reason in __wend_wrong, "-" for nothing to be said; looked at at each question.
__wend_ready() {
  __wend_wrong=''
  if [[ -n $__wend_refused || ! -d $__wend_dir || ! -O $__wend_dir || -L $__wend_dir ||
    ! /proc/self/ns/mnt -ef $__wend_dir/ns || -n $__wend_away && -O $__wend_away ]]; then
    __wend_inspect
  fi
  __wend_limits=unlimited
  if [[ -r /proc/self/limits ]]; then # where `ulimit -f` forbids it, writing kills the shell
    # A zsh without its modules has no sysread.
    \builtin sysread -i 3 -s 193 __wend_limits 3</proc/self/limits ||
      __wend_limits=$(</proc/self/limits)
    if [[ "$__wend_limits[185,190]" == *' '* ]]; then # the soft limit: the kernel writes it there
      __wend_wrong=-
    fi
  fi
  [[ -z $__wend_wrong ]]
}

# Find out what is wrong with the mailbox, and help: it may be missing, or its daemon.
# XDG_RUNTIME_DIR is removed at log-out and made again at log-in, so the place is chosen again.
__wend_inspect() {
  if [[ -n $__wend_refused || ! -d $__wend_dir || ! -O $__wend_dir || -L $__wend_dir ||
    -n $__wend_away && -O $__wend_away ]]; then
    __wend_locate
    __wend_request=$__wend_base.$__wend_number.req
    __wend_reply=$__wend_base.$__wend_number.rep
  fi
  __wend_wrong=$__wend_refused
  if [[ -n $__wend_wrong ]]; then
    return 0
  fi
  if [[ ! -e $__wend_dir && ! -L $__wend_dir ]]; then
    __wend_start
  elif [[ ! -e $__wend_dir/ns && -O $__wend_dir && ! -L $__wend_dir ]]; then
    # Without room for a question, a daemon could not begin either.
    if { : >|"$__wend_request"; } 2>/dev/null; then
      __wend_start
    fi
  fi
  if [[ ! -e $__wend_dir && ! -L $__wend_dir ]]; then
    __wend_wrong=- # the directory around it is missing, as after log-out
  elif [[ ! -d $__wend_dir || ! -O $__wend_dir || -L $__wend_dir ]]; then
    __wend_wrong="$__wend_dir is not a directory of yours: remove it, or set WEND_RUNTIME_DIR"
  elif [[ -e $__wend_dir/ns && -e /proc/self/ns/mnt &&
    ! /proc/self/ns/mnt -ef $__wend_dir/ns ]]; then
    __wend_wrong=- # the daemon of another mount namespace: it sees other files
  fi
}

# Start a daemon: the one process that a prompt may ever cost. If it brings no answer, the next is
# started after 2 prompts, then after 4, 8 and so on, at most 64: it may have failed by chance.
# No mailbox is made where all users may write and rename: no test here can tell the mode.
__wend_start() {
  if [[ $__wend_pause != 0 ]]; then
    __wend_pause=$((__wend_pause - 1))
    return 0
  elif [[ ! -d ${__wend_dir%/*} ]]; then
    return 0
  fi
  __wend_pause=$__wend_next_pause
  __wend_next_pause=$((__wend_pause < 64 ? __wend_pause * 2 : 64))
  (/bin/sh -c 'PATH=/usr/bin:/bin:$PATH; umask 077; '\
'[ -d "$1" ] || [ "$(find "${1%/*}/." -prune -perm -2 ! -perm -1000)" ] || mkdir "$1"; '\
'mkfifo "$2"; "$0" daemon run "$1" &' \
    "$__wend_program" "$__wend_dir" "$__wend_bell" </dev/null >/dev/null 2>&1) || :
}

# Remember the variables that the answer rests on, and whether it rests on more than is usual.
# A prompt compares them as one text, a cd the directory alone.
__wend_remember() {
  __wend_directory=$PWD
  __wend_fingerprint="$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}|${WEND_DISABLE-}|\
${_OLD_VIRTUAL_PATH+1}"
  __wend_unchanged="$__wend_fingerprint|$__wend_arranged|$__wend_drawn$__wend_shown"
  if [[ -n $__wend_away && -z $__wend_absent_3 && ! -e $__wend_away ]]; then
    __wend_absent_3=$__wend_away # then the next prompt moves there, else the next question
  fi
  __wend_unusual=${__wend_present_2#/}$__wend_absent_1$__wend_absent_3${__wend_watch_1#WEND_QUIET}
  if [[ -n $__wend_unusual ]]; then
    __wend_watched="${(P)__wend_watch_1-}|${(P)__wend_watch_2-}"
  fi
}

# Show the text $1 in front of the prompt, in the place of the first of the others that is there.
# PS1 holds a mark for psvar[47], so that nothing in a name is expanded. Not for psvar[20]: there
# Pure keeps the name that it shows.
__wend_show() {
  if [[ $# == 1 && "${PS1-}|$__wend_displaced$__wend_behind${CONDA_PROMPT_MODIFIER-}\
$__wend_own_modifier$__wend_inserted" == "$__wend_drawn|" &&
    $__wend_drawn == *"$__wend_mark"* ]]; then
    __wend_own=$1 __wend_shown=$1 # of others there is nothing to look at
    __wend_write
  else
    __wend_place "$@"
    __wend_draw
  fi
}

# Answer at a prompt, before anything draws it, if anything differs from what the last answer
# rests on: variables, and paths by existence. In fixed slots and without a call, to be cheap.
# And see to what others may have done: to the arrays of functions, and to PS1. A comparison costs
# as much as three variables, and a path as much as two: so all that is usual is one comparison.
__wend_on_prompt() {
  if [[ -o xtrace ||
    "$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}|${WEND_DISABLE-}|${_OLD_VIRTUAL_PATH+1}|\
${chpwd_functions-}|${precmd_functions-}|${PS1-}${psvar[47]-}" != "$__wend_unchanged" ||
    -e "$__wend_flag" || ! -e "$__wend_present_1" || -n "$__wend_unusual" && (
    ! -e "$__wend_present_2" ||
    -e "$__wend_absent_1" || -e "$__wend_absent_2" || -e "$__wend_absent_3" ||
    "${(P)__wend_watch_1-}|${(P)__wend_watch_2-}" != "$__wend_watched" ) ]]; then
    \builtin setopt local_options no_xtrace
    __wend_look_closer
  fi
}

# Find out what differs at a prompt, and ask, or see to what others have done.
# An answer may change what is compared behind it.
__wend_look_closer() {
  if [[ "${chpwd_functions-}|${precmd_functions-}" != "$__wend_arranged" ]]; then
    __wend_hook_up # a theme that has come is among what the question tells
  fi
  if [[ "$PWD|${VIRTUAL_ENV-}|${CONDA_PREFIX-}|${WEND_DISABLE-}|${_OLD_VIRTUAL_PATH+1}" != \
    "$__wend_fingerprint" || -n "$__wend_unusual" &&
    "${(P)__wend_watch_1-}|${(P)__wend_watch_2-}" != "$__wend_watched" ||
    -e "$__wend_flag" || ! -e "$__wend_present_1" || ! -e "$__wend_present_2" ||
    -e "$__wend_absent_1" || -e "$__wend_absent_2" || -e "$__wend_absent_3" ]]; then
    __wend_ask prompt
  fi
  __wend_see_to_others
}

# See to what others have done to the arrays of functions, and to PS1.
# Where arrays begin at 0, this is called at each prompt, and still finds the place in psvar.
__wend_see_to_others() {
  \builtin emulate -L zsh -o no_aliases
  if [[ "${chpwd_functions[*]-}|${precmd_functions[*]}" != "$__wend_arranged" ]]; then
    __wend_hook_up
  fi
  if __wend_is_redrawn; then
    __wend_draw
    __wend_hook_up # what has drawn it may stand behind us, and do it again
  fi
  __wend_unchanged="$__wend_fingerprint|$__wend_arranged|$__wend_drawn$__wend_shown"
}

# Tell whether PS1, or the text that it shows for us, is not as we left it.
# A slice has the same place in psvar where arrays begin at 0; of `[*]`, zsh 5.8 takes a character.
__wend_is_redrawn() {
  [[ "${PS1-}" != "$__wend_drawn" ||
    -n $__wend_marked && "${psvar+${psvar[@]:46:1}}" != "$__wend_shown" ]]
}

# Answer inside cd, so that `cd project && python` is right on one line.
# And see to the arrays of functions: what replaced one has taken our prompt away.
__wend_on_cd() {
  if [[ "${chpwd_functions-}|${precmd_functions-}" != "$__wend_arranged" ]]; then
    __wend_hook_up
  fi
  if [[ "$PWD" != "$__wend_directory" ]]; then
    __wend_ask cd
  fi
}

# See to the arrays of functions when a line has been typed, before it is run: where both have been
# replaced at once, no prompt and no cd calls us. Here nothing is asked: zsh is still reading.
__wend_on_line() {
  if [[ "${chpwd_functions-}|${precmd_functions-}" != "$__wend_arranged" ]]; then
    __wend_hook_up
  fi
}

# Take back what an activate script did in this shell: its own `deactivate` knows, but for a PS1
# that something has drawn around since. The edits that follow are those of a fresh activation.
__wend_adopt() {
  \builtin local __wend_theirs=${VIRTUAL_ENV_PROMPT-}
  if [[ -n ${_OLD_VIRTUAL_PS1+x} && ${PS1-} == *"$_OLD_VIRTUAL_PS1" ]]; then
    PS1=$_OLD_VIRTUAL_PS1
  elif [[ -n ${_OLD_VIRTUAL_PS1+x} ]]; then
    __wend_swap "(${__wend_theirs:-${VIRTUAL_ENV##*/}}) " '' ||
      __wend_swap '(%9v) ' '' || __wend_swap '(%10v) ' '' ||
      [[ $__wend_theirs != *') ' ]] || __wend_swap "$__wend_theirs" '' || :
  fi
  \builtin unset _OLD_VIRTUAL_PS1
  if [[ ${functions[deactivate]-} == *_OLD_VIRTUAL_PATH* ]]; then
    \deactivate >/dev/null 2>&1 || :
  fi
}

# Note which of the variables $@ are not exported, before an answer changes them.
# Each has a value.
__wend_note_unexported() {
  \builtin local __wend_name
  for __wend_name in "$@"; do
    __wend_unexported=(${__wend_unexported:#$__wend_name})
    if [[ ${(Pt)__wend_name} != *export* ]]; then
      __wend_unexported+=($__wend_name)
    fi
  done
}

# Let the variables $@, whose values an answer has given back, be as they were.
# None is unset.
__wend_unexport() {
  \builtin local __wend_name
  for __wend_name in ${__wend_unexported:*argv}; do
    \builtin typeset -g +x "$__wend_name"
  done
  __wend_unexported=(${__wend_unexported:|argv})
}

# Define `deactivate`. One of the user's is kept, also one that is still to be loaded.
# What calls __wend_ask is ours.
__wend_define_deactivate() {
  if [[ -z ${functions[deactivate]-} ]]; then
    if [[ $__wend_their_deactivate == *_OLD_VIRTUAL_PATH* ]]; then
      __wend_their_deactivate='' # of an environment that has gone
    fi
  elif [[ ${functions[deactivate]} != *__wend_ask* ]]; then
    __wend_their_deactivate=${functions[deactivate]}
  fi
  # `function`, so that an alias of this name cannot stand in the way.
  function deactivate {
    if [[ ${1-} == nondestructive ]]; then
      __wend_ask activate
    else
      __wend_ask deactivate
    fi
  }
}

# Remove our `deactivate`, and no other; give back the one that was there before.
# A shell in which there is none has nothing to do.
__wend_remove_deactivate() {
  if [[ ${functions[deactivate]-} == *__wend_ask* ]]; then
    \builtin unfunction deactivate
    if [[ -n $__wend_their_deactivate ]]; then
      functions[deactivate]=$__wend_their_deactivate
    fi
  fi
  __wend_their_deactivate=''
}

# Keep the line $1 for the user until the answer has been carried out.
# Never on stdout.
__wend_tell() {
  __wend_notice=$1
}

# Source the script $1, one of an environment's own.
# In a frame of its own, so that a `break` or an error in it ends nothing else; a cd asks nothing.
__wend_source() {
  \builtin local __wend_script=$1 __wend_sourcing=1
  \builtin shift
  { \. "$__wend_script" || :; } always { TRY_BLOCK_ERROR=0; }
}

# Print what the answer has to tell.
# Powerlevel10k complains of what is shown before its first prompt: then it waits for the second.
__wend_print_notice() {
  if [[ -n $__wend_notice && -n ${__p9k_instant_prompt_active-} ]]; then
    __wend_fingerprint='' __wend_unchanged=''
  elif [[ -n $__wend_notice ]]; then
    \builtin printf '%s\n' "$__wend_notice" >&2
    __wend_notice=''
  fi
}

# Replace the first $1 in PS1 by $2; fail if it is not there.
# Cut out, because a replacement would read the text as a pattern.
__wend_swap() {
  if [[ -z $1 || ${PS1-} != *"$1"* ]]; then
    return 1
  fi
  PS1=${PS1%%"$1"*}$2${PS1#*"$1"}
}

# Tell whether what we have activated is conda's active environment.
# Then our name is the one that conda itself would show.
__wend_is_conda() {
  [[ -n ${WEND_ENV-} && $WEND_ENV == "${CONDA_DEFAULT_ENV-}" ]]
}

# Give the name its text $1, and its place: that of the first of the other texts in PS1. These are
# not seen while wend's environment is active, unless an empty one stands first.
__wend_place() {
  \builtin local __wend_other __wend_hides=''
  for __wend_other in "$__wend_modifier" "$@"; do
    if [[ ${PS1-} == "$__wend_other$__wend_left_ps1" ]]; then # put in front, not around us
      __wend_left_ps1=${PS1-}
    fi
  done
  __wend_see_drawn_around
  # conda has written our environment's name into PS1 itself, and that is not active any more.
  if [[ $__wend_own_modifier != "${CONDA_PROMPT_MODIFIER-}" ]] &&
    __wend_swap "$__wend_own_modifier" ''; then
    __wend_displace_conda "$__wend_own_modifier"
  fi
  if [[ -n $1 || -n ${2-} && -n ${WEND_ENV-} ]]; then
    __wend_hides=1
  fi
  if [[ -z $1 && -n $__wend_own && -n $__wend_own_modifier &&
    $__wend_own_modifier == "${CONDA_PROMPT_MODIFIER-}" ]]; then
    __wend_displace_conda "$__wend_own_modifier" # ours is beneath another: conda shows its name
  fi
  __wend_own=$1
  \builtin shift
  __wend_put_back "$@"
  if [[ -n $__wend_hides ]]; then
    for __wend_other in "$@"; do
      if [[ $__wend_other == "$__wend_modifier" ]]; then
        if [[ -z $__wend_displaced_conda ]] && __wend_take_out "$__wend_other"; then
          __wend_displaced_conda=$__wend_other
          if [[ $__wend_displaced == "$__wend_other" ]]; then
            __wend_take_out "$__wend_other" || : # an activate script's of the same name
          fi
        elif [[ $__wend_displaced_conda == "$__wend_other" ]]; then
          __wend_swap "$__wend_other" '' || : # written again by conda
        fi
      elif [[ $__wend_displaced == "$__wend_displaced_conda" ]]; then
        __wend_take_out "$__wend_other" || :
      fi
    done
  fi
  __wend_left_ps1=${PS1-}
}

# Notice whether something has drawn around our mark since we left PS1.
# Such a PS1 must stay as it is: at each change it would grow.
__wend_see_drawn_around() {
  if [[ "${PS1-}" != "$__wend_left_ps1" ]]; then
    __wend_drawn_around=''
    if [[ "${PS1-}" == *"$__wend_mark"* ]]; then
      __wend_drawn_around=1
    fi
  fi
}

# Take the text $1 out of PS1; our mark stands for it. Fail if it is not there.
# What is displaced keeps the order in which it was seen.
__wend_take_out() {
  if [[ -z $1 || ${PS1-} != *"$1"* ]]; then
    return 1
  elif [[ -z $__wend_displaced ]]; then
    __wend_swap "$__wend_mark" '' || :
    __wend_swap "$1" "$__wend_mark"
    __wend_displaced=$1
  elif [[ ${PS1-} == *"$1"*"$__wend_mark"* ]]; then
    __wend_swap "$1" ''
    __wend_displaced=$1$__wend_displaced
  else
    __wend_swap "$1" ''
    __wend_displaced=$__wend_displaced$1
  fi
}

# Remember that conda's name was in PS1 as $1, in front, unless one is displaced already.
# What comes back for it is what conda shows by then.
__wend_displace_conda() {
  if [[ -z $__wend_displaced_conda ]]; then
    __wend_displaced=$1$__wend_displaced
    __wend_displaced_conda=$1
  fi
}

# Put back what was displaced and may be seen; $@ are the texts that the daemon names.
# Of a text that is not among these, the environment has gone. conda's name comes as it is now; it
# stays away where it is among them, and where another conda environment is shown in its place.
# Beneath another environment, ours and what it was put over stay: of these nothing is named.
# Not what is there again. Literally beside our mark, unless something draws around whatever it has
# not set, and would do so at each visit: then PS1 stays, and we show it.
__wend_put_back() {
  \builtin local __wend_front=$__wend_displaced __wend_back='' __wend_stays='' __wend_theirs=''
  \builtin local __wend_before='' __wend_after=''
  __wend_behind=''
  if [[ -z $__wend_displaced ]]; then
    return 0
  fi
  if [[ -n $__wend_displaced_conda ]]; then # in front of another text, or behind it
    __wend_front=${__wend_displaced%%"$__wend_displaced_conda"*}
    __wend_back=${__wend_displaced#*"$__wend_displaced_conda"}
    __wend_theirs=${CONDA_PROMPT_MODIFIER-}
    if [[ -n ${CONDA_PREFIX-} && -z ${CONDA_PROMPT_MODIFIER+x} ]] || # it is beneath ours
      { [[ -n $__wend_hides ]] && { __wend_is_conda || __wend_is_among "$__wend_theirs" "$@" ||
        __wend_is_among "$__wend_displaced_conda" "$@"; }; }; then
      __wend_stays=$__wend_displaced_conda __wend_theirs=''
    elif [[ ${PS1-} == *"$__wend_theirs"* ]]; then
      if [[ "${_OLD_VIRTUAL_PS1-$__wend_theirs}" == *"$__wend_theirs"* ]]; then
        __wend_theirs=''
      else # the script on top brings back a PS1 without it
        __wend_swap "$__wend_theirs" '' || :
      fi
    fi
  fi
  if [[ -z $__wend_hides && ${WEND_UNDO-} == *'"active":['* ]]; then # ours is beneath another
    __wend_is_among "$__wend_front" "$@" || __wend_before=$__wend_front
    __wend_is_among "$__wend_back" "$@" || __wend_after=$__wend_back
  fi
  __wend_is_among "$__wend_front" "$@" || __wend_front=''
  __wend_is_among "$__wend_back" "$@" || __wend_back=''
  if [[ -n $__wend_hides && -n $__wend_back ]]; then
    __wend_displaced=$__wend_stays$__wend_back
    __wend_front=$__wend_theirs __wend_back=''
  elif [[ -n $__wend_hides ]]; then
    __wend_displaced=$__wend_front$__wend_stays
    __wend_front='' __wend_back=$__wend_theirs
  else
    [[ ${PS1-} != *"$__wend_front"* ]] || __wend_front=''
    [[ ${PS1-} != *"$__wend_back"* ]] || __wend_back=''
    __wend_displaced=$__wend_before$__wend_stays$__wend_after
    __wend_back=$__wend_front$__wend_theirs$__wend_back __wend_front=''
  fi
  __wend_displaced_conda=$__wend_stays
  if [[ -z $__wend_front$__wend_back ]]; then
    return 0
  elif [[ -n $__wend_drawn_around || -n $__wend_theirs && -n ${_OLD_VIRTUAL_PS1+x} ]]; then
    __wend_displaced=$__wend_front$__wend_displaced$__wend_back
    __wend_displaced_conda=$__wend_stays$__wend_theirs
    __wend_behind=$__wend_front$__wend_back
  else
    __wend_swap "$__wend_mark" "$__wend_front$__wend_mark$__wend_back" ||
      PS1=$__wend_front$__wend_back${PS1-}
  fi
}

# Tell whether the text $1 is among the others.
# They are of environments that are active, ours excepted.
__wend_is_among() {
  \builtin local __wend_other __wend_text=$1
  \builtin shift
  for __wend_other in "$@"; do
    if [[ $__wend_other == "$__wend_text" ]]; then
      return 0
    fi
  done
  return 1
}

# See to it that PS1 has our mark, and each name once. The mark stays from the first prompt on:
# what draws around every PS1 that it has not set would draw again at each visit.
__wend_draw() {
  \builtin emulate -L zsh -o no_aliases -o no_xtrace
  if [[ -z ${PS1+x} ]]; then
    return 0
  fi
  if [[ -n $__wend_behind ||
    -n ${CONDA_PROMPT_MODIFIER-} && $PS1 == *"$CONDA_PROMPT_MODIFIER"* ]]; then
    __wend_agree_with_conda
  fi
  __wend_see_drawn_around
  __wend_shown=$__wend_own$__wend_behind
  __wend_write
  __wend_refer
  __wend_drawn=$PS1
  __wend_left_ps1=$PS1
}

# Write the text that is shown into psvar, or what was there before.
# The length is kept, too.
__wend_write() {
  if [[ -n $__wend_shown && -n $__wend_marked && "${psvar[47]-}" == "$__wend_shown" ]]; then
    return 0 # to write one element copies them all
  elif [[ -n $__wend_shown ]]; then
    if [[ -z $__wend_marked ]]; then
      __wend_length=$#psvar
      __wend_slot=${psvar[47]-}
    fi
    __wend_marked=1
    psvar[47]=$__wend_shown
  elif [[ -n $__wend_marked ]]; then
    __wend_marked=''
    psvar[47]=$__wend_slot
    __wend_trim
  fi
}

# Make psvar as long as it was before our name was in it.
# Only empty elements go, and most often all at once.
__wend_trim() {
  if [[ $#psvar -gt ${__wend_length:-0} && -z "${(j::)psvar[${__wend_length:-0}+1,-1]}" ]]; then
    psvar[${__wend_length:-0}+1,-1]=()
  fi
  while [[ $#psvar -gt ${__wend_length:-0} && -z $psvar[-1] ]]; do
    psvar[-1]=()
  done
}

# See to it that each name stands in PS1 once, though conda writes its own by itself: it removes
# the text of the old one, which is not there by our doing, and puts the new one in front.
__wend_agree_with_conda() {
  \builtin local __wend_theirs=${CONDA_PROMPT_MODIFIER-} __wend_front __wend_only_conda=''
  if [[ ${(t)PS1} == *readonly* ]]; then
    return 0
  fi
  if [[ $PS1 == "$__wend_left_ps1" || $PS1 == "$__wend_theirs$__wend_left_ps1" ]]; then
    __wend_only_conda=1
  fi
  if [[ -n $__wend_theirs && $PS1 == *"$__wend_theirs"* ]]; then
    if [[ -n $__wend_own ]] &&
      { __wend_is_conda || [[ -n $__wend_displaced_conda && -z $__wend_behind ]]; }; then
      __wend_swap "$__wend_theirs" '' # it is what we show already, or of what we are put over
      __wend_displace_conda "$__wend_theirs"
    elif [[ $PS1 == "$__wend_theirs$__wend_mark"* ]]; then # in front of ours
      PS1=$__wend_mark$__wend_theirs${PS1#"$__wend_theirs$__wend_mark"}
    fi
  fi
  if [[ -n $__wend_behind && -n $__wend_displaced_conda ]]; then
    if [[ $PS1 == *"$__wend_theirs"* ]]; then
      __wend_theirs=''
    fi
    __wend_front=${__wend_behind%%"$__wend_displaced_conda"*}
    __wend_behind=$__wend_front$__wend_theirs${__wend_behind#*"$__wend_displaced_conda"}
    __wend_front=${__wend_displaced%%"$__wend_displaced_conda"*}
    __wend_displaced=$__wend_front$__wend_theirs${__wend_displaced#*"$__wend_displaced_conda"}
    __wend_displaced_conda=$__wend_theirs
  fi
  if [[ -n $__wend_only_conda ]]; then
    __wend_left_ps1=$PS1
  fi
}

# Put the mark into PS1. Into a PS1 that was set after the first prompt it comes with a name, and
# goes with it if PS1 is as we left it.
__wend_refer() {
  if [[ ${(t)PS1} == *readonly* ]]; then
    return 0
  elif [[ $PS1 == *"$__wend_mark"* ]]; then
    if [[ -n $__wend_inserted && -z $__wend_shown && -z $__wend_drawn_around &&
      $PS1 == "$__wend_drawn" ]]; then
      __wend_swap "$__wend_mark" ''
      __wend_inserted=''
    fi
  elif [[ -n $__wend_shown || -z $__wend_drawn && -z ${VIRTUAL_ENV_DISABLE_PROMPT-} &&
    -n $__wend_percent ]]; then
    PS1=$__wend_mark$PS1
    __wend_inserted=${__wend_drawn:+1}
  fi
}

# Draw again behind a theme that has drawn the prompt: the last of precmd_functions.
# At the second prompt in a row at which nothing has, it takes itself out: a call costs as much as
# all of an unchanged prompt.
__wend_after() {
  if __wend_is_redrawn; then
    \builtin typeset -g __wend_is_drawn_over=1
    __wend_draw
  elif [[ -z $__wend_is_last ]]; then
    \builtin typeset -g __wend_is_last=1 # now, not at the prompt at which it was put there
  elif [[ -z $__wend_is_drawn_over &&
    "${chpwd_functions[*]-}|${precmd_functions[*]}" == "$__wend_arranged" ]]; then
    \builtin emulate -L zsh -o no_aliases
    precmd_functions=(${precmd_functions:#__wend_after})
    __wend_arranged="${chpwd_functions[*]}|${precmd_functions[*]}"
  fi
}

# Put us into chpwd_functions and precmd_functions: first, so that what draws the prompt sees the
# new environment; and last, for what it drew. And see which theme is among the others.
# zshaddhistory_functions is read at Enter: what replaces both of them rarely replaces it, too.
__wend_hook_up() {
  \builtin emulate -L zsh -o no_aliases
  __wend_theme=''
  if [[ "${precmd_functions[*]}" == *prompt_pure_precmd* ]]; then
    __wend_theme=theme-shows-env # it says so itself only when it has drawn once
  elif [[ "${precmd_functions[*]}" == *powerline_precmd* ]]; then # as its README calls it
    __wend_theme=powerline-shell
  fi
  if [[ ${(t)chpwd_functions}${(t)precmd_functions} == *readonly* ]]; then
    if [[ -z $__wend_losses ]]; then
      __wend_losses=0
      \builtin printf 'wend: %s is readonly: load the hook before that\n' \
        'precmd_functions or chpwd_functions' >&2
    fi
    return 0
  fi
  if [[ -z $__wend_first && ( -z ${(M)precmd_functions:#__wend_on_prompt} ||
    -z ${(M)chpwd_functions:#__wend_on_cd} ) ]]; then
    __wend_count_loss
  fi
  \builtin typeset -ga chpwd_functions precmd_functions
  chpwd_functions=(__wend_on_cd ${${chpwd_functions:#__wend_on_cd}:#__wend_prompt})
  precmd_functions=(
    __wend_on_prompt
    ${${${precmd_functions:#__wend_on_prompt}:#__wend_after}:#__wend_prompt}
    __wend_after
  )
  if [[ ${(t)zshaddhistory_functions} != *readonly* ]]; then
    \builtin typeset -ga zshaddhistory_functions
    zshaddhistory_functions=(${zshaddhistory_functions:#__wend_on_line} __wend_on_line)
  fi
  __wend_arranged="${chpwd_functions[*]}|${precmd_functions[*]}"
  __wend_is_last=''
}

# Count that we were taken out since we first answered; say so the second time.
# The first time it was a start-up file that goes on after the hook.
__wend_count_loss() {
  __wend_losses=$((${__wend_losses:-0} + 1))
  if [[ $__wend_losses == 2 ]]; then
    \builtin printf 'wend: %s was replaced again: wend doctor\n' \
      'precmd_functions or chpwd_functions' >&2
  fi
}

# Before the first prompt: be the last again, after what start-up files have added or replaced.
# `precmd` itself is called before precmd_functions is read; it is there this once.
__wend_before_first_prompt() {
  \builtin emulate -L zsh -o no_aliases
  \builtin unfunction precmd
  if [[ -n ${functions[__wend_their_precmd]-} ]]; then
    functions[precmd]=${functions[__wend_their_precmd]}
    \builtin unfunction __wend_their_precmd
  fi
  __wend_hook_up
}

# Take over from the hook of version 1, which has loaded this one inside its own __wend_ask.
# Its last word there is __wend_saw: then its question is asked again.
__wend_take_over() {
  __wend_number=$__wend_n
  case ${__wend_words-} in
    *nondestructive*) __wend_event=activate ;;
    *deactivate*) __wend_event=deactivate ;;
  esac
  __wend_own=${__wend_name-}
  __wend_shown=$__wend_own
  __wend_displaced=${__wend_swap-}
  __wend_displaced_conda=$__wend_displaced
  if [[ -n $__wend_old_mark ]] && __wend_swap "$__wend_old_mark" "$__wend_mark"; then
    psvar[20]=$__wend_slot
    __wend_trim
  fi
  __wend_saw() {
    \builtin unfunction __wend_saw
    __wend_ask cd
  }
  \builtin unfunction __wend_prompt __wend_look 2>/dev/null
}

# Whether a mark in PS1 is expanded; `emulate` hides the option.
__wend_percent=''
if [[ -o prompt_percent ]]; then
  __wend_percent=1
fi

# Begin. A start-up file may be sourced again: then the shell goes on being the one that the
# daemon knows, and what stands in PS1 and in the arrays of functions is still there.
() {
  \builtin emulate -L zsh -o no_aliases
  \builtin zmodload -F zsh/system b:sysread 2>/dev/null
  \builtin typeset -g __wend_known='' __wend_old_mark=''
  if [[ ${__wend_pid-} == $$ && ${__wend_id-} == $$-* ]]; then
    if [[ -n ${functions[__wend_saw]-} ]]; then
      __wend_known=1.0
      __wend_old_mark=${__wend_mark-}
    elif [[ -n ${__wend_began-} ]]; then
      __wend_known=2
    fi
  fi
  \builtin typeset -g __wend_program=@WEND@
  \builtin typeset -g __wend_dir='' __wend_base='' __wend_flag='' __wend_bell=''
  \builtin typeset -g __wend_refused='' __wend_away='' __wend_wrong='' __wend_told='' __wend_began=1
  \builtin typeset -g __wend_first=first __wend_event='' __wend_names='' __wend_again=''
  \builtin typeset -g __wend_fingerprint='' __wend_unchanged='' __wend_directory=''
  \builtin typeset -g __wend_unusual=1 __wend_notice=''
  \builtin typeset -g __wend_text='' __wend_sent='' __wend_try='' __wend_request='' __wend_reply=''
  \builtin typeset -g __wend_modifier='' __wend_own_modifier='' __wend_facts='' __wend_theme=''
  \builtin typeset -g __wend_variable='' __wend_limits='' __wend_byte='' __wend_slice=''
  \builtin typeset -ga __wend_more
  \builtin typeset -g __wend_losses='' __wend_is_drawn_over='' __wend_arranged=''
  \builtin typeset -g __wend_is_last=''
  \builtin typeset -g __wend_present_1=/ __wend_present_2=/
  \builtin typeset -g __wend_absent_1='' __wend_absent_2='' __wend_absent_3=''
  \builtin typeset -g __wend_watch_1=WEND_QUIET __wend_watch_2=WEND_QUIET __wend_watched=''
  \builtin typeset -g __wend_pending_reply='' __wend_pending_request='' __wend_daemon_was_alive=''
  \builtin typeset -g __wend_pause=0 __wend_next_pause=2 __wend_mark='%(47V.%47v.)'
  if [[ $__wend_known != 2 ]]; then
    \builtin typeset -g __wend_own='' __wend_displaced='' __wend_displaced_conda=''
    \builtin typeset -g __wend_shown='' __wend_behind='' __wend_drawn_around='' __wend_left_ps1=''
    \builtin typeset -g __wend_marked='' __wend_drawn='' __wend_inserted=''
    \builtin typeset -g __wend_their_deactivate=''
    \builtin typeset -ga __wend_unexported
    __wend_unexported=()
    \builtin typeset -g __wend_slot=${__wend_slot-} __wend_length=${(M)${__wend_length-}:#<0-999>}
  fi
  if [[ -z $__wend_known ]]; then
    \builtin typeset -g __wend_id='' __wend_pid=$$ __wend_number=0
    { __wend_id=$(</proc/sys/kernel/random/uuid); } 2>/dev/null
    __wend_id=$$-${__wend_id:-$RANDOM$RANDOM$RANDOM$RANDOM$RANDOM}
  elif [[ $__wend_known == 1.0 ]]; then
    __wend_take_over
  fi
  if [[ ${WEND_SHELL-} == $$-* ]]; then
    __wend_first=$WEND_SHELL # the shell that was replaced by this one, with `exec`
  fi
  \builtin typeset -gx WEND_SHELL=$__wend_id
  __wend_locate
  __wend_hook_up
  if [[ ${functions[precmd]-} != *__wend_before_first_prompt* ]]; then
    if [[ -n ${functions[precmd]-} ]]; then
      functions[__wend_their_precmd]=${functions[precmd]}
    fi
    functions[precmd]='__wend_before_first_prompt; [[ -z ${functions[precmd]-} ]] || precmd'
  fi
}

if [[ -n $__wend_sh_glob ]]; then
  \builtin setopt sh_glob
fi
