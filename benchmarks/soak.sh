#!/usr/bin/env bash
#
# Lets components fail at random under load, and verifies what the product promises. Needs Linux, JDK 17
# or later, Maven and Go. Faults of the clock need a C compiler, and full disks need root. The exit code is
# 0 if all promises are kept, 1 if one is broken, and 2 if the program cannot run.
#
#   benchmarks/soak.sh            2,000 faults; about half an hour
#     --faults <number>           number of faults (2000)
#     --seed <number>             seed of the sequence of faults (42)
#     --out <folder>              folder of the report and the logs (benchmarks/target/soak)
#     --no-build                  run the last build

set -euo pipefail

# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

build=yes
arguments=()
out=$here/target/soak

while (($#)); do
	case $1 in
		--no-build) build= ;;
		--out)
			out=$(folder "${2-}")
			shift
			;;
		*) arguments+=("$1") ;;
	esac
	shift
done

check_java
command -v go >/dev/null || fail "'go' is missing: install Go 1.24 or later"
[[ -z $build ]] || build
out=$(folder "$out")
command=("$java" -Xmx512m -cp "$class_path" -Dlogback.configurationFile=soak-logback.xml -Dsoak.log="$out/host.log"
	dev.pluggable.benchmarks.soak.Soak --sources "$here/go-plugin/soak" --out "$out" ${arguments[@]+"${arguments[@]}"})
# The host sees another time of day than the other programs of the machine.
if cc -shared -fPIC -O2 -o "$out/clock.so" "$here/clock.c" -ldl; then
	head -c 8 /dev/zero >"$out/clock"
	export SOAK_CLOCK=$out/clock
	command+=(--clock "$SOAK_CLOCK")
	command=(env LD_PRELOAD="$out/clock.so" "${command[@]}")
fi
# Nothing else sees the file systems that the program fills.
if unshare --mount true 2>/dev/null; then
	command=(unshare --mount "${command[@]}" --disks yes)
fi
exec "${command[@]}"
