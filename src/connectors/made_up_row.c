/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up rows of a table. */
#include "connectors/made_up_row.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

void made_up_row_begin(struct made_up_row *row, enum rh_sample_form form, bool is_header,
		       struct rh_buf *out)
{
	*row = (struct made_up_row){
		.out = out,
		.is_object = form != RH_SAMPLE_CSV,
		.is_header = is_header,
	};
	if (row->is_object) {
		rh_json_writer_init(&row->writer, out);
		rh_json_begin_object(&row->writer);
	}
}

void made_up_row_end(struct made_up_row *row)
{
	if (row->is_object) {
		rh_json_end_object(&row->writer);
	} else {
		rh_buf_add_char(row->out, '\n');
	}
}

/* Quoted where needed. */
static void put_cell(struct made_up_row *row, const char *name, const char *text)
{
	struct rh_str cell = rh_str_from(row->is_header ? name : text != NULL ? text : "");
	bool is_quoted = false;

	for (size_t i = 0; i < cell.len; i++) {
		is_quoted = is_quoted || memchr(",\"\r\n", cell.ptr[i], 4) != NULL;
	}
	rh_buf_add_cstr(row->out, row->has_cell ? "," : "");
	rh_buf_add_cstr(row->out, is_quoted ? "\"" : "");
	for (size_t i = 0; i < cell.len; i++) {
		rh_buf_add_cstr(row->out, cell.ptr[i] == '"' ? "\"" : "");
		rh_buf_add_char(row->out, cell.ptr[i]);
	}
	rh_buf_add_cstr(row->out, is_quoted ? "\"" : "");
	row->has_cell = true;
}

void made_up_row_text(struct made_up_row *row, const char *name, const char *text)
{
	if (row->is_object) {
		made_up_key_text(&row->writer, name, text);
	} else {
		put_cell(row, name, text);
	}
}

void made_up_row_flag(struct made_up_row *row, const char *name, bool value)
{
	if (row->is_object) {
		made_up_key_bool(&row->writer, name, value);
	} else {
		put_cell(row, name, value ? "true" : "false");
	}
}

void made_up_row_time(struct made_up_row *row, const char *name, int64_t milliseconds)
{
	char text[RH_TIME_TEXT_SIZE];

	if (milliseconds != 0) {
		rh_time_format(milliseconds * RH_MILLISECOND, text);
	}
	made_up_row_text(row, name, milliseconds != 0 ? text : NULL);
}

void made_up_row_json(struct made_up_row *row, const char *name, const char *json)
{
	if (row->is_object) {
		made_up_key_raw(&row->writer, name, json);
	} else {
		put_cell(row, name, json);
	}
}

void made_up_row_name(struct made_up_row *row, const char *name,
		      const struct made_up_person *person)
{
	char whole[128];

	(void)snprintf(whole, sizeof(whole), "%s%s%s",
		       person->first_name != NULL ? person->first_name : "",
		       person->last_name != NULL ? " " : "",
		       person->last_name != NULL ? person->last_name : "");
	made_up_row_text(row, name, whole);
}

/* ---- tables ------------------------------------------------------------------------------------------------ */

void made_up_table_give(struct made_up_person *person)
{
	if (person->trouble == MADE_UP_TROUBLE_BROKEN_HASH) {
		person->digest_text = "$2b$04$a.bcrypt.hash.that.is.cut";
	} else if (person->trouble == MADE_UP_TROUBLE_UNSUPPORTED_HASH) {
		person->digest_text = "$P$9MadeUpMadeUpMadeUpMadeUpMade0/";
	}
}

void made_up_table_header(const struct made_up_table *table, struct rh_buf *out)
{
	static const struct made_up_person nobody = {0};
	struct made_up_row row;

	made_up_row_begin(&row, RH_SAMPLE_CSV, true, out);
	table->put(&row, &nobody, "");
	made_up_row_end(&row);
}

/* bcrypt, or what the trouble says. */
static int make_hash(const struct made_up_sample *sample, const struct made_up_person *person,
		     char out[64], struct rh_err *err)
{
	out[0] = '\0';
	if (person->hasher == MADE_UP_NO_PASSWORD) {
		return RH_OK;
	}
	if (person->digest_text != NULL) {
		(void)snprintf(out, 64, "%s", person->digest_text);
		return RH_OK;
	}
	return made_up_bcrypt(sample, person, out, err);
}

int made_up_table_write(struct made_up_sample *sample, const struct made_up_person *person,
			struct rh_buf *out, struct rh_err *err)
{
	const struct made_up_table *table = (const struct made_up_table *)sample->provider;
	struct made_up_row row;
	char hash[64];
	int code = make_hash(sample, person, hash, err);

	if (code == RH_OK) {
		made_up_row_begin(&row, sample->form, false, out);
		table->put(&row, person, hash);
		made_up_row_end(&row);
	}
	return code;
}
