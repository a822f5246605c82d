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

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname -- "$here")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
build=yes
jmh=
arguments=()
out=$here/target/results

fail() {
	printf 'run.sh: %s\n' "$*" >&2
	exit 1
}

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
			[[ $# -gt 1 ]] || fail '--out needs a folder'
			mkdir -p -- "$2"
			out=$(cd -- "$2" && pwd -P)
			shift
			;;
		*) arguments+=("$1") ;;
	esac
	shift
done

version=$("$java" -XshowSettings:properties -version 2>&1 |
	sed -n 's/^ *java\.specification\.version = \([0-9]*\).*/\1/p') || true
[[ -n $version ]] || fail "'$java' does not work: install JDK 17 or later, or set JAVA_HOME"
((version >= 17)) || fail "'$java' is Java $version, but Java 17 or later is needed: set JAVA_HOME"

if [[ -n $build ]]; then
	# Without a change, Maven would still take half a minute.
	built=$here/target/built
	sources=("$root"/pom.xml "$root"/{proto,pluggable-core,pluggable-spring-boot-autoconfigure}
		"$root"/pluggable-spring-boot-starter "$here"/{pom.xml,src})
	if [[ ! -f $built || -n $(find "${sources[@]}" -name target -prune -o -newer "$built" -print -quit) ]]; then
		command -v mvn >/dev/null || fail "'mvn' is missing: install Maven 3.8 or later"
		printf 'Building ...\n' >&2
		mkdir -p -- "$here/target"
		rm -rf -- "$here/target/lib"
		# Files that change during the build are newer than this file.
		touch -- "$built.new"
		(cd -- "$root" && mvn -B -q -DskipTests -pl benchmarks -am package) || fail 'the build failed'
		mv -- "$built.new" "$built"
	fi
fi

if [[ -z $jmh ]] && ((version < 21)) && [[ " ${arguments[*]-} " != *' --virtual-java '* ]]; then
	newer=$(find /usr/lib/jvm /opt -maxdepth 3 -path '*/bin/java' \
		\( -path '*-25*' -o -path '*-21*' \) 2>/dev/null | sort -r | head -n 1)
	[[ -z $newer ]] || arguments+=(--virtual-java "$newer")
fi

class_path="$here/target/classes:$here/target/lib/*"
if [[ -n $jmh ]]; then
	exec "$java" -cp "$class_path" org.openjdk.jmh.Main ${arguments[@]+"${arguments[@]}"}
fi
exec "$java" -cp "$class_path" -Dbenchmarks.sources="$here" dev.pluggable.benchmarks.Benchmarks \
	--out "$out" ${arguments[@]+"${arguments[@]}"}
