/* SPDX-License-Identifier: Apache-2.0 */
/* JSON writer: commas, escapes, numbers, nodes written back, the buffer's mark. */
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

static void commas_come_by_themselves(void **)
{
	struct rh_json_writer writer;
	rh_autobuf out = {0};

	rh_buf_init(&out, 1000);
	rh_json_writer_init(&writer, &out);
	rh_json_begin_object(&writer);
	rh_json_key(&writer, "a");
	rh_json_begin_array(&writer);
	rh_json_put_u64(&writer, UINT64_MAX);
	rh_json_put_i64(&writer, INT64_MIN);
	rh_json_put_i64(&writer, 7);
	rh_json_put_bool(&writer, true);
	rh_json_put_bool(&writer, false);
	rh_json_put_null(&writer);
	rh_json_begin_object(&writer);
	rh_json_end_object(&writer);
	rh_json_begin_array(&writer);
	rh_json_end_array(&writer);
	rh_json_put_raw(&writer, RH_STR("[1,2]"));
	rh_json_end_array(&writer);
	rh_json_key_str(&writer, RH_STR("b\"\xc3\xa4"));
	rh_json_put_cstr(&writer, "x");
	rh_json_key(&writer, "c");
	rh_json_put_cstr(&writer, NULL);
	rh_json_key(&writer, "d");
	rh_json_put_string(&writer, RH_STR_ABSENT);
	rh_json_member(&writer, "e", RH_STR_ABSENT);
	rh_json_member(&writer, "f", RH_STR(""));
	rh_json_end_object(&writer);
	assert_int_equal(rh_buf_check(&out, "text", NULL), RH_OK);
	assert_string_equal(out.ptr,
			    "{\"a\":[18446744073709551615,-9223372036854775808,7,true,false,"
			    "null,{},[],[1,2]],\"b\\\"\xc3\xa4\":\"x\",\"c\":null,"
			    "\"d\":null,\"f\":\"\"}");
	assert_int_equal(strlen(out.ptr), out.len);
}

static void only_what_must_be_is_escaped(void **)
{
	rh_autobuf out = {0};

	rh_buf_init(&out, 1000);
	rh_json_escape(&out,
		       RH_STR("a\"\\/\b\t\n\f\r\x01\x1f\x7f \xe2\x80\xa8 0123456789abcdef\"\""));
	assert_string_equal(out.ptr, "a\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f \xe2\x80\xa8 "
				     "0123456789abcdef\\\"\\\"");
	rh_buf_reset(&out);
	rh_json_escape(&out, RH_STR_ABSENT);
	assert_int_equal(out.len, 0);
}

/* Every byte below 0x80, at every place within the 16 that are looked at together, comes back. */
static void strings_come_back(void **)
{
	struct rh_json json = {0};
	char plain[40];

	for (size_t at = 0; at < sizeof(plain); at++) {
		for (int byte = 1; byte < 0x80; byte++) {
			struct rh_json_writer writer;
			rh_autobuf out = {0};

			memset(plain, 'x', sizeof(plain));
			plain[at] = (char)byte;
			rh_buf_init(&out, 1000);
			rh_json_writer_init(&writer, &out);
			rh_json_put_string(&writer, (struct rh_str){plain, sizeof(plain)});
			assert_int_equal(rh_json_parse(&json, out.ptr, out.len, NULL), RH_OK);
			assert_true(rh_str_eq(rh_json_string(rh_json_root(&json)),
					      (struct rh_str){plain, sizeof(plain)}));
		}
	}
	rh_json_done(&json);
}

static void nodes_are_written_back(void **)
{
	char text[] = " { \"a\" : [ 1.50 , -0 , 1E+400 , 12345678901234567890123 ] , \"\\u0061\" : "
		      "{ \"\\n\" : \"\\ud83d\\ude00\\/\" } , \"c\" : [ true , false , null , [ ] , "
		      "{ } ] } ";
	struct rh_json json = {0};
	struct rh_json_writer writer;
	rh_autobuf out = {0};

	rh_buf_init(&out, 1000);
	assert_int_equal(rh_json_parse(&json, text, strlen(text), NULL), RH_OK);
	rh_json_writer_init(&writer, &out);
	rh_json_begin_array(&writer);
	rh_json_put_node(&writer, rh_json_root(&json));
	rh_json_put_node(&writer, NULL);
	rh_json_end_array(&writer);
	assert_string_equal(out.ptr,
			    "[{\"a\":[1.50,-0,1E+400,12345678901234567890123],\"a\":{\"\\n\":"
			    "\"\xf0\x9f\x98\x80/\"},\"c\":[true,false,null,[],{}]},null]");
	rh_json_done(&json);
}

/* Sixteen bytes, eight, and one at a time: each byte in each place of texts of all these lengths. */
static void each_byte_is_seen_wherever_it_stands(void **)
{
	char text[40];

	for (size_t len = 1; len < sizeof(text); len++) {
		for (size_t place = 0; place < len; place++) {
			for (unsigned byte = 1; byte < 0x80; byte++) {
				bool is_plain = byte >= 0x20 && byte != '"' && byte != '\\';
				struct rh_json_writer writer;
				char buffer[64] = "";
				struct rh_buf out = {.ptr = buffer,
						     .cap = sizeof(buffer),
						     .max = 60};

				memset(text, 'x', len);
				text[place] = (char)byte;
				text[len] = '\0';
				rh_json_writer_init(&writer, &out);
				rh_json_key(&writer, text);
				assert_int_equal(out.failed, RH_OK);
				assert_int_equal(out.len == len + 3, is_plain);
				assert_memory_equal(out.ptr, "\"xx", place < 2 ? 1 : 3);
				assert_int_equal(out.ptr[place + 1] == (char)byte,
						 is_plain || byte == '\\');
				assert_string_equal(out.ptr + out.len - 2, "\":");
			}
		}
		text[len] = 'x';
	}
}

static void failure_is_seen_at_the_end(void **)
{
	struct rh_json_writer writer;
	rh_autobuf out = {0};

	rh_buf_init(&out, 8);
	rh_json_writer_init(&writer, &out);
	rh_json_begin_array(&writer);
	rh_json_put_cstr(&writer, "1234");
	rh_json_put_cstr(&writer, "5");
	rh_json_end_array(&writer);
	assert_int_equal(rh_buf_check(&out, "text", NULL), RH_ELIMIT);
	rh_buf_done(&out);
	rh_buf_init(&out, 1000);
	rh_json_writer_init(&writer, &out);
	rh_alloc_fail_from(1);
	rh_json_put_cstr(&writer, "a");
	rh_json_put_cstr(&writer, "\n");
	rh_alloc_fail_from(0);
	assert_int_equal(rh_buf_check(&out, "text", NULL), RH_ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_come_by_themselves),
		cmocka_unit_test(only_what_must_be_is_escaped),
		cmocka_unit_test(strings_come_back),
		cmocka_unit_test(nodes_are_written_back),
		cmocka_unit_test(each_byte_is_seen_wherever_it_stands),
		cmocka_unit_test(failure_is_seen_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
