/* SPDX-License-Identifier: Apache-2.0 */
/* The archive: what goes in comes out, and what is damaged, cut or of another archive is refused (archive.h, A1 to A4). */
#include "archive/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/str.h"
#include "folder.h"
#include "read/reader.h"

#define FILE_MAX (16U * 1024 * 1024)
#define RECORDS 5000U
/* Argon2id takes a while: as few archives are sealed as there can be. */
#define PASSPHRASE "correct horse"

static struct rh_archive_secret secret_of(const char *text)
{
	return (struct rh_archive_secret){.bytes = rh_str_from(text)};
}

static int write_archive(const char *folder, const char *passphrase, struct rh_err *err)
{
	struct rh_archive_about about = {
		.provider = "acme",
		.tenant = "file",
		.made_at = INT64_C(1700000000000000),
		.secret = secret_of(passphrase),
	};
	struct rh_archive_writer *writer;
	int code = rh_archive_create(&writer, folder, &about, err);

	if (code != RH_OK) {
		return code;
	}
	for (unsigned i = 0; i < RECORDS; i++) {
		char record[128];
		int len = snprintf(record, sizeof(record),
				   "{\"kind\":\"user\",\"account\":{\"source_id\":\"secret_%u\"}}",
				   i);

		assert_int_equal(rh_archive_put(writer, RH_KIND_USER,
						(struct rh_str){.ptr = record, .len = (size_t)len},
						err),
				 RH_OK);
	}
	assert_int_equal(rh_archive_put(writer, RH_KIND_ORGANIZATION, RH_STR("{}"), err), RH_OK);
	return rh_archive_finish(writer, err);
}

/* Text of the users, unpacked. */
static void read_users(struct rh_archive *archive, struct rh_buf *out)
{
	struct rh_bytes *packed;
	struct rh_bytes *bytes;
	char room[4096];
	ptrdiff_t got;

	rh_buf_init(out, FILE_MAX);
	assert_int_equal(rh_archive_bytes(archive, rh_archive_path(archive, RH_KIND_USER), &packed,
					  NULL),
			 RH_OK);
	assert_int_equal(rh_bytes_inflate(&bytes, packed, NULL), RH_OK);
	while ((got = bytes->read(bytes, room, sizeof(room), NULL)) > 0) {
		rh_buf_add(out, room, (size_t)got);
	}
	assert_int_equal(got, 0);
	bytes->close(bytes);
}

static void expect_whole(const char *folder, const char *passphrase)
{
	struct rh_archive_secret secret = secret_of(passphrase);
	struct rh_archive *archive;
	struct rh_buf text;

	assert_int_equal(rh_archive_open(&archive, folder, &secret, NULL), RH_OK);
	assert_int_equal(rh_archive_check(archive, NULL, NULL, NULL), RH_OK);
	assert_int_equal(rh_archive_count(archive, RH_KIND_USER), RECORDS);
	assert_int_equal(rh_archive_count(archive, RH_KIND_ORGANIZATION), 1);
	assert_true(rh_archive_count(archive, RH_KIND_ROLE) == UINT64_MAX);
	assert_string_equal(rh_archive_provider(archive), "acme");
	assert_string_equal(rh_archive_tenant(archive), "file");
	read_users(archive, &text);
	assert_true(
		rh_str_starts(rh_buf_str(&text),
			      "{\"kind\":\"user\",\"account\":{\"source_id\":\"secret_0\"}}\n"));
	rh_buf_done(&text);
	rh_archive_close(archive);
}

static int set_up(void **state)
{
	*state = test_folder_new();
	return 0;
}

static int tear_down(void **state)
{
	test_folder_free(*state);
	return 0;
}

static void goes_in_and_comes_out(void **state)
{
	const char *folder = *state;
	char *path = test_folder_path(folder, "users.ndjson.zst");
	struct stat status;

	assert_int_equal(write_archive(folder, NULL, NULL), RH_OK);
	expect_whole(folder, NULL);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	/* A4 */
	assert_int_equal(write_archive(folder, NULL, NULL), RH_ESTATE);
	expect_whole(folder, NULL);
	free(path);
}

static bool file_has(const char *path, const char *text)
{
	struct rh_buf content;
	bool found;

	rh_buf_init(&content, FILE_MAX);
	assert_int_equal(rh_file_read(path, &content, NULL), RH_OK);
	found = memmem(content.ptr, content.len, text, strlen(text)) != NULL;
	rh_buf_done(&content);
	return found;
}

/* A3 */
static void sealed_it_needs_its_secret(void **state)
{
	const char *folder = *state;
	char *path = test_folder_path(folder, "users.ndjson.zst.sealed");
	char *manifest = test_folder_path(folder, "manifest.json");
	struct rh_archive_secret secret = secret_of("another horse");
	struct rh_archive_secret none = {.bytes = RH_STR_ABSENT};
	struct rh_archive *archive;

	assert_int_equal(write_archive(folder, PASSPHRASE, NULL), RH_OK);
	expect_whole(folder, PASSPHRASE);
	assert_false(file_has(path, "secret_"));
	assert_false(file_has(manifest, "secret_"));
	assert_int_equal(rh_archive_open(&archive, folder, &none, NULL), RH_EUSAGE);
	assert_int_equal(rh_archive_open(&archive, folder, &secret, NULL), RH_EUSAGE);
	free(path);
	free(manifest);
}

