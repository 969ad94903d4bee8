# wend for fish 3.6 and later: the right Python environment follows you from directory to directory.
# The four hooks have the same sections in the same order. Nothing on stdout, no process at a prompt or a cd.
# Our names begin with __wend_; `builtin` because printf and the like may be a function by now.
if status is-interactive

## Where: the mailbox, and who we are
set -g __wend_bin @WEND@
set -g __wend_dir /tmp
if string match -q '/*' -- "$WEND_RUNTIME_DIR"; set -g __wend_dir $WEND_RUNTIME_DIR
else if string match -q '/*' -- "$XDG_RUNTIME_DIR"; and test -d "$XDG_RUNTIME_DIR" -a -O "$XDG_RUNTIME_DIR"; set -g __wend_dir $XDG_RUNTIME_DIR
else if test -d /dev/shm -a -w /dev/shm; set -g __wend_dir /dev/shm
else if string match -q '/*' -- "$TMPDIR"; set -g __wend_dir $TMPDIR
end
set -g __wend_dir $__wend_dir/wend-$EUID
set -g __wend_id ''
if test -r /proc/sys/kernel/random/uuid
    read -g __wend_id </proc/sys/kernel/random/uuid
else
    set -g __wend_id (builtin random)-(builtin random)-(builtin random)-(builtin random)
end
set -g __wend_id $fish_pid-$__wend_id
set -gx WEND_SHELL $__wend_id
set -g __wend_base $__wend_dir/$__wend_id
set -g __wend_flag $__wend_base.flag
for __wend_v in seen late held words off started busy n1 n2 n3
    set -g __wend_$__wend_v ''
end
set -g __wend_n 0
set -q __wend_wrapped; or set -g __wend_wrapped ''
set -g __wend_y1 /
set -g __wend_y2 /
set -g __wend_more WEND_FIRST
set -g __wend_name $__wend_name
set -g __wend_active $__wend_active

## Ask: one request, one reply
function __wend_ask
    if test -n "$__wend_off"; or status is-command-substitution; return; end
    if set -q argv[1]; set -g __wend_words "$argv"; end
    # Quiet until there is an answer, or the daemon that kept silent is gone: then another one is started, once.
    if test -n "$__wend_late" -a ! -e "$__wend_late"; and test -z "$__wend_held" -o -e $__wend_dir/ns; return; end
    if test -z "$WEND_UNDO" -a -n "$WEND_DISABLE" -a "$WEND_DISABLE" != 0
        __wend_saw
        return
    end
    set -g __wend_busy 1
    for __wend_try in 1 2 3
        set -g __wend_again ''
        set -g __wend_late ''
        set -g __wend_n (builtin math $__wend_n + 1)
        set -l __wend_text ''
        set -l __wend_rep $__wend_base.$__wend_n.rep
        if not __wend_ready; break; end
        if test -d $__wend_dir -a -w $__wend_dir
            __wend_send
            __wend_wait $__wend_rep
        end
        if test -e $__wend_rep; read -z __wend_text <$__wend_rep; end
        if not string match -q '*: wend-end' -- "$__wend_text"
            set -g __wend_late $__wend_rep
            set -g __wend_held (test -e $__wend_dir/ns; and echo 1)
            set -g __wend_busy ''
            if test -n "$__wend_words"; builtin printf 'wend: no answer: it is done when the daemon is back\n' >&2; end
            if test -z "$__wend_started"; __wend_start; end
            return
        end
        eval $__wend_text
        if test -z "$__wend_again"; break; end
    end
    set -g __wend_words ''
    set -g __wend_started ''
    set -g __wend_busy ''
    __wend_saw
end
function __wend_saw
    set -g __wend_seen "$PWD|$VIRTUAL_ENV|$CONDA_PREFIX|$PYENV_VERSION|$WEND_DISABLE|$_OLD_VIRTUAL_PATH"
end
function __wend_send
    # NAME=$NAME is no word at all where NAME is not set; between quotes a list of paths has colons.
    set -l __wend_x
    set -l __wend_w $__wend_words
    for __wend_v in _tide_item_python _pure_prompt_virtualenv __bobthefish_prompt_virtualfish
        builtin functions -q $__wend_v; and set -a __wend_w prompt # it shows an environment by itself
    end
    builtin functions -q __conda_add_prompt; and set -a __wend_w conda-prompt
    for __wend_v in PATH CONDA_ENVS_PATH _OLD_VIRTUAL_PATH $__wend_more
        if set -q $__wend_v; set -a __wend_x "$__wend_v=$$__wend_v"; end
    end
    builtin printf '%s\0' 1 fish $fish_pid $__wend_id $__wend_n "$PWD" "$WEND_UNDO" "$__wend_w" "$__wend_more" \
        HOME=$HOME VIRTUAL_ENV=$VIRTUAL_ENV VIRTUAL_ENV_PROMPT=$VIRTUAL_ENV_PROMPT PYTHONHOME=$PYTHONHOME DIRENV_DIFF=$DIRENV_DIFF \
        VIRTUAL_ENV_DISABLE_PROMPT=$VIRTUAL_ENV_DISABLE_PROMPT CONDA_PREFIX=$CONDA_PREFIX \
        CONDA_DEFAULT_ENV=$CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER=$CONDA_PROMPT_MODIFIER CONDA_SHLVL=$CONDA_SHLVL \
        CONDA_EXE=$CONDA_EXE _CONDA_EXE=$_CONDA_EXE _CONDA_ROOT=$_CONDA_ROOT CONDA_PYTHON_EXE=$CONDA_PYTHON_EXE \
        _CE_M=$_CE_M _CE_CONDA=$_CE_CONDA CONDA_ENVS_DIRS=$CONDA_ENVS_DIRS CONDARC=$CONDARC \
        MAMBA_ROOT_PREFIX=$MAMBA_ROOT_PREFIX PYENV_VERSION=$PYENV_VERSION PYENV_ROOT=$PYENV_ROOT PYENV_DIR=$PYENV_DIR \
        XDG_CONFIG_HOME=$XDG_CONFIG_HOME XDG_DATA_HOME=$XDG_DATA_HOME XDG_STATE_HOME=$XDG_STATE_HOME \
        STARSHIP_SHELL=$STARSHIP_SHELL POSH_SHELL=$POSH_SHELL P9K_VERSION=$P9K_VERSION WEND_ENV=$WEND_ENV \
        WEND_DISABLE=$WEND_DISABLE WEND_QUIET=$WEND_QUIET WEND_CONFIG=$WEND_CONFIG \
        $__wend_x . 2>/dev/null >$__wend_base.$__wend_n.req
