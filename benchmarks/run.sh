#!/usr/bin/env bash
#
# Compares the product with hand-written code for the same work, prints the figures, and writes
# them as JSON and Markdown. Needs Linux, JDK 17 or later, and Maven. Uses strace, Go and a JDK 21 or
# later if they are installed.
#
#   benchmarks/run.sh             all settings; about half an hour
#   benchmarks/run.sh --quick     the most important settings; under three minutes without the
#                                 build, which runs only if a source has changed
#     --only calls,streams,...    run only these measures
#     --out <folder>              folder of the results (benchmarks/target/results)
#     --virtual-java <command>    a java with virtual threads, if the current one has none
#     --no-build                  measure the last build
#     --jmh <arguments>           run JMH only, with its own arguments; must be last

set -euo pipefail

# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

build=yes
jmh=
arguments=()
out=$here/target/results

while (($#)); do
	case $1 in
		--no-build) build= ;;
		--jmh)
			jmh=yes
			shift
			arguments+=("$@")
			break
			;;
		--out)
			out=$(folder "${2-}")
			shift
			;;
		*) arguments+=("$1") ;;
	esac
	shift
done

check_java
[[ -z $build ]] || build

if [[ -z $jmh ]] && ((version < 21)) && [[ " ${arguments[*]-} " != *' --virtual-java '* ]]; then
	newer=$(find /usr/lib/jvm /opt -maxdepth 3 -path '*/bin/java' \
		\( -path '*-25*' -o -path '*-21*' \) 2>/dev/null | sort -r | head -n 1)
	[[ -z $newer ]] || arguments+=(--virtual-java "$newer")
fi

if [[ -n $jmh ]]; then
	exec "$java" -cp "$class_path" org.openjdk.jmh.Main ${arguments[@]+"${arguments[@]}"}
fi
exec "$java" -cp "$class_path" -Dbenchmarks.sources="$here" dev.pluggable.benchmarks.Benchmarks \
	--out "$out" ${arguments[@]+"${arguments[@]}"}
