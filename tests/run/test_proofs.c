/* SPDX-License-Identifier: Apache-2.0 */
/* Known passwords tried before and after the move, and the one account that goes first (canary.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "folder.h"
#include "town.h"

/* Published vectors: "user1password" as scrypt_firebase, "a" as bcrypt. */
#define FIREBASE                                                                               \
	"lSrfV15cpx95/"                                                                        \
	"sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$42xEC+"   \
	"ixf3L2lw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUS" \
	"DzZvpjeJ9WmXA==$Bw==$8$14"
/* The same as a digest with the salt behind it, whose form at the target no document gives either. */
#define SHA256_SALTED "seasalt$294d097e694399afd578cf2fa06234f66004af7552e29835fe6e86731e44c03a"
#define BCRYPT "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"

/* `count` people with that hash behind ten without. */
static void settle_hashed(struct town *town, unsigned count, const char *hash, const char *hasher)
{
	static char more[16384];
	size_t len = 0;

	for (unsigned i = 1; i <= count; i++) {
		len += (size_t)snprintf(
			more + len, sizeof(more) - len,
			",\n{\"id\":\"user_x%u\",\"primary_email_address_id\":\"idn_1\","
			"\"email_addresses\":[{\"id\":\"idn_1\",\"email_address\":\"x.%u@example."
			"com\",\"verification\":{\"status\":\"verified\"}}],\"password_digest\":"
			"\"%s\",\"password_hasher\":\"%s\"}",
			i, i, hash, hasher);
		assert_true(len < sizeof(more));
	}
	town_settle(town, 1, 10, more);
}

/* The file of known accounts; its path. */
static const char *prove_file(const struct town *town, const char *content)
{
	static char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/known.csv", town->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void check_state(struct town *town, const char *source_id, const char *wanted,
			const char *code)
{
	struct town_line line;

	town_line(town, source_id, &line);
	assert_string_equal(line.state, wanted);
	assert_string_equal(line.code, code);
}

/* ---- the canary ------------------------------------------------------------------------------------ */

static unsigned phases;

static void see_phase(void *context, const struct rh_progress *progress)
{
	(void)context;
	phases |= 1U << progress->phase;
}

static void a_canary_that_is_taken_lets_the_others_go(void **state)
{
	struct town *town = *state;
	struct went went;

	settle_hashed(town, 5, FIREBASE, "scrypt_firebase");
	phases = 0;
	town->progress = see_phase;
	town_apply(town, NULL, &went);
	town->progress = NULL;
	/* Who goes first is looked for in a phase of its own; without an uncertain hash there is none. */
	assert_true((phases & 1U << RH_PHASE_CANARY) != 0 && (phases & 1U << RH_PHASE_APPLY) != 0);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.created, 15);
	assert_int_equal(went.run.created_now, 15);
	assert_int_equal(went.run.held, 0);
	assert_int_equal(rehearsed_count(&town->server, "writes"), 15);
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.writes, 0);
}

static void a_canary_that_is_refused_holds_its_kind_back(void **state)
{
	static const char *const other[] = {"workos-firebase-form", "B", NULL};
	struct town *town = *state;
	struct went went;

	settle_hashed(town, 5, FIREBASE, "scrypt_firebase");
	json_decref(rehearsed_control(&town->server, "switches", "{\"firebase_form\":\"b\"}"));
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_STOPPED);
	assert_int_equal(went.run.created,
			 11); /* ten without hash, and the canary without its own */
	assert_int_equal(went.run.partial, 1);
	assert_int_equal(went.run.deferred, 4);
	assert_int_equal(went.run.held, 4);
	check_state(town, "user_x1", "partial", "invalid_password_hash");
	check_state(town, "user_x2", "deferred", "canary");

	/* The same form is not tried twice. */
	town_apply(town, NULL, &went);
	town_check_end(&went, RH_OK, RH_EXIT_STOPPED);
	assert_int_equal(went.run.writes, 0);
	assert_int_equal(went.run.held, 4);

	town_apply(town, other, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED); /* one lost its hash in the first form */
	assert_int_equal(went.run.created, 15);
	assert_int_equal(went.run.created_now, 4);
	assert_int_equal(went.run.partial, 1);
	assert_int_equal(went.run.held, 0);
	check_state(town, "user_x5", "done", "");
}

