/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the providers that the rehearsal can play. */
#ifndef CLI_PLAYABLE_H
#define CLI_PLAYABLE_H

#include <stddef.h>

/* NULL at the end. */
const char *rh_playable_at(size_t index);

#endif
