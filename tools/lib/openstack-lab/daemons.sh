# Sourced by tools/openstack-lab: daemons that are known again by pid and kernel start time, so that nothing else is
# ever ended. Needs $run and $log.

# A process that pid 1 has not reaped yet has ended.
_start_time() {
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] && echo "${20}"
}
alive() { # NAME
    local pid since
    [ -s "$run/$1.pid" ] || return 1
    read -r pid since <"$run/$1.pid"
    [ -n "$since" ] && [ "$(_start_time "$pid")" = "$since" ]
}
# In a session of its own; standard input, the terminal and the locks of the caller stay here.
start() { # NAME USER COMMAND…
    local name=$1 user=$2 tries pid
    shift 2
    ! alive "$name" || return 0
    rm -f "$run/$name.pid" "$run/$name.pid.new"
    local as=()
    [ "$user" = root ] || as=(setpriv --reuid "$user" --regid "$user" --init-groups)
    # Without what the caller has open: a daemon would keep its locks.
    (
        for fd in /proc/self/fd/*; do
            fd=${fd##*/}
            [ "$fd" -le 2 ] || [ "$fd" = 255 ] || eval "exec $fd>&-"
        done
        exec setsid sh -c 'echo $$ >"$0" && exec "$@"' "$run/$name.pid.new" "${as[@]}" "$@" >>"$log/$name.log" 2>&1 </dev/null
    ) &
    for ((tries = 0; tries < 100; tries++)); do
        if [ -s "$run/$name.pid.new" ]; then
            read -r pid <"$run/$name.pid.new"
            # Without a start time it has ended already: await says so.
            echo "$pid $(_start_time "$pid")" >"$run/$name.pid"
            rm -f "$run/$name.pid.new"
            return 0
        fi
        sleep 0.05
    done
    die "$name did not start"
}
# Asks several at once, and waits for each.
stop() { # NAME…
    local name pid since tries
    for name in "$@"; do
        ! alive "$name" || { read -r pid since <"$run/$name.pid" && kill -TERM "$pid" 2>/dev/null; }
    done
    for name in "$@"; do
        [ -s "$run/$name.pid" ] || continue
        read -r pid since <"$run/$name.pid"
        for ((tries = 0; tries < 200; tries++)); do
            alive "$name" || break
            sleep 0.1
        done
        # What is left of its session: workers, or itself when it does not want to.
        ! alive "$name" || { echo "$name does not end by itself" >&2; kill -KILL -- "-$pid" 2>/dev/null; }
        kill -TERM -- "-$pid" 2>/dev/null
        rm -f "$run/$name.pid"
    done
    return 0
}
# Waits until a command succeeds, as long as the daemon lives.
await() { # NAME SECONDS COMMAND…
    local name=$1 end=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        alive "$name" || { tail -n 20 "$log/$name.log" >&2; die "$name has ended; its log is $log/$name.log"; }
        [ "$SECONDS" -lt "$end" ] || { tail -n 20 "$log/$name.log" >&2; die "$name is not ready; its log is $log/$name.log"; }
        sleep 0.2
    done
}
# A line each: state, process, age, memory. 1 when one does not run.
rows() { # NAME…
    local each pid since uptime seconds missing=0
    read -r uptime _ </proc/uptime
    for each in "$@"; do
        if alive "$each"; then
            read -r pid since <"$run/$each.pid"
            seconds=$((${uptime%.*} - since / $(getconf CLK_TCK)))
            # With its workers: all of its session.
            printf '%-16s %-9s %8d %10d %10d\n' "$each" running "$pid" "$seconds" \
                "$(ps -o rss= -s "$pid" | awk '{ sum += $1 } END { printf "%d", sum / 1024 }')"
        else
            missing=1
            printf '%-16s %-9s\n' "$each" stopped
        fi
    done
    return $missing
}
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
answers() { curl -s -o /dev/null --max-time 10 "$1"; }
