# The parent of one plugin. It ends all descendants of the plugin when the plugin ends,
# and the plugin with all its descendants when the application ends.
# $1 is the process id of the application, and the other arguments are the command.

application=$1
shift

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

end_with_application() {
	state=
	{ read -r state < /proc/$$/stat; } 2> /dev/null
	set -- ${state##*) }
	if [ "$2" != "$application" ]; then
		end_all
		exit 137
	fi
}

trap : HUP INT QUIT TERM
# The system sends SIGUSR1 when the application ends. SIGHUP would be ignored under nohup.
trap end_with_application USR1
# The shell sets these variables, which are no part of the environment of the plugin.
unset PWD OLDPWD SHLVL
"$@" &
plugin=$!
# Only the plugin and its descendants keep the pipes of the application open.
exec > /dev/null 2>&1
end_with_application
while :; do
	wait $plugin
	code=$?
	kill -0 $plugin 2> /dev/null || break
done
end_all
exit $code
