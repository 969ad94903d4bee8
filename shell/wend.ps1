# wend for PowerShell 7, with nothing that Windows PowerShell 5.1 cannot parse: the right Python environment follows you.
# The four hooks have the same sections in the same order. Nothing on stdout, no process at a prompt or a cd. Our names begin
# with __wend_; .NET, for a cmdlet costs more and may be an alias by now. Inert until a prompt is shown: `pwsh -c` comes here too.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
  if ("$function:prompt" -notlike '*__wend_*') { $global:__wend_prompts = @($function:prompt) }
  function global:prompt {
    Microsoft.PowerShell.Utility\Write-Warning 'wend: not the language mode FullLanguage: nothing is done in this shell'
    ${function:global:prompt} = $__wend_prompts[0]; prompt
  }
} else {
## Where: the mailbox, and who we are
$global:__wend_new = -not ${function:global:__wend_prompt}
$global:__wend_bin = @WEND@
$global:__wend_inputs = 'PATH', 'HOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'VIRTUAL_ENV_DISABLE_PROMPT', 'PYTHONHOME',
  'CONDA_PREFIX', 'CONDA_DEFAULT_ENV', 'CONDA_PROMPT_MODIFIER', 'CONDA_SHLVL', 'CONDA_EXE', '_CONDA_EXE', '_CONDA_ROOT',
  'CONDA_PYTHON_EXE', '_CE_M', '_CE_CONDA', 'CONDA_ENVS_DIRS', 'CONDA_ENVS_PATH', 'CONDARC', 'MAMBA_ROOT_PREFIX',
  'PYENV_VERSION', 'PYENV_ROOT', 'PYENV_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'STARSHIP_SHELL',
  'POSH_SHELL', 'P9K_VERSION', 'WEND_ENV', 'WEND_DISABLE', 'WEND_QUIET', 'WEND_CONFIG', '_OLD_VIRTUAL_PATH', 'DIRENV_DIFF'
$global:__wend_more = 'WEND_FIRST'
$global:__wend_id = $global:__wend_seen = $global:__wend_late = $global:__wend_words = $global:__wend_off = $global:__wend_held = ''
$global:__wend_started = $global:__wend_busy = $global:__wend_in = $global:__wend_safe = ''
$global:__wend_y1 = $global:__wend_y2 = $global:__wend_n1 = $global:__wend_n2 = $global:__wend_n3 = ''
function global:__wend_stat([string]$path) {
  $ExecutionContext.InvokeProvider.Item.Get([string[]]@("FileSystem::$path"), $true, $true)[0].UnixStat
}
function global:__wend_owner([string]$path) { (__wend_stat $path).UserId }
function global:__wend_where {
  $global:__wend_off = $true  # stays so if we do not get to the end
  $global:__wend_unix = [IO.Path]::DirectorySeparatorChar -eq '/'
  $global:__wend_ours, $global:__wend_uid = (-not $__wend_unix), 0  # on Windows the temporary directory is the user's own
  if ([Console]::IsInputRedirected -or [regex]::IsMatch([Environment]::CommandLine, '(?i) -noni')) { return }
  if ($__wend_unix) {
    $made = if ([IO.Directory]::Exists("/proc/$PID")) { "/proc/$PID" } else { [IO.Path]::GetTempFileName() }
    $global:__wend_uid = __wend_owner $made
    if ([IO.File]::Exists($made)) { [IO.File]::Delete($made) }
  }
  $xdg, $dir = "$env:XDG_RUNTIME_DIR", '/tmp'
  if ([IO.Path]::IsPathRooted("$env:WEND_RUNTIME_DIR")) { $dir = $env:WEND_RUNTIME_DIR }
  elseif (-not $__wend_unix) { $dir = [IO.Path]::GetTempPath() }
  elseif ([IO.Path]::IsPathRooted($xdg) -and [IO.Directory]::Exists($xdg) -and (__wend_owner $xdg) -eq $__wend_uid) { $dir = $xdg }
  elseif (([IO.DirectoryInfo]'/dev/shm').Attributes -eq 'Directory') { $dir = '/dev/shm' }
  elseif ([IO.Path]::IsPathRooted("$env:TMPDIR")) { $dir = $env:TMPDIR }
  $global:__wend_dir = "$($dir.TrimEnd('/', '\'))/wend-$__wend_uid"
  $global:__wend_ns = ([IO.FileInfo]'/proc/self/ns/mnt').LinkTarget
  # Started where the directory's name is not UTF-8, or gone, PowerShell says that it is where its own files are.
  $dir = try { [Environment]::CurrentDirectory } catch { $global:Error.RemoveAt(0) }
  $global:__wend_lost = if ($PWD.ProviderPath -eq $PSHOME -and $dir -ne $PSHOME) { $PSHOME }
  $global:__wend_id = $env:WEND_SHELL = "$PID-$([guid]::NewGuid())"
  $global:__wend_base = "$__wend_dir/$__wend_id"; $global:__wend_flag, $global:__wend_n = "$__wend_base.flag", 0
  $global:__wend_off = [IO.File]::Exists('/proc/self/limits') -and  # where writing a file would kill the shell
    [regex]::IsMatch([IO.File]::ReadAllText('/proc/self/limits'), 'Max file size +\d{1,5} ')
}

## Ask: one request, one reply
function global:__wend_ask([string]$words) {
  if ($__wend_off -or $__wend_busy -or $PWD.Provider.Name -ne 'FileSystem') { return }
  if ($words) { $global:__wend_words = $words }
  if ($__wend_late -and -not [IO.File]::Exists($__wend_late)) {  # quiet, unless the daemon that kept silent is gone
    if (-not $__wend_held -or ([IO.FileInfo]$__wend_held).LinkTarget) { return } else { $global:__wend_started = '' }
  }
  $text = [Environment]::GetEnvironmentVariable('WEND_DISABLE')
  if ($text -and $text -ne '0' -and -not $env:WEND_UNDO) { __wend_saw; return }
  $ErrorActionPreference, $global:__wend_busy = 'Continue', $true
  try {
    if (-not $__wend_id) { __wend_where }
    $cwd = if ($PWD.Path -like '/*') { $PWD.Path } else { $PWD.ProviderPath }  # the same, but for drives; the second is slow
    if ($__wend_off -or -not $cwd -or $cwd -eq $__wend_lost -or $cwd.IndexOf([char]0xFFFD) -ge 0) { return }
    foreach ($try in 1, 2, 3) {
      if (-not (__wend_ready)) { return }
      $global:__wend_n++; $global:__wend_again = ''
      [IO.File]::WriteAllText("$__wend_base.$__wend_n.req", (__wend_fields $cwd))
      $global:__wend_late = "$__wend_base.$__wend_n.rep"  # now, for Ctrl-C may end the wait
      $text = __wend_wait $__wend_late
      if (-not $text.EndsWith('# wend-end', 'Ordinal')) {
        if ($__wend_words) { [Console]::Error.WriteLine('wend: no answer: it is done when the daemon is back') }
        if (-not $__wend_started) { __wend_start }
        return
      }
      $global:__wend_late = ''
      & ([scriptblock]::Create($text)); if (-not $__wend_again) { break }
    }
    $global:__wend_words = $global:__wend_started = ''; __wend_saw
  } catch { $global:Error.RemoveAt(0) } finally { $global:__wend_busy = $false }
}
function global:__wend_saw {
  $global:__wend_seen = [string]::Join('|', $PWD.Path, [Environment]::GetEnvironmentVariable('VIRTUAL_ENV'),
    [Environment]::GetEnvironmentVariable('CONDA_PREFIX'), [Environment]::GetEnvironmentVariable('PYENV_VERSION'),
    [Environment]::GetEnvironmentVariable('WEND_DISABLE'), [Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH'))
}
function global:__wend_fields([string]$cwd) {
  $words = $__wend_words
  if (${function:global:CondaPromptBackup}) { $words += ' conda-prompt' }
  if ($env:STARSHIP_SHELL -eq 'powershell') { $words += ' prompt' }
  $text = "1`0pwsh`0$PID`0$__wend_id`0$__wend_n`0$cwd`0$env:WEND_UNDO`0$words`0$__wend_more`0"
  foreach ($name in $__wend_inputs + $__wend_more.Split(' ')) {
    $value = [Environment]::GetEnvironmentVariable($name)
    if ($null -ne $value) { $text += "$name=$value`0" }
  }
  "$text.`0"
}

## Wait: at most 250 ms
function global:__wend_wait([string]$rep) {
  $clock = [Diagnostics.Stopwatch]::StartNew()
  while (-not [IO.File]::Exists($rep)) {
    if ($clock.ElapsedMilliseconds -ge 250) { return '' }
    [Threading.Thread]::Sleep([int]($clock.ElapsedMilliseconds -gt 20))  # 0: let the daemon go first, if it wants this core
  }
  [IO.File]::ReadAllText($rep)
}

## Start: is there somebody to ask; the one process that a prompt may ever cost
function global:__wend_is_safe([string]$dir) {  # not who owns it, nor for root one above, may exchange the mailbox
  if ($__wend_uid) { $stat = __wend_stat $dir; return $stat.UserId -eq $__wend_uid -or (-not $stat.UserId -and $stat.IsSticky) }
  for (; $dir; $dir = [IO.Path]::GetDirectoryName($dir)) {
    if (-not [IO.Directory]::Exists($dir) -or (__wend_owner $dir) -or ($dir -like '/*/*' -and ([IO.FileInfo]$dir).LinkTarget)) { return $false }
  }
  $true
}
function global:__wend_ready {
  $dir = [IO.Path]::GetDirectoryName($__wend_dir)
  if ($__wend_unix -and -not $__wend_safe) {
    if (-not [IO.Directory]::Exists($dir) -or -not (__wend_is_safe $dir)) {
      [Console]::Error.WriteLine("wend: others can change $dir, or it is not there: set WEND_RUNTIME_DIR")
      $global:__wend_off = $true; return $false
    }
    $global:__wend_safe = $true
  }
  foreach ($try in 1, 2) {
    $ns = ([IO.FileInfo]"$__wend_dir/ns").LinkTarget
    $space = if ($ns) { ([IO.FileInfo]$ns).LinkTarget }; $global:__wend_held = if ($space) { $ns }  # none: it is gone
    if (([IO.FileInfo]$__wend_dir).LinkTarget -or [IO.File]::Exists($__wend_dir) -or ([IO.Directory]::Exists($__wend_dir) -and
        -not ($__wend_ours -or (__wend_owner $__wend_dir) -eq $__wend_uid))) {
      [Console]::Error.WriteLine("wend: $__wend_dir is not a directory of yours: remove it, or set WEND_RUNTIME_DIR")
      $global:__wend_off = $true
    } elseif ($ns -and ($space -or -not $__wend_ns)) {
      $global:__wend_ours = $true
      if ($space -ne $__wend_ns) { $global:__wend_off = $true }
    } elseif (-not $__wend_started) { __wend_start; continue }  # and look again at what is there then
    break
  }
  -not $__wend_off -and [IO.Directory]::Exists($__wend_dir)
}
function global:__wend_start {
  $global:__wend_started, $global:__wend_ours = $true, (-not $__wend_unix)
  $how = [Diagnostics.ProcessStartInfo]@{ UseShellExecute = $false; FileName = $__wend_bin }
  $how.CreateNoWindow = $how.RedirectStandardInput = $how.RedirectStandardOutput = $how.RedirectStandardError = $true
  if ($__wend_unix) {
    $how.FileName, $how.WorkingDirectory = '/bin/sh', '/'
    $code = 'exec </dev/null >/dev/null 2>&1; PATH=/usr/bin:/bin:$PATH; umask 077; mkdir "$1"; "$0" daemon run "$1" &'
    foreach ($word in '-c', $code, $__wend_bin, $__wend_dir) { $how.ArgumentList.Add($word) }
  } else { $how.Arguments = "daemon run `"$__wend_dir`"" }
  $process = [Diagnostics.Process]::Start($how)
  if ($__wend_unix) { $null = $process.WaitForExit(250) }  # for its mkdir
  $process.Dispose()
}

## Prompt: nothing changed, or ask; the name in front of what the wrapped prompt says
function global:__wend_check {
  if ($__wend_seen.Equals([string]::Join('|', $PWD.Path, [Environment]::GetEnvironmentVariable('VIRTUAL_ENV'),
        [Environment]::GetEnvironmentVariable('CONDA_PREFIX'), [Environment]::GetEnvironmentVariable('PYENV_VERSION'),
        [Environment]::GetEnvironmentVariable('WEND_DISABLE'), [Environment]::GetEnvironmentVariable('_OLD_VIRTUAL_PATH'))) -and
    -not ($__wend_late -or [IO.File]::Exists($__wend_flag) -or  # a file to [IO.File]: also a link to nothing
      [IO.Directory]::Exists($__wend_n1) -or ([IO.File]::Exists($__wend_n1) -and -not ([IO.FileInfo]$__wend_n1).LinkTarget) -or
      [IO.Directory]::Exists($__wend_n2) -or ([IO.File]::Exists($__wend_n2) -and -not ([IO.FileInfo]$__wend_n2).LinkTarget) -or
      [IO.Directory]::Exists($__wend_n3) -or ([IO.File]::Exists($__wend_n3) -and -not ([IO.FileInfo]$__wend_n3).LinkTarget)) -and
    ([IO.File]::Exists($__wend_y1) -or [IO.Directory]::Exists($__wend_y1)) -and
    ([IO.File]::Exists($__wend_y2) -or [IO.Directory]::Exists($__wend_y2))) { return }
  __wend_ask
}
function global:__wend_prompt([int]$level) {
  $ok, $name, $prompt, $outer = $?, '', $__wend_prompts[$level], (-not $__wend_in)  # or called by what we wrap
  try {
    if ($outer) {
      $global:__wend_in = $global:__wend_live = $true
      if ($__wend_move -and -not [object]::ReferenceEquals($__wend_slot.LocationChangedAction, $__wend_chain)) { __wend_listen }
      __wend_check
      $name = $__wend_name
    }
    if (-not $ok) { Microsoft.PowerShell.Utility\Write-Error -Message ' ' -ErrorAction Ignore }  # puts $? back
    if (-not $name) { & $prompt; return }
    $said, $more = & $prompt
    "$name$(if ("$said") { $said } else { 'PS>' })"; if ($more) { $more }  # PS> is what the console shows for nothing
  } finally { if ($outer) { $global:__wend_in = $false } }
}

## Move: cd itself tells; an exception that left __wend_move would be the user's cd failing
function global:__wend_listen {
  $now = $__wend_slot.LocationChangedAction  # one for all, to be shared
  if (-not $now) { $__wend_slot.LocationChangedAction = $__wend_move }
  elseif ($now.GetInvocationList() -notcontains $__wend_move) {
    $__wend_slot.LocationChangedAction = [Delegate]::Combine($now, $__wend_move)
  }
  $global:__wend_chain = $__wend_slot.LocationChangedAction
}

## Hook up: whoever defines prompt anew is wrapped at the next move
function global:__wend_wrap {
  $now = ${function:global:prompt}
  if ("$now" -like '*__wend_prompt *') { return }
  $global:__wend_prompts += @(if ($now) { $now } else { {} })
  ${function:global:prompt} = [scriptblock]::Create("__wend_prompt $($__wend_prompts.Count - 1)")
}
if ($__wend_new) {
  $global:__wend_prompts = @(${function:global:prompt})
  function global:prompt { __wend_prompt 0 }
  $global:__wend_name = $global:__wend_live = $global:__wend_move = ''
  $global:__wend_slot = $ExecutionContext.SessionState.InvokeCommand
  if ($PSEdition -eq 'Core') {  # 5.1 has no such slot
    $global:__wend_move = [EventHandler[Management.Automation.LocationChangedEventArgs]] {
      try { __wend_wrap; if ($__wend_live) { __wend_check } } catch { $global:Error.RemoveAt(0) }
    }
    __wend_listen
  }
}
}
