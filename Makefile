# SPDX-License-Identifier: Apache-2.0
# A thin cover over Meson for people's fingers; the build itself stands in the meson.build files.
#
#   make          release build in build/release        make lint     the checks of the tree alone, deeper
#   make check    sanitizer build, all tests, lint      make format   clang-format over our C
#   make demo     the main job on made-up people        make fuzz     run every fuzz target a little
#   make install  DESTDIR= and PREFIX= are heeded       make clean    remove build/
#   make soak     1,000 kills at random moments, every write and sync failing; SOAK_KILLS=, SOAK_SECONDS= bound it
#   make bench    measure, into docs/benchmarks.md; QUICK=1: a minute or two, LONG=1: 20,000 users at the limit

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
SOAK_KILLS ?= 1000
SOAK_SECONDS ?= 3600

RELEASE = build/release
CHECK = build/check
STRICT = build/strict
FUZZ = build/fuzz
BENCH = build/bench
# What is released is optimised as a whole: 7 % fewer instructions for each account.
WHOLE = -Db_lto=true

all: $(RELEASE)/build.ninja
	@ninja -C $(RELEASE) --quiet

$(RELEASE)/build.ninja:
	@meson setup $(RELEASE) --buildtype=release $(WHOLE) -Ddebug=true -Dtests=false --prefix=$(PREFIX) >/dev/null

$(CHECK)/build.ninja:
	@meson setup $(CHECK) --buildtype=debug -Doptimization=1 -Db_sanitize=address,undefined \
		-Dwerror=true >/dev/null

$(STRICT)/build.ninja:
	@meson setup $(STRICT) --buildtype=release $(WHOLE) -Dwerror=true -Dtests=false --prefix=/usr >/dev/null

$(FUZZ)/build.ninja:
	@CC=clang meson setup $(FUZZ) --buildtype=debug -Doptimization=1 \
		-Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true >/dev/null

$(BENCH)/build.ninja:
	@meson setup $(BENCH) --buildtype=release $(WHOLE) -Dtests=false -Dbench=true >/dev/null

check: $(CHECK)/build.ninja $(STRICT)/build.ninja
	@scripts/run-tests.sh $(CHECK) $(STRICT)

lint: $(CHECK)/build.ninja
	@scripts/lint.sh $(CHECK) deep

demo: all
	@scripts/run-demo.sh

install: all
	@meson configure $(RELEASE) -Dprefix=$(PREFIX)
	@meson install -C $(RELEASE)

fuzz: $(FUZZ)/build.ninja
	@ninja -C $(FUZZ) --quiet fuzzers
	@scripts/run-fuzz.sh $(FUZZ) $(FUZZ_SECONDS)

soak: $(CHECK)/build.ninja $(STRICT)/build.ninja
	@scripts/run-soak.sh $(CHECK) $(STRICT) $(SOAK_KILLS) $(SOAK_SECONDS)

bench: $(BENCH)/build.ninja
	@ninja -C $(BENCH) --quiet
	@QUICK=$(QUICK) LONG=$(LONG) scripts/run-bench.sh $(BENCH)

format:
	@scripts/format.sh -i

clean:
	rm -rf build

.PHONY: all check lint demo install fuzz soak bench format clean
