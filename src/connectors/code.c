/* SPDX-License-Identifier: Apache-2.0 */
/* What may be shown of a provider's code. */
#include "connectors/code.h"

#include <stddef.h>

#define CODE_MAX 64

bool rh_code_is_clean(struct rh_str code)
{
	for (size_t i = 0; i < code.len; i++) {
		char c = code.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-' || c == '.')) {
			return false;
		}
	}
	return code.len > 0 && code.len <= CODE_MAX;
}