/* The same where only hashes go: undo takes no password back. */
static void late_hashes_have_a_canary_too(void **state)
{
	static const char *const late[] = {"only-passwords", "true", NULL};
	static const char *const other[] = {"only-passwords", "true", "workos-firebase-form", "B",
					    NULL};
	struct town *town = *state;
	struct went went;
	uint64_t before;

	settle_hashed(town, 5, "", "");
	town_apply(town, NULL, &went);
	assert_int_equal(went.run.created, 15);
	settle_hashed(town, 5, FIREBASE, "scrypt_firebase");
	json_decref(rehearsed_control(&town->server, "switches", "{\"firebase_form\":\"b\"}"));
	before = rehearsed_count(&town->server, "writes");
	/* The second plan asks for the refused one again; the same form is not tried twice. */
	for (unsigned i = 0; i < 2; i++) {
		town_apply(town, late, &went);
		town_check_end(&went, RH_OK, RH_EXIT_STOPPED);
		assert_int_equal(went.run.held, 4 + i);
		assert_int_equal(went.run.rejected, 1 - i);
		assert_int_equal(rehearsed_count(&town->server, "writes"), before + 1);
	}
	town_apply(town, other, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.held, 0);
	assert_int_equal(went.run.updated_now, 5);
}

static void a_canary_that_is_killed_is_judged_again(void **state)
{
	struct town *town = *state;
	struct went went;
	uint64_t n = 1;

	settle_hashed(town, 3, FIREBASE, "scrypt_firebase");
	json_decref(rehearsed_control(&town->server, "switches", "{\"firebase_form\":\"b\"}"));
	while (town_killed_at(town, town_apply, NULL, n)) {
		n++;
		assert_true(n < 200);
	}
	assert_true(n > 5);
	town_apply(town, NULL, &went);
	assert_int_equal(rh_run_exit(went.code, &went.run), RH_EXIT_STOPPED);
	/* One was spent, however often it was killed: there without its hash, or waiting with the rest. */
	assert_int_equal(went.run.partial, 1);
	assert_in_range(went.run.created, 10, 11);
	assert_int_equal(went.run.created + went.run.deferred + went.run.unknown, 13);
}

