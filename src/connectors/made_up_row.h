/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up rows of a table: one list of columns becomes an object, a row of CSV, or its header. */
#ifndef CONNECTORS_MADE_UP_ROW_H
#define CONNECTORS_MADE_UP_ROW_H

#include "base/json.h"
#include "connectors/made_up.h"

struct made_up_row {
	struct rh_buf *out;
	struct rh_json_writer writer; /* objects */
	bool is_object;
	bool is_header; /* names only */
	bool has_cell;
};

/* `form` of the file; `is_header`: the names alone are written. */
void made_up_row_begin(struct made_up_row *row, enum rh_sample_form form, bool is_header,
		       struct rh_buf *out);
void made_up_row_end(struct made_up_row *row); /* a row of CSV has its line end then */
/* NULL and empty text: null, or an empty cell. */
void made_up_row_text(struct made_up_row *row, const char *name, const char *text);
void made_up_row_flag(struct made_up_row *row, const char *name, bool value);
/* A moment as ISO 8601; 0: none. */
void made_up_row_time(struct made_up_row *row, const char *name, int64_t milliseconds);
/* First and last name as one; neither: none. */
void made_up_row_name(struct made_up_row *row, const char *name,
		      const struct made_up_person *person);
/* JSON text; in CSV a cell that holds it. */
void made_up_row_json(struct made_up_row *row, const char *name, const char *json);

/* What goes wrong alike in all such rows, which have the names Trudy Trouble, and end with an empty cell. */
#define MADE_UP_ROW_SPOILINGS                                                                 \
	MADE_UP_FILL(LONG_NAME, MADE_UP_ALL, "Trouble", "", 5000, "x", "", ""),               \
		MADE_UP_FILL(HUGE_FIELD, MADE_UP_ALL, "Trouble", "", 10U << 20, "x", "", ""), \
		MADE_UP_FILL(TOO_LARGE, MADE_UP_ALL, "Trouble", "", 17U << 20, "x", "", ""),  \
		MADE_UP_SPOIL(BAD_UTF8, MADE_UP_ALL, "Trudy", "Trud\xff"),                    \
		MADE_UP_SPOIL(LONE_SURROGATE, MADE_UP_JSON, "Trudy", "Trud\\ud83d"),          \
		MADE_UP_SPOIL(LONE_SURROGATE, MADE_UP_CSV, "Trudy", "Trud\xed\xa0\xbd"),      \
		MADE_UP_SPOIL(NUL_BYTE, MADE_UP_ALL, "Trudy", "Tru\0dy"),                     \
		MADE_UP_SPOIL(STRAY_QUOTE, MADE_UP_CSV, "Trudy", "Tru\"dy"),                  \
		MADE_UP_SPOIL(SHORT_ROW, MADE_UP_CSV, ",\n", "\n"),                           \
		MADE_UP_SPOIL(LONG_ROW, MADE_UP_CSV, ",\n", ",,surplus\n"),                   \
		MADE_UP_SPOIL(OPEN_QUOTE, MADE_UP_JSON, "Trouble\"", "Trouble"),              \
		MADE_UP_SPOIL(OPEN_QUOTE, MADE_UP_CSV, "Trudy", "\"Trudy")

#define MADE_UP_FOUND(code) RH_FINDING_##code
/* Names that are too long; the findings are those of one name. */
#define MADE_UP_NAME_TROUBLES(...)                                 \
	MADE_UP_KIND("long-name", "a last name of 5,000 letters",  \
		     MADE_UP_SAYS(MADE_UP_ALL, __VA_ARGS__)),      \
		MADE_UP_KIND("huge-field", "a last name of 10 MB", \
			     MADE_UP_SAYS(MADE_UP_ALL, __VA_ARGS__))
