/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses requests may go to: TLS everywhere but on this machine. */
#include "net/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include "base/str.h"

/* By its name or its number only: what a name resolves to is not known here. */
static bool is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;
	char bare[INET6_ADDRSTRLEN];
	size_t len = strlen(host);

	if (rh_str_is_nocase(rh_str_from(host), "localhost")) {
		return true;
	}
	if (inet_pton(AF_INET, host, &four) == 1) {
		return (ntohl(four.s_addr) >> 24) == 127;
	}
	if (len < 3 || len - 2 >= sizeof(bare) || host[0] != '[' || host[len - 1] != ']') {
		return false;
	}
	memcpy(bare, host + 1, len - 2);
	bare[len - 2] = '\0';
	return inet_pton(AF_INET6, bare, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool rh_address_check(const char *url, bool *is_local)
{
	CURLU *parts = curl_url();
	char *scheme = NULL;
	char *host = NULL;
	char *user = NULL;
	bool is_allowed = false;

	*is_local = false;
	if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_NO_USER) {
		*is_local = is_loopback(host);
		is_allowed = rh_str_is(rh_str_from(scheme), "https") ||
			     (rh_str_is(rh_str_from(scheme), "http") && *is_local);
	}
	curl_free(user);
	curl_free(host);
	curl_free(scheme);
	curl_url_cleanup(parts);
	return is_allowed;
}
