/* SPDX-License-Identifier: Apache-2.0 */
/* The seal key's file, the keys derived from it, and sealed chunks. */
#include "crypto/seal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN crypto_aead_xchacha20poly1305_ietf_ABYTES

static_assert(NONCE_LEN + TAG_LEN == RH_SEAL_OVERHEAD);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);
static_assert(crypto_kdf_KEYBYTES == sizeof(((struct rh_seal *)NULL)->key));

/* The folder of a path, with the slash before the name left out; "." where there is none. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = rh_strdup(slash == NULL ? "." : path);

	if (folder != NULL && slash != NULL) {
		folder[slash > path ? slash - path : 1] = '\0';
	}
	return folder;
}

static int sync_folder(const char *folder, struct rh_err *err)
{
	rh_autoclose int fd = -1;
	int rc = rh_file_open(&fd, folder, O_RDONLY | O_DIRECTORY, err);

	/* file systems that cannot sync a folder say EINVAL */
	if (rc == RH_OK && fsync(fd) != 0 && errno != EINVAL) {
		rc = rh_err_errno(err, RH_EIO, errno, "could not sync the seal key's folder");
	}
	return rc;
}

/* A new file, never one that was there, and on the disk when this returns. */
static int write_new(const char *path, const uint8_t key[32], struct rh_err *err)
{
	rh_autoclose int fd = -1;
	int rc = rh_file_open(&fd, path, O_WRONLY | O_CREAT | O_EXCL, err);

	if (rc == RH_OK) {
		rc = rh_fd_write(fd, key, 32, err);
	}
	if (rc == RH_OK && fsync(fd) != 0) {
		rc = rh_err_errno(err, RH_EIO, errno, "could not sync the seal key file");
	}
	return rc;
}

/*
 * Under another name first, then linked to its own: a crash leaves no half key, and of two processes that
 * start at once one key wins for both.
 */
static int create_key(const char *path, struct rh_err *err)
{
	rh_autofree char *folder = folder_of(path);
	rh_autobuf temporary = {0};
	uint8_t key[32];
	int rc;

	rh_buf_init(&temporary, strlen(path) + 32);
	if (folder == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory for the seal key");
	}
	rc = rh_dir_make(folder, err);
	if (rc != RH_OK) {
		return rc;
	}
	rh_buf_printf(&temporary, "%s.%08x", path, (unsigned)randombytes_random());
	rc = rh_buf_check(&temporary, "the seal key's path", err);
	if (rc != RH_OK) {
		return rc;
	}
	randombytes_buf(key, sizeof(key));
	rc = write_new(temporary.ptr, key, err);
	sodium_memzero(key, sizeof(key));
	if (rc == RH_OK && link(temporary.ptr, path) != 0 && errno != EEXIST) {
		rc = rh_err_errno(err, RH_EIO, errno, "could not put the seal key in its place");
	}
	(void)unlink(temporary.ptr);
	return rc == RH_OK ? sync_folder(folder, err) : rc;
}

/* A regular file that nobody but its owner can open. */
static int check_private(int fd, const char *path, struct rh_err *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not look at the seal key file");
	}
	if (!S_ISREG(status.st_mode)) {
		return rh_err_set(err, RH_EMISMATCH, "the seal key is not a regular file");
	}
	if ((status.st_mode & 077) != 0) {
		(void)rh_err_set(err, RH_EDENIED, "the seal key file is open to others");
		rh_err_hint(err, "Make it yours alone: chmod 600 '%s'.", path);
		return RH_EDENIED;
	}
	return RH_OK;
}

/* RH_OK with *exists false when there is no such file. */
static int read_key(struct rh_seal *seal, const char *path, bool *exists, struct rh_err *err)
{
	struct rh_err detail = {.code = RH_OK};
	uint8_t bytes[sizeof(seal->key) + 1];
	rh_autoclose int fd = -1;
	ptrdiff_t len;
	int rc = rh_file_open(&fd, path, O_RDONLY | O_NONBLOCK, &detail);

	*exists = rc == RH_OK || detail.system != ENOENT;
	if (!*exists) {
		return RH_OK;
	}
	if (rc != RH_OK) {
		return rh_err_errno(err, rc, detail.system, "could not open the seal key file");
	}
	rc = check_private(fd, path, err);
	if (rc != RH_OK) {
		return rc;
	}
	len = read(fd, bytes, sizeof(bytes));
	if (len < 0) {
		return rh_err_errno(err, RH_EIO, errno, "could not read the seal key file");
	}
	if ((size_t)len == sizeof(seal->key)) {
		memcpy(seal->key, bytes, sizeof(seal->key));
	}
	sodium_memzero(bytes, sizeof(bytes));
	return (size_t)len == sizeof(seal->key)
		       ? RH_OK
		       : rh_err_set(err, RH_EMISMATCH, "the seal key file is not of 32 bytes");
}

