/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spool: bytes that cannot be asked for again (standard input, downloads), kept sealed.
 *
 * File: 16 bytes magic and version, then chunks; each chunk is a 4-byte little-endian length and the sealed
 * content (crypto/seal.h, position = chunk number, purpose SNAPSHOT); every chunk but the last holds
 * exactly RH_SPOOL_CHUNK bytes of content, so that an offset finds its chunk by division; the last chunk is
 * followed by a zero length and a sealed trailer (total length, SHA-256 of all content), whose position is
 * the number of chunks with the highest bit set.  A file without trailer was cut and is refused.
 *
 * `key` is everywhere that of rh_seal_derive for RH_SEAL_SNAPSHOT.
 */
#ifndef SNAPSHOT_SPOOL_H
#define SNAPSHOT_SPOOL_H

#include <rehome/types.h>

struct rh_bytes;
struct rh_buf;
struct rh_spool_writer;
struct rh_spool;

#define RH_SPOOL_CHUNK (64U * 1024)

/* Creates path (mode 0600, replaced only by finish: written as path + ".part"). */
RH_NODISCARD int rh_spool_create(struct rh_spool_writer **out, const char *path,
				 const uint8_t key[32], struct rh_err *err);
RH_NODISCARD int rh_spool_write(struct rh_spool_writer *writer, const void *bytes, size_t len,
				struct rh_err *err);
/* Trailer, sync, rename; frees the writer also on failure. */
RH_NODISCARD int rh_spool_finish(struct rh_spool_writer *writer, struct rh_err *err);
void rh_spool_abandon(struct rh_spool_writer *writer); /* removes the part; accepts NULL */
/* A stream that passes `inner` (taken, also on failure, as is the writer) through and writes what was read to `writer` (finished at its end,
 * abandoned when closed before). */
RH_NODISCARD int rh_spool_tee(struct rh_bytes **out, struct rh_bytes *inner,
			      struct rh_spool_writer *writer, struct rh_err *err);

/* Opens a finished spool; RH_EMISMATCH: other key or changed file, RH_EINPUT: cut. */
RH_NODISCARD int rh_spool_open(struct rh_spool **out, const char *path, const uint8_t key[32],
			       struct rh_err *err);
void rh_spool_close(struct rh_spool *spool); /* accepts NULL */
uint64_t rh_spool_length(const struct rh_spool *spool);
/* Appends content [offset, offset + len) to out; keeps the last chunk unsealed, so that reading in order
 * unseals each chunk once. */
RH_NODISCARD int rh_spool_read_at(struct rh_spool *spool, uint64_t offset, size_t len,
				  struct rh_buf *out, struct rh_err *err);
/* A stream over the whole content; borrows the spool. */
RH_NODISCARD int rh_spool_bytes(struct rh_bytes **out, struct rh_spool *spool, struct rh_err *err);

#endif
