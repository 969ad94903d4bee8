# wend for fish 3.6 and later: activates a project's Python environment on cd, and leaves it again.
#
# The four hooks have the same functions in the same order; docs/architecture.md tells how a shell
# and the daemon talk. Nothing goes to standard output; no prompt and no cd starts a process.
# Our names begin with __wend_. `builtin` stands where the user may have a function of that name.
# A command substitution costs 30 to 80 us, a statement 1 to 4: so a usual question has none.
#
# Two parts: what every shell needs, and behind it what few need (a daemon that is not there, the
# prompt of conda). fish parses a whole file before it runs it, but for comments. So in the
# installed file the second part is a comment, and read on demand.
status is-interactive; or return

# Set where the mailbox is and who we are; __wend_away, where one may come back (XDG_RUNTIME_DIR).
# A shell that runs an earlier hook, or this one, keeps its id: it is the same shell.
function __wend_locate
    set -g __wend_version @VERSION@
    set -g __wend_program @WEND@
    set -g __wend_away
    if string match -q '/*' -- "$WEND_RUNTIME_DIR"
        set -g __wend_runtime $WEND_RUNTIME_DIR
    else if string match -q '/*' -- "$XDG_RUNTIME_DIR"
        and test -d "$XDG_RUNTIME_DIR" -a -O "$XDG_RUNTIME_DIR"
        set -g __wend_runtime $XDG_RUNTIME_DIR
    else
        if string match -q '/*' -- "$XDG_RUNTIME_DIR"
            set -g __wend_away $XDG_RUNTIME_DIR
        end
        if test -d /dev/shm -a -w /dev/shm
            set -g __wend_runtime /dev/shm
        else if string match -q '/*' -- "$TMPDIR"
            set -g __wend_runtime $TMPDIR
        else
            set -g __wend_runtime /tmp
        end
    end
    set -g __wend_dir $__wend_runtime/wend-$EUID
    # Words for `test`: no other user can replace the mailbox, whose content is evaluated. For root
    # each directory above it must be root's; else the one above must be ours, or sticky and known
    # to be root's: the owner of a sticky directory may rename all that is in it.
    if test $EUID = 0
        set -g __wend_safe_if -O /
        set -l __wend_above ''
        for __wend_part in (string split -n / -- $__wend_runtime)
            set __wend_above $__wend_above/$__wend_part
            if string match -q '/*/*' -- $__wend_above
                set -a __wend_safe_if -a -O $__wend_above -a ! -L $__wend_above
            else
                set -a __wend_safe_if -a -O $__wend_above
            end
        end
    else if string match -qr '^(/tmp|/var/tmp|/dev/shm)/*$' -- $__wend_runtime
        set -g __wend_safe_if '(' -O $__wend_runtime -o -k $__wend_runtime ')'
    else
        set -g __wend_safe_if -O $__wend_runtime
    end
    if not string match -q "$fish_pid-*" -- "$__wend_id"
        if test -r /proc/sys/kernel/random/uuid
            read -g __wend_id </proc/sys/kernel/random/uuid
        else
            set -g __wend_id (builtin random)-(builtin random)-(builtin random)-(builtin random)
        end
        set -g __wend_id $fish_pid-$__wend_id
        string match -q "$fish_pid-*" -- "$WEND_SHELL"
        and set -g __wend_first $WEND_SHELL # the shell that was replaced by this one, with `exec`
    end
    set -gx WEND_SHELL $__wend_id
    set -g __wend_base $__wend_dir/$__wend_id
    set -g __wend_flag $__wend_base.flag
end

# At each prompt, go on to __wend_on_prompt if anything changed that the last answer depends on.
# By existence: times are too coarse, and contents are the daemon's to watch (it makes the flag).
# The event's own handler, and the paths as one list of words for `test`: both are 5 us quicker.
function __wend_changed --on-event fish_prompt
    test "$PWD|$VIRTUAL_ENV|$CONDA_PREFIX|$WEND_DISABLE" = "$__wend_fingerprint" \
        -a "$_OLD_VIRTUAL_PATH[1]|$$__wend_watch_1|$$__wend_watch_2" = "$__wend_watched" \
        -a ! -e $__wend_flag $__wend_paths
    or __wend_on_prompt
end

