"""What was read and computed for one owner: made once, whoever asks and from whatever thread; the least used goes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Things by kind and key, held by what they are about: a release, an impact, a page.

    It lives and dies with its owner, so that no two owners can share or mistake anything, and it is never copied or
    written: a copy of the owner begins with an empty one.

    >>> memory, made = Memory(), []
    >>> [memory.once("square", n, lambda: made.append(n) or n * n, most=2) for n in (2, 2, 3, 4, 2)], made
    ([4, 4, 9, 16, 4], [2, 3, 4, 2])
    """

    def __init__(self) -> None:
        self._kinds: dict[str, OrderedDict[Hashable, Any]] = {}
        self._making: dict[tuple[str, Hashable], RLock] = {}
        self._lock = Lock()

    def once(self, kind: str, key: Hashable, make: Callable[[], T], *, most: int) -> T:
        """A thing, made when first asked for; who asks for it meanwhile waits, who asks for another does not.

        Parameters
        ----------
        kind : str
        key : hashable
            All that the thing depends on beside the owner.
        make : callable
            May ask the memory for other things. What it raises is not kept.
        most : int
            How many of the kind are held: those asked for last.
        """
        with self._lock:
            held = self._kinds.setdefault(kind, OrderedDict())
            if key in held:
                held.move_to_end(key)
                return held[key]  # type: ignore[no-any-return]
            making = self._making.setdefault((kind, key), RLock())
        with making:
            with self._lock:
                if key in held:
                    held.move_to_end(key)
                    return held[key]  # type: ignore[no-any-return]
            try:
                value = make()
                self.keep(kind, key, value, most=most)
            finally:
                with self._lock:
                    self._making.pop((kind, key), None)
        return value

    def keep(self, kind: str, key: Hashable, value: Any, *, most: int) -> None:
        """Hold a thing that was made elsewhere, in place of an older one."""
        with self._lock:
            held = self._kinds.setdefault(kind, OrderedDict())
            held[key] = value
            held.move_to_end(key)
            while len(held) > most:
                held.popitem(last=False)

    def holds(self, kind: str, key: Hashable) -> bool:
        """Whether a thing need not be made."""
        with self._lock:
            return key in self._kinds.get(kind, ())

    def count(self, kind: str) -> int:
        """How many of a kind are held."""
        with self._lock:
            return len(self._kinds.get(kind, ()))

    def __reduce__(self) -> tuple[type["Memory"], tuple[()]]:
        return Memory, ()
