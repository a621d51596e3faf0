/* SPDX-License-Identifier: Apache-2.0 */
/* rehome sample: exports of made-up people, the same ones for the same seed. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/tables.h"
#include "crypto/password.h"

/* Every made-up person with a password has this one. */
static const char sample_password[] = "made-up people sign in with this";

enum {
	HASH_KINDS =
		64,     /* different hashes of the one password: a hash a person would take hours */
	LOCK_KINDS = 2, /* the same of what costs more */
	COST_MAX = 15,
};

struct hashes {
	uint64_t seed;
	char text[COST_MAX + 1][HASH_KINDS][64]; /* "": not made yet */
	struct rh_sample_lock locks[LOCK_KINDS];
	bool has_lock[LOCK_KINDS];
};

struct output {
	struct rh_cli *cli;
	int fd; /* -1: standard output */
	struct hashes *hashes;
};

static int write_bytes(void *context, struct rh_str bytes, struct rh_err *err)
{
	struct output *output = context;

	if (output->fd >= 0) {
		return rh_fd_write(output->fd, bytes.ptr, bytes.len, err);
	}
	rh_print_bytes(output->cli, bytes);
	return output->cli->written == 0 ? RH_OK
					 : rh_err_errno(err, RH_EIO, output->cli->written,
							"could not write standard output");
}

static void draw_salt(const struct hashes *hashes, uint64_t kind, uint8_t salt[16])
{
	struct rh_clock_manual random;

	rh_clock_manual_init(&random, 0, hashes->seed * HASH_KINDS + kind);
	for (size_t i = 0; i < 16; i += sizeof(uint64_t)) {
		uint64_t bits = random.clock.random(&random.clock);

		memcpy(salt + i, &bits, sizeof(bits));
	}
}

static int hash_bcrypt(void *context, struct rh_str password, uint64_t n, unsigned cost,
		       char out[64], struct rh_err *err)
{
	struct output *output = context;
	uint64_t kind = n % HASH_KINDS;
	uint8_t salt[16];
	int code = RH_OK;

	if (cost > COST_MAX) {
		return rh_err_set(err, RH_ELIMIT, "no bcrypt above cost %d is made up", COST_MAX);
	}
	char *text = output->hashes->text[cost][kind];
	if (text[0] == '\0') {
		draw_salt(output->hashes, kind, salt);
		code = rh_password_bcrypt(password, salt, cost, text, err);
	}
	if (code == RH_OK) {
		memcpy(out, text, 64);
	}
	return code;
}

static int hash_lock(void *context, struct rh_str password, uint64_t n,
		     const struct rh_credential *form, struct rh_sample_lock *out,
		     struct rh_err *err)
{
	struct output *output = context;
	struct hashes *hashes = output->hashes;
	uint64_t kind = n % LOCK_KINDS;
	struct rh_sample_lock *lock = &hashes->locks[kind];
	struct rh_credential salted = *form;
	int code = RH_OK;

	if (form->key.len > sizeof(lock->digest)) {
		return rh_err_set(err, RH_ELIMIT, "no key above 64 bytes is made up");
	}
	if (!hashes->has_lock[kind]) {
		draw_salt(hashes, kind, lock->salt);
		salted.salt = (struct rh_str){(const char *)lock->salt, sizeof(lock->salt)};
		code = rh_password_lock(&salted, password, lock->digest, err);
	}
	if (code == RH_OK) {
		hashes->has_lock[kind] = true;
		*out = *lock;
	}
	return code;
}

static const struct rh_connector *find_provider(const char *name)
{
	const struct rh_connector *connector;
	const struct rh_connector *found = NULL;

	if (name != NULL) {
		found = rh_connector_find(name);
		return found != NULL && found->sample != NULL ? found : NULL;
	}
	/* Whoever comes with the options of its script has no --provider. */
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if (connector->sample != NULL &&
		    (connector->caps.flags & RH_CAP_TRANSFORMER_TARGET) != 0) {
			found = connector;
		}
	}
	return found;
}

static int refuse_provider(struct rh_cli *cli)
{
	const struct rh_connector *connector;
	rh_autobuf names = {0};
	const char *name = cli->values.provider;

	rh_buf_init(&names, 200);
	rh_buf_add_cstr(&names, "Samples there are of:");
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if (connector->sample != NULL) {
			rh_buf_printf(&names, " %s", connector->name);
		}
	}
	if (name != NULL) {
		return rh_cli_usage(cli, names.ptr, "there are no samples of \"%.40s\"", name);
	}
	return rh_cli_usage(cli, names.ptr, "missing option: \"--provider\"");
}

static int make_sample(struct rh_cli *cli, const struct rh_connector *connector, int fd)
{
	struct output output = {.cli = cli, .fd = fd};
	struct rh_sample_options options = {
		.count = cli->values.count,
		.seed = cli->values.seed,
		.format = rh_sample_formats[cli->values.format],
		.trouble = cli->values.trouble,
		.password = sample_password,
	};
	struct rh_sample_out out = {
		.write = write_bytes,
		.bcrypt = hash_bcrypt,
		.lock = hash_lock,
		.context = &output,
	};

	output.hashes = rh_arena_calloc(&cli->arena, 1, sizeof(*output.hashes));
	if (output.hashes == NULL) {
		return rh_err_set(&cli->err, RH_ENOMEM, "no memory for hashes");
	}
	output.hashes->seed = cli->values.seed;
	return connector->sample(&options, &out, &cli->err);
}

static void put_result(struct rh_cli *cli, const struct rh_connector *connector)
{
	rh_print_document_begin(cli);
	rh_json_member(&cli->json, "provider", rh_str_from(connector->name));
	rh_json_key(&cli->json, "count");
	rh_json_put_u64(&cli->json, cli->values.count);
	rh_json_key(&cli->json, "seed");
	rh_json_put_u64(&cli->json, cli->values.seed);
	rh_json_member(&cli->json, "format", rh_str_from(rh_sample_formats[cli->values.format]));
	rh_json_member(&cli->json, "out", rh_str_from(cli->values.out));
	rh_json_member(&cli->json, "password", RH_STR(sample_password));
}

/* Half a sample is none; a device or a pipe is somebody else's. */
static void remove_half(int fd, const char *path)
{
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		(void)unlink(path); /* the error that is told came before */
	}
}

int rh_cmd_sample(struct rh_cli *cli)
{
	const struct rh_connector *connector = find_provider(cli->values.provider);
	const char *path = cli->values.out;
	rh_autoclose int fd = -1;
	int code = RH_OK;

	if (connector == NULL) {
		return refuse_provider(cli);
	}
	if (path != NULL && strcmp(path, "-") == 0) {
		path = NULL;
	}
	if (path == NULL && cli->values.json) {
		return rh_cli_usage(cli, "Name a file with --out.",
				    "standard output cannot hold both the sample and --json");
	}
	if (path != NULL) {
		code = rh_file_open(&fd, path, O_WRONLY | O_CREAT | O_TRUNC, &cli->err);
	}
	if (code == RH_OK) {
		code = make_sample(cli, connector, fd);
	}
	/* A reader that has seen enough is no failure. */
	if (code != RH_OK && cli->written == EPIPE) {
		return RH_EXIT_DONE;
	}
	if (code != RH_OK) {
		remove_half(fd, path);
		return rh_cli_fail(cli, code, &cli->err);
	}
	if (cli->values.json) {
		put_result(cli, connector);
	}
	rh_print_note(cli, "people with a password sign in with \"%s\"\n", sample_password);
	return RH_EXIT_DONE;
}