# Ask the daemon because of EVENT (prompt, cd, deactivate or activate) and evaluate its answer.
# If none comes in time, the shell is quiet until there is one or the question is gone.
function __wend_ask
    # In a command substitution our answer would change the shell in the middle of a line.
    if status is-command-substitution
        return
    end
    # A `deactivate` that got no answer is not forgotten.
    if test "$__wend_event" != deactivate
        set -g __wend_event $argv[1]
    end
    if test -z "$WEND_UNDO" -a -n "$WEND_DISABLE" -a "$WEND_DISABLE" != 0
        __wend_remember
        return
    end
    if test -n "$__wend_pending_reply"; and __wend_rarely __wend_waiting
        return
    end
    set -g __wend_busy 1
    for __wend_try in 1 2 3 4 5
        set -g __wend_again ''
        set -g __wend_pending_reply ''
        __wend_count
        if not __wend_ready; or not __wend_send
            set -g __wend_busy ''
            return
        end
        if test $__wend_pause = 0 -a ! -e $__wend_dir/ns
            __wend_rarely __wend_start
        end
        set -l __wend_reply $__wend_base.$__wend_number.rep
        set -l __wend_text ''
        __wend_wait $__wend_reply
        if test -O $__wend_reply
            read -z __wend_text <$__wend_reply
        end
        if not string match -q '*: wend-end' -- $__wend_text
            __wend_rarely __wend_give_up $__wend_reply
            set -g __wend_busy ''
            return
        end
        eval $__wend_text
        if test -z "$__wend_again"
            break
        end
    end
    set -g __wend_busy ''
    if test $__wend_next_pause != 2
        set -g __wend_pause 0
        set -g __wend_next_pause 2
        set -g __wend_told ''
    end
    if test -n "$__wend_again" # there is more to ask for: the next prompt goes on
        set -g __wend_fingerprint ''
        return
    end
    set -g __wend_event ''
    set -g __wend_first ''
    __wend_remember
end

# Set the number of the next question.
# Counted in nines, because an index costs nothing; `math` needs a command substitution.
function __wend_count
    if test $__wend_digit = 9
        set -g __wend_tens (builtin math "0$__wend_tens" + 1)
    end
    set -g __wend_digit $__wend_next_digit[$__wend_digit]
    set -g __wend_number $__wend_tens$__wend_digit
end

# Write the question; fail if it could not be written whole.
# NAME=$NAME expands to nothing where NAME is not set; a list needs quotes to be one word.
function __wend_send
    set -l __wend_fields
    if test -n "$__wend_first"
        builtin functions -q fish_prompt # loads the file that defines the theme's other functions
        set -g __wend_theme
        for __wend_field in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME CONDA_PREFIX
            if set -q $__wend_field; and not set -q "$__wend_field"[1]
                set $__wend_field '' # an empty list: the same to a child, but it can be sent
            end
        end
        if builtin functions fish_prompt 2>/dev/null | string match -qr 'powerline-(shell|go)'
            set -g __wend_theme powerline-shell
        end
    end
    set -l __wend_facts $__wend_theme
    # A list cannot be one text.
    set -q VIRTUAL_ENV[2] VIRTUAL_ENV_PROMPT[2] PYTHONHOME[2] CONDA_PREFIX[2] WEND_UNDO[2] \
        WEND_ENV[2]
    test $status = 6
    or set -a __wend_facts readonly
    builtin functions -q _tide_item_python _pure_prompt_virtualenv __bobthefish_prompt_virtualfish \
        _powerline_update
    test $status = 4
    or set -a __wend_facts theme-shows-env
    builtin functions -q __conda_add_prompt
    and set -a __wend_facts conda-prompt
    for __wend_field in @CORE_LISTS@ $__wend_names
        if set -q $__wend_field
            set -a __wend_fields "$__wend_field=$$__wend_field"
        end
    end
    if test -n "$__wend_full"
        __wend_rarely __wend_start_line
    end
    set -l __wend_opened
    begin
        set __wend_opened 1 # not if the file cannot be made
        builtin printf '%s\0' 2 fish $fish_pid $__wend_id $__wend_number "$PWD" "$WEND_UNDO" \
            $__wend_event "$__wend_facts" "$__wend_first" "$__wend_names" \
            @CORE_FIELDS@ \
            $__wend_fields .
    end >$__wend_base.$__wend_number.req
    if test $status != 0
        __wend_rarely __wend_failed_to_write $__wend_opened
        return 1
    end
