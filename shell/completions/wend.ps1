# Completions for PowerShell. They ask wend itself when Tab is pressed, so they never fall behind.
function global:__wend_complete($Word, $Line, $Position) {
  $typed = @('')
  $kept = 0 # characters that PowerShell does not replace: in a,b it completes b alone
  foreach ($element in @($Line.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.StartOffset -ge $Position) { break }
    $quoted = $element.PSObject.Properties['Value']
    $typed[-1] = if ($quoted -and $quoted.Value -is [string]) { $quoted.Value } else { $element.Extent.Text }
    if ($element -is [Management.Automation.Language.ArrayLiteralAst]) { $kept = $typed[-1].Length - $Word.Length }
    if ($element.Extent.EndOffset -lt $Position) {
      $typed += ''
      $kept = 0
    }
  }
  $before = $env:_WEND_COMPLETE, $env:_WEND_WORDS
  try {
    $env:_WEND_COMPLETE = 'pwsh'
    $env:_WEND_WORDS = $typed -join "`n"
    $answer = @(& @WEND@ 2>$null)
  } catch {
    $answer = @()
  } finally {
    $env:_WEND_COMPLETE, $env:_WEND_WORDS = $before
  }
  # A line is: kind, text as it is to stand in the line, value, what it is for.
  foreach ($entry in $answer) {
    $kind, $text, $shown, $help = "$entry".Split("`t")
    switch ($kind) {
      'plain' {
        if ($kept) { $text = $text.Substring($kept) }
        $tip = if ($help) { $help } else { $shown }
        [Management.Automation.CompletionResult]::new($text, $shown, 'ParameterValue', $tip)
      }
      'dir' { __wend_complete_files $Word | Where-Object ResultType -EQ 'ProviderContainer' }
      'file' { __wend_complete_files $Word }
      'command' { if ($typed[-2] -eq '--') { [Management.Automation.CompletionCompleters]::CompleteCommand($Word) } }
    }
  }
}

function global:__wend_complete_files($Word) {
  [Management.Automation.CompletionCompleters]::CompleteFilename($Word)
}

Register-ArgumentCompleter -Native -CommandName wend -ScriptBlock {
  param($Word, $Line, $Position)
  __wend_complete $Word $Line $Position
}
