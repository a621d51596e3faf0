/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing byte buffer with a maximum given at birth.  A failed append marks the buffer (`failed`), after
 * which every append is a no-op, so a chain is checked once at its end.  There is always a NUL behind len.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <string.h>

#include <rehome/types.h>

struct rh_buf {
	char *ptr; /* NULL until the first append */
	size_t len;
	size_t cap;
	size_t max; /* bytes that len may reach */
	int failed; /* 0, RH_ENOMEM or RH_ELIMIT */
	bool wipe;  /* clear memory before giving it back */
};

void rh_buf_init(struct rh_buf *buf, size_t max);
void rh_buf_init_secret(struct rh_buf *buf, size_t max); /* wiped when grown, reset or done */
/* len = 0, failed cleared; memory is kept, but much that a secret buffer hardly used is given back. */
void rh_buf_reset(struct rh_buf *buf);
void rh_buf_done(struct rh_buf *buf); /* accepts a zeroed buffer */

/* Inline are the ways of nearly every append: there is room. */
void rh_buf_add_slowly(struct rh_buf *buf, const void *bytes, size_t len);
static inline void rh_buf_add(struct rh_buf *buf, const void *bytes, size_t len)
{
	if (buf->failed != 0 || len == 0 || len >= buf->cap - buf->len) {
		rh_buf_add_slowly(buf, bytes, len);
		return;
	}
	memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
	buf->ptr[buf->len] = '\0';
}
void rh_buf_add_str(struct rh_buf *buf, struct rh_str text);
void rh_buf_add_cstr(struct rh_buf *buf, const char *text);
static inline void rh_buf_add_char(struct rh_buf *buf, char byte)
{
	rh_buf_add(buf, &byte, 1);
}
void rh_buf_add_u64(struct rh_buf *buf, uint64_t number);
void rh_buf_printf(struct rh_buf *buf, const char *fmt, ...) RH_PRINTF(2, 3);
/* Room for `len` more bytes at ptr + len, for a reader to fill; NULL on failure.  Caller adds to len. */
char *rh_buf_reserve(struct rh_buf *buf, size_t len);
/* Drops the first `len` bytes. */
void rh_buf_consume(struct rh_buf *buf, size_t len);
struct rh_str rh_buf_str(const struct rh_buf *buf); /* borrowed, valid until the next change */
/* RH_OK, or buf->failed with err filled, naming `what`. */
int rh_buf_check(const struct rh_buf *buf, const char *what, struct rh_err *err);

/* Give it a value where it is declared (`= {0}`): a return before rh_buf_init would free what is no buffer. */
#define rh_autobuf __attribute__((cleanup(rh_buf_done))) struct rh_buf

#endif
