/* SPDX-License-Identifier: Apache-2.0 */
/* connectors/workos: any answer to any request (steps.h). */
#include "connectors/workos/workos.h"
#include "fuzz.h"
#include "steps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct workos workos = {
		.api_key = "sk_test_example",
		.client_id = "client_example",
	};
	static const struct fuzz_steps fuzz = {
		.connector = &rh_connector_workos,
		.instance = &workos,
		.writes_max = 1,
	};

	return fuzz_steps(&fuzz, data, size);
}
