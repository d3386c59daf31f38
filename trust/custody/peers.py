"""Who is at the other end of a Unix socket, as far as the kernel says."""

import os
import socket
import struct
from typing import Final

_ROOT: Final = 0
_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid: unix(7)


def is_ours(connection: socket.socket) -> bool:
    """Say whether the other end is a process of this user, or of root.

    Where the kernel does not tell (SO_PEERCRED is Linux's), the mode of the socket has to do.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    found = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(found)
    return uid in {_ROOT, os.geteuid()}
