/* SPDX-License-Identifier: Apache-2.0 */
/* Files of records that did not move: their names, their form, and that they are whole or not there (J1 to J4). */
#include "cli/reject_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"

struct place {
	char *folder;
	char *path; /* "…/gone.away.json" */
	struct rh_reject_files *files;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	place->folder = test_folder_new();
	place->path = test_folder_path(place->folder, "gone.away.json");
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	rh_reject_files_free(place->files);
	test_folder_free(place->folder);
	free(place->path);
	free(place);
	return 0;
}

static void begin(struct place *place, bool may_replace)
{
	assert_int_equal(rh_reject_files_new(&place->files, place->path, may_replace, NULL, NULL),
			 RH_OK);
}

static const struct rh_reject_note plain = {.code = "RH0205", .reason = "it is; \"so\""};
static const struct rh_reject_note taken = {.code = "RH0106",
					    .reason = "twice",
					    .taken_id = "user_x"};

static int add_noted(struct place *place, const char *text, const char *wrapper, const char *header,
		     bool is_broken, const struct rh_reject_note *note)
{
	struct rh_record_text record = {
		.text = rh_str_from(text),
		.form = header != NULL ? RH_RECORD_CELLS : RH_RECORD_ARRAY,
		.wrapper = wrapper,
		.separator = header != NULL ? ';' : '\0',
		.header = header != NULL ? rh_str_from(header) : RH_STR_ABSENT,
	};

	return rh_reject_files_add(place->files, &record, is_broken, note, NULL);
}

static int add(struct place *place, const char *text, const char *wrapper, const char *header,
	       bool is_broken)
{
	return add_noted(place, text, wrapper, header, is_broken, &plain);
}

static void check_file(const struct place *place, const char *name, const char *content)
{
	char *path = test_folder_path(place->folder, name);
	rh_autobuf text = {0};
	struct stat status;

	rh_buf_init(&text, 10000);
	assert_int_equal(rh_file_read(path, &text, NULL), RH_OK);
	assert_string_equal(text.ptr, content);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	free(path);
}

static void each_form_has_its_file(void **state)
{
	struct place *place = *state;
	struct rh_reject_file file;

	begin(place, false);
	assert_int_equal(add(place, "{\"id\":1}", NULL, NULL, false), RH_OK);
	assert_int_equal(add(place, "a;b", NULL, "x;y", false), RH_OK);
	assert_int_equal(add(place, "{\"id\":[2.50],\"rehome_code\":\"old\"}", NULL, NULL, false),
			 RH_OK);
	assert_int_equal(add(place, "{\"id\":3}", "users", NULL, false), RH_OK);
	assert_int_equal(add(place, "{\"id\":", NULL, NULL, true), RH_OK);
	assert_int_equal(add(place, "a;b;c", NULL, "x;y", true), RH_OK);
	assert_int_equal(add(place, "1;old;2", NULL, "x;rehome_code;y", false), RH_OK);
	assert_int_equal(rh_reject_files_finish(place->files, NULL), RH_OK);
	check_file(
		place, "gone.away.json",
		"[\n{\"id\":1,\"rehome_code\":\"RH0205\",\"rehome_reason\":\"it is; "
		"\\\"so\\\"\"},\n"
		"{\"id\":[2.50],\"rehome_code\":\"RH0205\",\"rehome_reason\":\"it is; \\\"so\\\"\"}"
		"\n]\n");
	check_file(place, "gone.away.2.csv",
		   "x;y;rehome_code;rehome_reason\na;b;RH0205;\"it is; \"\"so\"\"\"\n");
	check_file(place, "gone.away.3.json",
		   "{\"users\":[\n{\"id\":3,\"rehome_code\":\"RH0205\",\"rehome_reason\":\"it is; "
		   "\\\"so\\\"\"}\n]}\n");
	check_file(place, "gone.away.4.csv",
		   "x;y;rehome_code;rehome_reason\n1;2;RH0205;\"it is; \"\"so\"\"\"\n");
	check_file(place, "gone.away.broken.json", "{\"id\":\n");
	check_file(place, "gone.away.broken.2.csv", "x;y\na;b;c\n");
	assert_true(rh_reject_files_at(place->files, 0, &file));
	assert_int_equal(file.count, 2);
	assert_false(rh_reject_files_at(place->files, 6, &file));
}