static void a_known_password_makes_its_account_the_canary(void **state)
{
	const char *options[] = {"prove", NULL, "workos-client-id", "client_rehearsal", NULL};
	struct town *town = *state;
	struct went went;

	settle_hashed(town, 5, FIREBASE, "scrypt_firebase");
	options[1] = prove_file(town, "id,password\nuser_x3,user1password\n");
	town_plan(town, options, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	/* The target takes the form, and refuses the password: whoever is behind it must not follow. */
	rehearsed_fault(&town->server,
			"{\"kind\":\"status\",\"status\":400,\"method\":\"POST\",\"path\":\"/user_"
			"management/authenticate\",\"count\":1}");
	town_apply(town, options, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.created, 11);
	assert_int_equal(went.run.unproved, 1);
	assert_int_equal(went.run.proved, 0); /* nobody is signed in twice */
	check_state(town, "user_x3", "done", "");
	check_state(town, "user_x1", "deferred", "canary");
	assert_int_equal(went.run.held, 4);
}

/* Salted SHA-256, whose place of the salt the operator says: the target is asked to sign one in before others follow. */
static void salted_digests_have_a_canary_too(void **state)
{
	const char *options[] = {
		"prove",  NULL, "workos-client-id", "client_rehearsal", "workos-salt-place",
		"suffix", NULL};
	struct town *town = *state;
	struct went went;

	settle_hashed(town, 5, SHA256_SALTED, "sha256_salted");
	options[1] = prove_file(town, "id,password\nuser_x3,user1password\n");
	rehearsed_fault(&town->server,
			"{\"kind\":\"status\",\"status\":400,\"method\":\"POST\",\"path\":\"/user_"
			"management/authenticate\",\"count\":1}");
	town_apply(town, options, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.run.created, 11);
	assert_int_equal(went.run.unproved, 1);
	assert_int_equal(went.run.held, 4);
	check_state(town, "user_x3", "done", "");
	check_state(town, "user_x1", "deferred", "canary");
	/* Elsewhere the sign-in succeeds, and everybody has the password. */
	town_raze(town);
	town_found(town, NULL);
	settle_hashed(town, 5, SHA256_SALTED, "sha256_salted");
	options[1] = prove_file(town, "id,password\nuser_x3,user1password\n");
	town_apply(town, options, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.created, 15);
	assert_int_equal(went.run.proved, 1);
	assert_int_equal(went.run.held + went.run.unproved + went.run.partial, 0);
	options[1] = prove_file(town, "id,password\nuser_x5,user1password\n");
	town_verify(town, options, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.proved, 1);
}

/* ---- known passwords -------------------------------------------------------------------------------- */

static void a_known_password_that_fits_signs_in(void **state)
{
	const char *options[] = {"prove", NULL, "workos-client-id", "client_rehearsal", NULL};
	struct town *town = *state;
	struct went went;

	settle_hashed(town, 2, BCRYPT, "bcrypt");
	options[1] = prove_file(town, "email,password\nX.2@example.com,a\n");
	town_apply(town, options, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.proved, 1);
	town_verify(town, options, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.run.proved, 1);
	assert_int_equal(went.run.differs, 0);
	options[1] = prove_file(town, "id,password\nuser_x1,b\nuser_nobody,a\n");
	town_verify(town, options, &went);
	town_check_end(&went, RH_OK, RH_EXIT_REFUSED);
	assert_int_equal(went.run.proved, 0);
	assert_int_equal(went.run.unproved, 1);
	assert_int_equal(went.run.untried, 1);
}

static void a_known_password_that_does_not_fit_stops_the_plan(void **state)
{
	const char *options[] = {"prove", NULL, NULL};
	struct town *town = *state;
	struct went went;

	settle_hashed(town, 2, BCRYPT, "bcrypt");
	options[1] = prove_file(town, "id,password\nuser_x1,b\n");
	town_plan(town, options, &went);
	assert_int_equal(went.code, RH_OK);
	assert_int_equal(went.plan.refuse, 1);
	town_apply(town, options, &went);
	assert_int_equal(went.code, RH_ESTATE);
	assert_non_null(strstr(went.err.message, "do not fit"));
	assert_int_equal(rehearsed_count(&town->server, "writes"), 0);
	/* The mended file is another plan. */
	options[1] = prove_file(town, "id,password\nuser_x1,a\n");
	town_plan(town, options, &went);
	town_check_end(&went, RH_OK, RH_EXIT_DONE);
	assert_int_equal(went.plan.refuse, 0);
}

static void a_file_that_proves_nothing_is_named(void **state)
{
	static const struct {
		const char *content;
		const char *message;
	} files[] = {
		{"", "prove"},
		{"id,password\n", "has no account"},
		{"id,password\nuser_x1,\n", "record 1 of --prove has no password"},
		{"name,password\nx,y\n", "record 1 of --prove has neither id nor email"},
		{"email,password\nx,y\n", "record 1 of --prove has an email that is none"},
		{"id,password\nuser_x1,\"y\n", "prove"},
	};
	const char *options[] = {"prove", NULL, NULL};
	struct town *town = *state;
	struct went went;

	settle_hashed(town, 1, BCRYPT, "bcrypt");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		options[1] = prove_file(town, files[i].content);
		town_plan(town, options, &went);
		assert_int_not_equal(went.code, RH_OK);
		if (strstr(went.err.message, files[i].message) == NULL) {
			fail_msg("%s: %s", files[i].content, went.err.message);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN_TEST(a_canary_that_is_taken_lets_the_others_go),
		TOWN_TEST(a_canary_that_is_refused_holds_its_kind_back),
		TOWN_TEST(late_hashes_have_a_canary_too),
		TOWN_TEST(a_canary_that_is_killed_is_judged_again),
		TOWN_TEST(a_known_password_makes_its_account_the_canary),
		TOWN_TEST(salted_digests_have_a_canary_too),
		TOWN_TEST(a_known_password_that_fits_signs_in),
		TOWN_TEST(a_known_password_that_does_not_fit_stops_the_plan),
		TOWN_TEST(a_file_that_proves_nothing_is_named),
	};

	return cmocka_run_group_tests_name("run/proofs", tests, NULL, NULL);
}
