/* SPDX-License-Identifier: Apache-2.0 */
/* Writing an archive: one file a kind, the manifest last (archive.h, A1). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_internal.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "read/pack.h"
#include "snapshot/spool.h"

#define MANIFEST_MAX (64U * 1024)

/* The file of one kind, while it is written. */
struct file {
	char *path; /* NULL: not begun */
	char *part;
	int fd;                        /* open */
	struct rh_spool_writer *spool; /* sealed */
	struct rh_packer *packer;
	struct rh_sha256 sha;
	uint64_t records;
	uint64_t bytes;
	bool is_done; /* in its place */
};

struct rh_archive_writer {
	char *folder;
	char *provider;
	char *tenant;
	rh_time made_at;
	bool is_sealed;
	uint8_t salt[RH_SEAL_SALT_LEN];
	uint8_t key[RH_SEAL_KEY_LEN];
	struct file files[RH_KINDS];
};

const char *rh_archive_file_name(enum rh_kind kind)
{
	static const char *const names[RH_KINDS] = {
		[RH_KIND_PERMISSION] = "permissions.ndjson.zst",
		[RH_KIND_ROLE] = "roles.ndjson.zst",
		[RH_KIND_ORGANIZATION] = "organizations.ndjson.zst",
		[RH_KIND_DOMAIN] = "domains.ndjson.zst",
		[RH_KIND_USER] = "users.ndjson.zst",
		[RH_KIND_MEMBERSHIP] = "memberships.ndjson.zst",
		[RH_KIND_INVITATION] = "invitations.ndjson.zst",
	};

	return names[kind];
}

static void close_file(struct file *file)
{
	rh_packer_free(file->packer);
	rh_spool_abandon(file->spool);
	rh_close_fd(&file->fd);
	rh_free(file->part);
	rh_free(file->path);
	*file = (struct file){.fd = -1};
}

static void free_writer(struct rh_archive_writer *writer)
{
	for (size_t i = 0; i < RH_KINDS; i++) {
		close_file(&writer->files[i]);
	}
	rh_free(writer->folder);
	rh_free(writer->provider);
	rh_free(writer->tenant);
	explicit_bzero(writer, sizeof(*writer));
	rh_free(writer);
}

void rh_archive_abandon(struct rh_archive_writer *writer)
{
	struct rh_err unused;

	if (writer == NULL) {
		return;
	}
	for (size_t i = 0; i < RH_KINDS; i++) {
		struct file *file = &writer->files[i];
		/* what stays nonetheless is no archive without a manifest */
		int code =
			file->path == NULL
				? RH_OK
				: rh_file_remove(file->is_done ? file->path : file->part, &unused);
		(void)code;
	}
	free_writer(writer);
}

static int fill(struct rh_archive_writer *writer, const char *folder,
		const struct rh_archive_about *about, struct rh_err *err)
{
	writer->folder = rh_strdup(folder);
	writer->provider = rh_strdup(about->provider);
	writer->tenant = rh_strdup(about->tenant);
	if (writer->folder == NULL || writer->provider == NULL || writer->tenant == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	writer->made_at = about->made_at;
	writer->is_sealed = about->secret.bytes.ptr != NULL;
	if (!writer->is_sealed) {
		return RH_OK;
	}
	rh_random_bytes(writer->salt, sizeof(writer->salt));
	return rh_seal_from_secret(about->secret.bytes, writer->salt, RH_SEAL_PASSES,
				   RH_SEAL_MEMORY, writer->key) == RH_OK
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "no memory to make a key of the passphrase");
}

