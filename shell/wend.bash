# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # replies set and read what looks unused or unset here
# shellcheck disable=SC2250,SC2310,SC2312  # braces where needed; nothing relies on `set -e`
# shellcheck disable=SC2119,SC2120,SC2317  # wrappers and replies call these, with words or without
# shellcheck disable=SC1001,SC2139  # `\b` is of `\builtin`; an alias gets its text when made
# shellcheck disable=SC2050  # `a == A` is true with `nocasematch`
#
# wend for bash 3.2 and later: the right Python environment follows you from directory to directory.
#
# The four hooks have the same functions in the same order. No trap, nothing on stdout, no process
# at a prompt or a cd. Our names begin with __wend_. `\builtin`, because anything may be an alias or
# a function by now. Every function ends with status 0 where a failure could end a `set -e` shell.
#
# Two parts: what every shell needs, and behind it what few need (the prompt of conda, a cd that
# others have defined). A shell that sources the installed file reads the second part on demand.
#
# A call copies the body of the function, and each frame with a local makes each look at a variable
# longer. So what runs at each prompt and cd is short, calls what is rare, and has few locals.
#
# What is read is opened as 3: bash takes seven system calls more to put a file in the place of an
# input that is open, and to put that back.
#
# bash keeps what it has parsed of a compound command until all of it has run. So the first part is
# several of them: in one, it takes a tenth longer to load.
__wend_loads='' __wend_keywords=''
if [[ $- == *k* ]]; then # it takes the assignments out of our commands
  __wend_keywords=1
  \builtin set +k
fi
if [[ $- == *i* && $- != *r* && ${__wend_wanted-} != @VERSION@ ]]; then
  __wend_loads=1

  # Has this shell had a hook before? Variables can be inherited, so a function must be there, too.
  __wend_known=''
  if [[ ${__wend_pid-} == "$$" && ${__wend_id-} == "$$-"* ]] &&
    { \builtin declare -f +i __wend_on_prompt || \builtin declare -f +i __wend_saw; }; then
    __wend_known=1
  fi

  # Choose the mailbox by the rule of the commands (`paths.mailbox_dir`).
  # Sets __wend_dir and what is derived from it; __wend_refused says why it must not be used, "-"
  # for nothing to be said; __wend_away is an XDG_RUNTIME_DIR that is missing and may come back.
  __wend_locate() {
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
    __wend_scratch=$__wend_dir/new/$__wend_id
    __wend_bell=''
    if [[ ${BASH_VERSINFO[0]} -gt 3 ]]; then # 3.2 waits in whole seconds only
      __wend_bell=$__wend_base.bell
    fi
  }

  # Tell whether no other user can replace what lies in the directory $1.
  # Ours will do, or a sticky one of root's, known by name: its owner can rename all that is in it.
  # For a shell of root's it is root's, as all above it, and no link leads there but one in `/`.
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

  # Ask because of the event $1, and do what the answer says.
  # What is not usual stands in functions of its own, because a call copies all that stands here.
  __wend_ask() {
    if [[ $BASH_SUBSHELL != 0 || $$ != "$__wend_pid" || -n ${__wend_sourcing-} ]]; then
      return 0
    fi
    if [[ $1 == cd && -n $__wend_has_attributes && -n ${PATH+x} ]]; then
      # Not where PATH is a local of a function that called cd, or of `PATH=x cd`: then at the
      # prompt. Only an attribute tells without a process, since 4.4; before, it gets the change.
      \builtin declare -gt PATH
      __wend_attributes=${PATH@a}
      \builtin declare -g +t PATH
      if [[ $__wend_attributes != *t* ]]; then
        return 0
      fi
    fi
    # Nor where another function has changed one of these since: it may be a local, too.
    if [[ $1 == cd && -n ${FUNCNAME[3]-} && -n $__wend_fingerprint &&
      ($__wend_fingerprint != *":${VIRTUAL_ENV-}:${CONDA_PREFIX-}:${WEND_DISABLE-}:"* ||
      ${PYTHONHOME-} != "$__wend_python_home") ]]; then
      return 0
    fi
    __wend_modifier='' __wend_own_modifier=''
    if [[ $1 == *activate || -n $__wend_pending_reply || ${WEND_DISABLE:-0} != 0 ||
      -n ${CONDA_PROMPT_MODIFIER-} ]] && __wend_asks_nothing "$1"; then
      return 0
    fi
    for __wend_try in 1 2 3 4 5; do
      __wend_again='' __wend_text='' __wend_sent='' __wend_pending_reply=''
      __wend_number=$((__wend_number + 1))
      __wend_request=$__wend_base.$__wend_number.req
      __wend_reply=$__wend_base.$__wend_number.rep
      { __wend_ready && __wend_exchange "$1"; } 2>/dev/null || :
      case ${__wend_text-} in # for a long text a third cheaper than `[[ ]]`
        *': wend-end') ;;
        *)
          __wend_rarely __wend_unanswered
          return 0
          ;;
      esac
      \builtin eval "$__wend_text"
      if [[ -z $__wend_again ]]; then
        __wend_pause=0 __wend_next_pause=2 __wend_told='' __wend_first='' __wend_event=''
        __wend_remember
        if [[ $1 == prompt || -z $__wend_looked ]]; then
          __wend_follow_up "$1"
        fi
        return 0
      fi
    done
    __wend_pause=0 __wend_next_pause=2 __wend_told=''
    __wend_fingerprint='' # there is more to ask for: the next prompt goes on
  }

  # Do what follows an answer: at a prompt, or where cd has not been looked at.
  # A theme that shows the environment may have drawn already.
  __wend_follow_up() {
    if [[ $1 == prompt && $__wend_was != "|${VIRTUAL_ENV-}|${CONDA_PREFIX-}" &&
      $__wend_was == \|* && -z $__wend_own$__wend_behind ]]; then
      __wend_overtaken=1
      __wend_shown=''
    fi
    if [[ -z $__wend_looked ]]; then
      __wend_look_at_cd
    fi
  }

  # Tell whether to leave a question unasked. A typed event ("deactivate", "activate") is kept until
  # it has been answered.
  __wend_asks_nothing() {
    if [[ $1 == *activate ]]; then
      __wend_event=$1
    fi
    if [[ -n $__wend_pending_reply ]] && __wend_is_quiet; then
      return 0
    fi
    if [[ ${WEND_DISABLE:-0} != 0 && -z ${WEND_UNDO-} ]]; then
      __wend_remember
      return 0
    fi
    __wend_modifier=${CONDA_PROMPT_MODIFIER-}
    # A place that the record spells with escapes is told by the name.
    if [[ -n $__wend_modifier &&
      (${WEND_UNDO-} == *'"active":["'*",\"${CONDA_PREFIX-}\",\""* ||
      ${WEND_UNDO-} == *'"active":["'*\\* && ${WEND_ENV-} == "${CONDA_DEFAULT_ENV-}") ]]; then
      __wend_own_modifier=$__wend_modifier # conda's active environment is active by our doing
    fi
    return 1
  }