end

## Wait: at most 250 ms, by looking; fish has no clock but /proc/uptime, and without that tries worth 60 ms
set -g __wend_32 (string split '' 01234567890123456789012345678901)
function __wend_wait
    set -l __wend_t0 ''
    set -l __wend_rounds
    while not set -q __wend_rounds[200]
        for __wend_i in $__wend_32
            if test -e $argv[1]; return; end
        end
        if test -r /proc/uptime
            read -l __wend_t </proc/uptime
            set __wend_t (string replace -r '^(\d+)\.(\d\d).*' '$1$2' -- $__wend_t)
            if test -z "$__wend_t0"
                set __wend_t0 (builtin math $__wend_t + 25)
            else if test $__wend_t -ge $__wend_t0
                return
            end
        else
            set -a __wend_rounds x
        end
    end
end

## Start: is there somebody to ask; the one process that a prompt may ever cost
function __wend_ready
    if not test -d $__wend_dir -a -O $__wend_dir -a ! -L $__wend_dir -a /proc/self/ns/mnt -ef $__wend_dir/ns
        set -l __wend_s
        if not test -e $__wend_dir -o -L $__wend_dir # then look whose it is
            __wend_start
            set __wend_s 1
        end
        if not test -d $__wend_dir -a -O $__wend_dir -a ! -L $__wend_dir
            set -g __wend_off 1
            builtin printf 'wend: %s is not a directory of yours: remove it, or set WEND_RUNTIME_DIR\n' $__wend_dir >&2
            return 1
        else if set -q __wend_s[1]
        else if not test -e $__wend_dir/ns
            __wend_start
        else if test -e /proc/self/ns/mnt -a ! /proc/self/ns/mnt -ef $__wend_dir/ns # of another mount namespace
            set -g __wend_off 1
            return 1
        end
    end
    # Where `ulimit -f` forbids it, writing a file kills the shell.
    string match -qr '^unlimited$|^\d{3}' -- (builtin ulimit -f)
end
function __wend_start
    set -g __wend_started 1
    /bin/sh -c 'PATH=/usr/bin:/bin:$PATH; umask 077; mkdir "$1"; "$0" daemon run "$1" &' \
        $__wend_bin $__wend_dir </dev/null >/dev/null 2>/dev/null
end

## Prompt: nothing changed, or ask; the name in front, printed, so that nothing in it is expanded
function __wend_prompt --on-event fish_prompt
    test "$PWD|$VIRTUAL_ENV|$CONDA_PREFIX|$PYENV_VERSION|$WEND_DISABLE|$_OLD_VIRTUAL_PATH" = "$__wend_seen" \
        -a ! -e "$__wend_flag" -a -z "$__wend_late" -a -e "$__wend_y1" -a -e "$__wend_y2" \
        -a ! -e "$__wend_n1" -a ! -e "$__wend_n2" -a ! -e "$__wend_n3"
    or __wend_ask
end
function __wend_show
    if test -n "$__wend_name" -a -z "$__wend_wrapped"
        set -g __wend_wrapped 1
        builtin functions -c fish_prompt __wend_fish_prompt
        function fish_prompt # the first one drawn inside sees $status and $pipestatus as they were
            set -l __wend_text (__wend_fish_prompt | string collect -N -a)
            builtin printf '%s' $__wend_name $__wend_text
        end
    else if test -z "$__wend_name" -a -n "$__wend_wrapped"
        # Somebody may have wrapped or replaced ours: then it stays, and shows nothing.
        if string match -q '*__wend_fish_prompt*' -- (builtin functions fish_prompt)
            set -g __wend_wrapped ''
            builtin functions -e fish_prompt
            builtin functions -c __wend_fish_prompt fish_prompt
            builtin functions -e __wend_fish_prompt
        end
    end
end

## Move: fish tells us of every change of PWD, in the cd itself
function __wend_move --on-variable PWD
    # Not while an answer is evaluated; not where a caller's own PATH would be taken for the shell's.
    if test -z "$__wend_busy"; and not set -ql PATH
        __wend_prompt
    end
end

## Hook up: the functions above are hooked by their definition
end
