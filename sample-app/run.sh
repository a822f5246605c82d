#!/usr/bin/env bash
#
# Runs the sample: a Spring Boot application that launches another process with a state
# store and a binding. The application uses both, and starts the process again after a crash.
# Needs only JDK 17 or later and Maven. Ctrl-C ends both processes.
#
# Environment, all optional:
#   SERVER_PORT              port of the application (8080; 0 takes a free one)
#   PLUGGABLE_SOCKETFOLDERS  folder of the sockets of components that the application
#                            does not launch (a private temporary folder)
#   SAMPLE_SECRET_<NAME>     a secret that the application can read (the script invents GREETING)
#   SAMPLE_DATA              folder of the component's data (a temporary folder, which
#                            the script removes at the end)

set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname -- "$here")
host_target=$here/host/target
h2_target=$here/components/java-h2/target
version=$(sed -n '/<artifactId>pluggable-parent</{n;s:.*<version>\(.*\)</version>.*:\1:p;}' "$root/pom.xml")
host_jar=$host_target/pluggable-sample-host-$version.jar
h2_jar=$h2_target/pluggable-sample-java-h2-$version-exec.jar
stamp=$here/target/run.stamp
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

start_seconds=60
stop_seconds=15

run=''
host=''

say() {
	printf '%s\n' "$*"
}

fail() {
	printf 'run.sh: %s\n' "$*" >&2
	exit 1
}

alive() {
	[[ -n $1 ]] && kill -0 "$1" 2>/dev/null
}

stop() {
	alive "$1" || return 0
	kill -TERM "$1" 2>/dev/null || return 0
	local i
	for ((i = 0; i < stop_seconds * 10; i++)); do
		alive "$1" || return 0
		sleep 0.1
	done
	kill -KILL "$1" 2>/dev/null || true
}

cleanup() {
	trap - EXIT
	trap '' INT TERM HUP
	stop "$host"
	[[ -z $run ]] || rm -rf -- "$run"
}

await() {
	local what=$1 pid=$2 i status=0
	shift 2
	for ((i = 0; i < start_seconds * 10; i++)); do
		if "$@"; then
			return 0
		fi
		if ! alive "$pid"; then
			wait "$pid" || status=$?
			fail "$what ended during its start (exit status $status); its log is above"
		fi
		sleep 0.1
	done
	fail "$what did not start within $start_seconds seconds"
}

check_java() {
	local version
	version=$("$java" -XshowSettings:properties -version 2>&1 |
		sed -n 's/^ *java\.specification\.version = \([0-9]*\).*/\1/p') || true
	[[ -n $version ]] || fail "'$java' does not work: install a JDK, 17 or later, or set JAVA_HOME"
	((version >= 17)) || fail "'$java' is Java $version, but the sample needs 17 or later: set JAVA_HOME"
}

# Succeeds if a jar is missing or older than its sources. A stamp file tells the age, because
# reproducible builds give the jars a fixed time.
outdated() {
	[[ -f $host_jar && -f $h2_jar ]] || return 0
	local reference=$stamp
	[[ -f $reference ]] || reference=$host_jar.original
	[[ -f $reference ]] || return 0
	local newer
	newer=$(find "$root"/pom.xml "$root"/proto "$root"/pluggable-core "$root"/pluggable-spring-boot-autoconfigure \
		"$root"/pluggable-spring-boot-starter "$root"/pluggable-component-spring-boot-starter \
		"$here"/pom.xml "$here"/host "$here"/components/java-h2 \
		\( -name target -o -path '*/src/test' \) -prune -o -type f -newer "$reference" -print | head -n 1)
	[[ -n $newer ]]
}

build() {
	command -v mvn >/dev/null || fail "'mvn' was not found: install Maven, 3.8 or later"
	say 'Building; the first time takes some minutes ...'
	mkdir -p -- "$(dirname -- "$stamp")"
	: >"$stamp.new"
	(cd -- "$root" && mvn -B -q -DskipTests -pl sample-app/host,sample-app/components/java-h2 -am package) ||
		fail 'the build failed'
	mv -f -- "$stamp.new" "$stamp"
}

check_java
if outdated; then
	build
fi

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# The path of a socket must be short, so the script does not use a long TMPDIR.
temporary=${TMPDIR:-/tmp}
((${#temporary} <= 60)) || temporary=/tmp
run=$(mktemp -d "${temporary%/}/pluggable.XXXXXX")
export PLUGGABLE_SOCKETFOLDERS=${PLUGGABLE_SOCKETFOLDERS:-$run/sockets}
sockets=${PLUGGABLE_SOCKETFOLDERS%%,*}
[[ -d $sockets ]] || (umask 077 && mkdir -p -- "$sockets")
data=${SAMPLE_DATA:-$run/data}
plugin=(
	--pluggable.plugins.h2.protocol=socket
	--pluggable.plugins.h2.restart.mode=stop-first
	--pluggable.plugins.h2.command[0]="$java"
	--pluggable.plugins.h2.command[1]=-jar
	--pluggable.plugins.h2.command[2]="$h2_jar"
	--pluggable.plugins.h2.command[3]=--data
	--pluggable.plugins.h2.command[4]="$data"
)

# The script writes the secret to no file, and passes it only to the process that needs it.
greeting=${SAMPLE_SECRET_GREETING:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}
SAMPLE_SECRET_GREETING=$greeting PORTFILE=$run/port "$java" -jar "$host_jar" "${plugin[@]}" &
host=$!

# Prints the processes that the application has launched, in one line.
components() {
	local pids
	pids=$(cat /proc/"$host"/task/*/children 2>/dev/null || pgrep -P "$host") || true
	read -ra pids <<<"${pids//$'\n'/ }"
	printf '%s' "${pids[*]}"
}

await 'The application' "$host" test -s "$run/port"
url=localhost:$(<"$run/port")

cat <<TEXT

The application is at http://$url. In another terminal:

  curl -X PUT $url/state/orders/k -d v
  curl -i $url/state/orders/k
  curl -X POST $url/counter
  curl -N $url/topics/bus/orders
  curl $url/topics/bus/orders -d tea
  curl $url/orders/count
  curl $url/secrets/vault/GREETING
  curl -X POST $url/bindings/h2/list
  curl -X POST $url/bindings/h2/compact
  curl $url/components
  curl $url/actuator/health/pluggable
  curl $url/actuator/pluggable

Kill the component, and watch health and the application until the component is back:

  kill -9 $(components)

Ctrl-C here ends both processes.

TEXT

status=0
wait "$host" || status=$?
host=''
fail "The application has ended (exit status $status)"
