/* SPDX-License-Identifier: Apache-2.0 */
/* connectors/clerk: any answer to any request (steps.h).  What is refused of a user is left out, part by part. */
#include "connectors/clerk/clerk.h"
#include "fuzz.h"
#include "steps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct clerk clerk = {
		.secret_key = "sk_test_example",
		.keep_key = "kept",
		.is_target = true,
		.origin = "https://api.clerk.com",
	};
	static const struct fuzz_steps fuzz = {
		.connector = &rh_connector_clerk,
		.instance = &clerk,
		.writes_max = 64,
	};

	return fuzz_steps(&fuzz, data, size);
}
