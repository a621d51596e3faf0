/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killed at every step of the ledger, and run again: L1, L4 and L9.  A child plays the engine against a
 * target in shared memory, which outlives it; the parent looks at what is left and finishes the work.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "ledger_support.h"

enum {
	ROWS = 12,
	GROUP = 4,
	UNDONE_ROWS = 2, /* the first ones are taken back at the end */
};

#ifdef RH_TEST_HOOKS
static const bool has_hooks = true;
#else
static const bool has_hooks = false; /* as in what is released: nothing to be tested */
#endif

/* What the outer world knows, whoever dies. */
struct world {
	unsigned accounts[ROWS + 1]; /* at the target, by row id */
	bool was_sent[ROWS + 1];     /* a create left the process */
	bool was_removed[ROWS + 1];  /* a removal left the process */
	bool is_committed[ROWS + 1]; /* the ledger said that this settlement is durable */
};

static void send_create(struct world *world, int64_t id)
{
	world->was_sent[id] = true;
	world->accounts[id]++;
}

static void send_remove(struct world *world, int64_t id)
{
	world->was_removed[id] = true;
	world->accounts[id] = 0;
}

static void create_group(struct fixture *fixture, struct world *world, int64_t first)
{
	struct rh_ledger_row rows[GROUP];

	for (int i = 0; i < GROUP; i++) {
		rows[i] = test_row(fixture, first + i);
	}
	assert_int_equal(rh_ledger_intend(fixture->ledger, rows, GROUP, &fixture->err), RH_OK);
	for (int64_t id = 1; id < first; id++) {
		world->is_committed[id] = true; /* an intent takes the queue along */
	}
	for (int64_t id = first; id < first + GROUP; id++) {
		send_create(world, id);
		settle(fixture, id, RH_STATE_DONE);
	}
}

static void undo(struct fixture *fixture, struct world *world)
{
	int64_t ids[UNDONE_ROWS];
	size_t count = 0;

	for (int64_t id = 1; id <= UNDONE_ROWS; id++) {
		if (state_of(fixture, id) != RH_STATE_UNDONE) {
			ids[count] = id;
			count++;
		}
	}
	assert_int_equal(rh_ledger_undo_intend(fixture->ledger, ids, count, &fixture->err), RH_OK);
	for (size_t i = 0; i < count; i++) {
		send_remove(world, ids[i]);
		assert_int_equal(rh_ledger_undo_settle(fixture->ledger, ids[i], RH_STATE_UNDONE,
						       RH_STR_ABSENT, TEST_NOW, &fixture->err),
				 RH_OK);
	}
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
}

static void verify_all(struct fixture *fixture)
{
	for (int64_t id = 1; id <= ROWS; id++) {
		enum rh_state state = state_of(fixture, id);

		if (state == RH_STATE_DONE || state == RH_STATE_VERIFIED) {
			assert_int_equal(rh_ledger_verify(fixture->ledger, id, RH_DRIFT_NONE,
							  TEST_NOW, &fixture->err),
					 RH_OK);
		}
	}
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	assert_int_equal(rh_ledger_index(fixture->ledger, &fixture->err), RH_OK);
}

/* The whole way of a run that nothing disturbs: 8 commits, 16 steps. */
static void run_child(struct fixture *fixture, struct world *world, uint64_t kill_at)
{
	fixture_reopen(fixture);
	rh_ledger_kill_at(fixture->ledger, kill_at);
	for (int64_t first = 1; first <= ROWS; first += GROUP) {
		create_group(fixture, world, first);
	}
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	for (int64_t id = 1; id <= ROWS; id++) {
		world->is_committed[id] = true;
	}
	verify_all(fixture);
	undo(fixture, world);
	_exit(0);
}

