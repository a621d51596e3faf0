/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an archive: its manifest, and whether the files are what it says (archive.h, A2, A3). */
#include <string.h>

#include "archive/archive_internal.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "read/reader.h"
#include "snapshot/spool.h"

#define MANIFEST_MAX (64U * 1024)
#define READ_LEN (64U * 1024)

struct file {
	char *path; /* NULL: there is none of that kind */
	uint64_t records;
	uint64_t bytes;
	struct rh_str sha256; /* hex */
};

struct rh_archive {
	struct rh_arena arena;
	struct rh_buf text;
	struct rh_json json;
	const char *provider;
	const char *tenant;
	bool is_sealed;
	uint8_t key[RH_SEAL_KEY_LEN];
	struct file files[RH_KINDS];
};

void rh_archive_close(struct rh_archive *archive)
{
	if (archive == NULL) {
		return;
	}
	for (size_t i = 0; i < RH_KINDS; i++) {
		rh_free(archive->files[i].path);
	}
	rh_json_done(&archive->json);
	rh_buf_done(&archive->text);
	rh_arena_done(&archive->arena);
	explicit_bzero(archive, sizeof(*archive));
	rh_free(archive);
}

static int no_manifest(const char *what, struct rh_err *err)
{
	return rh_err_set(err, RH_EINPUT, "the manifest of the archive %s", what);
}

/* ---- the seal ---------------------------------------------------------------------------------------------------- */

static int refuse_secret(const char *what, struct rh_err *err)
{
	(void)rh_err_set(err, RH_EUSAGE, "%s", what);
	rh_err_hint(err, "Give --archive-passphrase @FILE, or --archive-key-file FILE, as it was "
			 "exported with.");
	return RH_EUSAGE;
}

static int open_seal(struct rh_archive *archive, const struct rh_json_node *seal,
		     const struct rh_archive_secret *secret, struct rh_err *err)
{
	struct rh_str salt = RH_STR_ABSENT;
	struct rh_str probe = RH_STR_ABSENT;
	rh_autobuf opened = {0};
	int64_t passes = 0;
	int64_t memory = 0;
	int code;

	if (rh_json_is_null(seal)) {
		return RH_OK;
	}
	archive->is_sealed = true;
	if (!rh_str_is(rh_json_get_string(seal, "key"), "argon2id") ||
	    !rh_json_get_i64(seal, "passes", &passes) ||
	    !rh_json_get_i64(seal, "memory", &memory) ||
	    !rh_base64_decode(&archive->arena, rh_json_get_string(seal, "salt"), &salt) ||
	    salt.len != RH_SEAL_SALT_LEN ||
	    !rh_base64_decode(&archive->arena, rh_json_get_string(seal, "probe"), &probe)) {
		return no_manifest("has a seal that this version does not know", err);
	}
	if (secret->bytes.ptr == NULL) {
		return refuse_secret("the archive is sealed", err);
	}
	code = rh_seal_from_secret(secret->bytes, (const uint8_t *)salt.ptr, (uint64_t)passes,
				   (uint64_t)memory, archive->key);
	if (code != RH_OK) {
		return code == RH_EINVAL
			       ? no_manifest("asks for too much memory", err)
			       : rh_err_set(err, code, "no memory to make a key of the passphrase");
	}
	rh_buf_init_secret(&opened, 1024);
	if (!rh_unseal_chunk(archive->key, UINT64_MAX, probe, &opened) ||
	    !rh_str_is(rh_buf_str(&opened), RH_ARCHIVE_PROBE)) {
		return refuse_secret("the archive is sealed with another passphrase or key", err);
	}
	return RH_OK;
}

/* ---- the manifest -------------------------------------------------------------------------------------------------- */

static bool find_kind(struct rh_str name, enum rh_kind *out)
{
	for (int kind = 0; kind < RH_KINDS; kind++) {
		if (rh_archive_file_name((enum rh_kind)kind) != NULL &&
		    rh_str_is(name, rh_kind_name((enum rh_kind)kind))) {
			*out = (enum rh_kind)kind;
			return true;
		}
	}
	return false;
}

/* The name that this version gives a file, and no other: a manifest names nothing outside its folder. */
static bool is_file_name(const struct rh_archive *archive, enum rh_kind kind, struct rh_str name)
{
	const char *expected = rh_archive_file_name(kind);
	size_t len = strlen(expected);

	return rh_str_starts(name, expected) &&
	       rh_str_is(rh_str_sub(name, len, name.len),
			 archive->is_sealed ? RH_ARCHIVE_SEALED : "");
}

