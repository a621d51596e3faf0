/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's rows, read and written in blocks of consecutive ids.
 *
 * Apply creates in the order of row ids, some dozens at a time, and a list shows accounts in the order of their
 * creation: what comes next stands nearly always in the block at hand.  So an account is looked for among the rows of a
 * few blocks; only one that is not there is looked for in the ledger's index, and its block is read.  What was as expected
 * is written when a block is given up, as ranges of ids.
 *
 * A list in another order would have a whole block read for each of its accounts.  Reading is therefore paid for: each
 * account brings a credit, a block costs several, and without credit a single row is read and written.
 */
#include "engine/expected.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

enum {
	BLOCK_ROWS = 512,
	BLOCKS = 8,
	PLACES = BLOCKS * BLOCK_ROWS,
	CHAINS = PLACES, /* a power of two */
	CREDIT_FIRST = 256,
	CREDIT_MAX = 1024,
	BLOCK_COST = 64,
	NO_PLACE = PLACES,
};

struct block {
	int64_t first; /* id; 0: nothing read */
	size_t count;
	struct rh_arena arena;
	struct rh_ledger_expected rows[BLOCK_ROWS];
	bool is_same[BLOCK_ROWS];
};

struct rh_expected {
	struct rh_ledger *ledger;
	rh_time at;
	unsigned credit;
	unsigned oldest; /* block that is given up next */
	struct block blocks[BLOCKS];
	uint16_t chains[CHAINS]; /* by target id: place of the first row, plus one; 0: none */
	uint16_t next[PLACES];   /* likewise */
	struct rh_arena arena;   /* of a single row */
	struct rh_ledger_expected single;
	unsigned found; /* place of the row found last; NO_PLACE: `single` */
};

/* Ids differ at their end. */
static unsigned chain_of(struct rh_str target_id)
{
	uint64_t tail = 0;
	size_t len = target_id.len < sizeof(tail) ? target_id.len : sizeof(tail);

	if (len > 0) {
		memcpy(&tail, target_id.ptr + target_id.len - len, len);
	}
	return (unsigned)((tail * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (CHAINS - 1);
}

static struct rh_ledger_expected *row_at(struct rh_expected *expected, unsigned place)
{
	return &expected->blocks[place / BLOCK_ROWS].rows[place % BLOCK_ROWS];
}

static unsigned find_place(struct rh_expected *expected, struct rh_str target_id)
{
	unsigned at = expected->chains[chain_of(target_id)];

	while (at != 0 && !rh_str_eq(row_at(expected, at - 1)->target_id, target_id)) {
		at = expected->next[at - 1];
	}
	return at != 0 ? at - 1 : NO_PLACE;
}

static void link_block(struct rh_expected *expected, unsigned number)
{
	/* Backwards, so that of two rows with one target id the first is found. */
	for (size_t i = expected->blocks[number].count; i > 0; i--) {
		unsigned place = number * BLOCK_ROWS + (unsigned)i - 1;
		uint16_t *chain = &expected->chains[chain_of(row_at(expected, place)->target_id)];

		expected->next[place] = *chain;
		*chain = (uint16_t)(place + 1);
	}
}

static void unlink_block(struct rh_expected *expected, unsigned number)
{
	for (size_t i = 0; i < expected->blocks[number].count; i++) {
		unsigned place = number * BLOCK_ROWS + (unsigned)i;
		uint16_t *at = &expected->chains[chain_of(row_at(expected, place)->target_id)];

		while (*at != place + 1) {
			at = &expected->next[*at - 1];
		}
		*at = expected->next[place];
	}
}

/* Writes what was as expected, in ranges of ids without a gap. */
static int write_block(struct rh_expected *expected, struct block *block, struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < block->count && code == RH_OK; i++) {
		size_t last = i;

		if (!block->is_same[i]) {
			continue;
		}
		while (last + 1 < block->count && block->is_same[last + 1] &&
		       block->rows[last + 1].id == block->rows[last].id + 1) {
			last++;
		}
		code = rh_ledger_verify_range(expected->ledger, block->rows[i].id,
					      block->rows[last].id, expected->at, err);
		i = last;
	}
	memset(block->is_same, 0, sizeof(block->is_same));
	return code;
}

static int read_block(struct rh_expected *expected, int64_t id, struct rh_err *err)
{
	unsigned number = expected->oldest;
	struct block *block = &expected->blocks[number];
	int code = write_block(expected, block, err);

	if (code != RH_OK) {
		return code;
	}
	unlink_block(expected, number);
	rh_arena_reset(&block->arena);
	block->count = 0;
	block->first = (id - 1) / BLOCK_ROWS * BLOCK_ROWS + 1;
	code = rh_ledger_expect(expected->ledger,
				&(struct rh_ledger_span){
					.kind = RH_KIND_USER,
					.first = block->first,
					.max = BLOCK_ROWS,
				},
				&block->arena, block->rows, &block->count, err);
	link_block(expected, number);
	expected->oldest = (number + 1) % BLOCKS;
	return code;
}

static bool is_read(const struct rh_expected *expected, int64_t id)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		int64_t first = expected->blocks[i].first;

		if (first > 0 && id >= first && id < first + BLOCK_ROWS) {
			return true;
		}
	}
	return false;
}