end

# Wait for the file REPLY, 250 ms at most.
# By polling: anything else that fish could wait for may hang it, and Ctrl-C would not help.
function __wend_wait
    # The answer is usually there before the clock is needed: the sum costs as much as 20 looks.
    for __wend_round in 1 2 3 4
        for __wend_look in $__wend_32
            if test -e $argv[1]
                return
            end
        end
    end
    __wend_rarely __wend_wait_longer $argv[1]
end

# Succeed if there is a mailbox to write to; start a daemon if it is missing.
# Looked at each time: what is missing, or not ours, may be right at the next prompt.
function __wend_ready
    # As nearly always, in one statement.
    if test -d $__wend_dir -a -O $__wend_dir -a ! -L $__wend_dir -a -w $__wend_dir \
            -a /proc/self/ns/mnt -ef $__wend_dir/ns -a -n "$__wend_limit" -a -z "$__wend_away" \
            -a $__wend_safe_if
        return
    end
    if test -z "$__wend_limit" # at the first question, and after a command that names ulimit
        set -g __wend_limit (builtin ulimit -f)
        if string match -qr '^\d{1,2}$' -- $__wend_limit # to write a file would kill the shell
            set -g __wend_limit ''
            return 1
        end
        __wend_ready
        return
    end
    __wend_rarely __wend_inspect
end

# Remember what the last answer depended on, for __wend_changed to compare.
# The paths that it depends on came with the answer.
function __wend_remember
    set -g __wend_fingerprint "$PWD|$VIRTUAL_ENV|$CONDA_PREFIX|$WEND_DISABLE"
    set -g __wend_watched "$_OLD_VIRTUAL_PATH[1]|$$__wend_watch_1|$$__wend_watch_2"
    if test -n "$__wend_away" -a ! -e "$__wend_away"
        contains -- $__wend_away $__wend_paths
        or set -ga __wend_paths -a ! -e $__wend_away # then the next prompt moves there
    end
end

# Show TEXT in front of the prompt; REPLACES are not seen while wend's environment is active,
# unless an empty one stands first. fish draws fish_mode_prompt first: fish_prompt stays the user's.
function __wend_show
    set -g __wend_prompt_text $argv[1]
    if test -n "$__wend_prompt_text"
        __wend_place
    else if set -q __wend_layers[1]
        __wend_displace
    end
    if test -n "$WEND_ENV" -a -n "$argv[2]"
        __wend_rarely __wend_cover $argv[2..]
    else if test -n "$__wend_covers"
        # Not where ours is beneath another: so is what it covers.
        if test -n "$WEND_ENV"; or not string match -q '*"active":[*' -- "$WEND_UNDO"
            __wend_rarely __wend_uncover
        end
    end
end

# Ask at a prompt.
# Called only when something changed.
function __wend_on_prompt
    __wend_ask prompt
end

# Ask from inside a cd, so that the next command on the line has the right environment.
# Not while an answer is evaluated; not where a caller's own PATH or the like would be taken for the
# shell's: `set -q` counts those that are not there.
function __wend_on_cd --on-variable PWD
    set -ql PATH VIRTUAL_ENV PYTHONHOME CONDA_PREFIX
    if test $status = 4 -a -z "$__wend_busy"
        __wend_ask cd
    end
end

# Note that a command runs, and no prompt is drawn.
# `read` draws fish_mode_prompt too, and must not show our text.
function __wend_on_command --on-event fish_preexec
    set -g __wend_at_prompt ''
end

# After a command, take back our place in the prompt if it has been taken away.
# A limit on files that the command may have set would kill the shell at the next question.
function __wend_after_command --on-event fish_postexec
    set -g __wend_at_prompt 1
    if test -n "$__wend_prompt_text"
        __wend_place
    end
    if string match -q '*ulimit*' -- $argv[1]
        set -g __wend_limit ''
    end
end

# Take back what activate.fish did in this shell.
# Rarely needed.
function __wend_adopt
    __wend_rarely __wend_take_back
end

