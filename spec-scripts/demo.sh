#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to RISC-V programs running under tandem: installs what is missing, builds, fetches unmodified
# programs from Debian's riscv64 archive, and compares them and some kernels natively, under qemu-riscv64 and under
# tandem.
# Can be run again at any time; what is already there is not made twice. GUEST_RUNS=N: repetitions (3).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=spec-scripts/prepare.sh
. "$root/spec-scripts/prepare.sh"

say "1. Packages"
# shellcheck disable=SC2086
install_packages $build_packages || exit 1
# shellcheck disable=SC2086
install_packages $guest_packages || echo "Going on without a cross compiler: the kernels will be left out."
# shellcheck disable=SC2086
install_packages $reference_packages || echo "Going on without qemu-riscv64: there will be no column for it."
install_packages perl-base xz-utils bzip2 || echo "Going on without some native programs: their rows will be left out."
echo "Everything that could be installed is there."

say "2. Build into build/default"
build_preset default tandem
tandem=$root/build/default/tandem
"$tandem" --version

say "3. Unmodified programs from Debian's riscv64 archive into build/guest"
guest_root=
if "$root/spec-scripts/fetch_guest.sh" "$root/build/guest" perl-base xz-utils bzip2; then
    guest_root=$root/build/guest/root
else
    echo "The archive cannot be used from here: showing the kernels alone."
fi

say "4. Running the same work natively, under qemu-riscv64 and under tandem"
python3 "$root/spec-scripts/demo/table.py" --tandem "$tandem" --root "$guest_root" --build-dir "$root/build/bench" \
    --runs "${GUEST_RUNS:-3}"

say "Try it yourself"
if [ -n "$guest_root" ]; then
    printf '%s\n' "build/default/tandem -L build/guest/root build/guest/root/usr/bin/perl" \
        "    -e 'print \"hello from perl \$]\"'"
fi
echo "build/default/tandem --help"
