"""The phone's file system, held in memory: no path in it is a path of the host."""

import posixpath
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

SHELL_UID = 2000
LINKS = {"/sdcard": "/storage/emulated/0", "/mnt/sdcard": "/storage/emulated/0"}
PRIVATE = "/data/data"
"""Where each app's own folder is; the shell user may not look into any."""
WRITABLE = ("/data/local/tmp", "/storage/emulated/0")
FOLDERS = (
    *("/acct", "/apex", "/data/app", "/data/data", "/data/local/tmp", "/dev", "/proc", "/sys"),
    *("/system/bin", "/system/framework", "/vendor", "/storage/emulated/0/Android"),
    *("/storage/emulated/0/DCIM", "/storage/emulated/0/Download", "/storage/emulated/0/Pictures"),
)


def data_folder(package: str) -> str:
    """Return a package's own folder."""
    return f"{PRIVATE}/{package}"


@dataclass(slots=True)
class Node:
    """A file or folder.

    Attributes:
        mode: Type and permission bits as in ``stat``.
        content: Bytes of a file; of a generated file (/proc) the function that makes them.
        children: Name -> node of a folder, else None.
    """

    mode: int
    content: bytes | Callable[[], bytes] = b""
    children: "dict[str, Node] | None" = None
    modified_s: int = field(default_factory=lambda: int(time.time()))

    @property
    def is_folder(self) -> bool:
        """Whether it has children rather than bytes."""
        return self.children is not None

    @property
    def size(self) -> int:
        """Bytes; generated files say 0 and folders 4096, as on a phone."""
        if self.is_folder:
            return 4096
        return len(self.content) if isinstance(self.content, bytes) else 0