static void write_file(const char *folder, const char *name, struct rh_str content)
{
	char *path = test_folder_path(folder, name);

	assert_int_equal(rh_file_write(path, content, NULL), RH_OK);
	free(path);
}

/* Opens and checks; the code of whichever refuses. */
static int look(const char *folder, const char *passphrase)
{
	struct rh_archive_secret secret = secret_of(passphrase);
	struct rh_archive *archive;
	int code = rh_archive_open(&archive, folder, &secret, NULL);

	if (code == RH_OK) {
		code = rh_archive_check(archive, NULL, NULL, NULL);
		rh_archive_close(archive);
	}
	return code;
}

static void read_file(const char *folder, const char *name, struct rh_buf *out)
{
	char *path = test_folder_path(folder, name);

	rh_buf_init(out, FILE_MAX);
	assert_int_equal(rh_file_read(path, out, NULL), RH_OK);
	free(path);
}

/* A2: every byte counts, and so does every byte that is not there. */
static void damaged_it_is_refused(void **state)
{
	const char *folder = *state;
	const char *name = "users.ndjson.zst";
	struct rh_buf whole;

	assert_int_equal(write_archive(folder, NULL, NULL), RH_OK);
	read_file(folder, name, &whole);
	for (size_t i = 0; i < whole.len; i += whole.len / 23 + 1) {
		whole.ptr[i] = (char)(whole.ptr[i] ^ 0x10);
		write_file(folder, name, rh_buf_str(&whole));
		assert_int_not_equal(look(folder, NULL), RH_OK);
		whole.ptr[i] = (char)(whole.ptr[i] ^ 0x10);
		write_file(folder, name, rh_str_sub(rh_buf_str(&whole), 0, i));
		assert_int_not_equal(look(folder, NULL), RH_OK);
	}
	write_file(folder, name, rh_buf_str(&whole));
	assert_int_equal(look(folder, NULL), RH_OK);
	rh_buf_done(&whole);
}

/* A manifest is read as carefully: nothing outside the folder, nothing that it does not say. */
static void a_manifest_that_lies_is_refused(void **state)
{
	static const struct {
		const char *from;
		const char *to;
	} lies[] = {
		{"\"records\":5000", "\"records\":4999"},
		{"\"records\":5000", "\"records\":-1"},
		{"\"version\":1", "\"version\":2"},
		{"rehome archive", "another archive"},
		{"users.ndjson.zst", "../users.ndjson"},
		{"users.ndjson.zst", "roles.ndjson.zst"},
		{"\"kind\":\"user\"", "\"kind\":\"role\""},
		{"\"sha256\":\"", "\"sha256\":\"0"},
		{"\"seal\":null", "\"seal\":{}"},
		{"\"provider\":", "\"Provider\":"},
		{"{", "["},
	};
	const char *folder = *state;
	struct rh_buf whole;

	assert_int_equal(write_archive(folder, NULL, NULL), RH_OK);
	read_file(folder, "manifest.json", &whole);
	rh_buf_add_char(&whole, '\0');
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		char *at = strstr(whole.ptr, lies[i].from);
		struct rh_buf lie;

		assert_non_null(at);
		rh_buf_init(&lie, FILE_MAX);
		rh_buf_add(&lie, whole.ptr, (size_t)(at - whole.ptr));
		rh_buf_add_cstr(&lie, lies[i].to);
		rh_buf_add_cstr(&lie, at + strlen(lies[i].from));
		write_file(folder, "manifest.json", rh_buf_str(&lie));
		assert_int_not_equal(look(folder, NULL), RH_OK);
		rh_buf_done(&lie);
	}
	rh_buf_done(&whole);
}

/* A1: without a manifest there is no archive, and what is given up leaves nothing. */
static void given_up_it_leaves_nothing(void **state)
{
	const char *folder = *state;
	struct rh_archive_about about = {.provider = "acme", .tenant = "file"};
	char *part = test_folder_path(folder, "users.ndjson.zst.part");
	struct rh_archive_writer *writer;

	assert_int_equal(rh_archive_create(&writer, folder, &about, NULL), RH_OK);
	assert_int_equal(rh_archive_put(writer, RH_KIND_USER, RH_STR("{}"), NULL), RH_OK);
	assert_int_equal(access(part, F_OK), 0);
	assert_int_equal(look(folder, NULL), RH_EINPUT);
	rh_archive_abandon(writer);
	assert_int_not_equal(access(part, F_OK), 0);
	free(part);
}

static void nobody_is_something_to_say(void **state)
{
	const char *folder = *state;
	struct rh_archive_about about = {.provider = "acme", .tenant = "file"};
	struct rh_archive_secret none = {.bytes = RH_STR_ABSENT};
	struct rh_archive_writer *writer;
	struct rh_archive *archive;

	assert_int_equal(rh_archive_create(&writer, folder, &about, NULL), RH_OK);
	assert_int_equal(rh_archive_finish(writer, NULL), RH_OK);
	assert_int_equal(rh_archive_open(&archive, folder, &none, NULL), RH_OK);
	assert_int_equal(rh_archive_check(archive, NULL, NULL, NULL), RH_OK);
	assert_int_equal(rh_archive_count(archive, RH_KIND_USER), 0);
	rh_archive_close(archive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(goes_in_and_comes_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sealed_it_needs_its_secret, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_it_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_manifest_that_lies_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(given_up_it_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_is_something_to_say, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
