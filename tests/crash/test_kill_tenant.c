/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tenant whose apply, or undo, is killed at each step of the ledger: the next run ends it, nothing is there twice, and
 * all of it is known as ours.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "guild/hall.h"

#ifdef RH_TEST_HOOKS
static const bool has_hooks = true;
#else
static const bool has_hooks = false; /* as in what is released: nothing to be tested */
#endif

/* More than any of the two has. */
#define STEPS_MAX 400

/* The way in a child that is killed at its n-th step; false: it had fewer and went to its end. */
static bool killed_at(struct hall *hall, int (*way)(struct hall *hall), uint64_t n)
{
	pid_t pid;
	int status;

	hall_close_ledger(hall);
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int code;

		hall_open_ledger(hall);
		rh_ledger_kill_at(hall->ledger, n);
		code = way(hall);
		_exit(code == RH_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	hall_open_ledger(hall);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return false;
	}
	assert_int_equal(WTERMSIG(status), SIGKILL);
	hall->now_at += 10 * INT64_C(1000000);
	return true;
}

static void check_there(struct hall *hall, size_t all)
{
	static const struct {
		enum rh_kind kind;
		size_t count;
	} wanted[] = {
		{RH_KIND_PERMISSION, 2}, {RH_KIND_ROLE, 2},       {RH_KIND_ORGANIZATION, 2},
		{RH_KIND_DOMAIN, 1},     {RH_KIND_MEMBERSHIP, 3}, {RH_KIND_USER, 3},
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_int_equal(guild_apart_count(&hall->apart, rh_kind_name(wanted[i].kind)),
				 all > 0 ? wanted[i].count : 0);
	}
}

static struct hall *found(void **state)
{
	struct hall *hall;

	assert_int_equal(hall_setup(state), 0);
	hall = *state;
	guild_apart_start(&hall->apart);
	hall_settle(hall);
	hall_check(hall, hall_plan(hall));
	return hall;
}

static void raze(struct hall *hall, void **state)
{
	guild_apart_stop(&hall->apart);
	assert_int_equal(hall_teardown(state), 0);
}

static void an_apply_is_killed_at_each_step(void **state)
{
	bool was_killed = has_hooks;
	uint64_t n = 1;

	for (; was_killed && n < STEPS_MAX; n++) {
		struct hall *hall = found(state);

		was_killed = killed_at(hall, hall_apply, n);
		hall_check(hall, hall_apply(hall));
		check_there(hall, 1);
		hall_check(hall, hall_verify(hall));
		assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).by_state[RH_STATE_VERIFIED],
				 3);
		assert_int_equal(hall_count(hall, RH_KIND_ROLE).by_state[RH_STATE_VERIFIED], 2);
		hall_check(hall, hall_undo(hall));
		check_there(hall, 0);
		raze(hall, state);
	}
	assert_true(!has_hooks || (n > 10 && n < STEPS_MAX));
}

static void an_undo_is_killed_at_each_step(void **state)
{
	bool was_killed = has_hooks;
	uint64_t n = 1;

	for (; was_killed && n < STEPS_MAX; n++) {
		struct hall *hall = found(state);

		hall_check(hall, hall_apply(hall));
		was_killed = killed_at(hall, hall_undo, n);
		hall_check(hall, hall_undo(hall));
		check_there(hall, 0);
		assert_int_equal(hall_count(hall, RH_KIND_MEMBERSHIP).by_state[RH_STATE_UNDONE], 3);
		raze(hall, state);
	}
	assert_true(!has_hooks || (n > 10 && n < STEPS_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_apply_is_killed_at_each_step),
		cmocka_unit_test(an_undo_is_killed_at_each_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
