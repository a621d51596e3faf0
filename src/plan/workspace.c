/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of one migration. */
#include "plan/workspace.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "config/options.h"
#include "crypto/digest.h"

#define PATH_LIMIT 4096

static void add_part(struct rh_buf *out, const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') ||
				*at == '.' || *at == '_' || (*at >= 'A' && *at <= 'Z');
		rh_buf_add_char(out, is_plain ? *at : '_');
	}
}

char *rh_workspace_default(const struct rh_ledger_identity *identity)
{
	const char *const parts[] = {identity->source, identity->target, identity->environment,
				     identity->target_tenant};
	rh_autobuf name = {0};

	rh_buf_init(&name, PATH_LIMIT);
	rh_buf_add_cstr(&name, ".rehome/");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (i > 0) {
			rh_buf_add_char(&name, '-');
		}
		add_part(&name, parts[i]);
	}
	return name.failed != 0 ? NULL : rh_strdup(name.ptr);
}

/* <state folder>/rehome/seal.key: $XDG_STATE_HOME, else ~/.local/state (XDG base directories, 0.8). */
static int default_seal_key(struct rh_buf *out, struct rh_err *err)
{
	const char *state = rh_environment("XDG_STATE_HOME");
	const char *home = rh_environment("HOME");

	if (state != NULL && state[0] == '/') {
		rh_buf_printf(out, "%s/rehome/seal.key", state);
	} else if (home != NULL && home[0] == '/') {
		rh_buf_printf(out, "%s/.local/state/rehome/seal.key", home);
	} else {
		(void)rh_err_set(
			err, RH_EUSAGE,
			"no place for the seal key: neither XDG_STATE_HOME nor HOME is set");
		rh_err_hint(err, "Name a file outside the workspace with --seal-key.");
		return RH_EUSAGE;
	}
	return rh_buf_check(out, "path of the seal key", err);
}

/* Bytes of the path up to and with its folder ".rehome"; 0: there is none. */
static size_t shared_folder(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, ".rehome/")) != NULL) {
		if (at == path || at[-1] == '/') {
			return (size_t)(at - path) + strlen(".rehome");
		}
		at++;
	}
	return 0;
}