# Define `deactivate`; a function of that name that is not ours, also an autoloaded one, is kept.
# Ours answers to an event, which a redefinition takes away: to look at its text costs more.
function __wend_define_deactivate
    if builtin functions -q deactivate
        set -g __wend_ours ''
        emit __wend_whose_deactivate __wend_probe
        if test -n "$__wend_ours"
            return
        end
        builtin functions -e __wend_their_deactivate
        builtin functions -c deactivate __wend_their_deactivate
    else if builtin functions __wend_their_deactivate | string match -q '*_OLD_VIRTUAL_PATH*'
        builtin functions -e __wend_their_deactivate # of an environment that has gone
    end
    function deactivate --on-event __wend_whose_deactivate \
        -d 'Leave the environment until the project is entered again'
        __wend_on_deactivate $argv
    end
end

# Remove `deactivate` if it is ours, and give back the one that it stands for.
# One that has replaced ours since stays.
function __wend_remove_deactivate
    set -g __wend_ours ''
    emit __wend_whose_deactivate __wend_probe
    if test -n "$__wend_ours"
        builtin functions -e deactivate
        if builtin functions -q __wend_their_deactivate
            builtin functions -c __wend_their_deactivate deactivate
        end
    end
    builtin functions -e __wend_their_deactivate
end

# Do what `deactivate` does. ARGUMENT is `nondestructive` if an activate script makes room.
# __wend_probe asks only whether this is still ours.
function __wend_on_deactivate
    switch "$argv[1]"
        case __wend_probe
            set -g __wend_ours 1
        case nondestructive
            __wend_ask activate
        case '*'
            __wend_ask deactivate
    end
end

# Print LINE on standard error.
# Standard output may belong to a command.
function __wend_tell
    builtin printf '%s\n' $argv[1] >&2
end

# Source SCRIPT, one of an environment's own.
# In a frame of its own, so that a `return` in it ends nothing else.
function __wend_source
    builtin source $argv[1]
end

# Put our text into fish_mode_prompt, in front of fish_prompt, unless it is there.
# What was there is kept, under a name for each layer: an editor may have wrapped the one below.
function __wend_place
    set -g __wend_ours ''
    emit __wend_whose_prompt __wend_probe
    if test -n "$__wend_ours"
        return
    end
    set -ga __wend_layers "$__wend_layers[-1]"x
    set -l __wend_beneath __wend_nothing
    if builtin functions -q fish_mode_prompt
        set __wend_beneath __wend_mode_prompt_$__wend_layers[-1]
        builtin functions -e $__wend_beneath
        builtin functions -c fish_mode_prompt $__wend_beneath
    end
    function fish_mode_prompt --on-event __wend_whose_prompt --inherit-variable __wend_beneath
        __wend_draw $__wend_beneath $argv
    end
end

# Take our text out of fish_mode_prompt, unless it was wrapped or replaced since.
# Otherwise it stays where it is, and shows nothing.
function __wend_displace
    set -g __wend_ours ''
    emit __wend_whose_prompt __wend_probe
    if test -n "$__wend_ours"
        set -l __wend_beneath __wend_mode_prompt_$__wend_layers[-1]
        set -e __wend_layers[-1]
        builtin functions -e fish_mode_prompt
        if builtin functions -q $__wend_beneath
            builtin functions -c $__wend_beneath fish_mode_prompt
            builtin functions -e $__wend_beneath
        end
    end
end

# Draw what the function BENEATH draws, then our text, once however many layers there are.
# Only switch and set come first: they leave $status for BENEATH. fish keeps it for fish_prompt.
function __wend_draw
    switch "$argv[2]"
        case __wend_probe
            set -g __wend_ours 1
        case '*'
            set -g __wend_drawn ''
            $argv[1] $argv[2..-1]
            if test -z "$__wend_drawn" -a -n "$__wend_at_prompt"
                set -g __wend_drawn 1
                builtin printf %s $__wend_prompt_text
            end
    end
end

# Draw nothing.
# It stands beneath our text where there was no fish_mode_prompt.
function __wend_nothing
end

# Call the function of the second part with the other words; read that part if it is not there.
# In the installed file each of its lines begins with `#:`.
function __wend_rarely
    if not builtin functions -q $argv[1]
        set -l __wend_file (builtin functions --details __wend_rarely)
        if string match -q '/*/wend/hooks/wend.fish' -- "$__wend_file"; and test -r $__wend_file
            string replace -rf '^#:' '' <$__wend_file | source
        end
    end
    builtin functions -q $argv[1]
    and $argv
