# Sourced by tools/openstack-lab: the compute hosts as machines of their own with real device-mapper, of tools/lvm-lab.
# A wire joins them with this host and with each other. What listens on this host's loopback is there on theirs as well
# (ports.py, at both ends), so that all kinds of compute hosts have the same configuration. compute-host is what runs inside.
# Needs $here, $parts, $lab, $etc, $log, $state, $host, daemons.sh and storage.sh; $hosts: how many there are.

# A bridge, to which each machine has a tap device.
wire=nblab wire_here=198.18.99.1
# RabbitMQ, Keystone, Placement, Glance, Neutron, Cinder, Ceph.
wired=(5672 5000 8778 9292 9696 8776 "${ceph_ports[@]}")
machine_parts=(daemons.sh ports.py compute-host)

# The second is called machine2 in LAB, LAB/run and LAB/state, lvm-lab2 by itself and nblab-lvm2 by Nova.
most_hosts=2
numbered() { [ "$2" = 1 ] && echo "$1" || echo "$1$2"; }
machine_named() { numbered machine "$1"; }
machine_host() { numbered "$host-lvm" "$1"; }
machine_address() { echo "198.18.99.$(($1 + 1))"; }

wire_is_ours() { [ "$(cat "/sys/class/net/$1/ifalias" 2>/dev/null)" = "$marker" ]; }
make_wire() { # DEVICE WORD…: of ip, that makes it
    [ ! -e "/sys/class/net/$1" ] || wire_is_ours "$1" || die "a network device $1 is there already, and not of this lab"
    [ -e "/sys/class/net/$1" ] || { ip "${@:2}" && ip link set dev "$1" alias "$marker"; } || die "cannot make the network device $1"
}
join_machines() {
    local number
    make_wire $wire link add name $wire type bridge
    ip addr replace $wire_here/29 dev $wire && ip link set dev $wire up || die "cannot set up the bridge $wire"
    for ((number = 1; number <= hosts; number++)); do
        make_wire $wire$number tuntap add dev $wire$number mode tap
        ip link set dev $wire$number master $wire up || die "cannot join the tap device $wire$number to the bridge $wire"
    done
    start ports root /usr/bin/python3 "$lab/machine/parts/ports.py" $wire_here $ip $wire "${wired[@]}"
}
# What each of several machines needs for user nova to log in to the others: a key of the machine and one of nova's, who may
# log in, and by which keys the machines are known. Made once.
machine_keys() {
    local number kind at=$state/ssh key
    mkdir -p "$at" && chmod 0700 "$at" || exit 1
    for ((number = 1; number <= hosts; number++)); do
        for kind in host nova; do
            [ -e "$at/$kind$number.pub" ] || { rm -f "$at/$kind$number" &&
                ssh-keygen -q -t ed25519 -N '' -C "$kind@$(machine_host "$number")" -f "$at/$kind$number"; } || exit 1
        done
    done
    cat "$at"/nova*.pub >"$at/authorized_keys"
    for ((number = 1; number <= hosts; number++)); do
        read -r kind key _ <"$at/host$number.pub"
        echo "$(machine_address "$number") $kind $key"
    done >"$at/known_hosts"
}
start_machines() {
    local each number memory=4G wanted
    for ((number = 1; number <= most_hosts; number++)); do
        wanted=$(machine_named "$number")
        alive "$wanted" || continue
        for each in "${machine_parts[@]}"; do cmp -s "$parts/$each" "$lab/$wanted/parts/$each" || stop_machines; done
        # One too many, or a daemon has ended in there.
        if [ "$number" -gt "$hosts" ] || ! in_machine "$wanted" bash "$lab/$wanted/parts/compute-host" status "$lab" "$wanted" >/dev/null; then
            stop_machine "$wanted"
        fi
    done
    for ((number = 1; number <= hosts; number++)); do
        wanted=$(machine_named "$number")
        ! alive "$wanted" || continue
        rm -rf "${lab:?}/$wanted"
        mkdir -p "$lab/$wanted"/{parts,asked} "$state/$wanted" && chmod 0700 "$lab/$wanted" || exit 1
        for each in "${machine_parts[@]}"; do cp "$parts/$each" "$lab/$wanted/parts/" || exit 1; done
        # Made here, where it takes seconds, the archives of Java's classes are found there.
        for each in serve vg; do PATH=$callers_path "$lab/service/tools/nova-bridge" $each --help >/dev/null 2>&1; done
    done
    [ "$hosts" = 1 ] || { memory=2560M && machine_keys; }
    join_machines
    for ((number = 1; number <= hosts; number++)); do
        wanted=$(machine_named "$number")
        mkdir -p "$(machine_log "$wanted")"
        start "$wanted" root "$here/lvm-lab" run --mem $memory --disks 2 --disk-size 20G --state "$state/$wanted" \
            --tap $wire"$number" --timeout 2592000 --chdir / --rw "$lab/$wanted" --rw "$(machine_log "$wanted")" -- \
            bash "$lab/$wanted/parts/compute-host" run "$lab" "$wanted" "$number" "$hosts" "$(machine_host "$number")" "$driver" \
            "$callers_path" "$wire_here" "$(machine_address "$number")" "${wired[@]}"
    done
}
machine_log() { [ "$1" = machine ] && echo "$log" || echo "$log/$1"; }
# Asks each to end, which keeps its disks whole, before it is ended.
stop_machine() { # NAME…
    local each tries
    for each in "$@"; do ! alive "$each" || touch "$lab/$each/end"; done
    for each in "$@"; do
        for ((tries = 0; tries < 900; tries++)); do
            alive "$each" || break
            sleep 0.1
        done
    done
    stop "$@"
}
stop_machines() {
    local number all=()
    for ((number = 1; number <= most_hosts; number++)); do all+=("$(machine_named "$number")"); done
    stop_machine "${all[@]}"
    stop ports
    for ((number = 1; number <= most_hosts; number++)); do
        ! wire_is_ours $wire$number || ip link delete $wire$number
    done
    ! wire_is_ours $wire || ip link delete $wire
}
in_machine() { # NAME COMMAND…: its output, its errors and its exit code
    local asked code name=$1
    shift
    alive "$name" || die "the compute host does not run: tools/openstack-lab up"
    asked=$(mktemp "$lab/$name/asked/XXXXXXXX") || exit 1
    printf '%q ' "$@" >"$asked" && mv "$asked" "$asked.ask" || exit 1
    until [ -e "$asked.code" ]; do
        alive "$name" || die "the compute host has ended; its log is $log/$name.log"
        sleep 0.05
    done
    cat "$asked.out"
    cat "$asked.err" >&2
    code=$(<"$asked.code")
    rm -f "$asked".*
    return "$code"
}
compute_guests() {
    local number
    for ((number = 1; number <= hosts; number++)); do
        on_compute "$number" virsh -q -c qemu:///system list --all --name 2>/dev/null | grep '^nblab-'
    done
}
on_compute() { # NUMBER COMMAND…
    if [ -n "$on_lvm" ]; then in_machine "$(machine_named "$1")" "${@:2}"; else "${@:2}"; fi
}
