# Sourced by tools/openstack-lab: daemons that are known again by pid, kernel start time and boot, so that nothing else is
# ever ended: the files that name them outlive a boot. Needs $run and $log.

# A process that pid 1 has not reaped yet has ended.
_start_time() {
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] && echo "${20}"
}
_this_boot() { cat /proc/sys/kernel/random/boot_id; }
alive() { # NAME
    local pid since boot
    [ -s "$run/$1.pid" ] || return 1
    read -r pid since boot <"$run/$1.pid"
    [ -n "$since" ] && [ "$(_start_time "$pid")" = "$since" ] && [ "${boot:-$(_this_boot)}" = "$(_this_boot)" ]
}
# Asks what is left of its session to end: workers, when it has ended itself. A number that leads a session is given to no
# process before all of them have ended; so one that has it now and is not ours says that none is left.
_end_session() { # NAME
    local pid since boot
    read -r pid since boot <"$run/$1.pid"
    [ "${boot:-$(_this_boot)}" = "$(_this_boot)" ] || return 0
    alive "$1" || ! _start_time "$pid" >/dev/null || return 0
    kill -TERM -- "-$pid" 2>/dev/null
    return 0
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
            echo "$pid $(_start_time "$pid" || echo -) $(_this_boot)" >"$run/$name.pid"
            rm -f "$run/$name.pid.new"
            return 0
        fi
        sleep 0.05
    done
    die "$name did not start"
}
# Asks several at once, and waits for each.
stop() { # NAME…
    local name pid tries
    for name in "$@"; do
        ! alive "$name" || { read -r pid _ <"$run/$name.pid" && kill -TERM "$pid" 2>/dev/null; }
    done
    for name in "$@"; do
        [ -s "$run/$name.pid" ] || continue
        read -r pid _ <"$run/$name.pid"
        for ((tries = 0; tries < 200; tries++)); do
            alive "$name" || break
            sleep 0.1
        done
        ! alive "$name" || { echo "$name does not end by itself" >&2; kill -KILL -- "-$pid" 2>/dev/null; }
        _end_session "$name"
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
            read -r pid since _ <"$run/$each.pid"
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
