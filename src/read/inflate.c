/* SPDX-License-Identifier: Apache-2.0 */
/* Undoes gzip (also several members) and zstd (also several frames); anything else passes unchanged. */
#include "read/reader.h"

#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"

/* 2^27: what `zstd` itself accepts without being asked to; the window of --ultra -22. */
enum { ZSTD_WINDOW_LOG_MAX = 27 };

/* Bytes that tell how a file is packed. */
enum { FRONT_LEN = 4 };

enum packing {
	PACKING_PLAIN,
	PACKING_GZIP,
	PACKING_ZSTD,
};

struct inflate_bytes {
	struct rh_bytes bytes; /* first, so that the one is the other */
	struct rh_bytes *inner;
	enum packing packing;
	bool is_sniffed;
	bool is_inner_end;
	bool is_between; /* no member or frame is open: the stream may end here */
	bool is_open;    /* gzip: zlib holds memory */
	bool is_first;   /* gzip: nothing was given to zlib yet */
	int failed;      /* what every further read answers */
	uint64_t read;   /* packed bytes taken in */
	uint64_t given;  /* unpacked bytes handed out */
	size_t from;     /* of chunk: packed bytes that wait */
	size_t len;
	z_stream gzip;
	ZSTD_DStream *zstd;
	uint8_t chunk[RH_READ_CHUNK];
};

/* More packed bytes behind those that wait: 1, 0 the end, < 0 an error. */
static int take_in(struct inflate_bytes *self, struct rh_err *err)
{
	ptrdiff_t got;

	if (self->is_inner_end) {
		return 0;
	}
	if (self->from == self->len) {
		self->from = 0;
		self->len = 0;
	}
	got = self->inner->read(self->inner, self->chunk + self->len,
				sizeof(self->chunk) - self->len, err);
	if (got < 0) {
		return (int)got;
	}
	self->is_inner_end = got == 0;
	self->len += (size_t)got;
	self->read += (uint64_t)got;
	return got > 0;
}

static int open_gzip(struct inflate_bytes *self, struct rh_err *err)
{
	/* 16: with the gzip frame, and nothing but it. */
	if (inflateInit2(&self->gzip, 16 + MAX_WBITS) != Z_OK) {
		return rh_err_set(err, RH_ENOMEM, "no memory to unpack gzip");
	}
	self->is_open = true;
	self->is_first = true;
	return RH_OK;
}

static int open_zstd(struct inflate_bytes *self, struct rh_err *err)
{
	self->zstd = ZSTD_createDStream();
	if (self->zstd == NULL ||
	    ZSTD_isError(
		    ZSTD_DCtx_setParameter(self->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX))) {
		return rh_err_set(err, RH_ENOMEM, "no memory to unpack zstd");
	}
	return RH_OK;
}

static enum packing packing_of(const uint8_t *front, size_t len)
{
	static const uint8_t gzip_magic[] = {0x1f, 0x8b, 0x08};
	static const uint8_t zstd_magic[FRONT_LEN] = {0x28, 0xb5, 0x2f, 0xfd};

	if (len >= sizeof(gzip_magic) && memcmp(front, gzip_magic, sizeof(gzip_magic)) == 0) {
		return PACKING_GZIP;
	}
	return len >= sizeof(zstd_magic) && memcmp(front, zstd_magic, sizeof(zstd_magic)) == 0
		       ? PACKING_ZSTD
		       : PACKING_PLAIN;
}

bool rh_bytes_are_packed(struct rh_str front)
{
	return packing_of((const uint8_t *)front.ptr, front.len) != PACKING_PLAIN;
}

/* Reads far enough to know the packing. */
static int sniff(struct inflate_bytes *self, struct rh_err *err)
{
	int got = 1;

	while (got > 0 && self->len < FRONT_LEN) {
		got = take_in(self, err);
	}
	if (got < 0) {
		return got;
	}
	self->is_sniffed = true;
	self->is_between = true;
	self->packing = packing_of(self->chunk, self->len);
	switch (self->packing) {
	case PACKING_GZIP:
		return open_gzip(self, err);
	case PACKING_ZSTD:
		return open_zstd(self, err);
	case PACKING_PLAIN:
		break;
	}
	return RH_OK;
}

