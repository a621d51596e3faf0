/* SPDX-License-Identifier: Apache-2.0 */
/* Records of partial files, found again by source id. */
#include "plan/join.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/seal.h"
#include "db/db.h"

#define FILES_MAX 64
#define ABSENT_LEN UINT32_MAX
/* Rows of one transaction while the join is filled. */
#define GROUP 10000

static const char sql_schema[] =
	"CREATE TABLE joined (n INTEGER PRIMARY KEY, key INTEGER NOT NULL,"
	" file INTEGER NOT NULL, shape INTEGER NOT NULL, number INTEGER NOT NULL,"
	" line INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0, sealed BLOB NOT NULL)"
	" STRICT";
static const char sql_index[] = "CREATE INDEX joined_key ON joined (key)";
static const char sql_add[] = "INSERT INTO joined (n, key, file, shape, number, line, sealed)"
			      " VALUES (?, ?, ?, ?, ?, ?, ?)";
static const char sql_find[] = "SELECT n, file, shape, number, line, sealed FROM joined"
			       " WHERE key = ? AND file = ? AND taken = 0 ORDER BY n";
static const char sql_rest[] = "SELECT n, file, shape, number, line, sealed FROM joined"
			       " WHERE n > ? AND taken = 0 ORDER BY n LIMIT 1";
static const char sql_taken[] = "UPDATE joined SET taken = 1 WHERE n = ?";

struct rh_join {
	struct rh_db *db;
	uint8_t key[32];
	struct rh_buf plain;
	struct rh_buf sealed;
	const struct rh_columns *columns[FILES_MAX];
	int64_t count;
	int64_t rest_after;
	unsigned in_group;
};

int rh_join_new(struct rh_join **out, const char *path, const uint8_t key[32], struct rh_err *err)
{
	struct rh_join *join = rh_calloc(1, sizeof(*join));
	int code;

	if (join == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	memcpy(join->key, key, sizeof(join->key));
	rh_buf_init_secret(&join->plain, 2 * RH_RECORD_MAX + 1024);
	rh_buf_init(&join->sealed, 2 * RH_RECORD_MAX + 2048);
	code = rh_db_open(&join->db, path, RH_DB_SCRATCH, err);
	if (code == RH_OK) {
		code = rh_db_exec(join->db, sql_schema, err);
	}
	if (code == RH_OK) {
		code = rh_db_begin(join->db, err);
	}
	if (code != RH_OK) {
		rh_join_free(join);
		return code;
	}
	*out = join;
	return RH_OK;
}

void rh_join_free(struct rh_join *join)
{
	if (join == NULL) {
		return;
	}
	rh_db_close(join->db);
	rh_buf_done(&join->plain);
	rh_buf_done(&join->sealed);
	explicit_bzero(join->key, sizeof(join->key));
	rh_free(join);
}

void rh_join_set_columns(struct rh_join *join, unsigned file, const struct rh_columns *columns)
{
	if (file < FILES_MAX) {
		join->columns[file] = columns;
	}
}

static void put_u32(struct rh_buf *out, uint32_t number)
{
	rh_buf_add(out, &number, sizeof(number));
}

static void put_text(struct rh_buf *out, struct rh_str text)
{
	put_u32(out, text.ptr == NULL ? ABSENT_LEN : (uint32_t)text.len);
	if (text.ptr != NULL) {
		rh_buf_add_str(out, text);
	}
}

/* Content of a chunk: source id, the record's text, number of cells (0: JSON), then the cells. */
static void serialise(struct rh_buf *out, struct rh_str source_id, const struct rh_record *record,
		      struct rh_str raw)
{
	rh_buf_reset(out);
	put_text(out, source_id);
	put_text(out, raw);
	if (record->columns == NULL) {
		put_u32(out, 0);
		return;
	}
	put_u32(out, (uint32_t)record->columns->count);
	for (size_t i = 0; i < record->columns->count; i++) {
		put_text(out, record->cells[i]);
	}
}

static int next_group(struct rh_join *join, struct rh_err *err)
{
	int code;

	if (++join->in_group < GROUP) {
		return RH_OK;
	}
	join->in_group = 0;
	code = rh_db_commit(join->db, err);
	return code == RH_OK ? rh_db_begin(join->db, err) : code;
}

int rh_join_add(struct rh_join *join, struct rh_str source_id, const struct rh_record *record,
		struct rh_str raw, struct rh_err *err)
{
	struct rh_statement *add;
	int64_t n = join->count + 1;
	int code;

	if (record->file >= FILES_MAX) {
		return rh_err_set(err, RH_ELIMIT, "more than %d inputs", FILES_MAX);
	}
	serialise(&join->plain, source_id, record, raw);
	rh_buf_reset(&join->sealed);
	if ((code = rh_buf_check(&join->plain, "joined record", err)) != RH_OK) {
		return code;
	}
	rh_seal_chunk(join->key, (uint64_t)n, rh_buf_str(&join->plain), &join->sealed);
	if ((code = rh_buf_check(&join->sealed, "joined record", err)) != RH_OK ||
	    (code = rh_db_prepare(join->db, sql_add, &add, err)) != RH_OK) {
		return code;
	}
	rh_bind_i64(add, 1, n);
	rh_bind_i64(add, 2,
		    source_id.ptr == NULL ? 0 : (int64_t)rh_digest_key64(join->key, source_id));
	rh_bind_i64(add, 3, record->file);
	rh_bind_i64(add, 4, record->shape);
	rh_bind_i64(add, 5, (int64_t)record->number);
	rh_bind_i64(add, 6, (int64_t)record->line);
	rh_bind_blob(add, 7, rh_buf_str(&join->sealed));
	if ((code = rh_run(add, err)) != RH_OK) {
		return code;
	}
	join->count = n;
	return next_group(join, err);
}

int rh_join_seal(struct rh_join *join, struct rh_err *err)
{
	int code = rh_db_commit(join->db, err);

	if (code == RH_OK) {
		code = rh_db_exec(join->db, sql_index, err);
	}
	return code == RH_OK ? rh_db_begin(join->db, err) : code;
}

static bool get_u32(struct rh_str *rest, uint32_t *out)
{
	if (rest->len < sizeof(*out)) {
		return false;
	}
	memcpy(out, rest->ptr, sizeof(*out));
	*rest = rh_str_sub(*rest, sizeof(*out), rest->len);
	return true;
}

static bool get_text(struct rh_str *rest, struct rh_str *out)
{
	uint32_t len;

	if (!get_u32(rest, &len)) {
		return false;
	}
	if (len == ABSENT_LEN) {
		*out = RH_STR_ABSENT;
		return true;
	}
	if (len > rest->len) {
		return false;
	}
	*out = rh_str_sub(*rest, 0, len);
	*rest = rh_str_sub(*rest, len, rest->len);
	return true;
}

/* From the unsealed content in the arena to a record. */
static int restore(struct rh_join *join, struct rh_str content, struct rh_arena *arena,
		   struct rh_json *json, struct rh_joined *out, struct rh_err *err)
{
	struct rh_record *record = &out->record;
	uint32_t count;

	if (!get_text(&content, &out->source_id) || !get_text(&content, &out->raw) ||
	    !get_u32(&content, &count)) {
		return rh_err_set(err, RH_EINTERNAL, "a joined record is damaged");
	}
	if (count == 0) {
		struct rh_str copy; /* the parser writes to it */
		int code;
		if (!rh_arena_copy(arena, out->raw, &copy)) {
			return rh_err_set(err, RH_ENOMEM, "out of memory");
		}
		code = rh_json_parse(json, (char *)(uintptr_t)copy.ptr, copy.len, err);
		record->json = rh_json_root(json);
		return code;
	}
	struct rh_str *cells = rh_arena_calloc(arena, count, sizeof(*cells));
	if (cells == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!get_text(&content, &cells[i])) {
			return rh_err_set(err, RH_EINTERNAL, "a joined record is damaged");
		}
	}
	record->cells = cells;
	record->columns = join->columns[record->file];
	return RH_OK;
}