fi
if [[ -n $__wend_loads ]]; then

  # Send the question, wait for the answer, 250 ms at most, and read it into __wend_text.
  # The bell is open around both, so that a byte rung in between is not lost, and never longer.
  __wend_exchange() {
    if [[ ! -p $__wend_bell || ! -O $__wend_bell ]]; then
      __wend_exchange_first "$1"
    else
      {
        if __wend_send "$1"; then
          __wend_since=${EPOCHREALTIME-}
          if [[ -z $__wend_since ]]; then # before 5.0
            __wend_rarely __wend_read_clock
            __wend_since=$__wend_now
          fi
          \builtin read -u 3 -r -t 0.25 -n 1 __wend_byte || :
          if [[ ! -e $__wend_reply ]]; then
            __wend_rarely __wend_wait
          fi
        fi
      } 3<>"$__wend_bell"
    fi
    if [[ ! -e $__wend_reply || ! -O $__wend_reply ]]; then
      return 0
    fi
    if [[ -n $__wend_new ]]; then
      \builtin mapfile -u 3 -d '' -t __wend_text 3<"$__wend_reply"
    else
      IFS='' \builtin read -u 3 -r -d '' __wend_text 3<"$__wend_reply" || :
    fi
  }

  # Send the question and wait for the answer where there is no bell: the first question, or 3.2.
  # Here the answer is looked for: it is usually there before the clock is needed.
  __wend_exchange_first() {
    if __wend_send "$1"; then
      __wend_turn=0
      while [[ ! -e $__wend_reply && $__wend_turn != 1000 ]]; do
        __wend_turn=$((__wend_turn + 1))
      done
      if [[ ! -e $__wend_reply ]]; then
        __wend_rarely __wend_poll
      fi
    fi
  }

  # Write the question: NUL-ended fields, "." last. Each name costs a microsecond.
  # The installer writes the table of names into the blanks; rare ones are tested together first.
  __wend_send() {
    __wend_more=() __wend_facts=''
    # shellcheck disable=SC2157  # the blank
    if [[ -n $__wend_names@RARE_TESTS@ ]]; then
      __wend_gather
    fi
    # Of an unset variable an attribute is "" before 5.0, and an error with `set -u`. Versions
    # without never come to these words.
    if [[ $__wend_has_attributes != 1 || $- == *u* ]]; then
      __wend_rarely __wend_look_for_attributes
    elif [[ ${PATH@a}${VIRTUAL_ENV@a}${WEND_UNDO@a}${PS1@a}${VIRTUAL_ENV_PROMPT@a} == *[!xt]* ||
      ${PYTHONHOME@a}${CONDA_PREFIX@a}${WEND_ENV@a} == *[!xt]* ]]; then
      __wend_facts='readonly' # or a number, a list, a text that is rewritten
    elif [[ -n $__wend_first ]] && \builtin test -R VIRTUAL_ENV -o -R VIRTUAL_ENV_PROMPT \
      -o -R PYTHONHOME -o -R CONDA_PREFIX -o -R WEND_UNDO -o -R WEND_ENV; then
      __wend_has_attributes=references # this one has no attribute
      __wend_facts='readonly'
    fi
    if [[ ${PROMPT_COMMAND[*]-} == *_update_ps1* ]]; then # as powerline-shell wants to be called
      __wend_facts+=' powerline-shell'
    fi
    \builtin printf '%s\0' 2 bash "$$" "$__wend_id" "$__wend_number" "$PWD" "${WEND_UNDO-}" \
      "${__wend_event:-$1}" "$__wend_facts" "$__wend_first" "$__wend_names" \
      @COMMON_FIELDS@ \
      ${__wend_more[@]+"${__wend_more[@]}"} . >|"$__wend_request" &&
      __wend_sent=1
  }

  # Put the rare variables that are set into __wend_more, and those that the daemon asked for.
  # By name, because these are in few shells.
  __wend_gather() {
    \builtin local __wend_variable IFS=$' \t\n'
    for __wend_variable in @RARE_NAMES@ $__wend_names; do
      if [[ -n ${!__wend_variable+x} ]]; then
        __wend_more+=("$__wend_variable=${!__wend_variable}")
      fi
    done
  }

