#!/usr/bin/env bash
#
# The common part of the scripts of this folder, which source this file: checks the JDK and builds.

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname -- "$here")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
class_path="$here/target/classes:$here/target/lib/*"

fail() {
	printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
	exit 2
}

# Sets 'version' to the version of the JDK.
check_java() {
	version=$("$java" -XshowSettings:properties -version 2>&1 |
		sed -n 's/^ *java\.specification\.version = \([0-9]*\).*/\1/p') || true
	[[ -n $version ]] || fail "'$java' does not work: install JDK 17 or later, or set JAVA_HOME"
	((version >= 17)) || fail "'$java' is Java $version, but Java 17 or later is needed: set JAVA_HOME"
}

# Builds if a source is newer than the last build. Without a change, Maven would still take half a minute.
build() {
	local built=$here/target/built
	local sources=("$root"/pom.xml "$root"/{proto,pluggable-core,pluggable-spring-boot-autoconfigure}
		"$root"/pluggable-spring-boot-starter "$here"/{pom.xml,src})
	if [[ -f $built && -z $(find "${sources[@]}" -name target -prune -o -newer "$built" -print -quit) ]]; then
		return
	fi
	command -v mvn >/dev/null || fail "'mvn' is missing: install Maven 3.8 or later"
	printf 'Building ...\n' >&2
	mkdir -p -- "$here/target"
	rm -rf -- "$here/target/lib"
	# Files that change during the build are newer than this file.
	touch -- "$built.new"
	(cd -- "$root" && mvn -B -q -DskipTests -pl benchmarks -am package) || fail 'the build failed'
	mv -- "$built.new" "$built"
}

# Prints the path of a folder, which is created if necessary.
folder() {
	[[ $# -gt 0 && -n $1 ]] || fail '--out needs a folder'
	mkdir -p -- "$1"
	(cd -- "$1" && pwd -P)
}
