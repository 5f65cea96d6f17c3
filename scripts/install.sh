#!/bin/bash
# Installs intentd below $DESTDIR$PREFIX, and its configuration below $DESTDIR/etc; --uninstall takes away what was
# installed, but for the configuration, state and logs. An ordinary user may do it with a DESTDIR of their own.
#
#   scripts/install.sh BIN [--uninstall]      BIN holds intentd and intentctl
set -euo pipefail
umask 022
bin=$1
prefix=${PREFIX:-/usr/local}
to=${DESTDIR:-}
scripts=$(cd "$(dirname "$0")" && pwd)
source=${scripts%/*}
deploy=$source/deploy
# Debian's zsh looks for what packages bring in a folder of its own name.
zsh=share/zsh/site-functions
[ "$prefix" != /usr ] || zsh=share/zsh/vendor-completions
units=(
    intentd.service intentd.socket intentd-llm.service intentd-llm.socket intentd-retrain.service intentd-retrain.timer
)
tools=(intentd intentctl)

if [ "${2:-}" = --uninstall ]; then
    for tool in "${tools[@]}"; do
        rm -f "$to$prefix/bin/$tool" "$to$prefix/share/bash-completion/completions/$tool" \
            "$to$prefix/$zsh/_$tool" "$to$prefix/share/fish/vendor_completions.d/$tool.fish" \
            "$to$prefix/share/man/man8/$tool.8.gz" "$to$prefix/share/man/man1/$tool.1.gz"
    done
    for unit in "${units[@]}"; do rm -f "$to$prefix/lib/systemd/system/$unit"; done
    rm -f "$to$prefix/lib/sysusers.d/intentd.conf" "$to$prefix/lib/tmpfiles.d/intentd.conf" \
        "$to$prefix/lib/systemd/catalog/intentd.catalog"
    rm -rf "$to$prefix/share/intentd" "$to$prefix/share/doc/intentd"
    exit 0
fi

# put SOURCE TARGET: with the paths of this installation where the file has @prefix@.
put() {
    install -d "$(dirname "$to$2")"
    sed "s|@prefix@|$prefix|g" "$1" >"$to$2.new"
    chmod 0644 "$to$2.new"
    mv "$to$2.new" "$to$2"
}

install -d "$to$prefix/bin"
for tool in "${tools[@]}"; do
    install -m 0755 --strip "$bin/$tool" "$to$prefix/bin/$tool"
    while read -r shell file; do
        install -d "$(dirname "$to$prefix/$file")"
        # It is read by a shell, not run.
        "$bin/$tool" --generate-completion-script "$shell" | sed '1{/^#!/d}' >"$to$prefix/$file"
        chmod 0644 "$to$prefix/$file"
    done <<FILES
bash share/bash-completion/completions/$tool
zsh $zsh/_$tool
fish share/fish/vendor_completions.d/$tool.fish
FILES
done
version=$("$bin/intentd" --version | sed -E 's/^intentd ([^,]+),.*/\1/')
while read -r tool section; do
    install -d "$to$prefix/share/man/man$section"
    "$scripts/man.sh" "$bin/$tool" "$section" "$version" | gzip -9n >"$to$prefix/share/man/man$section/$tool.$section.gz"
done <<PAGES
intentd 8
intentctl 1
PAGES
for unit in "${units[@]}"; do put "$deploy/$unit" "$prefix/lib/systemd/system/$unit"; done
for drop in llm-proxy.conf llm-elsewhere.conf; do
    put "$deploy/intentd.service.d/$drop" "$prefix/share/intentd/intentd.service.d/$drop"
done
put "$deploy/intentd.sysusers" "$prefix/lib/sysusers.d/intentd.conf"
put "$deploy/intentd.tmpfiles" "$prefix/lib/tmpfiles.d/intentd.conf"
[ ! -e "$deploy/intentd.catalog" ] ||
    put "$deploy/intentd.catalog" "$prefix/lib/systemd/catalog/intentd.catalog"
for data in intents.yaml golden.csv behaviour.yaml; do put "$source/data/$data" "$prefix/share/intentd/$data"; done
for page in "$source"/docs/*.md; do put "$page" "$prefix/share/doc/intentd/${page##*/}"; done
# What a person has edited stays.
[ -e "$to/etc/intentd/intentd.yaml" ] || put "$deploy/intentd.yaml" /etc/intentd/intentd.yaml

[ -n "$to" ] || cat <<TEXT
Installed. What makes it run, as root:

    systemd-sysusers && systemd-tmpfiles --create intentd.conf && systemctl daemon-reload
    systemctl enable --now intentd.socket
    intentctl chat "where is my parcel"

TEXT
