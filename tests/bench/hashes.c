/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hashes ROUNDS: how long it takes to recognise a password hash (rh_credential_parse, by the text alone where that
 * suffices), and to write it as each target takes it (the connector's write_credential).  Prints a line of JSON for each
 * kind: nanoseconds of CPU time of either, the mean of ROUNDS; of the targets the slower one, null where none takes it.
 * The hashes are of no use: salts and digests are letters in a row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rehome/connector.h>
#include <rehome/rehome.h>

#include "account/credential.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/options.h"

#define KEY32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define HEX32 "000102030405060708090a0b0c0d0e0f"
#define HEX64 HEX32 HEX32

static const struct {
	const char *kind;
	const char *text;
	enum rh_dialect dialect;
} hashes[] = {
	{"bcrypt", "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"},
	{"argon2id", "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$" KEY32},
	{"argon2i", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$" KEY32},
	{"pbkdf2, Django", "pbkdf2_sha256$600000$abcdefghijkl$" KEY32 "="},
	{"pbkdf2, passlib", "$pbkdf2-sha256$29000$c29tZXNhbHQ$" KEY32},
	{"scrypt", "$scrypt$ln=14,r=8,p=1$c2FsdA$" KEY32},
	{"scrypt, Werkzeug", "scrypt:32768:8:1$salt$" HEX64 HEX64},
	{"scrypt, Better Auth", HEX32 ":" HEX64 HEX64, RH_DIALECT_BETTER_AUTH_SCRYPT},
	{"phpass", "$P$Babcdefghijklmnopqrstuvwxyz0123"},
	{"ssha", "{SSHA}AAECAwQFBgcICQoLDA0ODxAREhNzYWx0"},
};

static const char *const targets[] = {"workos", "clerk"};

struct target {
	const struct rh_connector *connector;
	void *instance;
};

static double cpu(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int open_target(struct target *target, const char *name, struct rh_arena *arena)
{
	struct rh_err err = {0};

	target->connector = rh_connector_find(name);
	target->instance =
		target->connector != NULL ? calloc(1, target->connector->instance_size) : NULL;
	return target->instance != NULL ? rh_option_defaults(target->connector->options,
							     target->instance, arena, &err)
					: RH_EUSAGE;
}

static int read_hash(size_t which, struct rh_arena *arena, struct rh_credential *out)
{
	return rh_credential_parse(arena, rh_str_from(hashes[which].text), RH_STR_ABSENT,
				   hashes[which].dialect, out);
}

/* Nanoseconds; below 0: it is not recognised. */
static double recognise(size_t which, long rounds)
{
	struct rh_credential credential = {0};
	struct rh_arena arena;
	double start;
	int code = RH_OK;

	rh_arena_init(&arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	start = cpu();
	for (long i = 0; code == RH_OK && i < rounds; i++) {
		rh_arena_reset(&arena);
		code = read_hash(which, &arena, &credential);
	}
	double took = (cpu() - start) / (double)rounds;
	bool is_known = code == RH_OK && credential.state == RH_CREDENTIAL_PRESENT;
	rh_arena_done(&arena);
	return is_known ? took : -1;
}

/* Nanoseconds; below 0: the target does not take it. */
static double convert(const struct target *target, size_t which, long rounds)
{
	struct rh_credential credential = {0};
	enum rh_finding_code obstacle = 0;
	struct rh_arena arena;
	struct rh_buf out;
	double start;

	rh_arena_init(&arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	rh_buf_init(&out, RH_OPERATION_MAX);
	int code = read_hash(which, &arena, &credential);

	start = cpu();
	for (long i = 0; code == RH_OK && obstacle == 0 && i < rounds; i++) {
		rh_buf_reset(&out);
		code = target->connector->write_credential(target->instance, &credential, &out,
							   NULL, &obstacle);
	}
	double took = (cpu() - start) / (double)rounds;
	bool is_taken = code == RH_OK && obstacle == 0 && out.failed == 0 && out.len > 0;
	rh_buf_done(&out);
	rh_arena_done(&arena);
	return is_taken ? took : -1;
}

int main(int argc, char **argv)
{
	long rounds = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	struct target opened[sizeof(targets) / sizeof(targets[0])];
	struct rh_arena arena;

	if (rounds <= 0) {
		fprintf(stderr, "usage: hashes ROUNDS\n");
		return 2;
	}
	rh_arena_init(&arena, RH_BATCH_MAX, RH_ARENA_PLAIN);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (open_target(&opened[i], targets[i], &arena) != RH_OK) {
			fprintf(stderr, "hashes: no target %s\n", targets[i]);
			return 1;
		}
	}
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		double recognised = recognise(i, rounds);
		double slowest = -1;

		if (recognised < 0) {
			fprintf(stderr, "hashes: %s is not recognised\n", hashes[i].kind);
			return 1;
		}
		for (size_t j = 0; j < sizeof(targets) / sizeof(targets[0]); j++) {
			double took = convert(&opened[j], i, rounds);
			slowest = took > slowest ? took : slowest;
		}
		printf("{\"kind\":\"%s\",\"recognise\":%.0f,\"convert\":", hashes[i].kind,
		       recognised);
		printf(slowest < 0 ? "null}\n" : "%.0f}\n", slowest);
	}
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		free(opened[i].instance);
	}
	rh_arena_done(&arena);
	return 0;
}
