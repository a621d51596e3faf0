/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up exports: members of objects that every provider writes alike. */
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "connectors/made_up.h"

#define LONG_TEXT_LEN 700 /* more than any target takes as one value */

void made_up_key_bool(struct rh_json_writer *writer, const char *name, bool value)
{
	rh_json_key(writer, name);
	rh_json_put_bool(writer, value);
}

void made_up_key_null(struct rh_json_writer *writer, const char *name)
{
	rh_json_key(writer, name);
	rh_json_put_null(writer);
}

void made_up_key_text(struct rh_json_writer *writer, const char *name, const char *text)
{
	rh_json_key(writer, name);
	rh_json_put_cstr(writer, text != NULL && text[0] != '\0' ? text : NULL);
}

void made_up_key_raw(struct rh_json_writer *writer, const char *name, const char *json)
{
	rh_json_key(writer, name);
	rh_json_put_raw(writer, rh_str_from(json));
}

static void put_long_metadata(struct rh_json_writer *writer, const char *name_of_bucket)
{
	rh_json_key(writer, name_of_bucket);
	rh_json_begin_object(writer);
	rh_json_key(writer, "biography");
	char text[LONG_TEXT_LEN + 1];
	memset(text, 'x', LONG_TEXT_LEN);
	text[LONG_TEXT_LEN] = '\0';
	rh_json_put_cstr(writer, text);
	made_up_key_text(writer, "a_key_that_is_longer_than_any_target_takes_it", "value");
	for (int64_t i = 0; i < 60; i++) {
		rh_autobuf name = {0};
		rh_buf_init(&name, 16);
		rh_buf_printf(&name, "field_%02lld", (long long)i);
		rh_json_key_str(writer, rh_buf_str(&name));
		rh_json_put_i64(writer, i);
	}
	rh_json_end_object(writer);
}

void made_up_key_metadata(struct rh_json_writer *writer, const struct made_up_person *person,
			  const char *const names[RH_METADATA_KINDS])
{
	const char *public_json = "{}";
	const char *private_json = "{}";
	const char *unsafe_json = "{}";

	switch (person->metadata) {
	case MADE_UP_NO_METADATA:
	case MADE_UP_LONG:
		break;
	case MADE_UP_FLAT:
		public_json = "{\"plan\":\"pro\",\"seats\":5}";
		break;
	case MADE_UP_NESTED:
		/* The number is 2^53 + 1. */
		public_json = "{\"plan\":\"team\",\"legacy_id\":9007199254740993,\"beta\":true,"
			      "\"address\":{\"city\":\"Łódź\",\"zip\":\"00-001\"},"
			      "\"tags\":[\"a\",\"b|c\"]}";
		unsafe_json = "{\"theme\":\"dark\"}";
		break;
	case MADE_UP_ALL_KINDS:
		public_json = "{\"plan\":\"free\"}";
		private_json = "{\"crm_id\":\"crm-0001\",\"note\":\"server only\"}";
		unsafe_json = "{\"newsletter\":false,\"motto\":\"say \\\"hi\\\"\"}";
		break;
	}
	if (names[RH_METADATA_PUBLIC] == NULL) {
		/* No such bucket: what is public elsewhere is the server's here. */
		private_json = public_json[1] != '}' ? public_json : private_json;
	}
	for (size_t i = 0; i < RH_METADATA_KINDS; i++) {
		bool is_server = i == (names[RH_METADATA_PUBLIC] != NULL ? RH_METADATA_PUBLIC
									 : RH_METADATA_PRIVATE);
		if (names[i] != NULL && person->metadata == MADE_UP_LONG && is_server) {
			put_long_metadata(writer, names[i]);
		} else if (names[i] != NULL) {
			made_up_key_raw(writer, names[i],
					i == RH_METADATA_PUBLIC    ? public_json
					: i == RH_METADATA_PRIVATE ? private_json
								   : unsafe_json);
		}
	}
}
