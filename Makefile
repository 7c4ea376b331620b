# varve: `make demo` shows it at work, `make test` proves it; both set up what they need.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.PHONY: build demo dist images test test-tsan test-asan test-long fuzz lint format bench \
	setup setup-debian setup-test setup-bench clean

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
BUILD := .build
# The root that tests build on.
DEBIAN := $(BUILD)/debian.tar
VARVE := $(BUILD)/release/varve
# The Swift libraries go into the program; the C libraries stay the system's, which keeps them patched.
RELEASE := -c release --static-swift-stdlib -Xlinker --gc-sections -Xlinker -s
# A crash must end a test, not wait for somebody to read a backtrace.
export SWIFT_BACKTRACE := enable=no

LIBRARIES := libarchive-dev libssl-dev libsodium-dev zlib1g-dev libdeflate-dev libzstd-dev libisal-dev \
	libyaml-dev libcurl4-openssl-dev pkg-config
PEERS := umoci skopeo libarchive-tools zstd bzip2 xz-utils pigz strace busybox-static python3-venv acl attr libcap2-bin \
	golang-github-opencontainers-image-spec-dev util-linux time git locales openssl \
	docker-registry curl ca-certificates buildah uidmap procps crun golang-github-docker-docker-dev
CHECKS := jsonschema referencing in-toto-attestation PyNaCl cryptography securesystemslib sigstore-models
FUZZ := $(notdir $(patsubst %/,%,$(filter-out Tests/Fuzz/Corpus/ Tests/Fuzz/TarHeaders/,$(wildcard Tests/Fuzz/*/))))
SECONDS ?= 60
RIVALS := umoci buildah skopeo pigz isal zstd openssl mmdebstrap time python3 docker-registry curl

# $(call install,PACKAGES): those that are missing, and nothing where none is.
define install
missing=(); for package in $(1); do \
	dpkg-query -W -f '$${db:Status-Abbrev}' $$package 2>/dev/null | grep -q '^ii' || missing+=($$package); done; \
if [ $${#missing[@]} -gt 0 ]; then \
	echo "installing $${missing[*]}"; \
	$(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends $${missing[@]} >/dev/null; fi
endef

## The release program, .build/release/varve
build: setup
	swift build $(RELEASE) --product varve

setup:
	@command -v swift >/dev/null || { echo "Swift 6.3 is missing: see https://swift.org/install"; exit 1; }
	@$(call install,$(LIBRARIES))

## Packs an image of varve itself and shows it
demo: build
	@Dockerfiles/demo.sh $(VARVE) $(BUILD)/demo

## A release in .build/dist: the tarball, its checksum, its provenance signed by varve itself, and the public key
dist: build
	@$(call install,python3 git)
	@dist/release.sh $(VARVE) $(BUILD)/dist

## Images of varve itself, built by varve, in an OCI layout: .build/images/images
images: build setup-debian
	@Dockerfiles/images.sh $(VARVE) $(DEBIAN) $(BUILD)/images

## Every test, as this user and, where this is root, as a plain user too: of the program that users get
test: setup-test lint build
	swift build --build-tests
	VARVE=$(CURDIR)/$(VARVE) VARVE_PYTHON=$(CURDIR)/$(BUILD)/checks/bin/python \
		VARVE_DEBIAN=$(CURDIR)/$(DEBIAN) swift test
	Tests/as-plain-user.sh $(BUILD)

setup-test: setup setup-debian
	@$(call install,$(PEERS))
	@test "$$(cat $(BUILD)/checks/packages 2>/dev/null)" = "$(CHECKS)" || { mkdir -p $(BUILD) \
		&& /usr/bin/python3 -m venv --clear $(BUILD)/checks \
		&& $(BUILD)/checks/bin/python -m pip install -q $(CHECKS) && echo "$(CHECKS)" >$(BUILD)/checks/packages; }

setup-debian:
	@$(call install,mmdebstrap)
	@mkdir -p $(BUILD); test -s $(DEBIAN) || { echo "making a Debian root to build on" \
		&& $(SUDO) mmdebstrap --quiet --mode=root --variant=minbase --format=tar bookworm - \
			http://deb.debian.org/debian >$(DEBIAN).new && mv $(DEBIAN).new $(DEBIAN); } \
		|| { rm -f $(DEBIAN).new; echo "there is no Debian root: tests that build on one are cancelled"; }

## The same with the rows that take long in full
test-long: export VARVE_TEST_LONG = 1
test-long: test fuzz

## ThreadSanitizer on the rooms with threads
test-tsan: setup-test
	swift test --sanitize=thread --scratch-path $(BUILD)-tsan --filter 'LinuxTests|LayersTests|ImagesTests'

## AddressSanitizer on the rooms
test-asan: setup-test
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path $(BUILD)-asan --skip EndToEndTests

## Hostile input: SECONDS of libFuzzer on each parser; what is found goes to .build-fuzz/artifacts
fuzz: setup
	@export VARVE_FUZZ=1 TMPDIR=$(CURDIR)/$(BUILD)-fuzz/tmp; \
	rm -rf $$TMPDIR; mkdir -p $$TMPDIR $(BUILD)-fuzz/artifacts; \
	for target in $(FUZZ); do \
		swift build -c release --sanitize fuzzer -Xswiftc -enable-testing --scratch-path $(BUILD)-fuzz \
			--product Fuzz$$target; \
	done; \
	for target in $(FUZZ); do \
		inputs=$$(mktemp -d); cp Tests/Fuzz/Corpus/$$target/* $$inputs; \
		$(BUILD)-fuzz/release/Fuzz$$target -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=512 \
			-max_len=65536 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$(BUILD)-fuzz/artifacts/$$target- $$inputs; \
	done

## Style: formatted, no warning
lint:
	swift format lint --strict --configuration .swift-format -r Sources Tests Package.swift

format:
	swift format -i --configuration .swift-format -r Sources Tests Package.swift

## Varve against its peers; figures go to benchmarks/results
bench: build setup-bench
	python3 benchmarks/compare/compare.py --varve $(VARVE)
	python3 benchmarks/compare/running.py --varve $(VARVE)

setup-bench:
	@$(call install,$(RIVALS))

clean:
	rm -rf $(BUILD) $(BUILD)-tsan $(BUILD)-asan $(BUILD)-fuzz
