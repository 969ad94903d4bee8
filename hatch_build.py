"""What the package index shows: README.md with links that work there.

Relative links lead nowhere on the package index. With WEND_REPOSITORY, the address of the repository, they become
links to this version; without it, pictures are left out and links become plain text.
"""

from __future__ import annotations

import os
import re

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)]+)\)")


def readme(text: str, repository: str, version: str) -> str:
    """Return TEXT with links into REPOSITORY at VERSION, or without relative links if REPOSITORY is empty."""

    def absolute(found: re.Match[str]) -> str:
        picture, words, path = found.groups()
        if not repository:
            return "" if picture else words
        return f"{picture}[{words}]({repository}/{'raw' if picture else 'blob'}/v{version}/{path})"

    return _LINK.sub(absolute, text)


class CustomMetadataHook(MetadataHookInterface):
    """Fills in `readme` and `urls`."""

    def update(self, metadata: dict[str, object]) -> None:
        """Change METADATA in place."""
        repository = os.environ.get("WEND_REPOSITORY", "").rstrip("/")
        with open(os.path.join(self.root, "src", "wend", "__init__.py"), encoding="utf-8") as file:
            version = re.findall(r'__version__ = "(.*)"', file.read())[0]
        with open(os.path.join(self.root, "README.md"), encoding="utf-8") as file:
            text = readme(file.read(), repository, version)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = (
            {
                "Source": repository,
                "Changelog": f"{repository}/blob/v{version}/CHANGELOG.md",
                "Issues": f"{repository}/issues",
            }
            if repository
            else {}
        )
