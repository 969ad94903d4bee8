# wend for PowerShell 7: the right Python environment follows you from directory to directory.
#
# The four hooks have the same functions in the same order. No process at a prompt or a cd. Our names
# begin with __wend_. .NET, because a cmdlet costs more and may be an alias by now. Nothing here that
# Windows PowerShell 5.1 cannot parse. Inert until a prompt is shown: `pwsh -c` comes here, too.

# Choose the mailbox by the rule of the commands (`paths.mailbox_dir`).
# Done at the first question: most of it is not free, and scripts never get there.
function global:__wend_locate {
  $dir = '/tmp'
  $xdg = "$env:XDG_RUNTIME_DIR"
  if ([IO.Path]::IsPathRooted("$env:WEND_RUNTIME_DIR")) {
    $dir = $env:WEND_RUNTIME_DIR
  } elseif (-not $__wend_unix) {
    $dir = [IO.Path]::GetTempPath()  # on Windows it is the user's own
  } elseif ([IO.Path]::IsPathRooted($xdg) -and [IO.Directory]::Exists($xdg) -and
    (__wend_stat $xdg).UserId -eq $__wend_uid) {
    $dir = $xdg
  } elseif (([IO.DirectoryInfo]'/dev/shm').Attributes -eq 'Directory') {
    $dir = '/dev/shm'
  } elseif ([IO.Path]::IsPathRooted("$env:TMPDIR")) {
    $dir = $env:TMPDIR
  }
  $global:__wend_dir = "$($dir.TrimEnd('/', '\'))/wend-$__wend_uid"
  $global:__wend_base = "$__wend_dir/$__wend_id"
  $global:__wend_flag = "$__wend_base.flag"
  $global:__wend_checked = $false
}

