#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch_guest.sh FOLDER PACKAGE...: unpacks Debian packages for riscv64 (or the architecture that GUEST_ARCH names:
# arm64, i386, amd64), with all that they depend on, into FOLDER/root.
#
# Needs no root rights and leaves the machine's package state alone: apt gets a state, cache and source list of its own
# in FOLDER/apt. The archive is the one that this machine's apt uses; signatures are checked with Debian's own keyring.
# Does nothing where FOLDER/root already holds these packages. What an earlier call has downloaded and unpacked is kept,
# also if that call was stopped or asked for other packages: FOLDER/done names it. A package that is there in another
# version begins a new root. GUEST_SKIP=1 leaves out, with a word, packages that the architecture does not have.
# Status 1 with a message where the archive cannot be used.
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
rm -f "$folder/unpacked"
mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial" "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib"
: >"$state/status"
echo "deb [arch=$arch signed-by=$keyring] $mirror $suite main" >"$state/sources.list"

echo "Reading the package list of $suite for $arch"
private_apt update >"$state/update.log" 2>&1 || { tail -n 5 "$state/update.log" >&2; fail "cannot read the archive"; }
if grep -q '^[WE]:' "$state/update.log"; then
    grep '^[WE]:' "$state/update.log" >&2
    fail "the archive was not accepted (is debian-archive-keyring too old for $suite?)"
fi
if [ -n "${GUEST_SKIP:-}" ]; then
    apt-cache -o Dir::State="$state/state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o APT::Architecture="$arch" -o APT::Architectures="$arch" dumpavail |
        sed -n 's/^Package: //p' >"$state/known"
    lacking=$(printf '%s\n' "$@" | grep -vxF -f "$state/known" || true)
    # shellcheck disable=SC2086
    [ -z "$lacking" ] || echo "Not in $suite for $arch:" $lacking
    # shellcheck disable=SC2046
    set -- $(printf '%s\n' "$@" | grep -xF -f "$state/known")
fi
echo "Downloading $* and what they depend on"
private_apt install -y --download-only "$@" >"$state/download.log" 2>&1 ||
    { tail -n 8 "$state/download.log" >&2; fail "cannot download"; }
# Names of the files in the cache: NAME_VERSION_ARCHITECTURE.deb, with an escaped colon in the version.
private_apt install -y --simulate "$@" | sed -n -E 's/^Inst ([^ :]+)[^ ]* \(([^ ]+) .*\[([a-z0-9]+)\]\).*/\1 \2 \3/p' |
    sed 's/:/%3a/' | tr ' ' _ | sed 's/$/.deb/' | sort >"$state/needed"
[ -s "$state/needed" ] || fail "apt names no packages to install"

# Is what was unpacked of this suite and architecture, and has no package another version now?
goes_on() {
    [ "$(head -n 1 "$folder/done" 2>/dev/null)" = "$suite $arch" ] || return 1
    awk -F _ 'NR == FNR { version[$1] = $2; next } $1 in version && version[$1] != $2 { exit 1 }' \
        "$state/needed" "$folder/done"
}

if ! goes_on; then
    rm -rf "$root"
    echo "$suite $arch" >"$folder/done"
fi
# Debian merges /bin, /sbin and /lib into /usr; packages rely on it.
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64"
for link in bin sbin lib lib64; do
    ln -sfn "usr/$link" "$root/$link"
done
count=0
total=$(wc -l <"$state/needed")
while read -r package; do
    count=$((count + 1))
    grep -qxF "$package" "$folder/done" && continue
    [ ! -t 2 ] || printf '\r\033[K[%s/%s] %s' "$count" "$total" "${package%%_*}" >&2
    dpkg-deb --fsys-tarfile "$state/cache/archives/$package" |
        tar -x --no-same-owner --keep-directory-symlink -C "$root"
    echo "$package" >>"$folder/done"
done <"$state/needed"
[ ! -t 2 ] || printf '\r\033[K' >&2
echo "Unpacked $count packages into $root"
{
    echo "$wanted"
    sed 's,^,./,' "$state/needed"
} >"$folder/unpacked"
