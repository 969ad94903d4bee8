#!/usr/bin/env python3
"""Makes docs/session.svg from a live bash: `docs/session.py` writes it, `docs/session.py --check` compares.

Every line in the picture was printed by the shell. Only the temporary home directory is shown as /home/ann.
Needs wend installed (./tests/run.sh does that), bash and git.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import venv
from xml.sax.saxutils import escape

from wend.shells import hooks
from wend.terminal import Terminal

PICTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "session.svg")
LINES = (
    "cd shop",
    "which python",
    "cd ../fresh",
    "python3 -m venv .venv",
    "deactivate",
    "cd ../cloned",
    "wend explain",
    "cd",
)
_SHOWN_HOME = "/home/ann"
_PROMPT = re.compile(rb"(?:\((?:[^()\n]*)\) )?~[^\s$]* \$ $")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07")
_PARTS = re.compile(r"(\([^()]*\) )?(~\S* \$)( .*)?")
_STYLE = """
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }
rect { fill: #f6f8fa; stroke: #d0d7de } .name { fill: #1a7f37; font-weight: 600 } .prompt { fill: #0969da }
.typed { font-weight: 600 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } rect { fill: #0d1117; stroke: #30363d } .name { fill: #3fb950 } .prompt { fill: #58a6ff }
}
"""


def session() -> list[str]:
    """Return what the terminal shows, line by line."""
    wend = os.path.join(os.path.dirname(sys.executable), "wend")
    with tempfile.TemporaryDirectory(prefix="wend-") as made:
        top = os.path.realpath(made)
        home, runtime = os.path.join(top, "ann"), os.path.join(top, "run")
        for name in ("shop", "fresh", "cloned"):
            os.makedirs(os.path.join(home, name))
        venv.create(os.path.join(home, "shop", ".venv"), symlinks=True)
        venv.create(os.path.join(home, "cloned", ".venv"), symlinks=True)
        for words in (["init", "--quiet"], ["add", "--force", ".venv"]):
            subprocess.run(["git", *words], cwd=os.path.join(home, "cloned"), check=True)
        os.mkdir(runtime, 0o700)
        rc = os.path.join(top, "rc")
        with open(rc, "w", encoding="utf-8") as file:
            file.write("PS1='\\w $ '\nbind 'set enable-bracketed-paste off'\n" + hooks.text("bash", wend))
        # wend must be found, and nothing else of the environment that it is installed in.
        programs = os.path.join(top, "bin")
        os.mkdir(programs)
        os.symlink(wend, os.path.join(programs, "wend"))
        env = {
            "HOME": home,
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "WEND_RUNTIME_DIR": runtime,
        }
        box = os.path.join(runtime, f"wend-{os.geteuid()}")
        os.mkdir(box, 0o700)
        with subprocess.Popen([wend, "daemon", "run", box], env=env, stdin=subprocess.DEVNULL) as daemon:
            while not os.path.lexists(os.path.join(box, "ns")) and daemon.poll() is None:
                time.sleep(0.01)  # it is not ready: the first answer would be late
            shell = Terminal(["bash", "--rcfile", rc, "-i"], env, home, columns=400)
            try:
                for line in ("", *LINES):
                    if line:
                        shell.sendline(line.encode())
                    if shell.expect(_PROMPT, 30) is None:
                        raise SystemExit(f"{line}: no prompt after it: {shell.tail()}")
                shown = shell.output.decode()
            finally:
                shell.close()
                daemon.send_signal(signal.SIGTERM)
        return _CONTROL.sub("", shown).replace(home, _SHOWN_HOME).strip().split("\n")


def picture(lines: list[str]) -> str:
    """Return LINES as SVG."""
    width, height = 24 + round(8.45 * max(map(len, lines))), 24 + 20 * len(lines)
    rows = [f'<text x="12" y="{28 + 20 * number}">{_spans(line)}</text>' for number, line in enumerate(lines)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' role="img">',
            "<title>A session with wend in bash</title>",
            f"<style>{_STYLE}</style>",
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>',
            *rows,
            "</svg>\n",
        ]
    )


def _spans(line: str) -> str:
    found = _PARTS.fullmatch(line)
    if not found:
        return escape(line)
    parts = zip(("name", "prompt", "typed"), found.groups())
    return "".join(f'<tspan class="{kind}">{escape(text)}</tspan>' for kind, text in parts if text)


def main() -> int:
    """Write the picture, or compare it."""
    if "--check" not in sys.argv:
        made = picture(session())
        with open(PICTURE, "w", encoding="utf-8") as file:
            file.write(made)
        return 0
    with open(PICTURE, encoding="utf-8") as file:
        drawn = file.read()
    # On a busy machine an answer may be later than a shell waits, and show one prompt later.
    same = any(picture(session()) == drawn for _ in range(5))
    if not same:
        print("docs/session.svg is not what the shell prints now: run docs/session.py")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
