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

static int check_parts(CURLU *parts, const char *url, bool *is_local)
{
	char *scheme = NULL;
	char *host = NULL;
	char *user = NULL;
	CURLUcode said = curl_url_set(parts, CURLUPART_URL, url, 0);
	int code = RH_EUSAGE;

	if (said == CURLUE_OK) {
		said = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
	}
	if (said == CURLUE_OK) {
		said = curl_url_get(parts, CURLUPART_HOST, &host, 0);
	}
	if (said == CURLUE_OK) {
		said = curl_url_get(parts, CURLUPART_USER, &user, 0);
		*is_local = is_loopback(host);
	}
	if (said == CURLUE_OUT_OF_MEMORY) {
		code = RH_ENOMEM;
	} else if (said == CURLUE_NO_USER &&
		   (rh_str_is(rh_str_from(scheme), "https") ||
		    (rh_str_is(rh_str_from(scheme), "http") && *is_local))) {
		code = RH_OK;
	}
	curl_free(user);
	curl_free(host);
	curl_free(scheme);
	return code;
}

int rh_address_check(const char *url, bool *is_local)
{
	CURLU *parts = curl_url();
	int code = RH_ENOMEM;

	*is_local = false;
	if (parts != NULL) {
		code = check_parts(parts, url, is_local);
		curl_url_cleanup(parts);
	}
	return code;
}
