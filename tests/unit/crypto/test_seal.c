/* SPDX-License-Identifier: Apache-2.0 */
/* The seal: its key file, derived keys, chunks that cannot be changed, moved or opened with another key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "crypto/seal.h"

static char folder[] = "/tmp/rehome-seal-XXXXXX";
static char nested[sizeof(folder) + 32];
static char path[sizeof(folder) + 48];

static int setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL) {
		return -1;
	}
	(void)snprintf(nested, sizeof(nested), "%s/state", folder);
	(void)snprintf(path, sizeof(path), "%s/seal.key", nested);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)rmdir(nested);
	return rmdir(folder); /* fails when something was left behind */
}

static void write_file(size_t len, mode_t mode)
{
	static const char bytes[64];
	FILE *file;

	(void)unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void key_is_made_once_and_read_again(void **state)
{
	struct rh_seal first;
	struct rh_seal second;
	struct stat status;
	struct rh_err err;

	(void)state;
	assert_int_equal(rh_seal_open(&first, path, false, &err), RH_EIO);
	assert_false(rh_file_exists(nested));
	assert_int_equal(rh_seal_open(&first, path, true, &err), RH_OK);
	assert_int_equal(rh_seal_open(&second, path, true, &err), RH_OK);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(status.st_size, 32);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(rh_seal_open(&second, path, true, &err), RH_OK);
	assert_memory_not_equal(&first, &second, sizeof(first));
}

static void bad_key_files_are_refused(void **state)
{
	struct rh_seal seal;
	struct rh_err err;

	(void)state;
	write_file(32, 0640);
	assert_int_equal(rh_seal_open(&seal, path, true, &err), RH_EDENIED);
	write_file(32, 0604);
	assert_int_equal(rh_seal_open(&seal, path, true, &err), RH_EDENIED);
	assert_non_null(strstr(err.hint, "chmod 600"));
	write_file(31, 0600);
	assert_int_equal(rh_seal_open(&seal, path, true, &err), RH_EMISMATCH);
	write_file(33, 0600);
	assert_int_equal(rh_seal_open(&seal, path, true, &err), RH_EMISMATCH);
	write_file(0, 0600);
	assert_int_equal(rh_seal_open(&seal, path, true, &err), RH_EMISMATCH);
	write_file(32, 0600);
	assert_int_equal(rh_seal_open(&seal, path, true, &err), RH_OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(rh_seal_open(&seal, path, true, &err), RH_EMISMATCH);
	assert_int_equal(rmdir(path), 0);
}

static void each_purpose_has_its_key(void **state)
{
	struct rh_seal seal = {{7}};
	struct rh_seal other = {{8}};
	uint8_t keys[RH_SEAL_MATCH + 1][32];
	uint8_t again[32];

	(void)state;
	for (int i = RH_SEAL_SNAPSHOT; i <= RH_SEAL_MATCH; i++) {
		rh_seal_derive(&seal, (enum rh_seal_purpose)i, keys[i]);
		assert_memory_not_equal(keys[i], seal.key, 32);
		rh_seal_derive(&seal, (enum rh_seal_purpose)i, again);
		assert_memory_equal(keys[i], again, 32);
		rh_seal_derive(&other, (enum rh_seal_purpose)i, again);
		assert_memory_not_equal(keys[i], again, 32);
		for (int j = RH_SEAL_SNAPSHOT; j < i; j++) {
			assert_memory_not_equal(keys[i], keys[j], 32);
		}
	}
}

static void chunks_come_back_as_they_were(void **state)
{
	static const uint8_t key[32] = {1};
	rh_autobuf sealed = {0};
	rh_autobuf content = {0};
	struct rh_str texts[] = {RH_STR("ada\0example"), RH_STR("")};

	(void)state;
	rh_buf_init(&sealed, 4096);
	rh_buf_init_secret(&content, 4096);
	rh_buf_add_cstr(&sealed, "before");
	rh_buf_add_cstr(&content, "kept ");
	for (size_t i = 0; i < 2; i++) {
		size_t start = sealed.len;
		struct rh_str chunk;

		rh_seal_chunk(key, i, texts[i], &sealed);
		assert_int_equal(sealed.failed, 0);
		assert_int_equal(sealed.len - start, texts[i].len + RH_SEAL_OVERHEAD);
		chunk = rh_str_sub(rh_buf_str(&sealed), start, sealed.len);
		assert_true(rh_unseal_chunk(key, i, chunk, &content));
	}
	assert_int_equal(content.len, 5 + 11);
	assert_memory_equal(content.ptr, "kept ada\0example", 17);
	assert_null(memmem(sealed.ptr, sealed.len, "ada", 3));
}

static void changed_chunks_do_not_open(void **state)
{
	static const uint8_t key[32] = {1};
	static const uint8_t other[32] = {2};
	rh_autobuf sealed = {0};
	rh_autobuf content = {0};

	(void)state;
	rh_buf_init(&sealed, 4096);
	rh_buf_init(&content, 4096);
	rh_seal_chunk(key, 5, RH_STR("ada example"), &sealed);
	assert_false(rh_unseal_chunk(other, 5, rh_buf_str(&sealed), &content));
	assert_false(rh_unseal_chunk(key, 6, rh_buf_str(&sealed), &content));
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.ptr[i] ^= 1;
		assert_false(rh_unseal_chunk(key, 5, rh_buf_str(&sealed), &content));
		sealed.ptr[i] ^= 1;
		assert_false(
			rh_unseal_chunk(key, 5, rh_str_sub(rh_buf_str(&sealed), 0, i), &content));
	}
	assert_int_equal(content.len, 0);
	assert_true(rh_unseal_chunk(key, 5, rh_buf_str(&sealed), &content));
	assert_string_equal(content.ptr, "ada example");
}

static void equal_contents_are_not_equal_chunks(void **state)
{
	static const uint8_t key[32] = {1};
	rh_autobuf first = {0};
	rh_autobuf second = {0};

	(void)state;
	rh_buf_init(&first, 4096);
	rh_buf_init(&second, 4096);
	rh_seal_chunk(key, 0, RH_STR("ada"), &first);
	rh_seal_chunk(key, 0, RH_STR("ada"), &second);
	assert_int_equal(first.len, second.len);
	assert_memory_not_equal(first.ptr, second.ptr, first.len);
}

static void a_full_buffer_takes_no_chunk(void **state)
{
	static const uint8_t key[32] = {1};
	rh_autobuf sealed = {0};

	(void)state;
	rh_buf_init(&sealed, RH_SEAL_OVERHEAD + 2);
	rh_seal_chunk(key, 0, RH_STR("ada"), &sealed);
	assert_int_equal(sealed.failed, RH_ELIMIT);
	assert_int_equal(sealed.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_is_made_once_and_read_again),
		cmocka_unit_test(bad_key_files_are_refused),
		cmocka_unit_test(each_purpose_has_its_key),
		cmocka_unit_test(chunks_come_back_as_they_were),
		cmocka_unit_test(changed_chunks_do_not_open),
		cmocka_unit_test(equal_contents_are_not_equal_chunks),
		cmocka_unit_test(a_full_buffer_takes_no_chunk),
	};

	return cmocka_run_group_tests_name("crypto/seal", tests, setup, teardown);
}