static int take_file(struct rh_archive *archive, const char *folder,
		     const struct rh_json_node *node, struct rh_err *err)
{
	struct rh_str name = rh_json_get_string(node, "name");
	int64_t records = -1;
	int64_t bytes = -1;
	struct rh_str text = RH_STR_ABSENT;
	enum rh_kind kind;
	struct file *file;

	if (!find_kind(rh_json_get_string(node, "kind"), &kind)) {
		return no_manifest("names a kind that this version does not know", err);
	}
	file = &archive->files[kind];
	if (file->path != NULL || !is_file_name(archive, kind, name) ||
	    !rh_json_get_i64(node, "records", &records) || records < 0 ||
	    !rh_json_get_i64(node, "bytes", &bytes) || bytes < 0 ||
	    !rh_arena_copy(&archive->arena, rh_json_get_string(node, "sha256"), &file->sha256) ||
	    file->sha256.len != (size_t)2 * RH_DIGEST_LEN ||
	    !rh_arena_copy(&archive->arena, name, &text)) {
		return no_manifest("is damaged", err);
	}
	file->records = (uint64_t)records;
	file->bytes = (uint64_t)bytes;
	file->path = rh_path_join(folder, text.ptr);
	return file->path != NULL ? RH_OK : rh_err_set(err, RH_ENOMEM, "out of memory");
}

static int take_manifest(struct rh_archive *archive, const char *folder,
			 const struct rh_archive_secret *secret, struct rh_err *err)
{
	const struct rh_json_node *root = rh_json_root(&archive->json);
	const struct rh_json_node *files = rh_json_get(root, "files");
	const struct rh_json_node *file = NULL;
	struct rh_str provider = RH_STR_ABSENT;
	struct rh_str tenant = RH_STR_ABSENT;
	int64_t version = 0;
	int code;

	if (!rh_str_is(rh_json_get_string(root, "format"), RH_ARCHIVE_FORMAT) ||
	    rh_json_type(files) != RH_JSON_ARRAY || !rh_json_get_i64(root, "version", &version)) {
		return no_manifest("is none of ours", err);
	}
	if (version != RH_ARCHIVE_VERSION) {
		(void)no_manifest("is of a newer version", err);
		rh_err_hint(err, "Read it with the version of rehome that made it.");
		return RH_EINPUT;
	}
	if (!rh_arena_copy(&archive->arena, rh_json_get_string(root, "provider"), &provider) ||
	    !rh_arena_copy(&archive->arena, rh_json_get_string(root, "tenant"), &tenant) ||
	    provider.ptr == NULL || tenant.ptr == NULL) {
		return no_manifest("does not say whose it is", err);
	}
	archive->provider = provider.ptr;
	archive->tenant = tenant.ptr;
	code = open_seal(archive, rh_json_get(root, "seal"), secret, err);
	while (code == RH_OK && (file = rh_json_next(files, file, NULL)) != NULL) {
		code = take_file(archive, folder, file, err);
	}
	if (code == RH_OK && archive->files[RH_KIND_USER].path == NULL) {
		code = no_manifest("names no users", err);
	}
	return code;
}

