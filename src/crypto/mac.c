/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed digests of long texts: Poly1305 from OpenSSL, hidden in keyed BLAKE2b. */
#include "crypto/mac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"

#define POLY_LEN 16
/* As much as OpenSSL may want at once for an algorithm. */
#define PROBE_LEN 4096

struct rh_mac {
	EVP_MAC_CTX *poly;
	uint64_t len; /* of the text so far */
	bool is_begun;
	uint8_t poly_key[RH_KEY_LEN];
	uint8_t key[RH_KEY_LEN];
};

/* OpenSSL 3.0 follows a null pointer where it has no memory for its own context; asked for that alone, it says so. */
static EVP_MAC_CTX *new_poly(void)
{
	bool is_ready = OSSL_LIB_CTX_get0_global_default() != NULL;
	EVP_MAC *poly = is_ready ? EVP_MAC_fetch(NULL, "POLY1305", NULL) : NULL;
	EVP_MAC_CTX *context = poly != NULL ? EVP_MAC_CTX_new(poly) : NULL;

	EVP_MAC_free(poly); /* the context holds it */
	return context;
}

/* OpenSSL says "not supported" also when it had no memory to look: whether there is any is asked here. */
static int why_none(struct rh_err *err)
{
	EVP_MAC_CTX *again = new_poly();
	void *probe = rh_malloc(PROBE_LEN);
	bool is_memory = again != NULL || probe == NULL;

	EVP_MAC_CTX_free(again);
	rh_free(probe);
	return is_memory ? rh_err_set(err, RH_ENOMEM, "no memory for a digest")
			 : rh_err_set(err, RH_EUNSUPPORTED,
				      "the OpenSSL of this machine is set up without Poly1305");
}

int rh_mac_new(struct rh_mac **out, const uint8_t key[RH_KEY_LEN], struct rh_err *err)
{
	const struct rh_str what = RH_STR("key of the Poly1305 of texts");
	struct rh_mac *mac = rh_calloc(1, sizeof(*mac));

	if (mac == NULL) {
		return rh_err_set(err, RH_ENOMEM, "no memory for a digest");
	}
	memcpy(mac->key, key, RH_KEY_LEN);
	rh_digest_keyed(key, &what, 1, mac->poly_key, sizeof(mac->poly_key));
	mac->poly = new_poly();
	if (mac->poly == NULL) {
		rh_mac_free(mac);
		return why_none(err);
	}
	*out = mac;
	return RH_OK;
}

void rh_mac_free(struct rh_mac *mac)
{
	if (mac == NULL) {
		return;
	}
	EVP_MAC_CTX_free(mac->poly);
	sodium_memzero(mac, sizeof(*mac));
	rh_free(mac);
}

static int say_failed(struct rh_err *err)
{
	return rh_err_set(err, RH_EINTERNAL, "OpenSSL could not compute a Poly1305");
}

int rh_mac_add(struct rh_mac *mac, const void *bytes, size_t len, struct rh_err *err)
{
	if (!mac->is_begun &&
	    EVP_MAC_init(mac->poly, mac->poly_key, sizeof(mac->poly_key), NULL) != 1) {
		return say_failed(err);
	}
	mac->is_begun = true;
	mac->len += len;
	return EVP_MAC_update(mac->poly, bytes, len) == 1 ? RH_OK : say_failed(err);
}

int rh_mac_finish(struct rh_mac *mac, uint64_t number, uint8_t out[RH_MAC_LEN], struct rh_err *err)
{
	uint8_t poly[POLY_LEN];
	size_t poly_len = 0;
	struct rh_str parts[] = {
		{.ptr = (const char *)&number, .len = sizeof(number)},
		{.ptr = (const char *)&mac->len, .len = sizeof(mac->len)},
		{.ptr = (const char *)poly, .len = sizeof(poly)},
	};
	int code = mac->is_begun ? RH_OK : rh_mac_add(mac, "", 0, err);

	if (code != RH_OK) {
		return code;
	}
	if (EVP_MAC_final(mac->poly, poly, &poly_len, sizeof(poly)) != 1 ||
	    poly_len != sizeof(poly)) {
		return say_failed(err);
	}
	rh_digest_keyed(mac->key, parts, sizeof(parts) / sizeof(parts[0]), out, RH_MAC_LEN);
	sodium_memzero(poly, sizeof(poly));
	mac->is_begun = false;
	mac->len = 0;
	return RH_OK;
}