/* 1: found, 0: it is neither DONE nor VERIFIED, < 0: error. */
static int read_single(struct rh_expected *expected, int64_t id, struct rh_err *err)
{
	size_t count = 0;
	int code;

	rh_arena_reset(&expected->arena);
	code = rh_ledger_expect(expected->ledger,
				&(struct rh_ledger_span){.kind = RH_KIND_USER,
							 .first = id,
							 .max = 1},
				&expected->arena, &expected->single, &count, err);
	return code == RH_OK ? (int)count : code;
}

static int look_it_up(struct rh_expected *expected, struct rh_str target_id, struct rh_err *err)
{
	int64_t id;
	int code = rh_ledger_row_of_target(expected->ledger, RH_KIND_USER, target_id, &id, err);

	/* Of a block that is here it would have been found, were it DONE or VERIFIED. */
	if (code != 1 || is_read(expected, id)) {
		return code < 0 ? code : 0;
	}
	if (expected->credit < BLOCK_COST) {
		expected->found = NO_PLACE;
		return read_single(expected, id, err);
	}
	expected->credit -= BLOCK_COST;
	code = read_block(expected, id, err);
	if (code != RH_OK) {
		return code;
	}
	expected->found = find_place(expected, target_id);
	return expected->found != NO_PLACE ? 1 : 0;
}

int rh_expected_find(struct rh_expected *expected, struct rh_str target_id,
		     const struct rh_ledger_expected **out, struct rh_err *err)
{
	int code = 1;

	expected->credit += expected->credit < CREDIT_MAX ? 1 : 0;
	expected->found = find_place(expected, target_id);
	if (expected->found == NO_PLACE) {
		code = look_it_up(expected, target_id, err);
	}
	if (code == 1) {
		*out = expected->found != NO_PLACE ? row_at(expected, expected->found)
						   : &expected->single;
	}
	return code;
}

int rh_expected_same(struct rh_expected *expected, struct rh_err *err)
{
	unsigned place = expected->found;

	if (place == NO_PLACE) {
		return rh_ledger_verify_range(expected->ledger, expected->single.id,
					      expected->single.id, expected->at, err);
	}
	expected->blocks[place / BLOCK_ROWS].is_same[place % BLOCK_ROWS] = true;
	return RH_OK;
}

int rh_expected_differs(struct rh_expected *expected, struct rh_err *err)
{
	unsigned place = expected->found;
	bool is_single = place == NO_PLACE;
	int64_t id = is_single ? expected->single.id : row_at(expected, place)->id;

	if (!is_single) {
		expected->blocks[place / BLOCK_ROWS].is_same[place % BLOCK_ROWS] = false;
	}
	return rh_ledger_verify(expected->ledger, id, RH_DRIFT_DIFFERS, expected->at, err);
}

int rh_expected_flush(struct rh_expected *expected, struct rh_err *err)
{
	int code = RH_OK;

	for (size_t i = 0; i < BLOCKS && code == RH_OK; i++) {
		code = write_block(expected, &expected->blocks[i], err);
	}
	return code;
}

int rh_expected_new(struct rh_expected **out, struct rh_ledger *ledger, rh_time at,
		    struct rh_err *err)
{
	struct rh_expected *expected = rh_calloc(1, sizeof(*expected));

	if (expected == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	expected->ledger = ledger;
	expected->at = at;
	expected->credit = CREDIT_FIRST;
	for (size_t i = 0; i < BLOCKS; i++) {
		rh_arena_init(&expected->blocks[i].arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	}
	rh_arena_init(&expected->arena, RH_RECORD_MAX, RH_ARENA_PLAIN);
	*out = expected;
	return RH_OK;
}

void rh_expected_free(struct rh_expected *expected)
{
	if (expected == NULL) {
		return;
	}
	for (size_t i = 0; i < BLOCKS; i++) {
		rh_arena_done(&expected->blocks[i].arena);
	}
	rh_arena_done(&expected->arena);
	rh_free(expected);
}
