"""The per-user daemon: answers shells and the command line through the mailbox."""