fi
if [[ -n $__wend_loads ]]; then

  # Look whether there is a daemon to ask; else start one.
  # Fails with the reason in __wend_wrong, "-" for nothing to be said; each question looks again.
  __wend_ready() {
    __wend_wrong='' __wend_limits=''
    if [[ -n $__wend_refused || ! -O $__wend_dir || -L $__wend_dir ||
      ! /proc/self/ns/mnt -ef $__wend_dir/ns || -n $__wend_away && -O $__wend_away ]]; then
      __wend_rarely __wend_inspect
    fi
    if [[ -r /proc/self/limits ]]; then # where `ulimit -f` forbids it, writing kills the shell
      \builtin mapfile -u 3 -s 2 -n 1 __wend_limits 3</proc/self/limits || :
      if [[ -n ${__wend_limits-} && ${__wend_limits:26:6} == *' '* ]]; then
        __wend_wrong=- # the soft limit stands there: the kernel writes it so
      fi
    fi
    [[ -z $__wend_wrong ]]
  }

  # Remember the variables that the answer rests on, and the shell's options for `set -x`.
  # A prompt compares them as two texts.
  __wend_remember() {
    __wend_fingerprint=$PWD:${VIRTUAL_ENV-}:${CONDA_PREFIX-}:${WEND_DISABLE-}:$-
    __wend_values=${_OLD_VIRTUAL_PATH+1}:${!__wend_watch_1-}:${!__wend_watch_2-}
    __wend_python_home=${PYTHONHOME-}
    if [[ -n $__wend_away && -z $__wend_absent_3 && ! -e $__wend_away ]]; then
      __wend_absent_3=$__wend_away # then the next prompt moves there, else the next question
    fi
  }

  # Show the text $1 in front of the prompt, in the place of the first of the others that is there.
  # Without a text, as the last of PROMPT_COMMAND: look after what was shown, and after the former.
  __wend_show() {
    # The status of the user's command is wanted where a theme draws once more. With texts, nothing
    # of others may be in the place of wend's.
    if [[ ${__wend_overtaken:+$((__wend_status = $?))}${__wend_watched:+$((__wend_status = $?))} ||
      ${PS1-}${1-$__wend_name}${CONDA_PROMPT_MODIFIER-}${PROMPT_COMMAND-}$- != "$__wend_shown" ||
      $# != 0 && -n $__wend_displaced$__wend_behind$__wend_own_modifier${2+-} || a == A ]]; then
      # As in on_change.
      if [[ $- == *[kx]* ]] && { \builtin local - && \builtin set +kx; } 2>/dev/null; then
        __wend_show "$@"
      else
        __wend_show_changed "$@"
      fi
    fi
  }

  # Show the text as `show` has to, where anything differs from what is shown.
  # Mostly the name alone does, which is seen through the reference.
  __wend_show_changed() {
    if [[ $# != 1 || ${PS1-} != "$__wend_left_ps1" || ${PS1-} != *"$__wend_reference"* || a == A ||
      -n $__wend_displaced$__wend_behind$__wend_inserted ||
      -n $__wend_own_modifier${CONDA_PROMPT_MODIFIER-} ]] || ! \builtin shopt -q promptvars; then
      __wend_show_otherwise "$@"
    else
      __wend_own=$1 __wend_name=$1
      __wend_shown=$PS1$1$__wend_command$-
    fi
  }

  # Show the text where more than the name differs.
  # A PROMPT_COMMAND that was replaced is restored first.
  __wend_show_otherwise() {
    if [[ a == A ]]; then # as in on_change
      \builtin shopt -u nocasematch
      __wend_show_otherwise "$@"
      \builtin shopt -s nocasematch
      return 0
    fi
    if [[ $# == 0 && ${PROMPT_COMMAND-} == "$__wend_command" ]]; then
      __wend_watched=''
    elif [[ $# == 0 ]]; then
      __wend_rarely __wend_see_to_command
    elif [[ $# != 1 || -n $__wend_displaced$__wend_behind$__wend_own_modifier ]]; then
      __wend_rarely __wend_place "$@"
    else
      __wend_own=$1
    fi
    if [[ $# == 0 && -n $__wend_overtaken ]]; then
      __wend_rarely __wend_draw_again ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"}
    fi
    __wend_draw
  }

fi
if [[ -n $__wend_loads ]]; then

  # Draw the name: see to it that PS1 has our reference. It stays from the first prompt on: what
  # draws around every PS1 that it has not set would draw again at each visit.
  __wend_draw() {
    if [[ -z ${PS1+x} ]]; then
      return 0
    fi
    if [[ -n $__wend_behind ||
      -n ${CONDA_PROMPT_MODIFIER-} && $PS1 == *"$CONDA_PROMPT_MODIFIER"* ]]; then
      __wend_rarely __wend_agree_with_conda
    fi
    if [[ $PS1 != "$__wend_left_ps1" ]]; then
      __wend_notice
    fi
    __wend_name=$__wend_own$__wend_behind
    if ! \builtin shopt -q promptvars; then
      __wend_rarely __wend_spell_out
    elif [[ $PS1 != *"$__wend_reference"* ]]; then
      if [[ -n $__wend_name || -z $__wend_shown && -z ${VIRTUAL_ENV_DISABLE_PROMPT-} ]] &&
        ! __wend_is_readonly PS1; then
        PS1=$__wend_reference$PS1
        __wend_inserted=$__wend_shown
      fi
    elif [[ -n $__wend_inserted && -z $__wend_name && -z $__wend_drawn_around ]]; then
      # Into a PS1 that was set after the first prompt it came with a name, and goes with it.
      PS1=${PS1%%"$__wend_reference"*}${PS1#*"$__wend_reference"}
      __wend_inserted=''
    fi
    __wend_left_ps1=$PS1
    __wend_shown=$PS1$__wend_name${CONDA_PROMPT_MODIFIER-}$__wend_command$-
  }

  # Notice that PS1 is not as we left it: something has drawn around our reference, or replaced it.
  # The former must stay as it is: at each change it would grow.
  __wend_notice() {
    __wend_drawn_around='' __wend_redrawn=1
    if [[ $PS1 == *"$__wend_reference"* ]]; then
      __wend_drawn_around=1 __wend_redrawn=''
    fi
  }

  # Answer at a prompt, before anything draws it; from on_cd, for the event $1: ask if anything
  # differs from what the last answer rests on. Fixed slots, and no call: it is the common way.
  __wend_on_prompt() {
    if [[ $PWD:${VIRTUAL_ENV-}:${CONDA_PREFIX-}:${WEND_DISABLE-}:$- != "$__wend_fingerprint" ||
      ${_OLD_VIRTUAL_PATH+1}:${!__wend_watch_1-}:${!__wend_watch_2-} != "$__wend_values" ||
      -e $__wend_flag || ! -e $__wend_present_1 || ! -e $__wend_present_2 ||
      -e $__wend_absent_1 || -e $__wend_absent_2 || -e $__wend_absent_3 || a == A ]]; then
      __wend_on_change "$@"
    fi
  }

  # Ask at a prompt, or for the event $1, because something differs.
  # With `set -x` the options do: go on without it, where `local -` gives it back; and without
  # `set -k`, which takes the assignments out of our commands.
  __wend_on_change() {
    if [[ $- == *[kx]* ]] && { \builtin local - && \builtin set +kx; } 2>/dev/null; then
      __wend_on_prompt "$@"
      return 0
    fi
    if [[ a == A ]]; then # with `nocasematch`, one directory would be taken for another
      \builtin shopt -u nocasematch
      __wend_on_prompt "$@"
      \builtin shopt -s nocasematch
      return 0
    fi
    if [[ $# == 0 ]]; then
      __wend_ran=1 __wend_was="$__wend_name|${VIRTUAL_ENV-}|${CONDA_PREFIX-}"
    fi
    if [[ $PWD != "$__wend_pwd" ]]; then # no wrapper told of it: cd was redefined
      __wend_pwd=$PWD
      __wend_looked=''
    fi
    __wend_ask "${1:-prompt}" || :
  }

  # Answer inside cd, so that `cd project && python` is right on one line; return the status $1.
  # And see to PROMPT_COMMAND: who replaced it has taken our prompt away.
  __wend_on_cd() {
    if [[ ${PROMPT_COMMAND-} != "$__wend_command" ]]; then
      __wend_hook_up
    fi
    if [[ $PWD != "$__wend_pwd" && $- != *[kx]* && a != A ]]; then
      __wend_pwd=$PWD
      __wend_ask cd || :
    else # with `set -x`, `set -k` or `nocasematch`, it goes on without
      __wend_on_prompt cd
    fi
    return "${1:-0}"
  }

fi
if [[ -n $__wend_loads ]]; then

  # Take back what an activate script did in this shell.
  # Rarely needed.
  __wend_adopt() {
    __wend_rarely __wend_take_back
  }

  # Define `deactivate`. One of the user's is kept, and comes back on leaving.
  # `function`, so that an alias of this name cannot stand in the way.
  __wend_define_deactivate() {
    if \builtin declare -f +i deactivate; then
      if ! __wend_rarely __wend_keep_deactivate; then
        return 0
      fi
    elif [[ $__wend_their_deactivate == *_OLD_VIRTUAL_PATH* ]]; then
      # It is of an environment that has gone.
      __wend_their_deactivate=''
    fi
    function deactivate {
      { [[ $- != *[kx]* ]] || \builtin local - && \builtin set +kx; } 2>/dev/null || :
      if [[ ${1-} == nondestructive ]]; then
        __wend_ask activate
      else
        __wend_ask deactivate
      fi
    }
  }

  # Remove our `deactivate`, and no other; give back the one that was there before.
  # What calls __wend_ask is ours.
  __wend_remove_deactivate() {
    if [[ -n $__wend_first && -z $__wend_known ]]; then # a new shell has none of wend's
      return 0
    fi
    __wend_read builtin declare -f deactivate # no local here: it would slow the reading
    case $__wend_body in
      *__wend_ask*)
        \builtin unset -f deactivate
        if [[ -n $__wend_their_deactivate ]]; then
          __wend_rarely __wend_define "$__wend_their_deactivate"
        fi
        ;;
      *) ;;
    esac
    __wend_their_deactivate=''
  }

  # Print the line $1 for the user.
  # Never on stdout.
  __wend_tell() {
    \builtin printf '%s\n' "$1" >&2
  }

  # Source the script $1, one of an environment's own.
  # In a frame of its own, so that a `break` or `shift` in it ends nothing else; a cd asks nothing.
  __wend_source() {
    \builtin local __wend_script="$1" __wend_sourcing=1
    \builtin shift
    # shellcheck disable=SC1090  # of an environment
    \. "$__wend_script" || :
  }

  # Put us into PROMPT_COMMAND: first, so that who draws the prompt sees the new environment, and
  # last, for what they drew. Before 5.1 at the end only, where no other command gets our status.
  __wend_hook_up() {
    if [[ -z $__wend_first || ${PROMPT_COMMAND[*]-} == *__wend_* ]] ||
      __wend_is_readonly PROMPT_COMMAND; then
      __wend_rarely __wend_hook_up_again
    elif [[ -n $__wend_new ]]; then
      __wend_join
    else
      # shellcheck disable=SC2128,SC2178  # a plain variable in these versions
      PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$__wend_entry
    fi
    __wend_command=${PROMPT_COMMAND-}
  }

  # Tell whether the variable $1 is readonly.
  # Then it cannot be made a local either, in all versions.
  __wend_is_readonly() {
    ! \builtin local "$1" 2>/dev/null
  }

  # Stand around what others have in PROMPT_COMMAND.
  # What they have is remembered, and whether it was a plain variable.
  __wend_join() {
    __wend_was_plain=1
    if [[ ${PROMPT_COMMAND+${PROMPT_COMMAND@a}} == *a* ]]; then
      __wend_was_plain=''
    fi
    __wend_joined=(${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"})
    PROMPT_COMMAND=(__wend_on_prompt ${__wend_joined[@]+"${__wend_joined[@]}"} __wend_show)
  }

fi
if [[ -n $__wend_loads ]]; then

  # Look whether cd, pushd and popd call us: bash has no hook for a change of directory, and a
  # start-up file may have defined its own behind ours. An alias comes first in what is read.
  __wend_look_at_cd() {
    \builtin local __wend_body
    __wend_looked=1
    if [[ ${PROMPT_COMMAND-} == "$__wend_command" ]]; then
      __wend_watched=''
    fi
    __wend_read __wend_list cd pushd popd
    if [[ $__wend_body != 'cd ('*__wend_on_cd*'pushd ('*__wend_on_cd*'popd ('*__wend_on_cd* ]]; then
      __wend_rarely __wend_wrap_all
    fi
  }

  # Give back cd, pushd and popd as they were, because a setting says so.
  # Called with each answer as long as it does.
  __wend_unwrap_cd() {
    if [[ $__wend_looked != off ]]; then
      __wend_looked=off
      __wend_rarely __wend_unwrap_all
    fi
  }

  # List the aliases and the functions of the names.
  # An alias of one of them comes first.
  __wend_list() {
    \builtin alias "$@"
    \builtin declare -f "$@"
  }

  # Read what the command prints into __wend_body, and none of its errors; a newline may end it.
  # Before 5.3 only a file can carry it without a process. It lies where its writing does not wake
  # the daemon.
  __wend_read() {
    __wend_body=''
    if [[ -n $__wend_can_capture ]]; then
      # shellcheck disable=SC2016  # older versions could not parse it
      \builtin eval '__wend_body=${ "$@" || :; }' 2>/dev/null || : # `set -e` counts within, too
    else
      {
        "$@" >|"$__wend_scratch" || :
        if [[ -n $__wend_new ]]; then
          \builtin mapfile -u 3 -d '' -t __wend_body 3<"$__wend_scratch"
        else
          IFS='' \builtin read -u 3 -r -d '' __wend_body 3<"$__wend_scratch" || :
        fi
      } 2>/dev/null
    fi
    __wend_body=${__wend_body-}
  }

  # Call the function $1 of the second part with the other words; read that part if it is not there.
  # Of another version than ours, the file has loaded itself again as a whole.
  __wend_rarely() {
    \builtin local __wend_wanted=@VERSION@
    # `declare -f +i` prints nothing and changes nothing: it tells whether there is such a function.
    if ! \builtin declare -f +i "$1" && [[ -r $__wend_file ]]; then
      # shellcheck source=wend.bash
      \builtin . "$__wend_file"
    fi
    if \builtin declare -f +i "$1"; then
      "$@"
    fi
  }

fi
if [[ -n $__wend_loads ]]; then

  # Begin. A start-up file may be sourced again: then the shell goes on being the one that the
  # daemon knows, and what stands in PS1, in PROMPT_COMMAND and around cd is still there.
  __wend_program=@WEND@
  __wend_file=''
  if [[ ${FUNCNAME[0]:-source} == source && ${BASH_SOURCE[0]-} == /*/wend/hooks/wend.bash ]]; then
    __wend_file=${BASH_SOURCE[0]}
  fi
  # shellcheck disable=SC2016  # PROMPT_COMMAND expands it, to nothing where a child inherits it
  __wend_entry='${__wend_pid:+"__wend_on_prompt"}; ${__wend_pid:+"__wend_show"}' # IFS may hold `_`
  __wend_new='' __wend_has_attributes='' __wend_can_capture=''
  case ${BASH_VERSINFO[0]}.${BASH_VERSINFO[1]} in
    [123].* | 4.[0123]) ;;
    4.* | 5.0) __wend_has_attributes=1 ;;
    5.[12]) __wend_has_attributes=1 __wend_new=1 ;; # PROMPT_COMMAND may be an array
    *) __wend_has_attributes=1 __wend_new=1 __wend_can_capture=1 ;;
  esac
  __wend_first=first __wend_event='' __wend_names='' __wend_fingerprint='' __wend_values=''
  __wend_python_home=''
  __wend_present_1=/ __wend_present_2=/
  __wend_absent_1='' __wend_absent_2='' __wend_absent_3=''
  __wend_watch_1=WEND_QUIET __wend_watch_2=WEND_QUIET
  __wend_pending_reply='' __wend_pending_request='' __wend_daemon_was_alive=''
  __wend_pause=0 __wend_next_pause=2 __wend_told='' __wend_losses='' __wend_pwd='' __wend_looked=''
  __wend_ran='' __wend_watched=1 # the first prompt is looked at closely
  __wend_overtaken='' __wend_status=0
  __wend_modifier='' __wend_own_modifier='' __wend_from_1=''
  if [[ -n $__wend_known ]] && \builtin declare -f +i __wend_saw; then
    __wend_from_1=1
  fi
  if [[ -z $__wend_known || -n $__wend_from_1 ]]; then
    __wend_own='' __wend_behind='' __wend_displaced='' __wend_displaced_conda=''
    __wend_inserted='' __wend_left_ps1='' __wend_shown='' __wend_drawn_around=''
    __wend_command='' __wend_was_plain='' __wend_their_deactivate='' __wend_wraps=''
    __wend_unexported=''
    __wend_joined=()
    # shellcheck disable=SC2016  # PS1 expands it
    __wend_reference='${__wend_name-}'
  fi
  if [[ -z $__wend_known ]]; then
    __wend_id=${SRANDOM-}
    if [[ -n $__wend_id ]]; then # 5.1 and later
      __wend_id+=-$SRANDOM-$SRANDOM-$SRANDOM
    else
      { IFS='' \builtin read -r __wend_id </proc/sys/kernel/random/uuid; } 2>/dev/null || :
    fi
    __wend_id=$$-${__wend_id:-$RANDOM$RANDOM$RANDOM$RANDOM}
    __wend_pid=$$ __wend_number=0 __wend_name=''
  fi
  if [[ ${WEND_SHELL-} == "$$-"* ]]; then
    __wend_first=$WEND_SHELL # the shell that was replaced by this one, with `exec`
  fi
  \builtin export "WEND_SHELL=$__wend_id"
  __wend_locate
  __wend_hook_up
  if [[ -n $__wend_from_1 ]]; then
    __wend_rarely __wend_take_over
  elif [[ -z $__wend_known ]]; then
    __wend_draw
    __wend_shown='' # the first prompt shows what the start-up files have made of PS1
    __wend_redrawn=''
  fi
  # Others' own are wrapped at the first prompt, and aliases.
  if ! \builtin declare -f +i cd && ! \builtin declare -f +i pushd &&
    ! \builtin declare -f +i popd; then
    function cd {
      \builtin cd "$@" || return
      __wend_on_cd
    }
    function pushd {
      \builtin pushd "$@" || return
      __wend_on_cd
    }
    function popd {
      \builtin popd "$@" || return
      __wend_on_cd
    }
  fi
fi

if [[ -n $__wend_keywords ]]; then
  \builtin set -k
fi

# Here the installed file ends at first. Only if this file is being sourced: a shell that has its
# text from elsewhere (`eval`, a plugin manager) goes on.
if [[ -z ${__wend_wanted-} && ${FUNCNAME[0]:-source} == source ]] &&
  [[ ${BASH_SOURCE[0]-} == /*/wend/hooks/wend.bash ]]; then
  return 0
fi
if [[ $- == *i* && $- != *r* ]]; then

  if [[ -z $__wend_wraps ]]; then # what this shell has wrapped, and no other
    __wend_wraps=0
    for __wend_try in cd pushd popd; do
      \builtin unset -v "__wend_text_of_$__wend_try" "__wend_name_of_$__wend_try" \
        "__wend_alias_of_$__wend_try"
    done
  fi

  # Tell whether to keep quiet about the question that is out: its file is there, its answer is not.
  # Not if the daemon that kept silent is gone since, nor if none has come for too many prompts.
  __wend_is_quiet() {
    if [[ ! -e $__wend_pending_reply && -e $__wend_pending_request ]]; then
      if [[ -e $__wend_dir/ns && -e /proc/self/ns/mnt ]]; then # elsewhere it may be of a dead one
        return 0
      elif [[ -z $__wend_daemon_was_alive || -e $__wend_dir/ns ]]; then
        __wend_pause=$((__wend_pause > 0 ? __wend_pause - 1 : 0))
        if [[ $__wend_pause != 0 ]]; then
          return 0
        fi
      fi
    fi
    if [[ -n $__wend_daemon_was_alive ]]; then # and has gone or answered since
      __wend_pause=0
    fi
    return 1
  }

  # Go on waiting at the bell for what is left of the time.
  # It has rung for an older question, or a trapped signal has ended the first `read`.
  __wend_wait() {
    __wend_left=250001
    __wend_since=${__wend_since//[!0-9]/}
    while [[ ! -e $__wend_reply && -n $__wend_since ]]; do
      if ! __wend_has_time 1000; then
        return 0
      fi
      \builtin printf -v __wend_byte '0.%06d' "$__wend_left"
      \builtin read -u 3 -r -t "$__wend_byte" -n 1 __wend_byte || :
    done
  }

  # Go on looking for the answer until it is there, 250 ms at most.
  # Without a clock some 60 ms.
  __wend_poll() {
    __wend_left=250001
    __wend_read_clock
    __wend_since=$__wend_now
    while [[ ! -e $__wend_reply && $__wend_turn != 4000 ]]; do
      if [[ -z $__wend_since ]]; then
        __wend_turn=$((__wend_turn + 1))
      elif ! __wend_has_time 0; then
        return 0
      fi
    done
  }

  # Set __wend_left to the microseconds left; fail if they are not more than $1.
  # Nor if there are more than before: the clock was set back, and would keep the prompt for long.
  __wend_has_time() {
    __wend_before=$__wend_left
    __wend_read_clock
    __wend_left=$((250000 - (__wend_now - __wend_since)))
    [[ $__wend_left -gt $1 && $__wend_left -le $__wend_before ]]
  }

  # Set __wend_now to microseconds of a clock, empty where there is none.
  # bash has one since 5.0; Linux tells hundredths of seconds.
  __wend_read_clock() {
    __wend_now=${EPOCHREALTIME-}
    if [[ -z $__wend_now && -r /proc/uptime ]]; then
      IFS=' ' \builtin read -r __wend_now _ </proc/uptime
      __wend_now+=0000
    fi
    __wend_now=${__wend_now//[!0-9]/}
  }

  # Note which of the variables $@ are not exported, before an answer changes them.
  # Each has a value.
  __wend_note_unexported() {
    \builtin local __wend_variable __wend_body
    for __wend_variable in "$@"; do
      __wend_unexported=${__wend_unexported//" $__wend_variable "/}
      if [[ -n $__wend_has_attributes ]]; then
        __wend_body=${!__wend_variable@a}
      else
        __wend_read builtin declare -p "$__wend_variable"
        __wend_body=${__wend_body%%"$__wend_variable"*}
      fi
      if [[ $__wend_body != *x* ]]; then
        __wend_unexported+=" $__wend_variable "
      fi
    done
  }

  # Let the variables $@, whose values an answer has given back, be as they were.
  # None is unset.
  __wend_unexport() {
    \builtin local __wend_variable
    for __wend_variable in "$@"; do
      if [[ $__wend_unexported == *" $__wend_variable "* ]]; then
        __wend_unexported=${__wend_unexported//" $__wend_variable "/}
        \builtin export -n "${__wend_variable?}"
      fi
    done
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
    # shellcheck disable=SC2016  # for sh
    (/bin/sh -c 'PATH=/usr/bin:/bin:$PATH; umask 077
      [ -d "$1" ] || [ "$(find "${1%/*}/." -prune -perm -2 ! -perm -1000)" ] || mkdir "$1"
      mkfifo "$2"; "$0" daemon run "$1" &' \
      "$__wend_program" "$__wend_dir" "$__wend_base.bell" </dev/null >/dev/null 2>&1) || :
  }

  # Say in __wend_facts whether a variable that an answer changes is readonly, or is not plain text.
  # For `set -u`, and for versions without attributes, which tell what is readonly alone.
  __wend_look_for_attributes() {
    \builtin local __wend_variable
    if [[ -n $__wend_has_attributes ]]; then
      \builtin local -
      \builtin set +u
      if [[ ${PATH@a}${VIRTUAL_ENV@a}${WEND_UNDO@a}${PS1@a}${VIRTUAL_ENV_PROMPT@a} == *[!xt]* ||
        ${PYTHONHOME@a}${CONDA_PREFIX@a}${WEND_ENV@a} == *[!xt]* ]]; then
        __wend_facts='readonly'
      fi
    fi
    for __wend_variable in PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME CONDA_PREFIX \
      WEND_UNDO WEND_ENV PS1; do
      if __wend_is_readonly "$__wend_variable" || {
        [[ -n $__wend_has_attributes ]] && \builtin test -R "$__wend_variable"
      }; then
        __wend_facts='readonly'
      fi
    done
  }

  # Do what a question without an answer needs.
  # What was not sent whole is not waited for: the next prompt tries again.
  __wend_unanswered() {
    if [[ -n $__wend_wrong ]]; then
      if [[ $__wend_wrong != - && $__wend_wrong != "$__wend_told" ]]; then
        __wend_told=$__wend_wrong
        __wend_tell "wend: $__wend_wrong"
      fi
      return 0
    fi
    if [[ -n $__wend_event && $__wend_told != "$__wend_event" ]]; then
      __wend_told=$__wend_event
      __wend_tell 'wend: no answer: your command takes effect when the daemon is back'
    fi
    if [[ -z $__wend_sent ]]; then
      return 0
    fi
    __wend_pending_reply=$__wend_reply
    __wend_pending_request=$__wend_request
    __wend_fingerprint='' # so that each prompt looks whether it is there
    __wend_daemon_was_alive=''
    if [[ -e $__wend_dir/ns ]]; then
      __wend_daemon_was_alive=1
    fi
    if [[ $__wend_pause == 0 ]]; then
      __wend_start
    fi
  }

  # Find out what is wrong with the mailbox, and help: it may be missing, or its daemon.
  # XDG_RUNTIME_DIR is made again after log-out and log-in, so the place is chosen again.
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
    if [[ -d $__wend_dir && -O $__wend_dir && ! -L $__wend_dir ]]; then
      if [[ ! -e $__wend_dir/ns ]]; then
        # Without room for a question, a daemon could not begin either.
        if : >|"$__wend_request"; then
          __wend_start
        fi
      elif [[ -e /proc/self/ns/mnt && ! /proc/self/ns/mnt -ef $__wend_dir/ns ]]; then
        __wend_wrong=- # the daemon of another mount namespace: it sees other files
      fi
    elif [[ -e $__wend_dir || -L $__wend_dir ]]; then
      __wend_wrong="$__wend_dir is not a directory of yours: remove it, or set WEND_RUNTIME_DIR"
      __wend_pause=0
    else
      __wend_start
      if [[ ! -d $__wend_dir ]]; then
        __wend_wrong=- # the directory around it is missing, as after log-out
      fi
    fi
  }

  # See whether something else stands first in PROMPT_COMMAND. If it calls us, it is welcome to, and
  # a second prompt tells; at the first one we know. Else take our place back, and answer.
  # Where bash-preexec has put itself there just now, it would take us for the next command typed.
  __wend_see_to_command() {
    \builtin local -a __wend_elements
    if \builtin declare -F __bp_interactive_mode >/dev/null; then
      __bp_interactive_mode force || :
    fi
    if [[ ${PROMPT_COMMAND-} == *__wend_on_prompt* ||
      -n $__wend_watched && -n $__wend_ran ]]; then
      __wend_watched=''
      __wend_command=${PROMPT_COMMAND-}
    elif [[ -n $__wend_watched ]]; then
      __wend_watched=''
      __wend_elements=(${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"})
      __wend_hook_up
      __wend_on_prompt
      if [[ -n $__wend_overtaken ]]; then
        __wend_draw_again ${__wend_elements[@]+"${__wend_elements[@]}"}
      fi
    else
      __wend_watched=1
      __wend_ran=''
      __wend_fingerprint=''
    fi
  }

  # Have a theme draw once more that shows the environment and has drawn before it was there: run
  # what stands before us in $@, the elements of PROMPT_COMMAND. Only where PS1 was replaced, and
  # what it prints has been seen.
  __wend_draw_again() {
    \builtin local __wend_element __wend_text=''
    __wend_overtaken=''
    if [[ -z $__wend_redrawn && ${PS1-} == "$__wend_left_ps1" ]]; then
      return 0
    fi
    for __wend_element in "$@"; do
      if [[ $__wend_element != *__wend_* ]]; then
        __wend_text+=$__wend_element$'\n'
        continue
      elif [[ $__wend_element == *"$__wend_entry"* ]]; then # before 5.1
        __wend_element=${__wend_element%%"$__wend_entry"*}
      else
        __wend_element=${__wend_element%%__wend_on_prompt*}
      fi
      case ${__wend_element%"${__wend_element##*[![:blank:]]}"} in
        *[\;$'\n']) __wend_text+=$__wend_element ;; # else we are called as a part of something
        *) ;;
      esac
      break
    done
    \builtin eval "__wend_return $__wend_status"$'\n'"$__wend_text" >/dev/null 2>&1 || :
  }

  # Return the status $1, for a command that looks at `$?`.
  # It is that of the user's command.
  __wend_return() {
    \builtin return "$1"
  }

  # Put us into PROMPT_COMMAND once more: some of us may be in it, or it may be readonly.
  # That is said once.
  __wend_hook_up_again() {
    if __wend_is_readonly PROMPT_COMMAND; then
      if [[ ${PROMPT_COMMAND[*]-} != *__wend_on_prompt* && -z $__wend_losses ]]; then
        __wend_losses=0
        __wend_tell 'wend: PROMPT_COMMAND is readonly: load the hook before that'
      fi
      return 0
    fi
    if [[ ${PROMPT_COMMAND[*]-} != *__wend_on_prompt* ]]; then
      __wend_count_loss
    fi
    if [[ -z $__wend_new ]]; then
      if [[ ${PROMPT_COMMAND-} != *__wend_on_prompt* ]]; then
        # shellcheck disable=SC2128,SC2178  # a plain variable in these versions
        PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$__wend_entry
      fi
    elif [[ ${PROMPT_COMMAND[*]-} == *__wend_* ]]; then
      __wend_join_again
    else
      __wend_join
    fi
  }

  # Build PROMPT_COMMAND from what others have in it. An assignment as to a plain variable changes
  # its first element, which was ours: then go the ones that the assignment meant to replace.
  __wend_join_again() {
    \builtin local -a __wend_others
    \builtin local __wend_element __wend_ours='' __wend_calls='' __wend_count IFS=$'\n'
    __wend_others=()
    for __wend_element in ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"}; do
      case $__wend_element in
        __wend_on_prompt | __wend_show | __wend_prompt) __wend_ours=1 ;;
        *) __wend_others+=("$__wend_element") ;;
      esac
    done
    if [[ ${__wend_others[0]-} == *__wend_on_prompt* ||
      -n $__wend_ours && ${__wend_others[0]-} == "${__wend_command:-.}" ]]; then
      __wend_calls=1
    fi
    # What only put itself in front of our call has replaced nothing but itself.
    if [[ ${PROMPT_COMMAND-} != __wend_on_prompt && ${#__wend_joined[@]} != 0 &&
      (-z $__wend_calls || ${__wend_others[0]-} == *"${__wend_joined[*]}"*) ]]; then
      __wend_count=${#__wend_joined[@]}
      if [[ "${__wend_others[*]:1:__wend_count}" == "${__wend_joined[*]}" ]]; then
        if [[ -z $__wend_was_plain ]]; then
          __wend_count=1
        fi
        __wend_others=("${__wend_others[0]}" "${__wend_others[@]:1+__wend_count}")
      fi
    fi
    if [[ -n $__wend_calls ]]; then
      PROMPT_COMMAND=("${__wend_others[@]}" __wend_show)
      __wend_joined=("${__wend_others[@]:1}")
    else
      __wend_joined=(${__wend_others[@]+"${__wend_others[@]}"})
      PROMPT_COMMAND=(__wend_on_prompt ${__wend_joined[@]+"${__wend_joined[@]}"} __wend_show)
    fi
  }

  # Count that we were taken out of PROMPT_COMMAND since we first answered; say so the second time.
  # The first time it was a start-up file that goes on after the hook.
  __wend_count_loss() {
    if [[ -z $__wend_first ]]; then
      __wend_losses=$((${__wend_losses:-0} + 1))
      if [[ $__wend_losses == 2 ]]; then
        __wend_tell 'wend: PROMPT_COMMAND was replaced again, prompts may be late: wend doctor'
      fi
    fi
  }

  # Take back what an activate script did in this shell: its own `deactivate` knows, but for a PS1
  # that something has drawn around since. The edits that follow are those of a fresh activation.
  __wend_take_back() {
    \builtin local __wend_body __wend_theirs="${VIRTUAL_ENV_PROMPT-}"
    if [[ -n ${_OLD_VIRTUAL_PS1+x} && ${PS1-} == *"$_OLD_VIRTUAL_PS1" ]]; then
      PS1=$_OLD_VIRTUAL_PS1
    elif [[ -n ${_OLD_VIRTUAL_PS1+x} ]]; then
      __wend_swap "(${__wend_theirs:-${VIRTUAL_ENV##*/}}) " '' ||
        [[ $__wend_theirs != *') ' ]] || __wend_swap "$__wend_theirs" '' || :
    fi
    \builtin unset -v _OLD_VIRTUAL_PS1
    if __wend_read_function deactivate && [[ $__wend_body == *_OLD_VIRTUAL_PATH* ]]; then
      \deactivate >/dev/null 2>&1 || :
    fi
  }

  # Keep the user's `deactivate` for later; fail if it must stay as it is.
  # What calls __wend_ask is ours.
  __wend_keep_deactivate() {
    \builtin local __wend_body
    if ! __wend_read_function deactivate; then
      return 1
    fi
    if [[ $__wend_body != *__wend_ask* ]]; then
      __wend_their_deactivate=$__wend_body
    fi
  }

  # Read the function $1 into __wend_body. Fail if it must stay as it is, exported or readonly: a
  # child would inherit ours; or if it is not there.
  __wend_read_function() {
    __wend_read __wend_describe "$1"
    if [[ $__wend_body$'\n' != *$'\n'"declare -f $1"$'\n'* ]]; then
      return 1
    fi
    __wend_body=${__wend_body%%$'\n'declare -f*}
  }

  # Print the function $1, and behind it a line with its attributes.
  # 3.2 prints those of all functions or of none.
  __wend_describe() {
    \builtin declare -f "$1"
    if [[ ${BASH_VERSINFO[0]} == 3 ]]; then
      \builtin declare -F
    else
      \builtin declare -pF "$1"
    fi
  }

  # Replace the first $1 in PS1 by $2; fail if it is not there.
  # Not by ${PS1/..}: what stands for the match in a replacement differs from version to version.
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
  # PS1 holds a reference, so that nothing in a name is expanded.
  __wend_place() {
    \builtin local __wend_text_of_other __wend_hides=''
    if [[ -z ${PS1+x} ]]; then
      return 0
    fi
    for __wend_text_of_other in "$__wend_modifier" "$@"; do
      if [[ $PS1 == "$__wend_text_of_other$__wend_left_ps1" ]]; then # put in front, not around us
        __wend_left_ps1=$PS1
      fi
    done
    if [[ $PS1 != "$__wend_left_ps1" ]]; then
      __wend_notice
    fi
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
      for __wend_text_of_other in "$@"; do
        if [[ $__wend_text_of_other == "$__wend_modifier" ]]; then
          if [[ -z $__wend_displaced_conda ]] && __wend_take_out "$__wend_text_of_other"; then
            __wend_displaced_conda=$__wend_text_of_other
            if [[ $__wend_displaced == "$__wend_text_of_other" ]]; then
              __wend_take_out "$__wend_text_of_other" || : # an activate script's of the same name
            fi
          elif [[ $__wend_displaced_conda == "$__wend_text_of_other" ]]; then
            __wend_swap "$__wend_text_of_other" '' || : # written again by conda
          fi
        elif [[ $__wend_displaced == "$__wend_displaced_conda" ]]; then
          __wend_take_out "$__wend_text_of_other" || :
        fi
      done
    fi
    __wend_name=$__wend_own$__wend_behind
    __wend_left_ps1=$PS1
  }

  # Take the text $1 out of PS1; our reference stands for it. Fail if it is not there.
  # What is displaced keeps the order in which it was seen.
  __wend_take_out() {
    if [[ -z $1 || $PS1 != *"$1"* ]]; then
      return 1
    elif [[ -z $__wend_displaced ]]; then
      __wend_swap "$__wend_reference" '' || :
      __wend_swap "$1" "$__wend_reference"
      __wend_displaced=$1
    elif [[ $PS1 == *"$1"*"$__wend_reference"* ]]; then
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
  # Not what is there again. Literally beside our reference, unless something draws around whatever
  # it has not set, and would do so at each visit: then PS1 stays, and we show it.
  __wend_put_back() {
    \builtin local __wend_front="$__wend_displaced" __wend_back='' __wend_stays='' __wend_theirs=''
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
      elif [[ $PS1 == *"$__wend_theirs"* ]]; then
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
      [[ $PS1 != *"$__wend_front"* ]] || __wend_front=''
      [[ $PS1 != *"$__wend_back"* ]] || __wend_back=''
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
      __wend_swap "$__wend_reference" "$__wend_front$__wend_reference$__wend_back" || :
    fi
  }

  # Tell whether the text $1 is among the others.
  # They are of environments that are active, ours excepted.
  __wend_is_among() {
    \builtin local __wend_text_of_other __wend_text_sought="$1"
    \builtin shift
    for __wend_text_of_other in "$@"; do
      if [[ $__wend_text_of_other == "$__wend_text_sought" ]]; then
        return 0
      fi
    done
    return 1
  }

  # See to it that each name stands in PS1 once, though conda writes its own by itself: it removes
  # the text of the old one, which is not there by our doing, and puts the new one in front.
  __wend_agree_with_conda() {
    \builtin local __wend_theirs="${CONDA_PROMPT_MODIFIER-}" __wend_front __wend_only_conda=''
    if __wend_is_readonly PS1; then
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
      elif [[ $PS1 == "$__wend_theirs$__wend_reference"* ]]; then # in front of ours
        PS1=$__wend_reference$__wend_theirs${PS1#"$__wend_theirs$__wend_reference"}
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

  # Put the name itself into PS1, where `promptvars` is off and a reference would stay what it is.
  # The former one gives it its place.
  __wend_spell_out() {
    \builtin local __wend_literal="${__wend_name//\\/\\\\}"
    __wend_swap "$__wend_reference" "$__wend_literal" || PS1=$__wend_literal$PS1
    __wend_reference=$__wend_literal
  }

  # Define the function whose text is $1, as it was read.
  # Aliases in it were replaced when it was defined first; its patterns may need extglob.
  __wend_define() {
    \builtin local __wend_aliases='' __wend_patterns=''
    if \builtin shopt -q expand_aliases; then
      __wend_aliases=1
    fi
    if \builtin shopt -q extglob; then
      __wend_patterns=1
    fi
    \builtin shopt -u expand_aliases
    \builtin shopt -s extglob
    \builtin eval "$1" 2>/dev/null || :
    if [[ -n $__wend_aliases ]]; then
      \builtin shopt -s expand_aliases
    fi
    if [[ -z $__wend_patterns ]]; then
      \builtin shopt -u extglob
    fi
  }

  # Have cd, pushd and popd call us. Where a tool calls chpwd_functions as zsh does, we are one of
  # them; if that has been no help, and else, wrap what stands there.
  __wend_wrap_all() {
    \builtin local __wend_verb
    if \builtin declare -F __zsh_like_cd >/dev/null &&
      [[ " ${chpwd_functions[*]-} " != *__wend_on_cd* ]]; then
      chpwd_functions+=(__wend_on_cd)
      return 0
    fi
    for __wend_verb in cd pushd popd; do
      __wend_wrap_function "$__wend_verb"
      __wend_wrap_alias "$__wend_verb"
    done
    \builtin unset -f __wend_prompt
  }

  # Wrap the command $1, a function or the builtin, unless it calls us.
  # Each text of a function that stood there has a name of its own: they may call one another.
  __wend_wrap_function() {
    \builtin local __wend_body='' __wend_inner
    \builtin local __wend_known=__wend_text_of_$1 __wend_called=__wend_name_of_$1
    if \builtin declare -F "$1" >/dev/null && ! __wend_read_function "$1"; then
      return 0
    fi
    if [[ -z $__wend_body || $__wend_body == *__wend_prompt* ]]; then
      __wend_define "$1 () { \\builtin $1 \"\$@\" || return; __wend_on_cd; }"
      return 0
    fi
    if [[ $__wend_body == *__wend_on_cd* ]]; then
      return 0
    fi
    if [[ ${!__wend_known-} != "$__wend_body" ]]; then
      __wend_wraps=$((__wend_wraps + 1))
      \builtin printf -v "$__wend_known" %s "$__wend_body"
      \builtin printf -v "$__wend_called" %s "__wend_$1_$__wend_wraps"
    fi
    __wend_inner=${!__wend_called}
    __wend_define "$__wend_inner ${__wend_body#"$1"}"
    if \builtin declare -F "$__wend_inner" >/dev/null; then
      __wend_define "$1 () { $__wend_inner \"\$@\"; __wend_on_cd \"\$?\"; }"
    fi
  }

  # Wrap the alias $1, unless it leads to one of the wrappers.
  # It stays an alias; its text moves into a function, where aliases count as they did before.
  __wend_wrap_alias() {
    \builtin local __wend_body __wend_value=''
    \builtin local __wend_inner=__wend_alias_$1 __wend_known=__wend_alias_of_$1
    __wend_read builtin alias "$1"
    if [[ -z $__wend_body ]]; then
      return 0
    fi
    \builtin eval "__wend_value=${__wend_body#"alias $1="}"
    case $__wend_value in
      cd | pushd | popd | cd[[:space:]]* | pushd[[:space:]]* | popd[[:space:]]* | __wend_*)
        return 0
        ;;
      *) ;;
    esac
    \builtin printf -v "$__wend_known" %s "$__wend_value"
    \builtin eval "function $__wend_inner { $__wend_value \"\$@\"
      __wend_on_cd \"\$?\"
    }" 2>/dev/null || return 0
    if [[ $__wend_value == *[[:space:]] ]]; then # the next word may be an alias, too
      __wend_inner+=' '
    fi
    \builtin alias "$1=$__wend_inner"
  }

  # Give back cd, pushd and popd as they were, because a setting says so.
  # Called with each answer as long as it does.
  __wend_unwrap_all() {
    \builtin local __wend_verb __wend_known __wend_body
    for __wend_verb in cd pushd popd; do
      __wend_read builtin declare -f "$__wend_verb"
      __wend_known=__wend_name_of_$__wend_verb
      if [[ $__wend_body == *__wend_on_cd* ]]; then
        \builtin unset -f "$__wend_verb"
        if [[ $__wend_body == *"${!__wend_known:-__wend_none}"* ]]; then
          __wend_known=__wend_text_of_$__wend_verb
          __wend_define "${!__wend_known}"
        fi
      fi
      __wend_known=__wend_alias_of_$__wend_verb
      if [[ -n ${!__wend_known+x} ]]; then
        \builtin alias "$__wend_verb=${!__wend_known}"
        \builtin unset -v "$__wend_known"
      fi
    done
    if [[ " ${chpwd_functions[*]-} " == *__wend_on_cd* ]]; then
      __wend_leave_chpwd
    fi
  }

  # Leave chpwd_functions.
  # All others stay in their order.
  __wend_leave_chpwd() {
    \builtin local -a __wend_others
    \builtin local __wend_element
    __wend_others=()
    for __wend_element in "${chpwd_functions[@]}"; do
      if [[ $__wend_element != __wend_on_cd ]]; then
        __wend_others+=("$__wend_element")
      fi
    done
    chpwd_functions=(${__wend_others[@]+"${__wend_others[@]}"})
  }

  # Take over from the hook of version 1, which has loaded this one inside its own __wend_ask, or
  # before a start-up file was sourced again. Its wrappers of cd are known by their text.
  __wend_take_over() {
    \builtin local __wend_old
    __wend_from_1=''
    __wend_number=$__wend_n
    case ${__wend_words-} in
      *nondestructive*) __wend_event=activate ;;
      *deactivate*) __wend_event=deactivate ;;
      *) ;;
    esac
    __wend_own=$__wend_name
    __wend_displaced=${__wend_swap-}
    __wend_displaced_conda=$__wend_displaced
    __wend_shown=-
    __wend_left_ps1=${PS1-}
    __wend_inserted=1
    # shellcheck disable=SC2016  # the text in PROMPT_COMMAND
    __wend_old='${__wend_pid:+__wend_prompt}; ${__wend_pid:+__wend_show}'
    if [[ -z $__wend_new && ${PROMPT_COMMAND-} == *"$__wend_old"* ]]; then
      # shellcheck disable=SC2128,SC2178  # a plain variable in these versions
      PROMPT_COMMAND=${PROMPT_COMMAND%%"$__wend_old"*}$__wend_entry${PROMPT_COMMAND#*"$__wend_old"}
    fi
    __wend_hook_up
    __wend_prompt() { # until cd has been wrapped
      __wend_on_prompt cd
    }
    __wend_saw() { # the last word of the old __wend_ask: its question is asked again
      \builtin unset -f __wend_saw
      __wend_ask cd
    }
    if [[ " ${FUNCNAME[*]} " != *' __wend_ask '* ]]; then
      \builtin unset -f __wend_saw
    fi
    \builtin unset -f __wend_rest __wend_past __wend_look
  }

  if [[ -n $__wend_from_1 ]]; then
    __wend_take_over
  fi
fi
