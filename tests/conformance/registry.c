/* SPDX-License-Identifier: Apache-2.0 */
/* No connector escapes the suite: each one of the registry has its file here, under its name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rehome/rehome.h>

#include "base/file.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everybody),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
