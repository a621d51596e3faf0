/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a request may go to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/address.h"

static void allowed_addresses(void **state)
{
	static const char *const urls[] = {
		"https://api.example.com/users?limit=1",
		"https://192.0.2.7:8443/",
		"HTTPS://API.EXAMPLE.COM/",
		"https://127.0.0.1:1/",
		"http://127.0.0.1:8702/users",
		"http://127.1.2.3/",
		"http://localhost:8702",
		"http://LocalHost/",
		"http://[::1]:8702/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		bool is_local;
		if (rh_address_check(urls[i], &is_local) != RH_OK) {
			fail_msg("refused: %s", urls[i]);
		}
	}
}

static void refused_addresses(void **state)
{
	static const char *const urls[] = {
		"",
		"127.0.0.1:8702",
		"/users",
		"http://api.example.com/",
		"http://127.0.0.1.example.com/",
		"http://127.0.0.1@api.example.com/",
		"http://user@127.0.0.1/",
		"https://user:word@api.example.com/",
		"http://localhost.example.com/",
		"http://128.0.0.1/",
		"http://0.0.0.0/",
		"http://[::2]/",
		"http://[::ffff:192.0.2.1]/",
		"http://192.0.2.1\\@127.0.0.1/",
		"ftp://127.0.0.1/",
		"file:///etc/hostname",
		"https://",
		"https://api.example.com/\r\nX-Other: 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		bool is_local;
		if (rh_address_check(urls[i], &is_local) != RH_EUSAGE) {
			fail_msg("allowed: %s", urls[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allowed_addresses),
		cmocka_unit_test(refused_addresses),
	};

	return cmocka_run_group_tests_name("net/address", tests, NULL, NULL);
}
