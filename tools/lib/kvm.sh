# Sourced by the tools.
#
#   hide_unusable_kvm SCRIPT ARGUMENT...   runs the script again without /dev/kvm when QEMU's user
#                                          could not use it; returns when there is nothing to hide
#
# libvirt 9.0 believes nothing that it remembers of a QEMU while /dev/kvm works for root and QEMU's
# user cannot open it: it starts and asks every QEMU anew at each definition, which takes seconds.
# That is so on machines without udev, where the node has a chance group. In a mount namespace of the
# script's own the node is covered by an empty file that only root can open, and which is no KVM for
# anybody; the host's node stays as it is. Nothing is lost: the guests of the tools run without KVM.

hide_unusable_kvm() {
  [ -e /dev/kvm ] && [ "$(id -u)" -eq 0 ] && [ -z "${NOVA_BRIDGE_KVM-}" ] || return 0
  if setpriv --reuid libvirt-qemu --init-groups --regid kvm test -r /dev/kvm -a -w /dev/kvm 2>/dev/null; then return 0; fi
  exec env NOVA_BRIDGE_KVM=hidden unshare --mount -- \
    sh -c 'cover=$(mktemp) && mount --bind "$cover" /dev/kvm && rm -f "$cover" && exec "$@"' sh "$@"
}
