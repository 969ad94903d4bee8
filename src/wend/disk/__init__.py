"""What is read from the disk and how it is remembered."""

from wend.disk.disk import MAX_FILE, Disk
from wend.disk.evidence import Evidence

__all__ = ["MAX_FILE", "Disk", "Evidence"]