/* What must hold of any moment at which the process may have died. */
static void check_invariants(struct fixture *fixture, const struct world *world)
{
	for (int64_t id = 1; id <= ROWS; id++) {
		enum rh_state state = state_of(fixture, id);
		int64_t leader = (id - 1) / GROUP * GROUP + 1;

		assert_true(!world->was_sent[id] || state != 0); /* L1 */
		assert_true(world->accounts[id] <= 1);
		if (world->is_committed[id]) { /* L9 */
			assert_int_not_equal(state, 0);
			assert_int_not_equal(state, RH_STATE_INTENDED);
		}
		assert_int_equal(state != 0, state_of(fixture, leader) != 0); /* whole groups */
		if (world->was_removed[id]) {                                 /* L1 */
			assert_true(state == RH_STATE_UNDO_INTENDED || state == RH_STATE_UNDONE);
		}
	}
}

/* The same command again: adopt, look up what is UNKNOWN, send what never was. */
static void resume(struct fixture *fixture, struct world *world)
{
	uint64_t adopted;

	assert_int_equal(rh_ledger_adopt(fixture->ledger, &adopted, &fixture->err), RH_OK);
	for (int64_t id = 1; id <= ROWS; id++) {
		enum rh_state state = state_of(fixture, id);

		assert_int_not_equal(state, RH_STATE_INTENDED); /* L4 */
		if (state == RH_STATE_UNKNOWN && world->accounts[id] > 0) {
			settle(fixture, id, RH_STATE_DONE);
		} else if (state == 0 || state == RH_STATE_UNKNOWN) {
			intend(fixture, id);
			send_create(world, id);
			settle(fixture, id, RH_STATE_DONE);
		}
	}
	assert_int_equal(rh_ledger_commit(fixture->ledger, &fixture->err), RH_OK);
	verify_all(fixture);
	undo(fixture, world);
}

static void check_end(struct fixture *fixture, const struct world *world)
{
	for (int64_t id = 1; id <= ROWS; id++) {
		bool is_undone = id <= UNDONE_ROWS;

		assert_int_equal(world->accounts[id], is_undone ? 0 : 1);
		assert_int_equal(state_of(fixture, id),
				 is_undone ? RH_STATE_UNDONE : RH_STATE_VERIFIED);
	}
}

/* True: the child was killed; false: it came to its end. */
static bool run_killed(struct fixture *fixture, struct world *world, uint64_t kill_at)
{
	int status = 0;
	pid_t child;

	rh_ledger_close(fixture->ledger); /* no connection may be carried over a fork */
	fixture->ledger = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		run_child(fixture, world, kill_at);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
	fixture_reopen(fixture);
	return WIFSIGNALED(status);
}

static void test_killed_at_every_step(void **)
{
	struct world *world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool was_killed = true;
	uint64_t step = 0;

	assert_ptr_not_equal(world, MAP_FAILED);
	while (was_killed) {
		void *state = NULL;
		struct fixture *fixture;

		step++;
		*world = (struct world){0};
		assert_int_equal(fixture_setup(&state), 0);
		fixture = state;
		was_killed = run_killed(fixture, world, step);
		check_invariants(fixture, world);
		resume(fixture, world);
		check_end(fixture, world);
		assert_int_equal(fixture_teardown(&state), 0);
	}
	assert_int_equal(step, 17); /* 16 steps, and one run without a kill */
	assert_int_equal(munmap(world, sizeof(*world)), 0);
}

static void test_a_reader_after_a_kill(void **)
{
	struct world world = {0};
	struct rh_ledger *reader = NULL;
	struct rh_ledger_counts counts;
	struct fixture *fixture;
	void *state = NULL;
	pid_t child;

	assert_int_equal(fixture_setup(&state), 0);
	fixture = state;
	rh_ledger_close(fixture->ledger);
	fixture->ledger = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		run_child(fixture, &world, 2); /* after the first commit */
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	/* the log was never folded in: status reads it without being able to write */
	assert_int_equal(rh_ledger_open(&reader, fixture->folder, NULL, true, &fixture->err),
			 RH_OK);
	assert_int_equal(rh_ledger_count(reader, &counts, &fixture->err), RH_OK);
	assert_int_equal(counts.by_state[RH_STATE_INTENDED], GROUP);
	rh_ledger_close(reader);
	assert_int_equal(fixture_teardown(&state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_at_every_step),
		cmocka_unit_test(test_a_reader_after_a_kill),
	};

	if (!has_hooks) {
		(void)puts("1..0 # SKIP built without the hook that kills (RH_TEST_HOOKS)");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