static int refuse_another(const char *folder, struct rh_err *err)
{
	rh_autofree char *manifest = rh_path_join(folder, RH_ARCHIVE_MANIFEST);

	if (manifest == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (!rh_file_exists(manifest)) {
		return RH_OK;
	}
	(void)rh_err_set(err, RH_ESTATE, "there is an archive in \"%s\" already", folder);
	rh_err_hint(err, "Name another folder, or remove that one.");
	return RH_ESTATE;
}

int rh_archive_create(struct rh_archive_writer **out, const char *folder,
		      const struct rh_archive_about *about, struct rh_err *err)
{
	struct rh_archive_writer *writer;
	int code = rh_dir_make(folder, err);

	if (code == RH_OK) {
		code = refuse_another(folder, err);
	}
	if (code != RH_OK) {
		return code;
	}
	writer = rh_calloc(1, sizeof(*writer));
	if (writer == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < RH_KINDS; i++) {
		writer->files[i].fd = -1;
	}
	code = fill(writer, folder, about, err);
	if (code != RH_OK) {
		free_writer(writer);
		return code;
	}
	*out = writer;
	return RH_OK;
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

/* The packer's sink. */
static int take_packed(void *context, const void *bytes, size_t len, struct rh_err *err)
{
	struct file *file = context;

	return file->spool != NULL ? rh_spool_write(file->spool, bytes, len, err)
				   : rh_fd_write(file->fd, bytes, len, err);
}

static int name_file(const struct rh_archive_writer *writer, struct file *file, enum rh_kind kind,
		     struct rh_err *err)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s%s", rh_archive_file_name(kind),
		       writer->is_sealed ? RH_ARCHIVE_SEALED : "");
	file->path = rh_path_join(writer->folder, name);
	(void)snprintf(name, sizeof(name), "%s%s.part", rh_archive_file_name(kind),
		       writer->is_sealed ? RH_ARCHIVE_SEALED : "");
	file->part = rh_path_join(writer->folder, name);
	return file->path != NULL && file->part != NULL
		       ? RH_OK
		       : rh_err_set(err, RH_ENOMEM, "out of memory");
}

static int begin(struct rh_archive_writer *writer, enum rh_kind kind, struct rh_err *err)
{
	struct file *file = &writer->files[kind];
	int code = name_file(writer, file, kind, err);

	if (code == RH_OK) {
		code = writer->is_sealed
			       ? rh_spool_create(&file->spool, file->path, writer->key, err)
			       : rh_file_open(&file->fd, file->part, O_WRONLY | O_CREAT | O_TRUNC,
					      err);
	}
	if (code == RH_OK) {
		code = rh_packer_new(&file->packer, take_packed, file, err);
	}
	rh_sha256_init(&file->sha);
	return code;
}

static int add(struct file *file, struct rh_str text, struct rh_err *err)
{
	file->bytes += text.len;
	rh_sha256_add(&file->sha, text.ptr, text.len);
	return rh_packer_write(file->packer, text.ptr, text.len, err);
}

int rh_archive_put(struct rh_archive_writer *writer, enum rh_kind kind, struct rh_str record,
		   struct rh_err *err)
{
	struct file *file = &writer->files[kind];
	int code = RH_OK;

	if (rh_archive_file_name(kind) == NULL) {
		return rh_err_set(err, RH_EINTERNAL, "an archive has no file for this kind");
	}
	if (file->path == NULL) {
		code = begin(writer, kind, err);
	}
	if (code == RH_OK) {
		code = add(file, record, err);
	}
	if (code == RH_OK) {
		code = add(file, RH_STR("\n"), err);
	}
	file->records++;
	return code == RH_OK ? RH_OK : rh_err_context(err, code, "writing the archive");
}

/* Packed, synced, in its place. */
static int complete(struct file *file, struct rh_err *err)
{
	struct rh_spool_writer *spool = file->spool;
	int code = rh_packer_finish(file->packer, err);

	if (code != RH_OK) {
		return code;
	}
	if (spool != NULL) {
		file->spool = NULL; /* freed by the finish, whatever comes of it */
		code = rh_spool_finish(spool, err);
	} else if (close(file->fd) != 0) {
		file->fd = -1;
		return rh_err_set(err, RH_EIO, "the file could not be closed");
	} else {
		file->fd = -1;
		code = rh_file_rename(file->part, file->path, err);
	}
	file->is_done = code == RH_OK;
	return code;
}

/* ---- the manifest ------------------------------------------------------------------------------------------------ */

static void put_bytes(struct rh_json_writer *json, const char *name, struct rh_str bytes)
{
	rh_json_key(json, name);
	rh_json_put_raw(json, RH_STR("\""));
	rh_base64_encode(json->out, bytes, RH_BASE64_STD);
	rh_buf_add_char(json->out, '"');
}

