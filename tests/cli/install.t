#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What `make install` puts on a machine is whole: tool, library, headers, .pc file, manual; and a program
# that knows nothing but the .pc file builds with it.  Uses the release build of $REHOME_RELEASE, or makes
# one below $REHOME_BUILD.
set -u

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
count=0

# try NAME COMMAND...
try() {
	local name=$1
	shift
	count=$((count + 1))
	if "$@" >"$work/said" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$work/said"
	fi
}

release=${REHOME_RELEASE:-$REHOME_BUILD/release}
if [ ! -e "$release/build.ninja" ]; then
	meson setup "$release" "$REHOME_SOURCE" --buildtype=release -Dtests=false --prefix=/usr >"$work/said" 2>&1 ||
		{ echo "Bail out! no release build"; exit 1; }
fi
ninja -C "$release" --quiet >"$work/said" 2>&1 || { echo "Bail out! the release build failed"; exit 1; }

installs() {
	DESTDIR=$work/root meson install -C "$release" --no-rebuild --quiet
}
try "installs into a folder" installs

library=$(dirname "$(find "$work/root" -name librehome.so)")
tool=$(find "$work/root" -path '*/bin/rehome')

try "the tool" test -x "${tool:-/none}"
try "the library under its soname" test -e "$library/librehome.so.0"
try "no sanitizer is linked in" bash -c "! ldd '$library/librehome.so.0' | grep -E 'asan|ubsan'"
try "the library does not bring the rehearsal's server" \
	bash -c "! ldd '$library/librehome.so.0' | grep microhttpd"
for header in "$REHOME_SOURCE"/include/rehome/*.h; do
	try "header $(basename "$header")" cmp "$header" \
		"$(find "$work/root" -path "*/include/rehome/$(basename "$header")")"
done
try "the manual" bash -c "find '$work/root' -name 'rehome.1' | grep -q ."

# The .pc file speaks of the final place; what pkg-config says is moved under the folder here.
export PKG_CONFIG_PATH=$library/pkgconfig
export PKG_CONFIG_SYSROOT_DIR=$work/root
flags=$(pkg-config --cflags --libs rehome 2>"$work/said")
try "the .pc file" test -n "$flags"
try "its version is the tool's" bash -c \
	"[ \"rehome \$(pkg-config --modversion rehome)\" = \"\$('$tool' --version | head -n 1)\" ]"
for example in "$REHOME_SOURCE"/examples/*.c; do
	name=$(basename "$example" .c)
	# shellcheck disable=SC2086 # the words of $flags are the arguments
	try "examples/$name.c builds with the .pc file alone" cc -std=c11 -Wall -Wextra -Werror -pedantic \
		-o "$work/$name" "$example" -L"$library" -Wl,-rpath,"$library" $flags
	try "examples/$name.c finds its library" bash -c "test -x '$work/$name' && ! ldd '$work/$name' | grep 'not found'"
	try "examples/$name.c is short" test "$(wc -l <"$example")" -lt 100
done
echo "1..$count"
