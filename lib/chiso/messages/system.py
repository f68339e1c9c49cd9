"""Why the operating system refused something, in the reader's language; the system says it in its own."""

from __future__ import annotations

import errno

from chiso.messages import text

#: Usual refusals and the keys of what is told of them; by name, for no system knows all of them.
_KEYS = {
    "EACCES": "no_right",
    "EPERM": "no_right",
    "EROFS": "read_only",
    "ENOSPC": "disk_full",
    "EDQUOT": "quota",
    "EFBIG": "too_big",
    "ENOENT": "not_there",
    "ENOTDIR": "no_folder",
    "EISDIR": "a_folder",
    "EEXIST": "there",
    "ENOTEMPTY": "not_empty",
    "ENAMETOOLONG": "long_name",
    "EBUSY": "in_use",
    "ETXTBSY": "in_use",
    "EMFILE": "open_files",
    "ENFILE": "open_files",
    "ENOMEM": "memory",
    "EIO": "device",
    "ESTALE": "network",
    "ETIMEDOUT": "network",
}


def reason(error: OSError) -> str:
    """Return why the system refused, without a full stop; what is not among the usual in the system's own words.

    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'đĩa đã đầy'
    >>> reason(OSError(errno.ELOOP, "Too many levels of symbolic links"))
    'hệ điều hành báo: Too many levels of symbolic links'
    """
    if key := _KEYS.get(errno.errorcode.get(error.errno or 0, "")):
        return text(f"system.{key}")
    return text("system.other", words=error.strerror or error)
