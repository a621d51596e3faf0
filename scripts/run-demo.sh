#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job on made-up people, with the release build; called by `make demo`.
set -eu
cd "$(dirname "$0")/.."
exec build/release/rehome --version
