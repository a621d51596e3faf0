/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports of Auth.js: the user table with a column for hashes, which applications add. */
#include <stdio.h>

#include "base/str.h"
#include "connectors/authjs/authjs.h"
#include "connectors/made_up_row.h"

#define FOUND MADE_UP_FOUND

const struct rh_sample_trouble authjs_sample_troubles[] = {
	MADE_UP_KIND("image", "a profile image", MADE_UP_SAYS(MADE_UP_ALL, FOUND(IMAGE_DROPPED))),
	MADE_UP_NAME_TROUBLES(FOUND(NAME_DROPPED), FOUND(NAME_DROPPED)),
	MADE_UP_ROW_TROUBLES,
	{.name = NULL},
};

static const struct made_up_spoiling spoilings[] = {
	MADE_UP_SPOIL(BROKEN_RECORD, MADE_UP_JSON, "\"image\":null", "\"image\":"),
	MADE_UP_ROW_SPOILINGS,
};

static void identify(struct made_up_person *person)
{
	char letters[25];

	made_up_person_letters(person, "user", letters, sizeof(letters) - 1);
	(void)snprintf(person->id, sizeof(person->id), "c%s", letters);
}

static void put_row(struct made_up_row *row, const struct made_up_person *person, const char *hash)
{
	made_up_row_text(row, "id", person->id);
	made_up_row_name(row, "name", person);
	made_up_row_text(row, "email", person->email);
	made_up_row_time(row, "emailVerified", person->is_email_verified ? person->created_ms : 0);
	made_up_row_text(row, "hashedPassword", hash);
	made_up_row_text(row, "image",
			 person->has_image ? "https://img.example.com/people/picture.png" : NULL);
}

static void write_header(struct rh_buf *out);

static const struct made_up_table table = {
	.provider = MADE_UP_TABLE(authjs_sample_troubles, spoilings, "id", write_header, identify),
	.put = put_row,
};

static void write_header(struct rh_buf *out)
{
	made_up_table_header(&table, out);
}

int authjs_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		  struct rh_err *err)
{
	return made_up_export(&table.provider, options, out, err);
}
