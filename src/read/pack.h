/* SPDX-License-Identifier: Apache-2.0 */
/* Packs a stream of bytes with zstd: what rh_bytes_inflate undoes. */
#ifndef READ_PACK_H
#define READ_PACK_H

#include <rehome/types.h>

struct rh_packer;

/* Takes packed bytes; RH_OK or an error, which ends the packing. */
typedef int rh_pack_sink_fn(void *context, const void *bytes, size_t len, struct rh_err *err);

/* `sink` is called with `context` by the two functions below; the packer is freed by rh_packer_free alone. */
RH_NODISCARD int rh_packer_new(struct rh_packer **out, rh_pack_sink_fn *sink, void *context,
			       struct rh_err *err);
RH_NODISCARD int rh_packer_write(struct rh_packer *packer, const void *bytes, size_t len,
				 struct rh_err *err);
/* Ends the frame; nothing may be written after it. */
RH_NODISCARD int rh_packer_finish(struct rh_packer *packer, struct rh_err *err);
void rh_packer_free(struct rh_packer *packer); /* wipes; accepts NULL */

#endif
