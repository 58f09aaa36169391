"""Makes the root file system of the container image: a Python, an environment, the shared libraries that they load.

    python3 deploy/rootfs.py .venv /rootfs

All stands at the path that it has here. Bytecode is made of what is imported at a start only, and is not checked
against its source, as nothing of an image changes. What packages bring along and nothing here asks for stays out.
"""

import os
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

STDLIB = Path(os.__file__).parent
UNUSED = shutil.ignore_patterns(
    *("__pycache__", "site-packages", "config-*", "test", "tests", "idlelib", "tkinter", "turtledemo", "turtle.py"),
    *("ensurepip", "lib2to3", "pydoc_data", "_tkinter*", "_test*", "_ctypes_test*", "_xxtestfuzz*", "*.a"),
    *("curses", "_curses*", "readline*", "nis*", "_dbm*", "_gdbm*"),  # with what they are linked with: 3 MB
)
SPOKEN = ("en", "de", "root", "la")  # languages of the pages, what Babel builds on, and Faker's made-up words
LANGUAGE = re.compile(r"[a-z]{2,3}(_\w+)?(\.dat)?")
OF_PACKAGES = shutil.ignore_patterns(
    *("__pycache__", "*.pyi", "testing"),  # the last are what SQLAlchemy and others test themselves with
    *("_imagingft*", "_imagingtk*", "libfreetype-*", "libharfbuzz-*", "libbrotli*", "libpng16-*"),  # Pillow’s, of fonts
)
IMPORTED = "import sys, bucketlist.cli, bucketlist.wsgi, alembic.command, granian.server.mp; print(*{name})"
FILES = "(each.__file__ for each in list(sys.modules.values()) if getattr(each, '__file__', None)), sep='\\n'"
LIBRARY = re.compile(r"^\t(?:\S+ => )?(/\S+) \(0x", re.MULTILINE)
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
TEXTS = {
    "etc/passwd": "root:x:0:0::/:/none\nbucketlist:x:10001:10001::/data:/none\n",
    "etc/group": "root:x:0:\nbucketlist:x:10001:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
FOR_EVERYBODY = ("tmp", "data", "data/backups")  # whoever the process runs as; it is alone in there


def make_root(environment: Path, root: Path) -> None:
    """Fill the new folder `root`. Raises: `OSError`, `CalledProcessError`."""
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    copy(python.resolve(), root)
    for place in {python, python.with_name("python3"), python.with_name("python")} - {python.resolve()}:
        under(root, place).symlink_to(python.resolve())
    shutil.copytree(STDLIB, under(root, STDLIB), ignore=UNUSED)
    shutil.copytree(environment, under(root, environment), symlinks=True, ignore=unneeded)
    for library in find_libraries(root):
        copy(library, root)
    copy(Path(CERTIFICATES), root)
    for name, text in TEXTS.items():
        (root / name).write_text(text)
    (root / "etc" / "ld.so.conf").write_text(f"{Path(sys.base_prefix) / 'lib'}\n")
    subprocess.run(["ldconfig", "-r", str(root)], check=True)
    for name in FOR_EVERYBODY:
        (root / name).mkdir(exist_ok=True)
        (root / name).chmod(0o1777)
    compile_imported(environment, root)


def unneeded(folder: str, names: list[str]) -> set[str]:
    """Bytecode, fonts, tests; of Babel and Faker also other languages than those of bucketlist, 40 MB of them."""
    place = Path(folder)
    has_languages = place.name == "locale-data" or place.parent.parts[-2:] == ("faker", "providers")
    unspoken = {name for name in names if LANGUAGE.fullmatch(name) and not name.startswith(SPOKEN)}
    return set(OF_PACKAGES(folder, names)) | (unspoken if has_languages else set())


def under(root: Path, path: Path) -> Path:
    """The place of `path` in the new root; its folder is made."""
    place = root / path.relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def copy(file: Path, root: Path) -> None:
    shutil.copy2(file, under(root, file))


def find_libraries(root: Path) -> Iterator[Path]:
    """Every shared library that something in `root` is linked with and that is not in it yet, the loader included."""
    binaries = [path for path in root.rglob("*") if path.is_file() and ".so" in path.name]
    binaries += [path for path in root.glob("**/bin/python3.*") if not path.is_symlink()]
    told = subprocess.run(["ldd", *binaries], check=True, capture_output=True, text=True).stdout
    if "not found" in told:
        raise OSError(told)
    yield from (Path(name) for name in sorted(set(LIBRARY.findall(told))) if not Path(name).is_relative_to(root))


def compile_imported(environment: Path, root: Path) -> None:
    command = [str(environment / "bin" / "python"), "-B", "-c", IMPORTED.format(name=FILES)]
    settings = {"PATH": os.environ["PATH"], "APP_SETTING": "testing", "DATA_DIR": f"{root}/tmp/compiling"}
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=settings).stdout
    shutil.rmtree(root / "tmp" / "compiling", ignore_errors=True)
    for name in told.split("\n"):
        source = root / name.lstrip("/")
        if name.endswith(".py") and source.is_file():
            unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(str(source), dfile=name, doraise=True, invalidation_mode=unchecked)


if __name__ == "__main__":
    make_root(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
