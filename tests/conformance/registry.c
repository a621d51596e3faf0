/* SPDX-License-Identifier: Apache-2.0 */
/* No connector escapes the suite: each one of the registry has its file here, under its name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rehome/rehome.h>

#include <dirent.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "read/reader.h"
#include "suite.h"

static void test_everybody(void **state)
{
	const char *source = getenv("REHOME_SOURCE");
	const struct rh_connector *connector;

	(void)state;
	assert_non_null(source);
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		char *path = NULL;
		assert_true(asprintf(&path, "%s/tests/conformance/%s.c", source, connector->name) >
			    0);
		print_message("# %s\n", path);
		assert_true(rh_file_exists(path));
		free(path);
	}
	assert_true(rh_connector_at(0) != NULL);
}

/* Names are asked for in one way only, and what they mean is one thing. */
static void test_names(void **state)
{
	const struct rh_connector *connector;

	(void)state;
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		assert_ptr_equal(rh_connector_find(connector->name), connector);
	}
	assert_null(rh_connector_find("acme"));
	assert_null(rh_connector_find(NULL));
}

/* Who takes the file for an export of theirs, by name, one behind the other with a blank. */
static void recognise(const char *path, char *names, size_t size)
{
	struct rh_bytes *bytes = NULL;
	struct rh_reader *reader = NULL;
	struct rh_item item;
	struct rh_err err = {0};
	const struct rh_connector *connector;

	if (rh_bytes_open(&bytes, path, NULL, &err) != RH_OK ||
	    rh_reader_open(&reader, bytes, &err) != RH_OK ||
	    rh_reader_next(reader, &item, &err) != 1) {
		fail_msg("%s: %s", path, err.message);
	}
	const struct rh_sniff sniff = {
		.wrapper = rh_reader_wrapper(reader),
		.json = item.is_bad ? NULL : item.record.json,
		.columns = rh_reader_columns(reader),
	};
	names[0] = '\0';
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		int id = connector->recognise != NULL ? connector->recognise(&sniff) : 0;
		const struct rh_shape *shape = connector->shapes;
		while (id != 0 && shape->id != id) {
			shape++;
		}
		if (id != 0 && !shape->is_guess) {
			size_t len = strlen(names);
			(void)snprintf(names + len, size - len, "%s%s", len > 0 ? " " : "",
				       connector->name);
		}
	}
	rh_reader_close(reader);
}

/* Each export of a folder is taken by `owner` alone; NULL: by the one whose name its own begins with, and one of people
 * at large by nobody. */
static size_t check_folder(const char *folder, const char *owner)
{
	struct dirent *entry;
	size_t count = 0;
	DIR *dir = opendir(folder);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct rh_str name = rh_str_from(entry->d_name);
		char path[4096];
		char names[256];
		const char *end = strrchr(entry->d_name, '.');
		if (end == NULL || (strcmp(end, ".json") != 0 && strcmp(end, ".ndjson") != 0 &&
				    strcmp(end, ".csv") != 0)) {
			continue;
		}
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		recognise(path, names, sizeof(names));
		if (owner != NULL ? strcmp(names, owner) != 0
		    : rh_str_starts(name, "people.")
			    ? names[0] != '\0'
			    : names[0] == '\0' || strchr(names, ' ') != NULL ||
				      !rh_str_starts(name, names)) {
			fail_msg("%s is taken by \"%s\"", path, names);
		}
		count++;
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
	return count;
}

/* No two connectors take one file. */
static void test_recognise(void **state)
{
	const struct rh_connector *connector;
	char folder[4096];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		bool is_guess = connector->shapes == NULL || connector->shapes[0].is_guess;
		(void)snprintf(folder, sizeof(folder), "%s/tests/data/%s", getenv("REHOME_SOURCE"),
			       connector->name);
		count += is_guess ? 0 : check_folder(folder, connector->name);
	}
	assert_true(count > 25);
	(void)snprintf(folder, sizeof(folder), "%s/samples", getenv("REHOME_SOURCE"));
	assert_true(check_folder(folder, NULL) >= 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everybody),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_recognise),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
