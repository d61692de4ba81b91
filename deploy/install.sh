#!/bin/sh
# Installs ClusterActors from the directory this script is in. Run again to upgrade; configuration and state are kept.
set -eu
# Of su without '-' the path lacks these.
PATH=$PATH:/usr/sbin:/sbin

prefix=/opt/clp
root=
remove=no
role=server
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=$2; shift 2 ;;
        --root) root=$2; shift 2 ;;
        --witness) role=witness; shift ;;
        --remove) remove=yes; shift ;;
        *)
            echo "usage: install.sh [--prefix /opt/clp] [--root DIRECTORY] [--witness] [--remove]"
            echo "  --root    install below another root directory (image, container); starts nothing"
            echo "  --witness install only clpwitness with its unit, on a machine that is no server of the cluster"
            echo "  --remove  remove programs and units; configuration and state stay"
            exit 2 ;;
    esac
done

here=$(cd "$(dirname "$0")" && pwd)
commands="clp clpstat clpcl clpgrp clpbwctrl clptoratio"
units=$root/etc/systemd/system

has_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

if [ "$remove" = yes ]; then
    if has_systemd; then systemctl disable --now clp-starter.socket clp-guardian.service clp-witness.service || true; fi
    for name in $commands clpwitness; do rm -f "$root/usr/local/bin/$name"; done
    rm -rf "$root${prefix:?}/bin" "$units/clp-guardian.service" "$units/clp-starter.socket" "$units/clp-starter.service" "$units/clp-witness.service" "$root/usr/lib/sysusers.d/clp.conf"
    if has_systemd; then systemctl daemon-reload; fi
    echo "removed; configuration and state are kept in $root/etc/clp, $root/etc/clpwitness, $root/var/lib/clp and $root/var/lib/clpwitness"
    exit 0
fi

[ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo "install.sh: must run as root, or with --root"; exit 1; }
# The programs bring their runtime along, but not the C library and OpenSSL: those get their security updates from the distribution.
if [ -z "$root" ] && ! said=$("$here/bin/clp" version 2>&1); then
    echo "install.sh: this machine cannot run the programs (they need a processor as that of the machine that built them, and a C library not older): $said"
    exit 1
fi
if [ -z "$root" ] && ! ldconfig -p 2> /dev/null | grep -q 'libssl\.so\.3'; then
    echo "install.sh: OpenSSL 3 is missing (no libssl.so.3); install the package libssl3 (Debian, Ubuntu) or openssl-libs (RHEL)"
    exit 1
fi

# New files beside the old ones, then one rename: a running daemon never sees half a directory.
install -d "$root$prefix" "$root/usr/local/bin" "$root/etc/systemd/system" "$root/usr/lib/sysusers.d"
rm -rf "$root$prefix/bin.new" "$root$prefix/bin.old"
cp -a "$here/bin" "$root$prefix/bin.new"
[ ! -d "$root$prefix/bin" ] || mv "$root$prefix/bin" "$root$prefix/bin.old"
mv "$root$prefix/bin.new" "$root$prefix/bin"
rm -rf "$root$prefix/bin.old"
if [ "$role" = witness ]; then commands=clpwitness; fi
for name in $commands; do ln -sfn "$prefix/bin/$name" "$root/usr/local/bin/$name"; done

if [ "$role" = witness ]; then
    sed "s|@BIN@|$prefix/bin|" "$here/systemd/clp-witness.service" > "$units/clp-witness.service"
    install -d -m 700 "$root/etc/clpwitness" "$root/etc/clpwitness/clusters" "$root/var/lib/clpwitness"
    if has_systemd; then systemctl daemon-reload; fi
    echo "installed in $root$prefix; next: systemctl enable --now clp-witness, then for each cluster:"
    echo "clp witness export FILE on one of its servers, carry the file here, clpwitness cluster add FILE"
    exit 0
fi

for unit in clp-guardian.service clp-starter.service clp-starter.socket; do sed "s|@BIN@|$prefix/bin|" "$here/systemd/$unit" > "$units/$unit"; done
install -m 644 "$here/systemd/clp.sysusers" "$root/usr/lib/sysusers.d/clp.conf"
install -d -m 750 "$root/etc/clp"
install -d -m 700 "$root/var/lib/clp"
install -d -m 750 "$root/var/log/clp"
if [ -z "$root" ]; then
    getent group clp > /dev/null || groupadd --system clp
fi
if has_systemd; then systemctl daemon-reload; fi
echo "installed in $root$prefix; next: clp cluster init on the first server, clp cluster join TOKEN on the others,"
echo "then on each: systemctl enable --now clp-guardian clp-starter.socket"
if has_systemd && systemctl -q is-enabled clp-guardian.service && ! systemctl -q is-enabled clp-starter.socket; then
    echo "new since the release before: systemctl enable --now clp-starter.socket, so that clpcl -s -a on another server reaches this one (TCP 29006)"
fi
