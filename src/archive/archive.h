/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The neutral archive: all of a tenant in a folder, in a form of ours (docs/archive.md).
 *
 *  A1. A folder with one file a kind, records as NDJSON packed with zstd, and `manifest.json`, which names them with their
 *      counts and digests.  The manifest is written last: a folder without one is no archive, whatever lies in it.
 *  A2. What is read is compared with the manifest before it is used: records, bytes and SHA-256 of each file.  A file that
 *      is cut, damaged or of another archive is an error, never a short list.
 *  A3. Sealed with a passphrase or the bytes of a key file, each file is a spool (snapshot/spool.h) under a key that
 *      Argon2id makes of the secret and a salt of the archive's own; a probe in the manifest tells a wrong secret before
 *      anything is read.  The manifest itself is open: it says how many of what there are, and of nobody.
 *  A4. An archive is never written over another one.
 */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include <rehome/connector.h>

struct rh_bytes;

/* What seals an archive; bytes absent: nothing does. */
struct rh_archive_secret {
	struct rh_str bytes; /* passphrase, or content of a key file */
};

/* ---- writing ------------------------------------------------------------------------------------------------- */

struct rh_archive_writer;

struct rh_archive_about {
	const char *provider; /* whose tenant it is of */
	const char *tenant;
	rh_time made_at;
	struct rh_archive_secret secret;
};

/* Makes the folder (mode 0700).  RH_ESTATE: an archive is there already (A4). */
RH_NODISCARD int rh_archive_create(struct rh_archive_writer **out, const char *folder,
				   const struct rh_archive_about *about, struct rh_err *err);
/* One record: a JSON object without a line end in it. */
RH_NODISCARD int rh_archive_put(struct rh_archive_writer *writer, enum rh_kind kind,
				struct rh_str record, struct rh_err *err);
/* Completes the files and writes the manifest; frees the writer also on failure. */
RH_NODISCARD int rh_archive_finish(struct rh_archive_writer *writer, struct rh_err *err);
void rh_archive_abandon(
	struct rh_archive_writer *writer); /* removes what was written; accepts NULL */

/* ---- reading --------------------------------------------------------------------------------------------------- */

struct rh_archive;

/* Reads the manifest.  RH_EINPUT: there is none, or it cannot be read; RH_EUSAGE: a secret is needed, or another one. */
RH_NODISCARD int rh_archive_open(struct rh_archive **out, const char *folder,
				 const struct rh_archive_secret *secret, struct rh_err *err);
void rh_archive_close(struct rh_archive *archive); /* accepts NULL */
/* Compares every file with the manifest (A2); `tick` (may be NULL) false: RH_EINTERRUPTED. */
RH_NODISCARD int rh_archive_check(struct rh_archive *archive, bool (*tick)(void *context),
				  void *context, struct rh_err *err);
/* Records of a kind; UINT64_MAX: the archive has no such file. */
uint64_t rh_archive_count(const struct rh_archive *archive, enum rh_kind kind);
/* Provider and tenant that it was made of; live as long as the archive. */
const char *rh_archive_provider(const struct rh_archive *archive);
const char *rh_archive_tenant(const struct rh_archive *archive);
/* "<folder>/<file>" of a kind, living as long as the archive; NULL: none. */
const char *rh_archive_path(const struct rh_archive *archive, enum rh_kind kind);
/* The packed bytes of the file with this path, unsealed; for rh_bytes_inflate. */
RH_NODISCARD int rh_archive_bytes(struct rh_archive *archive, const char *path,
				  struct rh_bytes **out, struct rh_err *err);

#endif
