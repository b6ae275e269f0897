#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a root of unpacked packages lacks because no script of the packages has run. Called by root.sh.

  root_setup.py files ROOT           accounts, alternatives and what else maintainer scripts would make, for a root that
                                     is used as it is
  root_setup.py status ROOT DEB...   dpkg's database says that these packages are unpacked, so that dpkg can configure
                                     them; packages that it knows already stay as they are
"""
import hashlib
import os
import re
import shlex
import subprocess
import sys

ACCOUNTS = "usr/share/base-passwd"
INSTALL = re.compile(r"update-alternatives\b[^\n]*?--install\s+(.*)")
SERVERS = ["postgres", "redis", "sshd"]  # accounts that scripts make
# Made by scripts in loops and functions, which are not read here: link, and files of which the first that is there is
# taken.
MORE = {
    "usr/bin/c++": ("usr/bin/g++",), "usr/bin/cc": ("usr/bin/gcc",),
    "usr/bin/java": ("usr/lib/jvm/java-21-openjdk-{arch}/bin/java",),
    "usr/bin/javac": ("usr/lib/jvm/java-21-openjdk-{arch}/bin/javac",),
    "usr/bin/jar": ("usr/lib/jvm/java-21-openjdk-{arch}/bin/jar",),
    "usr/bin/php": ("usr/bin/php8.4",), "usr/bin/emacs": ("usr/bin/emacs-nox",),
    "usr/bin/vim": ("usr/bin/vim.basic", "usr/bin/vim.tiny"),
    "usr/bin/vi": ("usr/bin/vim.basic", "usr/bin/vim.tiny"),
    "usr/bin/editor": ("usr/bin/vim.basic", "usr/bin/vim.tiny", "usr/bin/nano"),
    "usr/bin/awk": ("usr/bin/gawk", "usr/bin/mawk"),
    "usr/bin/which": ("usr/bin/which.debianutils",),
}


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def write(path, text, mode=0o644):
    """Whole or not at all."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8", errors="replace") as f:
        f.write(text)
    os.chmod(path + ".new", mode)
    os.replace(path + ".new", path)


