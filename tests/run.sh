#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and runs every test: unit tests, guest programs in every mode, the fuzzers, and the
# unit tests again under AddressSanitizer with UBSan and under ThreadSanitizer, and guest programs in builds that have
# the interpreter alone, one of them for AArch64. What takes longest begins first, so that no core waits for it at the
# end. Ends with a line "N passed, N failed, N skipped" and status 1 if any failed.
#
# --quick runs the tests of label quick only and installs nothing: under 3 minutes on two cores behind a first build.
# --no-sanitizers leaves the builds of sanitizers and interpreters out. Other arguments go to ctest, which then runs
# what they choose (-R NAME, -L slow) and nothing else.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=spec-scripts/prepare.sh
. "$root/spec-scripts/prepare.sh"

sanitizers="asan tsan"
quick=
case "${1:-}" in
--no-sanitizers)
    sanitizers=
    shift
    ;;
--quick)
    quick=yes
    sanitizers=
    shift
    ;;
esac
# The parts that sanitizers look at: these have threads, locks and memory of their own.
sanitized_tests="base_test ir_test frontend_test tcg_test lopt_test runtime_test cli_test tandem"
threaded_tests="base_test runtime_test" # all that ThreadSanitizer could find something in
broken=0 # builds that failed

# run_ctest PRESET NAME ARGUMENT...: runs ctest in build/PRESET, result to build/PRESET/NAME.xml. ctest's own status is
# not needed: the closing line counts from the files.
run_ctest() {
    folder=$root/build/$1
    report=$folder/$2.xml
    shift 2
    (cd "$folder" && ctest -j "$(nproc)" --output-on-failure --output-junit "$report" "$@") || true
}

# install_everything: status 1 if tandem cannot be built. What only some tests need may be absent.
install_everything() {
    # shellcheck disable=SC2086
    install_packages $build_packages || return 1
    # shellcheck disable=SC2086
    install_packages $format_packages || echo "The check of the format will be skipped."
    # shellcheck disable=SC2086
    install_packages $guest_packages || echo "Guest programs will be skipped."
    # shellcheck disable=SC2086
    install_packages $i386_packages || echo "i386 guest programs will be skipped."
    GUEST_ARCH=i386 "$root/spec-scripts/fetch_guest.sh" "$root/build/guest-i386" bash coreutils perl python3 sqlite3 \
        xz-utils bzip2 || echo "Debian's i386 programs will be skipped."
    "$root/tests/programs/run.py" --fetch --subset || echo "The matrix of Debian's programs will be skipped."
    # shellcheck disable=SC2086
    install_packages $reference_packages || echo "Comparisons with qemu will be skipped."
    # shellcheck disable=SC2086
    install_packages $cross_packages || echo "The interpreter for AArch64 will not be built."
}

if [ -z "$quick" ]; then
    say "1. Packages"
    install_everything || exit 1
fi

say "2. Build (preset default)"
build_preset default || exit 1

start=$(date +%s)
rm -f "$root"/build/*/tests-*.xml
if [ -n "$quick" ]; then
    say "3. The quick tests"
    run_ctest default tests-quick -L quick "$@"
elif [ $# -gt 0 ]; then
    say "3. The chosen tests"
    run_ctest default tests-chosen "$@"
    sanitizers=
else
    say "3. Unit tests, rules of the tree, guest programs in every mode, random programs"
    run_ctest default tests-all
fi

for preset in $sanitizers; do
    say "4. Unit tests under sanitizers (preset $preset)"
    targets=
    wanted=$sanitized_tests
    [ "$preset" = tsan ] && wanted=$threaded_tests
    for test in $wanted; do
        grep -q "^build $test:" "$root/build/default/build.ninja" && targets="$targets $test"
    done
    # shellcheck disable=SC2086
    if build_preset "$preset" $targets; then
        ASAN_OPTIONS=detect_leaks=0 run_ctest "$preset" tests-unit --timeout 300 \
            -R "^($(echo "$targets" | sed 's/_test//g; s/^ //; s/ /|/g'))(\.2)?\$"
    else
        broken=$((broken + 1))
    fi
done

# Programs whose loops take long in an interpreter, and say no more of a build or a host than the others.
long_loops='exceptions|exceptions-dynamic|reentry|call_targets|array_loops|malloc_stress|lx_sent|vec_digests|x87_runs'

# run_interpreter PRESET GUESTS COMMAND...: builds a tandem without tiers; run by COMMAND, if any, it has to pass the
# programs that pass in mode interp.
run_interpreter() {
    preset=$1
    guests=$2
    shift 2
    say "5. Guest programs in the interpreter alone (preset $preset)"
    if build_preset "$preset" tandem; then
        TANDEM_TEST_COMMAND="$* $root/build/$preset/tandem" run_ctest default "tests-$preset" --timeout 300 \
            -R "^guest\.($guests)-.*\.interp\$" -E "-($long_loops)\.interp\$"
    else
        broken=$((broken + 1))
    fi
}

if [ -n "$sanitizers" ]; then
    run_interpreter interp 'riscv64|x86_64|i386'
    if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
        run_interpreter interp-aarch64 riscv64 qemu-aarch64
    else
        echo "No interpreter for AArch64: its compiler or qemu-aarch64 is not there."
    fi
fi

say "Result after $(($(date +%s) - start)) s of testing"
python3 "$root/tests/scripts/count_results.py" --broken "$broken" "$root"/build/*/tests-*.xml
