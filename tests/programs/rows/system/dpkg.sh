# SPDX-License-Identifier: Apache-2.0
# dpkg and apt in the root itself: a package built, installed, queried, upgraded, removed; then one built from source.
# packages: apt dpkg-dev debhelper fakeroot make
# timeout: 400
mkdir -p p/DEBIAN p/usr/share/made; echo one >p/usr/share/made/f
cat >p/DEBIAN/control <<'END'
Package: made
Version: 1.0
Architecture: all
Maintainer: N <a@b>
Description: made here
END
printf '#!/bin/sh\necho postinst "$1"\n' >p/DEBIAN/postinst; chmod 755 p/DEBIAN/postinst
dpkg-deb --root-owner-group -b p made_1.0_all.deb >/dev/null; dpkg -i made_1.0_all.deb | grep -v -i database
dpkg -s made | grep -E '^(Status|Version)'; dpkg -L made | tail -n 1; sed -i s/1.0/2.0/ p/DEBIAN/control
echo two >p/usr/share/made/f; mkdir repo; dpkg-deb --root-owner-group -Zxz -b p repo/made_2.0_all.deb >/dev/null
(cd repo; dpkg-scanpackages . 2>/dev/null >Packages); rm -f /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/work/repo ./' >/etc/apt/sources.list
apt-get -o APT::Sandbox::User=root -q update >/dev/null 2>&1; echo $?
apt-cache policy made | grep -E 'Installed|Candidate'
apt-get -y -q install made 2>/dev/null | grep postinst; cat /usr/share/made/f; dpkg --compare-versions 1:2-3 gt 2-3
echo $?; apt-get -y -q purge made >/dev/null 2>&1; ls /usr/share/made 2>/dev/null
dpkg -l made 2>/dev/null | tail -n 1 | cut -c1-2; dpkg --audit | wc -l
mkdir -p made-src-1/debian; cd made-src-1
printf '#!/usr/bin/make -f\n%%:\n\tdh $@\n' >debian/rules; chmod 755 debian/rules
printf 'made-src (1) unstable; urgency=low\n\n  * x\n\n -- N <a@b>  Wed, 01 Jan 2020 00:00:00 +0000\n' >debian/changelog
cat >debian/control <<'END'
Source: made-src
Maintainer: N <a@b>
Build-Depends: debhelper-compat (= 13)

Package: made-src
Architecture: all
Description: s
 s
END
echo debian/rules >debian/made-src.docs; mkdir debian/source; echo '3.0 (native)' >debian/source/format
dpkg-buildpackage -b -us -uc -d -rfakeroot >log 2>&1; echo $?
dpkg-deb -c ../made-src_1_all.deb 2>/dev/null | awk '{ print $6 }'
