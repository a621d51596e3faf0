/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzz target defines; called by libFuzzer, or by replay_main.c over the files of a corpus. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Inputs are cut to this many bytes. */
#define FUZZ_INPUT_MAX (64U * 1024)

/* Feeds one input; always 0.  A fault shows as a crash, a sanitizer's report or abort(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
