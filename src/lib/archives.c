/* SPDX-License-Identifier: Apache-2.0 */
/* Archives as inputs of a migration: opened once, and checked before anything of them is used. */
#include <string.h>

#include "archive/archive.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "config/options.h"
#include "lib/migration.h"

#define KEY_FILE_MAX (64U * 1024)

static const char *option_text(const struct rh_side *side, const char *name)
{
	const struct rh_option *option = rh_option_find(side->connector->options, name);
	const char *text = NULL;

	if (option != NULL) {
		memcpy(&text, (const char *)side->instance + option->offset, sizeof(text));
	}
	return text;
}

int rh_migration_archive_secret(const struct rh_side *side, struct rh_buf *room,
				struct rh_archive_secret *out, struct rh_err *err)
{
	const char *passphrase = option_text(side, "passphrase");
	const char *key_file = option_text(side, "key-file");
	int code;

	*out = (struct rh_archive_secret){.bytes = rh_str_from(passphrase)};
	if (passphrase != NULL && passphrase[0] == '\0') {
		return rh_err_set(err, RH_EUSAGE, "the passphrase is empty");
	}
	if (key_file == NULL) {
		return RH_OK;
	}
	rh_buf_init_secret(room, KEY_FILE_MAX);
	code = rh_file_read(key_file, room, err);
	if (code != RH_OK) {
		return rh_err_context(err, code, "reading the key file");
	}
	if (room->len < 16) {
		return rh_err_set(err, RH_EUSAGE, "a key file has 16 bytes at least");
	}
	out->bytes = rh_buf_str(room);
	return RH_OK;
}

static bool tick(void *context)
{
	const struct rh_migration *migration = context;

	return migration->stop == 0;
}

static int open_new(struct rh_migration *migration, const char *path, struct rh_archive **out,
		    struct rh_err *err)
{
	struct rh_archive_secret secret;
	struct rh_archive *archive = NULL;
	rh_autobuf room = {0};
	struct rh_str kept = RH_STR_ABSENT;
	int code = rh_migration_archive_secret(&migration->source, &room, &secret, err);

	if (code == RH_OK) {
		code = rh_archive_open(&archive, path, &secret, err);
	}
	if (code == RH_OK) {
		code = rh_archive_check(archive, tick, migration, err);
	}
	if (code == RH_OK && (migration->archive_count == RH_ARCHIVES_MAX ||
			      !rh_arena_copy(&migration->arena, rh_str_from(path), &kept))) {
		code = rh_err_set(err, RH_ELIMIT, "there are more archives than are read at once");
	}
	if (code != RH_OK) {
		rh_archive_close(archive);
		return code;
	}
	migration->archive_paths[migration->archive_count] = kept.ptr;
	migration->archives[migration->archive_count++] = archive;
	*out = archive;
	return RH_OK;
}

int rh_migration_open_archive(void *context, const char *path, struct rh_bytes **out,
			      struct rh_err *err)
{
	struct rh_migration *migration = context;
	struct rh_archive *archive = NULL;
	int code = RH_OK;

	for (size_t i = 0; i < migration->archive_count; i++) {
		if (strcmp(migration->archive_paths[i], path) == 0) {
			archive = migration->archives[i];
		}
	}
	if (archive == NULL) {
		code = open_new(migration, path, &archive, err);
	}
	return code == RH_OK
		       ? rh_archive_bytes(archive, rh_archive_path(archive, RH_KIND_USER), out, err)
		       : code;
}

void rh_migration_close_archives(struct rh_migration *migration)
{
	for (size_t i = 0; i < migration->archive_count; i++) {
		rh_archive_close(migration->archives[i]);
	}
	migration->archive_count = 0;
}
