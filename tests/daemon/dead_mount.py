"""A file system in user space that answers nothing: `python dead_mount.py PLACE` mounts it until it is killed.

Unlike a thread that waits, one that waits for it cannot be ended: neither `exec` nor the end of its process, nor a
signal, goes on before the file system does. It does so when this process ends.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_REQUEST = struct.Struct("IIQQIIII")  # length, operation, number, node, uid, gid, pid, padding (linux/fuse.h)
_INIT = 26
_REPLY = struct.Struct("IiQ" + "IIIIHHIIHHI28x")  # length, error, number; versions and limits
_LARGEST = 1 << 17  # bytes of a request


def main(place: str) -> None:
    """Mount it at PLACE, say so, and take requests."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40755,user_id={os.getuid()},group_id={os.getgid()}"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", os.fsencode(place), b"fuse", 0, options.encode()):
        sys.exit(os.strerror(ctypes.get_errno()))
    print("mounted", flush=True)
    while True:
        _, operation, number, *_ = _REQUEST.unpack_from(os.read(device, _LARGEST))
        if operation == _INIT:
            os.write(device, _REPLY.pack(_REPLY.size, 0, number, 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, 0))


main(sys.argv[1])
