"""The floor: a daemon with wend's own mailbox code that tells everybody to change nothing. `constant.py MAILBOX`.

It reads, parses whom to answer, removes the shell's last reply, answers and removes the request. What wend's daemon
takes longer than this is what it takes to know the answer.
"""

from __future__ import annotations

import os
import select
import sys

from wend.daemon.mailbox import Mailbox
from wend.daemon.notify import notifier
from wend.protocol import parse_head
from wend.shells import SHELLS, Apply


def main(path: str) -> None:
    os.umask(0o077)
    mailbox = Mailbox(path)
    notify = notifier(path)
    assert notify
    answers = {}
    for shell in SHELLS:
        answers[shell] = (SHELLS[shell].render(Apply(shell, ())) + SHELLS[shell].END).encode()
    mailbox.publish()
    last: dict[str, bytes] = {}
    while True:
        select.select([notify.fd], [], [])
        names = notify.names()
        for name in mailbox.requests() if names is None else names:
            data = mailbox.read(name) if name.endswith(b".req") else None
            head = parse_head(data) if data else None
            if head is None or head.shell not in answers:
                continue
            if head.id in last:
                mailbox.remove(last[head.id])
            else:
                mailbox.make_bell(head.id)
            mailbox.reply(head.id, head.number, answers[head.shell])
            last[head.id] = f"{head.id}.{head.number}.rep".encode()
            mailbox.remove(name)


if __name__ == "__main__":
    main(sys.argv[1])
