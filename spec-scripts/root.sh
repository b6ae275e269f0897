#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# root.sh [--configure] [--tandem BINARY] ARCH FOLDER PACKAGE...: makes FOLDER/root, a root directory of Debian packages
# for ARCH (riscv64, arm64, amd64, i386) that programs can be run in: spec-scripts/enter_root.py FOLDER/root COMMAND.
#
# fetch_guest.sh unpacks the packages with all that they depend on. Without --configure, what their scripts would make
# is made here as far as programs need it: accounts, alternatives (awk, vi, java, c++, BLAS), folders (root_setup.py).
# --configure is the second stage of an installation: the packages' own scripts run in the root, under tandem, or
# natively for amd64 where no --tandem is given. It needs root, or user namespaces.
# A second call goes on where the first was stopped. Status 1 with a message if packages stay unconfigured.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
configure=
tandem=
while :; do
    case "${1:-}" in
    --configure) configure=yes ;;
    --tandem)
        tandem=$2
        shift
        ;;
    *) break ;;
    esac
    shift
done
if [ $# -lt 3 ]; then
    sed -n '3,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
arch=$1
folder=$2
shift 2
# What Debian calls essential: scripts of packages use it unasked.
essential="base-files base-passwd bash bsdutils coreutils dash debconf debianutils diffutils dpkg findutils grep gzip
    hostname init-system-helpers libc-bin mawk ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux"
[ -n "$configure" ] || essential=
# shellcheck disable=SC2086
GUEST_ARCH=$arch "$here/fetch_guest.sh" "$folder" "$@" $essential
folder=$(cd "$folder" && pwd)
root=$folder/root
[ -n "$tandem" ] || [ "$arch" = amd64 ] || tandem=$(dirname "$here")/build/default/tandem

# inside COMMAND...: runs it in the root as packages' scripts are run.
inside() {
    "$here/enter_root.py" ${tandem:+--tandem "$tandem"} --writable \
        --bind "$folder/apt/cache/archives=/var/cache/apt/archives" --env DEBIAN_FRONTEND=noninteractive \
        --env DEBCONF_NONINTERACTIVE_SEEN=true --env "TANDEM_CACHE_DIR=/var/cache/apt/archives/tandem" "$root" "$@"
}

# Packages of the given state, "installed" or "unpacked" and the like.
count_state() {
    grep -c "^Status: install ok $1\$" "$root/var/lib/dpkg/status" || true
}

second_stage() {
    (cd "$folder/apt/cache/archives" && sed -n '2,$p' "$folder/unpacked" |
        xargs "$here/root_setup.py" status "$root")
    cp "$here/root_second.sh" "$root/root_second.sh"
    [ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"
    echo "Configuring: $(count_state installed) packages are, $(count_state unpacked) are not yet"
    status=0
    inside /bin/sh /root_second.sh >"$folder/configure.log" 2>&1 || status=$?
    rm -f "$root/root_second.sh"
    left=$(grep "^Status: install ok " "$root/var/lib/dpkg/status" | grep -vc ' installed$' || true)
    echo "Configured: $(count_state installed) packages; not: $left"
    [ "$status" = 0 ] || tail -n 10 "$folder/configure.log" >&2
    [ "$left" = 0 ]
}

[ -z "$configure" ] || second_stage || { echo "root.sh: $folder/configure.log has what was said" >&2; failed=yes; }
(cd "$folder/apt/cache/archives" && sed -n '2,$p' "$folder/unpacked" | xargs "$here/root_setup.py" files "$root")
[ -z "${failed:-}" ]
