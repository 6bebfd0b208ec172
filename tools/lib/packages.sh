# Sourced by the tools: installs what is missing from Debian's packages, and starts nothing.
#
#   install_packages NAME...      installs those of the names that are missing
#   packages_in FILE              prints the names in a list: one a line, "#" starts a remark
#
# No daemon of an installed package starts here: while apt runs, a policy-rc.d of ours says no to
# each. A policy that stands already is left alone.

packages_in() {
  sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$1"
}

_package_missing() {
  ! dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

_apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq "$@"
}

install_packages() {
  local missing=() name
  for name in "$@"; do
    if _package_missing "$name"; then missing+=("$name"); fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "these packages are missing, and only root can install them: ${missing[*]}" >&2
    return 1
  fi
  echo "installing from Debian: ${missing[*]}" >&2
  # In a shell of its own: its trap takes the policy away however it ends.
  (
    # Two tools at once take turns, so that neither removes the policy under the other.
    exec 8>/run/lock/nova-bridge-packages.lock && flock 8
    log=$(mktemp) || exit 1
    policy=/usr/sbin/policy-rc.d
    ours=
    trap '[ -z "$ours" ] || rm -f "$policy"; rm -f "$log"' EXIT
    trap 'exit 143' HUP INT TERM
    if [ ! -e "$policy" ]; then
      ours=yes
      printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || exit 1
    fi
    # A fresh machine has no package lists; old lists name versions that are gone.
    _apt_get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 8>&- && exit 0
    _apt_get update >>"$log" 2>&1 8>&-
    _apt_get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 8>&- && exit 0
    echo "apt-get failed:" >&2
    tail -n 20 "$log" >&2
    exit 1
  )
}