end

# What a parent exported is not ours: bash exports all that is assigned after `set -a`. Each hook
# assigns one of these at each question, or when it is loaded; a list of all takes long.
if set -qx __wend_number; or set -qx __wend_base; or set -qx __wend_percent; or set -qx __wend_seen
    for __wend_exported in (set -nx | string match '__wend_*')
        set -e $__wend_exported
    end
end
if set -q __wend_seen
    __wend_rarely __wend_take_over # below, where the text is evaluated as a whole
end
set -g __wend_first first
__wend_locate
if set -q __wend_digit # this shell has had a hook
    set -g __wend_fingerprint ''
    set -g __wend_pending_reply ''
    set -g __wend_told ''
else
    set -g __wend_digit 10
end
set -q __wend_tens; or set -g __wend_tens "$__wend_n" # a later number than the earlier hook's
set -g __wend_next_digit 2 3 4 5 6 7 8 9 1 1
set -g __wend_32 {,,,,,,,}{,,,}x
set -g __wend_pause 0
set -g __wend_next_pause 2
set -g __wend_at_prompt 1
builtin true # an assignment leaves $status as it was

# -- Second part --

if test "$__wend_version" != @VERSION@ # the file was replaced since: it loads itself as a whole
    source $__wend_file
end

# Succeed if the last question has no answer yet and may still get one.
# Not if its file is gone (the mailbox was removed), nor if the daemon that kept silent is, nor if
# none has come for too many prompts.
function __wend_waiting
    if test -z "$__wend_pending_reply"
        return 1
    else if test -e "$__wend_pending_reply" -o ! -e "$__wend_base.$__wend_number.req"
        if test -n "$__wend_daemon_was_alive" # and has gone or answered since
            set -g __wend_pause 0
        end
        return 1
    else if test -e $__wend_dir/ns -a -e /proc/self/ns/mnt # elsewhere it may be of a dead one
        return
    else if test -n "$__wend_daemon_was_alive" -a ! -e $__wend_dir/ns
        set -g __wend_pause 0
        return 1
    end
    __wend_count_down
    test $__wend_pause != 0
end

# Count one prompt of the pause between two starts of a daemon.
# In a function of its own, because `math` needs a command substitution.
function __wend_count_down
    if test $__wend_pause != 0
        set -g __wend_pause (builtin math $__wend_pause - 1)
    end
end

# Go on waiting for the file REPLY, 250 ms at most.
# By the clock, and without one for as long as many looks take.
function __wend_wait_longer
    if test -r /proc/uptime
        read -l -d ' ' __wend_now __wend_rest </proc/uptime # IFS may be anything
        set -l __wend_end (builtin math $__wend_now + 0.25)
        while test $__wend_now -lt $__wend_end
            for __wend_look in $__wend_32
                if test -e $argv[1]
                    return
                end
            end
            read -d ' ' __wend_now __wend_rest </proc/uptime
        end
    else # no clock: tries worth 60 ms, more when many shells wait
        for __wend_round in $__wend_32{,,,}{,,,}
            for __wend_look in $__wend_32
                if test -e $argv[1]
                    return
                end
            end
        end
    end
end

# Remember that REPLY is awaited; start a daemon, in case the one that is there has died.
# What was typed is not lost: the person hears of it.
function __wend_give_up
    set -g __wend_pending_reply $argv[1]
    set -g __wend_fingerprint ''
    set -g __wend_daemon_was_alive ''
    if test -e $__wend_dir/ns
        set -g __wend_daemon_was_alive 1
    end
    if test "$__wend_event" = deactivate -a -z "$__wend_told"
        set -g __wend_told 1
        __wend_tell 'wend: no answer: your command takes effect when the daemon is back'
    end
    if test $__wend_pause = 0
        __wend_start
    end
end

