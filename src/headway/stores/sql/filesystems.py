"""Which file systems SQLite's locks and shared memory cannot be trusted on."""

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

from headway.core.errors import InvalidRequest

#: Types as /proc/self/mountinfo has them (proc(5)), and what people call them. FUSE types are ``fuse.NAME``.
NETWORK: Final = {
    "9p": "Plan 9 (a virtual machine's shared folder)",
    "afs": "AFS",
    "acfs": "Oracle ACFS",
    "beegfs": "BeeGFS",
    "ceph": "CephFS",
    "cifs": "CIFS",
    "coda": "Coda",
    "cvfs": "StorNext",
    "davfs": "WebDAV",
    "fuse.beegfs": "BeeGFS",
    "fuse.ceph": "CephFS",
    "fuse.ceph-fuse": "CephFS",
    "fuse.curlftpfs": "FTP",
    "fuse.davfs2": "WebDAV",
    "fuse.gcsfuse": "Google Cloud Storage",
    "fuse.glusterfs": "GlusterFS",
    "fuse.goofys": "S3",
    "fuse.juicefs": "JuiceFS",
    "fuse.mfs": "MooseFS",
    "fuse.moosefs": "MooseFS",
    "fuse.quobyte": "Quobyte",
    "fuse.rclone": "rclone",
    "fuse.s3fs": "S3",
    "fuse.seaweedfs": "SeaweedFS",
    "fuse.smbnetfs": "SMB",
    "fuse.sshfs": "SSHFS",
    "fuse.vmhgfs-fuse": "a VMware shared folder",
    "fuse.weka": "WekaFS",
    "gfs2": "GFS2",
    "glusterfs": "GlusterFS",
    "gpfs": "GPFS (Spectrum Scale)",
    "lustre": "Lustre",
    "ncpfs": "NetWare",
    "nfs": "NFS",
    "nfs4": "NFS",
    "ocfs2": "OCFS2",
    "orangefs": "OrangeFS",
    "panfs": "PanFS",
    "prl_fs": "a Parallels shared folder",
    "pvfs2": "PVFS",
    "smb3": "SMB",
    "smbfs": "SMB",
    "vboxsf": "a VirtualBox shared folder",
    "virtiofs": "virtiofs (a virtual machine's shared folder)",
    "wekafs": "WekaFS",
}

#: What FUSE serves from this machine's own disks; of any other it is not known where its files are.
LOCAL_FUSE: Final = frozenset(
    {
        "bindfs",
        "cryfs",
        "encfs",
        "fuse-overlayfs",
        "fuse2fs",
        "gocryptfs",
        "mergerfs",
        "ntfs-3g",
        "securefs",
        "unionfs",
        "unionfs-fuse",
        "zfs-fuse",
    }
)

_MOUNTS: Final = Path("/proc/self/mountinfo")


def check_local(directory: Path) -> None:
    """Check that a directory is on a disk of this machine.

    Raises:
        InvalidRequest: it is on a network file system; the message says which.
    """
    if not _MOUNTS.exists():  # not Linux: nobody to ask
        return
    kind = kind_of(directory.resolve(), _MOUNTS.read_text(errors="surrogateescape").splitlines())
    why = why_not(kind)
    if why is not None:
        raise InvalidRequest(
            f"{directory} is on {why}, where SQLite's locks cannot be relied on;"
            " choose a directory on a local disk (--data)",
            field="data",
        )


def why_not(kind: str) -> str | None:
    """Give what people call a type of file system that cannot be used; None for one that can."""
    if kind in NETWORK:
        return NETWORK[kind]
    fuse, _, name = kind.partition(".")
    if fuse != "fuse" or name in LOCAL_FUSE:
        return None
    return f"{name or 'a nameless file system'} (FUSE; it may be another machine's)"


def kind_of(directory: PurePath, mountinfo: Iterable[str]) -> str:
    """Give the type of the file system that an absolute path without symbolic links is on; "" when none has it.

    Source: proc(5), /proc/pid/mountinfo. The last line wins where mounts lie on one another.
    """
    kind, depth = "", -1
    for line in mountinfo:
        mount, _, source = line.partition(" - ")
        where = PurePath(_plain(mount.split()[4]))
        if directory.is_relative_to(where) and len(where.parts) >= depth:
            kind, depth = source.split()[0], len(where.parts)
    return kind


def _plain(word: str) -> str:
    """Read a path in which the kernel writes space, tab, newline and backslash in octal."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        word = word.replace(code, character)
    return word
