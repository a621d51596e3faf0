/* SPDX-License-Identifier: Apache-2.0 */
/* Files of tests/data/<provider>, each with what is to come of it beside it. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rehome/connector.h>

/* A test of cmocka; its state is the file's name. */
void golden_compare(void **state);
#define GOLDEN(file)                                       \
	{                                                  \
		.name = file, .test_func = golden_compare, \
		.initial_state = (void *)(uintptr_t)(file) \
	}
/* `opened`: the connector's instance; NULL where it has none that matters. */
int golden_run(const char *name, const struct rh_connector *subject, void *opened,
	       const struct CMUnitTest *tests, size_t count);
/* The same of a connector that is opened first, with no options given. */
int golden_open_and_run(const struct rh_connector *subject, void *opened,
			const struct CMUnitTest *tests, size_t count);

#endif