# Find out what is wrong with the mailbox, and help: it may be missing, or its daemon.
# Succeed if a question can be written anyway.
# XDG_RUNTIME_DIR is made again after log-out and log-in, so the place is chosen again.
function __wend_inspect
    if test -n "$__wend_away" -a -O "$__wend_away" -o ! -d $__wend_runtime
        __wend_locate
    end
    if test -e $__wend_dir -o -L $__wend_dir
        if not test -d $__wend_dir -a -O $__wend_dir -a ! -L $__wend_dir -a -w $__wend_dir
            __wend_refuse "$__wend_dir is not a directory of yours" \
                'remove it, or set WEND_RUNTIME_DIR'
            return 1
        end
    else if not test -d $__wend_runtime -a -w $__wend_runtime
        return 1 # nothing can be made there now
    end
    if not test $__wend_safe_if
        __wend_refuse "others can change $__wend_runtime" \
            'set WEND_RUNTIME_DIR to a directory of yours'
        return 1
    end
    if not test -e $__wend_dir
        __wend_start
    end
    if test -e /proc/self/ns/mnt -a -e $__wend_dir/ns -a ! /proc/self/ns/mnt -ef $__wend_dir/ns
        return 1 # another mount namespace: its daemon sees other files
    end
    test -d $__wend_dir -a -O $__wend_dir -a ! -L $__wend_dir
end

# Wipe out what fish reports where the disk is full (one line), or no file can be made (several): no
# redirection reaches that. OPENED, if the file could be made: the daemon may have removed it since.
# Not at the first failure at a prompt, where a command's output may stand before it on the line.
# The next questions begin at the start of a line, also after one that was answered: a disk that is
# full has room for one file now and then.
function __wend_failed_to_write
    if not test -t 2 -a "$TERM" != dumb
        if test -z "$argv[1]"
            __wend_remember # it would be reported at each prompt: the next change tries again
        end
    else if test -n "$__wend_full"
        builtin printf '\e8\e[J' >&2
    else if test -n "$argv[1]" -a "$__wend_event" != prompt
        builtin printf '\e[A\e[2K' >&2
    end
    set -g __wend_full 12345
end

# Move to the start of a line, the next one if something stands on this one, and mark it: it stays
# on the screen whatever fish reports. As many blanks as fit end at the end of a line, or wrap.
function __wend_start_line
    set -g __wend_full (string sub -s 2 -- $__wend_full)
    if test -n "$__wend_full" -a -t 2 -a "$TERM" != dumb
        builtin printf '%*s\r\n\n\n\n\e[4A\e7' (builtin math "$COLUMNS" - 1) '' >&2
    end
end

# Say once WHAT is wrong and what to TYPE.
# The shell looks again at each prompt, and may find it right.
function __wend_refuse
    if test "$argv[1]" != "$__wend_refused"
        set -g __wend_refused $argv[1]
        __wend_tell "wend: $argv[1]: $argv[2]"
    end
end

# Note which of the variables NAMES are not exported, or universal, before an answer changes them.
# Each has a value. A universal one is hidden by a global one meanwhile.
function __wend_note_unexported
    for __wend_name in $argv
        __wend_forget $__wend_name
        if not set -qg $__wend_name
            set -ga __wend_universal $__wend_name
        else if set -qgu $__wend_name
            set -ga __wend_unexported $__wend_name
        end
    end
end

# Let the variables NAMES, whose values an answer has given back, be as they were.
# Each is global by now.
function __wend_unexport
    for __wend_name in $argv
        if contains -- $__wend_name $__wend_universal; and set -qU $__wend_name
            set -eg $__wend_name
        else if contains -- $__wend_name $__wend_unexported
            set -gu $__wend_name $$__wend_name
        end
        __wend_forget $__wend_name
    end
end

# Forget what was noted of the variable NAME.
# What is not noted is exported.
function __wend_forget
    set -g __wend_universal (string match -v -- $argv[1] $__wend_universal)
    set -g __wend_unexported (string match -v -- $argv[1] $__wend_unexported)
end