int rh_seal_open(struct rh_seal *seal, const char *key_path, bool create, struct rh_err *err)
{
	bool exists;
	int rc;

	if (sodium_init() < 0) {
		return rh_err_set(err, RH_EINTERNAL, "the cryptography library does not start");
	}
	rc = read_key(seal, key_path, &exists, err);
	if (rc != RH_OK || exists) {
		return rc;
	}
	if (!create) {
		return rh_err_set(err, RH_EIO, "there is no seal key file");
	}
	rc = create_key(key_path, err);
	if (rc == RH_OK) {
		rc = read_key(seal, key_path, &exists, err);
	}
	if (rc == RH_OK && !exists) {
		return rh_err_set(err, RH_EIO, "the seal key file was taken away");
	}
	return rc;
}

/* The numbers of purposes are part of every sealed file and never change. */
static uint64_t purpose_id(enum rh_seal_purpose purpose)
{
	switch (purpose) {
	case RH_SEAL_SNAPSHOT:
		return 1;
	case RH_SEAL_BEFORE_IMAGE:
		return 2;
	case RH_SEAL_LEDGER_DIGEST:
		return 3;
	case RH_SEAL_LOG_PSEUDONYM:
		return 4;
	case RH_SEAL_OPTION_DIGEST:
		return 5;
	case RH_SEAL_MATCH:
		return 6;
	}
	return 0;
}

void rh_seal_derive(const struct rh_seal *seal, enum rh_seal_purpose purpose, uint8_t out[32])
{
	(void)crypto_kdf_derive_from_key(out, 32, purpose_id(purpose), "rehome_1", seal->key);
}

int rh_seal_from_secret(struct rh_str secret, const uint8_t salt[RH_SEAL_SALT_LEN], uint64_t passes,
			uint64_t memory, uint8_t out[RH_SEAL_KEY_LEN])
{
	static_assert(crypto_pwhash_SALTBYTES == RH_SEAL_SALT_LEN);

	if (passes < 1 || passes > RH_SEAL_PASSES_MAX || memory < crypto_pwhash_MEMLIMIT_MIN ||
	    memory > RH_SEAL_MEMORY_MAX) {
		return RH_EINVAL;
	}
	return crypto_pwhash(out, RH_SEAL_KEY_LEN, secret.ptr, secret.len, salt, passes,
			     (size_t)memory, crypto_pwhash_ALG_ARGON2ID13) == 0
		       ? RH_OK
		       : RH_ENOMEM;
}

static void store_position(uint8_t out[8], uint64_t position)
{
	for (size_t i = 0; i < 8; i++) {
		out[i] = (uint8_t)(position >> (8 * i));
	}
}

void rh_seal_chunk(const uint8_t key[32], uint64_t position, struct rh_str content,
		   struct rh_buf *out)
{
	unsigned char *sealed =
		(unsigned char *)rh_buf_reserve(out, content.len + RH_SEAL_OVERHEAD);
	uint8_t bound[8];

	if (sealed == NULL) {
		return;
	}
	store_position(bound, position);
	randombytes_buf(sealed, NONCE_LEN);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_LEN, NULL,
							 (const unsigned char *)content.ptr,
							 content.len, bound, sizeof(bound), NULL,
							 sealed, key);
	out->len += content.len + RH_SEAL_OVERHEAD;
	out->ptr[out->len] = '\0';
}

bool rh_unseal_chunk(const uint8_t key[32], uint64_t position, struct rh_str sealed,
		     struct rh_buf *out)
{
	const unsigned char *bytes = (const unsigned char *)sealed.ptr;
	unsigned char *content;
	uint8_t bound[8];

	if (sealed.len < RH_SEAL_OVERHEAD) {
		return false;
	}
	content = (unsigned char *)rh_buf_reserve(out, sealed.len - RH_SEAL_OVERHEAD);
	if (content == NULL) {
		return false;
	}
	store_position(bound, position);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(content, NULL, NULL, bytes + NONCE_LEN,
						       sealed.len - NONCE_LEN, bound, sizeof(bound),
						       bytes, key) != 0) {
		return false;
	}
	out->len += sealed.len - RH_SEAL_OVERHEAD;
	out->ptr[out->len] = '\0';
	return true;
}
