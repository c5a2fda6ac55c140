"""Whether a file system is mounted here that may hang, as one whose server is elsewhere, or a process, may.

Source: proc_pid_mountinfo(5); Linux fs/namespace.c, mounts_poll: since a poll told of a change, it tells of the next only.
"""

# The helper processes do without pathlib: it costs memory.

import os
import select

_MOUNTS = "/proc/self/mountinfo"
_READ_BYTES = 1 << 16
#: All others may hang: those that are not known, and overlay, whose layers may be anywhere.
_NEVER_HANG = frozenset(
    b"bcachefs bpf btrfs cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs erofs exfat ext2 ext3 ext4 f2fs fusectl"
    b" hugetlbfs iso9660 jfs mqueue nsfs ntfs3 proc pstore ramfs rpc_pipefs securityfs selinuxfs squashfs sysfs tmpfs"
    b" tracefs udf vfat xfs zfs".split()
)
#: Nothing that a job names is there, but an automount often is: /proc/sys/fs/binfmt_misc.
_KERNELS = (b"/proc/", b"/sys/")


class Mounts:
    """What is mounted, read again when it has changed."""

    def __init__(self) -> None:
        self._file = -1
        self._changes = select.poll()
        self._any_may_hang = True

    def any_may_hang(self) -> bool:
        """Tell whether any file system may hang; True where that cannot be known."""
        try:
            if self._file < 0:
                self._file = os.open(_MOUNTS, os.O_RDONLY | os.O_CLOEXEC)
                self._changes.register(self._file, select.POLLPRI)
                self._changes.poll(0)
                self._any_may_hang = may_hang(self._read())
            elif self._changes.poll(0):
                self._any_may_hang = may_hang(self._read())
        except OSError:
            return True
        return self._any_may_hang

    def _read(self) -> bytes:
        os.lseek(self._file, 0, os.SEEK_SET)
        whole = b""
        while more := os.read(self._file, _READ_BYTES):
            whole += more
        return whole


def may_hang(mountinfo: bytes) -> bool:
    """Tell whether any file system in this list of mounts may hang."""
    for line in mountinfo.splitlines():
        mount, _, source = line.partition(b" - ")
        if source.partition(b" ")[0] not in _NEVER_HANG and not mount.split(b" ")[4].startswith(
            _KERNELS
        ):
            return True
    return not mountinfo
