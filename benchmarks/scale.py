"""As things grow: shells asking, shells living, decisions, depth, files in a root, entries on PATH."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import tempfile
import time
import venv
from collections.abc import Iterator
from typing import Any

import lab
import load
from lab import World
from load import Box, Constant, Crowd, Shell

_MILLION = 1_000_000


def measure(world: World, quick: bool) -> dict[str, Any]:
    """Return {"asking": ..., "living": ..., ...}, each a list of points that begin with `n`, and what was left out."""
    absent: list[str] = []
    found: dict[str, Any] = {}
    parts = {
        "asking": _asking,
        "living": _living,
        "decisions": _decisions,
        "depth": _depth,
        "files": _files,
        "path": _path,
    }
    for name, points in parts.items():
        lab.say(f"scale: {name}")
        world.stop_daemon()
        world.start_daemon()
        try:
            found[name] = list(points(world, quick, absent))
        except (OSError, lab.Trouble) as error:
            absent.append(f"scale, {name}: {error}")
    return {"points": found, "absent": absent}


def _asking(world: World, quick: bool, absent: list[str]) -> Iterator[dict[str, Any]]:
    """N shells ask at once, beside a daemon that answers a constant."""
    places = [world.project(f"asking/{i}") for i in range(20)]
    crowd, constant = Crowd(world), Constant(world)
    try:
        for n in (1, 10, 100) if quick else (1, 10, 50, 100, 250, 500):
            fresh = crowd.grow(n)
            if fresh:
                load.storm(world.box, [shell.request(places[i % 20]) for i, shell in enumerate(fresh)])
            got: dict[str, list[dict[str, float]]] = {"wend": [], "constant": []}
            lost = 0
            for turn in range(3 if quick else 5):
                everybody = [shell.request(places[(i + turn) % 20]) for i, shell in enumerate(crowd.shells)]
                load.settle(world.daemon_pid())
                for name, box in (("wend", world.box), ("constant", constant.box)):
                    values, missed = load.storm(box, everybody)
                    got[name].append(lab.summary(values))
                    lost += missed
            point: dict[str, Any] = {"n": n, "lost": lost}
            for name, prefix in (("wend", ""), ("constant", "constant_")):
                for key, label in (("median", "p50"), ("p99", "p99")):
                    point[f"{prefix}{label}_ms"] = round(statistics.median(one[key] for one in got[name]), 3)
            yield point
    finally:
        crowd.end()
        constant.end()


def _living(world: World, quick: bool, absent: list[str]) -> Iterator[dict[str, Any]]:
    """N shells live in fifty projects; one more asks."""
    places = [world.project(f"living/{i}") for i in range(50)]
    crowd = Crowd(world)
    try:
        for n in (1, 100) if quick else (1, 10, 100, 500, 1000):
            fresh = crowd.grow(n)
            load.storm(world.box, [shell.request(places[i % 50]) for i, shell in enumerate(fresh)])
            load.settle(world.daemon_pid())
            yield {"n": n, **_point(world, crowd, [places[0], places[1]], quick)}
    finally:
        crowd.end()


def _decisions(world: World, quick: bool, absent: list[str]) -> Iterator[dict[str, Any]]:
    """N projects have been decided about; the one that is asked about came from elsewhere and was allowed."""
    place, other = (world.project(f"decided/{name}") for name in ("foreign", "own"))
    config = os.path.join(place, ".venv", "pyvenv.cfg")
    with open(config, encoding="utf-8") as file:
        text = file.read()
    with open(config, "w", encoding="utf-8") as file:  # made somewhere else, as its own files say
        file.write(text.replace(place, "/somewhere/else"))
    world.call(lab.wend(), "allow", place)
    store = os.path.join(world.home, ".local", "state", "wend", "trust")
    crowd = Crowd(world)
    crowd.grow(1)
    have = 1
    try:
        for n in (1, 1000) if quick else (1, 100, 1000, 10_000):
            for i in range(have, n):
                directory = f"{world.home}/decided/{i}"
                name = f"{i}-{hashlib.sha256(directory.encode()).hexdigest()}.json"
                with open(
                    os.open(os.path.join(store, name), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii"
                ) as file:
                    json.dump(
                        {"dir": directory, "decision": "allow", "recursive": False, "since": int(time.time())}, file
                    )
            have = max(have, n)
            yield {"n": n, **_point(world, crowd, [place, other], quick)}
    finally:
        crowd.end()


def _depth(world: World, quick: bool, absent: list[str]) -> Iterator[dict[str, Any]]:
    """The shell stands N directories below the project's root."""
    place = world.project("deep")
    crowd = Crowd(world)
    crowd.grow(1)
    try:
        for n in (1, 50) if quick else (1, 10, 50, 100, 200):
            below = os.path.join(place, *["d"] * (n - 1))
            for name in ("left", "right"):
                os.makedirs(os.path.join(below, name), exist_ok=True)
            yield {"n": n, **_point(world, crowd, [os.path.join(below, name) for name in ("left", "right")], quick)}
    finally:
        crowd.end()


