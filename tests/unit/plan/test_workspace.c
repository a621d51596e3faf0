/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a migration: its name, its modes, where its key lies and where it must not. */
#include "plan/workspace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "folder.h"

/* Every test runs in a folder of its own, with no state folder named. */
struct place {
	char *folder;
	char *before;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	place->folder = test_folder_new();
	place->before = getcwd(NULL, 0);
	*state = place;
	return chdir(place->folder) == 0 && unsetenv("XDG_STATE_HOME") == 0 && unsetenv("HOME") == 0
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	struct place *place = *state;
	int code = chdir(place->before);

	test_folder_free(place->folder);
	free(place->before);
	free(place);
	return code;
}

static void has_mode(const char *path, mode_t mode)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
}

static void opens(const char *path, const char *key)
{
	struct rh_workspace workspace = {0};
	struct rh_err err = {0};

	if (rh_workspace_open(&workspace, path, key, &err) != RH_OK) {
		fail_msg("%s", err.message);
	}
	rh_workspace_done(&workspace);
}

static void refuses(const char *path, const char *key)
{
	struct rh_workspace workspace = {0};
	struct rh_err err = {0};

	assert_int_equal(rh_workspace_open(&workspace, path, key, &err), RH_EUSAGE);
	assert_non_null(strstr(err.hint, "--seal-key"));
	assert_null(workspace.path);
}

static void a_name_cannot_leave_its_folder(void **)
{
	static const struct {
		struct rh_ledger_identity identity;
		const char *name;
	} cases[] = {
		{{.source = "acme",
		  .target = "other",
		  .environment = "production",
		  .target_tenant = "client_01ABC"},
		 ".rehome/acme-other-production-client_01ABC"},
		{{.source = "acme",
		  .target = "other",
		  .environment = "../x",
		  .target_tenant = "a/b\\c d:e\xc3\xa4-f"},
		 ".rehome/acme-other-.._x-a_b_c_d_e___f"},
		{{.source = "acme", .target = "other", .environment = "", .target_tenant = ""},
		 ".rehome/acme-other--"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rh_autofree char *name = rh_workspace_default(&cases[i].identity);
		assert_string_equal(name, cases[i].name);
	}
}

static void the_key_lies_in_the_state_folder(void **state)
{
	struct place *place = *state;
	char *home = test_folder_path(place->folder, "home");
	char *xdg = test_folder_path(place->folder, "xdg");

	refuses("ws", NULL); /* no HOME, nothing named */
	assert_int_equal(setenv("HOME", home, 1), 0);
	opens("ws", NULL);
	has_mode("home/.local/state/rehome/seal.key", 0600);
	has_mode("home/.local/state/rehome", 0700);
	assert_int_equal(setenv("XDG_STATE_HOME", "relative", 1), 0); /* to be ignored */
	opens("ws", NULL);
	assert_false(rh_file_exists("relative"));
	assert_int_equal(setenv("XDG_STATE_HOME", xdg, 1), 0);
	opens("ws", NULL);
	has_mode("xdg/rehome/seal.key", 0600);
	free(home);
	free(xdg);
}

static void the_key_never_lies_in_the_workspace(void **)
{
	refuses("ws", "ws/seal.key");
	refuses("ws", "./ws/deep/er/seal.key");
	refuses("ws", "ws/../ws/seal.key");
	assert_int_equal(symlink("ws", "link"), 0);
	refuses("ws", "link/seal.key");
	assert_false(rh_file_exists("ws/seal.key"));
	assert_false(rh_file_exists("ws/deep"));
	opens("ws", "ws-not/seal.key"); /* only the beginning of the name is the same */
	opens("ws", "seal.key");
	opens("ws", "new/deep/seal.key");
	has_mode("new/deep/seal.key", 0600);
}

static void files_and_folders_are_private(void **)
{
	struct rh_workspace workspace = {0};
	struct rh_err err = {0};
	rh_autofree char *path = NULL;
	rh_autofree char *plain = NULL;

	assert_int_equal(rh_workspace_open(&workspace, ".rehome/one", "key", &err), RH_OK);
	has_mode(".rehome", 0700);
	has_mode(".rehome/one", 0700);
	has_mode("key", 0600);
	assert_int_equal(rh_workspace_file(&workspace, "plans", "1.json", &path, &err), RH_OK);
	assert_string_equal(path, ".rehome/one/plans/1.json");
	has_mode(".rehome/one/plans", 0700);
	assert_int_equal(rh_workspace_file(&workspace, NULL, "ledger.db", &plain, &err), RH_OK);
	assert_string_equal(plain, ".rehome/one/ledger.db");
	rh_workspace_done(&workspace);
	assert_null(workspace.path);
}

static void one_key_gives_different_keys_always_the_same(void **)
{
	struct rh_workspace one = {0};
	struct rh_workspace two = {0};
	struct rh_workspace other = {0};
	struct rh_err err = {0};

	assert_int_equal(rh_workspace_open(&one, "a", "key", &err), RH_OK);
	assert_int_equal(rh_workspace_open(&two, "b", "key", &err), RH_OK);
	assert_int_equal(rh_workspace_open(&other, "a", "key2", &err), RH_OK);
	assert_memory_equal(one.match_key, two.match_key, RH_SEAL_KEY_LEN);
	assert_memory_equal(one.pseudonym_key, two.pseudonym_key, RH_SEAL_KEY_LEN);
	assert_memory_not_equal(one.match_key, other.match_key, RH_SEAL_KEY_LEN);
	assert_memory_not_equal(one.match_key, one.digest_key, RH_SEAL_KEY_LEN);
	assert_memory_not_equal(one.digest_key, one.snapshot_key, RH_SEAL_KEY_LEN);
	assert_memory_not_equal(one.snapshot_key, one.pseudonym_key, RH_SEAL_KEY_LEN);
	rh_workspace_done(&one);
	rh_workspace_done(&two);
	rh_workspace_done(&other);
}

static void git_sees_nothing_and_loses_nothing(void **)
{
	struct rh_err err = {0};
	rh_autobuf content = {0};

	opens(".rehome/one", "key");
	assert_true(rh_file_exists(".rehome/.gitignore"));
	assert_false(rh_file_exists(".rehome/one/.gitignore"));
	opens("new", "key");
	assert_true(rh_file_exists("new/.gitignore"));
	/* A folder of somebody's own is left as it is, whatever its name ends with. */
	assert_int_equal(mkdir("mine", 0755), 0);
	opens("mine", "key");
	assert_false(rh_file_exists("mine/.gitignore"));
	assert_int_equal(mkdir("my.rehome", 0755), 0);
	opens("my.rehome/ws", "key");
	assert_false(rh_file_exists("my.rehome/.gitignore"));
	assert_true(rh_file_exists("my.rehome/ws/.gitignore"));
	rh_buf_init(&content, 100);
	assert_int_equal(rh_file_read(".rehome/.gitignore", &content, &err), RH_OK);
	assert_string_equal(content.ptr, "*\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_cannot_leave_its_folder),
		CASE(the_key_lies_in_the_state_folder),
		CASE(the_key_never_lies_in_the_workspace),
		CASE(files_and_folders_are_private),
		CASE(one_key_gives_different_keys_always_the_same),
		CASE(git_sees_nothing_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
