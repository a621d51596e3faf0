#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The official client of Clerk creates, lists, updates, blocks, proves and deletes users on the rehearsal server.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/client.bash"
run_client clerk
