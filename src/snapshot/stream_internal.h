/* SPDX-License-Identifier: Apache-2.0 */
/* What writer and reader of streams share: the form of the file, and reading one block of it. */
#ifndef SNAPSHOT_STREAM_INTERNAL_H
#define SNAPSHOT_STREAM_INTERNAL_H

#include "base/buf.h"
#include "crypto/digest.h"
#include "crypto/seal.h"
#include "snapshot/stream.h"

enum {
	STREAM_NAME_LEN = 16,
	STREAM_MAGIC_LEN = 16,
	STREAM_HEAD_LEN = STREAM_MAGIC_LEN + STREAM_NAME_LEN,
	STREAM_LENGTH_LEN = 4,
	STREAM_NUMBER_LEN = 8,
};

/* One block: a page of the largest answer, written anew, and its mark. */
#define STREAM_BLOCK_MAX (96U * 1024 * 1024)
#define STREAM_END (UINT64_C(1) << 63)

extern const char rh_stream_magic[STREAM_MAGIC_LEN];

/* A stream's file, opened for reading. */
struct rh_stream_file {
	int fd;
	const char *path; /* borrowed */
	uint8_t key[RH_KEY_LEN];
	uint8_t name[STREAM_NAME_LEN];
	uint64_t size;
	uint64_t at;           /* of the next block */
	uint64_t blocks;       /* read so far */
	struct rh_buf sealed;  /* bytes of the file */
	struct rh_buf content; /* of the block in hand */
};

void rh_stream_put(struct rh_buf *out, uint64_t number);
/* Takes 8 bytes off the front; false: there are not so many. */
bool rh_stream_get(struct rh_str *from, uint64_t *out);

RH_NODISCARD int rh_stream_file_open(struct rh_stream_file *file, const char *path,
				     const uint8_t key[32], int flags, struct rh_err *err);
void rh_stream_file_close(struct rh_stream_file *file);
/* The block at file->at, content behind the name in *out.  1; 0: no whole block of this reading stands there; < 0 error. */
RH_NODISCARD int rh_stream_block(struct rh_stream_file *file, uint64_t position, struct rh_str *out,
				 struct rh_err *err);
/* A page's block, taken apart; false: it is none. */
bool rh_stream_take_page(struct rh_str content, struct rh_stream_page *out);

#endif