/* One step of zlib; how many bytes it gave, or an error. */
static ptrdiff_t step_gzip(struct inflate_bytes *self, void *out, size_t len, struct rh_err *err)
{
	z_stream *gzip = &self->gzip;
	int status;

	if (self->is_between && !self->is_first) {
		if (self->chunk[self->from] == 0) {
			self->from++; /* zeros behind a member: padding of tapes and blocks */
			return 0;
		}
		(void)inflateReset(gzip); /* fails only for a stream that was never opened */
	}
	self->is_first = false;
	gzip->next_in = self->chunk + self->from;
	gzip->avail_in = (uInt)(self->len - self->from);
	gzip->next_out = out;
	gzip->avail_out = (uInt)(len < UINT32_MAX ? len : UINT32_MAX);
	len = gzip->avail_out;
	status = inflate(gzip, Z_NO_FLUSH);
	self->from = self->len - gzip->avail_in;
	self->is_between = status == Z_STREAM_END;
	if (status == Z_MEM_ERROR) {
		return rh_err_set(err, RH_ENOMEM, "no memory to unpack gzip");
	}
	if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
		return rh_err_set(err, RH_EINPUT, "the gzip stream is damaged: %s",
				  gzip->msg != NULL ? gzip->msg : "it does not follow the format");
	}
	return (ptrdiff_t)(len - gzip->avail_out);
}

static ptrdiff_t step_zstd(struct inflate_bytes *self, void *out, size_t len, struct rh_err *err)
{
	ZSTD_inBuffer in = {
		.src = self->chunk,
		.size = self->len,
		.pos = self->from,
	};
	ZSTD_outBuffer to = {
		.dst = out,
		.size = len,
	};
	size_t status = ZSTD_decompressStream(self->zstd, &to, &in);

	if (ZSTD_isError(status)) {
		return rh_err_set(err, RH_EINPUT, "the zstd stream is damaged: %s",
				  ZSTD_getErrorName(status));
	}
	self->from = in.pos;
	self->is_between = status == 0;
	return (ptrdiff_t)to.pos;
}

static int check_ratio(const struct inflate_bytes *self, struct rh_err *err)
{
	if (self->given <= RH_INFLATE_GRACE || self->given / RH_INFLATE_RATIO_MAX < self->read) {
		return RH_OK;
	}
	return rh_err_set(err, RH_ELIMIT, "the input unpacks to more than %u times its size",
			  RH_INFLATE_RATIO_MAX);
}

static ptrdiff_t unpack(struct inflate_bytes *self, void *out, size_t len, struct rh_err *err)
{
	bool is_stuck = false; /* the last step gave nothing although all output has room */

	for (;;) {
		ptrdiff_t given;

		/* What is still inside the unpacker comes out without more input. */
		if (self->from == self->len && (is_stuck || self->is_between)) {
			int got = take_in(self, err);

			if (got < 0) {
				return got;
			}
			if (got == 0) {
				return self->is_between
					       ? 0
					       : rh_err_set(
							 err, RH_EINPUT,
							 "the packed input is cut before its end");
			}
		}
		given = self->packing == PACKING_GZIP ? step_gzip(self, out, len, err)
						      : step_zstd(self, out, len, err);
		if (given < 0) {
			return given;
		}
		if (given > 0) {
			int status;

			self->given += (uint64_t)given;
			status = check_ratio(self, err);
			return status != RH_OK ? status : given;
		}
		is_stuck = true;
	}
}

static ptrdiff_t pass_on(struct inflate_bytes *self, void *out, size_t len, struct rh_err *err)
{
	size_t waiting = self->len - self->from;

	if (waiting == 0) {
		return self->is_inner_end ? 0 : self->inner->read(self->inner, out, len, err);
	}
	waiting = waiting < len ? waiting : len;
	memcpy(out, self->chunk + self->from, waiting);
	explicit_bzero(self->chunk + self->from, waiting); /* it stays here to the end */
	self->from += waiting;
	return (ptrdiff_t)waiting;
}

static ptrdiff_t inflate_read(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct inflate_bytes *self = (struct inflate_bytes *)bytes;
	ptrdiff_t given;

	if (self->failed != RH_OK) {
		return rh_err_set(err, self->failed, "the packed input could not be read");
	}
	if (!self->is_sniffed) {
		self->failed = sniff(self, err);
		if (self->failed != RH_OK) {
			return self->failed;
		}
	}
	given = self->packing == PACKING_PLAIN ? pass_on(self, out, len, err)
					       : unpack(self, out, len, err);
	self->failed = given < 0 ? (int)given : RH_OK;
	return given;
}

static void inflate_close(struct rh_bytes *bytes)
{
	struct inflate_bytes *self = (struct inflate_bytes *)bytes;

	if (self->is_open) {
		(void)inflateEnd(&self->gzip); /* only frees */
	}
	(void)ZSTD_freeDStream(self->zstd); /* only frees; accepts NULL */
	self->inner->close(self->inner);
	explicit_bzero(self->chunk, sizeof(self->chunk));
	rh_free(self);
}

int rh_bytes_inflate(struct rh_bytes **out, struct rh_bytes *inner, struct rh_err *err)
{
	struct inflate_bytes *self = rh_calloc(1, sizeof(*self));

	if (self == NULL) {
		inner->close(inner);
		return rh_err_set(err, RH_ENOMEM, "no memory to unpack the input");
	}
	self->bytes.read = inflate_read;
	self->bytes.close = inflate_close;
	self->inner = inner;
	*out = &self->bytes;
	return RH_OK;
}