# Find out who we are and whether we may write at all; fail where the hook must stay inert.
# An id is made once, so that the daemon goes on knowing this shell.
function global:__wend_begin {
  if ([Console]::IsInputRedirected -or
    [regex]::IsMatch([Environment]::CommandLine, '(?i) -noni')) { return $false }
  $limits = '/proc/self/limits'  # where writing a file would kill the shell
  if ([IO.File]::Exists($limits) -and
    [regex]::IsMatch([IO.File]::ReadAllText($limits), 'Max file size +\d{1,5} ')) { return $false }
  $global:__wend_unix = [IO.Path]::DirectorySeparatorChar -eq '/'
  $global:__wend_uid = 0
  if ($__wend_unix) {
    $made = "/proc/$PID"
    if (-not [IO.Directory]::Exists($made)) { $made = [IO.Path]::GetTempFileName() }
    $global:__wend_uid = (__wend_stat $made).UserId
    if ([IO.File]::Exists($made)) { [IO.File]::Delete($made) }
  }
  $global:__wend_space = ([IO.FileInfo]'/proc/self/ns/mnt').LinkTarget
  # Started where the directory's name is not UTF-8, or gone, PowerShell says that it is where its own
  # files are.
  $dir = try { [Environment]::CurrentDirectory } catch { $global:Error.RemoveAt(0) }
  $global:__wend_lost = if ($PWD.ProviderPath -eq $PSHOME -and $dir -ne $PSHOME) { $PSHOME }
  if ("$__wend_id" -notlike "$PID-*") { $global:__wend_id = "$PID-$([guid]::NewGuid())" }
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

# Tell whether PATH exists; a link to nothing does not.
# To [IO.File] such a link is a file.
function global:__wend_exists([string]$path) {
  [IO.Directory]::Exists($path) -or ([IO.File]::Exists($path) -and
    (-not ([IO.FileInfo]$path).LinkTarget -or [IO.File]::ResolveLinkTarget($path, $true).Exists))
}

# Tell whether anything differs from what the last answer rests on: variables, and paths by existence.
# Fixed slots instead of lists, because an unchanged prompt is faster with them.
function global:__wend_changed {
  -not ($__wend_fingerprint.Equals([string]::Join('|', $PWD.Path,
        [Environment]::GetEnvironmentVariable('VIRTUAL_ENV'),
        [Environment]::GetEnvironmentVariable('CONDA_PREFIX'),
        [Environment]::GetEnvironmentVariable('WEND_DISABLE'),
        [Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH'),
        [Environment]::GetEnvironmentVariable($__wend_watch_1),
        [Environment]::GetEnvironmentVariable($__wend_watch_2))) -and
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
    if ($__wend_daemon_was_alive) { $global:__wend_started = '' }  # and has gone or answered since
  }
  $disabled = [Environment]::GetEnvironmentVariable('WEND_DISABLE')
  if ($disabled -and $disabled -ne '0' -and -not $env:WEND_UNDO) {
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
    if (-not $cwd -or $cwd -eq $__wend_lost -or $cwd.IndexOf([char]0xFFFD) -ge 0) { return }
    foreach ($try in 1, 2, 3) {
      if (-not (__wend_ready)) { return }
      $global:__wend_number++
      $global:__wend_again = ''
      $global:__wend_pending_reply = ''
      if (-not (__wend_send $cwd $event_)) { return }
      $reply = "$__wend_base.$__wend_number.rep"
      $global:__wend_pending_reply = $reply  # now, because Ctrl-C may end the wait
      $text = __wend_wait $reply
      if (-not $text.EndsWith('# wend-end', 'Ordinal')) {
        __wend_unanswered
        return
      }
      $global:__wend_pending_reply = ''
      & ([scriptblock]::Create($text))
      if (-not $__wend_again) {
        $global:__wend_first = ''
        break
      }
    }
    $global:__wend_event = ''
    $global:__wend_started = ''
    $global:__wend_told = ''
    __wend_remember
  } catch {
    $global:Error.RemoveAt(0)
  } finally {
    $global:__wend_asking = $false
  }
}

# Tell whether to keep quiet about the question that is out: its file is there, its answer is not.
# Not if the daemon that kept silent is gone since: then another one is started.
function global:__wend_is_quiet {
  -not [IO.File]::Exists($__wend_pending_reply) -and
  [IO.File]::Exists("$__wend_base.$__wend_number.req") -and
  (-not $__wend_daemon_was_alive -or ([IO.FileInfo]$__wend_daemon_was_alive).LinkTarget)
}

# Do what a question without an answer needs.
# What was typed is not lost.
function global:__wend_unanswered {
  if ($__wend_event) { __wend_tell 'wend: no answer: it is done when the daemon is back' }
  if (-not $__wend_started) { __wend_start }
}

# Write the question; fail if it could not be written whole: then the next prompt tries again.
# NUL-ended fields, "." last; the installer writes the table of variables into the blank.
function global:__wend_send([string]$cwd, [string]$event_) {
  if ($__wend_event) { $event_ = $__wend_event }
  $facts = ''
  if (${function:global:CondaPromptBackup}) { $facts = 'conda-prompt' }
  $text = "2`0pwsh`0$PID`0$__wend_id`0$__wend_number`0$cwd`0$env:WEND_UNDO`0$event_`0$facts`0" +
    "$__wend_first`0$__wend_names`0"
  foreach ($name in $__wend_core) {
    $value = [Environment]::GetEnvironmentVariable($name)
    if ($null -ne $value) { $text += "$name=$value`0" }
  }
  if ($__wend_names) {
    foreach ($name in $__wend_names.Split(' ')) {
      $value = [Environment]::GetEnvironmentVariable($name)
      if ($null -ne $value) { $text += "$name=$value`0" }
    }
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
  while (-not [IO.File]::Exists($reply)) {
    if ($clock.ElapsedMilliseconds -ge 250) { return '' }
    [Threading.Thread]::Sleep([int]($clock.ElapsedMilliseconds -gt 20))
  }
  [IO.File]::ReadAllText($reply)
}

# Look whether there is a daemon to ask; else start one.
# What is wrong is told once, and looked at again at each question.
function global:__wend_ready {
  if (-not [IO.Directory]::Exists($__wend_dir)) { __wend_locate }
  $above = [IO.Path]::GetDirectoryName($__wend_dir)
  if (-not [IO.Directory]::Exists($above)) { return $false }  # as after log-out
  if ($__wend_unix -and -not $__wend_checked) {
    if (-not (__wend_is_safe $above)) {
      __wend_refuse "others can change ${above}: set WEND_RUNTIME_DIR"
      return $false
    }
    $global:__wend_checked = $true
  }
  foreach ($try in 1, 2) {
    $ns = ([IO.FileInfo]"$__wend_dir/ns").LinkTarget
    $space = if ($ns) { ([IO.FileInfo]$ns).LinkTarget }
    $global:__wend_daemon_was_alive = if ($space) { $ns }  # none: it is gone
    $theirs = [IO.Directory]::Exists($__wend_dir) -and $__wend_unix -and
      (__wend_stat $__wend_dir).UserId -ne $__wend_uid
    if (([IO.FileInfo]$__wend_dir).LinkTarget -or [IO.File]::Exists($__wend_dir) -or $theirs) {
      __wend_refuse "$__wend_dir is not a directory of yours: remove it, or set WEND_RUNTIME_DIR"
      return $false
    }
    if ($ns -and ($space -or -not $__wend_space)) {
      return $space -eq $__wend_space  # else of another mount namespace: it sees other files
    }
    if ($__wend_started) { break }
    __wend_start  # and look again at what is there then
  }
  [IO.Directory]::Exists($__wend_dir)
}

# Say TEXT, but not twice.
# It may be said again after an answer.
function global:__wend_refuse([string]$text) {
  if ($text -ne $__wend_told) {
    $global:__wend_told = $text
    __wend_tell "wend: $text"
  }
}

# Start a daemon: the one process that a prompt may ever cost, and once until there is an answer.
# `sh` goes on at once; its mkdir is waited for.
function global:__wend_start {
  $global:__wend_started = $true
  $how = [Diagnostics.ProcessStartInfo]@{ UseShellExecute = $false; FileName = $__wend_program }
  $how.CreateNoWindow = $how.RedirectStandardInput = $true
  $how.RedirectStandardOutput = $how.RedirectStandardError = $true
  if ($__wend_unix) {
    $how.FileName = '/bin/sh'
    $how.WorkingDirectory = '/'
    $code = 'exec </dev/null >/dev/null 2>&1; PATH=/usr/bin:/bin:$PATH; umask 077; mkdir "$1"; ' +
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
  $global:__wend_fingerprint = [string]::Join('|', $PWD.Path,
    [Environment]::GetEnvironmentVariable('VIRTUAL_ENV'),
    [Environment]::GetEnvironmentVariable('CONDA_PREFIX'),
    [Environment]::GetEnvironmentVariable('WEND_DISABLE'),
    [Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH'),
    [Environment]::GetEnvironmentVariable($__wend_watch_1),
    [Environment]::GetEnvironmentVariable($__wend_watch_2))
}

# Show TEXT in front of the prompt; the others are texts that must not stand beside it.
# A prompt is a function here: what another tool put around it is passed over while ours is shown.
function global:__wend_show([string]$text) {
  $global:__wend_name = $text
  $global:__wend_covers = $args.Count -gt 0
}

# Draw the prompt: answer first, then what is wrapped, with the name in front.
# Wrapped twice by what wraps us, the outermost of ours does both.
function global:__wend_on_prompt([int]$level) {
  $ok = $?
  $outer = -not $__wend_drawing
  try {
    if ($outer) {
      $global:__wend_drawing = $global:__wend_live = $true
      __wend_hook_up
      if (__wend_changed) { __wend_ask 'prompt' }
    }
    $prompt = __wend_inner $level $outer
    if (-not $ok) {  # puts $? back for what draws the prompt
      Microsoft.PowerShell.Utility\Write-Error -Message ' ' -ErrorAction Ignore
    }
    if (-not $outer -or -not $__wend_name) {
      & $prompt
      return
    }
    $said, $more = & $prompt
    "$__wend_name$(if ("$said") { $said } else { 'PS>' })"  # what the console shows for nothing
    if ($more) { $more }
  } finally {
    if ($outer) { $global:__wend_drawing = $false }
  }
}

# Return what to run for the prompt wrapped at LEVEL.
# An activate script, or conda, keeps the prompt that it wrapped: that is shown while ours covers it.
# By the outermost of ours alone: what was wrapped may be another one.
function global:__wend_inner([int]$level, [bool]$outer) {
  if ($outer -and $__wend_name -and $__wend_covers) {
    foreach ($kept in ${function:global:_OLD_VIRTUAL_PROMPT}, ${function:global:CondaPromptBackup}) {
      if ($kept) { return $kept }
    }
  }
  $now = ${function:global:prompt}
  # An answer may have given the prompt back to what an activate script had wrapped.
  if ($now -and "$now" -ne "__wend_on_prompt $level" -and $level -eq $__wend_prompts.Count - 1) {
    return $now
  }
  $__wend_prompts[$level]
}

# Answer inside cd, so that `cd project; python` is right on one line.
# An exception that left this would be the user's cd failing.
function global:__wend_on_cd {
  try {
    if ($__wend_live -and (__wend_changed)) { __wend_ask 'cd' }
  } catch {
    $global:Error.RemoveAt(0)
  }
}

# Take back what an activate script did in this shell to the prompt and to `deactivate`.
# PATH and what is exported are in the edits that follow.
function global:__wend_adopt {
  $kept = ${function:global:_OLD_VIRTUAL_PROMPT}
  if ($kept) {
    ${function:global:prompt} = $kept
    $function:_OLD_VIRTUAL_PROMPT = $null
  }
  if ("${function:global:deactivate}" -notlike '*__wend_ask*') { $function:deactivate = $null }
}

# Define `deactivate`. One of the user's is kept, and comes back on leaving.
# What calls __wend_ask is ours.
function global:__wend_define_deactivate {
  $now = ${function:global:deactivate}
  if ("$now" -like '*__wend_ask*') { return }
  if ($now -or "$__wend_their_deactivate" -like '*_OLD_VIRTUAL_PATH*') {  # of an environment that has gone
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

# Wrap the prompt when it is looked up: whatever start-up files, themes or the user have made of it.
# Until the first look-up nothing is wrapped, so that what leaves a prompt alone that is not the
# default one still finds the default one.
function global:__wend_on_lookup([string]$name) {
  if ($name -ne 'prompt' -or $__wend_inert) { return }
  $now = ${function:global:prompt}
  if ("$now" -like '__wend_on_prompt *') { return }
  $global:__wend_prompts += @(if ($now) { $now } else { {} })
  ${function:global:prompt} = [scriptblock]::Create("__wend_on_prompt $($__wend_prompts.Count - 1)")
}

# Put us into the slots for a change of directory and for a look-up. Each is one for all, to be shared.
# 5.1 has no slot for the first.
function global:__wend_hook_up {
  $slots = $ExecutionContext.SessionState.InvokeCommand
  if ($__wend_cd_action) {
    $now = $slots.LocationChangedAction
    if (-not $now) {
      $slots.LocationChangedAction = $__wend_cd_action
    } elseif ($now.GetInvocationList() -notcontains $__wend_cd_action) {
      $slots.LocationChangedAction = [Delegate]::Combine($now, $__wend_cd_action)
    }
  }
  $now = $slots.PreCommandLookupAction
  if (-not $now) {
    $slots.PreCommandLookupAction = $__wend_lookup_action
  } elseif ($now.GetInvocationList() -notcontains $__wend_lookup_action) {
    $slots.PreCommandLookupAction = [Delegate]::Combine($now, $__wend_lookup_action)
  }
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
  $function:__wend_prompt = $null
  foreach ($index in 0..($__wend_old_prompts.Count - 1)) {  # what it wraps, all the way down
    if ("${function:global:prompt}" -like "*__wend_prompt $index*") {
      ${function:global:prompt} = $__wend_old_prompts[$index]
    }
  }
  $their = $__wend_theirs
  if ("${function:global:deactivate}" -like '*__wend_ask*') {
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
  $global:__wend_first = 'first'
  $global:__wend_event = $global:__wend_names = $global:__wend_again = $global:__wend_told = ''
  $global:__wend_fingerprint = $global:__wend_pending_reply = $global:__wend_started = ''
  $global:__wend_daemon_was_alive = $global:__wend_asking = $global:__wend_inert = ''
  $global:__wend_present_1 = $global:__wend_present_2 = '/'
  $global:__wend_absent_1 = $global:__wend_absent_2 = $global:__wend_absent_3 = ''
  $global:__wend_watch_1 = $global:__wend_watch_2 = 'WEND_QUIET'
  if ($__wend_old -or -not $__wend_lookup_action) {
    $global:__wend_old_prompts = $__wend_prompts
    $global:__wend_prompts = @()
    if (-not $__wend_old) { $global:__wend_name = $global:__wend_live = '' }
    $global:__wend_drawing = $global:__wend_covers = $global:__wend_dir = $global:__wend_flag = ''
    $global:__wend_number = 0
    $global:__wend_their_deactivate = $null
    $global:__wend_cd_action = if ($PSEdition -eq 'Core') {
      [EventHandler[Management.Automation.LocationChangedEventArgs]] { __wend_on_cd }
    }
    $global:__wend_lookup_action =
      [EventHandler[Management.Automation.CommandLookupEventArgs]] {
        param($sender_, $lookup)
        if ($lookup.CommandName -eq 'prompt') { __wend_on_lookup 'prompt' }
      }
    if ($__wend_old) { __wend_take_over }
  }
  $function:__wend_take_over = $null
  __wend_hook_up
}
