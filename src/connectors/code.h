/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of providers, as far as they may be shown (connector.h, C6). */
#ifndef CONNECTORS_CODE_H
#define CONNECTORS_CODE_H

#include <rehome/types.h>

/* Letters, digits, '_', '-' and '.' only, and not too long: anything else may be words about a person. */
bool rh_code_is_clean(struct rh_str code);

#endif