static void half_a_file_is_none(void **state)
{
	struct place *place = *state;
	char *temporary = test_folder_path(place->folder, "gone.away.json.part");

	begin(place, false);
	assert_int_equal(add(place, "{}", NULL, NULL, false), RH_OK);
	assert_true(rh_file_exists(temporary));
	rh_reject_files_free(place->files);
	place->files = NULL;
	assert_false(rh_file_exists(temporary));
	assert_false(rh_file_exists(place->path));
	free(temporary);
}

/* Also one that comes while we write. */
static void what_is_there_stays(void **state)
{
	struct place *place = *state;
	struct rh_err err = {0};

	begin(place, false);
	assert_int_equal(add(place, "{}", NULL, NULL, false), RH_OK);
	assert_int_equal(rh_file_write(place->path, RH_STR("mine"), NULL), RH_OK);
	assert_int_equal(rh_reject_files_finish(place->files, &err), RH_ESTATE);
	assert_non_null(strstr(err.hint, "--yes"));
	check_file(place, "gone.away.json", "mine");
	rh_reject_files_free(place->files);
	place->files = NULL;
	assert_int_equal(rh_reject_files_new(&place->files, place->path, false, NULL, &err),
			 RH_ESTATE);
	begin(place, true);
	assert_int_equal(add(place, "{}", NULL, NULL, false), RH_OK);
	assert_int_equal(rh_reject_files_finish(place->files, NULL), RH_OK);
	check_file(place, "gone.away.json",
		   "[\n{\"rehome_code\":\"RH0205\",\"rehome_reason\":\"it is; \\\"so\\\"\"}\n]\n");
}

/* J4: only the first that is so; what only looks like it stays. */
static void an_id_of_somebody_else_is_not_written(void **state)
{
	struct place *place = *state;

	begin(place, false);
	assert_int_equal(add_noted(place, "{\"a\":[\"user_x\"],\"id\":\"user_x\",\"x\":\"user_x\"}",
				   NULL, NULL, false, &taken),
			 RH_OK);
	/* Rather none than one that would be taken for somebody. */
	assert_int_not_equal(add_noted(place, "{\"id\":\"user_y\"}", NULL, NULL, false, &taken),
			     RH_OK);
	rh_reject_files_free(place->files);
	place->files = NULL;
	begin(place, false);
	assert_int_equal(add_noted(place, "{\"a\":[\"user_x\"],\"id\":\"user_x\",\"x\":\"user_x\"}",
				   NULL, NULL, false, &taken),
			 RH_OK);
	assert_int_equal(add_noted(place, "\"user_x\";user_x;b", NULL, "id;x;y", false, &taken),
			 RH_OK);
	assert_int_equal(add(place, "user_x;b;c", NULL, "id;x;y", false), RH_OK);
	assert_int_equal(rh_reject_files_finish(place->files, NULL), RH_OK);
	check_file(place, "gone.away.json",
		   "[\n{\"a\":[\"user_x\"],\"id\":\"\",\"x\":\"user_x\",\"rehome_code\":\"RH0106\","
		   "\"rehome_reason\":\"twice\"}\n]\n");
	check_file(place, "gone.away.2.csv",
		   "id;x;y;rehome_code;rehome_reason\n;user_x;b;RH0106;twice\n"
		   "user_x;b;c;RH0205;\"it is; \"\"so\"\"\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_form_has_its_file, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_file_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_there_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(an_id_of_somebody_else_is_not_written, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
