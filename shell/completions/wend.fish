# Completions for fish. They ask wend itself when Tab is pressed, so they never fall behind.
function __wend_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # The word at the cursor gets a dot in front: an empty one would be lost.
    set -l typed (string join \n -- $words[2..] ."$current" | string collect)
    # A line is: kind, text, value, what it is for.
    for line in (env _WEND_COMPLETE=fish _WEND_WORDS=$typed @WEND@ 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case plain
                printf '%s\t%s\n' $parts[2] $parts[4]
            case dir
                __fish_complete_directories (commandline -ct)
            case file
                __fish_complete_path (commandline -ct)
            case command
                complete --do-complete (commandline -cp | string replace -r '^.*? -- ' '')
        end
    end
end
complete --command wend --no-files --keep-order --arguments '(__wend_complete)'
