# wend for PowerShell 7: activates a project's Python environment on cd, and leaves it again.
#
# The four hooks have the same functions in the same order. No process at a prompt or a cd. Our
# names begin with __wend_. .NET, because a cmdlet costs more and may be an alias by now. Nothing
# here that Windows PowerShell 5.1 cannot parse. Inert until a prompt is shown, because `pwsh -c`
# comes here too.
# PowerShell compiles each kind of method call when it first meets it, for 1 to 6 ms; an operator
# costs a tenth of that. So what runs up to the first prompt calls few methods.

# Is this hook here already? A function tells: to read a variable that is missing may be an error.
$global:__wend_is_loaded = if (${function:global:__wend_on_prompt}) { $true }

# Choose the mailbox by the rule of the commands (`paths.mailbox_dir`).
# Done at the first question: most of it is not free, and scripts never get there.
function global:__wend_locate {
  $dir = '/tmp'
  $global:__wend_away = ''
  if ("$env:WEND_RUNTIME_DIR" -like $__wend_absolute) {
    $dir = $env:WEND_RUNTIME_DIR
  } elseif (-not $__wend_unix) {
    $dir = [IO.Path]::GetTempPath().TrimEnd('\')  # on Windows it is the user's own
  } elseif ("$env:XDG_RUNTIME_DIR" -like '/*' -and [IO.Directory]::Exists($env:XDG_RUNTIME_DIR) -and
    (__wend_stat $env:XDG_RUNTIME_DIR).UserId -eq $__wend_uid) {
    $dir = $env:XDG_RUNTIME_DIR
  } else {
    # It is removed at log-out, and may come back.
    if ("$env:XDG_RUNTIME_DIR" -like '/*') { $global:__wend_away = $env:XDG_RUNTIME_DIR }
    if (([IO.DirectoryInfo]'/dev/shm').Attributes -eq 'Directory') { $dir = '/dev/shm' }
    elseif ("$env:TMPDIR" -like '/*') { $dir = $env:TMPDIR }
  }
  $global:__wend_runtime = $dir
  $global:__wend_dir = "$dir/wend-$__wend_uid"
  $global:__wend_base = "$__wend_dir/$__wend_id"
  $global:__wend_flag = "$__wend_base.flag"
  $global:__wend_checked = $false
  $global:__wend_place = ''
}

# Find out who we are and whether we may write at all; fail where the hook must stay inert.
# An id is made once, so that the daemon goes on knowing this shell.
function global:__wend_begin {
  if ([Console]::IsInputRedirected -or [Environment]::CommandLine -like '* -noni*') {
    return $false
  }
  $global:__wend_unix = $PSHOME -like '/*'
  $global:__wend_absolute = if ($__wend_unix) { '/*' } else { '?:[/\]*' }
  $global:__wend_uid = 0
  $global:__wend_space = ''
  if ([IO.Directory]::Exists("/proc/$PID")) {
    # A soft limit of at most five digits: writing a file would kill the shell.
    $limits = [IO.File]::ReadAllText('/proc/self/limits')
    if ($limits -notlike '*Max file size             unlimited*' -and
      $limits -match 'Max file size +\d{1,5} ') { return $false }
    $global:__wend_uid = (__wend_stat "/proc/$PID").UserId
    $global:__wend_space = ([IO.FileInfo]'/proc/self/ns/mnt').LinkTarget
  } elseif ($__wend_unix) {
    $made = [IO.Path]::GetTempFileName()
    $global:__wend_uid = (__wend_stat $made).UserId
    [IO.File]::Delete($made)
  }
  # Started where the directory's name is not UTF-8, or gone, PowerShell says that it is where its
  # own files are.
  $dir = try { [Environment]::CurrentDirectory } catch { $global:Error.RemoveAt(0) }
  $global:__wend_lost = if ($PWD.Path -eq $PSHOME -and $dir -ne $PSHOME) { $PSHOME }
  if ("$__wend_id" -notlike "$PID-*") { $global:__wend_id = "$PID-$([guid]::NewGuid())" }
  # What was replaced by this shell, with `exec`.
  if ("$env:WEND_SHELL" -like "$PID-*") { $global:__wend_first = $env:WEND_SHELL }
  $env:WEND_SHELL = $__wend_id
  __wend_locate
  $true
}

# Return the status of PATH as Unix has it.
# The provider knows it; .NET itself does not tell the owner.
function global:__wend_stat([string]$path) {
  $found = $ExecutionContext.InvokeProvider.Item.Get([string[]]@("FileSystem::$path"), $true, $true)
  $found[0].UnixStat
}

# Tell whether no other user can exchange what lies in the directory DIR.
# It is ours, or root's and sticky; for a shell of root's it and all above it are root's.
function global:__wend_is_safe([string]$dir) {
  if ($__wend_uid) {
    $stat = __wend_stat $dir
    return $stat.UserId -eq $__wend_uid -or (-not $stat.UserId -and $stat.IsSticky)
  }
  for (; $dir; $dir = [IO.Path]::GetDirectoryName($dir)) {
    $linked = $dir -like '/*/*' -and ([IO.FileInfo]$dir).LinkTarget
    if ($linked -or (__wend_stat $dir).UserId) { return $false }
  }
  $true
}

# Tell whether PATH exists; a link to nothing does not, nor links in a circle, which are an error.
# To [IO.File] such a link is a file.
function global:__wend_exists([string]$path) {
  [IO.Directory]::Exists($path) -or ([IO.File]::Exists($path) -and
    (-not ([IO.FileInfo]$path).LinkTarget -or $(
      try { [IO.File]::ResolveLinkTarget($path, $true).Exists } catch { $global:Error.RemoveAt(0) }
    )))
}

# Tell whether anything differs from what the last answer rests on: variables, and paths by
# existence. Fixed slots instead of lists, because an unchanged prompt is faster with them.
function global:__wend_changed {
  $path = $PWD.Path
  $venv = [Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
  $conda = [Environment]::GetEnvironmentVariable('CONDA_PREFIX')
  $disable = [Environment]::GetEnvironmentVariable('WEND_DISABLE')
  $old = [Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH')
  $saved = $ExecutionContext.SessionState.PSVariable.GetValue('_OLD_VIRTUAL_PATH')  # by uv's script
  $one = [Environment]::GetEnvironmentVariable($__wend_watch_1)
  $two = [Environment]::GetEnvironmentVariable($__wend_watch_2)
  -not ("$path|$venv|$conda|$disable|$old|$saved|$one|$two" -ceq $__wend_fingerprint -and
    -not $__wend_pending_reply -and -not [IO.File]::Exists($__wend_flag) -and
    ([IO.File]::Exists($__wend_present_1) -or [IO.Directory]::Exists($__wend_present_1)) -and
    ([IO.File]::Exists($__wend_present_2) -or [IO.Directory]::Exists($__wend_present_2)) -and
    -not ([IO.Directory]::Exists($__wend_absent_1) -or [IO.Directory]::Exists($__wend_absent_2) -or
      [IO.Directory]::Exists($__wend_absent_3) -or
      ([IO.File]::Exists($__wend_absent_1) -and (__wend_exists $__wend_absent_1)) -or
      ([IO.File]::Exists($__wend_absent_2) -and (__wend_exists $__wend_absent_2)) -or
      ([IO.File]::Exists($__wend_absent_3) -and (__wend_exists $__wend_absent_3))))
}

# Ask because of EVENT, and do what the answer says.
# A typed event ("deactivate", "activate") is kept until it has been answered.
function global:__wend_ask([string]$event_) {
  if ($__wend_inert -or $__wend_asking -or $PWD.Provider.Name -ne 'FileSystem') { return }
  if ($event_ -like '*activate') { $global:__wend_event = $event_ }
  if ($__wend_pending_reply) {
    if (__wend_is_quiet) { return }
    if ($__wend_daemon_was_alive) { $global:__wend_pause = 0 }  # and has gone or answered since
  }
  if ($env:WEND_DISABLE -and $env:WEND_DISABLE -ne '0' -and -not $env:WEND_UNDO) {
    __wend_remember
    return
  }
  $ErrorActionPreference = 'Continue'
  $global:__wend_asking = $true
  try {
    if (-not $__wend_dir) {
      $global:__wend_inert = -not (__wend_begin)
      if ($__wend_inert) { return }
    }
    # The same, but for drives; the second is slow.
    $cwd = if ($PWD.Path -like '/*') { $PWD.Path } else { $PWD.ProviderPath }
    if (-not $cwd -or $cwd -eq $__wend_lost -or $cwd -like $__wend_not_utf8) { return }
    do {
      $global:__wend_again = ''
      if (-not (__wend_ready)) { return }
      $global:__wend_number++
      $global:__wend_pending_reply = ''
      if (-not (__wend_send $cwd $event_)) { return }
      $reply = "$__wend_base.$__wend_number.rep"
      $global:__wend_pending_reply = $reply  # now, because Ctrl-C may end the wait
      $text = __wend_wait $reply
      if ($text -notlike '*# wend-end') {
        __wend_unanswered
        return
      }
      $global:__wend_pending_reply = ''
      & ([scriptblock]::Create($text))
    } while ($__wend_again)
    $global:__wend_first = $global:__wend_event = $global:__wend_told = ''
    $global:__wend_pause = 0
    $global:__wend_next_pause = 2
    __wend_remember
  } catch {
    $global:Error.RemoveAt(0)
  } finally {
    $global:__wend_asking = $false
  }
}

# Tell whether to keep quiet about the question that is out: its file is there, its answer is not.
# Not if the daemon that kept silent is gone since, nor if none has come for too many prompts.
function global:__wend_is_quiet {
  if ([IO.File]::Exists($__wend_pending_reply) -or
    -not [IO.File]::Exists("$__wend_base.$__wend_number.req")) { return $false }
  $ns = ([IO.FileInfo]"$__wend_dir/ns").LinkTarget
  if (-not $__wend_unix -and [IO.File]::Exists("$__wend_dir/ns")) { return $true }
  if ($ns -and ([IO.FileInfo]$ns).LinkTarget) { return $true }
  if ($__wend_daemon_was_alive) { return $false }
  if ($__wend_pause) { $global:__wend_pause-- }
  $__wend_pause -ne 0
}

# Do what a question without an answer needs.
# What was typed is not lost.
function global:__wend_unanswered {
  if ($__wend_event) {
    __wend_refuse 'no answer: your command takes effect when the daemon is back'
  }
  if (-not $__wend_pause) { __wend_start }
}

# Write the question; fail if it could not be written whole: then the next prompt tries again.
# NUL-ended fields, "." last; the installer writes the table of variables into the blank.
function global:__wend_send([string]$cwd, [string]$event_) {
  if ($__wend_event) { $event_ = $__wend_event }
  $facts = ''
  if (${function:global:CondaPromptBackup}) { $facts = 'conda-prompt' }
  $text = "2`0pwsh`0$PID`0$__wend_id`0$__wend_number`0$cwd`0$env:WEND_UNDO`0$event_`0$facts`0" +
    "$__wend_first`0$__wend_names`0"
  if ($__wend_names -ne $__wend_known) {
    $global:__wend_known = $__wend_names
    $global:__wend_sent = $__wend_core + $__wend_names.Split(' ')
  }
  foreach ($name in $__wend_sent) {
    $value = [Environment]::GetEnvironmentVariable($name)
    if ($null -eq $value -and $name -like '_OLD_*') {
      # The activate scripts of uv and virtualenv keep it in a variable of the shell.
      $value = $ExecutionContext.SessionState.PSVariable.GetValue($name)
    }
    if ($null -ne $value) { $text += "$name=$value`0" }
  }
  try {
    [IO.File]::WriteAllText("$__wend_base.$__wend_number.req", "$text.`0")
    $true
  } catch {
    $global:Error.RemoveAt(0)
    $false
  }
}

# Wait for the file REPLY, 250 ms at most; return what is in it.
# A sleep of 0 lets the daemon go first, if it wants this core.
function global:__wend_wait([string]$reply) {
  $clock = [Diagnostics.Stopwatch]::StartNew()
  $nap = 0
  while ($true) {
    if ([IO.File]::Exists($reply)) {
      # While it is being renamed, Windows lets it not be read.
      try { return [IO.File]::ReadAllText($reply) } catch { $global:Error.RemoveAt(0) }
    }
    if ($clock.ElapsedMilliseconds -ge 250) { return '' }
    if ($clock.ElapsedMilliseconds -ge 20) { $nap = 1 }
    [Threading.Thread]::Sleep($nap)
  }
}

# Look whether there is a daemon to ask; else start one.
# What is wrong is told once, and looked at again at each question.
function global:__wend_ready {
  if (-not [IO.Directory]::Exists($__wend_dir) -or (
      $__wend_away -and [IO.Directory]::Exists($__wend_away) -and
      (__wend_stat $__wend_away).UserId -eq $__wend_uid)) {
    __wend_locate
    if (-not [IO.Directory]::Exists($__wend_runtime)) { return $false }  # as after log-out
  }
  if (-not $__wend_checked -and -not (__wend_is_ours)) { return $false }
  foreach ($try in 1, 2) {
    $ns = ([IO.FileInfo]"$__wend_dir/ns").LinkTarget
    $space = if ($ns) { ([IO.FileInfo]$ns).LinkTarget }
    $global:__wend_daemon_was_alive = if ($space) { $ns }  # none: it is gone
    if (-not $__wend_unix -and [IO.File]::Exists("$__wend_dir/ns")) {  # it goes with the daemon
      $global:__wend_daemon_was_alive = $true
      return $true
    }
    if ($ns -and ($space -or -not $__wend_space)) {
      return "$space" -eq $__wend_space  # else of another mount namespace: it sees other files
    }
    if ($try -eq 2 -or -not (__wend_has_room)) { break }
    __wend_start
    if (-not (__wend_is_ours)) { return $false }  # and look again at what is there then
  }
  [IO.Directory]::Exists($__wend_dir)
}

# Tell whether the next question can be written, if there is a mailbox.
# Without room for it, a daemon could not begin either.
function global:__wend_has_room {
  if (-not [IO.Directory]::Exists($__wend_dir)) { return $true }
  try {
    [IO.File]::WriteAllText("$__wend_base.$($__wend_number + 1).req", '')
    $true
  } catch {
    $global:Error.RemoveAt(0)
    $false
  }
}

# Tell whether the mailbox, if it is there, is ours and in a safe place; say so if not.
# Looked at once where only we can make files. In a sticky directory, where others can, at each
# question: one of them may take the name of a mailbox that has gone.
function global:__wend_is_ours {
  if (-not $__wend_unix) { return $true }
  if (-not $__wend_place) {
    if (-not (__wend_is_safe $__wend_runtime)) {
      __wend_refuse "others can change ${__wend_runtime}: set WEND_RUNTIME_DIR"
      return $false
    }
    $global:__wend_place = if ((__wend_stat $__wend_runtime).IsSticky) { 'shared' } else { 'own' }
  }
  $there = [IO.Directory]::Exists($__wend_dir)
  if (([IO.FileInfo]$__wend_dir).LinkTarget -or [IO.File]::Exists($__wend_dir) -or
    ($there -and (__wend_stat $__wend_dir).UserId -ne $__wend_uid)) {
    __wend_refuse "$__wend_dir is not a directory of yours: remove it, or set WEND_RUNTIME_DIR"
    return $false
  }
  $global:__wend_checked = $there -and $__wend_place -eq 'own'
  $true
}

# Say TEXT, but not twice.
# It may be said again after an answer.
function global:__wend_refuse([string]$text) {
  if ($text -ne $__wend_told) {
    $global:__wend_told = $text
    __wend_tell "wend: $text"
  }
}

# Start a daemon: the one process that a prompt may ever cost. If it brings no answer, the next is
# started after 2 prompts, then after 4, 8 and so on, at most 64: it may have failed by chance.
# `sh` goes on at once; its mkdir is waited for.
function global:__wend_start {
  if ($__wend_pause) {
    $global:__wend_pause--
    return
  }
  $global:__wend_pause = $__wend_next_pause
  $global:__wend_next_pause = [Math]::Min(64, 2 * $__wend_pause)
  $global:__wend_checked = $false
  $how = [Diagnostics.ProcessStartInfo]@{ UseShellExecute = $false; FileName = $__wend_program }
  $how.CreateNoWindow = $how.RedirectStandardInput = $true
  $how.RedirectStandardOutput = $how.RedirectStandardError = $true
  if ($__wend_unix) {
    $how.FileName = '/bin/sh'
    $how.WorkingDirectory = '/'
    $code = 'exec </dev/null >/dev/null 2>&1; PATH=/usr/bin:/bin:$PATH; umask 077; ' +
      '[ -d "$1" ] || [ "$(find "${1%/*}/." -prune -perm -2 ! -perm -1000)" ] || mkdir "$1"; ' +
      '"$0" daemon run "$1" &'
    foreach ($word in '-c', $code, $__wend_program, $__wend_dir) { $how.ArgumentList.Add($word) }
  } else {
    $how.Arguments = "daemon run `"$__wend_dir`""
  }
  $process = [Diagnostics.Process]::Start($how)
  if ($__wend_unix) { $null = $process.WaitForExit(250) }
  $process.Dispose()
}

# Remember the variables that the answer rests on.
# A prompt compares them as one text.
function global:__wend_remember {
  $path = $PWD.Path
  $venv = [Environment]::GetEnvironmentVariable('VIRTUAL_ENV')
  $conda = [Environment]::GetEnvironmentVariable('CONDA_PREFIX')
  $disable = [Environment]::GetEnvironmentVariable('WEND_DISABLE')
  $old = [Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH')
  $saved = $ExecutionContext.SessionState.PSVariable.GetValue('_OLD_VIRTUAL_PATH')  # by uv's script
  $one = [Environment]::GetEnvironmentVariable($__wend_watch_1)
  $two = [Environment]::GetEnvironmentVariable($__wend_watch_2)
  $global:__wend_fingerprint = "$path|$venv|$conda|$disable|$old|$saved|$one|$two"
  if ($__wend_away -and -not $__wend_absent_3 -and -not [IO.Directory]::Exists($__wend_away)) {
    $global:__wend_absent_3 = $__wend_away  # then the next prompt moves there
  }
}

# Show TEXT in front of the prompt; the others must not be seen while wend's environment is
# active, unless an empty one stands first: a prompt of theirs is passed over.
function global:__wend_show([string]$text) {
  $global:__wend_name = $text
  if ($env:WEND_ENV -or "$env:WEND_UNDO" -notlike '*"active":`[*' -or "$env:_OLD_VIRTUAL_PATH" -or
    $ExecutionContext.SessionState.PSVariable.GetValue('_OLD_VIRTUAL_PATH')) {
    # Else ours is beneath one of conda's, and what it covers, too.
    $global:__wend_covers = if ($env:WEND_ENV -and $args -and $args[0]) { $args }
  }
}

# Draw the prompt: answer first, then what the prompt is by now, with the name in front. $? is the
# user's again for it, and it sees our variables: so their names are ours.
function global:__wend_on_prompt {
  $__wend_ok = $?
  $global:__wend_drawing = $global:__wend_live = $true
  try {
    # The look-up of `prompt` has found us in the other slot.
    if ($__wend_cd_action -and
      $ExecutionContext.SessionState.InvokeCommand.LocationChangedAction -ne $__wend_cd_slot) {
      __wend_hook_up
    }
    if (-not $__wend_fingerprint -or (__wend_changed)) { __wend_ask 'prompt' }
    elseif (-not $__wend_filtered) { __wend_filter_lookups }
    $__wend_prompt = ${function:global:prompt}
    if ($__wend_covers) { $__wend_prompt = __wend_beneath $__wend_prompt }
    if (-not $__wend_prompt) { $__wend_prompt = {} }
    if (-not $__wend_ok) {
      Microsoft.PowerShell.Utility\Write-Error -Message ' ' -ErrorAction Ignore
    }
    if (-not $__wend_name) {
      & $__wend_prompt
      return
    }
    $said, $more = & $__wend_prompt
    "$__wend_name$(if ("$said") { $said } else { 'PS>' })"  # what the console shows for nothing
    if ($more) { $more }
  } finally {
    $global:__wend_drawing = ''
  }
}

# Return what PROMPT, of an activate script or of conda, has wrapped: they keep it as a function.
# conda's stays where it shows another name than ours has the place of: base's, or ours by itself.
function global:__wend_beneath($prompt) {
  $conda = if ($__wend_name) { ${function:global:CondaPromptBackup} }
  $their = ${function:global:_OLD_VIRTUAL_PROMPT}
  if ($conda -and (-not $their -or $__wend_covers -contains $env:CONDA_PROMPT_MODIFIER)) {
    return $conda
  }
  if ($their) { $their } else { $prompt }
}

# Answer inside cd, so that `cd project; python` is right on one line: from the first prompt on.
# An exception that left this would be the user's cd failing.
function global:__wend_on_cd {
  try {
    __wend_hook_up
    if ($__wend_live -and (__wend_changed)) { __wend_ask 'cd' }
  } catch {
    $global:Error.RemoveAt(0)
  }
}

# Take back what an activate script did in this shell, by its own `deactivate`, which also restores
# functions and variables. The edits that follow are those of a fresh activation.
function global:__wend_adopt {
  $theirs = ${function:global:deactivate}
  if ("$theirs" -notlike '*_OLD_VIRTUAL_PATH*') { return }
  $errors = $global:Error.Count
  try {
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    & $theirs
  } catch {
    __wend_tell "wend: the deactivate of the activate script failed: $_"
  }
  while ($global:Error.Count -gt $errors) { $global:Error.RemoveAt(0) }
  $function:deactivate = $null
}

# Define `deactivate`. One of the user's is kept, and comes back on leaving.
# What calls __wend_ask is ours.
function global:__wend_define_deactivate {
  $now = ${function:global:deactivate}
  if ("$now" -like '*__wend_ask*') { return }
  # What is kept of an environment that is gone is not needed.
  if ($now -or "$__wend_their_deactivate" -like '*_OLD_VIRTUAL_PATH*') {
    $global:__wend_their_deactivate = $now
  }
  function global:deactivate([switch]$NonDestructive) {
    __wend_ask $(if ($NonDestructive) { 'activate' } else { 'deactivate' })
  }
}

# Remove our `deactivate`, and no other; give back the one that was there before.
# One that came later stays.
function global:__wend_remove_deactivate {
  if ("${function:global:deactivate}" -like '*__wend_ask*') {
    $function:deactivate = $null
    if ($__wend_their_deactivate) {
      ${function:global:deactivate} = $__wend_their_deactivate
    }
  }
  $global:__wend_their_deactivate = $null
}

# Print the line TEXT for the user.
# Never on stdout.
function global:__wend_tell([string]$text) {
  [Console]::Error.WriteLine($text)
}

# Put us into the slots for a change of directory and for a look-up of a command.
# Each is one for all, to be shared. 5.1 has no slot for the first.
function global:__wend_hook_up {
  $slots = $ExecutionContext.SessionState.InvokeCommand
  $now = $slots.PreCommandLookupAction
  if (-not $now) {
    $slots.PreCommandLookupAction = $global:__wend_lookup_slot = $__wend_lookup_action
  } elseif ($now -ne $__wend_lookup_slot) {
    $global:__wend_lookup_slot = __wend_combined $now $__wend_lookup_action
    $slots.PreCommandLookupAction = $__wend_lookup_slot
  }
  if (-not $__wend_cd_action) { return }
  $now = $slots.LocationChangedAction
  if (-not $now) {
    $slots.LocationChangedAction = $global:__wend_cd_slot = $__wend_cd_action
  } elseif ($now -ne $__wend_cd_slot) {
    $global:__wend_cd_slot = __wend_combined $now $__wend_cd_action
    $slots.LocationChangedAction = $__wend_cd_slot
  }
}

# Return the delegate NOW with OURS in it, once.
# What is there already stays.
function global:__wend_combined($now, $ours) {
  if ($now.GetInvocationList() -contains $ours) { return $now }
  [Delegate]::Combine($now, $ours)
}

# Have the engine tell us of look-ups of `prompt` alone, by a filter that is not a script block.
# A script block would make each command of the user's a fifth slower. To compile takes 15 ms.
function global:__wend_filter_lookups {
  $global:__wend_filtered = $true
  $make = [Linq.Expressions.Expression]
  $type = [EventHandler[Management.Automation.CommandLookupEventArgs]]
  try {
    $sender_ = $make::Parameter([object])
    $lookup = $make::Parameter([Management.Automation.CommandLookupEventArgs])
    $is_prompt = $make::Equal($make::Property($lookup, 'CommandName'), $make::Constant('prompt'))
    $tell = $make::Invoke($make::Constant($__wend_lookup_action), $sender_, $lookup)
    $parameters = [Linq.Expressions.ParameterExpression[]]($sender_, $lookup)
    $filter = $make::Lambda($type, $make::IfThen($is_prompt, $tell), $parameters).Compile()
    $slots = $ExecutionContext.SessionState.InvokeCommand
    $now = $slots.PreCommandLookupAction
    $slots.PreCommandLookupAction = [Delegate]::Remove($now, $__wend_lookup_action)
    $global:__wend_lookup_action = $filter
  } catch {
    $global:Error.RemoveAt(0)  # it goes on as it is
  }
  __wend_hook_up
}

# Take over from the hook of version 1, which has loaded this one inside its own __wend_ask.
# Its last word there is __wend_saw: then its question is asked again.
function global:__wend_take_over {
  $global:__wend_number = $__wend_n
  $global:__wend_live = $true
  if ("$__wend_words" -like '*nondestructive*') { $global:__wend_event = 'activate' }
  elseif ("$__wend_words" -like '*deactivate*') { $global:__wend_event = 'deactivate' }
  $slots = $ExecutionContext.SessionState.InvokeCommand
  if ($__wend_move -and $slots.LocationChangedAction) {
    $slots.LocationChangedAction = [Delegate]::Remove($slots.LocationChangedAction, $__wend_move)
  }
  while ("${function:global:prompt}" -match '^\s*__wend_prompt (\d+)\s*$') {
    ${function:global:prompt} = $__wend_prompts[[int]$Matches[1]]
  }
  # Where another tool has wrapped the old one, that goes on showing what it wrapped.
  function global:__wend_prompt([int]$level) { & $__wend_prompts[$level] }
  if ("${function:global:deactivate}" -like '*__wend_ask*') {
    $their = $__wend_theirs
    $function:deactivate = $null
    __wend_define_deactivate
    $global:__wend_their_deactivate = $their
  }
  function global:__wend_saw {
    $function:__wend_saw = $null
    __wend_ask 'cd'
  }
}

# Begin. A profile may be loaded again: then the shell goes on being the one that the daemon knows.
# In a restricted language nothing of this works: that is said once.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
  if ("$function:prompt" -notlike '*__wend_*') { $global:__wend_prompts = @($function:prompt) }
  function global:prompt {
    Microsoft.PowerShell.Utility\Write-Warning (
      'wend: not the language mode FullLanguage: nothing is done in this shell')
    ${function:global:prompt} = $__wend_prompts[0]
    prompt
  }
} else {
  $global:__wend_old = if (${function:global:__wend_saw}) { $true }
  $global:__wend_program = @WEND@
  $global:__wend_core = @CORE_NAMES@
  $global:__wend_sent = $__wend_core
  $global:__wend_first = 'first'
  $global:__wend_names = $global:__wend_known = ''
  $global:__wend_event = $global:__wend_again = $global:__wend_told = ''
  $global:__wend_fingerprint = $global:__wend_pending_reply = ''
  $global:__wend_pause = 0
  $global:__wend_next_pause = 2
  $global:__wend_daemon_was_alive = $global:__wend_asking = $global:__wend_inert = ''
  $global:__wend_present_1 = $global:__wend_present_2 = '/'
  $global:__wend_absent_1 = $global:__wend_absent_2 = $global:__wend_absent_3 = ''
  $global:__wend_watch_1 = $global:__wend_watch_2 = 'WEND_QUIET'
  if ($__wend_old -or -not $__wend_is_loaded) {
    if (-not $__wend_old) { $global:__wend_name = $global:__wend_live = $global:__wend_id = '' }
    $global:__wend_drawing = $global:__wend_covers = $global:__wend_dir = $global:__wend_flag = ''
    $global:__wend_filtered = $global:__wend_cd_slot = $global:__wend_lookup_slot = ''
    $global:__wend_away = ''
    $global:__wend_number = 0
    $global:__wend_their_deactivate = $null
    $global:__wend_not_utf8 = '*' + [char]0xFFFD + '*'
    $global:__wend_cd_action = if ($PSEdition -eq 'Core') {
      [EventHandler[Management.Automation.LocationChangedEventArgs]] { __wend_on_cd }
    }
    # The look-up of `prompt` finds ours, and that calls what the user's is by then. A theme may
    # define it at any time; what leaves a prompt alone that is not the default one finds that.
    $global:__wend_lookup_action = [EventHandler[Management.Automation.CommandLookupEventArgs]] {
      if ($args[1].CommandName -eq 'prompt' -and -not ($__wend_drawing -or $__wend_inert)) {
        $args[1].CommandScriptBlock = ${function:__wend_on_prompt}
      }
    }
    if ($__wend_old) { __wend_take_over }
  }
  $function:__wend_take_over = $null
  __wend_hook_up
}
