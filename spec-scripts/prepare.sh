# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# Sourced by spec-scripts/demo.sh and tests/run.sh: says what happens, installs what is missing, keeps build/ out of
# git.
# Expects $root, the top of the tree.

say() { printf '\n== %s\n' "$*"; }

# To build and to test; gcc-riscv64-linux-gnu only recommends the C library that guest programs need.
build_packages="cmake ninja-build gcc g++ pkg-config python3 llvm-19-dev libelf-dev libgtest-dev libmpfr-dev"
build_packages="$build_packages libzydis-dev"
format_packages="clang-format-14" # the version whose result tests/scripts/check_format.py compares with
guest_packages="gcc-riscv64-linux-gnu g++-riscv64-linux-gnu libc6-dev-riscv64-cross"
# Cross compilers: gcc-multilib, which would do, cannot be installed beside the riscv64 ones.
i386_packages="gcc-i686-linux-gnu g++-i686-linux-gnu libc6-dev-i386-cross"
reference_packages="qemu-user"
# AArch64's guest programs, and the interpreter for it as another host, which runs under qemu.
cross_packages="gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libc6-dev-arm64-cross"

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# missing_packages NAME...: those of the names that are not installed.
missing_packages() {
    for package in "$@"; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

# as_root COMMAND...: directly, through sudo, or not at all (status 1).
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        return 1
    fi
}

# install_packages NAME...: status 1 and a message that names the command to run by hand where it cannot be done.
install_packages() {
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    say "Installing: $missing"
    # shellcheck disable=SC2086
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; then
        return 0
    fi
    echo "Could not install them. As root, run: apt-get install --no-install-recommends $missing" >&2
    return 1
}

# The tree has no .gitignore at its top: build/ carries its own.
make_build_folder() {
    mkdir -p "$root/build"
    [ -f "$root/build/.gitignore" ] || echo '*' >"$root/build/.gitignore"
}

# build_preset PRESET [TARGET]...: configures and builds into build/PRESET.
build_preset() {
    preset=$1
    shift
    make_build_folder
    (cd "$root" && cmake --preset "$preset" >"build/configure-$preset.log" 2>&1) || {
        tail -n 40 "$root/build/configure-$preset.log" >&2
        return 1
    }
    # shellcheck disable=SC2086
    cmake --build "$root/build/$preset" -j "$(nproc)" ${1:+--target "$@"}
}
