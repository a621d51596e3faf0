/* SPDX-License-Identifier: Apache-2.0 */
/* The same in a table: requests are statements. */
#include <stdlib.h>

#include "acme/acme.h"
#include "db/db.h"
#include "folder.h"
#include "suite.h"

struct table {
	char *folder;
	char *path;
	struct rh_db *db;
};

static void *begin(void)
{
	struct table *table = calloc(1, sizeof(*table));
	struct rh_err err = {0};

	assert_non_null(table);
	table->folder = test_folder_new();
	table->path = test_folder_path(table->folder, "users.db");
	assert_int_equal(rh_db_open(&table->db, table->path, RH_DB_SCRATCH, &err), RH_OK);
	assert_int_equal(rh_db_exec(table->db, acme_sql_schema, &err), RH_OK);
	return table;
}

static void end(void *play)
{
	struct table *table = play;

	rh_db_close(table->db);
	test_folder_free(table->folder);
	free(table->path);
	free(table);
}

static struct rh_db *db_of(void *play)
{
	return ((struct table *)play)->db;
}

static const struct subject_play play = {
	.begin = begin,
	.end = end,
	.db = db_of,
};

static const struct subject_option options[] = {{NULL, NULL}};
static const char *const secrets[] = {NULL};

int main(void)
{
	const struct subject subject = {
		.connector = &rh_connector_acme_sql,
		.options = options,
		.secrets = secrets,
		.play = &play,
	};

	return suite_run(&subject);
}
