# Sourced by tools/openstack-lab: the compute host as a machine of its own with real device-mapper, of tools/lvm-lab.
# A wire joins it with this host. What listens on this host's loopback is there on its own as well (ports.py, at both
# ends), so that both kinds of compute host have the same configuration. compute-host is what runs inside.
# Needs $here, $parts, $lab, $etc, $log, $state, and daemons.sh.

# Shared with the machine. The disks: the volume group's, and a file system for what stays when the machine goes.
shared=$lab/machine
wire=nblab wire_here=198.18.99.1 wire_there=198.18.99.2
# RabbitMQ, Keystone, Placement, Glance, Neutron, Cinder.
wired=(5672 5000 8778 9292 9696 8776)
machine_parts=(daemons.sh ports.py compute-host)

join_machine() {
    local about=/sys/class/net/$wire
    [ ! -e "$about" ] || [ "$(<"$about/ifalias")" = "$marker" ] ||
        die "a network device $wire is there already, and not of this lab"
    if [ ! -e "$about" ]; then
        ip tuntap add dev $wire mode tap && ip link set dev $wire alias "$marker" || die "cannot make the tap device $wire"
    fi
    ip addr replace $wire_here/30 dev $wire && ip link set dev $wire up || die "cannot set up the tap device $wire"
    start ports root /usr/bin/python3 "$shared/parts/ports.py" $wire_here $ip $wire "${wired[@]}"
}
start_machine() {
    local each
    for each in "${machine_parts[@]}"; do
        cmp -s "$parts/$each" "$shared/parts/$each" || stop_machine
    done
    # A daemon has ended in there.
    ! alive machine || in_machine bash "$shared/parts/compute-host" status "$lab" >/dev/null || stop_machine
    if ! alive machine; then
        rm -rf "$shared"
        mkdir -p "$shared"/{parts,asked} "$state/machine" && chmod 0700 "$shared" || exit 1
        for each in "${machine_parts[@]}"; do cp "$parts/$each" "$shared/parts/" || exit 1; done
        # Made here, where it takes seconds, the archives of Java's classes are found there.
        for each in serve vg; do PATH=$callers_path "$lab/service/tools/nova-bridge" $each --help >/dev/null 2>&1; done
    fi
    join_machine
    start machine root "$here/lvm-lab" run --mem 4G --disks 2 --disk-size 20G --state "$state/machine" --tap $wire \
        --timeout 2592000 --chdir / --rw "$shared" --rw "$log" -- \
        bash "$shared/parts/compute-host" run "$lab" "$driver" "$callers_path" "$wire_here" "$wire_there" "${wired[@]}"
}
# Asks it to end, which keeps its disks whole, before it is ended.
stop_machine() {
    local tries
    ! alive machine || touch "$shared/end"
    for ((tries = 0; tries < 900; tries++)); do
        alive machine || break
        sleep 0.1
    done
    stop machine ports
    [ "$(cat /sys/class/net/$wire/ifalias 2>/dev/null)" != "$marker" ] || ip link delete $wire
}
in_machine() { # COMMAND…: its output, its errors and its exit code
    local asked code
    alive machine || die "the compute host does not run: tools/openstack-lab up"
    asked=$(mktemp "$shared/asked/XXXXXXXX") || exit 1
    printf '%q ' "$@" >"$asked" && mv "$asked" "$asked.ask" || exit 1
    until [ -e "$asked.code" ]; do
        alive machine || die "the compute host has ended; its log is $log/machine.log"
        sleep 0.05
    done
    cat "$asked.out"
    cat "$asked.err" >&2
    code=$(<"$asked.code")
    rm -f "$asked".*
    return "$code"
}
compute_guests() { on_compute virsh -q -c qemu:///system list --all --name 2>/dev/null | grep '^nblab-'; }
on_compute() { # COMMAND…
    if [ -n "$on_lvm" ]; then in_machine "$@"; else "$@"; fi
}