/* The troubles that all such rows can have; what is the provider's own comes before them. */
#define MADE_UP_ROW_TROUBLES                                                                    \
	MADE_UP_KIND("no-id", "a record without id",                                            \
		     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(SOURCE_ID_MISSING))),              \
		MADE_UP_KIND("no-identifier", "nobody could sign in with it",                   \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(IDENTIFIER_MISSING))),     \
		MADE_UP_KIND("bad-email", "an address without @, and no other",                 \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(IDENTIFIER_MISSING))),     \
		MADE_UP_KIND("duplicate-id", "two records with one id",                         \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(SOURCE_ID_TWICE))),        \
		MADE_UP_KIND("duplicate-email", "two people with one address",                  \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(DUPLICATE),                \
					  MADE_UP_FOUND(DUPLICATE))),                           \
		MADE_UP_KIND("duplicate-case", "two people with one address, once in capitals", \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(DUPLICATE),                \
					  MADE_UP_FOUND(DUPLICATE))),                           \
		MADE_UP_KIND("unverified", "the address is not verified",                       \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(EMAIL_UNVERIFIED))),       \
		MADE_UP_KIND("broken-hash", "a bcrypt hash that is cut off",                    \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(HASH_UNRECOGNISED))),      \
		MADE_UP_KIND("unsupported-hash", "a hash that the target cannot check",         \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(HASH_UNSUPPORTED))),       \
		MADE_UP_KIND("no-password", "somebody without password",                        \
			     MADE_UP_SAYS_WITH(MADE_UP_ALL, "--require-password",               \
					       MADE_UP_FOUND(PASSWORD_REQUIRED))),              \
		MADE_UP_KIND("bad-utf8", "a byte that no UTF-8 has",                            \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(RECORD_BROKEN))),          \
		MADE_UP_KIND("lone-surrogate", "half of a surrogate pair",                      \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(RECORD_BROKEN))),          \
		MADE_UP_KIND("nul-byte", "a NUL within a name",                                 \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(RECORD_BROKEN))),          \
		MADE_UP_KIND("too-large", "a record of 17 MiB",                                 \
			     MADE_UP_SAYS(MADE_UP_ALL, MADE_UP_FOUND(RECORD_BROKEN))),          \
		MADE_UP_KIND("broken-record", "a value is missing",                             \
			     MADE_UP_SAYS(MADE_UP_JSON, MADE_UP_FOUND(RECORD_BROKEN))),         \
		MADE_UP_KIND("short-row", "a row with a cell too few",                          \
			     MADE_UP_SAYS(MADE_UP_CSV, MADE_UP_FOUND(CELL_COUNT))),             \
		MADE_UP_KIND("long-row", "a row with a cell too many",                          \
			     MADE_UP_SAYS(MADE_UP_CSV, MADE_UP_FOUND(CELL_COUNT))),             \
		MADE_UP_KIND("stray-quote", "a quote in the middle of a cell",                  \
			     MADE_UP_SAYS(MADE_UP_CSV, MADE_UP_FOUND(RECORD_BROKEN))),          \
		MADE_UP_KIND("header-twice", "the header again, between two rows",              \
			     MADE_UP_SAYS(MADE_UP_CSV, MADE_UP_FOUND(RECORD_BROKEN))),          \
		MADE_UP_KIND("column-twice", "a column that stands twice in the header",        \
			     MADE_UP_STOPS(MADE_UP_CSV)),                                       \
		MADE_UP_KIND("wrong-kind", "a list of something else than people",              \
			     MADE_UP_STOPS(MADE_UP_ALL)),                                       \
		MADE_UP_KIND("empty", "a file of no bytes", MADE_UP_STOPS(MADE_UP_ALL)),        \
		MADE_UP_KIND("open-quote", "a quote that is never closed, in the last record",  \
			     MADE_UP_SAYS(MADE_UP_JSON, MADE_UP_FOUND(RECORD_BROKEN)),          \
			     MADE_UP_STOPS(MADE_UP_CSV)),                                       \
		MADE_UP_KIND("truncated", "the file ends within the last record",               \
			     MADE_UP_STOPS(MADE_UP_ALL))

/* A provider whose records are rows.  `provider` comes first. */
struct made_up_table {
	struct made_up_provider provider;
	/* All columns; the hash is empty where there is none. */
	void (*put)(struct made_up_row *row, const struct made_up_person *person, const char *hash);
};

/* What is the same in each such table's provider. */
#define MADE_UP_TABLE(kinds, spoilings_of, first_column, header_of, identify_of)              \
	{                                                                                     \
		.troubles = (kinds), .spoilings = (spoilings_of),                             \
		.spoiling_count = sizeof(spoilings_of) / sizeof((spoilings_of)[0]),           \
		.opening = "[\n", .closing = "\n]\n", .column_twice = first_column ",",       \
		.header = (header_of), .identify = (identify_of), .give = made_up_table_give, \
		.write = made_up_table_write,                                                 \
	}
void made_up_table_header(const struct made_up_table *table, struct rh_buf *out);
void made_up_table_give(struct made_up_person *person);
int made_up_table_write(struct made_up_sample *sample, const struct made_up_person *person,
			struct rh_buf *out, struct rh_err *err);

#endif