static void put_seal(const struct rh_archive_writer *writer, struct rh_json_writer *json)
{
	rh_autobuf probe = {0};

	rh_json_key(json, "seal");
	if (!writer->is_sealed) {
		rh_json_put_null(json);
		return;
	}
	rh_buf_init(&probe, 1024);
	rh_seal_chunk(writer->key, UINT64_MAX, RH_STR(RH_ARCHIVE_PROBE), &probe);
	rh_json_begin_object(json);
	rh_json_member(json, "key", RH_STR("argon2id"));
	rh_json_key(json, "passes");
	rh_json_put_u64(json, RH_SEAL_PASSES);
	rh_json_key(json, "memory");
	rh_json_put_u64(json, RH_SEAL_MEMORY);
	put_bytes(json, "salt",
		  (struct rh_str){.ptr = (const char *)writer->salt, .len = sizeof(writer->salt)});
	put_bytes(json, "probe", rh_buf_str(&probe));
	rh_json_end_object(json);
}

static void put_file(struct rh_json_writer *json, enum rh_kind kind, struct file *file)
{
	const char *slash = strrchr(file->path, '/');
	uint8_t digest[RH_DIGEST_LEN];

	rh_sha256_finish(&file->sha, digest);
	rh_json_begin_object(json);
	rh_json_key(json, "kind");
	rh_json_put_cstr(json, rh_kind_name(kind));
	rh_json_key(json, "name");
	rh_json_put_cstr(json, slash != NULL ? slash + 1 : file->path);
	rh_json_key(json, "records");
	rh_json_put_u64(json, file->records);
	rh_json_key(json, "bytes");
	rh_json_put_u64(json, file->bytes);
	rh_json_key(json, "sha256");
	rh_json_put_raw(json, RH_STR("\""));
	rh_hex_encode(json->out,
		      (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	rh_buf_add_char(json->out, '"');
	rh_json_end_object(json);
}

static int write_manifest(struct rh_archive_writer *writer, struct rh_err *err)
{
	rh_autofree char *path = rh_path_join(writer->folder, RH_ARCHIVE_MANIFEST);
	char time[RH_TIME_TEXT_SIZE];
	struct rh_json_writer json;
	rh_autobuf text = {0};

	if (path == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_time_format(writer->made_at, time);
	rh_buf_init(&text, MANIFEST_MAX);
	rh_json_writer_init(&json, &text);
	rh_json_begin_object(&json);
	rh_json_member(&json, "format", RH_STR(RH_ARCHIVE_FORMAT));
	rh_json_key(&json, "version");
	rh_json_put_u64(&json, RH_ARCHIVE_VERSION);
	rh_json_member(&json, "made_by", RH_STR("rehome " RH_VERSION));
	rh_json_member(&json, "made_at", rh_str_from(time));
	rh_json_member(&json, "provider", rh_str_from(writer->provider));
	rh_json_member(&json, "tenant", rh_str_from(writer->tenant));
	put_seal(writer, &json);
	rh_json_key(&json, "files");
	rh_json_begin_array(&json);
	for (size_t kind = 0; kind < RH_KINDS; kind++) {
		if (writer->files[kind].path != NULL) {
			put_file(&json, (enum rh_kind)kind, &writer->files[kind]);
		}
	}
	rh_json_end_array(&json);
	rh_json_end_object(&json);
	rh_buf_add_char(&text, '\n');
	return text.failed != RH_OK ? rh_err_set(err, text.failed, "the manifest is too large")
				    : rh_file_write(path, rh_buf_str(&text), err);
}

int rh_archive_finish(struct rh_archive_writer *writer, struct rh_err *err)
{
	int code = RH_OK;

	if (writer->files[RH_KIND_USER].path == NULL) { /* nobody is something to say, too */
		code = begin(writer, RH_KIND_USER, err);
	}
	for (size_t i = 0; i < RH_KINDS && code == RH_OK; i++) {
		code = writer->files[i].path != NULL ? complete(&writer->files[i], err) : RH_OK;
	}
	if (code == RH_OK) {
		code = write_manifest(writer, err);
	}
	if (code != RH_OK) {
		rh_archive_abandon(writer);
		return rh_err_context(err, code, "writing the archive");
	}
	free_writer(writer);
	return RH_OK;
}