static int load(struct rh_archive *archive, const char *folder,
		const struct rh_archive_secret *secret, struct rh_err *err)
{
	rh_autofree char *path = rh_path_join(folder, RH_ARCHIVE_MANIFEST);
	int code;

	if (path == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (!rh_file_exists(path)) {
		(void)rh_err_set(err, RH_EINPUT, "there is no whole archive: %s is not there",
				 RH_ARCHIVE_MANIFEST);
		rh_err_hint(err, "An export that was stopped leaves none; make it again.");
		return RH_EINPUT;
	}
	code = rh_file_read(path, &archive->text, err);
	if (code != RH_OK) {
		return code;
	}
	rh_buf_add_char(&archive->text, '\0');
	if (archive->text.failed != RH_OK || rh_json_parse(&archive->json, archive->text.ptr,
							   archive->text.len - 1, NULL) != RH_OK) {
		return no_manifest("is damaged", err);
	}
	return take_manifest(archive, folder, secret, err);
}

int rh_archive_open(struct rh_archive **out, const char *folder,
		    const struct rh_archive_secret *secret, struct rh_err *err)
{
	struct rh_archive *archive = rh_calloc(1, sizeof(*archive));
	int code;

	if (archive == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_arena_init(&archive->arena, MANIFEST_MAX, RH_ARENA_PLAIN);
	rh_buf_init(&archive->text, MANIFEST_MAX);
	code = load(archive, folder, secret, err);
	if (code != RH_OK) {
		rh_archive_close(archive);
		return code;
	}
	*out = archive;
	return RH_OK;
}

uint64_t rh_archive_count(const struct rh_archive *archive, enum rh_kind kind)
{
	return archive->files[kind].path != NULL ? archive->files[kind].records : UINT64_MAX;
}

const char *rh_archive_provider(const struct rh_archive *archive)
{
	return archive->provider;
}

const char *rh_archive_tenant(const struct rh_archive *archive)
{
	return archive->tenant;
}

const char *rh_archive_path(const struct rh_archive *archive, enum rh_kind kind)
{
	return archive->files[kind].path;
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

/* A sealed file, unsealed; the stream owns its spool. */
struct sealed_bytes {
	struct rh_bytes bytes; /* first, so that the one is the other */
	struct rh_spool *spool;
	struct rh_bytes *inner;
};

static ptrdiff_t read_sealed(struct rh_bytes *bytes, void *out, size_t len, struct rh_err *err)
{
	struct sealed_bytes *self = (struct sealed_bytes *)bytes;

	return self->inner->read(self->inner, out, len, err);
}

static void close_sealed(struct rh_bytes *bytes)
{
	struct sealed_bytes *self = (struct sealed_bytes *)bytes;

	if (self->inner != NULL) {
		self->inner->close(self->inner);
	}
	rh_spool_close(self->spool);
	rh_free(self);
}

static int open_sealed(const struct rh_archive *archive, const char *path, struct rh_bytes **out,
		       struct rh_err *err)
{
	struct sealed_bytes *self = rh_calloc(1, sizeof(*self));
	int code;

	if (self == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	self->bytes = (struct rh_bytes){.read = read_sealed, .close = close_sealed};
	code = rh_spool_open(&self->spool, path, archive->key, err);
	if (code == RH_OK) {
		code = rh_spool_bytes(&self->inner, self->spool, err);
	}
	if (code != RH_OK) {
		close_sealed(&self->bytes);
		/* the secret was the right one: the file is another, or damaged */
		return code == RH_EMISMATCH ? rh_err_set(err, RH_EINPUT, "the file is damaged")
					    : code;
	}
	*out = &self->bytes;
	return RH_OK;
}

int rh_archive_bytes(struct rh_archive *archive, const char *path, struct rh_bytes **out,
		     struct rh_err *err)
{
	return archive->is_sealed ? open_sealed(archive, path, out, err)
				  : rh_bytes_open(out, path, NULL, err);
}

struct checking {
	struct rh_sha256 sha;
	uint64_t bytes;
	uint64_t records;
	char *room; /* READ_LEN */
};

static int read_all(struct rh_bytes *bytes, struct checking *checking, bool (*tick)(void *context),
		    void *context, struct rh_err *err)
{
	for (;;) {
		ptrdiff_t got = bytes->read(bytes, checking->room, READ_LEN, err);

		if (got <= 0) {
			return (int)got;
		}
		if (tick != NULL && !tick(context)) {
			return rh_err_set(err, RH_EINTERRUPTED, "interrupted");
		}
		rh_sha256_add(&checking->sha, checking->room, (size_t)got);
		checking->bytes += (uint64_t)got;
		for (ptrdiff_t i = 0; i < got; i++) {
			checking->records += checking->room[i] == '\n' ? 1 : 0;
		}
	}
}

static bool is_as_said(const struct file *file, struct checking *checking)
{
	uint8_t digest[RH_DIGEST_LEN];
	rh_autobuf hex = {0};

	rh_sha256_finish(&checking->sha, digest);
	rh_buf_init(&hex, 1024);
	rh_hex_encode(&hex, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	return checking->bytes == file->bytes && checking->records == file->records &&
	       rh_str_eq(rh_buf_str(&hex), file->sha256);
}

static int check_file(struct rh_archive *archive, const struct file *file,
		      struct checking *checking, bool (*tick)(void *context), void *context,
		      struct rh_err *err)
{
	struct rh_bytes *packed = NULL;
	struct rh_bytes *bytes = NULL;
	int code = rh_archive_bytes(archive, file->path, &packed, err);

	if (code == RH_OK) {
		code = rh_bytes_inflate(&bytes, packed, err);
	}
	if (code != RH_OK) {
		return code;
	}
	rh_sha256_init(&checking->sha);
	checking->bytes = 0;
	checking->records = 0;
	code = read_all(bytes, checking, tick, context, err);
	bytes->close(bytes);
	if (code != RH_OK || is_as_said(file, checking)) {
		return code;
	}
	return rh_err_set(err, RH_EINPUT, "the file is not the one that the manifest names");
}

int rh_archive_check(struct rh_archive *archive, bool (*tick)(void *context), void *context,
		     struct rh_err *err)
{
	struct checking checking = {.room = rh_malloc(READ_LEN)};
	int code = RH_OK;

	if (checking.room == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < RH_KINDS && code == RH_OK; i++) {
		const struct file *file = &archive->files[i];

		if (file->path != NULL) {
			code = check_file(archive, file, &checking, tick, context, err);
			code = code == RH_OK
				       ? RH_OK
				       : rh_err_context(err, code, "reading \"%s\"", file->path);
		}
	}
	explicit_bzero(checking.room, READ_LEN);
	rh_free(checking.room);
	return code;
}
