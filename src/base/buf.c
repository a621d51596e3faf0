/* SPDX-License-Identifier: Apache-2.0 */
/* Growing byte buffer: doubles, keeps a NUL behind its bytes, remembers the first failure. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"

enum {
	FIRST_CAPACITY = 128,
	/* A secret buffer that is larger and was filled to less than an eighth is given back when it is reset: else
	 * one huge record would have all that memory wiped again for each small one behind it. */
	KEPT_CAPACITY = 64 * 1024,
	KEPT_DIVISOR = 8,
};

void rh_buf_init(struct rh_buf *buf, size_t max)
{
	*buf = (struct rh_buf){
		.max = max,
	};
}

void rh_buf_init_secret(struct rh_buf *buf, size_t max)
{
	*buf = (struct rh_buf){
		.max = max,
		.wipe = true,
	};
}

static void wipe(struct rh_buf *buf)
{
	if (buf->wipe && buf->ptr != NULL) {
		explicit_bzero(buf->ptr, buf->cap);
	}
}

void rh_buf_reset(struct rh_buf *buf)
{
	if (buf->wipe && buf->cap > KEPT_CAPACITY && buf->len < buf->cap / KEPT_DIVISOR) {
		rh_buf_done(buf);
		return;
	}
	wipe(buf);
	buf->len = 0;
	buf->failed = RH_OK;
	if (buf->ptr != NULL) {
		buf->ptr[0] = '\0';
	}
}

void rh_buf_done(struct rh_buf *buf)
{
	wipe(buf);
	rh_free(buf->ptr);
	*buf = (struct rh_buf){
		.max = buf->max,
		.wipe = buf->wipe,
	};
}

/* Moves the bytes to memory of `cap` bytes; a secret leaves no copy behind. */
static bool move(struct rh_buf *buf, size_t cap)
{
	char *ptr;

	if (!buf->wipe) {
		ptr = rh_realloc(buf->ptr, cap);
		if (ptr == NULL) {
			return false;
		}
	} else {
		ptr = rh_malloc(cap);
		if (ptr == NULL) {
			return false;
		}
		if (buf->ptr != NULL) {
			memcpy(ptr, buf->ptr, buf->len + 1);
		}
		wipe(buf);
		rh_free(buf->ptr);
	}
	buf->ptr = ptr;
	buf->cap = cap;
	buf->ptr[buf->len] = '\0';
	return true;
}

/* Makes room for `len` bytes and the NUL; false leaves the buffer marked. */
static bool make_room(struct rh_buf *buf, size_t len)
{
	size_t need;
	size_t cap;

	if (buf->failed != RH_OK) {
		return false;
	}
	if (buf->len > buf->max || len > buf->max - buf->len ||
	    __builtin_add_overflow(buf->len + 1, len, &need)) {
		buf->failed = RH_ELIMIT;
		return false;
	}
	if (need <= buf->cap) {
		return true;
	}
	cap = buf->cap != 0 ? buf->cap : FIRST_CAPACITY;
	while (cap < need) {
		cap = cap <= SIZE_MAX / 2 ? cap * 2 : need;
	}
	if (cap - 1 > buf->max) {
		cap = buf->max + 1;
	}
	if (!move(buf, cap)) {
		buf->failed = RH_ENOMEM;
		return false;
	}
	return true;
}

void rh_buf_add_slowly(struct rh_buf *buf, const void *bytes, size_t len)
{
	if (!make_room(buf, len)) {
		return;
	}
	if (len > 0) {
		memcpy(buf->ptr + buf->len, bytes, len);
	}
	buf->len += len;
	buf->ptr[buf->len] = '\0';
}

void rh_buf_add_str(struct rh_buf *buf, struct rh_str text)
{
	rh_buf_add(buf, text.ptr, text.len);
}

void rh_buf_add_cstr(struct rh_buf *buf, const char *text)
{
	rh_buf_add(buf, text, strlen(text));
}

void rh_buf_add_u64(struct rh_buf *buf, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		at--;
		digits[at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	rh_buf_add(buf, digits + at, sizeof(digits) - at);
}

void rh_buf_printf(struct rh_buf *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0) {
		if (buf->failed == RH_OK) {
			buf->failed =
				RH_ENOMEM; /* glibc's only reason: no memory for a conversion */
		}
		return;
	}
	if (!make_room(buf, (size_t)len)) {
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, fmt, args); /* measured above */
	va_end(args);
	buf->len += (size_t)len;
}

char *rh_buf_reserve(struct rh_buf *buf, size_t len)
{
	return make_room(buf, len) ? buf->ptr + buf->len : NULL;
}

void rh_buf_consume(struct rh_buf *buf, size_t len)
{
	size_t rest;

	if (buf->ptr == NULL) {
		return;
	}
	if (len > buf->len) {
		len = buf->len;
	}
	rest = buf->len - len;
	memmove(buf->ptr, buf->ptr + len, rest);
	if (buf->wipe) {
		explicit_bzero(buf->ptr + rest, len);
	}
	buf->len = rest;
	buf->ptr[rest] = '\0';
}

struct rh_str rh_buf_str(const struct rh_buf *buf)
{
	return (struct rh_str){
		.ptr = buf->ptr != NULL ? buf->ptr : "",
		.len = buf->len,
	};
}

int rh_buf_check(const struct rh_buf *buf, const char *what, struct rh_err *err)
{
	if (buf->failed == RH_OK) {
		return RH_OK;
	}
	if (buf->failed == RH_ELIMIT) {
		return rh_err_set(err, RH_ELIMIT, "%s is larger than the limit of %zu bytes", what,
				  buf->max);
	}
	return rh_err_set(err, buf->failed, "no memory for %s", what);
}
