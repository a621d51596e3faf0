/* SPDX-License-Identifier: Apache-2.0 */
/* Packs a stream of bytes with zstd. */
#include "read/pack.h"

#include <string.h>

#include <zstd.h>

#include "base/alloc.h"
#include "base/err.h"

/* zstd's own default: more costs time and saves little of text with hashes. */
#define LEVEL 3

struct rh_packer {
	rh_pack_sink_fn *sink;
	void *context;
	ZSTD_CCtx *zstd;
	uint8_t packed[64 * 1024];
};

int rh_packer_new(struct rh_packer **out, rh_pack_sink_fn *sink, void *context, struct rh_err *err)
{
	struct rh_packer *packer = rh_calloc(1, sizeof(*packer));

	if (packer == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory to pack");
	}
	packer->sink = sink;
	packer->context = context;
	packer->zstd = ZSTD_createCCtx();
	if (packer->zstd == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_checksumFlag, 1))) {
		rh_packer_free(packer);
		return rh_err_set(err, RH_ENOMEM, "no memory to pack");
	}
	*out = packer;
	return RH_OK;
}

static int pack(struct rh_packer *packer, const void *bytes, size_t len,
		ZSTD_EndDirective directive, struct rh_err *err)
{
	ZSTD_inBuffer in = {.src = bytes, .size = len};
	size_t left;

	do {
		ZSTD_outBuffer out = {.dst = packer->packed, .size = sizeof(packer->packed)};
		int code = RH_OK;

		left = ZSTD_compressStream2(packer->zstd, &out, &in, directive);
		if (ZSTD_isError(left)) {
			return rh_err_set(err, RH_ENOMEM, "packing failed: %s",
					  ZSTD_getErrorName(left));
		}
		if (out.pos > 0) {
			code = packer->sink(packer->context, packer->packed, out.pos, err);
		}
		if (code != RH_OK) {
			return code;
		}
	} while (directive == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return RH_OK;
}

int rh_packer_write(struct rh_packer *packer, const void *bytes, size_t len, struct rh_err *err)
{
	return len == 0 ? RH_OK : pack(packer, bytes, len, ZSTD_e_continue, err);
}

int rh_packer_finish(struct rh_packer *packer, struct rh_err *err)
{
	return pack(packer, NULL, 0, ZSTD_e_end, err);
}

void rh_packer_free(struct rh_packer *packer)
{
	if (packer != NULL) {
		(void)ZSTD_freeCCtx(packer->zstd);
		explicit_bzero(packer->packed, sizeof(packer->packed));
		rh_free(packer);
	}
}