/* Makes the folder.  People commit what is around it: ".rehome", or else a folder that is new, stays out of git. */
static int make_folder(const char *path, struct rh_err *err)
{
	bool is_new = !rh_file_exists(path);
	size_t len = shared_folder(path);
	rh_autobuf name = {0};
	rh_autofree char *file = NULL;
	int code = rh_dir_make(path, err);

	if (code != RH_OK || (!is_new && len == 0)) {
		return code;
	}
	rh_buf_init(&name, PATH_LIMIT);
	rh_buf_add(&name, path, len > 0 ? len : strlen(path));
	if (name.failed != 0 || (file = rh_path_join(name.ptr, ".gitignore")) == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return rh_file_exists(file) ? RH_OK : rh_file_write(file, RH_STR("*\n"), err);
}

int rh_workspace_holds(const char *path, const char *file, bool *out, struct rh_err *err)
{
	rh_autofree char *above = file[0] == '/' ? rh_strdup(file) : rh_path_join(".", file);
	char workspace[PATH_MAX];
	char folder[PATH_MAX];
	size_t len;

	if (above == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	if (realpath(path, workspace) == NULL) {
		return rh_err_errno(err, RH_EIO, errno, "could not find folder \"%s\"", path);
	}
	do {
		char *slash = strrchr(above, '/');
		if (slash == NULL) {
			return rh_err_set(err, RH_EIO, "the current folder is gone");
		}
		slash[slash == above ? 1 : 0] = '\0';
	} while (realpath(above, folder) == NULL);
	len = strlen(workspace);
	*out = strncmp(folder, workspace, len) == 0 && (folder[len] == '/' || folder[len] == '\0');
	return RH_OK;
}

/* A key beside what it seals keeps nobody out.  Folders that are not there yet are made with the key: the
 * nearest one above them that is there tells where they lie. */
static int check_key_place(const char *path, const char *key_path, struct rh_err *err)
{
	bool is_inside = false;
	int code = rh_workspace_holds(path, key_path, &is_inside, err);

	if (code != RH_OK || !is_inside) {
		return code;
	}
	(void)rh_err_set(err, RH_EUSAGE, "the seal key would lie inside the workspace");
	rh_err_hint(err, "Name a file outside the workspace with --seal-key.");
	return RH_EUSAGE;
}

void rh_workspace_make_wire_keys(struct rh_workspace *workspace)
{
	const struct rh_str requests = RH_STR("requests");

	for (size_t i = 0; i < sizeof(workspace->wire_keys) / sizeof(workspace->wire_keys[0]);
	     i++) {
		char number = (char)i;
		const struct rh_str what[] = {RH_STR("wire field"), {.ptr = &number, .len = 1}};

		rh_digest_keyed(workspace->digest_key, what, 2, workspace->wire_keys[i],
				sizeof(workspace->wire_keys[i]));
	}
	rh_digest_keyed(workspace->digest_key, &requests, 1, workspace->request_key,
			sizeof(workspace->request_key));
}

int rh_workspace_open(struct rh_workspace *workspace, const char *path, const char *seal_key,
		      struct rh_err *err)
{
	struct rh_workspace opened = {0};
	rh_autobuf key_path = {0};
	int code;

	rh_buf_init(&key_path, PATH_LIMIT);
	if (seal_key != NULL) {
		rh_buf_add_cstr(&key_path, seal_key);
		code = rh_buf_check(&key_path, "path of the seal key", err);
	} else {
		code = default_seal_key(&key_path, err);
	}
	if (code != RH_OK || (code = make_folder(path, err)) != RH_OK ||
	    (code = check_key_place(path, key_path.ptr, err)) != RH_OK ||
	    (code = rh_seal_open(&opened.seal, key_path.ptr, true, err)) != RH_OK) {
		/* "Denied" is the provider's word; a key file with a wrong mode is a matter of set-up. */
		code = code == RH_EDENIED ? RH_EUSAGE : code;
		return rh_err_context(err, code, "opening the workspace");
	}
	opened.path = rh_strdup(path);
	if (opened.path == NULL) {
		explicit_bzero(&opened, sizeof(opened));
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	rh_seal_derive(&opened.seal, RH_SEAL_MATCH, opened.match_key);
	rh_seal_derive(&opened.seal, RH_SEAL_LEDGER_DIGEST, opened.digest_key);
	rh_workspace_make_wire_keys(&opened);
	rh_seal_derive(&opened.seal, RH_SEAL_SNAPSHOT, opened.snapshot_key);
	rh_seal_derive(&opened.seal, RH_SEAL_BEFORE_IMAGE, opened.image_key);
	rh_seal_derive(&opened.seal, RH_SEAL_LOG_PSEUDONYM, opened.pseudonym_key);
	*workspace = opened;
	explicit_bzero(&opened, sizeof(opened)); /* the keys stand in one place */
	return RH_OK;
}

int rh_workspace_claim(const struct rh_workspace *workspace, struct rh_ledger *ledger,
		       struct rh_err *err)
{
	const struct rh_str what = RH_STR("seal key of this ledger");
	uint8_t digest[16];
	struct rh_arena arena;
	struct rh_str known;
	rh_autobuf own = {0};
	int code;

	rh_digest_keyed(workspace->digest_key, &what, 1, digest, sizeof(digest));
	rh_buf_init(&own, 64);
	rh_hex_encode(&own, (struct rh_str){.ptr = (const char *)digest, .len = sizeof(digest)});
	if ((code = rh_buf_check(&own, "digest", err)) != RH_OK) {
		return code;
	}
	rh_arena_init(&arena, 4096, RH_ARENA_PLAIN);
	code = rh_ledger_fact(ledger, "seal", &arena, &known, err);
	if (code == RH_OK && known.ptr == NULL) {
		code = rh_ledger_set_fact(ledger, "seal", rh_buf_str(&own), err);
	} else if (code == RH_OK && !rh_str_eq(known, rh_buf_str(&own))) {
		code = rh_err_set(err, RH_EMISMATCH, "the ledger was made with another seal key");
		rh_err_hint(err, "Name the file of that key with --seal-key, or start a new "
				 "workspace with -w.");
	}
	rh_arena_done(&arena);
	return code;
}

void rh_workspace_done(struct rh_workspace *workspace)
{
	rh_free(workspace->path);
	explicit_bzero(workspace, sizeof(*workspace));
}

int rh_workspace_file(const struct rh_workspace *workspace, const char *folder, const char *name,
		      char **out, struct rh_err *err)
{
	rh_autofree char *inside = NULL;
	char *path;
	int code;

	if (folder != NULL) {
		inside = rh_path_join(workspace->path, folder);
		if (inside == NULL) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		code = rh_dir_make(inside, err);
		if (code != RH_OK) {
			return code;
		}
	}
	path = rh_path_join(inside != NULL ? inside : workspace->path, name);
	if (path == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	*out = path;
	return RH_OK;
}
