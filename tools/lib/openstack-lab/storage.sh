# Sourced by tools/openstack-lab: what Cinder's volumes are. Files of a share, or images of a Ceph cluster of one monitor, one
# manager and one OSD, each of these on this machine's loopback. Needs $here, $parts, $etc, $run, $log, $state, $ip and
# daemons.sh; $volumes: files or ceph.

# The share. Kernels without NFS have it too: a file system of its own is mounted where Cinder and Nova, who find their mounts
# by the name of the share, would mount it.
share=$state/cinder/share mount=$state/cinder/mnt/$(printf %s "$ip:/lab" | md5sum | cut -c 1-32)
ceph_state=$state/ceph ceph_conf=$etc/ceph.conf
# The monitor's port, and those among which the OSD finds its own.
ceph_ports=(6789 6810 6811 6812 6813)
storage_daemons() { # KIND
    case $1 in files) echo volumes-share ;; ceph) echo ceph-mon ceph-mgr ceph-osd ;; esac
}

mount_share() {
    ! mountpoint -q "$mount" || return 0
    mkdir -p "$mount"
    if [ ! -s "$share" ]; then
        truncate -s 20G "$share.new" && mkfs.ext4 -q "$share.new" && mv "$share.new" "$share" || die "cannot make $share"
    fi
    mount -o loop "$share" "$mount" || die "cannot mount $share, which wants a loop device"
    # Cinder reads every folder of a share as itself.
    rm -rf "$mount/lost+found" && chown cinder: "$mount"
}

ceph_do() { timeout 20 ceph --conf "$ceph_conf" "$@"; }
ceph_key() { # FILE NAME CAPABILITY…: a key by chance, which the monitor knows from its first start
    local file=$1 name=$2
    shift 2
    ceph-authtool "$file" --create-keyring --gen-key --name "$name" "$@" &&
        ceph-authtool "$ceph_state/all.keyring" --import-keyring "$file"
}
ceph_monitor() {
    local each
    rm -rf "$ceph_state"
    # What Cinder has to reach lies in it.
    install -d -o ceph -g ceph -m 0755 "$ceph_state" && install -d -o ceph -g ceph -m 0700 "$ceph_state"/{mon,mgr,osd,run} || return 1
    (
        umask 0077
        ceph-authtool "$ceph_state/all.keyring" --create-keyring --gen-key --name mon. --cap mon 'allow *' &&
            ceph_key "$ceph_state/admin.keyring" client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' &&
            ceph_key "$ceph_state/mgr/keyring" mgr.lab --cap mon 'allow profile mgr' --cap osd 'allow *' --cap mds 'allow *' &&
            ceph_key "$ceph_state/osd.keyring" osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *' &&
            ceph_key "$ceph_state/cinder.keyring" client.cinder --cap mon 'profile rbd' --cap osd 'profile rbd pool=volumes' --cap mgr 'profile rbd pool=volumes' &&
            ceph-authtool "$ceph_state/cinder.keyring" --print-key --name client.cinder | tr -d '\n' >"$ceph_state/cinder.key"
    ) || return 1
    monmaptool --create --clobber --add lab $ip:6789 --fsid "$(ceph_id)" "$ceph_state/monmap" &&
        chown ceph: "$ceph_state/mgr/keyring" "$ceph_state/osd.keyring" "$ceph_state/all.keyring" "$ceph_state/monmap" &&
        chown cinder: "$ceph_state/cinder.keyring" || return 1
    setpriv --reuid ceph --regid ceph --init-groups ceph-mon --conf "$ceph_conf" --mkfs --id lab --monmap "$ceph_state/monmap" \
        --keyring "$ceph_state/all.keyring" && rm -f "$ceph_state/all.keyring" "$ceph_state/monmap"
}
ceph_osd() {
    local uuid
    uuid=$(cat /proc/sys/kernel/random/uuid)
    ceph_do osd new "$uuid" 0 && setpriv --reuid ceph --regid ceph --init-groups ceph-osd --conf "$ceph_conf" --mkfs --id 0 --osd-uuid "$uuid"
}
ceph_pool() { ceph_do osd pool create volumes 8 && timeout 60 rbd --conf "$ceph_conf" pool init volumes; }
ceph_id() { sed -n 's/^fsid = //p' "$ceph_conf"; }
start_ceph() {
    once ceph-monitor ceph_monitor
    start ceph-mon ceph ceph-mon --conf "$ceph_conf" --id lab --foreground
    await ceph-mon 60 ceph_do mon stat
    once ceph-osd ceph_osd
    start ceph-osd ceph ceph-osd --conf "$ceph_conf" --id 0 --foreground
    start ceph-mgr ceph ceph-mgr --conf "$ceph_conf" --id lab --foreground
    once ceph-pool ceph_pool
    await ceph-osd 90 timeout 20 rbd --conf "$ceph_conf" ls volumes
    say "ceph"
}

start_storage() {
    case $volumes in
        files)
            mount_share
            # Nova unmounts a share that no guest uses any more, and could not mount this one again: somebody is always in it.
            start volumes-share cinder sh -c 'cd "$0" && exec sleep infinity' "$mount"
            ;;
        ceph) start_ceph ;;
    esac
}
stop_storage() { # KIND
    # shellcheck disable=SC2046
    stop $(storage_daemons "$1")
    [ "$1" != files ] || ! mountpoint -q "$mount" || umount "$mount" || die "$mount is in use"
}
# By this the guests' libvirt knows who they are to Ceph; libvirt forgets it with its end.
give_ceph_key() { # HOST'S NUMBER
    local described=$ceph_state/secret.xml
    printf '%s\n' "<secret ephemeral='yes' private='yes'><uuid>$(ceph_id)</uuid>" \
        "<usage type='ceph'><name>client.cinder of openstack-lab</name></usage></secret>" >"$described"
    on_compute "$1" virsh -q -c qemu:///system secret-define "$described" >/dev/null &&
        on_compute "$1" virsh -q -c qemu:///system secret-set-value "$(ceph_id)" --file "$ceph_state/cinder.key" >/dev/null ||
        die "libvirt takes no key of Ceph's"
}
take_ceph_key() {
    [ ! -s "$ceph_conf" ] || virsh_lab secret-undefine "$(ceph_id)" >/dev/null 2>&1
    return 0
}
volumes_report() {
    [ "$(sql "select count(*) from cinder.services where \`binary\` = 'cinder-volume' and host like '%@$volumes' and not deleted and
        updated_at >= utc_timestamp() - interval 30 second")" = 1 ]
}
