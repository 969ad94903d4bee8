"""Which mount a directory lies in, from a table as the kernel writes it."""

import os

import pytest

from wend.disk import mounts

TABLE = r"""22 1 8:1 / / rw - ext4 /dev/sda1 rw
23 22 0:20 / /net/a\040b rw shared:1 - nfs4 server:/x rw
24 22 0:21 / /home rw - ext4 /dev/sda2 rw
25 24 0:22 / /home/u/far rw - fuse.sshfs u@h:/ rw
26 25 0:23 / /home/u/far/tmp rw - tmpfs tmpfs rw
garbage
"""


@pytest.mark.parametrize(
    ("directory", "mount"),
    [
        ("/net/a b/p", "/net/a b"),
        ("/net/a bc", ""),
        ("/home/u/far", "/home/u/far"),
        ("/home/u/far/p", "/home/u/far"),
        ("/home/u/far/tmp/p", ""),
        ("/home/u/farther", ""),
        ("/elsewhere", ""),
    ],
)
def test_the_innermost_mount_counts_and_only_if_it_is_remote(tmp_path, directory, mount):
    (tmp_path / "table").write_text(TABLE)
    assert mounts.read(str(tmp_path / "table")).remote(directory) == mount


def test_a_table_is_read_up_to_a_limit(tmp_path):
    near = b"22 1 8:1 / /near rw - nfs4 x rw\n"
    (tmp_path / "table").write_bytes(near + b"x" * (1 << 20) + b"\n" + near.replace(b"near", b"far"))
    assert mounts.read(str(tmp_path / "table")).table == (("/near", b"nfs4"),)


def test_without_a_table_there_is_no_mount(tmp_path):
    assert mounts.read(str(tmp_path / "none")).remote("/x") == ""


def test_the_way_to_a_path_is_followed_to_the_mount_and_no_further(tmp_path, monkeypatch):
    far = tmp_path / "far"
    far.mkdir()
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "up").symlink_to("../far/p")
    (tmp_path / "round").symlink_to("round/x")
    asked = []
    monkeypatch.setattr(os, "readlink", lambda name, real=os.readlink: asked.append(name) or real(name))
    table = mounts.Mounts(((str(far), b"nfs4"),))
    for path, mount in (("near/up/x", far), ("near/../far", far), ("near/up/..", far), ("near", ""), ("round", "")):
        assert mounts.reached(f"{tmp_path}/{path}", table) == str(mount)
    assert not [name for name in asked if name.startswith(str(far))]


def test_the_first_name_that_wakes_an_automount_is_found_without_a_look_at_it(tmp_path, monkeypatch):
    (tmp_path / "net").mkdir()
    (tmp_path / "to").symlink_to("net/host/p")
    (tmp_path / "round").symlink_to("round/x")
    asked = []
    monkeypatch.setattr(os, "readlink", lambda name, real=os.readlink: asked.append(name) or real(name))
    net = f"{tmp_path}/net"
    table = mounts.Mounts((("/", b"ext4"), (net, b"autofs"), (f"{net}/up", b"nfs4"), ("/proc/x", b"autofs")))
    rows = {
        "net/host/p/x": f"{net}/host", "net/host": f"{net}/host", "to": f"{net}/host", "to/x/..": f"{net}/host",
        "net": "", "network/x": "", "net/up/x": "", "net/x\0": f"{net}/x\0", "x\0": "", "round": "",
        "../../../../proc/x/y": "",
    }  # fmt: skip
    assert {path: mounts.woken(f"{tmp_path}/{path}", table) for path in rows} == rows
    assert not [name for name in asked if name.startswith(f"{net}/") and not name.startswith(f"{net}/up")]
    asked.clear()
    assert mounts.woken(f"{tmp_path}/to", mounts.Mounts((("/", b"ext4"), ("/proc/x", b"autofs")))) == ""
    assert asked == []  # without an automount
