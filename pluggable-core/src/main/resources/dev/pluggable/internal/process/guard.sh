# The guard of one plugin. It ends all descendants of the plugin when the plugin ends,
# and the plugin with all its descendants when the parent of the guard ends.
# $1 is the process id of the parent. $2 and $3 are 'setsid' and the program that makes a
# subreaper, by which the guard starts a second guard between itself and the plugin; both
# are empty if the guard starts the plugin. The other arguments are the command.
#
# The application is the parent of the first guard, and the first guard is the parent of
# the second one. If somebody kills the second guard, the first guard adopts its children
# and ends them. If somebody kills the first guard, the second guard loses its parent.

parent=$1
setsid=$2
subreaper=$3
shift 3

# Add the descendants of a process to $all, and those that run to $running.
descend() {
	for task in /proc/"$1"/task/*/children; do
		children=
		{ read -r children < "$task"; } 2> /dev/null
		for child in $children; do
			state=
			# The name of a program may have line ends and parentheses. The state follows.
			{ while read -r line; do state=$line; done < /proc/"$child"/stat; } 2> /dev/null
			state=${state##*) }
			all="$all $child"
			case $state in
				Z* | X* | '') ;;
				*) running="$running $child" ;;
			esac
			descend "$child"
		done
	done
}

# A process may move in the tree during one look, so only two looks prove that none is left.
end_all() {
	looks=0
	empty=0
	while [ $empty -lt 2 ] && [ $looks -lt 5000 ]; do
		all=
		running=
		descend $$
		if [ -n "$all" ]; then
			kill -9 $all 2> /dev/null
		fi
		if [ -n "$running" ]; then
			empty=0
		else
			empty=$((empty + 1))
		fi
		looks=$((looks + 1))
	done
}

end_with_parent() {
	state=
	{ read -r state < /proc/$$/stat; } 2> /dev/null
	set -- ${state##*) }
	if [ "$2" != "$parent" ]; then
		end_all
		exit 137
	fi
}

trap : HUP INT QUIT TERM
# The system sends SIGCONT when the parent ends: the signal continues a guard that somebody
# has stopped. SIGHUP would be ignored under nohup.
trap end_with_parent CONT
# The shell sets these variables, which are no part of the environment of the plugin.
unset PWD OLDPWD SHLVL
if [ -n "$subreaper" ]; then
	# A signal to the session or the group of one guard does not reach the other guard.
	"$setsid" "$subreaper" /bin/sh "$0" $$ '' '' "$@" &
else
	"$@" &
fi
plugin=$!
# Only the plugin and its descendants keep the pipes of the application open.
exec > /dev/null 2>&1
end_with_parent
while :; do
	wait $plugin
	code=$?
	kill -0 $plugin 2> /dev/null || break
done
end_all
exit $code
