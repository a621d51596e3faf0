/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of bytes to read from, whatever it comes from: file, pipe, decompressor, sealed snapshot. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <rehome/types.h>

struct rh_bytes {
	/* Up to `len` bytes; > 0 how many, 0 the end, < 0 an enum rh_error with err filled. */
	ptrdiff_t (*read)(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err);
	void (*close)(struct rh_bytes *bytes); /* frees the stream itself */
};

#endif
