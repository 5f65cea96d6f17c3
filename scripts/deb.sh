#!/bin/bash
# Makes intentd_VERSION_ARCHITECTURE.deb in the checkout's root, or FILE, out of what `make install` would install.
#
#   scripts/deb.sh BIN [FILE]        BIN holds release binaries with the Swift runtime inside
#
# INTENTD_DEB_LEVEL is how hard to compress, 0 to 9; DEBFULLNAME and DEBEMAIL are who answers for the package. The version is the program's own. Times in the package are those of the last commit, so that the same binaries make the
# same package.
set -euo pipefail
umask 022
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
scripts/packages.sh dpkg-dev lintian
version=$(sed -n 's/.*static let version = "\(.*\)"$/\1/p' Sources/Wire/Software.swift)
[ -n "$version" ] || { echo "The version was not found in the sources." >&2; exit 1; }
package=${2:-intentd_${version}_$(dpkg --print-architecture).deb}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y LICENSE)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d "${TMPDIR:-/tmp}/intentd-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/tree
maintainer="${DEBFULLNAME:-intentd developers} <${DEBEMAIL:-intentd@intentd.example}>"

DESTDIR=$tree PREFIX=/usr scripts/install.sh "$bin"

mkdir "$tree/DEBIAN" "$work/debian"
for script in preinst postinst prerm postrm; do install -m 0755 "deploy/debian/$script" "$tree/DEBIAN/$script"; done
echo /etc/intentd/intentd.yaml >"$tree/DEBIAN/conffiles"
doc=$tree/usr/share/doc/intentd
install -m 0644 deploy/debian/copyright "$doc/copyright"
gzip -9n >"$doc/changelog.gz" <<TEXT
intentd ($version) unstable; urgency=medium

  * Version $version; what it does stands in the manual beside this file.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
TEXT
# Tags of lintian's that hold and are meant, each with its reason.
install -D -m 0644 deploy/debian/lintian-overrides "$tree/usr/share/lintian/overrides/intentd"
zcat "$doc/changelog.gz" >"$work/debian/changelog"
sed "s/@MAINTAINER@/$maintainer/" deploy/debian/control >"$work/debian/control"

# The system's libraries that the binaries ask for become Depends.
(
    cd "$work"
    dpkg-shlibdeps --warnings=0 -O tree/usr/bin/intentd tree/usr/bin/intentctl >debian/substvars
    dpkg-gencontrol -pintentd -Tdebian/substvars -Ptree -fdebian/files
    cd tree
    find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums
)
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --build --root-owner-group -Zxz "-z${INTENTD_DEB_LEVEL:-6}" "$tree" "$package" >/dev/null
lintian --allow-root --fail-on error --tag-display-limit 0 "$package"
printf '%s: %s bytes\n' "$package" "$(stat -c %s "$package")"