# Start a daemon: the one process that a prompt may ever cost. If it brings no answer, the next is
# started after 2 prompts, then after 4, 8 and so on, at most 64: it may have failed by chance.
# It ends if there is one already. `sh` detaches it: $last_pid and the jobs stay as they are.
function __wend_start
    if test $__wend_pause != 0
        __wend_count_down
        return
    end
    set -g __wend_pause $__wend_next_pause
    if test $__wend_pause -lt 64
        set -g __wend_next_pause (builtin math $__wend_pause x 2)
    end
    /bin/sh -c 'PATH=/usr/bin:/bin:$PATH; umask 077
        [ -d "$1" ] || [ "$(find "${1%/*}/." -prune -perm -2 ! -perm -1000)" ] || mkdir "$1"
        "$0" daemon run "$1" &' \
        $__wend_program $__wend_dir </dev/null >/dev/null 2>/dev/null
end

# Take back what activate.fish did in this shell, by its own `deactivate`, except for a fish_prompt
# that was replaced since. The edits that follow are those of a fresh activation.
function __wend_take_back
    if builtin functions -q _old_fish_prompt
        if string match -q '*_old_fish_prompt*' -- (builtin functions fish_prompt)
            builtin functions -e fish_prompt
            builtin functions -c _old_fish_prompt fish_prompt
        end
        builtin functions -e _old_fish_prompt
    end
    set -eg _OLD_FISH_PROMPT_OVERRIDE
    if builtin functions -q deactivate
        and string match -q '*_OLD_VIRTUAL_PATH*' -- (builtin functions deactivate)
        deactivate >/dev/null 2>/dev/null
        builtin functions -e deactivate
    end
end

# Let the prompt beneath an activate script's one be drawn, until __wend_uncover; and silence conda
# if our text stands for one of $argv that it shows.
function __wend_cover
    set -g __wend_covers 1
    if builtin functions -q _old_fish_prompt
        and string match -q '*_old_fish_prompt*' -- (builtin functions fish_prompt)
        builtin functions -e __wend_covered_prompt
        builtin functions -c fish_prompt __wend_covered_prompt
        builtin functions -e fish_prompt
        builtin functions -c _old_fish_prompt fish_prompt
    end
    if test -z "$__wend_prompt_text"; or not contains -- "$CONDA_PROMPT_MODIFIER" $argv
        __wend_uncover_conda
    else if builtin functions -q __conda_add_prompt
        and not builtin functions -q __wend_covered_conda
        builtin functions -c __conda_add_prompt __wend_covered_conda
        function __conda_add_prompt
            builtin true __wend_cover
        end
    end
end

# Give its place back to what __wend_cover has covered.
# What fish_prompt is by now goes beneath it.
function __wend_uncover
    set -g __wend_covers ''
    if builtin functions -q __wend_covered_prompt
        if builtin functions -q _old_fish_prompt
            and not string match -q '*_old_fish_prompt*' -- (builtin functions fish_prompt)
            builtin functions -e _old_fish_prompt
            builtin functions -c fish_prompt _old_fish_prompt
            builtin functions -e fish_prompt
            builtin functions -c __wend_covered_prompt fish_prompt
        end
        builtin functions -e __wend_covered_prompt
    end
    __wend_uncover_conda
end

# Let conda show its name again.
# Unless its function has been defined again since.
function __wend_uncover_conda
    if builtin functions -q __wend_covered_conda
        if string match -q '*__wend_cover*' -- (builtin functions __conda_add_prompt)
            builtin functions -e __conda_add_prompt
            builtin functions -c __wend_covered_conda __conda_add_prompt
        end
        builtin functions -e __wend_covered_conda
    end
end

# Take over from the hook of version 1, inside whose __wend_ask this text may be evaluated.
# That function calls __wend_saw at its end: there the question is asked again, with what was typed.
function __wend_take_over
    if not set -q __wend_seen
        return
    end
    builtin functions -e __wend_prompt __wend_move __wend_saw
    if string match -q '*__wend_fish_prompt*' -- (builtin functions fish_prompt)
        builtin functions -e fish_prompt
        builtin functions -c __wend_fish_prompt fish_prompt
        builtin functions -e __wend_fish_prompt
    end
    if string match -q '*__wend_ask*' -- (builtin functions deactivate)
        builtin functions -e deactivate
    end
    if test -n "$__wend_busy"
        if test "$__wend_words" = deactivate
            set -g __wend_event deactivate
        end
        function __wend_saw
            builtin functions -e __wend_saw
            __wend_ask prompt
        end
    end
    # An old fish_prompt that was wrapped stays, and shows nothing without its name.
    set -eg __wend_name
    set -eg __wend_seen
end

__wend_take_over
builtin true
