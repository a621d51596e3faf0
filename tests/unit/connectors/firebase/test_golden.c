/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of Firebase export. */
#include "../golden.h"
#include "connectors/firebase/firebase.h"

int main(void)
{
	static struct firebase_instance instance = {
		.signer_key =
			"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Nj"
			"c4OTo7PD0+Pw==",
		.salt_separator = "Bw==",
		.rounds = "8",
		.mem_cost = "14",
	};
	struct rh_err err;
	const struct CMUnitTest tests[] = {
		GOLDEN("users.json"), GOLDEN("page.ndjson"), GOLDEN("old.csv"),
		GOLDEN("new.csv"),    GOLDEN("header.csv"),
	};

	if (rh_connector_firebase.open(&instance, false, &err) != RH_OK) {
		return 1;
	}
	int code = golden_run("firebase golden", &rh_connector_firebase, &instance, tests,
			      sizeof(tests) / sizeof(tests[0]));
	rh_connector_firebase.close(&instance);
	return code;
}
