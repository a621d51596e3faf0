/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks: what a text is, chunk by chunk, so that a later reading can tell that it is the same before it hands
 * out the first byte of a chunk.
 *
 *  1. A mark is the keyed digest (crypto/mac.h) of one chunk and its number: one for each RH_READ_CHUNK bytes of
 *     the (decompressed) text, and one for what is left at its end.  Each byte is digested once: the digest of the
 *     whole text is that of its length and its marks.
 *  2. Checking ends at the first chunk that is another, with RH_EMISMATCH; also where the text is shorter
 *     or longer.
 */
#ifndef READ_MARKS_H
#define READ_MARKS_H

#include "crypto/mac.h"

struct rh_buf;

#define RH_MARK_LEN RH_MAC_LEN

struct rh_marks {
	bool is_check; /* against the marks that are there; else they are made */
	uint64_t length;
	uint8_t (*marks)[RH_MARK_LEN];
	size_t count;
	size_t room;
	size_t next;        /* to be checked */
	uint64_t position;  /* in the text */
	struct rh_mac *mac; /* made with the first byte */
	uint8_t key[RH_KEY_LEN];
};

/* The key is that of the workspace: the same text has other marks in another one. */
void rh_marks_init(struct rh_marks *marks, const uint8_t key[RH_KEY_LEN]);
void rh_marks_done(struct rh_marks *marks); /* accepts a zeroed one */
/* The next bytes of the text.  When checking they are proved only when a chunk is whole. */
RH_NODISCARD int rh_marks_add(struct rh_marks *marks, const void *bytes, size_t len,
			      struct rh_err *err);
/* Reading goes on at this chunk, whose number is `chunk`.  What was not read (before it, with no mark yet) is another's
 * to make marks of; a chunk that has a mark already must get the same again, else the text changed: RH_EIO. */
RH_NODISCARD int rh_marks_jump(struct rh_marks *marks, uint64_t chunk, struct rh_err *err);
/* Marks that another has made, from chunk `first` on, which is at most behind the last that is there; likewise. */
RH_NODISCARD int rh_marks_join(struct rh_marks *marks, uint64_t first,
			       const uint8_t (*made)[RH_MARK_LEN], size_t count,
			       struct rh_err *err);
/* The text has ended. */
RH_NODISCARD int rh_marks_end(struct rh_marks *marks, struct rh_err *err);

/* Of the whole text, which has ended. */
void rh_marks_digest(const struct rh_marks *marks, uint8_t out[RH_DIGEST_LEN]);

/* Appends them to a file's content. */
void rh_marks_put(const struct rh_marks *marks, struct rh_buf *out);
/* Takes them from the front of such a content, for checking; RH_EMISMATCH: it is damaged. */
RH_NODISCARD int rh_marks_get(struct rh_marks *out, const uint8_t key[RH_KEY_LEN],
			      struct rh_str *content, struct rh_err *err);

#endif