/* The row that `statement` stands on. */
static int read_row(struct rh_join *join, struct rh_statement *statement, struct rh_arena *arena,
		    struct rh_json *json, struct rh_joined *out, struct rh_err *err)
{
	struct rh_str content;

	*out = (struct rh_joined){
		.n = rh_column_i64(statement, 0),
		.record =
			{
				.file = (unsigned)rh_column_i64(statement, 1),
				.shape = (int)rh_column_i64(statement, 2),
				.number = (uint64_t)rh_column_i64(statement, 3),
				.line = (uint64_t)rh_column_i64(statement, 4),
			},
	};
	rh_buf_reset(&join->plain);
	if (!rh_unseal_chunk(join->key, (uint64_t)out->n, rh_column_blob(statement, 5),
			     &join->plain)) {
		return rh_err_set(err, RH_EINTERNAL, "a joined record is damaged");
	}
	if (!rh_arena_copy(arena, rh_buf_str(&join->plain), &content)) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	return restore(join, content, arena, json, out, err);
}

static int mark_taken(struct rh_join *join, int64_t n, struct rh_err *err)
{
	struct rh_statement *taken;
	int code = rh_db_prepare(join->db, sql_taken, &taken, err);

	if (code != RH_OK) {
		return code;
	}
	rh_bind_i64(taken, 1, n);
	return rh_run(taken, err);
}

/* A hash may be shared; the id decides, and then the connector. */
static bool is_wanted(const struct rh_join_wish *wish, const struct rh_joined *found)
{
	return rh_str_eq(found->source_id, wish->source_id) &&
	       (wish->fits == NULL || wish->fits(wish->full, &found->record));
}

int rh_join_take(struct rh_join *join, const struct rh_join_wish *wish, struct rh_arena *arena,
		 struct rh_json *json, struct rh_joined *out, struct rh_err *err)
{
	struct rh_statement *find;
	struct rh_joined found = {0};
	bool is_found = false;
	int code;

	if ((code = rh_db_prepare(join->db, sql_find, &find, err)) != RH_OK) {
		return code;
	}
	rh_bind_i64(find, 1, (int64_t)rh_digest_key64(join->key, wish->source_id));
	rh_bind_i64(find, 2, wish->file);
	while (!is_found && (code = rh_step(find, err)) == 1) {
		code = read_row(join, find, arena, json, &found, err);
		if (code != RH_OK) {
			break;
		}
		is_found = is_wanted(wish, &found);
	}
	rh_reset(find);
	if (code < 0 || !is_found) {
		return code < 0 ? code : 0;
	}
	*out = found;
	code = mark_taken(join, found.n, err);
	return code == RH_OK ? 1 : code;
}

int rh_join_rest(struct rh_join *join, struct rh_arena *arena, struct rh_json *json,
		 struct rh_joined *out, struct rh_err *err)
{
	struct rh_statement *rest;
	int code;

	if ((code = rh_db_prepare(join->db, sql_rest, &rest, err)) != RH_OK) {
		return code;
	}
	rh_bind_i64(rest, 1, join->rest_after);
	code = rh_step(rest, err);
	if (code == 1) {
		code = read_row(join, rest, arena, json, out, err);
		if (code == RH_OK) {
			join->rest_after = out->n;
			code = 1;
		}
	}
	rh_reset(rest);
	return code;
}
