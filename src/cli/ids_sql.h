/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements that bring ids into somebody's database.
 *
 *  1. The only texts that are not ours are ids and names.  A name stands between the dialect's quotes, those inside
 *     doubled.  An id of plain ASCII without a backslash stands in single quotes, doubled inside; any other goes as
 *     hexadecimal digits, so that no setting of a server or client (backslashes, character sets, line commands)
 *     can read it in another way.
 *  2. With a table of one's own a statement changes up to RH_IDS_BATCH rows, is a transaction of its own, and says
 *     the same however often it is run: only the column that is set changes, never the one that is matched.
 *  3. An id is matched byte by byte, whatever the column's collation, by the CASE; WHERE may find more by an index,
 *     whose value then stays.
 */
#ifndef CLI_IDS_SQL_H
#define CLI_IDS_SQL_H

#include "base/buf.h"

#define RH_IDS_BATCH 500

enum rh_ids_dialect { /* indexes of the choices of --dialect */
		      RH_DIALECT_POSTGRESQL,
		      RH_DIALECT_MYSQL,
		      RH_DIALECT_SQLITE,
};

struct rh_ids_sql {
	enum rh_ids_dialect dialect;
	const char *table; /* may be "schema.table"; NULL: a table rehome_ids is made */
	const char *match_column;
	const char *set_column;
	bool adds_column;
	/* of the batch at hand */
	struct rh_buf pairs; /* WHEN … THEN …, or the rows of VALUES */
	struct rh_buf keys;
	uint64_t pending;
	uint64_t total;
};

/* Can it be quoted: not empty, valid UTF-8, no control characters, and with `may_have_parts` the same of each part
 * between dots?  */
bool rh_ids_sql_is_name(const char *name, bool may_have_parts);
/* Are these two columns one, for the dialect?  Then rule 2 would not hold. */
bool rh_ids_sql_is_same(const struct rh_ids_sql *sql);

/* The dialect, names and flag are set by the caller, the rest is zero. */
void rh_ids_sql_begin(struct rh_ids_sql *sql, struct rh_buf *out);
/* Appends a statement when a batch is full. */
void rh_ids_sql_add(struct rh_ids_sql *sql, const char *source_id, const char *target_id,
		    struct rh_buf *out);
void rh_ids_sql_end(struct rh_ids_sql *sql, struct rh_buf *out);
void rh_ids_sql_done(struct rh_ids_sql *sql);

#endif
