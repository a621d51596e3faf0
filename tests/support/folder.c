/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own. */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

char *test_folder_path(const char *folder, const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

char *test_folder_new(void)
{
	const char *parent = getenv("TMPDIR");
	char *path = test_folder_path(parent != NULL ? parent : "/tmp", "rehome-test-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static int remove_entry(const char *path, const struct stat *, int, struct FTW *)
{
	return remove(path);
}

void test_folder_free(char *path)
{
	if (path != NULL) {
		(void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
		free(path);
	}
}