class FileSystem:
    """A tree of nodes; every method is safe from any thread.

    Paths are absolute or relative to ``/``; ``..`` cannot leave the tree. Errors are
    ``FileNotFoundError``, ``NotADirectoryError``, ``IsADirectoryError``,
    ``PermissionError``, ``FileExistsError`` and ``OSError`` whose text is Android's.
    """

    def __init__(self) -> None:
        """Make the folders that a phone has."""
        self._lock = threading.RLock()
        self._root = Node(stat.S_IFDIR | 0o755, children={})
        for folder in FOLDERS:
            self._make(folder)
        self._find("/data/local/tmp").mode = stat.S_IFDIR | 0o771

    def resolve(self, path: str, folder: str = "/") -> str:
        """Return the absolute path without links, ``.`` and ``..``."""
        absolute = posixpath.normpath(posixpath.join("/", folder, path))
        absolute = "/" + absolute.lstrip("/")
        for link, target in LINKS.items():
            if absolute == link or absolute.startswith(link + "/"):
                return target + absolute[len(link) :]
        return absolute

    def node(self, path: str) -> Node:
        """Return the node at ``path``."""
        path = self.resolve(path)
        if path != PRIVATE:
            self._check_readable(path)
        with self._lock:
            return self._find(path)

    def exists(self, path: str) -> bool:
        """Whether there is something at ``path``."""
        try:
            self.node(path)
        except OSError:
            return False
        return True

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        self._check_readable(self.resolve(path))
        return self.fetch(path)

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a file anywhere: for the phone's own system and its apps."""
        with self._lock:
            node = self._find(self.resolve(path))
        if node.is_folder:
            raise IsADirectoryError("Is a directory")
        return node.content if isinstance(node.content, bytes) else node.content()

    def write(
        self, path: str, data: bytes, *, mode: int = 0o644, modified_s: int | None = None
    ) -> None:
        """Write a file where the shell user may; missing folders are made."""
        path = self.resolve(path)
        self.check_writable(path)
        with self._lock:
            self._put(path, data, mode, modified_s)

    def place(self, path: str, content: bytes | Callable[[], bytes], mode: int = 0o644) -> None:
        """Put a file anywhere: for the phone's own system and its apps."""
        with self._lock:
            self._put(self.resolve(path), content, mode, None)

    def displace(self, path: str) -> None:
        """Remove a file or tree anywhere if it is there: for the phone's system and its apps."""
        with self._lock:
            parent, name = posixpath.split(self.resolve(path))
            try:
                self._folder(parent).pop(name, None)
            except OSError:
                return

    def append(self, path: str, data: bytes) -> None:
        """Add to the end of a file, making it if it is not there."""
        with self._lock:
            before = self.read(path) if self.exists(path) else b""
            self.write(path, before + data)

    def make_folder(self, path: str, *, parents: bool = False) -> None:
        """Make a folder; with ``parents`` it may exist and so may not the ones above."""
        path = self.resolve(path)
        with self._lock:
            if self.exists(path):
                if parents and self.node(path).is_folder:
                    return
                raise FileExistsError("File exists")
            self.check_writable(path)
            if not parents:
                self._folder(posixpath.dirname(path))
            self._make(path)

    def remove(self, path: str, *, recursive: bool = False) -> None:
        """Remove a file; a folder only if ``recursive``."""
        path = self.resolve(path)
        with self._lock:
            node = self._find(path)
            self.check_writable(path)
            if node.is_folder and not recursive:
                raise IsADirectoryError("Is a directory")
            parent, name = posixpath.split(path)
            del self._folder(parent)[name]

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        with self._lock:
            node = self.node(path)
            if not node.is_folder:
                raise NotADirectoryError("Not a directory")
            if node.children:
                raise OSError("Directory not empty")
            self.remove(path, recursive=True)

    def move(self, source: str, target: str) -> None:
        """Rename a file or folder, into ``target`` if that is a folder."""
        source, target = self.resolve(source), self.target_of(source, target)
        with self._lock:
            node = self._find(source)
            self.check_writable(source)
            self.check_writable(target)
            if target == source or target.startswith(source + "/"):
                raise OSError("Invalid argument")
            into = self._folder(posixpath.dirname(target))
            parent, name = posixpath.split(source)
            del self._folder(parent)[name]
            into[posixpath.basename(target)] = node

    def target_of(self, source: str, target: str) -> str:
        """Return where ``source`` lands when copied or moved to ``target``."""
        resolved = self.resolve(target)
        if self.exists(resolved) and self.node(resolved).is_folder:
            return posixpath.join(resolved, posixpath.basename(self.resolve(source)))
        return resolved

    def change_mode(self, path: str, mode: int) -> None:
        """Set the permission bits."""
        path = self.resolve(path)
        with self._lock:
            node = self._find(path)
            self.check_writable(path)
            node.mode = stat.S_IFMT(node.mode) | (mode & 0o7777)

    def touch(self, path: str) -> None:
        """Make an empty file, or set an existing one's time."""
        with self._lock:
            if not self.exists(path):
                self.write(path, b"")
            self.node(path).modified_s = int(time.time())

    def children(self, path: str) -> list[tuple[str, Node]]:
        """Return the folder's names and nodes, by name."""
        path = self.resolve(path)
        self._check_readable(path)
        with self._lock:
            return sorted(self._folder(path).items())

    def everything(self) -> list[tuple[str, Node]]:
        """Return all files and folders, by full path: for the phone's own system."""
        with self._lock:
            return sorted(self._walk_paths("", self._root), key=lambda found: found[0])

    def used_bytes(self) -> int:
        """Return how many bytes all files hold."""
        with self._lock:
            return sum(node.size for node in self._walk(self._root) if not node.is_folder)

    def check_writable(self, path: str) -> None:
        """Raise ``PermissionError`` unless the shell user may change what is at ``path``."""
        if not any(path.startswith(folder + "/") for folder in WRITABLE):
            raise PermissionError("Permission denied")

    def _check_readable(self, path: str) -> None:
        if path == PRIVATE or path.startswith(PRIVATE + "/"):
            raise PermissionError("Permission denied")

    def _walk(self, node: Node) -> Iterator[Node]:
        yield node
        for child in (node.children or {}).values():
            yield from self._walk(child)

    def _walk_paths(self, path: str, node: Node) -> Iterator[tuple[str, Node]]:
        yield path or "/", node
        for name, child in (node.children or {}).items():
            yield from self._walk_paths(f"{path}/{name}", child)

    def _find(self, path: str) -> Node:
        node = self._root
        for part in filter(None, path.split("/")):
            if node.children is None:
                raise NotADirectoryError("Not a directory")
            if part not in node.children:
                raise FileNotFoundError("No such file or directory")
            node = node.children[part]
        return node

    def _folder(self, path: str) -> "dict[str, Node]":
        children = self._find(path).children
        if children is None:
            raise NotADirectoryError("Not a directory")
        return children

    def _make(self, path: str) -> "dict[str, Node]":
        children = self._root.children
        for part in filter(None, path.split("/")):
            if children is None:
                break
            node = children.setdefault(part, Node(stat.S_IFDIR | 0o755, children={}))
            children = node.children
        if children is None:
            raise NotADirectoryError("Not a directory")
        return children

    def _put(
        self, path: str, content: bytes | Callable[[], bytes], mode: int, modified_s: int | None
    ) -> None:
        parent, name = posixpath.split(path)
        children = self._make(parent)
        if name in children and children[name].is_folder:
            raise IsADirectoryError("Is a directory")
        node = Node(stat.S_IFREG | (mode & 0o7777), content)
        if modified_s is not None:
            node.modified_s = modified_s
        children[name] = node