def _files(world: World, quick: bool, absent: list[str]) -> Iterator[dict[str, Any]]:
    """The project's root has N files, all names of one: in a file system in memory, else there is no room."""
    shm = "/dev/shm"
    if not os.access(shm, os.W_OK):
        absent.append("scale, files: there is no tmpfs for a million files")
        return
    stat = os.statvfs(shm)
    wanted = 10_000 if quick else _MILLION
    if stat.f_favail < wanted * 1.2 or _available() < 2 * 2**30:
        absent.append(f"scale, files: {shm} has no room for a million files (inodes or memory)")
        wanted = 10_000
    top = tempfile.mkdtemp(prefix="wend-bench-files-", dir=shm)
    crowd = Crowd(world)
    crowd.grow(1)
    try:
        for name in ("full", "full/sub", "full/other"):
            os.mkdir(os.path.join(top, name))
        root = os.path.join(top, "full")
        venv.create(os.path.join(root, ".venv"), symlinks=True)
        with open(os.path.join(root, "f0"), "w", encoding="ascii"):
            pass
        have = 1
        for n in (1, 1000, 10_000, 100_000, _MILLION):
            if n > wanted:
                break
            for i in range(have, n):
                os.link(os.path.join(root, "f0"), os.path.join(root, f"f{i}"))
            have = n
            yield {"n": n, **_point(world, crowd, [os.path.join(root, "sub"), root], quick)}
    finally:
        crowd.end()
        shutil.rmtree(top, ignore_errors=True)


def _path(world: World, quick: bool, absent: list[str]) -> Iterator[dict[str, Any]]:
    """PATH has N entries."""
    places = [world.project(f"path/{name}") for name in ("alpha", "beta")]
    crowd = Crowd(world)
    (shell,) = crowd.grow(1)
    try:
        for n in (3, 50) if quick else (3, 50, 100, 200):
            entries = [f"/opt/somewhere/package-{i}/bin" for i in range(n - 3)]
            shell.env["PATH"] = ":".join([*entries, "/usr/local/bin", "/usr/bin", "/bin"])
            yield {"n": n, **_point(world, crowd, places, quick)}
    finally:
        crowd.end()


def _point(world: World, crowd: Crowd, places: list[str], quick: bool) -> dict[str, Any]:
    """Return what one shell of CROWD pays for going to and fro between PLACES, and what the daemon needs."""
    shell = crowd.shells[0]
    box = Box(world.box)
    try:
        for place in places * 2:
            box.ask(*shell.request(place))
        load.settle(world.daemon_pid())
        again = _series(world, box, shell, places, 60 if quick else 200)
        new = _series(world, box, shell, places, -(30 if quick else 100))
    finally:
        box.close()
    pid = world.daemon_pid()
    load.settle(pid)
    return {
        **{f"again_{key}": value for key, value in again.items()},
        **{f"new_{key}": value for key, value in new.items()},
        "rss_mib": round(load.resident(pid), 1),
        "descriptors": load.descriptors(pid),
        "threads": load.threads(pid),
    }


def _series(world: World, box: Box, shell: Shell, places: list[str], n: int) -> dict[str, float]:
    """Ask N times; if N is negative, with a variable that is new each time, so that no answer was given before."""
    pid = world.daemon_pid()
    before = load.cpu(pid)
    values = []
    for i in range(abs(n)):
        env = {"P9K_VERSION": f"{shell.number}"} if n < 0 else {}
        values.append(box.ask(*shell.request(places[i % len(places)], **env)) * 1e3)
        time.sleep(0.0005)  # what no shell waits for is part of the work, and done before the next question
    load.settle(pid)
    used = (load.cpu(pid) - before) / abs(n) * 1e3
    return {
        "p50_ms": round(lab.quantile(values, 0.5), 3),
        "p99_ms": round(lab.quantile(values, 0.99), 3),
        "cpu_ms": round(used, 3),
    }


def _available() -> int:
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