def add_accounts(root):
    """/etc/passwd and its kin as base-passwd's script makes them, with an account for each that the packages'
    sysusers.d files name."""
    passwd, group = (os.path.join(root, "etc", name) for name in ("passwd", "group"))
    if os.path.exists(passwd) or not os.path.isdir(os.path.join(root, ACCOUNTS)):
        return
    users = read(os.path.join(root, ACCOUNTS, "passwd.master")).replace(":*:", "::", 1)
    groups = read(os.path.join(root, ACCOUNTS, "group.master"))
    for number, name in enumerate(sysusers(root), 100):
        users += f"{name}:*:{number}:{number}::/nonexistent:/usr/sbin/nologin\n"
        groups += f"{name}:*:{number}:\n"
    write(passwd, users)
    write(group, groups)
    for name, text in (("shells", "/bin/sh\n/bin/bash\n"), ("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
                       ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")):
        if not os.path.exists(os.path.join(root, "etc", name)):
            write(os.path.join(root, "etc", name), text)


def sysusers(root):
    names = []
    folder = os.path.join(root, "usr/lib/sysusers.d")
    for entry in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        names += re.findall(r"^u\S*\s+(\S+)", read(os.path.join(folder, entry)), re.M)
    return dict.fromkeys(names + SERVERS)


def link(root, name, target):
    """ROOT/name -> /target, if there is such a file and nothing of that name."""
    path = os.path.join(root, name)
    if os.path.lexists(path) or not os.path.exists(os.path.join(root, target)):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink("/" + target, path)


def alternatives(script):
    """(priority, link, file) of each alternative that a maintainer script installs in plain words."""
    for words in INSTALL.findall(script.replace("\\\n", " ")):
        try:
            parts = shlex.split(words, comments=True)
        except ValueError:
            continue
        if len(parts) < 4 or not parts[3].isdigit() or "$" in "".join(parts[:3]):
            continue
        yield int(parts[3]), parts[0], parts[2]
        for at, word in enumerate(parts):
            if word == "--slave" and len(parts) > at + 3:
                yield int(parts[3]), parts[at + 1], parts[at + 3]


def control_of(deb, name):
    """A file of the package's control archive; empty if it has none."""
    return subprocess.run(["dpkg-deb", "--info", deb, name], capture_output=True, text=True, errors="replace",
                          check=False).stdout


def make_files(root, debs):
    add_accounts(root)
    found = [a for deb in debs for a in alternatives(control_of(deb, "postinst"))]
    for _, name, target in sorted(found, reverse=True):
        link(root, name.lstrip("/"), target.lstrip("/"))
    arches = {f.rsplit("_", 1)[1].removesuffix(".deb") for f in debs} - {"all"}
    for name, targets in MORE.items():
        for target in targets:
            for arch in arches:
                link(root, name, target.format(arch=arch))
    for name in ("tmp", "run", "root", "var/tmp", "proc", "dev", "sys"):
        os.makedirs(os.path.join(root, name), exist_ok=True)


def known(status):
    """Names of the packages, with their architecture, that the database has."""
    return set(re.findall(r"^Package: (\S+)\n(?:.+\n)*?Architecture: (\S+)", status, re.M))


def make_status(root, debs):
    """A stanza, the list of files and the scripts of each package, as after dpkg --unpack."""
    base = os.path.join(root, "var/lib/dpkg")
    info = os.path.join(base, "info")
    for name in (info, os.path.join(base, "updates"), os.path.join(base, "triggers"), os.path.join(base, "parts")):
        os.makedirs(name, exist_ok=True)
    path = os.path.join(base, "status")
    status = read(path) if os.path.exists(path) else ""
    there = known(status)
    stanzas = []
    for deb in debs:
        control = control_of(deb, "control")
        fields = dict(re.findall(r"^(Package|Architecture|Multi-Arch): (\S+)", control, re.M))
        name = fields["Package"]
        if (name, fields["Architecture"]) in there:
            continue
        prefix = name + (":" + fields["Architecture"] if fields.get("Multi-Arch") == "same" else "")
        subprocess.run(["dpkg-deb", "--control", deb, os.path.join(base, "new")], check=True)
        scripts = os.listdir(os.path.join(base, "new"))
        for script in scripts:
            if script != "control":
                os.replace(os.path.join(base, "new", script), os.path.join(info, f"{prefix}.{script}"))
        os.remove(os.path.join(base, "new/control"))
        os.rmdir(os.path.join(base, "new"))
        write(os.path.join(info, prefix + ".list"), file_list(deb))
        stanzas.append(stanza(root, control, info, prefix))
    write(os.path.join(base, "available"), "")
    write(path, status + "".join(s + "\n" for s in stanzas))


def file_list(deb):
    names = subprocess.run(f"dpkg-deb --fsys-tarfile {shlex.quote(deb)} | tar -t", shell=True, capture_output=True,
                           text=True, errors="surrogateescape", check=True).stdout.splitlines()
    return "".join((name.removeprefix(".").rstrip("/") or "/.") + "\n" for name in names)


def md5(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "md5").hexdigest()


def stanza(root, control, info, prefix):
    lines = control.rstrip("\n").split("\n")
    text = lines[0] + "\nStatus: install ok unpacked\n" + "\n".join(lines[1:]) + "\n"
    path = os.path.join(info, prefix + ".conffiles")
    names = [n for n in read(path).split("\n") if n.startswith("/")] if os.path.exists(path) else []
    sums = [(n, root + n) for n in names if os.path.isfile(root + n)]
    if not sums:
        return text
    return text + "Conffiles:\n" + "".join(f" {n} {md5(path)}\n" for n, path in sums)


def main():
    what, root, *debs = sys.argv[1:]
    (make_files if what == "files" else make_status)(os.path.abspath(root), debs)


if __name__ == "__main__":
    main()
