/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the providers that the rehearsal can play; apart from the rest of the tool, because a bucket of an
 * imitation and a bucket of a connector are two things of one name. */
#include "cli/playable.h"

#include "connectors/imitations.h"
#include "rehearsal/imitation.h"

const char *rh_playable_at(size_t index)
{
	return rh_imitations[index] != NULL ? rh_imitations[index]->name : NULL;
}
