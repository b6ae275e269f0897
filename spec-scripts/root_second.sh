#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a root whose packages are unpacked: what dpkg does when it installs them. Called by root.sh.
set -u
info=/var/lib/dpkg/info
export DPKG_MAINTSCRIPT_ARCH DPKG_MAINTSCRIPT_PACKAGE DPKG_MAINTSCRIPT_NAME DPKG_ROOT=
DPKG_MAINTSCRIPT_ARCH=$(dpkg --print-architecture)

# No service is begun in here.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

# Needed before a script has made it.
[ -e /usr/bin/awk ] || ln -s mawk /usr/bin/awk

# The scripts that dpkg runs before it unpacks; .done-preinst is ours.
for script in "$info/base-passwd.preinst" "$info"/*.preinst; do
    if [ ! -x "$script" ] || [ -e "$script.done" ]; then continue; fi
    DPKG_MAINTSCRIPT_NAME=preinst
    DPKG_MAINTSCRIPT_PACKAGE=$(basename "$script" .preinst)
    DPKG_MAINTSCRIPT_PACKAGE=${DPKG_MAINTSCRIPT_PACKAGE%%:*}
    echo "preinst $DPKG_MAINTSCRIPT_PACKAGE"
    "$script" install && touch "$script.done" || echo "preinst of $DPKG_MAINTSCRIPT_PACKAGE failed: $?"
done
for package in base-passwd base-files libc6 libc-bin perl-base debianutils debconf; do
    if [ -e $info/$package.list ] || [ -e "$info/$package:$DPKG_MAINTSCRIPT_ARCH.list" ]; then
        dpkg --configure --force-depends $package
    fi
done
dpkg --configure -a --force-confold
status=$?
rm -f /usr/sbin/policy-rc.d
exit $status
