#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch_guest.sh FOLDER PACKAGE...: unpacks Debian packages for riscv64 (or the architecture that GUEST_ARCH names:
# i386, amd64), with all that they depend on, into FOLDER/root.
#
# Needs no root rights and leaves the machine's package state alone: apt gets a state, cache and source list of its own
# in FOLDER/apt. The archive is the one that this machine's apt uses; signatures are checked with Debian's own keyring.
# Does nothing where FOLDER/root already holds these packages. Status 1 with a message where the archive cannot be used.
set -eu
suite=${GUEST_SUITE:-trixie}
arch=${GUEST_ARCH:-riscv64}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
state=$folder/apt
root=$folder/root
wanted="$suite $arch: $*"

fail() {
    echo "fetch_guest.sh: $*" >&2
    exit 1
}

# The archive of this machine's own release: first URI whose suite is that release itself.
machine_mirror() {
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        awk -v release="$release" -v RS= '{
            uri = ""; suites = ""
            n = split($0, line, "\n")
            for (i = 1; i <= n; i++) {
                if (line[i] ~ /^URIs:/) { split(line[i], word, /[ \t]+/); uri = word[2] }
                if (line[i] ~ /^Suites:/) suites = " " substr(line[i], 8) " "
            }
            if (uri != "" && index(suites, " " release " ") && uri ~ /debian\/?$/) { print uri; exit }
        }' "$file"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        awk -v release="$release" '$1 == "deb" {
            at = 2
            if ($2 ~ /^\[/) { while ($at !~ /\]$/) at++; at++ }
            if ($(at + 1) == release && $at ~ /debian\/?$/) { print $at; exit }
        }' "$file"
    done
}

# apt-get with a state of its own, as if on a machine of that architecture on which nothing is installed.
private_apt() {
    apt-get -q \
        -o Dir::State="$state/state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null \
        -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Install-Recommends=false \
        -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=true -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

if [ -f "$folder/unpacked" ] && [ "$(head -n 1 "$folder/unpacked")" = "$wanted" ]; then
    echo "Already there: $wanted"
    exit 0
fi
mirror=$(machine_mirror | head -n 1)
[ -n "$mirror" ] || fail "no archive for this release in /etc/apt"
[ -f "$keyring" ] || fail "no $keyring (package debian-archive-keyring)"
rm -rf "$root" "$folder/unpacked"
mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial" "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib"
: >"$state/status"
echo "deb [arch=$arch signed-by=$keyring] $mirror $suite main" >"$state/sources.list"

echo "Reading the package list of $suite for $arch"
private_apt update >"$state/update.log" 2>&1 || { tail -n 5 "$state/update.log" >&2; fail "cannot read the archive"; }
if grep -q '^[WE]:' "$state/update.log"; then
    grep '^[WE]:' "$state/update.log" >&2
    fail "the archive was not accepted (is debian-archive-keyring too old for $suite?)"
fi
echo "Downloading $* and what they depend on"
rm -f "$state"/cache/archives/*.deb
private_apt install -y --download-only "$@" >"$state/download.log" 2>&1 ||
    { tail -n 8 "$state/download.log" >&2; fail "cannot download"; }

# Debian merges /bin, /sbin and /lib into /usr; packages rely on it.
for link in bin sbin lib; do
    ln -sfn "usr/$link" "$root/$link"
done
count=0
for package in "$state"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --no-same-owner -C "$root"
    count=$((count + 1))
done
[ ! -d "$root/usr/lib64" ] || ln -sfn usr/lib64 "$root/lib64"
echo "Unpacked $count packages into $root"
{
    echo "$wanted"
    (cd "$state/cache/archives" && printf '%s\n' ./*.deb)
} >"$folder/unpacked"
